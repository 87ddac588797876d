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

  /// How much of what an attempt changed is told, in bytes, and how many of the tests that were red with it.
  private static let attemptLimit = 12 << 10
  private static let shownRed = 5
  private static let shownGreen = 20

  /// The task, with what is known of what fails and what was tried before.
  func text(_ outcome: FixOutcome, after attempts: [Attempted] = []) async throws -> String {
    let (base, head) = (scene.baseTree, scene.headTree)
    let whole = try await repository.perform { try $0.patch(from: base, to: head) }
    let shown = Array(whole.prefix(Self.differenceLimit))
    let wanted = outcome.wanted
    let tests = ToldTests(wanted)
    let atBase = outcome.left.map(\.name)
    var values: [String: Any] = [
      "branch": order.branch.shortDisplay, "base": order.base, "commands": order.commands.test,
      "hasSetup": !order.commands.setup.isEmpty, "setup": order.commands.setup,
      "red": tests.told.map { told -> [String: Any] in
        let places = told.isShort ? [] : told.test.places
        return [
          "name": told.test.name, "line": told.line ?? false, "message": told.isShort ? [] : told.test.message,
          "alike": Self.alike(told.alike) ?? false, "hasPlaces": !places.isEmpty,
          "places": places.map { ["path": $0.path.display, "line": $0.line] },
        ]
      },
      "hasShort": tests.told.contains(where: \.isShort), "more": tests.more > 0 ? tests.more : false,
      "hasFlaky": !outcome.flaky.isEmpty, "flaky": outcome.flaky,
      "hasAtBase": !atBase.isEmpty, "atBase": atBase, "culprit": false,
      "writes": witness.runs.first?.changedInWords ?? false,
      "diff": FixWords.withoutHashes(String(decoding: shown, as: UTF8.self)),
      "cut": whole.count > shown.count ? "the first \(shown.count) of \(whole.count) bytes" : false,
      "hasEarlier": !attempts.isEmpty, "earlier": attempts.map { earlier($0, of: wanted) }, "found": false,
    ]
    if let culprit = outcome.culprit {
      // What was found without a place is worth knowing all the same.
      if culprit.hunks.isEmpty { values["found"] = culprit.explanation }
      if !culprit.hunks.isEmpty { values["culprit"] = ["parts": culprit.allParts.map(part)] as [String: Any] }
    }
    values["merge"] = try await merge(wanted, whole) ?? false
    return try TaskText.repairTests.render(values)
  }

  /// The tests with the same output, as one line; `nil` for none.
  private static func alike(_ names: [String]) -> String? {
    guard !names.isEmpty else { return nil }
    let what = names.count == 1 ? "1 test more fails" : "\(names.count) tests more fail"
    return "\(what) with the same output: \(FixJob.list(names, of: 20))"
  }

  /// What is told of the merge that is to be repaired: above all what the base did, of which the branch knows nothing.
  private func merge(_ wanted: [RedTest], _ branch: [UInt8]) async throws -> [String: Any]? {
    guard let merge = order.merge else { return nil }
    var values: [String: Any] = [
      "baseTip": merge.baseTip.short, "branchTip": merge.branchTip.short, "difference": false,
      "renamed": merge.renames.isEmpty ? false : ["renames": merge.renames] as [String: Any],
      "spoken": merge.said.isEmpty ? false : ["said": merge.said] as [String: Any],
    ]
    guard let parted = merge.parted else { return values }
    let theirs = merge.baseTip
    let patch = try await repository.perform { try $0.patch(from: parted, to: try $0.tree(of: theirs)) }
    guard !patch.isEmpty else { return values }
    var names: [String: Int] = [:]
    for line in branch.split(separator: UInt8(ascii: "\n")) where line.first == UInt8(ascii: "+") {
      for name in RelevantDifference.names(in: line.dropFirst()) { names[name] = 1 }
    }
    // What the failure itself speaks of is the likeliest.
    for line in wanted.flatMap(\.message) { for name in RelevantDifference.names(in: line.utf8) { names[name] = 4 } }
    let shown = RelevantDifference(patch, names: names, limit: Self.differenceLimit)
    values["difference"] =
      ["text": shown.text, "leftOut": shown.leftOut > 0 ? shown.leftOut : false as Any] as [String: Any]
    return values
  }

  private func part(_ part: CulpritPart) -> [String: Any] {
    [
      "explanation": part.explanation,
      "firstBad": part.firstBad.map { "\($0.id.short) \($0.subject)" } ?? false,
      "hunks": part.hunks.map { hunk -> [String: Any] in
        ["path": hunk.path.display, "line": FixWords.line(hunk.startLine), "lines": hunk.lines]
      },
    ]
  }

  /// An attempt, as the next one is told of it.
  private func earlier(_ attempt: Attempted, of wanted: [RedTest]) -> [String: Any] {
    let lines = FixWords.difference(Array(attempt.patch.prefix(Self.attemptLimit)), lines: 200)
    let red = attempt.record.verdict == .fixedWithTestChange ? [] : (attempt.stillRed ?? []) + attempt.newlyRed
    let reasons = FixWords.first(attempt.record.reasons, 8)
    let still = attempt.stillRed.map { Set($0.map(\.name)) }
    let green = still.map { still in wanted.map(\.name).filter { !still.contains($0) } } ?? []
    return [
      "number": attempt.number, "model": attempt.record.model, "came": came(attempt, of: wanted.count),
      "reasons": reasons,
      "said": attempt.record.summary.isEmpty
        ? ["nothing"]
        : attempt.record.summary.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" },
      "hasPatch": !lines.isEmpty, "patch": lines, "cutPatch": attempt.patch.count > Self.attemptLimit,
      "hasRed": !red.isEmpty,
      "red": red.prefix(Self.shownRed).map { test -> [String: Any] in
        ["name": test.name, "message": FixWords.excerpt(test.message, red.count == 1 ? 30 : 12)]
      },
      "green": green.isEmpty ? false : FixJob.list(green, of: Self.shownGreen),
      "moreRed": red.count > Self.shownRed ? red.count - Self.shownRed : false,
    ]
  }

  /// What an attempt came to.
  private func came(_ attempt: Attempted, of wanted: Int) -> String {
    let passed = attempt.stillRed.map { max(0, wanted - $0.count) }
    switch attempt.record.verdict {
    case .fixed, .nothingToFix: return "it came through"
    case .fixedWithTestChange:
      return "everything passes with it, and it is not taken as it is, because a person has to decide on it"
    case .regressed: return "not taken, because something that passed is not there or fails with it"
    case .flaky: return "not taken, because what fails with it does not fail each time"
    case .tampered: return "not taken, because it acts on the tests and not on what they test"
    case .infrastructure: return "it could not be tested"
    case .notFixed:
      guard let passed else {
        return attempt.newlyRed.isEmpty ? "nothing was repaired" : "setup fails with it, so that no test ran"
      }
      return "\(passed) of the \(wanted) that failed \(passed == 1 ? "passes" : "pass") with it"
    }
  }
}
