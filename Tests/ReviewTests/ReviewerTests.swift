import Base
import Git
import Policy
import Review
import Templates
import Testing
import Work

@Suite struct ReviewerTests {
  private func ids(_ text: String) -> [String] {
    Reviewer.review(Fixture(text).input()).findings.map(\.id)
  }

  @Test func aFindingKeepsItsNameWhenItsLineMoves() {
    let before = ids("file a.ts\n@@ 10\n+  debugger;")
    #expect(before.count == 1)
    #expect(before.first?.count == 16)
    #expect(ids("file a.ts\n@@ 90\n+\tdebugger; ") == before)
    #expect(ids("file b.ts\n@@ 10\n+  debugger;") != before)
  }

  @Test func equalLinesHaveNamesOfTheirOwn() {
    let two = ids("file a.ts\n@@ 10\n+debugger;\n+x\n+debugger;")
    #expect(Set(two).count == 2)
    #expect(two.first == ids("file a.ts\n@@ 10\n+debugger;").first)
  }

  @Test func theOrderIsByPathLineAndCheck() {
    let outcome = Reviewer.review(
      Fixture("file b.ts\n@@ 5\n+debugger;\n+debugger;\nfile a.ts\n@@ 50\n+debugger;\nfile .gitmodules\n+x").input())
    #expect(
      outcome.findings.map { "\($0.path.display):\($0.startLine)" } == [".gitmodules:0", "a.ts:50", "b.ts:5", "b.ts:6"])
  }

  @Test func theConfigurationDecides() {
    let fixture = Fixture("file a.ts\n@@ 5\n+debugger;")
    var configuration = ReviewConfiguration()
    #expect(Reviewer.review(fixture.input()).findings.map(\.severity) == [.warning])
    configuration.checks["debug-leftover"] = .some(.error)
    #expect(Reviewer.review(fixture.input(configuration: configuration)).findings.map(\.severity) == [.error])
    configuration.checks["debug-leftover"] = .some(nil)
    #expect(Reviewer.review(fixture.input(configuration: configuration)).findings.isEmpty)
  }

  @Test func whatIsNotReadIsNamed() {
    var configuration = ReviewConfiguration()
    configuration.ignore = [Glob("vendor/**")]
    let fixture = Fixture(
      """
      file vendor/a.js
      +debugger;
      file logo.png binary
      file big.txt large size=99000000 oldsize=98000000
      file sub mode=160000 oldmode=160000
      file web/app.min.js
      +debugger;
      file yarn.lock
      +<<<<<<< HEAD
      file package.json
      +x
      file a.ts
      @@ 4
      +ok();
      file gone.png binary gone
      """)
    let outcome = Reviewer.review(fixture.input(configuration: configuration))
    #expect(
      outcome.unread.map(\.path.display) == [
        "big.txt", "logo.png", "sub", "vendor/a.js", "web/app.min.js", "yarn.lock",
      ])
    #expect(outcome.unread.first?.reason == "too large: 94.4 MiB")
    #expect(outcome.unread.contains { $0.reason == "the configuration ignores 'vendor/**'" })
    // A lock file is searched for what must never be in any file.
    #expect(outcome.findings.filter { $0.source != "file-mode" }.map(\.source) == ["conflict-marker"])
    #expect(outcome.overall.hasSuffix("6 files were not read in full."))
  }

  @Test func anEmptyChangeIsSaidToBeOne() {
    #expect(
      Reviewer.review(ReviewInput(diff: Diff()))
        == ReviewOutcome(findings: [], unread: [], overall: "The change is empty."))
  }

  @Test func manyOfAKindAreSaidOnce() {
    let lines = (0..<9).map { "+  it.skip('\($0)', f)" }.joined(separator: "\n")
    let outcome = Reviewer.review(Fixture("file a.spec.ts\n@@ 5\n" + lines).input())
    #expect(
      outcome.findings.map(\.title) == [
        "A test is switched off with 'it.skip', and the like in 8 more lines of this file"
      ])
  }

  /// Lines made to cost as much as they can.
  ///
  /// Anything that grows with the square of a line would be seen to hang.
  @Test(arguments: [
    "abc=", "a:", "eyJ.", "-eyJ", "x='\"", "a://b:c", "\u{200F}", "\u{E0041}", "\u{200D}", "AKIA", "Q~", "<<A", "/*",
    "`",
  ]) func endlessLinesCostTheirLength(_ unit: String) {
    let line = String(repeating: unit, count: 100_000 / unit.utf8.count)
    let outcome = Reviewer.review(Fixture("file a.js\n@@ 5\n+" + line + "\n+  debugger;\n+" + line).input())
    #expect(outcome.unread.isEmpty)
    #expect(outcome.findings.allSatisfy { $0.quote.count <= 16 * ReviewLimits.quote })
  }

  @Test(arguments: BuiltInChecks.ids) func everyCheckHasAPage(_ id: String) {
    let page = CheckPages.page(id) ?? ""
    #expect(page.hasPrefix("# "))
    for heading in ["## What it finds", "## Why it matters", "## What to do", "## How to switch it off"] {
      #expect(page.contains(heading), "\(id) lacks '\(heading)'")
    }
    #expect((CheckPages.summary(of: id) ?? "").count > 60)
    #expect(page.contains("checks: { \(id): off }"))
  }

  @Test func thereIsNoPageForAnUnknownCheck() {
    #expect(CheckPages.page("no-such-check") == nil)
    #expect(Set(BuiltInChecks.ids).count == BuiltInChecks.all.count)
  }
}
