package import Base
package import Verify

extension LazyStage: TreeProbing {
  package func standing(of tree: ObjectID) async throws -> TestStanding {
    try await run(tree).standing
  }
}
