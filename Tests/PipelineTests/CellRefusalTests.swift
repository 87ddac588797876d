import Sandbox
import Testing

@testable import Workspace

/// What a person is told whose machine lacks a wall.
struct CellRefusalTests {
  @Test func saysWhatIsMissingAndWhatToDo() async throws {
    let error = CellMaker.refusal(.ownUser, "give this user subordinate ids, or start as root")
    #expect(error.code == .wallMissing)
    #expect(
      error.description
        == "the cell would be without its wall 'a user id for each run', so nothing was run: give this user subordinate "
        + "ids, or start as root; or, if what the model runs may do all that you may, add --trusted")
  }
}
