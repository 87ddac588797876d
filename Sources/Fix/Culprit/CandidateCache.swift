package import Base
package import Verify

/// What is known of trees that were tested: a search that is taken up again gets it and asks for none of them twice.
package struct CandidateCache: Sendable, Hashable, Codable {
  private var standings: [String: TestStanding] = [:]
  private var failures: [String: Failure] = [:]

  private struct Failure: Sendable, Hashable, Codable {
    var kind: StageFailure.Kind
    var description: String
  }

  package init() {}

  /// How a tree stands, or why it could not be tested; `nil` where nothing is known of it.
  package subscript(tree: ObjectID) -> Result<TestStanding, StageFailure>? {
    get {
      if let standing = standings[tree.hex] { return .success(standing) }
      return failures[tree.hex].map { .failure(StageFailure($0.kind, $0.description)) }
    }
    set {
      (standings[tree.hex], failures[tree.hex]) = (nil, nil)
      switch newValue {
      case .success(let standing): standings[tree.hex] = standing
      case .failure(let failure):
        failures[tree.hex] = Failure(kind: failure.kind, description: failure.description)
      case nil: break
      }
    }
  }

  package var count: Int { standings.count + failures.count }
}
