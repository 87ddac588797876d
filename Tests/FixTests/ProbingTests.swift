import Base
import Testing
import Verify

@testable import Fix

/// A suite of tests in which everything is known beforehand.
struct KnownStandings: TreeProbing {
  var standings: [ObjectID: TestStanding]

  func standing(of tree: ObjectID) async throws -> TestStanding {
    guard let standing = standings[tree] else { throw StageFailure(.sandbox, "the tree \(tree.short) is not known") }
    return standing
  }
}

@Suite struct ProbingTests {
  @Test func tellsWhatIsKnownAndRefusesTheRest() async throws {
    let known = KnownStandings(standings: [.zero: TestStanding()])
    #expect(try await known.standing(of: .zero).isGreen)
    await #expect(throws: StageFailure.self) {
      try await KnownStandings(standings: [:]).standing(of: .zero)
    }
  }
}
