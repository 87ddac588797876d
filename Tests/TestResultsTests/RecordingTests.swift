import Glibc
import TestResults
import TestSupport
import Testing

/// Each recording is read as the text in `Expected` says, which is to be held against the recording by eye.
///
/// With `ARBORIST_WRITE_EXPECTED` set they are written anew instead, to be read again before they are committed.
struct RecordingTests {
  @Test(arguments: Recordings.all + Recordings.documented)
  func isReadAsExpected(_ recording: Recordings.Recording) throws {
    let read = Recordings.rendered(try Recordings.read(recording))
    let path = "\(Recordings.directory)/Expected/\(recording.name).expected"
    if getenv("ARBORIST_WRITE_EXPECTED") != nil {
      try Files.write(Array(read.utf8), to: path)
    }
    #expect(read == String(decoding: try Files.read(path), as: UTF8.self))
  }

  /// In every suite that was recorded a test printed that another one, which failed, had passed.
  @Test(arguments: Recordings.all)
  func whatFailedIsNeverCalledPassed(_ recording: Recordings.Recording) throws {
    let wrong: Set<String> = [
      "test_prices_differ", "test_prints_and_fails", "test_error", "TestWrong", "tests::wrong", "wrong()",
      "testDiffers", "differs", "Shop differs", "shop differs", "test_differs", "Differs", "fails",
    ]
    let report = try Recordings.read(recording)
    #expect(report.green.allSatisfy { !wrong.contains($0.identity.name) })
  }

  /// The same suite with colours gives the same results.
  @Test(arguments: [
    ("rspec-doc.txt", "rspec-color.txt"), ("gtest.txt", "gtest-color.txt"), ("phpunit-dots.txt", "phpunit-color.txt"),
    ("maven.txt", "maven-color.txt"), ("node-spec.txt", "node-spec-color.txt"),
    ("pytest-verbose.txt", "pytest-vv-color.txt"),
  ])
  func coloursChangeNothing(_ plain: String, _ coloured: String) throws {
    let names = { (report: TestReport) in Set(report.red.map(\.identity)) }
    let red = names(try Recordings.read(named: plain))
    #expect(!red.isEmpty)
    let other = names(try Recordings.read(named: coloured))
    #expect(plain.hasPrefix("node") ? other.isSubset(of: red) : other == red)
  }

  @Test(arguments: ["pytest-verbose.txt", "go-verbose.txt", "cargo-test.txt", "ctest.txt", "swift-test.txt"])
  func lineEndsOfWindowsChangeNothing(_ name: String) throws {
    let recording = try #require(Recordings.all.first { $0.name == name })
    let bytes = try Recordings.bytes(name)
    let windows = bytes.flatMap { $0 == 10 ? [13, 10] : [$0] }
    #expect(Recordings.read(recording, windows).tests == Recordings.read(recording, bytes).tests)
  }

  @Test func retriesAreTold() throws {
    for name in ["pytest-rerun.txt", "nextest.txt", "surefire-flaky.xml"] {
      let report = try Recordings.read(named: name)
      let flaky = try #require(report.tests.first { $0.identity.name.contains("flaky") })
      #expect(flaky.passedAfterFailing, "\(name)")
      #expect(report.tests.contains { $0.outcome == .passed && !$0.passedAfterFailing } || name.hasPrefix("pytest"))
    }
  }

  @Test func aFileHidesNoRetryThatTheOutputTells() throws {
    let report = TestResultReader.read(
      TestEvidence(
        status: 1, output: try Recordings.bytes("pytest-rerun.txt"),
        reports: [ReportFile(path: Array("r.xml".utf8), bytes: try Recordings.bytes("pytest-rerun.xml"))]))
    #expect(report.runs.count == 1)
    #expect(report.runs.first?.trust == .file)
    #expect(report.tests.first { $0.identity.name == "test_flaky" }?.passedAfterFailing == true)
  }
}
