internal import Base
internal import Git
internal import Secrets
internal import Templates
internal import Verify
internal import Work

/// Makes the commits that a repair offers: the same inputs give the same commit.
struct FixCommit {
  let order: FixOrder
  let repository: RepositoryActor<PrivateRepository>

  /// How many red tests a message names.
  private static let named = 20

  func repair(_ outcome: FixOutcome, _ attempt: FixAttempt, tree: ObjectID, green: Int, rounds: Int) async throws
    -> ObjectID
  {
    var values = common(outcome, green: green, rounds: rounds)
    values["model"] = attempt.model
    values["cause"] =
      outcome.culprit.flatMap { note in
        note.hunks.isEmpty ? nil : FixWords.wrapped(note.explanation, at: 72).joined(separator: "\n")
      } ?? false
    let summary = attempt.summary.isEmpty ? "(nothing was said)" : attempt.summary
    values["summary"] = FixWords.paragraphs(summary, at: 68).map { $0.isEmpty ? "" : "    " + $0 }
    let isOpen = outcome.verdict == .fixedWithTestChange
    values["open"] =
      isOpen
      ? [
        "why": outcome.sealedChange.isEmpty
          ? "It is green, and a person decides whether it is a repair:"
          : "It changes what tells whether tests pass, so a person decides:",
        "notes": attempt.reasons.flatMap { FixWords.paragraphs("- \($0)", at: 72) },
      ] as [String: Any] : false
    values["onlySealed"] = outcome.onlySealed.map { ["onlyTests": FixWords.isTests($0)] as [String: Any] } ?? false
    values["isOne"] = outcome.wanted.count == 1
    return try await commit(Message.repairCommit.render(values), tree)
  }

  func partialRevert(
    _ outcome: FixOutcome, _ note: CulpritNote, tree: ObjectID, green: Int
  ) async throws -> ObjectID {
    var values = common(outcome, green: green, rounds: 1)
    values["explanation"] = FixWords.wrapped(note.explanation, at: 72).joined(separator: "\n")
    values["hunks"] = note.hunks.map { hunk -> [String: Any] in
      ["path": hunk.path.display, "line": FixWords.line(hunk.startLine), "lines": Array(hunk.lines.prefix(40))]
    }
    values["verified"] = FixWords.wrapped("Tested once with it: \(Self.commands(order)).", at: 72).joined(
      separator: "\n")
    return try await commit(Message.partialRevertCommit.render(values), tree)
  }

  private func common(_ outcome: FixOutcome, green: Int, rounds: Int) -> [String: Any] {
    let red = outcome.wanted
    let more = red.count - Self.named
    let left = outcome.left.map { "'\($0.name)'" }
    let rest =
      "\(left.prefix(Self.named).joined(separator: ", "))\(left.count > Self.named ? " and \(left.count - Self.named) more" : "") "
      + "\(left.count == 1 ? "fails" : "fail") at \(order.base) too, and \(left.count == 1 ? "was" : "were") left."
    let verified =
      "Verified in a workspace of its own by \(Self.commands(order)): what failed passes in \(rounds) of \(rounds) "
      + "\(rounds == 1 ? "run" : "runs"), and "
      + (green == 0 ? "nothing else is worse." : "\(green.tests) that passed still \(green == 1 ? "passes" : "pass").")
    return [
      "what": order.merge == nil ? what(outcome) : "the merge of \(order.base) into \(order.branch.shortDisplay)",
      "merge": order.merge.map { parents -> Any in
        ["base": order.base, "baseTip": parents.baseTip.short, "branchTip": parents.branchTip.short]
      } ?? false, "head": order.head.short, "branch": order.branch.shortDisplay,
      "red": red.prefix(Self.named).map { test -> [String: Any] in
        ["name": test.name, "line": FixWords.telling(test.message) ?? false]
      },
      "more": more > 0 ? more : false,
      "left": left.isEmpty ? false : FixWords.wrapped(rest, at: 72).joined(separator: "\n"),
      "verified": FixWords.wrapped(verified, at: 72).joined(separator: "\n"),
    ]
  }

  private func what(_ outcome: FixOutcome) -> String { FixWords.subject(outcome.wanted, of: order.commands.test) }

  private static func commands(_ order: FixOrder) -> String {
    order.commands.test.map { "'\(DisplayText.line($0.utf8))'" }.joined(separator: " and ")
  }

  private func commit(_ message: String, _ tree: ObjectID) async throws -> ObjectID {
    let (head, identity) = (order.head, order.identity)
    let message = SecretScanner.redacting(message)
    return try await repository.perform { repository in
      let signature = try repository.signature(of: identity, onTopOf: [head])
      return try repository.writeCommit(
        tree: tree, parents: [head], author: signature, committer: signature, message: Array(message.utf8))
    }
  }
}
