internal import Base
internal import Forges
internal import Templates
internal import Work

extension Composer {
  /// The most red tests, and lines of one piece of code, that a comment shows.
  private static let shown = 20
  private static let shownLines = 40

  /// What is to be written for what came of a repair.
  func publication(for fix: FixOutcome) throws -> Publication {
    let plan = try FixDelivery(
      branch: job.pullRequest.branch, head: job.head, push: context.push, isCheckedOut: false,
      earlier: context.earlierPushes, number: context.sideNumber
    ).plan(for: fix)
    let comment = Appraise.Comment(
      time: job.time, author: context.identity.email, commit: job.head,
      description: try Message.fix.published(values(of: fix, plan)),
      resolved: fix.verdict == .fixed || fix.verdict == .nothingToFix ? nil : false)
    let note = Effect.note(.discuss, object: context.firstCommit, lines: [try Appraise.line(comment)])
    return Publication(effects: (plan.push.map { [$0] } ?? []) + (try requestEffect()) + [note])
  }

  private func values(of fix: FixOutcome, _ plan: DeliveryPlan) -> [String: Any] {
    var values: [String: Any] = [
      "branch": job.pullRequest.branch.shortDisplay, "head": job.head.short, "verdict": fix.verdict.rawValue,
      "reason": fix.reason, "notes": fix.notes + (plan.note.map { [$0] } ?? []), "target": false,
      "hasSealed": !fix.sealedChange.isEmpty, "sealed": fix.sealedChange, "hasRed": !fix.red.isEmpty,
      "red": fix.red.prefix(Self.shown).map { ["name": $0.name, "atBase": $0.isAtBase == true] as [String: Any] },
      "culprit": false, "base": fix.base ?? "the base", "hasSaid": false,
    ]
    if case .push(let branch, let from, let commit) = plan.push {
      values["target"] = branch.shortDisplay
      values["word"] = ShellQuoting.quoted("origin/\(branch.shortDisplay)")
      values["commit"] = commit.short
      values["beside"] = from.isZero
      values["offer"] = fix.offer == .partialRevert ? "A partial revert" : "The repair"
    }
    if let culprit = fix.culprit {
      values["culprit"] =
        [
          "parts": culprit.allParts.map(part)
        ] as [String: Any]
    }
    // What the reason is the beginning of.
    if fix.offer != .repair, let said = fix.attempts.last?.summary, said.contains("\n") {
      values["hasSaid"] = true
      values["said"] = said.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
    return values
  }

  private func part(_ part: CulpritPart) -> [String: Any] {
    [
      "explanation": part.explanation,
      "firstBad": part.firstBad.map { "\($0.id.short) \($0.subject)" } ?? false,
      "hunks": part.hunks.map { hunk -> [String: Any] in
        [
          "path": hunk.path.display, "line": hunk.startLine > 0 ? hunk.startLine : false as Any,
          "lines": Array(hunk.lines.prefix(Self.shownLines)),
        ]
      },
    ]
  }
}
