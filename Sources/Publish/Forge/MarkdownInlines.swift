internal import ByteText

/// A part of a paragraph.
enum MarkdownInline {
  /// One byte of text; a mark is what may stand there for emphasis.
  struct Unit: Hashable {
    var byte: UInt8
    var isMark = false
  }

  case text([Unit])
  case code([UInt8])
  indirect case link([MarkdownInline], to: [UInt8])
}

/// Reads what stands in a paragraph: text, code and links.
///
/// Images are their description, HTML is text.
struct InlineReader {
  private let bytes: [UInt8]
  private let depth: Int
  private var index = 0
  private var result: [MarkdownInline] = []
  private var text: [MarkdownInline.Unit] = []
  /// How many brackets were looked at that began no link: nobody writes many, and each costs a search.
  private var attempts = 0
  private static let mostAttempts = 100

  private init(_ bytes: [UInt8], depth: Int) {
    self.bytes = bytes
    self.depth = depth
  }

  static func inlines(_ bytes: [UInt8], depth: Int = 0) -> [MarkdownInline] {
    var reader = InlineReader(bytes, depth: depth)
    while reader.index < bytes.count { reader.step() }
    reader.endText()
    return reader.result
  }

  private mutating func endText() {
    if !text.isEmpty { result.append(.text(text)) }
    text = []
  }

  private mutating func take(_ literal: some Sequence<UInt8>) {
    for byte in literal { text.append(MarkdownInline.Unit(byte: byte)) }
  }

  private mutating func step() {
    let byte = bytes[index]
    switch byte {
    case UInt8(ascii: "\\"):
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0x20
      if next > 0x20, next < 0x7f, !ASCII.isAlphanumeric(next) {
        take([next])
        index += 2
        return
      }
    case UInt8(ascii: "`"):
      code()
      return
    case UInt8(ascii: "!"):
      if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "["), let link = link(at: index + 1) {
        // What an image shows is not looked at; what is said of it stays.
        take(Array("[image: ".utf8))
        for inline in Self.inlines(link.text, depth: depth + 1) {
          if case .text(let units) = inline { take(units.map(\.byte)) }
          if case .code(let code) = inline { take(code) }
        }
        take([UInt8(ascii: "]")])
        index = link.end
        return
      }
    case UInt8(ascii: "["):
      if depth < 2, let link = link(at: index) {
        endText()
        result.append(.link(Self.inlines(link.text, depth: depth + 2), to: link.target))
        index = link.end
        return
      }
    case UInt8(ascii: "<"):
      if let end = autolinkEnd() {
        take(bytes[(index + 1)..<end])
        index = end + 1
        return
      }
    case UInt8(ascii: "&"):
      if let (decoded, length) = MarkdownEntity.decoded(bytes, at: index) {
        take(decoded)
        index += length
        return
      }
    case UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "~"):
      text.append(MarkdownInline.Unit(byte: byte, isMark: true))
      index += 1
      return
    default: break
    }
    take([byte])
    index += 1
  }

  private mutating func link(at start: Int) -> Link? {
    guard attempts < Self.mostAttempts else { return nil }
    let link = Link(bytes, at: start)
    if link == nil { attempts += 1 }
    return link
  }

  private mutating func code() {
    let length = bytes[index...].prefix { $0 == UInt8(ascii: "`") }.count
    if let close = InlineReader.close(of: length, in: bytes, from: index + length) {
      var content = bytes[(index + length)..<close].map { $0 == 0x0a ? 0x20 : $0 }
      if content.count > 2, content.first == 0x20, content.last == 0x20, content.contains(where: { $0 != 0x20 }) {
        content = Array(content.dropFirst().dropLast())
      }
      endText()
      result.append(.code(content))
      index = close + length
    } else {
      take(bytes[index..<(index + length)])
      index += length
    }
  }

  /// Where exactly so many backticks stand.
  fileprivate static func close(
    of length: Int, in bytes: [UInt8], before end: Int = .max, from start: Int
  ) -> Int? {
    var index = start
    while index < min(end, bytes.count) {
      guard bytes[index] == UInt8(ascii: "`") else {
        index += 1
        continue
      }
      let run = bytes[index...].prefix { $0 == UInt8(ascii: "`") }.count
      if run == length { return index }
      index += run
    }
    return nil
  }

  /// Where `<scheme:…>` or `<name@host>` ends.
  private func autolinkEnd() -> Int? {
    let rest = bytes[(index + 1)...]
    guard let end = rest.firstIndex(where: { $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "<") || $0 <= 0x20 }),
      bytes[end] == UInt8(ascii: ">"), rest.first.map(ASCII.isLetter) == true,
      bytes[(index + 1)..<end].contains(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "@") })
    else { return nil }
    return end
  }
}

/// A link as `[text](target "title")`.
private struct Link {
  var text: [UInt8]
  /// With escapes undone.
  var target: [UInt8]
  /// Where what follows begins.
  var end: Int

  /// The link whose `[` stands at the index; `nil` where there is none.
  init?(_ bytes: [UInt8], at start: Int) {
    guard let close = Link.close(of: start, in: bytes), close + 1 < bytes.count,
      bytes[close + 1] == UInt8(ascii: "(")
    else { return nil }
    text = Array(bytes[(start + 1)..<close])
    var index = close + 2
    func skipBlanks() { while index < bytes.count, ASCII.isBlank(bytes[index]) { index += 1 } }
    skipBlanks()
    var raw: ArraySlice<UInt8> = []
    if index < bytes.count, bytes[index] == UInt8(ascii: "<") {
      let stop = bytes[index...].firstIndex { $0 == UInt8(ascii: ">") || $0 == 0x0a }
      guard let stop, bytes[stop] == UInt8(ascii: ">") else { return nil }
      raw = bytes[(index + 1)..<stop]
      index = stop + 1
    } else {
      let first = index
      var depth = 0
      while index < bytes.count, bytes[index] > 0x20 {
        if bytes[index] == UInt8(ascii: "\\") { index += 1 }
        if index < bytes.count, bytes[index] == UInt8(ascii: "(") { depth += 1 }
        if index < bytes.count, bytes[index] == UInt8(ascii: ")") {
          if depth == 0, bytes[index - 1] != UInt8(ascii: "\\") { break }
          depth -= 1
        }
        index += 1
      }
      raw = bytes[first..<min(index, bytes.count)]
    }
    skipBlanks()
    if index < bytes.count, let quote = "\"'(".utf8.first(where: { $0 == bytes[index] }) {
      let closing = quote == UInt8(ascii: "(") ? UInt8(ascii: ")") : quote
      guard let stop = bytes[(index + 1)...].firstIndex(of: closing) else { return nil }
      index = stop + 1
      skipBlanks()
    }
    guard index < bytes.count, bytes[index] == UInt8(ascii: ")") else { return nil }
    end = index + 1
    target = Link.plain(Array(raw))
  }

  /// The `]` that belongs to a `[`.
  private static func close(of start: Int, in bytes: [UInt8]) -> Int? {
    var (index, depth) = (start, 0)
    while index < bytes.count, index - start < 600 {
      switch bytes[index] {
      case UInt8(ascii: "\\"): index += 1
      case UInt8(ascii: "`"):
        let length = bytes[index...].prefix { $0 == UInt8(ascii: "`") }.count
        index =
          (InlineReader.close(of: length, in: bytes, before: start + 1_000, from: index + length) ?? index) + length - 1
      case UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "]"):
        depth -= 1
        if depth == 0 { return index }
      default: break
      }
      index += 1
    }
    return nil
  }

  private static func plain(_ raw: [UInt8]) -> [UInt8] {
    var (result, index): ([UInt8], Int) = ([], 0)
    while index < raw.count {
      if raw[index] == UInt8(ascii: "&"), let (decoded, length) = MarkdownEntity.decoded(raw, at: index) {
        result += decoded
        index += length
      } else {
        if raw[index] == UInt8(ascii: "\\"), index + 1 < raw.count, !ASCII.isAlphanumeric(raw[index + 1]) { index += 1 }
        result.append(raw[index])
        index += 1
      }
    }
    return result
  }
}

/// Characters that are written as HTML writes them.
enum MarkdownEntity {
  private static let names: [(name: [UInt8], text: String)] = [
    ("amp", "&"), ("lt", "<"), ("gt", ">"), ("quot", "\""), ("apos", "'"), ("nbsp", " "), ("num", "#"),
    ("commat", "@"), ("excl", "!"), ("colon", ":"), ("sol", "/"), ("bsol", "\\"), ("lsqb", "["), ("lbrack", "["),
    ("rsqb", "]"), ("rbrack", "]"), ("lpar", "("), ("rpar", ")"), ("lowbar", "_"), ("ast", "*"), ("grave", "`"),
    ("period", "."), ("comma", ","), ("Tab", " "), ("NewLine", " "), ("hyphen", "-"), ("dash", "-"), ("mdash", "—"),
    ("ndash", "–"), ("hellip", "…"), ("copy", "©"),
  ].map { (Array($0.0.utf8), $0.1) }

  /// The character at the index, as bytes that can be seen, and how many bytes it takes; `nil` where none is written so.
  static func decoded(_ bytes: [UInt8], at index: Int) -> (text: [UInt8], length: Int)? {
    guard let end = bytes[index...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else { return nil }
    let name = bytes[(index + 1)..<end]
    if name.first == UInt8(ascii: "#") {
      let digits = name.dropFirst()
      let isHex = digits.first.map { $0 | 0x20 == UInt8(ascii: "x") } == true
      let number = String(decoding: isHex ? digits.dropFirst() : digits, as: UTF8.self)
      guard number.utf8.allSatisfy(ASCII.isHex), let value = UInt32(number, radix: isHex ? 16 : 10) else { return nil }
      let scalar = value == 0 ? "\u{fffd}" : Unicode.Scalar(value) ?? "\u{fffd}"
      let text = VisibleText.of(String(scalar)).map { $0 == 0x0a ? 0x20 : $0 }
      return (text, end + 1 - index)
    }
    guard let known = names.first(where: { name.elementsEqual($0.name) }) else { return nil }
    return (Array(known.text.utf8), end + 1 - index)
  }
}
