internal import Base
internal import JSON

/// Foreign text on its way to a page; the templates escape it for HTML behind this.
enum PageText {
  /// Text of many lines, with what a reader could not see written out.
  static func lines(_ text: String) -> String {
    text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false)
      .map { line in DisplayText.line(line.last == 0x0d ? line.dropLast() : line) }
      .joined(separator: "\n")
  }

  /// Text on one line; of a long one its beginning.
  static func line(_ text: String, limit: Int = 240) -> String {
    let first = text.prefix(limit + 1)
    let cut = first.count > limit ? first.prefix(limit) + "…" : first
    return cut.split(whereSeparator: \.isNewline).map { DisplayText.line($0.utf8) }.joined(separator: " ")
  }

  /// The beginning of a text: whole lines where that is possible, and whole characters always.
  static func beginning(_ text: String, bytes limit: Int) -> (text: String, isCut: Bool) {
    guard text.utf8.count > limit else { return (text, false) }
    let head = text.utf8.prefix(limit)
    if let end = head.lastIndex(of: 0x0a), head.distance(from: head.startIndex, to: end) > limit / 2 {
      return (String(decoding: head[..<end], as: UTF8.self), true)
    }
    var bytes = Array(head)
    // A character that is cut in its middle goes as a whole.
    while let last = bytes.last, last & 0xc0 == 0x80 { bytes.removeLast() }
    if let last = bytes.last, last >= 0xc0 { bytes.removeLast() }
    return (String(decoding: bytes, as: UTF8.self), true)
  }

  /// A value of JSON for a reader: no quotes, line breaks as they are.
  static func plain(_ value: JSONValue, indent: String = "") -> String {
    switch value {
    case .null: return "none"
    case .bool(let bool): return bool ? "yes" : "no"
    case .number, .array([]), .object([:]): return String(decoding: value.compact(), as: UTF8.self)
    case .string(let text):
      return indent.isEmpty
        ? text
        : text.split(separator: "\n", omittingEmptySubsequences: false)
          .joined(separator: "\n\(indent)")
    case .array(let items):
      return items.map { "- \(plain($0, indent: indent + "  "))" }.joined(separator: "\n\(indent)")
    case .object(let members):
      return members.sorted { $0.key < $1.key }.map { key, value in
        let text = plain(value, indent: indent + "  ")
        let isShort: Bool
        switch value {
        case .array(let items): isShort = items.isEmpty
        case .object(let inner): isShort = inner.isEmpty
        default: isShort = !text.contains("\n")
        }
        if isShort { return "\(key): \(text)" }
        // A long text stands as it is, so that a difference can be told by its lines.
        if indent.isEmpty, case .string(let whole) = value { return "\(key):\n\(whole)" }
        return "\(key):\n\(indent)  \(text)"
      }.joined(separator: "\n\(indent)")
    }
  }

  /// Whether the text is a difference, so that its lines are coloured.
  static func isDifference(_ text: String) -> Bool {
    let begins = ["diff --git ", "@@ ", "--- a/", "*** Begin Patch", "Index: "]
    return text.split(separator: "\n", maxSplits: 40).contains { line in begins.contains { line.hasPrefix($0) } }
  }

  /// So many bytes, as people say it.
  static func size(_ bytes: Int) -> String {
    if bytes < 1024 { return "\(bytes) B" }
    let (unit, name) = bytes < 1 << 20 ? (1024.0, "KiB") : (1_048_576.0, "MiB")
    let tenths = Int((Double(bytes) / unit * 10).rounded())
    return tenths >= 100 ? "\(tenths / 10) \(name)" : "\(tenths / 10).\(tenths % 10) \(name)"
  }

  /// Money in billionths of a dollar; nothing where nothing was spent.
  static func money(_ nano: Int64) -> String {
    guard nano > 0 else { return "–" }
    let units = (nano + 9_999) / 10_000
    if units >= 1_000_000 {
      let cents = (nano + 9_999_999) / 10_000_000
      return "$\(cents / 100).\(padded(cents % 100, 2))"
    }
    let digits = (nano + 99_999) / 100_000
    return "$\(digits / 10_000).\(padded(digits % 10_000, 4))"
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  /// A time span in milliseconds, as people say it.
  static func span(_ milliseconds: Int64) -> String {
    let seconds = max(0, milliseconds) / 1000
    if seconds < 1 { return "\(max(0, milliseconds)) ms" }
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return "\(seconds / 60) min \(padded(seconds % 60, 2)) s" }
    return "\(seconds / 3600) h \(padded(seconds / 60 % 60, 2)) min"
  }

  /// The moment without its seconds: `2026-01-31 12:34`.
  static func moment(_ time: Timestamp) -> String {
    let text = time.iso8601
    guard let tee = text.firstIndex(of: "T") else { return text }
    return "\(text[..<tee]) \(text[text.index(after: tee)...].prefix(5))"
  }

  /// The time of day, to the second.
  static func clock(_ time: Timestamp) -> String {
    String(time.iso8601.drop { $0 != "T" }.dropFirst().prefix(8))
  }
}
