internal import Base
internal import TestResults
internal import Verify
internal import Work

extension FixJudge {
  /// Finds out whether what was red can still fail with the patch.
  ///
  func bite(
    with patched: ObjectID, on stage: LazyStage, counting runs: inout Int,
    keeping log: (TestExecution, String) async -> Void
  ) async throws -> BiteRun.Finding {
    let bite = BiteRun(in: repository, seals: scene.seals, paths: scene.paths.sorted())
    var count = 0
    let finding = try await bite.toothless(
      failures, head: scene.headTree, patched: patched, reference: reference
    ) { tree, name in
      let execution = try await stage.run(tree)
      count += 1
      await log(execution, name)
      return execution
    }
    runs += count
    return finding
  }

  /// What was red and is to be repaired, with what was said of it.
  var failures: [RedFailure] {
    let said = Dictionary((witness.runs.first?.red ?? []).map { ($0.name, $0) }) { first, _ in first }
    return wanted.sorted().compactMap { item in
      said[item.description].map { red in
        RedFailure(
          item: item, message: Array(red.message.joined(separator: "\n").utf8),
          frames: red.places.map { TestFrame(path: $0.path.bytes, line: $0.line) })
      }
    }
  }
}
