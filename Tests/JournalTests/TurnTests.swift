import Base
import Journal
import Testing

@Suite("Turns at things that only one may write at")
struct TurnTests {
  @Test(
    "Whoever comes second is told how long to wait, and has the turn once the first has left",
    arguments: StoreKind.allCases)
  func oneAtATime(kind: StoreKind) async throws {
    let database = try kind.make()
    let (one, other) = (try await database.open(), try await database.open())
    #expect(try await one.takeTurn(at: "check", by: "a", for: .seconds(3600)) == nil)
    let held = try #require(try await other.takeTurn(at: "check", by: "b", for: .seconds(9)))
    #expect(held > .seconds(9) && held <= .seconds(3600))
    // Nobody leaves a turn that another one has; another thing is free; who has a turn has it.
    try await other.leaveTurn(at: "check", by: "b")
    #expect(try await other.takeTurn(at: "check", by: "b", for: .seconds(9)) != nil)
    #expect(try await other.takeTurn(at: "another check", by: "b", for: .seconds(9)) == nil)
    #expect(try await one.takeTurn(at: "check", by: "a", for: .seconds(3600)) == nil)
    try await one.leaveTurn(at: "check", by: "a")
    #expect(try await other.takeTurn(at: "check", by: "b", for: .seconds(9)) == nil)
    // Left twice, it is not taken from the next one.
    try await one.leaveTurn(at: "check", by: "a")
    #expect(try await one.takeTurn(at: "check", by: "c", for: .seconds(9)) != nil)
  }

  @Test("A turn that nobody leaves ends with its time", arguments: StoreKind.allCases)
  func ends(kind: StoreKind) async throws {
    let journal = try await kind.make().open()
    #expect(try await journal.takeTurn(at: "check", by: "dead", for: .zero) == nil)
    #expect(try await journal.takeTurn(at: "check", by: "b", for: .seconds(3600)) == nil)
    #expect(try await journal.takeTurn(at: "check", by: "c", for: .seconds(3600)) != nil)
  }

  @Test("Of many that come at once one has the turn", arguments: StoreKind.allCases)
  func many(kind: StoreKind) async throws {
    let database = try kind.make()
    let journals = [try await database.open(), try await database.open()]
    for thing in ["one", "two", "three"] {
      let taken = try await withThrowingTaskGroup(of: Bool.self, returning: Int.self) { group in
        for index in 0..<12 {
          group.addTask {
            try await journals[index % 2].takeTurn(at: thing, by: "writer \(index)", for: .seconds(3600)) == nil
          }
        }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(taken == 1)
    }
  }
}
