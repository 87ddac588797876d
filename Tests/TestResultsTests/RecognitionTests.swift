import TestResults
import Testing

struct RecognitionTests {
  @Test func severalRunnersInOneLog() throws {
    let output =
      try Recordings.bytes("pytest-verbose.txt") + Array("go test ./...\n".utf8) + Recordings.bytes("go-verbose.txt")
      + Recordings.bytes("cargo-test.txt")
    let report = TestResultReader.read(TestEvidence(command: ["make", "test"], status: 2, output: output))
    #expect(report.runs.map(\.format) == [.pytest, .goText, .cargo])
    #expect(report.red.contains { $0.identity.name == "TestWrong" })
    #expect(report.red.contains { $0.identity.name == "test_in_helper" })
    #expect(report.red.contains { $0.identity.name == "tests::wrong" })
  }

  @Test func oneRunnerTwice() throws {
    let output = try Recordings.bytes("pytest-good.txt") + Recordings.bytes("pytest-verbose.txt")
    let report = TestResultReader.read(TestEvidence(status: 1, output: output))
    #expect(report.runs.map(\.format) == [.pytest, .pytest])
    #expect(report.runs.first?.unnamed.passed == 1)
  }

  @Test func aRunnerInsideOfAnotherIsNotBelieved() throws {
    let inner = "running 1 test\ntest fake ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured\n"
    let text = String(decoding: try Recordings.bytes("pytest-short.txt"), as: UTF8.self)
    let mark = "Captured stdout call -----------------------------\n"
    let around = text.split(separator: mark).joined(separator: mark + inner)
    #expect(around.contains("test fake"))
    let report = TestResultReader.read(TestEvidence(status: 1, output: Array(around.utf8)))
    #expect(report.runs.map(\.format) == [.pytest])
    #expect(report.allDoubts.contains(.foreignLines(.cargo)))
    // By itself it is one.
    let alone = TestResultReader.read(TestEvidence(status: 0, output: Array(inner.utf8)))
    #expect(alone.green.map(\.identity.name) == ["fake"])
  }

  @Test func nothingRecognised() {
    let output = "building\nsrc/a.c:3:5: error: expected ';'\nmake: *** [all] Error 1\n"
    let report = TestResultReader.read(TestEvidence(command: ["make"], status: 2, output: Array(output.utf8)))
    #expect(report.runs.isEmpty)
    #expect(report.trust == .status)
    #expect(report.isRed)
    #expect(
      report.builds.flatMap(\.diagnostics)
        == [BuildDiagnostic(path: Array("src/a.c".utf8), line: 3, message: Array("expected ';'".utf8))])
    #expect(report.errorLines.count == 2)
    let good = TestResultReader.read(TestEvidence(status: 0, output: Array("all is well\n".utf8)))
    #expect(!good.isRed)
    #expect(good.errorLines.isEmpty)
  }

  @Test func statusAndResultsThatDoNotFit() throws {
    let forced = TestResultReader.read(TestEvidence(status: 0, output: try Recordings.bytes("pytest-verbose.txt")))
    #expect(forced.doubts == [.succeededWithRed])
    let silent = TestResultReader.read(TestEvidence(status: 3, output: try Recordings.bytes("pytest-good.txt")))
    #expect(silent.doubts == [.failedWithoutRed(status: 3)])
  }

  @Test func aCutLogOfAKnownCommandIsRead() {
    let output = Array("  shop\n    ✔ adds\n    1) differs\n".utf8)
    let known = TestResultReader.read(
      TestEvidence(command: ["npx", "mocha"], status: nil, timedOut: true, output: output))
    #expect(known.red.map(\.identity.name) == ["differs"])
    #expect(known.runs.first?.ending == .cut)
    #expect(TestResultReader.read(TestEvidence(status: nil, output: output)).runs.isEmpty)
  }

  @Test func aFileTakesThePlaceOfTheOutput() throws {
    let report = TestResultReader.read(
      TestEvidence(
        status: 1, output: try Recordings.bytes("pytest-short.txt"),
        reports: [ReportFile(path: Array("r.xml".utf8), bytes: try Recordings.bytes("pytest.xml"))]))
    #expect(report.runs.map(\.format) == [.junitXML])
    #expect(report.green.count == 7)
    // A file of another suite takes the place of nothing.
    let other = TestResultReader.read(
      TestEvidence(
        status: 1, output: try Recordings.bytes("go-verbose.txt"),
        reports: [ReportFile(path: Array("r.xml".utf8), bytes: try Recordings.bytes("pytest.xml"))]))
    #expect(other.runs.map(\.format) == [.junitXML, .goText])
  }

  @Test(arguments: [
    (["pytest", "-q"], "pytest -q --junitxml=/r/pytest.xml"),
    (["env", "A=1", "python3", "-m", "pytest"], "env A=1 python3 -m pytest --junitxml=/r/pytest.xml"),
    (["go", "test", "./..."], "go test -json ./..."), (["go", "build"], ""), (["cargo", "test"], ""),
    (["swift", "test", "--parallel"], "swift test --parallel --xunit-output /r/swift.xml"),
    (["npx", "jest", "src"], "npx jest src --json --outputFile=/r/jest.json"),
    (["phpunit", "--log-junit", "mine.xml"], ""), (["ctest"], "ctest --output-junit /r/ctest.xml"),
    (["gotestsum", "--", "-race"], "gotestsum --junitfile /r/gotestsum.xml -- -race"),
    (["pytest", "--junitxml=own.xml"], ""), (["make", "test"], "make test"), (["mvn", "test"], "mvn test"),
    (["true"], ""), ([], ""),
  ])
  func requests(_ command: [String], _ wanted: String) {
    let request = ReportRequest.make(for: command, into: "/r")
    #expect((request?.command.joined(separator: " ") ?? "") == wanted)
  }

  @Test func requestsByOtherMeans() {
    #expect(ReportRequest.make(for: ["make"], into: "/r")?.environment["GTEST_OUTPUT"] == "xml:/r/")
    #expect(ReportRequest.make(for: ["mvn", "verify"], into: "/r")?.patterns.count == 2)
  }

  @Test(arguments: ["rspec.json", "phpunit.xml", "mocha-xunit.xml", "node-junit.xml", "pytest-xunit1.xml"])
  func aReportThatIsPrintedIsRead(_ name: String) throws {
    let bytes = try Recordings.bytes(name)
    let file = TestResultReader.read(
      TestEvidence(status: 1, output: [], reports: [ReportFile(path: Array(name.utf8), bytes: bytes)]))
    let output = Array("It begins.\n".utf8) + bytes + Array("\nDone.\n".utf8)
    let printed = TestResultReader.read(TestEvidence(status: 1, output: output))
    #expect(printed.tests.map(\.identity) == file.tests.map(\.identity) && !printed.red.isEmpty)
    #expect(printed.runs.map(\.trust) == [.text] && printed.runs[0].file == nil)
    #expect(
      printed.red.map { String(decoding: $0.message, as: UTF8.self) }
        == file.red.map { String(decoding: $0.message, as: UTF8.self) })
    // Beside lines that are understood it is what a test printed.
    let native = try Recordings.bytes("rspec-doc.txt")
    let both = TestResultReader.read(TestEvidence(command: ["rspec"], status: 1, output: output + native))
    #expect(both.runs.map(\.format) == [.rspec] && both.runs[0].lines != nil)
    // What is cut off, or is only like one, is none.
    for other in [Array(output.prefix(output.count / 3)), Array("{\"examples\": 3}\n<testsuites\n{\n}\n".utf8)] {
      #expect(!TestResultReader.read(TestEvidence(status: 0, output: other)).runs.contains { $0.ending == .complete })
    }
  }

  @Test func whereRSpecIsToldToWriteItsReportIsLookedAt() {
    let words = ["rspec", "--format", "RspecJunitFormatter", "--out", "tmp/rspec.xml"]
    #expect(ReportRequest.make(for: words, into: "/r")?.patterns == ["tmp/rspec.xml"])
    #expect(ReportRequest.make(for: words, into: "/r")?.command == words)
    #expect(ReportRequest.make(for: ["rspec", "--format", "json"], into: "/r") == nil)
  }

  @Test func ofAFailureOfRSpecTheFramesOfGemsAreLeftOut() throws {
    let json = """
      {"version":"3.12.0","examples":[{"id":"1","description":"adds","full_description":"Calc adds","status":"failed",\
      "file_path":"./spec/calc_spec.rb","line_number":4,"run_time":0.1,"exception":{"class":"X","message":"got: 1",\
      "backtrace":["/usr/share/gems/rspec-core/runner.rb:1:in `run'","/w/spec/calc_spec.rb:5:in `block'",\
      "/usr/bin/rspec:4:in `<main>'"]}}],"summary":{"example_count":1,"failure_count":1,"pending_count":0}}
      """
    let file = ReportFile(path: Array("rspec.json".utf8), bytes: Array(json.utf8))
    let report = TestResultReader.read(TestEvidence(status: 1, output: [], reports: [file]))
    let message = String(decoding: try #require(report.red.first).message, as: UTF8.self)
    #expect(message == "X\ngot: 1\n/w/spec/calc_spec.rb:5:in `block'")
  }
}
