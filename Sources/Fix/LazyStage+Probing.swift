package import Base
package import Verify

extension LazyStage: TreeProbing {
  package func standing(of tree: ObjectID) async throws -> TestStanding {
    try await run(tree).standing
  }
}

/// Tests candidates, each command with as much time as is likely to be enough: taking lines away may leave one that does
/// not come to an end.
struct TimedProbing: TreeProbing {
  let stage: LazyStage
  /// `nil` for as much as any command has.
  let limit: Duration?

  /// The least that a command gets, and how many times the longest at the head or the base.
  private static let least: Int64 = 30_000
  private static let factor: Int64 = 5

  /// - Parameters:
  ///   - stage: Where they are tested.
  ///   - witness: How the tests of the head and of the base ran. A head that cannot be built ends soon; so where no
  ///     base ran, nothing is known of what a candidate needs that can be.
  ///   - parallel: How many are tested side by side, and slow each other down.
  init(_ stage: LazyStage, after witness: Witness, parallel: Int) {
    self.stage = stage
    limit = witness.base.flatMap { base in
      (witness.runs + [base]).compactMap(\.longest).max().map { longest in
        .milliseconds(max(Self.least, longest * Self.factor * Int64(max(1, parallel))))
      }
    }
  }

  func standing(of tree: ObjectID) async throws -> TestStanding { try await stage.run(tree, within: limit).standing }
}
