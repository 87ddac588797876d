import TestResults
import Testing

@testable import Verify

@Suite struct StandingTests {
  private func report(_ output: String, status: Int32, command: [String]) -> TestReport {
    TestResultReader.read(TestEvidence(command: command, status: status, output: Array(output.utf8)))
  }

  @Test func namesWhatIsRedAndWhatIsGreen() {
    let output = """
      ok 1 - adds
      not ok 2 - divides
      ok 3 - waits # SKIP no network
      1..3

      """
    let standing = TestStanding(of: [report(output, status: 1, command: ["prove"])])
    #expect(standing.red == [.test(TestIdentity(suite: [], name: "divides"))])
    #expect(standing.green == [TestIdentity(suite: [], name: "adds")])
    #expect(standing.skipped == [TestIdentity(suite: [], name: "waits")])
    #expect(standing.executed == 2)
    #expect(!standing.isGreen)
  }

  @Test func aCommandThatFailsWithoutATestIsRedItself() {
    let good = report("all is well\n", status: 0, command: ["true"])
    let bad = report("something is not\n", status: 3, command: ["false"])
    #expect(TestStanding(of: [good, bad]).red == [.command(1)])
    #expect(TestStanding(of: [good, good]).isGreen)
  }
}
