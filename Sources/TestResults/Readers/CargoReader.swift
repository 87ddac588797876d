internal import Base

/// Reads what the test harness of Rust prints under `cargo test`.
struct CargoReader: LogReader {
  var run = RunBuilder(.cargo)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  private var binary: [String] = []
  private var expected: Int?
  private var isListing = false
  private var detail: TestIdentity?
  private var claims: TestCounts?
  /// The test whose verdict stands on a later line, because it prints while it runs.
  private var open: TestIdentity?
  private var isWithin = false
  /// The units of the builds that failed.
  private var broken: Set<String> = []

  init() {
    run.namesAll = false
  }

  mutating func read(_ line: Bytes) {
    if let rest = line.trimmed.after("Running "), line.hasPrefix("  "), rest.hasSuffix(")"),
      let (source, path) = rest.splitLast(at: " (")
    {
      binary = [Self.withoutHash(path.dropLast()), (source.after("unittests ") ?? source).name]
      return enter()
    }
    if let name = line.after("   Doc-tests ") {
      binary = [name.name, "doc-tests"]
      return enter()
    }
    if let rest = line.after("running "), let (number, tail) = rest.leadingInteger,
      tail.elementsEqual((number == 1 ? " test" : " tests").utf8)
    {
      expected = number
      isWithin = true
      (isListing, detail, open) = (false, nil, nil)
      run.isRecognised = true
      run.ending = .cut
      return run.see()
    }
    if line.hasPrefix("error: could not compile `"), let (_, rest) = line.split(at: "`"),
      let (name, _) = rest.split(at: "`")
    {
      run.isRecognised = true
      run.see()
      if broken.insert(name.name).inserted { builds.append(BuildFailure(unit: name.name)) }
      if run.tests.isEmpty { run.ending = .stopped("it could not be built") }
      return
    }
    if line.hasPrefix("  process didn't exit successfully: `"), line.contains(text: "(signal: ") {
      run.ending = .crashed(line.trimmed.name)
      isWithin = false
      return
    }
    guard isWithin else { return }
    if readClosing(line) { return }
    if isListing { return readDetail(line) }
    if line.elementsEqual("failures:".utf8) {
      isListing = true
      return
    }
    readTest(line)
  }

  private mutating func enter() {
    (isWithin, isListing, detail, open) = (false, false, nil, nil)
    run.isRecognised = true
    run.see()
  }

  /// `target/debug/deps/market-b4b5c6c8dada1378` is `market`, whatever was built.
  private static func withoutHash(_ path: Bytes) -> String {
    let file = path.split(separator: UInt8(ascii: "/")).last ?? path
    guard let (name, hash) = file.splitLast(at: "-"), hash.count == 16 else { return file.name }
    return name.name
  }

  private mutating func readTest(_ line: Bytes) {
    if let rest = line.after("test ") {
      if let (name, verdict) = rest.splitLast(at: " ... ") {
        let identity = identity(name)
        if let (outcome, duration) = Self.outcome(verdict) {
          if let open, open != identity { run.start(open) }
          open = nil
          run.record(identity, outcome, duration: duration)
        } else {
          open = identity
          run.start(identity)
        }
        return
      }
      return
    }
    if let (name, verdict) = line.split(at: " --- "), verdict.elementsEqual("FAILED".utf8) {
      return run.record(identity(name), .failed)
    }
    guard let open, let (outcome, duration) = Self.outcome(line) else { return }
    run.record(open, outcome, duration: duration)
    self.open = nil
  }

  private func identity(_ name: Bytes) -> TestIdentity {
    var name = name
    for suffix in [" - should panic", " - compile fail", " - compile"] {
      if let rest = name.before(suffix) { name = rest }
    }
    return TestIdentity(suite: binary, name: name.name)
  }

  private static func outcome(_ verdict: Bytes) -> (TestOutcome, Duration?)? {
    var word = verdict
    var duration: Duration?
    if let (before, time) = verdict.splitLast(at: " <"), let time = time.before(">") {
      (word, duration) = (before, DurationText.parse(time))
    }
    switch String(decoding: word, as: UTF8.self) {
    case "ok": return (.passed, duration)
    case "FAILED": return (.failed, duration)
    case "ignored": return (.skipped, duration)
    default:
      if word.hasPrefix("ignored, ") { return (.skipped, duration) }
      return word.hasPrefix("FAILED (") || word.hasPrefix("failed") ? (.failed, duration) : nil
    }
  }

  private mutating func readDetail(_ line: Bytes) {
    if let name = line.enclosed(by: "---- ", " ----") {
      let bare = name.before(" stdout") ?? name
      let identity = identity(bare)
      detail = run.contains(identity) ? identity : nil
    } else if line.elementsEqual("failures:".utf8) {
      detail = nil
    } else if line.hasPrefix("    "), detail == nil {
      // The list of names: in its quiet form nothing else has named them.
      let identity = identity(line.trimmed)
      if run.outcome(of: identity).map({ !$0.isRed }) ?? true { run.record(identity, .failed) }
    } else if let detail {
      run.explain(detail, line)
    }
  }

  private mutating func readClosing(_ line: Bytes) -> Bool {
    guard let rest = line.after("test result: "), let (verdict, counts) = rest.split(at: ". "),
      verdict.elementsEqual("ok".utf8) || verdict.elementsEqual("FAILED".utf8)
    else { return false }
    var read = TestCounts(passed: 0, failed: 0, skipped: 0)
    for part in counts.split(separator: UInt8(ascii: ";")) {
      guard let (number, word) = Bytes(part).trimmed.leadingInteger else { continue }
      switch String(decoding: word.trimmed, as: UTF8.self) {
      case "passed": read.passed = number
      case "failed": read.failed = number
      case "ignored": read.skipped = number
      default: break
      }
    }
    let total = (read.passed ?? 0) + (read.failed ?? 0) + (read.skipped ?? 0)
    // A test that prints such a line prints one with other sums, or before the last test has ended.
    guard total == expected || (verdict.elementsEqual("FAILED".utf8) && isListing) else {
      run.doubt(.malformed("a closing line counts \(total) tests where \(expected ?? 0) were announced"))
      return true
    }
    run.see()
    isWithin = false
    run.ending = .complete
    let sum = claims ?? TestCounts(passed: 0, failed: 0, skipped: 0)
    claims = TestCounts(
      passed: (sum.passed ?? 0) + (read.passed ?? 0), failed: (sum.failed ?? 0) + (read.failed ?? 0),
      skipped: (sum.skipped ?? 0) + (read.skipped ?? 0))
    run.claimed = claims
    return true
  }
}
