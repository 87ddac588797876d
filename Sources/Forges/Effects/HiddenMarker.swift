/// The line by which Arborist finds its own comments again: `<!-- arborist:KEY -->`, the first of a comment.
///
/// It counts only in comments of Arborist's own account, since anybody can write it; and only at the very beginning,
/// since a comment may quote what somebody else wrote.
package enum HiddenMarker {
  /// The key of the one summary of a pull request.
  package static let summary = "summary"

  private static let start = "<!-- arborist:"
  private static let end = " -->"

  /// Whether a key can stand in a marker: letters in lower case, digits, `/`, `.` and `-`, at most 200 of them.
  ///
  /// Two dashes in a row would end the marker too early for some readers, and are not let in.
  package static func isKey(_ text: String) -> Bool {
    (1...200).contains(text.utf8.count) && !text.contains("--") && text.utf8.first != UInt8(ascii: "-")
      && text.utf8.last != UInt8(ascii: "-")
      && text.utf8.allSatisfy { byte in
        (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || "/.-".utf8.contains(byte)
      }
  }

  /// The comment with its marker before it, and a second one behind that.
  package static func mark(_ body: String, key: String, beside second: String? = nil) -> String {
    let beside = second.flatMap { isKey($0) ? "\(start)\($0)\(end)\n" : nil } ?? ""
    return "\(start)\(key)\(end)\n\(beside)\(body)"
  }

  /// The key of a comment that begins with a marker; `nil` for any other.
  package static func key(in body: String) -> String? {
    let text = body.drop { $0.isWhitespace }
    guard text.hasPrefix(start) else { return nil }
    let rest = text.dropFirst(start.count)
    let key = String(rest.prefix { !$0.isWhitespace })
    guard rest.dropFirst(key.count).hasPrefix(end), isKey(key) else { return nil }
    return key
  }

  /// Whether two bodies are the same to a reader: forges change the ends of lines and take blanks from the end.
  package static func isSame(_ left: String, _ right: String) -> Bool { plain(left) == plain(right) }

  private static func plain(_ body: String) -> Substring {
    let text = body.replacing("\r\n", with: "\n")[...]
    guard let last = text.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return text[...last]
  }
}
