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
