import Foundation
import Review
import Testing
import Work

/// Holds what is written against the schema that OASIS publishes with the standard.
///
/// The schema is not part of this repository. The environment variable `ARBORIST_SARIF_SCHEMA` names a file with it, or
/// `sarif-schema-2.1.0.json` stands in the directory that `ARBORIST_TEST_DATA` names; and Python has `jsonschema`.
@Suite struct SARIFSchemaTests {
  static let schema: String? = {
    let environment = ProcessInfo.processInfo.environment
    let candidates = [
      environment["ARBORIST_SARIF_SCHEMA"],
      environment["ARBORIST_TEST_DATA"].map { $0 + "/sarif-schema-2.1.0.json" },
    ]
    return candidates.compactMap(\.self).first { FileManager.default.isReadableFile(atPath: $0) }
  }()

  static let hasValidator = schema != nil && run(["-c", "import jsonschema"]) == 0

  /// Runs Python and gives its exit status; -1 where it does not start.
  private static func run(_ arguments: [String]) -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3"] + arguments
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return -1 }
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// Whether the document is valid, by the judge.
  private func isValid(_ document: [UInt8]) throws -> Bool {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).sarif")
    try Data(document).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let program = """
      import json, sys, jsonschema
      schema = json.load(open(sys.argv[1])); document = json.load(open(sys.argv[2]))
      sys.exit(0 if jsonschema.Draft4Validator(schema).is_valid(document) else 1)
      """
    let status = Self.run(["-c", program, Self.schema ?? "", file.path])
    try #require(status == 0 || status == 1)
    return status == 0
  }

  @Test(.enabled(if: hasValidator, "needs the SARIF schema (ARBORIST_SARIF_SCHEMA) and Python's jsonschema"))
  func whatIsWrittenIsValid() throws {
    let fixture = Fixture(
      """
      file src/ä%.ts
      @@ 3
      +debugger;
      file tests/test_a.py
      -def test_a():
      file .gitmodules new
      +x
      file logo.png new binary
      """)
    let linter = """
      {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}, "results": [{"ruleId": "a/b", "message": {"text":
        "m"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "src/%C3%A4%25.ts"},
        "region": {"startLine": 3}}}]}]}]}
      """
    let outcome = Reviewer.review(fixture.input(linters: [try SARIFDocument.parse(Array(linter.utf8))]))
    #expect(outcome.findings.count == 4)
    #expect(outcome.unread.count == 1)
    #expect(try isValid(SARIFWriter.render(outcome, version: "1.0.0")))
    #expect(try isValid(SARIFWriter.render(ReviewOutcome(findings: [], unread: [], overall: ""), version: "1")))
    var proposing = outcome
    proposing.findings = outcome.findings.enumerated().map { index, finding in
      var finding = finding
      finding.suggestion = index % 2 == 0 ? "" : "x\ny"
      finding.source = "model:openai/some"
      return finding
    }
    #expect(try isValid(SARIFWriter.render(proposing, version: "1")))
    // The judge can say no.
    let text = String(decoding: SARIFWriter.render(outcome, version: "1"), as: UTF8.self)
    #expect(try !isValid(Array(text.replacing("\"warning\"", with: "\"fatal\"").utf8)))
    #expect(try !isValid(Array(text.replacing("\"driver\"", with: "\"motor\"").utf8)))
  }
}
