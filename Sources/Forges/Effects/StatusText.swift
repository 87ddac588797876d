internal import Work

/// What a plain status says.
enum StatusText {
  /// GitHub takes so many characters, counted as Unicode scalars.
  static let longest = 140

  /// One line: the title, and behind it why, where a check is at its end and has not judged: a plain status has no other
  /// place for it.
  static func description(_ check: CheckReport) -> String {
    guard check.state == .neutral, let reason = reason(check) else { return cut(check.title) }
    return cut("\(check.title): \(reason)")
  }

  /// The first line of the summary, where it is plain words and not the title again.
  private static func reason(_ check: CheckReport) -> Substring? {
    guard let line = check.summary.split(whereSeparator: \.isNewline).first, let first = line.unicodeScalars.first,
      line != check.title, !check.title.hasSuffix(line)
    else { return nil }
    // A heading, a list, a table, a quote, HTML or code says nothing as plain text.
    return "#-*+|<>`=~ \t".unicodeScalars.contains(first) ? nil : line
  }

  private static func cut(_ text: String) -> String {
    guard text.unicodeScalars.count > longest else { return text }
    var kept = text.prefix(longest - 3)
    // One character may be many scalars.
    while kept.unicodeScalars.count > longest - 3 { kept.removeLast() }
    return kept + "..."
  }
}
