package import Base
package import Work

/// What came of a repair, as a person reads it.
package struct FixReport: Sendable {
  private let outcome: FixOutcome
  private let branch: RefName
  private let base: String
  private let pushed: RefName?
  private let remote: String?
  private let hasMoved: Bool
  private let isColoured: Bool

  /// - Parameters:
  ///   - outcome: What came of the repair.
  ///   - branch: The branch that was to be repaired.
  ///   - base: The base by the name that the person used.
  ///   - pushed: The branch that was moved to the commit; `nil` where none was.
  ///   - remote: The remote that was pushed to; `nil` for the repository itself.
  ///   - hasMoved: Whether the branch has got other commits meanwhile, so that the two are to be brought together.
  ///   - isColoured: Whether the reader's terminal has colours.
  package init(
    _ outcome: FixOutcome, branch: RefName, base: String, pushed: RefName?, remote: String? = nil,
    hasMoved: Bool = false, isColoured: Bool = false
  ) {
    self.outcome = outcome
    self.branch = branch
    self.base = outcome.base ?? base
    self.pushed = pushed
    self.remote = remote
    self.hasMoved = hasMoved
    self.isColoured = isColoured
  }

  /// The most red tests that are told with their messages, and the lines of each.
  private static let shownTests = 10
  private static let shownLines = 12

  /// The report, with a line end at its end.
  package var text: String {
    var lines = [bold("Tests of \(branch.shortDisplay): \(outcome.verdict.rawValue). \(outcome.reason)")]
    lines += outcome.notes.map { "  \($0)" }
    // What changes the tests is read before anything else about the repair.
    if !outcome.sealedChange.isEmpty {
      let heading =
        outcome.verdict == .fixed
        ? "It adds to the tests:" : "It changes what tells whether tests pass:"
      lines += ["", bold(heading)] + outcome.sealedChange.map { "  \($0)" }
    }
    lines += red
    if !outcome.flaky.isEmpty {
      lines += ["", bold("Red one time and green another, and left alone:")] + outcome.flaky.map { "  \($0)" }
    }
    lines += culprit + attempts + end
    return lines.joined(separator: "\n") + "\n"
  }

  /// Where the logs are, and of what they are.
  ///
  /// - Parameter directory: Where they are.
  /// - Returns: One line.
  package func logs(in directory: String) -> String {
    let attempts = outcome.attempts.isEmpty ? "" : ", with each attempt"
    let patches = outcome.attempts.contains { $0.patch != nil } ? ", and the patches of all attempts," : ""
    let search = outcome.culprit == nil ? "" : "; the search for the culprit keeps none"
    return "The logs of the test commands at the head and the base\(attempts), and of a setup that failed"
      + "\(patches.isEmpty ? "," : patches) are in \(DisplayText.escaping(directory.utf8))\(search)"
  }

  private var red: [String] {
    let left = outcome.left
    let rest = left.isEmpty ? [] : ["", bold("Red at \(base) too, and left alone:")] + left.map { "  \($0.name)" }
    let wanted = outcome.wanted
    guard !wanted.isEmpty else { return rest }
    let isRepaired = outcome.verdict == .fixed || outcome.verdict == .fixedWithTestChange
    var lines = ["", bold(isRepaired ? "What was red:" : "Red:")]
    for test in wanted.prefix(Self.shownTests) {
      lines.append("  \(test.name)\(test.isAtBase == true ? " (at \(base) too)" : "")")
      if let place = test.places.last { lines.append("    at \(place.path.display):\(place.line)") }
      lines += FixWords.excerpt(test.message, Self.shownLines).map { "    | \($0)" }
    }
    let more = wanted.dropFirst(Self.shownTests)
    lines += more.map { "  \($0.name)\($0.isAtBase == true ? " (at \(base) too)" : "")" }
    return lines + rest
  }

  private var culprit: [String] {
    guard let culprit = outcome.culprit else { return [] }
    var lines: [String] = []
    for part in culprit.allParts {
      lines += ["", bold("Culprit:") + " \(part.explanation)"]
      if let first = part.firstBad { lines.append("  first bad commit: \(first.id.short) \(first.subject)") }
      for hunk in part.hunks {
        lines.append("  \(FixWords.place(hunk.path, hunk.startLine))")
        lines += FixWords.first(hunk.lines, 40).map { "    \($0)" }
      }
    }
    if !culprit.hunks.isEmpty, !culprit.isMinimal {
      lines.append("  It may be smaller: the search did not come to its end.")
    }
    return lines
  }

  private var attempts: [String] {
    guard !outcome.attempts.isEmpty else { return [] }
    var lines = ["", bold("Attempts:")]
    for (number, attempt) in outcome.attempts.enumerated() {
      lines.append(
        "  \(number + 1). \(attempt.model): \(attempt.verdict.rawValue) (run \(attempt.run), \(attempt.steps) \(attempt.steps == 1 ? "answer" : "answers"))"
      )
      lines += FixWords.first(attempt.reasons, 8).map { "     \($0)" }
      if !attempt.summary.isEmpty {
        let said = attempt.summary.split(separator: "\n", omittingEmptySubsequences: false)
        lines.append("     it said: \(said[0])")
        lines += said.dropFirst().map { $0.isEmpty ? "" : "       \($0)" }
      }
      if let patch = attempt.patch, outcome.verdict != .fixed {
        lines.append("     what it changed: \(patch), with the logs")
      }
    }
    return lines
  }

  private var end: [String] {
    var lines = outcome.attempts.isEmpty ? [] : ["", "\(effort)."]
    guard let commit = outcome.commit, let offer = outcome.offer else { return lines }
    let isChange = outcome.onlySealed != nil
    let what = offer == .repair ? isChange ? "The change" : "The repair" : "The culprit's lines taken back"
    let verb = offer == .repair ? "is" : "are"
    if lines.isEmpty { lines.append("") }
    guard let pushed else { return lines + ["\(what) would be \(commit.short); it was not pushed."] }
    let place = "\(pushed.shortDisplay)\(remote.map { " of \(DisplayText.escaping($0.utf8))" } ?? "")"
    lines.append("\(what) \(verb) \(commit.short) on \(place).")
    if let next = next(pushed) { lines.append(next) }
    return lines
  }

  /// What a person does next, to have what was pushed.
  private func next(_ pushed: RefName) -> String? {
    // What a person pastes into a shell is taken by it as the name that it is.
    let name = ShellQuoting.quoted(pushed.shortDisplay)
    let from = remote.map { ShellQuoting.quoted(DisplayText.escaping($0.utf8)) }
    if pushed == branch {
      return from.map { "It is not here yet: `git pull --ff-only \($0) \(name)` on \(pushed.shortDisplay) brings it." }
    }
    let verb =
      outcome.offer == .repair && outcome.verdict == .fixed ? "To take it over" : "To take it over, after reading it"
    let option = hasMoved ? "" : " --ff-only"
    let merge =
      from.map { "git pull\(hasMoved ? " --no-rebase" : option) \($0) \(name)" } ?? "git merge\(option) \(name)"
    return "\(verb), on \(branch.shortDisplay): `\(merge)`."
  }

  /// What it took.
  private var effort: String {
    let runs = "The test commands were run \(outcome.testRuns == 1 ? "once" : "\(outcome.testRuns) times")"
    guard let cost = outcome.cost else { return "\(runs); what the model cost is not known" }
    let cents = (cost + 5_000_000) / 10_000_000
    let digits = "\(cents % 100)"
    return cost < 10_000_000
      ? "\(runs), and the model cost less than 0.01 US dollars"
      : "\(runs), and the model cost \(cents / 100).\(digits.count == 1 ? "0" + digits : digits) US dollars"
  }

  private func bold(_ text: String) -> String { isColoured ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
}

/// What came of a repair, as programs read it: the document `arborist.fix/1`.
package struct FixDocument: Encodable, Sendable {
  private let outcome: String
  private let reason: String
  private let branch: RefName
  private let base: String
  private let run: RunID
  private let notes: [String]
  private let red: [RedTest]
  private let flaky: [String]
  private let culprit: CulpritNote?
  private let attempts: [Attempt]
  private let commit: ObjectID?
  private let offer: FixOutcome.Offer?
  private let sealedChange: [String]
  private let pushed: String?
  /// In US dollars; `nil` where a price is not known.
  private let cost: Double?
  private let testRuns: Int
  private let signature: String
  /// What a person should know of where it went; `nil` where there is nothing to say.
  private let delivery: [String]?
  private let patch: String?

  /// One attempt, with its cost in US dollars as the whole has it.
  private struct Attempt: Encodable, Sendable {
    let run: RunID
    let model: String
    let ending: AgentEnding
    let verdict: FixOutcome.Verdict
    let reasons: [String]
    let summary: String
    let steps: Int
    let cost: Double?
    let patch: String?

    init(_ attempt: FixAttempt) {
      run = attempt.run
      model = attempt.model
      ending = attempt.ending
      verdict = attempt.verdict
      reasons = attempt.reasons
      summary = attempt.summary
      steps = attempt.steps
      cost = attempt.cost.map { Double($0) / 1_000_000_000 }
      patch = attempt.patch
    }
  }

  /// - Parameters:
  ///   - outcome: What came of the repair.
  ///   - run: The run that did it.
  ///   - branch: The branch that was to be repaired.
  ///   - base: The base by the name the person used.
  ///   - pushed: The branch that was moved to the commit; `nil` where none was.
  ///   - delivery: What a person should know of where it went.
  ///   - patch: Where the commit is kept as a patch, because it is on no branch; `nil` where it is not.
  package init(
    _ outcome: FixOutcome, run: RunID, branch: RefName, base: String, pushed: RefName?, delivery: [String] = [],
    patch: String? = nil
  ) {
    self.delivery = delivery.isEmpty ? nil : delivery
    self.patch = patch
    self.outcome = outcome.verdict.rawValue
    reason = outcome.reason
    self.branch = branch
    self.base = outcome.base ?? base
    self.run = run
    notes = outcome.notes
    red = outcome.red
    flaky = outcome.flaky
    culprit = outcome.culprit
    attempts = outcome.attempts.map(Attempt.init)
    commit = outcome.commit
    offer = outcome.offer
    sealedChange = outcome.sealedChange
    self.pushed = pushed.map { QuotedPath.encode($0.bytes) }
    cost = outcome.cost.map { Double($0) / 1_000_000_000 }
    testRuns = outcome.testRuns
    signature = outcome.signature
  }
}
