import Base
import TestResults
import Testing

@testable import Verify

@Suite struct HardCodedTests {
  private static let product = "def title(path):\n    return open(path).readline()\n"
  private static let test = """
    def test_title():
        wanted = open("tests/data/title.txt").read()
        assert title("tests/data/report.md") == wanted
    """

  /// What is flagged of a patch to `lib/report.py`, where the test compares with a file.
  private func flagged(
    _ patched: String, expecting data: String, named: Bool = true, isTestKnown: Bool = true
  ) throws -> [String] {
    let path = { (text: String) in try #require(RepositoryPath(text)) }
    let (code, test, wanted) = (
      try path("lib/report.py"), try path("tests/test_report.py"), try path("tests/data/title.txt")
    )
    let texts = [
      code: Self.product, test: named ? Self.test : Self.test.replacing("title.txt", with: "other.txt"), wanted: data,
    ].mapValues { Array($0.utf8) }
    let paths = texts.keys.sorted()
    let seals = Seals(commands: TestCommands(test: ["pytest"], seconds: 1), tests: [], paths: paths) { texts[$0] }
    let file = PatchedFile(
      path: code, old: PatchedFile.Side(content: texts[code] ?? []),
      new: PatchedFile.Side(content: Array(patched.utf8)))
    let red = RedFailure(
      item: .test(TestIdentity(suite: ["tests.test_report"], name: "test_title")), message: [], frames: [])
    return HardCodedAnswers.find(in: [file], failures: isTestKnown ? [red] : [], paths: paths, seals: seals) {
      texts[$0]
    }
    .map(\.value)
  }

  private let answer = "def title(path):\n    return \"Rainfall in Uppsala\"\n"

  @Test func aValueOfTheFileThatATestComparesWithIsFlagged() throws {
    #expect(try flagged(answer, expecting: "Rainfall in Uppsala\n") == ["\"Rainfall in Uppsala\""])
    #expect(try flagged(answer, expecting: "title: Rainfall in Uppsala\n") == ["\"Rainfall in Uppsala\""])
    // The controls: another value, and a file that no red test names.
    #expect(try flagged(answer, expecting: "Rainfall in Lund\n").isEmpty)
    #expect(try flagged(answer, expecting: "Rainfall in Uppsala\n", named: false).isEmpty)
  }

  @Test func withNoTestKnownAnyFileOfTheTestsCounts() throws {
    let value = "Rainfall in Uppsala"
    #expect(try flagged(answer, expecting: value, named: false, isTestKnown: false) == ["\"\(value)\""])
  }

  @Test func aTableOfManyValuesTellsNothing() throws {
    let rows = (0..<4_000).map { "row \($0)" }.joined(separator: "\n")
    #expect(try flagged(answer, expecting: "Rainfall in Uppsala\n" + rows).isEmpty)
  }
}
