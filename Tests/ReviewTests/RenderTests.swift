import Base
import Git
import JSON
import Review
import Testing
import Work

@Suite struct RenderTests {
  /// A change whose path, line and linter all try to steer what shows them.
  private static func hostile() throws -> ReviewOutcome {
    let escape = "\u{1B}]0;owned\u{7}\u{1B}[31m"
    guard let path = RepositoryPath(Array("src/".utf8) + [0xff] + Array("\(escape)a\n`b`.ts".utf8)) else {
      return empty
    }
    let line = DiffLine(
      kind: .added, oldNumber: nil, newNumber: 1,
      content: Array("debugger; // \(escape) ``` @team <img src=x> \u{202E}\u{200B}\u{9B}31m \r".utf8) + [0xc3])
    let side = FileChange.Side(path: path, mode: .regular, blob: .zero, size: 10)
    let diff = Diff(files: [
      FileChange(
        status: .modified, old: side, new: side,
        hunks: [Hunk(oldStart: 1, oldCount: 0, newStart: 1, newCount: 1, lines: [line])])
    ])
    let sarif = """
      {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "li\\u001b[2Jnt", "rules": [{"id": "r", "helpUri":
        "https://x\\u001b", "shortDescription": {"text": "![x](http://e) \\u202e"}}]}}, "results": [{"ruleId": "r",
        "message": {"text": "[click](http://evil) @everyone <script>\\u001b[5m\\n# two\\n\\u2028three"},
        "locations": [{"physicalLocation": {"artifactLocation":
          {"uri": "src/%FF%1B%5D0;owned%07%1B%5B31ma%0A%60b%60.ts"}, "region": {"startLine": 1}}}]}]}]}
      """
    return Reviewer.review(ReviewInput(diff: diff, linters: [try SARIFDocument.parse(Array(sarif.utf8))]))
  }

  private static let empty = ReviewOutcome(findings: [], unread: [], overall: "")

  @Test(arguments: ReviewFormat.allCases, [false, true]) func nothingForeignSteersTheReader(
    _ format: ReviewFormat, _ color: Bool
  ) throws {
    let outcome = try Self.hostile()
    #expect(Set(outcome.findings.map(\.source)).count == 3)
    let bytes = format.render(outcome, terminal: TextTerminal(hasColor: color, width: 100), version: "1")
    guard let text = String(validating: bytes, as: UTF8.self) else {
      Issue.record("not UTF-8")
      return
    }
    var rest = text
    // Our own colours, and nothing else that begins with an escape.
    if format == .text, color {
      #expect(text.contains("\u{1B}[1m"))
      for code in ["1", "2", "1;31", "1;33", "1;36", "0"] { rest = rest.replacing("\u{1B}[\(code)m", with: "") }
    }
    for scalar in rest.unicodeScalars {
      let isPlain =
        scalar == "\n" || (scalar.value >= 0x20 && scalar.value != 0x7f && !(0x80...0x9f).contains(scalar.value))
      #expect(isPlain, "U+\(String(scalar.value, radix: 16)) in \(format)")
      #expect(![0x202e, 0x200b, 0x2028].contains(scalar.value))
    }
  }

  @Test func markdownMakesNothingOfForeignText() throws {
    let text = MarkdownRenderer.render(try Self.hostile())
    let prose = text.split(separator: "\n").filter { !$0.contains("debugger") && !$0.hasPrefix("### ") }
    #expect(!prose.contains { $0.contains("<") || $0.contains("@") || $0.hasPrefix("# ") })
    #expect(!prose.contains { $0.replacing("\\](", with: "").contains("](") })
    #expect(!prose.contains { $0.contains("http://") })
    // The quote has three backticks, so its fence has four.
    #expect(text.contains("\n````\n"))
  }

  private static let example = Reviewer.review(
    Fixture("file src/a.ts\n@@ 7\n+\tdebugger;\nfile logo.png new binary").input())

  @Test func textIsForReading() {
    let expected = """
      src/a.ts
        src/a.ts:7 warning [debug-leftover]
          A stop for the debugger was left in the code
            7 +   debugger;
          This looks like something written to find a bug and not
          meant to stay. Take it out, or use the project's logger if
          users need it.

      Not read in full
        logo.png: a binary file

      1 finding (1 warning) in 1 of 2 changed files. 1 file was not
      read in full.

      """
    #expect(TextRenderer.render(Self.example, terminal: TextTerminal(width: 62)) == expected)
  }

  @Test(arguments: [40, 60, 100]) func textFitsItsWidth(_ width: Int) {
    let outcome = Reviewer.review(
      Fixture("file a.ts\n@@ 7\n+debugger;\n+// DO NOT MERGE " + String(repeating: "漢字 wörter ", count: 40)).input())
    #expect(outcome.findings.count == 2)
    let lines = TextRenderer.render(outcome, terminal: TextTerminal(width: width)).split(separator: "\n")
    #expect(lines.allSatisfy { $0.unicodeScalars.count <= width })
    #expect(lines.contains { $0.hasSuffix("…") })
  }

  @Test func jsonIsTheDocumentedOne() throws {
    let document = try JSONValue.parse(JSONRenderer.render(Self.example))
    #expect(document["schema"] == "arborist.review/1")
    let finding = try #require(document["findings"]?.array?.first)
    #expect(
      Set(finding.object?.keys ?? [:].keys) == [
        "id", "path", "startLine", "endLine", "side", "quote", "title", "body", "severity", "confidence", "source",
      ])
    #expect(finding["path"] == "src/a.ts")
    #expect(finding["startLine"]?.integer == 7)
    #expect(finding["side"] == "head")
    #expect(document["unread"] == [["path": "logo.png", "reason": "a binary file"]])
    #expect(document["overall"]?.string == Self.example.overall)
  }

  /// What a model said of a line that was there before, of two that are new, and of none.
  private static func modelled() throws -> ReviewOutcome {
    let path = try #require(RepositoryPath("a.py"))
    func finding(_ line: Int, _ change: (inout Finding) -> Void) -> Finding {
      var finding = Finding(
        id: "\(line)", path: path, startLine: line, endLine: line, quote: "x = \(line)", title: "T\(line)", body: "",
        severity: .warning, confidence: 0.8, source: "model:openai/some")
      change(&finding)
      return finding
    }
    var outcome = ReviewOutcome(
      findings: [
        finding(3) { $0.isUnchanged = true },
        finding(5) { ($0.endLine, $0.lines, $0.suggestion) = (6, ["x = 5", "x = 6"], "y = 5\nz = 6") },
        finding(9) { $0.suggestion = "" },
      ], unread: [], overall: "Three.")
    outcome.unread = try (1...54).map { number in
      let lines = number == 2 ? ", lines 4–9" : ""
      return Unread(
        path: try #require(RepositoryPath("f\(number).py")),
        reason: "not read by a model\(lines): the budget: it is spent")
    }
    outcome.dropped = [DroppedFinding(title: "Gone", path: "b.py", line: 4, why: "no such line")]
    outcome.cost = ReviewCost(nanodollars: 12_345_000, input: 1200, output: 34, answers: 2)
    outcome.run = RunID("0123456789abcdef")
    outcome.headCommit = .zero
    return outcome
  }

  @Test func aReasonIsToldOnceForAllItsFiles() throws {
    let outcome = try Self.modelled()
    let text = TextRenderer.render(outcome, terminal: TextTerminal(width: 200))
    #expect(
      text.contains(
        "  54 files: f1.py; f2.py, lines 4–9; f3.py and 51 more: not read by a model: the budget: it is spent\n"),
      "\(text)")
    let markdown = MarkdownRenderer.render(outcome)
    #expect(
      markdown.contains("- 54 files: `f1.py`; `f2.py`, lines 4–9; `f3.py` and 51 more: not read by"), "\(markdown)")
    for form in [text, markdown] {
      #expect(form.contains("cost $0.012345: 2 answers, 1200 tokens in, 34 tokens out.") && !form.contains("Gone"))
    }
    #expect(try JSONValue.parse(JSONRenderer.render(outcome))["unread"]?.array?.count == 54)
  }

  @Test func onlyLinesOfTheChangeHaveASign() throws {
    let text = TextRenderer.render(try Self.modelled(), terminal: TextTerminal(width: 80))
    #expect(text.contains("      3   x = 3\n") && text.contains("      5 + x = 5\n"), "\(text)")
    #expect(text.contains("    Proposal: take this line out.\n"))
  }

  @Test func jsonNamesWhatWasDroppedAndWhatItTook() throws {
    let outcome = try Self.modelled()
    let document = try JSONValue.parse(JSONRenderer.render(outcome))
    #expect(document["dropped"] == [["title": "Gone", "path": "b.py", "line": 4, "why": "no such line"]])
    #expect(document["cost"]?["inputTokens"] == 1200 && document["cost"]?["answers"] == 2)
    #expect(document["cost"]?["usd"] == .number(0.012345))
    #expect(document["run"]?.string == outcome.run?.text && outcome.run != nil && document["base"] == nil)
    #expect(document["head"]?.string == "\(ObjectID.zero)")
  }

  @Test func sarifHasProposalsAndWholeSnippets() throws {
    let document = try JSONValue.parse(SARIFWriter.render(try Self.modelled(), version: "1"))
    let run = try #require(document["runs"]?.array?.first)
    let results = try #require(run["results"]?.array)
    func replacement(_ index: Int) -> JSONValue? {
      results[index]["fixes"]?.array?.first?["artifactChanges"]?.array?.first?["replacements"]?.array?.first
    }
    #expect(results[0]["fixes"] == nil)
    #expect(
      replacement(1) == ["deletedRegion": ["startLine": 5, "endLine": 6], "insertedContent": ["text": "y = 5\nz = 6"]])
    #expect(
      replacement(2) == ["deletedRegion": ["startLine": 9, "startColumn": 1, "endLine": 10, "endColumn": 1]])
    let region = results[1]["locations"]?.array?.first?["physicalLocation"]?["region"]
    #expect(region?["snippet"]?["text"] == "x = 5\nx = 6")
    let rule = run["tool"]?["driver"]?["rules"]?.array?.last
    #expect(rule?["id"] == "model:openai/some")
    #expect(rule?["fullDescription"]?["text"]?.string?.contains("openai/some read the change") == true)
  }

  @Test func sarifComesBackAsItWent() throws {
    let written = SARIFWriter.render(Self.example, version: "1.2.3")
    let read = try SARIFDocument.parse(written)
    #expect(read.results.map(\.rule) == ["debug-leftover"])
    #expect(read.results.map(\.path.display) == ["src/a.ts"])
    #expect(read.results.map(\.startLine) == [7])
    #expect(read.results.map(\.severity) == [.warning])
  }

  @Test func sarifKeepsEveryByteOfAPath() throws {
    let outcome = try Self.hostile()
    let read = try SARIFDocument.parse(SARIFWriter.render(outcome, version: "1"))
    #expect(Set(read.results.map(\.path)) == Set(outcome.findings.map(\.path)))
  }
}

@Suite struct JSONTests {
  @Test(arguments: [
    ("\"\\u00e9\\ud83d\\ude00\\n\"", JSONValue.string("é😀\n")), ("\"\\ud83d\"", .string("\u{FFFD}")),
    ("-1.5e2", .number(-150)),
    (" [1, {\"a\": null}, true] ", .array([.number(1), .object(["a": .null]), .bool(true)])), ("{}", .object([:])),
    ("\u{FEFF}[]", .array([])),
  ])
  func isRead(_ text: String, _ value: JSONValue) throws {
    #expect(try JSONValue.parse(Array(text.utf8)) == value)
    #expect(try JSONValue.parse(value.rendered()) == value)
  }

  @Test(arguments: [
    "", "[", "[1,]", "{\"a\"}", "{\"a\":1,}", "\"\\x\"", "\"\\u12\"", "tru", "1 2", "\"a", "\"\n\"", "+1", "{1:2}",
    "--1",
  ])
  func isNoJSON(_ text: String) {
    #expect(throws: JSONSyntaxError.self) { _ = try JSONValue.parse(Array(text.utf8)) }
  }

  @Test func keysAreSortedAndSignsAreSafe() {
    let value: JSONValue = ["b": "\u{1B}\u{202E}\u{E0041}", "a": 1]
    #expect(
      String(decoding: value.rendered(), as: UTF8.self)
        == "{\n  \"a\": 1,\n  \"b\": \"\\u001b\\u202e\\udb40\\udc41\"\n}\n")
  }
}
