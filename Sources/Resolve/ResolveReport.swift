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
    for file in outcome.files { lines += [""] + section(file) }
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
        : "\(ConflictCount.left(in: outcome.files)) left to a person\(alsoResolvable). Nothing was committed."
    }
  }

  private var alsoResolvable: String {
    let hasSome = outcome.files.contains { !$0.resolved.isEmpty }
    return hasSome ? ", \(ConflictCount.resolved(in: outcome.files)) could be resolved" : ""
  }

  private func section(_ file: ConflictedFile) -> [String] {
    var lines = [bold(file.path.display) + (file.kind == .content ? "" : "  \(file.kind.rawValue)")]
    for hunk in file.resolved {
      lines.append("  \(green("resolved")) line \(hunk.startLine), \(hunk.by): \(hunk.reason)")
      lines += Self.shown(hunk.lines).map { "      | \($0)" }
      for dropped in hunk.dropped ?? [] {
        lines.append("      without this line of \(dropped.side.rawValue): \(dropped.line)")
        lines.append("        because \(dropped.reason)")
      }
    }
    for hunk in file.left {
      if hunk.startLine == 0 {
        lines.append("  \(red("left")) \(hunk.reason)")
      } else {
        lines.append("  \(red("left")) lines \(hunk.startLine) to \(hunk.endLine): \(hunk.reason)")
      }
      lines += (hunk.answers ?? []).flatMap { section($0) }
      lines += (hunk.candidates ?? []).flatMap { section($0) }
      if let proposal = hunk.proposal { lines += section(proposal) }
      lines += side("base", hunk.base) + side("ours", hunk.ours) + side("theirs", hunk.theirs)
    }
    return lines
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
