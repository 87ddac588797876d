import TestSupport
import Testing

@Suite("The broker's commands are for the program itself")
struct BrokerCommandTests {
  @Test("Whoever starts the broker by hand is told who starts it", arguments: ["", "{}", "token"])
  func byHand(_ input: String) throws {
    expectFailure(try Arborist.run(["broker"], input: Array(input.utf8)), 2, "is started by 'arborist serve'")
  }

  @Test("The help lists neither")
  func help() throws {
    let text = try Arborist.run("--help").text
    #expect(!text.contains("broker"))
    // The control.
    #expect(text.contains("worker"))
  }
}
