internal import ByteText
internal import Work

/// Tells equal lines of one declaration apart, which have one ``FindingKey/place``: by what stands around them.
///
/// It stands in a comment's second hidden line, `near/BBBBAAAA`, with `.NUMBER` from the second on. The digits are short
/// digests of the next line above and below that is not blank; where those are the same too, the lines are numbered from
/// above. All comments on one line have the same mark, whenever they were told, so that it names the line.
struct FindingMark: Hashable {
  /// Four hexadecimal digits each.
  let before: String
  let after: String
  /// Counted from one.
  let number: Int

  init(before: String, after: String, number: Int) {
    (self.before, self.after, self.number) = (before, after, number)
  }

  var text: String { "near/\(before)\(after)" + (number > 1 ? ".\(number)" : "") }

  /// The same for a comment on so many lines, of which the mark's is the first: `-LINES` stands behind it.
  func text(lines: Int) -> String { lines > 1 ? "\(text)-\(lines)" : text }

  /// The mark that stands in a hidden line, and on how many lines the comment is; `nil` where that is another one.
  static func reading(_ text: String) -> (mark: FindingMark, lines: Int)? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count <= 2, let mark = parts.first.flatMap({ FindingMark($0) }) else { return nil }
    guard parts.count == 2 else { return (mark, 1) }
    return Int(parts[1]).flatMap { (2...100_000).contains($0) ? (mark, $0) : nil }
  }

  /// The mark that stands in a hidden line; `nil` where that is another one.
  init?(_ text: some StringProtocol) {
    guard text.hasPrefix("near/") else { return nil }
    let parts = text.dropFirst(5).split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts[0].utf8.count == 8, parts[0].utf8.allSatisfy(ASCII.isHex) else {
      return nil
    }
    guard let number = parts.count == 1 ? 1 : Int(parts[1]), number > 0 else { return nil }
    self.init(before: String(parts[0].prefix(4)), after: String(parts[0].suffix(4)), number: number)
  }

  /// How much it has the same neighbours as a line.
  ///
  /// What follows counts for more: a line belongs to what it begins, and what is set in before it comes with its own.
  func likeness(to line: PlacedLine) -> Int { (before == line.before ? 1 : 0) + (after == line.after ? 2 : 0) }
}

/// A line of a change that findings can speak of.
struct PlacedLine: Hashable {
  var side: Finding.Side
  /// Counted from one.
  var number: Int
  /// What stands around it, as in a ``FindingMark``.
  var before: String
  var after: String
}
