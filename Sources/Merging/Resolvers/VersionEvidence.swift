/// What the words of a line say about the numbers in it.
struct LineKey {
  /// Whether the line speaks of a version, a release or a build.
  let namesVersion: Bool
  /// Whether it says nothing but a version, under that very name: that of the thing which the file is about.
  let isOwnVersion: Bool
  /// Whether it speaks of a tag or a revision, be it in short.
  private let hintsAtVersion: Bool
  /// Whether it speaks of something that is measured.
  let namesMeasure: Bool
  /// Whether it speaks of a place in a network.
  private let namesAddress: Bool

  init(_ line: ArraySlice<UInt8>) {
    namesVersion = Self.names(line)
    isOwnVersion = Self.isOwn(line)
    let words = Self.words(of: line)
    hintsAtVersion = !words.isDisjoint(with: Self.versionWords)
    namesMeasure = !words.isDisjoint(with: Self.measureWords)
    namesAddress = !words.isDisjoint(with: Self.addressWords)
  }

  /// Whether dotted numbers at a place in the line are versions, and no decimal fractions, addresses or dates.
  func allowsDotted(_ versions: VersionText..., at place: VersionPlace, versionsExpected: Bool) -> Bool {
    if place.isMarked { return true }
    // An address has four numbers, a fraction two.
    if versions.contains(where: { $0.numbers.count == 4 }), namesAddress { return false }
    if versions.contains(where: { $0.numbers.count == 2 && $0.tag.isEmpty }), namesMeasure { return false }
    if namesVersion { return true }
    if versions.allSatisfy({ $0.numbers.count == 3 || !$0.tag.isEmpty }) { return true }
    return versionsExpected && (hintsAtVersion || place.isWholeText || place.followsColon)
  }

  /// Whether the line's first word is `version` in any case, and nothing stands before it that a key does not have.
  private static func isOwn(_ line: ArraySlice<UInt8>) -> Bool {
    // In XML the element around it says whose version it is.
    guard line.first(where: { !isBlankByte($0) }) != UInt8(ascii: "<") else { return false }
    let word = line.drop { !isNameByte($0) }.prefix(while: isNameByte)
    let isVersion = word.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }.elementsEqual(
      "version".utf8)
    return isVersion || word.elementsEqual("__version__".utf8)
  }

  private static let versionWords: Set<[UInt8]> = set([
    "ver", "release", "tag", "rev", "versions", "go", "toolchain", "edition", "require", "requires",
  ])
  private static let measureWords: Set<[UInt8]> = set([
    "ratio", "rate", "rates", "size", "timeout", "timeouts", "threshold", "factor", "scale", "weight", "percent",
    "delay", "interval", "seconds", "limit", "width", "height", "opacity", "alpha", "epsilon", "tolerance", "quota",
  ])
  private static let addressWords: Set<[UInt8]> = set([
    "ip", "ipv4", "host", "hosts", "hostname", "addr", "address", "bind", "dns", "gateway", "subnet", "listen",
    "cidr", "nameserver", "netmask", "network", "server", "proxy", "mask",
  ])

  private static func set(_ words: [String]) -> Set<[UInt8]> { Set(words.map { Array($0.utf8) }) }

  /// The words of a line in lower case, those of one name apart: `app`, `ver` and `name` of `APP_VER` and `verName`.
  private static func words(of line: ArraySlice<UInt8>) -> Set<[UInt8]> {
    var words: Set<[UInt8]> = []
    var word: [UInt8] = []
    var wasLower = false
    for byte in line {
      let isUpper = UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
      let isLetter = isUpper || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
      let goesOn = isLetter || (isDigitByte(byte) && !word.isEmpty)
      if !goesOn || isUpper && wasLower {
        if !word.isEmpty { words.insert(word) }
        word = []
      }
      if goesOn { word.append(isUpper ? byte | 0x20 : byte) }
      wasLower = isLetter && !isUpper
    }
    if !word.isEmpty { words.insert(word) }
    return words
  }

  /// Finds `version` or `revision` as a word of its own, as in `version`, `versionCode`, `APP_VERSION`, `appVersion`;
  /// not as in `conversion`.
  private static func names(_ line: ArraySlice<UInt8>) -> Bool {
    let bytes = Array(line)
    return bytes.indices.contains { index in
      let before = index > 0 ? bytes[index - 1] : UInt8(ascii: " ")
      if bytes.matches("Version", at: index) || bytes.matches("Revision", at: index) {
        return !(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= before)
      }
      let isLetter = UInt8(ascii: "a")...UInt8(ascii: "z") ~= (before | 0x20)
      return !isLetter
        && (bytes.matches("version", at: index) || bytes.matches("VERSION", at: index)
          || bytes.matches("revision", at: index) || bytes.matches("REVISION", at: index)
          || bytes.matches("build_number", at: index) || bytes.matches("buildNumber", at: index))
    }
  }
}

/// Where a number stands in its line.
struct VersionPlace {
  /// Whether a sign before it, or a `v`, says that it is a version: `^1.2`, `>= 1.2`, `name@1.2`, `v1.2`, `name-1.2`.
  let isMarked: Bool
  /// Whether it is all of a text in quotes or between tags.
  let isWholeText: Bool
  /// Whether it is the last part of coordinates or of the name of an image: `group:name:1.2`, `name:1.2`.
  let followsColon: Bool

  init(in line: ArraySlice<UInt8>, from start: Int, to end: Int) {
    let before = line[line.startIndex..<start]
    let after = line[end...].first
    let last = before.last
    let close = before.trimmingEnd
    let letters = before.reversed().prefix { UInt8(ascii: "a")...UInt8(ascii: "z") ~= ($0 | 0x20) }
    let comparison =
      close.last == UInt8(ascii: "=") && (close.dropLast().last.map { "=<>!~".utf8.contains($0) } ?? false)
    isMarked =
      comparison || (close.last.map { "^~".utf8.contains($0) } ?? false)
      || close.hasSuffix("~>") || last == UInt8(ascii: "@") || Array(letters) == [UInt8(ascii: "v")]
      || last == UInt8(ascii: "-") && (before.dropLast().last.map { isNameByte($0) && !isDigitByte($0) } ?? false)
    followsColon = last == UInt8(ascii: ":") && (before.dropLast().last.map(isNameByte) ?? false)
    isWholeText =
      switch last {
      case UInt8(ascii: "\"")?, UInt8(ascii: "'")?: after == last
      case UInt8(ascii: ">")?: after == UInt8(ascii: "<")
      default: false
      }
  }
}
