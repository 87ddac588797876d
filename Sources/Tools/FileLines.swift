/// A file as lines, each with the end that it has, so that what is not edited stays what it was byte for byte.
///
/// It keeps where its lines begin and no copy of them: four bytes for a line. A file has less than 4 GiB.
struct FileLines: Hashable {
  struct Line: Hashable {
    var text: ArraySlice<UInt8>
    /// `\n`, `\r\n`, or nothing at the end of the file.
    var end: ArraySlice<UInt8>
  }

  /// The lines of a file; each is made when it is asked for.
  struct Lines: RandomAccessCollection, Hashable {
    fileprivate let source: [UInt8]
    /// Where each line begins, and where the last one is over.
    fileprivate let starts: [UInt32]

    var startIndex: Int { 0 }
    var endIndex: Int { starts.count - 1 }

    subscript(index: Int) -> Line {
      let text = bounds(of: index)
      return Line(text: source[text], end: source[text.upperBound..<Int(starts[index + 1])])
    }

    /// Where the text of a line is among the bytes of the file.
    func bounds(of index: Int) -> Range<Int> {
      let (start, next) = (Int(starts[index]), Int(starts[index + 1]))
      guard next > start, source[next - 1] == 10 else { return start..<next }
      let isPair = next - 1 > start && source[next - 2] == 13
      return start..<(isPair ? next - 2 : next - 1)
    }
  }

  let lines: Lines
  /// Whether the last line has an end; true for an empty file.
  let endsLine: Bool

  private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

  init(_ bytes: [UInt8]) {
    let first = Self.mark(of: bytes).count
    endsLine = bytes.count == first || bytes.last == 10
    var starts: [UInt32] = []
    starts.reserveCapacity(Self.feeds(bytes) + 2)
    starts.append(UInt32(first))
    for (index, byte) in bytes.enumerated() where byte == 10 { starts.append(UInt32(index + 1)) }
    if !endsLine { starts.append(UInt32(bytes.count)) }
    lines = Lines(source: bytes, starts: starts)
  }

  private static func feeds(_ bytes: [UInt8]) -> Int { bytes.reduce(0) { $1 == 10 ? $0 + 1 : $0 } }

  /// How many lines a file has.
  static func count(_ bytes: [UInt8]) -> Int {
    let isCut = bytes.last.map { $0 != 10 } ?? false
    return feeds(bytes) + (isCut && bytes != byteOrderMark ? 1 : 0)
  }

  /// The byte order mark of UTF-8, or nothing.
  static func mark(of bytes: [UInt8]) -> ArraySlice<UInt8> {
    bytes[..<(bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0)]
  }

  var mark: ArraySlice<UInt8> { lines.source[..<Int(lines.starts[0])] }

  var bytes: [UInt8] { lines.source }

  /// The end that a new line at this index takes: that of the line before it, or of the one behind.
  func end(at index: Int) -> ArraySlice<UInt8> {
    if index > 0, index <= lines.count, !lines[index - 1].end.isEmpty { return lines[index - 1].end }
    // Only the last line has none.
    if index < lines.count, !lines[index].end.isEmpty { return lines[index].end }
    return lines.first.map(\.end).flatMap { $0.isEmpty ? nil : $0 } ?? [10]
  }

  /// Lines that take the place of others.
  struct Change {
    /// The lines that go; empty where lines are put in before one.
    var range: Range<Int>
    var lines: Writer
  }

  /// The file with changes made, which do not overlap.
  ///
  /// What is put in at the beginning of lines that go stands before what takes their place. The last line has an end
  /// where that of the file has one.
  ///
  /// - Throws: where the file would be too large to be edited again.
  func replacing(_ changes: [Change], name: String) throws(EditFault) -> [UInt8] {
    let size = changes.reduce(lines.source.count) {
      $0 + $1.lines.bytes.count - Int(lines.starts[$1.range.upperBound] - lines.starts[$1.range.lowerBound])
    }
    try Self.admit(size, name: name)
    var result = Writer()
    result.reserve(size + 2 * changes.count)
    result.begin(mark)
    var next = 0
    // The order of what is put in at one place is kept.
    let ordered = changes.enumerated().sorted {
      ($0.element.range.lowerBound, $0.element.range.upperBound, $0.offset)
        < ($1.element.range.lowerBound, $1.element.range.upperBound, $1.offset)
    }
    for (_, change) in ordered {
      result.append(self, next..<change.range.lowerBound)
      result.append(change.lines)
      next = change.range.upperBound
    }
    result.append(self, next..<lines.count)
    return result.ended(endsLine, with: end(at: lines.count))
  }

  /// Sees to it that an edit makes no file that is too large for the next one.
  static func admit(_ size: Int?, name: String) throws(EditFault) {
    if let size, size <= Toolbox.largestFile { return }
    throw EditFault(
      "`\(name)` would have \(size.map { "\($0)" } ?? "far too many") bytes after this edit, and at most "
        + "\(Toolbox.largestFile) are edited; nothing was changed. Make it by a command, or in smaller pieces.")
  }

  /// Writes lines one behind the other, and gives one without an end an end where another one follows.
  struct Writer {
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0
    private var lastEnd: ArraySlice<UInt8>?
    private var isOpen = false

    /// With the end of the line that stands before the first one, where there is one.
    init(behind end: ArraySlice<UInt8>? = nil) {
      lastEnd = end
    }

    mutating func reserve(_ size: Int) { bytes.reserveCapacity(size) }

    fileprivate mutating func begin(_ mark: ArraySlice<UInt8>) { bytes += mark }

    mutating func append(_ text: some Sequence<UInt8>, end: ArraySlice<UInt8>) {
      close(before: end)
      bytes += text
      bytes += end
      count += 1
      note(end)
    }

    fileprivate mutating func append(_ other: Writer) {
      guard other.count > 0 else { return }
      close(before: other.lastEnd ?? [])
      bytes += other.bytes
      count += other.count
      if let end = other.lastEnd { lastEnd = end }
      isOpen = other.isOpen
    }

    fileprivate mutating func append(_ file: FileLines, _ range: Range<Int>) {
      guard let last = range.last else { return }
      close(before: file.lines[range.lowerBound].end)
      bytes += file.lines.source[Int(file.lines.starts[range.lowerBound])..<Int(file.lines.starts[range.upperBound])]
      count += range.count
      if range.count > 1 { note(file.lines[last - 1].end) }
      note(file.lines[last].end)
    }

    private mutating func close(before end: ArraySlice<UInt8>) {
      guard isOpen else { return }
      bytes += lastEnd ?? (end.isEmpty ? [10] : end)
      isOpen = false
    }

    private mutating func note(_ end: ArraySlice<UInt8>) {
      isOpen = end.isEmpty
      if !isOpen { lastEnd = end }
    }

    /// What was written, with an end behind the last line or without.
    fileprivate consuming func ended(_ endsLine: Bool, with end: ArraySlice<UInt8>) -> [UInt8] {
      guard count > 0 else { return bytes }
      if endsLine, isOpen {
        bytes += lastEnd ?? end
      } else if !endsLine, !isOpen {
        bytes.removeLast(lastEnd?.count ?? 0)
      }
      return bytes
    }
  }

  /// Whether a program would call it text: without a NUL.
  static func isBinary(_ bytes: [UInt8]) -> Bool { bytes.prefix(65_536).contains(0) }
}

/// How two lines may differ and still be taken for the same.
enum Likeness: Int, CaseIterable, Comparable {
  case exact
  /// White space at the end.
  case trailing
  /// White space at both ends.
  case trimmed
  /// Quotes, dashes and blanks of Unicode for those of ASCII.
  case punctuation
  /// White space anywhere: no more than a help to find what was meant.
  case unspaced

  /// Those by which text is taken for the same, the strictest first.
  static var allCases: [Likeness] { [.exact, .trailing, .trimmed, .punctuation] }

  static func < (left: Likeness, right: Likeness) -> Bool { left.rawValue < right.rawValue }

  /// What of a line is compared.
  func key(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    switch self {
    case .exact: line
    case .trailing: line[..<Self.end(of: line)]
    case .trimmed: Self.trimmed(line)
    case .punctuation: Self.trimmed(Self.plain(line))
    case .unspaced: line.contains(where: Self.isBlank) ? line.filter { !Self.isBlank($0) }[...] : line
    }
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (9...13).contains(byte) }

  private static func end(of line: ArraySlice<UInt8>) -> Int {
    var end = line.endIndex
    while end > line.startIndex, isBlank(line[end - 1]) { end -= 1 }
    return end
  }

  static func trimmed(_ line: [UInt8]) -> ArraySlice<UInt8> { trimmed(line[...]) }

  static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let end = end(of: line)
    var start = line.startIndex
    while start < end, isBlank(line[start]) { start += 1 }
    return line[start..<end]
  }

  private static func plain(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    if line.allSatisfy({ $0 < 0x80 }) { return line }
    var result: [UInt8] = []
    for scalar in String(decoding: line, as: UTF8.self).unicodeScalars {
      switch scalar.value {
      case 0x2010...0x2015, 0x2212, 0xfe58, 0xfe63, 0xff0d: result.append(UInt8(ascii: "-"))
      case 0x2018...0x201b, 0x2032: result.append(UInt8(ascii: "'"))
      case 0x201c...0x201f, 0x2033: result.append(UInt8(ascii: "\""))
      case 0xa0, 0x2000...0x200a, 0x202f, 0x205f, 0x3000: result.append(0x20)
      case 0x2026: result += Array("...".utf8)
      case 0x200b, 0xfeff: continue
      default: result += Array(String(scalar).utf8)
      }
    }
    return result[...]
  }
}
