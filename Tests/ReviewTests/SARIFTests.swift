import Base
import Review
import Testing
import Work

@Suite struct SARIFParseTests {
  /// A document with one run.
  static func document(
    _ results: String, driver: String = "{\"name\": \"lint\"}", run: String = ""
  ) throws(SARIFError) -> SARIFDocument {
    let text =
      "{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": \(driver)}, \(run) \"results\": [\(results)]}]}"
    return try SARIFDocument.parse(Array(text.utf8), root: Array("/home/me/my repo".utf8))
  }

  static func result(uri: String, extra: String = "") -> String {
    """
    {"ruleId": "R1", "message": {"text": "bad"}, \(extra) "locations": [{"physicalLocation":
      {"artifactLocation": {"uri": "\(uri)"}, "region": {"startLine": 3, "endLine": 4}}}]}
    """
  }

  @Test(arguments: [
    ("src/a.c", "src/a.c"), ("src/a%20b.c", "src/a b.c"), ("file:///home/me/my%20repo/src/a.c", "src/a.c"),
    ("./src/../src/a.c", "src/a.c"), ("/home/me/my%20repo/a.c", "a.c"), ("src\\\\a.c", "src/a.c"),
    ("file://localhost/home/me/my%20repo/a.c", "a.c"), ("caf%C3%A9.c", "café.c"),
  ])
  func pathsBecomeRelative(_ uri: String, _ path: String) throws {
    let document = try Self.document(Self.result(uri: uri))
    #expect(document.results.map(\.path.bytes) == [Array(path.utf8)])
    #expect(document.results.first?.startLine == 3)
    #expect(document.results.first?.endLine == 4)
  }

  @Test(arguments: [
    "../a.c", "file:///etc/passwd", "https://example.org/a.c", "/home/me/my%20repository/a.c", "", "a%00b",
  ])
  func whatIsOutsideIsCounted(_ uri: String) throws {
    let document = try Self.document(Self.result(uri: uri))
    #expect(document.results.isEmpty)
    #expect(document.outside == 1)
  }

  @Test func basesAreFollowed() throws {
    let bases = """
      "originalUriBaseIds": {"ROOT": {"uri": "file:///home/me/my%20repo/"}, "SRC": {"uri": "src/", "uriBaseId": "ROOT"},
        "LOOP": {"uri": "x/", "uriBaseId": "LOOP"}, "CI": {"uri": "file:///builds/1/"}},
      """
    func path(_ base: String) throws -> String? {
      let result = """
        {"message": {"text": "m"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.c", "uriBaseId": "\(base)"}}}]}
        """
      return try Self.document(result, run: bases).results.first?.path.display
    }
    #expect(try path("ROOT") == "a.c")
    #expect(try path("SRC") == "src/a.c")
    #expect(try path("CI") == "a.c")
    #expect(try path("UNKNOWN") == "a.c")
    #expect(try path("LOOP") != nil)
  }

  @Test func anArtifactCanBeNamedByItsIndex() throws {
    let run = "\"artifacts\": [{\"location\": {\"uri\": \"a.c\"}}, {\"location\": {\"uri\": \"b.c\"}}],"
    let result =
      "{\"message\": {\"text\": \"m\"}, \"locations\": [{\"physicalLocation\": {\"artifactLocation\": {\"index\": 1}}}]}"
    #expect(try Self.document(result, run: run).results.map(\.path.display) == ["b.c"])
  }

  @Test(arguments: [
    ("\"level\": \"error\",", Severity.error), ("\"level\": \"note\",", .note), ("\"level\": \"none\",", nil),
    ("", .warning), ("\"kind\": \"pass\",", nil), ("\"kind\": \"review\",", .note), ("\"ruleIndex\": 0,", .error),
    ("\"ruleIndex\": 99,", .warning), ("\"suppressions\": [{\"kind\": \"inSource\"}],", nil),
    ("\"suppressions\": [{\"kind\": \"external\", \"status\": \"rejected\"}],", .warning),
    ("\"suppressions\": [],", .warning),
    ("\"baselineState\": \"unchanged\",", nil), ("\"baselineState\": \"absent\",", nil),
    ("\"baselineState\": \"new\",", .warning), ("\"surprise\": {\"a\": [1, 2]},", .warning),
  ])
  func severities(_ extra: String, _ severity: Severity?) throws {
    let driver = "{\"name\": \"lint\", \"rules\": [{\"id\": \"X\", \"defaultConfiguration\": {\"level\": \"error\"}}]}"
    let document = try Self.document(Self.result(uri: "a.c", extra: extra), driver: driver)
    #expect(document.results.map(\.severity) == (severity.map { [$0] } ?? []))
  }

  @Test func rulesAreFoundByTheirId() throws {
    let driver = """
      {"name": "lint", "rules": [{"id": "R1", "defaultConfiguration": {"level": "note"}, "helpUri": "https://r1",
        "messageStrings": {"m": {"text": "'{0}' and {{1}} of {1} {2}"}}}]}
      """
    let result = """
      {"ruleId": "R1/detail", "message": {"id": "m", "arguments": ["a", "b"]},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.c"}}}]}
      """
    let document = try Self.document(result, driver: driver)
    #expect(document.results.map(\.message) == ["'a' and {1} of b {2}"])
    #expect(document.results.map(\.severity) == [.note])
    #expect(document.results.map(\.helpAddress) == ["https://r1"])
    #expect(document.results.map(\.startLine) == [0])
  }

  @Test(arguments: [
    ("", "line 1"), ("[]", "the document"), ("{}", "version"), ("{\"version\": \"2.0.0\"}", "version"),
    ("{\"version\": \"2.1.0\"}", "runs"), ("{\"version\": \"2.1.0\", \"runs\": {}}", "runs"),
    ("{\"version\": \"2.1.0\", \"runs\": [1]}", "runs[0]"),
    ("{\"version\": \"2.1.0\", \"runs\": [{}]}", "runs[0].tool.driver.name"),
    ("{\"version\": \"2.1.0\",\n\"runs\": [}", "line 2"), ("not json", "line 1"),
    (
      "{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {\"name\": \"x\"}}, \"results\": 3}]}",
      "runs[0].results"
    ),
    (
      "{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {\"name\": \"x\"}}, \"results\": [3]}]}",
      "runs[0].results[0]"
    ),
  ])
  func faultsAreNamed(_ text: String, _ place: String) {
    #expect { _ = try SARIFDocument.parse(Array(text.utf8)) } throws: { error in
      (error as? SARIFError)?.place == place && "\(error)".contains(place)
    }
  }

  @Test func depthIsBounded() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: SARIFError.self) { _ = try SARIFDocument.parse(Array(text.utf8)) }
  }

  /// Bytes are cut, doubled and changed at random: the answer is a document or a typed error, never a crash.
  @Test(arguments: 1...40 as ClosedRange<UInt64>) func damage(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let outcome = ReviewOutcome(
      findings: [], unread: [], overall: "x")
    let written = SARIFWriter.render(outcome, version: "1")
    let parsed = Array(
      "{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {\"name\": \"x\"}}, \"results\": [\(Self.result(uri: "a.c"))]}]}"
        .utf8)
    for original in [written, parsed] {
      for _ in 0..<25 {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
          let index = Int.random(in: 0..<bytes.count, using: &random)
          switch Int.random(in: 0..<3, using: &random) {
          case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
          case 1: bytes.removeSubrange(index..<min(bytes.count, index + Int.random(in: 1...40, using: &random)))
          default: bytes.insert(contentsOf: bytes[index..<min(bytes.count, index + 20)], at: index)
          }
        }
        do throws(SARIFError) {
          for result in try SARIFDocument.parse(bytes).results { #expect(result.startLine >= 0) }
        } catch {
          #expect(!error.reason.isEmpty)
        }
      }
    }
  }
}

@Suite struct LinterMergeTests {
  private func review(_ results: [String], diff: String, copies: Int = 1) throws -> ReviewOutcome {
    let document = try SARIFParseTests.document(results.joined(separator: ","))
    return Reviewer.review(Fixture(diff).input(linters: Array(repeating: document, count: copies)))
  }

  private func at(_ start: Int, _ end: Int, uri: String = "a.c") -> String {
    """
    {"ruleId": "R\(start)", "message": {"text": "bad"}, "locations": [{"physicalLocation":
      {"artifactLocation": {"uri": "\(uri)"}, "region": {"startLine": \(start), "endLine": \(end)}}}]}
    """
  }

  @Test func onlyChangedLinesCount() throws {
    let diff = "file a.c\n@@ 10\n context\n+added\n context\n-gone"
    let outcome = try review(
      [at(10, 10), at(11, 11), at(12, 12), at(2, 11), at(12, 90_000), at(11, 11, uri: "b.c")], diff: diff)
    #expect(outcome.findings.map(\.source) == ["lint/R2", "lint/R11"])
    #expect(outcome.findings.map(\.quote) == ["", "added"])
  }

  @Test func aFileAsAWholeCountsWhereItIsNew() throws {
    let whole =
      "{\"ruleId\": \"W\", \"message\": {\"text\": \"m\"}, \"locations\": [{\"physicalLocation\": {\"artifactLocation\": {\"uri\": \"a.c\"}}}]}"
    #expect(try review([whole], diff: "file a.c new\n+x").findings.map(\.source) == ["lint/W"])
    #expect(try review([whole], diff: "file a.c\n+x").findings.isEmpty)
  }

  @Test func theSameResultTwiceIsToldOnce() throws {
    let outcome = try review([at(1, 1), at(1, 1)], diff: "file a.c\n+x", copies: 2)
    #expect(outcome.findings.count == 1)
  }
}
