/// Counts the tags of markup that are opened and not closed, or closed and not opened.
enum TagCount {
  static func isCounted(in language: Language) -> Bool { language.name == "XML" || language.name == "HTML" }

  /// For each name of a tag, the difference between start tags and end tags; the sum over all names.
  ///
  /// Tags that HTML lets stand open are not counted, nor is anything within a comment or CDATA.
  static func imbalance(of bytes: [UInt8]) -> Int {
    var open: [ArraySlice<UInt8>: Int] = [:]
    var unclosed = 0
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "<") else {
        index += 1
        continue
      }
      if let (opener, closer) = spans.first(where: { bytes.matches($0.0, at: index) }) {
        let end = bytes.index(of: closer, from: index + opener.utf8CodeUnitCount)
        if end == nil { unclosed += 1 }
        index = end ?? bytes.count
        continue
      }
      let closes = index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "/")
      let start = index + (closes ? 2 : 1)
      var end = start
      while end < bytes.count, isTagByte(bytes[end]) { end += 1 }
      guard end > start, !isDigitByte(bytes[start]) else {
        index += 1
        continue
      }
      let name = bytes[start..<end]
      let (after, isEmpty) = tagEnd(bytes, from: end)
      index = after
      if isEmpty || isOptional(name) { continue }
      open[name, default: 0] += closes ? -1 : 1
    }
    return open.values.reduce(unclosed) { $0 + abs($1) }
  }

  private static let spans: [(StaticString, StaticString)] = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")]

  private static func isTagByte(_ byte: UInt8) -> Bool {
    isNameByte(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
  }

  /// Where the tag ends whose name ends at `start`, and whether it closes itself.
  private static func tagEnd(_ bytes: [UInt8], from start: Int) -> (after: Int, isEmpty: Bool) {
    var quote: UInt8?
    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: ">") {
        return (index + 1, bytes[index - 1] == UInt8(ascii: "/"))
      } else if byte == UInt8(ascii: "<") {
        return (index, false)
      }
      index += 1
    }
    return (index, false)
  }

  private static func isOptional(_ name: ArraySlice<UInt8>) -> Bool {
    name.count <= 8 && optional.contains(String(decoding: name, as: UTF8.self).lowercased())
  }

  /// The elements of HTML that have no end tag, or need none.
  private static let optional: Set<String> = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "param", "p",
    "li", "dt", "dd", "tr", "td", "th", "tbody", "thead", "tfoot", "option", "optgroup", "colgroup", "html", "head",
    "body", "rp", "rt",
  ]
}

extension [UInt8] {
  /// The place after the next occurrence of `text` at or behind `start`.
  func index(of text: StaticString, from start: Int) -> Int? {
    var index = start
    while index < count {
      if matches(text, at: index) { return index + text.utf8CodeUnitCount }
      index += 1
    }
    return nil
  }
}
