/// A file as lines, each with the end that it has, so that what is not edited stays what it was byte for byte.
struct FileLines: Hashable {
  struct Line: Hashable {
    var text: [UInt8]
    /// `\n`, `\r\n`, or nothing at the end of the file.
    var end: [UInt8]
  }

  /// The byte order mark of UTF-8, or nothing.
  var mark: [UInt8]
  var lines: [Line]
  /// Whether the last line has an end; true for an empty file.
  let endsLine: Bool

  private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

  init(_ bytes: [UInt8]) {
    mark = bytes.starts(with: Self.byteOrderMark) ? Self.byteOrderMark : []
    lines = []
    var start = mark.count
    while start < bytes.count {
      guard let feed = bytes[start...].firstIndex(of: 10) else {
        lines.append(Line(text: Array(bytes[start...]), end: []))
        break
      }
      let isPair = feed > start && bytes[feed - 1] == 13
      lines.append(Line(text: Array(bytes[start..<(isPair ? feed - 1 : feed)]), end: isPair ? [13, 10] : [10]))
      start = feed + 1
    }
    endsLine = lines.last.map { !$0.end.isEmpty } ?? true
  }

  var bytes: [UInt8] {
    var result = mark
    for line in lines {
      result += line.text
      result += line.end
    }
    return result
  }

  /// The end that a new line at this index takes: that of the line before it, or of the one behind.
  func end(at index: Int) -> [UInt8] {
    if index > 0, index <= lines.count, !lines[index - 1].end.isEmpty { return lines[index - 1].end }
    if index < lines.count, !lines[index].end.isEmpty { return lines[index].end }
    return lines.first { !$0.end.isEmpty }?.end ?? [10]
  }

  /// Gives every line an end but the last, which has one only if it had one before.
  mutating func settleEnds() {
    for index in lines.indices.dropLast() where lines[index].end.isEmpty {
      lines[index].end = end(at: index)
    }
    guard let last = lines.indices.last else { return }
    if !endsLine {
      lines[last].end = []
    } else if lines[last].end.isEmpty {
      lines[last].end = end(at: last)
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

  static func < (left: Likeness, right: Likeness) -> Bool { left.rawValue < right.rawValue }

  /// What of a line is compared.
  func key(_ line: [UInt8]) -> [UInt8] {
    switch self {
    case .exact: line
    case .trailing: Array(line[..<Self.end(of: line)])
    case .trimmed: Self.trimmed(line)
    case .punctuation: Self.trimmed(Self.plain(line))
    }
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (9...13).contains(byte) }

  private static func end(of line: [UInt8]) -> Int {
    var end = line.count
    while end > 0, isBlank(line[end - 1]) { end -= 1 }
    return end
  }

  static func trimmed(_ line: [UInt8]) -> [UInt8] {
    let end = end(of: line)
    var start = 0
    while start < end, isBlank(line[start]) { start += 1 }
    return Array(line[start..<end])
  }

  private static func plain(_ line: [UInt8]) -> [UInt8] {
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
    return result
  }
}

/// Looks for rows of lines in a file.
struct LineSearch {
  private let lines: [[UInt8]]
  private var keys: [Likeness: [[UInt8]]] = [:]

  init(_ lines: [[UInt8]]) {
    self.lines = lines
    keys[.exact] = lines
  }

  /// The indices at which these lines stand, as like as said; at most `limit`.
  mutating func places(
    of pattern: [[UInt8]], _ likeness: Likeness, from start: Int = 0, limit: Int = Int.max
  ) -> [Int] {
    guard !pattern.isEmpty, pattern.count <= lines.count else { return [] }
    let haystack = keys(likeness)
    let needle = pattern.map { likeness.key($0) }
    var found: [Int] = []
    var index = max(start, 0)
    while index + needle.count <= haystack.count, found.count < limit {
      if haystack[index] == needle[0], haystack[index..<(index + needle.count)].elementsEqual(needle) {
        found.append(index)
      }
      index += 1
    }
    return found
  }

  /// The first line from `start` on that is like this one, or has it as a part.
  mutating func context(_ line: [UInt8], from start: Int) -> Int? {
    for likeness in Likeness.allCases {
      if let place = places(of: [line], likeness, from: start, limit: 1).first { return place }
    }
    let part = Likeness.punctuation.key(line)
    guard part.count > 2 else { return nil }
    let haystack = keys(.punctuation)
    return haystack.indices.dropFirst(start).first { haystack[$0].firstRange(of: part) != nil }
  }

  private mutating func keys(_ likeness: Likeness) -> [[UInt8]] {
    if let known = keys[likeness] { return known }
    let made = lines.map { likeness.key($0) }
    keys[likeness] = made
    return made
  }

  /// The lines that are most like these: where they begin and how many agree; bounded in effort.
  mutating func nearest(to pattern: [[UInt8]]) -> (index: Int, agreeing: Int)? {
    let needle = pattern.map { Likeness.punctuation.key($0) }
    guard !lines.isEmpty, needle.contains(where: { !$0.isEmpty }) else { return nil }
    let haystack = keys(.punctuation)
    // By lines that agree; very short ones only where nothing else does.
    return agreeing(pattern, needle, in: haystack, longerThan: 2) ?? likeliest(needle, in: haystack)
      ?? agreeing(pattern, needle, in: haystack, longerThan: 0)
  }

  /// The place for which most of the lines vote that agree; those that are the same to the byte have half a vote more.
  private func agreeing(
    _ pattern: [[UInt8]], _ needle: [[UInt8]], in haystack: [[UInt8]], longerThan length: Int
  ) -> (index: Int, agreeing: Int)? {
    var votes: [Int: Int] = [:]
    var places: [[UInt8]: [Int]] = [:]
    for (index, key) in haystack.enumerated() where key.count > length { places[key, default: []].append(index) }
    for (offset, key) in needle.enumerated().prefix(200) where key.count > length {
      for place in places[key, default: []].prefix(50) {
        votes[max(0, place - offset), default: 0] += lines[place] == pattern[offset] ? 3 : 2
      }
    }
    return votes.max { ($0.value, -$0.key) < ($1.value, -$1.key) }.map { ($0.key, $0.value / 2) }
  }

  /// By the words of the longest line, where no whole line agrees.
  private func likeliest(_ needle: [[UInt8]], in haystack: [[UInt8]]) -> (index: Int, agreeing: Int)? {
    guard let (offset, longest) = needle.enumerated().max(by: { $0.element.count < $1.element.count }),
      longest.count > 3
    else {
      return nil
    }
    let words = Self.words(longest)
    guard !words.isEmpty else { return nil }
    var best: (index: Int, score: Int)?
    for (index, line) in haystack.enumerated().prefix(50_000) {
      let score = Self.words(line.prefix(400)).intersection(words).count
      if score * 2 > words.count, score > (best?.score ?? 0) { best = (index, score) }
    }
    return best.map { (max(0, $0.index - offset), 0) }
  }

  private static func words(_ line: some Sequence<UInt8>) -> Set<[UInt8]> {
    var words: Set<[UInt8]> = []
    var word: [UInt8] = []
    for byte in line {
      if byte == UInt8(ascii: "_") || byte >= 0x80 || byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 {
        word.append(byte)
      } else if !word.isEmpty {
        words.insert(word)
        word = []
      }
    }
    if !word.isEmpty { words.insert(word) }
    return words
  }
}
