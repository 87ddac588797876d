package import Base
package import Work

/// What came of a merge, as a person reads it.
package struct ResolveReport: Sendable {
  private let outcome: ResolveOutcome
  private let branch: RefName
  private let base: String
  private let isColoured: Bool

  /// A report on merging the base, called by the name the person used, into the branch.
  package init(_ outcome: ResolveOutcome, branch: RefName, base: String, isColoured: Bool = false) {
    self.outcome = outcome
    self.branch = branch
    self.base = base
    self.isColoured = isColoured
  }

  /// The report, with a line end at its end.
  package var text: String {
    var lines = [bold("Merging \(base) into \(branch.shortDisplay): \(headline)")]
    if let concerns = outcome.concerns {
      lines += ["", red("To be looked at before it is taken over:")] + concerns.map { "  \($0)" }
    }
    if let confirmation = outcome.confirmation { lines += section(confirmation) }
    if let repair = outcome.repair { lines += [""] + section(repair) }
    for file in outcome.files { lines += [""] + section(file) }
    for words in outcome.said ?? [] where words.isReplaced != true {
      lines += ["", bold("The model \(words.model) said last") + " (nobody has checked it):"]
      lines += Self.shown(words.lines).map { "  | \($0)" } + (words.notes ?? []).map { "  \($0)" }
    }
    for edit in outcome.outside ?? [] { lines += [""] + section(edit) }
    for rename in outcome.renames ?? [] { lines += [""] + section(rename) }
    return lines.joined(separator: "\n") + "\n"
  }

  private var headline: String {
    switch outcome.verdict {
    case .upToDate, .clean: outcome.reason
    case .resolved:
      outcome.confirmation == nil
        ? "\(ConflictCount.resolved(in: outcome.files)) resolved; no test has confirmed it." : outcome.reason
    case .broken, .semanticConflict: outcome.reason
    case .conflicts:
      outcome.files.isEmpty
        ? outcome.reason
        : "\(outcome.reason.hasSuffix(".") ? String(outcome.reason.dropLast()) : outcome.reason)\(alsoResolvable). "
          + "Nothing was committed."
    }
  }

  private func section(_ confirmation: MergeConfirmation) -> [String] {
    var lines: [String] = []
    for failure in confirmation.failures {
      let what =
        switch failure.kind {
        case .red: "fails, and in neither parent"
        case .flaky: "fails now and then, and never in a parent"
        case .missing: "is not run any more, and nobody deleted it"
        case .skipped: "is skipped, and runs in a parent"
        case .fewer: "which is fewer than both parents call for"
        }
      lines += ["  \(red("broken")) \(failure.name) \(what)"] + Self.shown(failure.detail).map { "      | \($0)" }
    }
    if !confirmation.known.isEmpty {
      lines.append("  fails in a parent too: \(confirmation.known.prefix(10).joined(separator: ", "))")
    }
    if !confirmation.flaky.isEmpty {
      lines.append("  green one time and red another: \(confirmation.flaky.prefix(10).joined(separator: ", "))")
    }
    lines += confirmation.notes.map { "  \($0)" }
    return lines.isEmpty ? [] : ["", bold("Tests") + "  \(confirmation.commands.joined(separator: "; "))"] + lines
  }

  /// What was tried to repair a merge whose tests failed.
  private func section(_ repair: FixOutcome) -> [String] {
    var lines = [bold("Repair of the merge") + "  \(repair.verdict.rawValue): \(repair.reason)"]
    // What changes the tests is read before anything else about it.
    if !repair.sealedChange.isEmpty {
      lines +=
        [red("  It changes what tells whether tests pass:")] + Self.shown(repair.sealedChange).map { "    \($0)" }
    }
    lines += repair.red.map { "  \(outcome.verdict == .resolved ? "was red" : red("red")) \($0.name)" }
    if let culprit = repair.culprit { lines.append("  culprit: \(culprit.explanation)") }
    for (number, attempt) in repair.attempts.enumerated() {
      lines.append(
        "  attempt \(number + 1), \(attempt.model): \(attempt.verdict.rawValue) (run \(attempt.run), "
          + "\(attempt.steps) answers)")
      lines += attempt.reasons.prefix(8).map { "    \($0)" }
      if !attempt.summary.isEmpty { lines.append("    it said: \(attempt.summary)") }
    }
    return lines + repair.notes.map { "  \($0)" }
  }

  private func section(_ edit: OutsideEdit) -> [String] {
    let need =
      edit.isNeeded
      ? "the tests fail without it"
      : outcome.confirmation?.verdict == .verified ? "no test shows that it is needed" : "no test has confirmed it"
    return [
      bold(edit.path.display) + "  also edited by the model, outside of the conflicts",
      "  line \(edit.line) of the merged file: \(edit.reason); \(need)",
    ] + edit.old.map { "      - \($0)" } + edit.new.map { "      + \($0)" }
  }

  private var alsoResolvable: String {
    let hasSome = outcome.files.contains { !$0.resolved.isEmpty }
    return hasSome ? ", \(ConflictCount.resolved(in: outcome.files)) could be resolved" : ""
  }

  private func section(_ file: ConflictedFile) -> [String] {
    var lines = [bold(file.path.display) + (file.kind == .content ? "" : "  \(file.kind.rawValue)")]
    for hunk in file.resolved {
      let by = hunk.maker == .model ? "the model \(hunk.by)" : hunk.by
      lines.append("  \(green("resolved")) line \(hunk.startLine), \(by): \(hunk.reason)")
      lines += Self.shown(hunk.lines).map { "      | \($0)" }
      if isEditedLater(hunk, in: file) { lines.append("      edited afterwards: see 'outside of the conflicts' below") }
      for dropped in hunk.dropped ?? [] {
        lines.append("      without this line of \(dropped.side.rawValue): \(dropped.line)")
        let seen = dropped.isConfirmed.map { $0 ? " (seen in the merged tree)" : " (on the model's word)" } ?? ""
        lines.append("        because \(dropped.reason)\(seen)")
      }
    }
    for hunk in file.left {
      let isAnswered = hunk.answers?.last?.state == .accepted
      let state = isAnswered ? green("answered, held back") : red("left")
      if hunk.startLine == 0 {
        lines.append("  \(state) \(hunk.reason)")
      } else {
        let place =
          hunk.endLine > hunk.startLine ? "lines \(hunk.startLine) to \(hunk.endLine)" : "line \(hunk.startLine)"
        lines.append("  \(state) \(place): \(hunk.reason)")
      }
      lines += (hunk.answers ?? []).flatMap { section($0) }
      lines += (hunk.candidates ?? []).flatMap { section($0) }
      if let proposal = hunk.proposal { lines += section(proposal) }
      lines += side("base", hunk.base) + side("ours", hunk.ours) + side("theirs", hunk.theirs)
    }
    return lines
  }

  /// Whether a line that is shown as the resolution of a place is another one in the merge, since the model changed it.
  private func isEditedLater(_ hunk: ResolvedHunk, in file: ConflictedFile) -> Bool {
    let gone = (outcome.outside ?? []).filter { $0.path == file.path }.flatMap(\.old)
    return hunk.lines.contains { line in line.contains { !$0.isWhitespace } && gone.contains(line) }
  }

  private func section(_ answer: UnusedAnswer) -> [String] {
    let what =
      switch answer.state {
      case .abstained: "could not tell"
      case .refused: "answered, and it was refused"
      case .accepted: "answered"
      }
    let head = "    \(bold("the model")) \(answer.model) \(what): \(answer.reason)"
    guard let lines = answer.lines else { return [head] }
    return [head] + (lines.isEmpty ? ["      (nothing)"] : Self.shown(lines).map { "      | \($0)" })
  }

  private func section(_ candidate: CandidateLines) -> [String] {
    ["    \(bold("proposed")) by \(candidate.by), \(Self.place(candidate)): \(candidate.reason)"]
      + (candidate.lines.isEmpty ? ["      (nothing)"] : Self.shown(candidate.lines).map { "      | \($0)" })
  }

  private static func place(_ candidate: CandidateLines) -> String {
    candidate.endLine < candidate.startLine
      ? "before line \(candidate.startLine)" : "for lines \(candidate.startLine) to \(candidate.endLine)"
  }

  private func section(_ proposal: DeletionProposal) -> [String] {
    var lines = ["    \(bold("proposed")) \(proposal.reason)"]
    lines += proposal.references.map { "      \($0.path.display):\($0.line) \($0.text)" }
    guard !proposal.lost.isEmpty else { return lines }
    lines.append("    what the deletion loses:")
    let more = proposal.lostMore > 0 ? ["… and \(proposal.lostMore) more lines"] : []
    return lines + (Self.shown(proposal.lost) + more).map { "      | \($0)" }
  }

  private func section(_ rename: RenameReach) -> [String] {
    let (renaming, using) = rename.side == .ours ? (branch.shortDisplay, base) : (base, branch.shortDisplay)
    var lines = [
      "\(red("warning")) \(renaming) renamed \(rename.from) to \(rename.to), and \(using) adds uses of the old name:"
    ]
    for place in rename.places {
      lines += ["  \(place.path.display):\(place.line)", "      - \(place.text)"]
      if let proposal = place.proposal { lines.append("      + \(proposal)") }
    }
    return lines
  }

  private func side(_ name: String, _ lines: [String]?) -> [String] {
    guard let lines else { return [] }
    let label = name + String(repeating: " ", count: 6 - name.count)
    if lines.isEmpty { return ["      \(label) (nothing)"] }
    return Self.shown(lines).enumerated().map { index, line in
      "      \(index == 0 ? label : "      ") | \(line)"
    }
  }

  /// A report is for reading, so of a long side the beginning is shown; JSON has all of it.
  private static let longestSide = 30

  private static func shown(_ lines: [String]) -> [String] {
    guard lines.count > longestSide else { return lines }
    return lines.prefix(longestSide - 1) + ["… and \(lines.count - longestSide + 1) more lines (--format json has all)"]
  }

  private func bold(_ text: String) -> String { isColoured ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
  private func green(_ text: String) -> String { isColoured ? "\u{1B}[32m\(text)\u{1B}[0m" : text }
  private func red(_ text: String) -> String { isColoured ? "\u{1B}[31m\(text)\u{1B}[0m" : text }
}
