import TestResults
import Testing

/// Outputs that are cut, damaged or hostile: nothing passes that did not pass, and nothing takes long.
struct CutAndDamageTests {
  /// A small generator with a seed, so that a failure can be seen again.
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  @Test(arguments: Recordings.all + Recordings.documented)
  func cutAtEveryLine(_ recording: Recordings.Recording) throws {
    let bytes = try Recordings.bytes(recording.name)
    let whole = Recordings.read(recording, bytes)
    let passed = Set(whole.green.map(\.identity))
    let red = Set(whole.red.map(\.identity))
    let ends = bytes.indices.filter { bytes[$0] == 10 }
    // Every line of a short recording, every third of a long one.
    for end in ends.dropLast() where ends.count < 60 || end % 3 == 0 {
      let part = Recordings.read(recording, Array(bytes[...end]))
      for test in part.green where !passed.contains(test.identity) {
        // What failed only later, under the same name, may have passed so far; a retry shows that it was one.
        let known = whole.tests.first { $0.identity == test.identity }
        let repeated = known.map { $0.attempts.contains(.passed) } ?? false
        #expect(repeated, "\(recording.name) cut at \(end): \(test.identity)")
      }
    }
    #expect(!red.isEmpty || !passed.isEmpty || !whole.builds.isEmpty || whole.runs.contains { $0.claimed != nil })
  }

  @Test(arguments: Recordings.all + Recordings.documented)
  func cutInTheMiddleOfALine(_ recording: Recordings.Recording) throws {
    let bytes = try Recordings.bytes(recording.name)
    let whole = Recordings.read(recording, bytes)
    let known = Set(whole.tests.filter { $0.attempts.contains(.passed) }.map(\.identity))
    for end in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 25)) {
      let part = Recordings.read(recording, Array(bytes[..<end]))
      #expect(part.green.allSatisfy { known.contains($0.identity) }, "\(recording.name) cut at \(end)")
    }
  }

  @Test(arguments: Recordings.all + Recordings.documented)
  func randomBytes(_ recording: Recordings.Recording) throws {
    let bytes = try Recordings.bytes(recording.name)
    let whole = Recordings.read(recording, bytes)
    let red = Set(whole.red.filter { !$0.attempts.contains(.passed) }.map(\.identity))
    var numbers = Numbers(state: UInt64(bytes.count))
    for _ in 0..<10 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...8, using: &numbers) {
        let place = Int.random(in: 0...damaged.count, using: &numbers)
        damaged.insert(UInt8.random(in: 0...255, using: &numbers), at: place)
      }
      let report = Recordings.read(recording, damaged)
      // Where the real line is damaged and a test printed a better one, the sums tell that something is wrong.
      let isGood = report.green.allSatisfy { !red.contains($0.identity) }
      #expect(
        isGood || !report.allDoubts.isEmpty,
        "\(recording.name): \(report.green.map(\.identity).filter { red.contains($0) })"
      )
    }
  }

  /// Ten times the bytes may not take a hundred times as long; what is quadratic would not come to an end here.
  @Test(arguments: ["(", "ok 1 - ", "1:", "{\"Action\":", "\u{1b}[", "--- PASS: ", "test a ... ", "a::b ", "▶ ", "\r"])
  func longLinesAndManyLines(_ piece: String) {
    let piece = Array(piece.utf8)
    let line = Array(repeatElement(piece, count: 50_000 / piece.count).joined())
    let short = piece + Array("x\n".utf8)
    let lines = Array(repeatElement(short, count: 5000).joined())
    let heads = ["TAP version 13\n", "=== RUN   TestA\n", "running 3 tests\n", "== test session starts ==\n"]
    for head in heads {
      let report = TestResultReader.read(
        TestEvidence(status: 1, output: Array(head.utf8) + line + [10] + lines))
      #expect(report.isRed)
    }
  }

  @Test func entitiesAreRefused() {
    let bomb = """
      <?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
      <!ENTITY f SYSTEM "file:///etc/passwd">]><testsuite name="s"><testcase name="&b;&f;"/></testsuite>
      """
    let report = Self.read(xml: Array(bomb.utf8))
    #expect(report.green.isEmpty)
    // The same without the entities is read.
    let harmless = Self.read(xml: Array("<testsuite name='s'><testcase name='a'/></testsuite>".utf8))
    #expect(harmless.green.map(\.identity.name) == ["a"])
  }

  @Test func deepNestingIsRefused() {
    let head = "<testsuite name='s'><testcase name='a'/>"
    let deep = Array((head + String(repeating: "<properties>", count: 100_000)).utf8)
    let report = Self.read(xml: deep)
    #expect(report.runs.first?.ending == .cut)
    #expect(report.allDoubts.contains { "\($0)".contains("nested") })
  }

  @Test func aTestCountsOnlyWithItsEnd() {
    let report = Self.read(xml: Array("<testsuite name='s'><testcase name='a'/><testcase name='b'><system-out>x".utf8))
    #expect(report.green.map(\.identity.name) == ["a"])
    #expect(report.runs.first?.ending == .cut)
  }

  @Test func bytesThatAreNoXMLAreReplaced() {
    let bytes =
      Array("<testsuite name='s'><testcase name='a'><failure message='x&#27;[31m'>".utf8) + [0xff, 0x1b, 0x00]
      + Array("</failure></testcase><testcase name='b'/></testsuite>".utf8)
    let report = Self.read(xml: bytes)
    #expect(report.red.map(\.identity.name) == ["a"])
    #expect(report.green.map(\.identity.name) == ["b"])
    #expect(report.runs.first?.ending == .complete)
  }

  @Test(arguments: ["ISO-8859-1", "windows-1252", "x-unknown"])
  func otherEncodings(_ encoding: String) {
    let bytes =
      Array("<?xml version='1.0' encoding='\(encoding)'?><testsuite name='s'><testcase name='caf".utf8) + [0xe9]
      + Array("'/></testsuite>".utf8)
    #expect(Self.read(xml: bytes).green.map(\.identity.name) == ["café"])
  }

  @Test func aCountThatDoesNotFitIsADoubt() {
    let short = Self.read(
      xml: Array("<testsuite name='s' tests='3' failures='1'><testcase name='a'/></testsuite>".utf8))
    #expect(short.allDoubts.count == 2)
    let right = Self.read(
      xml: Array("<testsuite name='s' tests='1' failures='0'><testcase name='a'/></testsuite>".utf8))
    #expect(right.allDoubts.isEmpty)
  }

  private static func read(xml: [UInt8]) -> TestReport {
    TestResultReader.read(
      TestEvidence(status: nil, output: [], reports: [ReportFile(path: Array("r.xml".utf8), bytes: xml)]))
  }
}
