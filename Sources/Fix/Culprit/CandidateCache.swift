package import Base
package import Verify

/// What is known of trees that were tested: a search that is taken up again gets it and asks for none of them twice.
package struct CandidateCache: Sendable, Hashable, Codable {
  private var standings: [String: TestStanding] = [:]

  package init() {}

  package subscript(tree: ObjectID) -> TestStanding? {
    get { standings[tree.hex] }
    set { standings[tree.hex] = newValue }
  }

  package var count: Int { standings.count }
}
