import Base
import TestResults
import Testing

@testable import Verify

@Suite struct BiteCheckTests {
  private static let test = TestIdentity(suite: ["tests.test_calc"], name: "test_add")
  private static let item = RedItem.test(test)

  private func path(_ text: String) throws -> RepositoryPath { try #require(RepositoryPath(text)) }

  private func check(
    _ source: String, line: Int, message: String, in name: String = "tests/test_calc.py"
  ) throws -> BiteCheck {
    let path = try path(name)
    let seals = Seals(commands: TestCommands(test: ["x"], seconds: 1), tests: [], paths: [path]) { _ in nil }
    let failure = RedFailure(
      item: Self.item, message: Array(message.utf8), frames: [TestFrame(path: path.bytes, line: line)])
    return BiteCheck(of: [failure], paths: [path], seals: seals) { _ in Array(source.utf8) }
  }

  private func written(_ trials: [BiteCheck.Trial], _ source: String) -> String? {
    let side = PatchedFile.Side(content: Array(source.utf8))
    return BiteCheck.files(trials) { _ in side }.files.first?.new.map { String(decoding: $0.content, as: UTF8.self) }
  }

  private func standing(red: Bool, alsoBroken: Bool = false) -> TestStanding {
    var standing = TestStanding()
    standing.executed = 1
    if red { standing.red = [Self.item] } else { standing.green = [Self.test] }
    if alsoBroken { standing.red.insert(.build("")) }
    return standing
  }

  private static let source = "def test_add():\n    assert add(1, 1) == 20  # twenty\n"

  @Test func whatWasExpectedIsExchanged() throws {
    var check = try check(Self.source, line: 2, message: "assert 2 == 20")
    let first = check.next()
    #expect(written(first, Self.source) == Self.source.replacing("20 ", with: "21 "))
    check.note(first, written: first, standing(red: false))
    let second = check.next()
    #expect(written(second, Self.source) == Self.source.replacing("20 ", with: "1000023 "))
    check.note(second, written: second, standing(red: false))
    let third = check.next()
    #expect(written(third, Self.source) == Self.source.replacing("20 ", with: "(-1000023) "))
    check.note(third, written: third, standing(red: false))
    #expect(check.next().isEmpty)
    #expect(check.toothless.map(\.item) == [Self.item])
    let suspect = try #require(check.toothless.first)
    #expect(BiteCheck.speaks(Array("assert 2 == -1000023".utf8), of: suspect, before: Array("assert 2 == 20".utf8)))
    #expect(!BiteCheck.speaks(Array("assert 2 == 20".utf8), of: suspect, before: Array("assert 2 == 20".utf8)))
  }

  @Test func oneThatGoesRedBites() throws {
    for reds in [[true], [false, true], [false, false, true]] {
      var check = try check(Self.source, line: 2, message: "assert 2 == 20")
      for red in reds {
        let trials = check.next()
        #expect(!trials.isEmpty)
        check.note(trials, written: trials, standing(red: red))
      }
      #expect(check.next().isEmpty && check.toothless.isEmpty, "\(reds)")
    }
  }

  @Test func aTextIsTriedInMoreThanOnePlace() throws {
    let source = "assert name(1) == 'Ada'\n"
    func begin() throws -> (BiteCheck, [BiteCheck.Trial]) {
      var check = try self.check(source, line: 1, message: "'Bob' == 'Ada'")
      let first = check.next()
      #expect(written(first, source) == source.replacing("Ada", with: "Ada~"))
      check.note(first, written: first, standing(red: true))
      let second = check.next()
      #expect(written(second, source) == source.replacing("Ada", with: "Aza"))
      return (check, second)
    }
    var (check, second) = try begin()
    check.note(second, written: second, standing(red: true))
    #expect(check.next().isEmpty && check.doubtful.isEmpty && check.unshown.isEmpty)
    // What compares the ends alone sees one of them.
    (check, second) = try begin()
    check.note(second, written: second, standing(red: false))
    #expect(check.doubtful == second && check.toothless.isEmpty && check.unshown.isEmpty)
  }

  @Test(arguments: [
    (
      "tests/test_word.c", "int main(void) {\n  if (strcmp(word(2), \"two\")) return 1;\n  return 0;\n}\n", "two",
      "two~"
    ),
    ("tests/run.sh", "set -e\n[ \"$(double 3)\" = 6 ] || exit 1\n", "= 6", "= 7"),
    ("tests/run.sh", "double 3 > out\necho 6 | diff - out\n", "echo 6", "echo 7"),
  ])
  func withoutAWordOfTheFailureWhatTestsCompareIsTried(
    _ name: String, _ source: String, _ old: String, _ new: String
  ) throws {
    let path = try path(name)
    let seals = Seals(commands: TestCommands(test: ["x"], seconds: 1), tests: [], paths: [path]) { _ in nil }
    let failure = RedFailure(item: .command(0), message: Array("make: *** [test] Error 1\n".utf8), frames: [])
    var check = BiteCheck(of: [failure], paths: [path], seals: seals) { _ in Array(source.utf8) }
    let trials = check.next()
    #expect(written(trials, source) == source.replacing(old, with: new))
    #expect(check.unshown == [.command(0)])
    var red = TestStanding()
    red.red = [.command(0)]
    var broken = red
    broken.red.insert(.build(""))
    var other = check
    check.note(trials, written: trials, red)
    #expect(check.unshown.isEmpty)
    // What is not built compares nothing.
    other.note(trials, written: trials, broken)
    #expect(other.unshown == [.command(0)])
  }

  @Test func dataThatATestNamesIsTried() throws {
    let (test, data) = (try path("tests/run.sh"), try path("tests/data/wanted.txt"))
    let texts = [test: "./tool | diff -q - tests/data/wanted.txt\n", data: "\nfirst\nsecond\n"]
    let seals = Seals(commands: TestCommands(test: ["x"], seconds: 1), tests: [], paths: [test, data]) { _ in nil }
    let failure = RedFailure(item: .command(0), message: [], frames: [])
    let check = BiteCheck(of: [failure], paths: [test, data], seals: seals) { texts[$0].map { Array($0.utf8) } }
    let (files, _) = BiteCheck.files(check.next()) { path in
      texts[path].map { PatchedFile.Side(content: Array($0.utf8)) }
    }
    #expect(files.map(\.path) == [data])
    #expect(files.first?.new?.content == Array("\nfirst~\nsecond\n".utf8))
  }

  @Test func whatDoesNotBuildOrCouldNotBeWrittenTellsNothing() throws {
    var check = try check(Self.source, line: 2, message: "assert 2 == 20")
    while case let trials = check.next(), !trials.isEmpty {
      check.note(trials, written: trials, standing(red: false, alsoBroken: true))
    }
    #expect(check.toothless.isEmpty)
    check = try self.check(Self.source, line: 2, message: "assert 2 == 20")
    while case let trials = check.next(), !trials.isEmpty {
      check.note(trials, written: [], standing(red: false))
    }
    #expect(check.toothless.isEmpty)
  }

  @Test(arguments: [
    ("self.assertEqual(\n    name(1),\n    'Ada')\n", 1, "'Bob' != 'Ada'", "'Ada'", "'Ada~'"),
    (
      "if got := f(); got != \"x y\" {\n  t.Errorf(\"got %q\", got)\n}\n", 2, "got \"\" want \"x y\"", "\"x y\"",
      "\"x y~\""
    ),
    ("  assert.equal(f('a'), 2.5);\n", 1, "1.5 !== 2.5", "2.5", "4.0"),
  ])
  func assertionsOfManyForms(_ source: String, _ line: Int, _ message: String, _ old: String, _ new: String) throws {
    let name = source.contains("t.Errorf") ? "a_test.go" : source.contains("assert.") ? "a.test.js" : "tests/test_a.py"
    let check = try check(source, line: line, message: message, in: name)
    #expect(written(check.next(), source) == source.replacing(old, with: new))
  }

  @Test func whatTheFailureDoesNotSpeakOfIsLeftAlone() throws {
    #expect(try check(Self.source, line: 2, message: "assert 2 == twenty").next().isEmpty)
    #expect(try check(Self.source, line: 2, message: "assert 2 == 20", in: "src/calc.py").next().isEmpty)
    let source = "limit = 20\ndef test_add():\n    assert add(1, 1) == limit\n"
    #expect(try check(source, line: 3, message: "2 == 20").next().isEmpty)
  }

  @Test func aLineThatThePatchMovedIsFound() throws {
    let trials = try check(Self.source, line: 2, message: "assert 2 == 20").next()
    let moved = "import os\n\n" + Self.source
    #expect(written(trials, moved) == moved.replacing("20 ", with: "21 "))
    #expect(written(trials, Self.source.replacing("== 20", with: "== 22")) == nil)
  }
}
