import Base
import Git
import Policy
import Review
import Testing
import Work

/// A change that a model reads, and what becomes of what it says.
struct ModelBench {
  let fixture: Fixture
  let reading: ChangeReading
  let plan: ReviewPlan

  init(_ text: String, limit: Int = 20_000) {
    fixture = Fixture(text)
    var input = fixture.input()
    for index in input.diff.files.indices {
      input.diff.files[index].hunks = input.diff.files[index].hunks.flatMap(Self.trimmed)
    }
    reading = ChangeReading(Change(input))
    plan = ReviewPlan(reading, limit: limit)
  }

  /// The hunk with three lines around each change, as git gives it.
  private static func trimmed(_ hunk: Hunk) -> [Hunk] {
    let changed = hunk.lines.indices.filter { hunk.lines[$0].kind != .context }
    let kept = hunk.lines.indices.filter { index in changed.contains { abs($0 - index) <= 3 } }
    var result: [Hunk] = []
    var last = -2
    for index in kept {
      if index != last + 1 {
        let before = hunk.lines[..<index].filter { $0.newNumber != nil }.count
        result.append(Hunk(oldStart: 1, oldCount: 0, newStart: hunk.newStart + before, newCount: 0))
      }
      result[result.count - 1].lines.append(hunk.lines[index])
      last = index
    }
    return result
  }

  static func proposed(
    _ quote: String, path: String = "a.py", line: Int? = nil, title: String = "Something is wrong",
    severity: Severity = .error, confidence: Double = 0.9, suggestion: String? = nil
  ) -> ProposedFinding {
    ProposedFinding(
      path: path, quote: quote, line: line, title: title, body: "Why.", severity: severity, confidence: confidence,
      suggestion: suggestion)
  }

  /// What is left of these findings, all given to the first part.
  func findings(_ proposed: ProposedFinding..., floor: Double = 0.5) throws -> ModelFindings {
    var findings = ModelFindings(of: "openai/some", in: reading, floor: floor)
    findings.take(FindingsAnswer(findings: proposed), to: try #require(plan.parts.first))
    return findings
  }

  func outcome(_ proposed: ProposedFinding...) throws -> ReviewOutcome { try outcome(answer: proposed) }

  func outcome(answer proposed: [ProposedFinding]) throws -> ReviewOutcome {
    var assembly = ModelReviewAssembly(plan, of: reading, floor: 0.5)
    assembly.take(
      AskedPart(.answered(FindingsAnswer(findings: proposed)), by: "openai/some"), of: try #require(plan.parts.first))
    return Reviewer.review(fixture.input(), with: assembly.review(runs: []))
  }
}

@Suite("A model's findings")
struct ModelFindingsTests {
  private let bench = ModelBench(
    """
    file a.py
     def far():
         return total(1)
     
     
     
     
     
     def near(size):
    -    if size > limit:
    +    if size >= limit:
             raise ValueError(size)
    +    return  total( 1 )
    """)

  @Test(
    "stand at the lines that they quote",
    arguments: [
      ("    if size >= limit:", 9...9), ("if size >= limit:", 9...9), ("size >= limit", 9...9),
      ("if size >= limit:\n        raise ValueError(size)", 9...10), ("if size  >=\tlimit:", 9...9),
      ("if size >= limit: raise ValueError(size)", 9...10), ("    9 +|    if size >= limit:", 9...9),
      ("    9 +|    if size >= limit:\n   10  |        raise ValueError(size)", 9...10),
      ("\n  raise ValueError(size)\n", 10...10), ("return total( 1 )", 11...11), ("def near(size):", 8...8),
    ])
  func anchored(quote: String, lines: ClosedRange<Int>) throws {
    let findings = try bench.findings(ModelBench.proposed(quote))
    let finding = try #require(findings.anchored.first?.finding, "\(findings.dropped)")
    #expect(finding.startLine == lines.lowerBound && finding.endLine == lines.upperBound)
    #expect(finding.source == "model:openai/some" && finding.side == .head && finding.confidence == 0.9)
  }

  @Test("are dropped and counted where the quote is not there, or away from the change")
  func dropped() throws {
    let wide = ModelBench(
      "file a.py\n def far():\n     return total(1)\n" + String(repeating: " \n", count: 9)
        + "-    if size > limit:\n+    if size >= limit:\n")
    func dropped(_ proposed: ProposedFinding) throws -> ModelFindings.Dropped {
      let findings = try wide.findings(proposed)
      #expect(findings.anchored.isEmpty)
      return findings.dropped
    }
    // What the change took away is not in the head.
    #expect(try dropped(ModelBench.proposed("if size > limit:")).notFound == 1)
    #expect(try dropped(ModelBench.proposed("ize >= limi")).notFound == 1, "half words are none")
    #expect(try dropped(ModelBench.proposed("    ")).notFound == 1)
    #expect(try dropped(ModelBench.proposed(":")).notFound == 1)
    #expect(try dropped(ModelBench.proposed("if size >= limit:", path: "b.py")).notFound == 1)
    #expect(try dropped(ModelBench.proposed("if size >= limit:", path: "../a.py")).notFound == 1)
    #expect(try dropped(ModelBench.proposed("return total(1)")).outside == 1)
    #expect(try dropped(ModelBench.proposed("def far():")).outside == 1)
    #expect(try dropped(ModelBench.proposed("if size >= limit:", confidence: 0.4)).unsure == 1)
    // The control: what the request shows around the change in any case; and paths as diffs write them.
    #expect(try bench.findings(ModelBench.proposed("def far():")).anchored.count == 1)
    for path in ["a.py", "./a.py", "b/a.py", " a.py "] {
      #expect(try bench.findings(ModelBench.proposed("if size >= limit:", path: path)).anchored.count == 1, "\(path)")
    }
    #expect(
      try bench.findings(ModelBench.proposed("if size >= limit:", confidence: 0.4), floor: 0.3).anchored.count == 1)
    let many = try wide.outcome(
      ModelBench.proposed("nowhere"), ModelBench.proposed("def far():"), ModelBench.proposed("if size >= limit:"))
    #expect(many.findings.count == 1)
    #expect(
      many.overall.contains("1 finding of a model was dropped: what is quoted is not in the file."), "\(many.overall)")
    #expect(many.overall.contains("it is not about lines that changed"), "\(many.overall)")
    #expect(many.overall.contains("openai/some read 1 file in 1 request."), "\(many.overall)")
  }

  @Test("that are dropped are named, with why")
  func droppedByName() throws {
    let bench = ModelBench("file a.py new\n+x = 1\n+y = 2\nfile b.py new\n+z = first(3)\n", limit: 500)
    let parts = ModelBench("file a.py new\n+x = 1\nfile b.py new\n+z = first(3)\n" + Self.long, limit: 500)
    #expect(parts.plan.parts.count > 1)
    let key = "AKIA" + "Q3EGPZ7N4LTKWYXB"
    let outcome = try bench.outcome(
      ModelBench.proposed("nowhere", line: 7, title: "The key \(key)"), ModelBench.proposed("x = 1", confidence: 0.1),
      ModelBench.proposed("y = 2", title: "This one is told"))
    #expect(outcome.findings.map(\.title) == ["This one is told"])
    #expect(
      outcome.dropped == [
        DroppedFinding(
          title: "The key AKIA…[20 characters]", path: "a.py", line: 7, why: "what is quoted is not in the file"),
        DroppedFinding(title: "Something is wrong", path: "a.py", line: nil, why: "the model was not sure enough"),
      ], "\(outcome.dropped ?? [])")
    // What another request shows is in its file, though not in this one.
    let other = try #require(parts.reading.files.last).path.display
    let elsewhere = try parts.outcome(
      ModelBench.proposed("value300 = compute(300)", path: other), ModelBench.proposed("none", path: "none.py"))
    #expect(
      elsewhere.dropped?.map(\.why) == [
        "it is about lines that this request did not show", "what is quoted is not in the file",
      ])
    let many = try bench.outcome(
      answer: (1...(ReviewBrief.findingLimit + 2)).map { ModelBench.proposed("x = 1", title: "Number\($0) fault\($0)") }
    )
    #expect(many.dropped?.map(\.title) == ["Number21 fault21", "Number22 fault22"], "\(many.dropped ?? [])")
  }

  private static let long = "file c.py new\n" + (1...300).map { "+value\($0) = compute(\($0))\n" }.joined()

  @Test("say how many of their suggestions are left out, and what asking took")
  func leftOut() throws {
    let outcome = try bench.outcome(ModelBench.proposed("if size >= limit:", suggestion: "if ((size:"))
    #expect(outcome.findings.first?.suggestion == nil)
    #expect(outcome.overall.contains(" 1 suggestion was left out: "), "\(outcome.overall)")
    let none = try bench.outcome(ModelBench.proposed("if size >= limit:"))
    #expect(!none.overall.contains("left out"))
    let cost = ReviewCost(nanodollars: 12_000_000, input: 900, output: 30, answers: 2)
    var assembly = ModelReviewAssembly(bench.plan, of: bench.reading, floor: 0.5)
    assembly.take(
      AskedPart(.answered(FindingsAnswer()), by: "openai/some"), of: try #require(bench.plan.parts.first))
    let paid = Reviewer.review(bench.fixture.input(), with: assembly.review(runs: [], cost: cost))
    #expect(paid.overall.contains("openai/some read 1 file in 2 requests.") && paid.cost == cost)
  }

  @Test("have all lines that they speak of, and say of a line whether it is the change's")
  func lines() throws {
    let two = try bench.outcome(ModelBench.proposed("if size >= limit:\n        raise ValueError(size)"))
    let finding = try #require(two.findings.first)
    #expect(finding.lines == ["    if size >= limit:", "        raise ValueError(size)"] && finding.isUnchanged == nil)
    let old = try #require(try bench.outcome(ModelBench.proposed("raise ValueError(size)")).findings.first)
    #expect(old.isUnchanged == true && old.lines == nil)
  }

  @Test("stand, of several places, where the model counted or else nearest to the change")
  func several() throws {
    let bench = ModelBench(
      """
      file a.py
       close(file)
       a
       b
      +open(file)
       c
       close(file)
       d
       e
      +done()
       f
       close(file)
      """)
    func line(_ counted: Int?) throws -> Int? {
      try bench.findings(ModelBench.proposed("close(file)", line: counted)).anchored.first?.finding.startLine
    }
    #expect(try line(nil) == 6)
    #expect(try line(11) == 11)
    #expect(try line(1) == 1)
    #expect(try line(9) == 11, "of two as near to the change the one nearer to the count")
  }

  @Test("are told once: by a request, by another, by a check before them")
  func duplicates() throws {
    let bench = ModelBench(
      """
      file a.js new
      +let a = 1;
      +debugger;
      +let c = first(list);
      """)
    let outcome = try bench.outcome(
      ModelBench.proposed("debugger;", path: "a.js", title: "A debugger statement is left in"),
      ModelBench.proposed("let c = first(list);", path: "a.js", title: "first() fails on an empty list"),
      ModelBench.proposed("first(list)", path: "a.js", title: "An empty list makes first() fail", confidence: 0.95),
      ModelBench.proposed("let c = first(list);", path: "a.js", title: "Shadowing of another name"))
    #expect(outcome.findings.map(\.source) == ["debug-leftover", "model:openai/some", "model:openai/some"])
    #expect(outcome.findings.map(\.confidence).contains(0.95))
    #expect(Set(outcome.findings.map(\.id)).count == 3)
    // The name comes of the content, whatever the line and the words are.
    let moved = ModelBench("file a.js new\n+// a line\n+// another\n+let c = first(list);")
    let again = try moved.outcome(ModelBench.proposed("first(list)", path: "a.js", title: "Other words altogether"))
    let known = outcome.findings.filter { $0.startLine == 3 }.map(\.id)
    #expect(again.findings.count == 1 && known.contains(again.findings[0].id))
  }

  @Test("show no secret and nothing that hides, whoever wrote it")
  func secrets() throws {
    let key = "AKIA" + "Q3EGPZ7N4LTKWYXB"
    let bench = ModelBench("file a.py new\n+key = \"\(key)\"\n+use(key)\n")
    var proposed = ModelBench.proposed("use(key)", title: "The key \(key) is used\u{202e}")
    proposed.body = "It is \(key)\n\u{1b}[31mred"
    let finding = try #require(try bench.outcome(proposed).findings.first { $0.source.hasPrefix("model:") })
    for text in [finding.title, finding.body, finding.quote] {
      #expect(!text.contains(key) && !text.unicodeScalars.contains("\u{202e}") && !text.contains("\u{1b}"))
    }
    let part = try #require(bench.plan.parts.first)
    let brief = try ReviewBrief(of: part, number: (1, 1), in: bench.reading, words: ReviewWords())
    #expect(!brief.opening.contains(key) && brief.opening.contains("key = \"AKIA…[20 characters]\""))
  }

  @Test("offer lines only where they can be applied and the file can be read then")
  func suggestions() throws {
    func offered(_ suggestion: String, _ quote: String = "if size >= limit:") throws -> String? {
      try bench.findings(ModelBench.proposed(quote, suggestion: suggestion)).anchored.first?.finding.suggestion
    }
    #expect(try offered("    if size > limit:") == "    if size > limit:")
    #expect(try offered("    if size > limit:\n") == "    if size > limit:")
    #expect(try offered("if size > limit:") == "    if size > limit:", "moved in as the line was")
    #expect(try offered("```python\n    if size > limit:\n```") == "    if size > limit:")
    #expect(try offered("    if (size > limit:") == nil, "a bracket stays open")
    #expect(try offered("    if size >= limit:") == nil, "nothing changes")
    #expect(try offered("  \n") == nil)
    #expect(try offered("    if size > \u{202e}limit:") == nil)
    #expect(try offered("<<<<<<< ours\n    if size > limit:") == nil)
    #expect(try offered("    key = \"AKIA" + "Q3EGPZ7N4LTKWYXB\"") == nil)
    #expect(try bench.findings(ModelBench.proposed("if size >= limit:", suggestion: "((")).dropped.suggestions == 1)
  }
}
