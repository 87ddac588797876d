import TestResults
import Testing

@testable import Verify

@Suite struct LoadFailureTests {
  private func standing(green: [TestIdentity], executed: Int? = nil, unnamedPassed: Int = 0) -> TestStanding {
    var standing = TestStanding()
    standing.green = Set(green)
    standing.executed = executed ?? green.count
    standing.unnamedPassed = unnamedPassed
    return standing
  }

  private func test(_ suite: [String], _ name: String) -> TestIdentity { TestIdentity(suite: suite, name: name) }

  @Test(arguments: [
    (TestIdentity(suite: ["unittest.loader"], name: "test_calc"), TestIdentity(suite: ["test_calc", "T"], name: "a")),
    (TestIdentity(suite: ["t/test_calc.py"], name: "(collection)"), TestIdentity(suite: ["t/test_calc.py"], name: "a")),
    (TestIdentity(suite: [], name: "test/shop.test.js"), TestIdentity(suite: [], name: "adds")),
    (TestIdentity(suite: [], name: "shop"), TestIdentity(suite: ["lib", "shop.py"], name: "adds")),
  ])
  func whatCouldNotBeLoadedGivesWayToWhatIsInIt(_ red: TestIdentity, _ green: TestIdentity) {
    func hasGivenWay(_ green: TestIdentity, before: Set<TestIdentity> = []) -> Bool {
      LoadFailure(in: standing(green: [green]), executedBefore: 1, namedBefore: before).hasGivenWay(red)
    }
    #expect(hasGivenWay(green))
    // What was there before tells nothing, nor does what is red.
    #expect(!hasGivenWay(green, before: [green]))
    #expect(!LoadFailure(in: standing(green: []), executedBefore: 0, namedBefore: []).hasGivenWay(red))
    var still = standing(green: [green])
    still.red = [.test(red)]
    #expect(!LoadFailure(in: still, executedBefore: 1, namedBefore: []).hasGivenWay(red))
  }

  @Test func anotherTestIsNoneOfIt() {
    let loads = LoadFailure(
      in: standing(green: [test(["test_other", "T"], "test_calc")]), executedBefore: 1, namedBefore: [])
    #expect(!loads.hasGivenWay(test(["unittest.loader"], "test_calc")))
  }

  /// So many that to hold each against each would not come to an end.
  @Test func manyTestsThatAreGone() {
    let before = (0..<20_000).map { test(["m", "T"], "test_\($0)") }
    let after = (0..<20_000).map { test(["n", "U"], "test_\($0)") }
    let loads = LoadFailure(in: standing(green: after), executedBefore: 20_000, namedBefore: Set(before))
    #expect(!before.contains { loads.hasGivenWay($0) })
    #expect(loads.hasGivenWay(test(["loader"], "n")))
  }
}
