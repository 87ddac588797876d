import Base
import TestResults
import TestSupport

/// What real runners printed and wrote, beside texts in the form that a runner's manual documents.
enum Recordings {
  struct Recording: Sendable, CustomStringConvertible {
    let name: String
    let status: Int32
    var command: [String] = []

    var description: String { name }
    var isReport: Bool { name.hasSuffix(".xml") || name.hasSuffix(".json") || name.hasSuffix(".trx") }
  }

  /// The exit status stands beside each, as the command had it.
  static let all: [Recording] =
    texts(
      1,
      """
      pytest-short pytest-verbose pytest-vv-color pytest-quiet pytest-nocapture pytest-tb-line pytest-xdist
      pytest-xdist-crash pytest-timeout-thread pytest-rerun unittest-verbose unittest-dots unittest-import go-text
      go-verbose go-json go-panic go-timeout node-spec node-spec-color node-tap rspec-progress rspec-doc rspec-color
      rspec-load minitest-dots minitest-verbose maven maven-rerun maven-color maven-build gtest gtest-color gtest-brief
      swift-test swift-parallel swift-build
      """) + texts(0, "pytest-good unittest-good node-good")
    + texts(2, "pytest-collect-error go-build go-build-json phpunit-dots phpunit-testdox phpunit-color")
    + texts(5, "pytest-none") + texts(4, "mocha-spec mocha-dot mocha-tap") + texts(134, "pytest-crash gtest-crash")
    + texts(8, "ctest ctest-failure ctest-verbose ctest-repeat")
    + texts(101, "cargo-test cargo-nocapture cargo-quiet cargo-color cargo-build cargo-crash")
    + [
      "pytest.xml", "pytest-rerun.xml", "pytest-xunit1.xml", "pytest-collect-error.xml", "unittest.xml",
      "node-junit.xml", "mocha-xunit.xml", "phpunit.xml", "ctest.xml", "gtest.xml", "swift-swift-testing.xml",
      "swift-parallel.xml", "rspec.json", "surefire.xml",
    ].map { Recording(name: $0, status: 1) }

  /// Of runners that could not be run where the recordings were made.
  static let documented: [Recording] = [
    Recording(name: "jest.txt", status: 1), Recording(name: "jest.json", status: 1),
    Recording(name: "vitest.txt", status: 1), Recording(name: "vitest-verbose.txt", status: 1),
    Recording(name: "nextest.txt", status: 100), Recording(name: "dotnet.txt", status: 1),
    Recording(name: "dotnet-build.txt", status: 1, command: ["dotnet", "test"]),
    Recording(name: "dotnet.trx", status: 1), Recording(name: "gradle.txt", status: 1),
    Recording(name: "gradle-build.txt", status: 1), Recording(name: "go-json-new.txt", status: 1),
    Recording(name: "tap14.txt", status: 1), Recording(name: "tap12-bail.txt", status: 255),
    Recording(name: "surefire-flaky.xml", status: 1),
  ]

  private static func texts(_ status: Int32, _ names: String) -> [Recording] {
    names.split { $0 == " " || $0 == "\n" }.map { Recording(name: "\($0).txt", status: status) }
  }

  static var directory: String {
    let here = #filePath
    return String(here[..<(here.lastIndex(of: "/") ?? here.startIndex)])
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    let folder = documented.contains { $0.name == name } ? "Documented" : "Fixtures"
    return try Files.read("\(directory)/\(folder)/\(name)")
  }

  static func read(_ recording: Recording) throws -> TestReport { read(recording, try bytes(recording.name)) }

  static func read(_ recording: Recording, _ bytes: [UInt8]) -> TestReport {
    TestResultReader.read(
      TestEvidence(
        command: recording.command, status: recording.status, output: recording.isReport ? [] : bytes,
        reports: recording.isReport ? [ReportFile(path: Array(recording.name.utf8), bytes: bytes)] : []))
  }

  static func read(named name: String) throws -> TestReport {
    let found = (all + documented).first { $0.name == name }
    return try read(found ?? Recording(name: name, status: 0))
  }

  // MARK: As text

  /// A report as lines that a person can check against the recording.
  static func rendered(_ report: TestReport) -> String {
    var lines = ["status \(report.status.map(String.init) ?? "none"), \(report.isRed ? "red" : "green")"]
    for run in report.runs {
      lines.append("\(run.format.rawValue) (\(run.trust)): \(run.ending)")
      if let claimed = run.claimed { lines.append("  claimed \(rendered(claimed))") }
      if run.unnamed != TestCounts() { lines.append("  unnamed \(rendered(run.unnamed))") }
      for test in run.tests { lines += rendered(test) }
      lines += run.doubts.map { "  doubt: \($0)" }
    }
    for build in report.builds {
      lines.append("not built: \(build.unit)")
      lines += build.diagnostics.map { "  \(text($0.path)):\($0.line): \(text($0.message))" }
    }
    lines += report.doubts.map { "doubt: \($0)" } + report.errorLines.prefix(3).map { "error line: \(text($0))" }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func text(_ bytes: [UInt8]) -> String { DisplayText.line(bytes) }

  private static func rendered(_ counts: TestCounts) -> String {
    let parts: [(String, Int?)] = [
      ("total", counts.total), ("passed", counts.passed), ("failed", counts.failed), ("errored", counts.errored),
      ("skipped", counts.skipped), ("expected failures", counts.expectedFailures),
      ("unexpected successes", counts.unexpectedSuccesses),
    ]
    return parts.compactMap { name, value in value.map { "\(name) \($0)" } }.joined(separator: ", ")
  }

  private static func rendered(_ test: TestResult) -> [String] {
    var line = "  \(test.outcome) \(test.identity)"
    if let duration = test.duration { line += " [\(duration)]" }
    if test.attempts.count > 1 {
      line +=
        " " + (test.wasRetried ? "retried" : "repeated") + " " + test.attempts.map(\.rawValue).joined(separator: ",")
    }
    var lines = [line]
    if !test.message.isEmpty {
      lines.append("    says: \(text(Array(test.message.prefix(100))))")
    }
    if !test.frames.isEmpty {
      lines.append("    at: " + test.frames.prefix(4).map { "\(text($0.path)):\($0.line)" }.joined(separator: " "))
    }
    return lines
  }
}
