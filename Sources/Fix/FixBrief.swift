internal import Base
internal import Git
internal import Templates
internal import Verify
internal import Work

/// What a model is told of a repair.
struct FixBrief {
  let order: FixOrder
  let scene: FixScene
  let witness: Witness
  let repository: RepositoryActor<PrivateRepository>

  /// How much of the difference is told, in bytes.
  private static let differenceLimit = 48 << 10

  func text(_ outcome: FixOutcome) async throws -> String {
    let (base, head) = (scene.baseTree, scene.headTree)
    let whole = try await repository.perform { try $0.patch(from: base, to: head) }
    let shown = Array(whole.prefix(Self.differenceLimit))
    let wanted = outcome.red.filter { order.policy.includesBase || $0.isAtBase != true }
    let tests = ToldTests(wanted)
    let atBase = outcome.red.filter { !order.policy.includesBase && $0.isAtBase == true }.map(\.name)
    var values: [String: Any] = [
      "branch": order.branch.shortDisplay, "base": order.base, "commands": order.commands.test,
      "red": tests.told.map { told -> [String: Any] in
        let places = told.isShort ? [] : told.test.places
        return [
          "name": told.test.name, "message": told.isShort ? [] : told.test.message,
          "hasPlaces": !places.isEmpty, "places": places.map { ["path": $0.path.display, "line": $0.line] },
        ]
      },
      "hasShort": tests.told.contains(where: \.isShort), "more": tests.more > 0 ? tests.more : false,
      "hasFlaky": !outcome.flaky.isEmpty, "flaky": outcome.flaky,
      "hasAtBase": !atBase.isEmpty, "atBase": atBase, "culprit": false,
      "writes": witness.runs.first?.changedInWords ?? false,
      "diff": String(decoding: shown, as: UTF8.self),
      "cut": whole.count > shown.count ? "the first \(shown.count) of \(whole.count) bytes" : false,
      "hasEarlier": !outcome.attempts.isEmpty,
      "earlier": outcome.attempts.map { attempt -> [String: Any] in
        [
          "model": attempt.model, "verdict": attempt.verdict.rawValue, "reasons": Array(attempt.reasons.prefix(8)),
          "summary": attempt.summary,
        ]
      },
    ]
    if let culprit = outcome.culprit, !culprit.hunks.isEmpty {
      values["culprit"] =
        [
          "explanation": culprit.explanation,
          "firstBad": culprit.firstBad.map { "\($0.id.short) \($0.subject)" } ?? false,
          "hunks": culprit.hunks.map { hunk -> [String: Any] in
            ["path": hunk.path.display, "line": FixWords.line(hunk.startLine), "lines": hunk.lines]
          },
        ] as [String: Any]
    }
    return try TaskText.repairTests.render(values)
  }
}
