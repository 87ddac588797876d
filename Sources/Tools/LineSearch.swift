internal import Glibc

/// Looks for rows of lines in a file, in time that grows with the file and not with what is looked for.
struct LineSearch {
  private let file: FileLines
  /// Whether the file is UTF-8; of another one, lines are compared as a model sees them.
  private let isText: Bool
  private var hashes: [Likeness: [UInt32]] = [:]
  /// How many steps are left, so that no patch keeps the program busy for long.
  private var steps: Int

  init(_ file: FileLines, isText: Bool, steps: Int? = nil) {
    self.file = file
    self.isText = isText
    self.steps = steps ?? 200_000_000 + 16 * file.lines.count
  }

  /// A line as it is compared before white space is looked at.
  func line(_ index: Int) -> ArraySlice<UInt8> {
    let text = file.lines[index].text
    return isText ? text : OutputText.visible(Array(text))[...]
  }

  /// The indices at which these lines stand, as like as said.
  ///
  /// There are at most `limit`. Places may share lines, unless `apart` is set.
  ///
  /// - Throws: where it would take too long, or the task was cancelled.
  mutating func places(
    of pattern: [[UInt8]], _ likeness: Likeness, from start: Int = 0, apart: Bool = false, limit: Int = Int.max
  ) throws(EditFault) -> [Int] {
    let first = max(start, 0)
    guard !pattern.isEmpty, limit > 0, pattern.count <= file.lines.count - first else { return [] }
    let haystack = hashes(likeness)
    let keys = pattern.map { likeness.key($0[...]) }
    let needle = keys.map(Self.hash)
    let borders = Self.borders(needle)
    try spend(needle.count)
    var found: [Int] = []
    var matched = 0
    var spent = 0
    for index in first..<haystack.count {
      spent += 1
      if spent & 0xffff == 0 {
        try spend(spent)
        spent = 0
      }
      while matched > 0, needle[matched] != haystack[index] { matched = borders[matched - 1] }
      if needle[matched] == haystack[index] { matched += 1 }
      guard matched == needle.count else { continue }
      let place = index + 1 - needle.count
      spent += needle.count
      if keys.indices.allSatisfy({ likeness.key(line(place + $0)) == keys[$0] }) {
        found.append(place)
        if found.count == limit { break }
        matched = apart ? 0 : borders[matched - 1]
      } else {
        matched = borders[matched - 1]
      }
    }
    try spend(spent)
    return found
  }

  /// For each beginning of a row, how long the longest one is with which it begins and ends.
  fileprivate static func borders(_ row: [some Equatable]) -> [Int] {
    var borders = [Int](repeating: 0, count: row.count)
    var length = 0
    for index in row.indices.dropFirst() {
      while length > 0, row[index] != row[length] { length = borders[length - 1] }
      if row[index] == row[length] { length += 1 }
      borders[index] = length
    }
    return borders
  }

  private mutating func spend(_ count: Int) throws(EditFault) {
    if Task.isCancelled { throw EditFault("The call was cancelled; nothing was changed.") }
    steps -= count
    guard steps < 0 else { return }
    throw EditFault(
      "To find the lines takes too long; nothing was changed. Make fewer changes in one call, or give the lines exactly "
        + "as the file has them.")
  }

  /// The first line from `start` on that is like this one, or has it as a part.
  mutating func context(_ line: [UInt8], from start: Int) throws(EditFault) -> Int? {
    for likeness in Likeness.allCases {
      if let place = try places(of: [line], likeness, from: start, limit: 1).first { return place }
    }
    let part = Array(Likeness.punctuation.key(line[...]))
    guard part.count > 2 else { return nil }
    let search = ByteSearch(part)
    for index in file.lines.indices.dropFirst(start) {
      let key = Likeness.punctuation.key(self.line(index))
      try spend(16 + key.count / 4)
      if search.first(in: key) != nil { return index }
    }
    return nil
  }

  /// What tells lines apart most of the time; equal ones are compared byte by byte.
  private static func hash(_ key: ArraySlice<UInt8>) -> UInt32 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in key { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
  }

  /// The hash of what of a line is compared, without a copy of it where it is plain.
  private func hash(_ index: Int, _ likeness: Likeness, in bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
    let bounds = file.lines.bounds(of: index)
    var (start, end) = (bounds.lowerBound, bounds.upperBound)
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    if likeness != .exact {
      while end > start, Likeness.isBlank(bytes[end - 1]) { end -= 1 }
      if likeness != .trailing {
        while start < end, Likeness.isBlank(bytes[start]) { start += 1 }
      }
    }
    for index in start..<end {
      let byte = bytes[index]
      if byte >= 0x80, likeness == .punctuation { return Self.hash(likeness.key(file.bytes[bounds])) }
      if likeness == .unspaced, Likeness.isBlank(byte) { continue }
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
  }

  private func hash(_ index: Int, _ likeness: Likeness) -> UInt32 {
    guard isText else { return Self.hash(likeness.key(line(index))) }
    return file.bytes.withUnsafeBufferPointer { hash(index, likeness, in: $0) }
  }

  private mutating func hashes(_ likeness: Likeness) -> [UInt32] {
    if let known = hashes[likeness] { return known }
    guard likeness != .exact else {
      let made = file.lines.indices.map { hash($0, .exact) }
      hashes[.exact] = made
      return made
    }
    // Of most files it is the same; memory is taken only from where it differs.
    let exact = hashes(.exact)
    var made: [UInt32] = []
    var isOwn = false
    for index in exact.indices {
      let hash = hash(index, likeness)
      if !isOwn {
        if hash == exact[index] { continue }
        isOwn = true
        made.reserveCapacity(exact.count)
        made += exact[..<index]
      }
      made.append(hash)
    }
    hashes[likeness] = isOwn ? made : exact
    return isOwn ? made : exact
  }

  /// The lines that are most like these: where they begin and how many agree; bounded in effort.
  mutating func nearest(to pattern: [[UInt8]]) -> (index: Int, agreeing: Int)? {
    let needle = pattern.map { Likeness.punctuation.key($0[...]) }
    guard !file.lines.isEmpty, needle.contains(where: { !$0.isEmpty }) else { return nil }
    let haystack = hashes(.punctuation)
    // By lines that agree; very short ones only where nothing else does.
    return agreeing(pattern, needle, in: haystack, longerThan: 2) ?? likeliest(needle)
      ?? agreeing(pattern, needle, in: haystack, longerThan: 0)
  }

  /// The place for which most of the lines vote that agree; those that are the same to the byte have half a vote more.
  private func agreeing(
    _ pattern: [[UInt8]], _ needle: [ArraySlice<UInt8>], in haystack: [UInt32], longerThan length: Int
  ) -> (index: Int, agreeing: Int)? {
    let asked = needle.prefix(200)
    var places: [UInt32: [Int]] = [:]
    for key in asked where key.count > length { places[Self.hash(key)] = [] }
    for (index, hash) in haystack.enumerated() {
      if let known = places[hash], known.count < 50 { places[hash, default: []].append(index) }
    }
    var votes: [Int: Int] = [:]
    for (offset, key) in asked.enumerated() where key.count > length {
      for place in places[Self.hash(key), default: []] where Likeness.punctuation.key(line(place)) == key {
        votes[max(0, place - offset), default: 0] += line(place).elementsEqual(pattern[offset]) ? 3 : 2
      }
    }
    return votes.max { ($0.value, -$0.key) < ($1.value, -$1.key) }.map { ($0.key, $0.value / 2) }
  }

  /// By the words of the longest line, where no whole line agrees.
  private func likeliest(_ needle: [ArraySlice<UInt8>]) -> (index: Int, agreeing: Int)? {
    guard let (offset, longest) = needle.enumerated().max(by: { $0.element.count < $1.element.count }),
      longest.count > 3
    else {
      return nil
    }
    let words = Self.words(longest.prefix(100_000))
    guard !words.isEmpty else { return nil }
    var best: (index: Int, score: Int)?
    var bytes = 0
    for index in file.lines.indices.prefix(50_000) where bytes < 2_000_000 {
      let line = Likeness.punctuation.key(self.line(index)).prefix(400)
      bytes += line.count
      let score = Self.words(line).intersection(words).count
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

/// Looks for bytes in bytes, in linear time.
struct ByteSearch {
  let needle: [UInt8]
  /// For each beginning of the needle, how long the longest one is with which it begins and ends.
  private let borders: [Int]

  init(_ needle: [UInt8]) {
    self.needle = needle
    borders = LineSearch.borders(needle)
  }

  /// Where the bytes stand first, as an index of the slice; no bytes stand nowhere.
  func first(in bytes: ArraySlice<UInt8>) -> Int? {
    guard let head = needle.first, needle.count <= bytes.count else { return nil }
    let last = needle.count - 1
    return bytes.withUnsafeBufferPointer { hay in
      guard let base = hay.baseAddress else { return nil }
      var matched = 0
      var index = 0
      while index < hay.count {
        if matched == 0 {
          guard let next = memchr(base + index, Int32(head), hay.count - index) else { return nil }
          index = UnsafeRawPointer(next) - UnsafeRawPointer(base)
        }
        while matched > 0, needle[matched] != hay[index] { matched = borders[matched - 1] }
        if needle[matched] == hay[index] {
          if matched == last { return bytes.startIndex + index - last }
          matched += 1
        }
        index += 1
      }
      return nil
    }
  }
}
