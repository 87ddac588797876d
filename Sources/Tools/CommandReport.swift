internal import Base
internal import Sandbox

/// What came of a command, before it is put into words.
struct CommandReport {
  var output: CellOutput
  /// The session that it has become; `nil` where it has ended.
  var session: Int?
  var timeout: Duration
  /// The most bytes to show; `nil` for the profile's own.
  var limit: Int?
  /// What else is to be said, at the end.
  var note: String
  /// Whether it was asked how a session goes.
  var isPoll = false
  /// Whether it was ended because the call asked for that.
  var isInterrupted = false
  /// How long the call took, where that is not how long the command has run.
  var took: Duration?
  /// Where more of the output is than is shown.
  var file: CellPath?
  /// Whether that is the whole output.
  var isFileWhole = true
  private let cleaned: [UInt8]
  /// Where in `cleaned` the bytes would be that the cell has thrown away; `nil` where it has none.
  private let gap: Int?

  init(_ output: CellOutput, session: Int?, timeout: Duration, limit: Int?, note: String = "") {
    self.output = output
    self.session = session
    self.timeout = timeout
    self.limit = limit
    self.note = note
    guard output.dropped > 0 else {
      (cleaned, gap) = (OutputText.clean(output.bytes), nil)
      return
    }
    // By themselves: what stands before the gap and what behind it are no line together.
    let place = min(max(output.droppedAt ?? output.bytes.count, 0), output.bytes.count)
    let head = OutputText.clean(Array(output.bytes[..<place]))
    (cleaned, gap) = (head + OutputText.clean(Array(output.bytes[place...])), head.count)
  }

  /// What there is of the output, with a line where bytes were thrown away.
  var kept: [UInt8] {
    guard output.dropped > 0 else { return output.bytes }
    let place = min(max(output.droppedAt ?? output.bytes.count, 0), output.bytes.count)
    return output.bytes[..<place] + Array("\n\(thrownAway)\n".utf8) + output.bytes[place...]
  }

  private var thrownAway: String { "[\(output.dropped) bytes were thrown away here, because there were too many.]" }

  /// Whether not all of it is shown.
  func isClipped(to limit: Int) -> Bool {
    cleaned.count > OutputText.tolerated(limit) || output.dropped > 0
  }

  /// The output within the limit, with a line at each place where something is missing.
  private func shown(_ limit: Int, for profile: ToolProfile) -> String {
    var cuts: [(range: Range<Int>, mark: String)] = []
    var (cleaned, gap) = (cleaned, gap)
    var inLines = 0
    if cleaned.count > OutputText.tolerated(limit) {
      let whole = cleaned.count
      let head = OutputText.withoutLongLines(cleaned[..<(gap ?? whole)])
      cleaned = head + (gap.map { OutputText.withoutLongLines(cleaned[$0...]) } ?? [])
      if gap != nil { gap = head.count }
      inLines = whole - cleaned.count
    }
    if let (head, tail, leftOut) = OutputText.clipped(cleaned, to: limit) {
      let range = head.count..<(cleaned.count - tail.count)
      var missing = leftOut + inLines
      // What is missing already lies in what is left out now, or elsewhere.
      if let place = gap, range.lowerBound...range.upperBound ~= place {
        missing += output.dropped
        gap = nil
      }
      cuts.append((range, leftOutMark(missing, for: profile)))
    } else if inLines > 0 {
      cuts.append((cleaned.count..<cleaned.count, leftOutMark(inLines, for: profile)))
    }
    if let gap { cuts.append((gap..<gap, thrownAway)) }
    var text: [UInt8] = []
    var start = 0
    for cut in cuts.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      text += cleaned[start..<cut.range.lowerBound]
      if let last = text.last, last != 10 { text.append(10) }
      text += Array("\(cut.mark)\n".utf8)
      start = cut.range.upperBound
    }
    return String(decoding: text + cleaned[start...], as: UTF8.self)
  }

  /// What stands where the middle of a long output is left out.
  private func leftOutMark(_ count: Int, for profile: ToolProfile) -> String {
    let place = file.map {
      isFileWhole
        ? " The whole output is in \($0.display)."
        : " The output but for what was thrown away, because there was too much, is in \($0.display)."
    }
    // Those who ask for tokens are told of tokens.
    let tokens = [.openai, .openaiJSON].contains(profile) ? " (about \((count + 3) / 4) tokens)" : ""
    let note = "[\(count) bytes\(tokens) left out.\(place ?? "")]"
    return profile == .deepseek ? "<response clipped><NOTE>\(note)</NOTE>" : note
  }

  private func timeoutNote(for profile: ToolProfile) -> String? {
    guard output.ending == .timedOut else { return nil }
    let way =
      switch profile {
      case .openai, .openaiJSON: "Leave out `timeout`, so that it becomes a session for `write_stdin`"
      case .gemini: "Run what takes longer with `is_background`"
      case .anthropic, .deepseek, .generic: "Run what takes longer in the background, with its output in a file"
      }
    let (whole, rest) = timeout.components
    let tenths = rest / 100_000_000_000_000_000
    let time = tenths > 0 ? "\(whole).\(tenths) seconds" : whole == 1 ? "1 second" : "\(whole) seconds"
    return "[The command took longer than \(time) and was ended, with everything that it had started. What it had "
      + "written until then is above. \(way), or limit a part of it with `timeout 20 …`.]"
  }

  private var terminationNote: String? {
    guard status == 143, !isInterrupted else { return nil }
    return
      "[143: it was ended by SIGTERM, perhaps by a command of its own: `pkill -f` also matches the shell that runs "
      + "it.]"
  }

  /// The exit code as a shell tells it; `nil` while the command runs.
  var status: Int? {
    switch output.ending {
    case .exited(let status): Int(status)
    case .signalled(let signal): 128 + Int(signal)
    case .timedOut: 124
    case nil: nil
    }
  }

  /// The answer in the form that the models of the profile know.
  func answer(for profile: ToolProfile, limit: Int) -> ToolAnswer {
    let text = shown(limit, for: profile)
    let body: String
    var head = ""
    switch profile {
    case .openai, .openaiJSON:
      head = "Wall time: \(Self.seconds(took ?? output.elapsed)) seconds\n"
      var lines = status.map { "Process exited with code \($0)\n" } ?? ""
      if let session { lines += "Process running with session ID \(session)\n" }
      if isClipped(to: limit) { lines += "Original token count: \((cleaned.count + output.dropped + 3) / 4)\n" }
      body = lines + "Output:\n" + ended(text)
    case .anthropic, .deepseek:
      let code = status.flatMap { $0 == 0 || output.ending == .timedOut ? nil : "[exit code \($0)]" }
      body = joined(text.isEmpty && code == nil ? "[no output]" : text, code)
    case .gemini:
      body = "Output: \(text.isEmpty ? "(empty)" : ended(text))\n" + (status.map { "Exit Code: \($0)" } ?? "Running")
    case .generic:
      body = joined(text, status.map { "[exit code \($0)]" } ?? "")
    }
    let whole = joined(body, timeoutNote(for: profile) ?? terminationNote) + note
    // The name of a file and the number of a session differ each time, and so does the time. But what is still running
    // after a longer time is not what was running before: to wait is no repetition.
    var same = file.map { whole.replacing($0.display, with: "") } ?? whole
    if let session {
      same = same.replacing("session ID \(session)\n", with: "session\n") + (isPoll ? Self.seconds(output.elapsed) : "")
    }
    return ToolAnswer(text: head + whole, likeness: Fingerprint(of: Array(same.utf8)))
  }

  /// Without the last line end, which every profile puts there itself.
  private func ended(_ text: String) -> String {
    text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  private func joined(_ text: String, _ line: String?) -> String {
    guard let line, !line.isEmpty else { return ended(text) }
    return text.isEmpty ? line : ended(text) + "\n" + line
  }

  private static func seconds(_ time: Duration) -> String {
    let (whole, rest) = time.components
    let parts = String(rest / 100_000_000_000_000)
    return "\(whole)." + String(repeating: "0", count: max(0, 4 - parts.count)) + parts
  }
}
