import Base
import Git
import Review
import Testing
import Work

/// What a model sees of lines that cannot be shown as they are, and what it may say of them.
@Suite("Lines that are not shown as they are")
struct ShownLineTests {
  private func outcome(_ text: String, _ proposed: ProposedFinding...) throws -> ReviewOutcome {
    let bench = ModelBench(text)
    var assembly = ModelReviewAssembly(bench.plan, of: bench.reading, floor: 0.5)
    for part in bench.plan.parts {
      assembly.take(AskedPart(.answered(FindingsAnswer(findings: proposed)), by: "openai/some"), of: part)
    }
    return Reviewer.review(bench.fixture.input(), with: assembly.review(runs: []))
  }

  private func shown(_ text: String) -> String {
    ModelBench(text).reading.files.flatMap(\.groups).joined().map(\.rendered).joined(separator: "\n")
  }

  private static let list = (0..<900).map { "'name\($0)'" }.joined(separator: ", ")

  @Test("Of a very long line the part that differs is shown, and nothing of the change is hidden")
  func differing() throws {
    let old = "  names = [\(Self.list)]"
    let new = old.replacing("'name700'", with: "'name700', run(input())")
    let text = "file a.py\n-\(old)\n+\(new)\n"
    let lines = shown(text)
    #expect(lines.contains("'name700', run(input()), 'name701'") && lines.contains("bytes before]…"))
    #expect(!lines.contains("'name100'") && lines.utf8.count < 4_000)
    #expect(try outcome(text).unread.isEmpty)
    let finding = ModelBench.proposed("'name700', run(input()), 'name701'")
    #expect(try outcome(text, finding).findings.map(\.startLine) == [1])
  }

  @Test("A line of which not all that is new can be shown is named as unread")
  func cut() throws {
    let text = "file a.py\n x = 1\n+names = [\(Self.list)]\n"
    let outcome = try outcome(text)
    #expect(outcome.unread.map(\.path.display) == ["a.py"])
    #expect(outcome.unread.first?.reason.contains("line 2 is too long") == true)
    // The control: one that is long and can be shown.
    #expect(try self.outcome("file a.py\n x = 1\n+names = [\(Self.list.prefix(2_000))]\n").unread.isEmpty)
  }

  @Test("What is quoted as it is shown stands where it is shown")
  func quotes() throws {
    let key = "ghp_" + "Zqumpm08hsE8JNpjJOQGa2rb19FlY0mG1ylv"
    let text = """
      file a.py new
      +token = "\(key)"; fetch(verify=False)
      +\u{FEFF}use(joined\u{200C}word)
      +width =\u{A0}3
      +plain = 4
      """
    let lines = shown(text)
    #expect(!lines.contains(key) && lines.contains("characters]") && lines.contains("\\u{200C}"))
    for (quote, line) in [
      (#"token = "ghp_…[40 characters]"; fetch(verify=False)"#, 1), (#"\u{FEFF}use(joined\u{200C}word)"#, 2),
      ("width = 3", 3), ("plain = 4", 4),
    ] {
      let findings = try outcome(text, ModelBench.proposed(quote)).findings.filter { $0.source.hasPrefix("model:") }
      #expect(findings.map(\.startLine) == [line], "\(quote)")
    }
  }

  @Test("Files of which only the ends of lines changed are named and not shown")
  func ends() throws {
    let text = "file a.py\n-x = 1\n+x = 1\r\n y = 2\n-z = 3\n+z = 3  \n"
    let reading = ModelBench(text).reading
    #expect(reading.files.isEmpty)
    #expect(reading.others == ["a.py (only 2 lines changed, in line ends or blanks behind them)"])
    // Where a blank says something, it is shown.
    #expect(ModelBench("file a.sh\n-run \\\n+run \\ \n   now\n").reading.files.count == 1)
    let mixed = ModelBench(text + " a = 4\n-b = 5\n+b = 6\n").reading
    #expect(mixed.files.first?.state == "changed, 2 lines only in line ends or blanks behind them")
  }

  @Test(
    "A suggestion is left out where it would take more away than was quoted, or writes down how a character is shown",
    arguments: [
      ("value = first", "value = second", false), ("value = first(1, 2)", "value = second(1, 2)", true),
      ("first(1, 2)", "value = second(1, 2)", true), ("first(1, 2)", "second(1, 2)", false),
      ("value = first(1, 2)", "value = \"a\\u{200C}b\"", false), ("value = first(1, 2)", "", true),
      ("first(1", "", false),
      ("value = first(1, 2)", "value = first(1, 2) …[12 more bytes]", false),
    ])
  func suggestions(quote: String, suggestion: String, isOffered: Bool) throws {
    let text = "file a.py new\n+def f():\n+    value = first(1, 2)\n+    return value\n"
    let findings = try outcome(text, ModelBench.proposed(quote, suggestion: suggestion)).findings
    #expect(findings.count == 1 && (findings.first?.suggestion != nil) == isOffered, "\(findings)")
  }
}
