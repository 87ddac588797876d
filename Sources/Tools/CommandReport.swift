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
  /// Where the whole output is.
  var file: CellPath?
  private let cleaned: [UInt8]

  init(_ output: CellOutput, session: Int?, timeout: Duration, limit: Int?, note: String = "") {
    self.output = output
    self.session = session
    self.timeout = timeout
    self.limit = limit
    self.note = note
    cleaned = OutputText.clean(output.bytes)
  }

  /// Whether not all of it is shown.
  func isClipped(to limit: Int) -> Bool { cleaned.count > limit || output.dropped > 0 }

  /// The output within the limit.
  private func shown(_ limit: Int, isDeepSeek: Bool) -> String {
    let place = file.map { " The whole output is in \($0.display)." } ?? ""
    guard let (head, tail, leftOut) = OutputText.clipped(cleaned, to: limit) else {
      let dropped = output.dropped > 0 ? "\n[\(output.dropped) bytes were left out because there were too many.]" : ""
      return String(decoding: cleaned, as: UTF8.self) + dropped
    }
    let note = "[\(leftOut + output.dropped) bytes left out.\(place)]"
    let mark = isDeepSeek ? "<response clipped><NOTE>\(note)</NOTE>" : note
    let gap = head.last == 10 ? "" : "\n"
    return String(decoding: head, as: UTF8.self) + gap + mark + "\n" + String(decoding: tail, as: UTF8.self)
  }

  private var timeoutNote: String? {
    guard output.ending == .timedOut else { return nil }
    return "[The command took longer than \(timeout.components.seconds) seconds and was ended, with everything that it "
      + "had started. What it had written until then is above. Run what takes longer in the background, "
      + "with its output in a file.]"
  }

  private var status: Int? {
    switch output.ending {
    case .exited(let status): Int(status)
    case .signalled(let signal): 128 + Int(signal)
    case .timedOut: 124
    case nil: nil
    }
  }

  /// The answer in the form that the models of the profile know.
  func answer(for profile: ToolProfile, limit: Int) -> ToolAnswer {
    let text = shown(limit, isDeepSeek: profile == .deepseek)
    let body: String
    var head = ""
    switch profile {
    case .openai, .openaiJSON:
      head = "Wall time: \(seconds) seconds\n"
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
    let whole = joined(body, timeoutNote) + note
    // The name of a file and the number of a session differ each time, and so does the time. But what is still running
    // after a longer time is not what was running before: to wait is no repetition.
    var same = file.map { whole.replacing($0.display, with: "") } ?? whole
    if let session {
      same = same.replacing("session ID \(session)\n", with: "session\n") + (isPoll ? seconds : "")
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

  private var seconds: String {
    let (whole, rest) = output.elapsed.components
    let parts = String(rest / 100_000_000_000_000)
    return "\(whole)." + String(repeating: "0", count: max(0, 4 - parts.count)) + parts
  }
}
