internal import Base

/// Reads the Test Anything Protocol, versions 12 to 14: plans, subtests, directives, YAML blocks and giving up.
struct TAPReader: LogReader {
  private struct Level {
    var names: [String] = []
    var subtest: String?
    var plan: Int?
    var count = 0
  }

  var run = RunBuilder(.tap, trust: .stream)
  var earlier: [RunBuilder] = []
  var builds: [BuildFailure] = []
  /// One for each depth of four blanks.
  private var levels = [Level()]
  private var last: TestIdentity?
  private var yamlIndent: Int?
  private var hasVersion = false

  mutating func read(_ line: Bytes) {
    if let yamlIndent {
      if line.indentation <= yamlIndent, line.trimmed.elementsEqual("...".utf8) {
        self.yamlIndent = nil
      } else if line.indentation < yamlIndent, !line.trimmed.isEmpty {
        // A block that was cut.
        self.yamlIndent = nil
        read(line)
      } else {
        readYAML(line)
      }
      return
    }
    if line.hasPrefix("TAP version "), line.dropFirst(12).integer != nil {
      beginRun()
      (levels, last, hasVersion) = ([Level()], nil, true)
      run.isRecognised = true
      return run.see()
    }
    let indent = line.indentation
    let text = line[(line.startIndex + indent)...]
    if text.elementsEqual("---".utf8), last != nil {
      yamlIndent = indent
      return
    }
    guard indent % 4 == 0, indent <= 400 else {
      if let last, run.outcome(of: last)?.isRed ?? false { run.explain(last, line) }
      return
    }
    let depth = indent / 4
    if text.hasPrefix("Bail out!") {
      guard run.isRecognised else { return }
      run.ending = .stopped(text.dropFirst(9).trimmed.name)
      return run.see()
    }
    if let name = text.after("# Subtest: ") { return open(Self.unescaped(name), depth) }
    if let count = text.after("1.."), let plan = (count.split(at: " ").map(\.0) ?? count).integer {
      return readPlan(plan, depth)
    }
    if let rest = text.after("ok") { return readTest(rest, true, depth) }
    if let rest = text.after("not ok") { return readTest(rest, false, depth) }
    if let last, run.outcome(of: last)?.isRed ?? false, indent > 0 || text.hasPrefix("#") { run.explain(last, line) }
  }

  private mutating func level(_ depth: Int) -> Bool {
    // A deeper line without a level around it is no part of the protocol.
    guard depth <= levels.count else { return false }
    if depth == levels.count {
      let above = levels[depth - 1]
      levels.append(Level(names: above.names + [above.subtest ?? ""]))
    }
    return true
  }

  private mutating func open(_ name: String, _ depth: Int) {
    // The comment stands at the level of the subtest's own result, or of the lines inside of it.
    guard run.isRecognised, level(depth) else { return }
    if levels.count > depth + 1 { levels.removeLast(levels.count - depth - 1) }
    levels[depth].subtest = name
    last = nil
  }

  private mutating func readPlan(_ plan: Int, _ depth: Int) {
    guard depth == 0 || run.isRecognised, level(depth) else { return }
    if depth == 0 {
      // Before version 13 nothing but the plan tells that this is the protocol.
      if !hasVersion, levels[0].plan != nil || (levels[0].count > 0 && levels[0].count != plan) { return }
      if !hasVersion { run.isRecognised = true }
      run.see()
    }
    if levels[depth].plan == nil { levels[depth].plan = plan }
  }

  private mutating func readTest(_ rest: Bytes, _ isGood: Bool, _ depth: Int) {
    guard rest.isEmpty || rest.first == 0x20 else { return }
    guard run.isRecognised || hasVersion || depth == 0, level(depth) else { return }
    var text = rest.trimmed
    var number: Int?
    if let (value, tail) = text.leadingInteger, tail.isEmpty || tail.first == 0x20 {
      (number, text) = (value, tail.trimmed)
    }
    // Numbers go up one by one; a line with another one was printed by something else.
    if let number, number != levels[depth].count + 1, hasVersion || levels[depth].plan != nil {
      if isGood {
        last = nil
        return run.doubt(.stray(TestIdentity(suite: levels[depth].names, name: text.name)))
      }
    }
    if let behind = text.after("- ") { text = behind } else if text.elementsEqual("-".utf8) { text = text.dropFirst() }
    var directive: Bytes?
    if let (before, behind) = Self.splitDirective(text) { (text, directive) = (before.trimmed, behind) }
    var name = Self.unescaped(text)
    if let behind = text.before(" {") { name = Self.unescaped(behind) }
    levels[depth].count += 1
    // Before version 13 the numbers are all that tells, where the plan comes last.
    if depth == 0, number == levels[0].count, levels[0].count >= 2 { run.isRecognised = true }
    let isSubtest = levels.count > depth + 1 && levels[depth + 1].count > 0
    let suite = levels[depth].names
    if name.isEmpty { name = "\(levels[depth].count)" }
    let identity = TestIdentity(suite: suite, name: name)
    last = identity
    levels[depth].subtest = nil
    if levels.count > depth + 1 { levels.removeLast(levels.count - depth - 1) }
    // What holds subtests is no test of its own, but where it fails and none of them did.
    if isSubtest, isGood || run.hasRed(below: suite + [name]) { return run.see() }
    run.record(identity, Self.outcome(isGood, directive))
  }

  private static func outcome(_ isGood: Bool, _ directive: Bytes?) -> TestOutcome {
    guard let directive else { return isGood ? .passed : .failed }
    let word = directive.prefix(4).map { $0 | 0x20 }
    if word.elementsEqual("skip".utf8) { return .skipped }
    if word.elementsEqual("todo".utf8) { return isGood ? .unexpectedSuccess : .expectedFailure }
    return isGood ? .passed : .failed
  }

  /// The directive behind an unescaped `#`.
  private static func splitDirective(_ text: Bytes) -> (Bytes, Bytes)? {
    var index = text.startIndex
    while index < text.endIndex {
      if text[index] == 0x5c {
        index += 2
        continue
      }
      if text[index] == 0x23 {
        let behind = text[(index + 1)...].trimmed
        let word = behind.prefix(4).map { $0 | 0x20 }
        if word.elementsEqual("skip".utf8) || word.elementsEqual("todo".utf8) { return (text[..<index], behind) }
        if behind.hasPrefix("time=") { return (text[..<index], behind) }
      }
      index += 1
    }
    return nil
  }

  private static func unescaped(_ text: Bytes) -> String {
    guard text.contains(0x5c) else { return text.trimmed.name }
    var result: [UInt8] = []
    var index = text.startIndex
    while index < text.endIndex {
      if text[index] == 0x5c, index + 1 < text.endIndex, text[index + 1] == 0x23 || text[index + 1] == 0x5c {
        index += 1
      }
      result.append(text[index])
      index += 1
    }
    return result[...].trimmed.name
  }

  private mutating func readYAML(_ line: Bytes) {
    guard let last else { return }
    if let time = line.trimmed.after("duration_ms: "), let number = Double(String(decoding: time, as: UTF8.self)) {
      return run.setDuration(last, DurationText.duration(number / 1000))
    }
    if run.outcome(of: last)?.isRed ?? false { run.explain(last, line) }
  }

  mutating func close() {
    guard run.isRecognised else {
      run.isRecognised = hasVersion
      return
    }
    let top = levels[0]
    if case .stopped = run.ending { return }
    guard let plan = top.plan else { return }
    if plan == top.count {
      run.ending = .complete
    } else if top.count > plan {
      run.ending = .complete
      run.doubt(.count(what: "tests at the top", claimed: plan, read: top.count))
    }
  }
}
