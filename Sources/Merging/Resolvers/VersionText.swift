/// A version number as it stands in a text: dotted numbers, perhaps with a pre-release tag.
///
/// The order is the one of Semantic Versioning 2.0.0 §11, loosened for what people write: any count of numbers, tags
/// without a hyphen (`1.0rc1`), and `SNAPSHOT` or `dev` as lower than every release.
struct VersionText: Hashable {
  var numbers: [[UInt8]]
  /// The identifiers of the pre-release tag; empty for a release.
  var tag: [[UInt8]]

  /// Whether the version is lower, equal or higher, or `nil` where the two cannot be compared.
  func compare(_ other: VersionText) -> Int? {
    for index in 0..<max(numbers.count, other.numbers.count) {
      let left = index < numbers.count ? numbers[index] : [UInt8(ascii: "0")]
      let right = index < other.numbers.count ? other.numbers[index] : [UInt8(ascii: "0")]
      let order = VersionText.compareNumbers(left[...], right[...])
      if order != 0 { return order }
    }
    return VersionText.compareTags(tag, other.tag)
  }

  /// Whether this is the base's version with a number more, as 1.2.1 is of 1.2.
  func isPatchLine(of base: VersionText) -> Bool {
    numbers.count > base.numbers.count && numbers.starts(with: base.numbers)
  }

  /// Whether this stays on the base's minor version, as 1.2.1 does on that of 1.2.0, and the other one does not.
  func staysOnLine(of base: VersionText, unlike other: VersionText) -> Bool {
    func line(_ version: VersionText) -> [ArraySlice<UInt8>] {
      (0..<2).map { index in
        index < version.numbers.count ? version.numbers[index].drop { $0 == UInt8(ascii: "0") } : []
      }
    }
    return line(self) == line(base) && line(other) != line(base)
  }

  /// Compares two runs of digits by value, whatever their length.
  static func compareNumbers(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Int {
    let zero = UInt8(ascii: "0")
    let first = left.drop { $0 == zero }
    let second = right.drop { $0 == zero }
    if first.count != second.count { return first.count < second.count ? -1 : 1 }
    for (one, two) in zip(first, second) where one != two { return one < two ? -1 : 1 }
    return 0
  }

  private static func compareTags(_ left: [[UInt8]], _ right: [[UInt8]]) -> Int? {
    if left.isEmpty || right.isEmpty {
      // A release stands above its own pre-releases.
      return left.isEmpty == right.isEmpty ? 0 : (left.isEmpty ? 1 : -1)
    }
    for (one, two) in zip(left, right) {
      let numeric = (one.allSatisfy(isDigitByte), two.allSatisfy(isDigitByte))
      if numeric.0 && numeric.1 {
        let order = compareNumbers(one[...], two[...])
        if order != 0 { return order }
      } else if numeric.0 != numeric.1 {
        return numeric.0 ? -1 : 1
      } else {
        guard one == two || (rank(one) != nil && rank(two) != nil) else { return nil }
        let order = (rank(one) ?? 0) - (rank(two) ?? 0)
        if order != 0 { return order < 0 ? -1 : 1 }
      }
    }
    return left.count == right.count ? 0 : (left.count < right.count ? -1 : 1)
  }

  /// The usual tags in their order; an unknown tag has no place among them.
  static func rank(_ word: [UInt8]) -> Int? {
    switch String(decoding: word, as: UTF8.self).lowercased() {
    case "dev", "snapshot": 0
    case "nightly", "canary": 1
    case "pre", "preview": 2
    case "a", "alpha": 3
    case "b", "beta": 4
    case "m", "milestone": 5
    case "rc", "cr": 6
    case "post": 7
    default: nil
    }
  }
}

/// A piece of a line as far as a comparison of versions goes.
enum VersionToken: Hashable {
  case text(ArraySlice<UInt8>)
  case version(VersionText, spelled: ArraySlice<UInt8>)
  /// A number without a dot; a version only where the line's key says so.
  case number(ArraySlice<UInt8>)
  /// A checksum: a long run of hexadecimal digits or of base64.
  case checksum(ArraySlice<UInt8>)

  /// How many bytes of the line it is.
  var length: Int {
    switch self {
    case .text(let bytes), .version(_, let bytes), .number(let bytes), .checksum(let bytes): bytes.count
    }
  }

  /// The line cut into its pieces; put together again they are the line.
  static func split(_ line: ArraySlice<UInt8>) -> [VersionToken] {
    var tokens: [VersionToken] = []
    var textStart = line.startIndex
    var index = line.startIndex
    func flush(to end: Int) {
      if textStart < end { tokens.append(.text(line[textStart..<end])) }
    }
    while index < line.endIndex {
      guard isWordByte(line[index]) else {
        index += 1
        continue
      }
      let end = wordEnd(line, from: index)
      let start = line[index..<end].firstIndex(where: isDigitByte) ?? end
      if let sum = readChecksum(line[index..<end]) {
        flush(to: index)
        tokens.append(sum)
        textStart = end
      } else if start < end, start == index || isVersionPrefix(line[index..<start]),
        let (token, tokenEnd) = readVersion(line, from: start, to: end)
      {
        flush(to: start)
        tokens.append(token)
        textStart = tokenEnd
      }
      index = end
    }
    flush(to: line.endIndex)
    return tokens
  }

  private static func isWordByte(_ byte: UInt8) -> Bool { isNameByte(byte) }

  /// The end of a run of word bytes, with dots, hyphens and plus signs between them.
  private static func wordEnd(_ line: ArraySlice<UInt8>, from start: Int) -> Int {
    var end = start
    while end < line.endIndex {
      if isWordByte(line[end]) {
        end += 1
      } else if ".-+".utf8.contains(line[end]), end + 1 < line.endIndex, isWordByte(line[end + 1]) {
        end += 1
      } else {
        break
      }
    }
    return end
  }

  /// Whether the letters before the digits say that a version follows: `v`, `V`, or a name with its hyphen.
  private static func isVersionPrefix(_ letters: ArraySlice<UInt8>) -> Bool {
    if letters.count == 1, let only = letters.first { return only | 0x20 == UInt8(ascii: "v") }
    return letters.hasSuffix("-") || letters.hasSuffix("-v")
  }

  /// A digest or a commit: at least 32 hexadecimal digits, both digits and letters among them.
  private static func readChecksum(_ word: ArraySlice<UInt8>) -> VersionToken? {
    let isHex = word.allSatisfy {
      isDigitByte($0) || UInt8(ascii: "a")...UInt8(ascii: "f") ~= ($0 | 0x20)
    }
    guard isHex, word.count >= 32, word.contains(where: isDigitByte), !word.allSatisfy(isDigitByte) else { return nil }
    return .checksum(word)
  }

  /// The version, or the plain number, that starts at `start`; `nil` where the word is neither.
  private static func readVersion(_ line: ArraySlice<UInt8>, from start: Int, to end: Int) -> (VersionToken, Int)? {
    var numbers: [[UInt8]] = []
    var index = start
    while index < end, isDigitByte(line[index]) {
      let digits = line[index..<end].prefix(while: isDigitByte)
      numbers.append(Array(digits))
      index = digits.endIndex
      guard index + 1 < end, line[index] == UInt8(ascii: "."), isDigitByte(line[index + 1]) else { break }
      index += 1
    }
    let rest = line[index..<end]
    if numbers.count == 1 {
      return rest.isEmpty ? (.number(line[start..<end]), end) : nil
    }
    guard let tag = tagIdentifiers(rest) else { return nil }
    // What is no tag, as a unit or the ending of a file name, stays text.
    let tokenEnd = tag.isTag ? end : index
    return (.version(VersionText(numbers: numbers, tag: tag.words), spelled: line[start..<tokenEnd]), tokenEnd)
  }

  /// The words that stand for a later state than the bare version's.
  private static let laterThanRelease: Set = ["post", "rev", "r", "p", "pl", "patch", "sp", "build", "hotfix"]

  /// The identifiers of what follows the numbers: `-rc.1`, `rc1`, `.dev0`, `-SNAPSHOT`, `.Final`.
  ///
  /// - Returns: `nil` where what follows cannot be ordered: build metadata, a date, a commit.
  private static func tagIdentifiers(_ rest: ArraySlice<UInt8>) -> (words: [[UInt8]], isTag: Bool)? {
    guard let first = rest.first else { return ([], true) }
    guard first != UInt8(ascii: "+"), !rest.contains(UInt8(ascii: "+")) else { return nil }
    var words: [[UInt8]] = []
    for part in rest.split(whereSeparator: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }) {
      if part.count >= 7, part.contains(where: isDigitByte) { return nil }
      var index = part.startIndex
      while index < part.endIndex {
        let digits = isDigitByte(part[index])
        let run = part[index...].prefix { isDigitByte($0) == digits }
        words.append(Array(run))
        index = run.endIndex
      }
    }
    guard let word = words.first else { return ([], false) }
    let text = String(decoding: word, as: UTF8.self).lowercased()
    // What comes after a release, and after which of them, each package system says in its own way.
    if text.utf8.allSatisfy(isDigitByte) || laterThanRelease.contains(text) { return nil }
    if words.count == 1, ["final", "ga", "release"].contains(text) { return ([], true) }
    if VersionText.rank(word) != nil || first == UInt8(ascii: "-") { return (words, true) }
    return ([], false)
  }
}
