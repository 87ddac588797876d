import Base
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

  @Test func whatASubclassInheritsIsToldOnce() {
    func red(_ suite: String, _ said: String = "1 != 2", line: Int = 4) -> RedTest {
      RedTest(
        name: "test_a.py > \(suite) > test_sum",
        message: ["self = <test_a.\(suite) testMethod=test_sum at 0x7f\(line)>", "E   AssertionError: \(said)", "end"],
        places: [SourcePlace(path: RepositoryPath("test_a.py") ?? { preconditionFailure("a path") }(), line: line)])
    }
    let told = ToldTests([red("Base"), red("Sub"), red("Other", "1 != 3"), red("Far", line: 9), red("Last")])
    #expect(told.told.map(\.test.name) == ["Base", "Other", "Far"].map { "test_a.py > \($0) > test_sum" })
    #expect(told.told.map(\.alike.count) == [2, 0, 0] && told.more == 0)
    #expect(told.told[0].alike == ["test_a.py > Sub > test_sum", "test_a.py > Last > test_sum"])
  }
}
