import Testing

@testable import Merging

@Suite("gate: values and words come whole from a side") struct WholeValueRuleTests {
  private func reason(
    _ path: String, _ sides: (String, String, String), _ result: String, before: String = "", introduces: [String] = []
  ) -> FileMerge.Rejection.Reason? {
    let fixture = ConflictFixture(path, base: sides.0, ours: sides.1, theirs: sides.2, before: before)
    let resolution = Resolution(
      resolver: "r", lines: Array(result.utf8), reason: "test", introduces: introduces.map { Array($0.utf8) })
    return WholeValueRule().objection(to: resolution, for: fixture.conflict, in: fixture.context)?.reason
      ?? KnownWordRule().objection(to: resolution, for: fixture.conflict, in: fixture.context)?.reason
  }

  @Test(
    "refuses a value that is put together",
    arguments: [
      ("VERSION", "2.39.1\n", "2.39.2\n", "2.40.1\n", "2.40.2\n"),
      ("VERSION", "2.39.1\n", "2.39.1\n", "2.40.0\n", "2.40.1\n"),
      ("VERSION", "v2.39.1\n", "v3.39.1\n", "v2.40.1\n", "v3.40.1\n"),
      ("a.swift", "f(1, 2)\n", "f(13, 2)\n", "f(1, 24)\n", "f(134, 2)\n"),
      ("a.swift", "f(\"a b c\")\n", "f(\"x b c\")\n", "f(\"a b y\")\n", "f(\"x b y\")\n"),
      ("a.json", "\"a\": \"b c\"\n", "\"a\": \"x c\"\n", "\"a\": \"b y\"\n", "\"a\": \"x y\"\n"),
      ("a.yaml", "when: 2024-01-31\n", "when: 2024-02-31\n", "when: 2025-01-31\n", "when: 2025-02-31\n"),
      ("a.toml", "v = \"1.0-rc.1\"\n", "v = \"1.0-rc.2\"\n", "v = \"1.1-rc.1\"\n", "v = \"1.1-rc.2\"\n"),
      ("a.xml", "<a b=\"c d\"/>\n", "<a b=\"x d\"/>\n", "<a b=\"c y\"/>\n", "<a b=\"x y\"/>\n"),
    ]
  )
  func blended(path: String, base: String, ours: String, theirs: String, result: String) {
    #expect(reason(path, (base, ours, theirs), result) == .blendedValue)
    #expect(reason(path, (base, theirs, ours), result) == .blendedValue)
  }

  @Test(
    "lets values through that a side has",
    arguments: [
      ("VERSION", "2.39.1\n", "2.39.2\n", "2.40.1\n", "2.40.1\n"),
      ("a.swift", "f(1, 2)\n", "f(13, 2)\n", "f(1, 24)\n", "f(13, 24)\n"),
      ("a.swift", "f(\"a\", \"b\")\n", "f(\"x\", \"b\")\n", "f(\"a\", \"y\")\n", "f(\"x\", \"y\")\n"),
      ("a.swift", "let a = b\n", "let a = c\n", "var a = b\n", "var a = c\n"),
      ("a.json", "\"a\": [\"b c\", 1]\n", "\"a\": [\"x c\", 1]\n", "\"a\": [\"b c\", 2]\n", "\"a\": [\"x c\", 2]\n"),
      ("a.xml", "<a b=\"c\" d=\"e\"/>\n", "<a b=\"x\" d=\"e\"/>\n", "<a b=\"c\" d=\"y\"/>\n", "<a b=\"x\" d=\"y\"/>\n"),
      ("a.yaml", "a: 1.0 # x\n", "a: 1.1 # x\n", "a: 1.0 # y\n", "a: 1.1 # y\n"),
      ("a.py", "f(a=1, b=2)\n", "f(a=1, b=3)\n", "f(a=4, b=2)\n", "f(a=4, b=3)\n"),
      ("a.md", "one two\n", "one three\n", "four two\n", "four three\n"),
      ("a.c", "x = 0x1F;\n", "y = 0x1F;\n", "x = 0x2F;\n", "y = 0x2F;\n"),
    ]
  )
  func whole(path: String, base: String, ours: String, theirs: String, result: String) {
    #expect(reason(path, (base, ours, theirs), result) == nil)
    #expect(reason(path, (base, theirs, ours), result) == nil)
  }

  @Test("a value or a word may come from elsewhere in the files")
  func elsewhere() {
    #expect(reason("a.swift", ("a\n", "b\n", "c\n"), "d(7)\n", before: "d(7)\n") == nil)
    #expect(reason("a.swift", ("a\n", "b\n", "c\n"), "d(7)\n") == .blendedValue)
    #expect(reason("a.swift", ("a\n", "b\n", "c\n"), "d\n") == .newWord)
  }

  @Test(
    "refuses a word that no side has",
    arguments: [
      ("a.swift", "oldName()\n", "newName()\n", "oldCall()\n", "newCall()\n"),
      ("a.swift", "a_b\n", "x_b\n", "a_y\n", "x_y\n"),
      ("a.py", "get_a(b)\n", "get_c(b)\n", "set_a(b)\n", "set_c(b)\n"),
      ("a.java", "fooBar();\n", "fooBaz();\n", "quxBar();\n", "quxBaz();\n"),
      ("a.md", "work\n", "works\n", "rework\n", "reworks\n"),
    ]
  )
  func newWord(path: String, base: String, ours: String, theirs: String, result: String) {
    #expect(reason(path, (base, ours, theirs), result) == .newWord)
    let word = result.split { $0 == "(" || $0 == "\n" || $0 == ";" }.first.map(String.init) ?? ""
    #expect(reason(path, (base, ours, theirs), result, introduces: [word]) == nil)
  }

  @Test(
    "reads versions across tokens",
    arguments: [
      ("uses v2.40.1-rc.1, then", ["v2.40.1-rc.1"]), ("2024-01-31 and 5 - 3", ["2024-01-31"]), ("a.b.c", []),
      ("x 1.2.", ["1.2"]), ("1", []), ("a-1", []), ("1.2.3+build.5", ["1.2.3+build.5"]),
    ]
  )
  func versions(text: String, expected: [String]) {
    #expect(WholeValueRule.versions(in: Array(text.utf8)[...]).map { String(decoding: $0, as: UTF8.self) } == expected)
  }
}
