internal import Base
internal import ByteText
internal import Git
internal import Secrets

/// How a line is written for a model: what hides is shown, what is secret is not, and of a very long one a part.
struct LineText {
  /// Of a line that nothing changes no more bytes are shown.
  static let limit = 1000
  /// Of a line that the change adds or takes away no more bytes are shown.
  static let changedLimit = 4000
  /// So much is shown before and behind what differs in a very long line.
  private static let margin = 200

  var text: String
  /// Whether something that the change adds is not shown.
  var isCut = false

  /// A line that stands around a change.
  static func around(_ line: some Collection<UInt8>) -> String {
    let bytes = shown(line)
    guard bytes.count > limit else { return DisplayText.line(bytes) }
    let end = whole(limit, in: bytes)
    return DisplayText.line(bytes[..<end]) + more(bytes.count - end)
  }

  /// A line of the change; of a very long one the part that differs from the one in whose place it stands.
  ///
  /// - Parameters:
  ///   - line: The line.
  ///   - other: The line on the other side; `nil` where there is none.
  init(_ line: [UInt8], besides other: [UInt8]?) {
    let bytes = Self.shown(line)
    guard bytes.count > Self.changedLimit else {
      text = DisplayText.line(bytes)
      return
    }
    var (start, stop) = (0, bytes.count)
    if let other {
      let old = Self.shown(other)
      let same = zip(bytes, old).prefix { $0 == $1 }.count
      let most = min(bytes.count, old.count) - same
      let tail = zip(bytes.reversed(), old.reversed()).prefix(most).prefix { $0 == $1 }.count
      start = Self.whole(max(0, same - Self.margin), in: bytes)
      stop = Self.whole(min(bytes.count, bytes.count - tail + Self.margin), in: bytes)
    }
    let end = stop - start <= Self.changedLimit ? stop : Self.whole(start + Self.changedLimit, in: bytes)
    isCut = end < stop
    text =
      (start > 0 ? "[\(start) bytes before]…" : "") + DisplayText.line(bytes[start..<end])
      + (end < bytes.count ? Self.more(bytes.count - end) : "")
  }

  /// Whether two lines are one but for what stands at their end: a carriage return, blanks.
  ///
  /// Behind a backslash they are not: in many languages it goes on with the line, and a blank behind it ends that.
  static func differInEnds(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    func body(_ line: [UInt8]) -> ArraySlice<UInt8> {
      line[..<((line.lastIndex { !ASCII.isBlank($0) } ?? -1) + 1)]
    }
    return body(one) == body(other) && body(one).last != UInt8(ascii: "\\")
  }

  /// For each changed line of a hunk, by its place, the one in whose place it stands, or that stands in its place: of
  /// lines that are gone and new ones right behind them the first and the first, and so on.
  static func counterparts(in lines: [DiffLine]) -> [Int: [UInt8]] {
    var result: [Int: [UInt8]] = [:]
    var index = 0
    while index < lines.count {
      let gone = lines[index...].prefix { $0.kind == .deleted }.indices
      let new = lines[gone.upperBound...].prefix { $0.kind == .added }.indices
      for (old, new) in zip(gone, new) {
        (result[old], result[new]) = (lines[new].content, lines[old].content)
      }
      index = max(index + 1, new.upperBound)
    }
    return result
  }

  private static func more(_ count: Int) -> String { "…[\(count) more bytes]" }

  private static func shown(_ line: some Collection<UInt8>) -> [UInt8] {
    var bytes = Array(line)
    if bytes.last == 0x0D { bytes.removeLast() }
    return SecretScanner.redacting(bytes)
  }

  /// The place, or the one before it, at which a character begins.
  private static func whole(_ place: Int, in bytes: [UInt8]) -> Int {
    var place = place
    while place > 0, place < bytes.count, bytes[place] & 0xC0 == 0x80 { place -= 1 }
    return place
  }
}
