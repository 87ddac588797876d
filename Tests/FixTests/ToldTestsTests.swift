import Testing
import Work

@testable import Fix

@Suite struct ToldTestsTests {
  private func tests(_ names: [String]) -> [RedTest] {
    names.map { RedTest(name: $0, message: ["wrong"], places: []) }
  }

  @Test func twoOfTheValuesOfATestAreToldInFull() {
    let names = ["a > test_sum[1]", "a > test_name", "a > test_sum[2]", "a > test_sum[3]", "b"]
    let told = ToldTests(tests(names))
    #expect(told.told.filter(\.isShort).map(\.test.name) == ["a > test_sum[3]"])
    #expect(told.told.map(\.test.name) == names)
    #expect(told.more == 0)
  }

  @Test func filesThatCannotBeBuiltForOneReasonTellItOnce() {
    func build(_ file: String, _ reason: String) -> RedTest {
      RedTest(name: "the build of \(file)", message: ["collection failure", "E   \(reason)"], places: [])
    }
    let told = ToldTests([
      build("a.py", "ImportError: x"), build("b.py", "ImportError: x"), build("c.py", "NameError: y"),
    ])
    #expect(told.told.map(\.isShort) == [false, true, false])
    #expect(FixWords.telling(build("a.py", "ImportError: x").message) == "ImportError: x")
  }

  @Test func theSecondOfAKindIsOneThatFailsOtherwise() {
    func red(_ name: String, _ message: String) -> RedTest { RedTest(name: name, message: [message], places: []) }
    let told = ToldTests([
      red("sum[1]", "1 != 2"), red("sum[2]", "2 != 3"), red("sum[3]", "TypeError: no"), red("sum[4]", "4 != 5"),
    ])
    #expect(told.told.filter { !$0.isShort }.map(\.test.name) == ["sum[1]", "sum[3]"])
    #expect(told.told.map(\.line) == [nil, "2 != 3", nil, "4 != 5"])
  }

  @Test func manyDoNotHideOthers() {
    let told = ToldTests(tests((0..<500).map { "Numbers/Odd/\($0)" } + ["Shop > Adds"]))
    #expect(told.told.count { !$0.isShort } == 3 && told.told.last?.test.name == "Shop > Adds")
    #expect(told.told.count + told.more == 501 && told.more == 458)
  }

  @Test func differentTestsAreToldInFullUpToALimit() {
    let letters = "abcdefghijklmnopqrstuvwxyz".map { String($0) }
    let told = ToldTests(tests(letters))
    #expect(told.told.count == 15 && !told.told.contains(where: \.isShort) && told.more == 11)
  }
}
