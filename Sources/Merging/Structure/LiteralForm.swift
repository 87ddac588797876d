/// Literals that a language's row cannot tell of, since what opens them stands for something else as well: regular
/// expressions, characters, and texts that hold code.
///
/// None is found that goes on across its line, nor one that misleads nobody: what has no quote, no beginning of a
/// comment and only brackets in pairs is as well read as code.
struct LiteralForm: Sendable {
  private enum Kind: Sendable {
    /// JavaScript and TypeScript.
    case ecmascript
    case ruby, rust, swift
  }

  private let kind: Kind
  /// The bytes that may open one.
  let openers: [UInt8]
  /// A line may be as long as the file, and each of its bytes may seem to open a literal.
  private static let longest = 2_000

  /// - Returns: `nil` for a language that has none.
  init?(_ language: Language) {
    switch language.name {
    case "JavaScript", "TypeScript": (kind, openers) = (.ecmascript, Array("/".utf8))
    case "Ruby": (kind, openers) = (.ruby, Array("/%?$".utf8))
    case "Rust": (kind, openers) = (.rust, Array("'".utf8))
    case "Swift": (kind, openers) = (.swift, Array("\"#".utf8))
    default: return nil
    }
  }

  /// How many bytes the literal has that opens at a place in code; `nil` where none does.
  func length(_ bytes: [UInt8], at index: Int) -> Int? {
    guard openers.contains(bytes[index]) else { return nil }
    let end: Int?
    switch (kind, bytes[index]) {
    case (.ecmascript, _): end = startsExpression(bytes, index) ? Self.pattern(bytes, index, hasClasses: true) : nil
    case (.ruby, UInt8(ascii: "/")):
      end = startsExpression(bytes, index) ? Self.pattern(bytes, index, hasClasses: false) : nil
    case (.ruby, UInt8(ascii: "%")): end = startsExpression(bytes, index) ? Self.percent(bytes, index) : nil
    case (.ruby, UInt8(ascii: "$")): end = Self.isQuote(bytes, index + 1) ? index + 2 : nil
    case (.ruby, _): return Self.character(bytes, index)
    case (.rust, _): end = Self.quotedCharacter(bytes, index)
    case (.swift, UInt8(ascii: "\"")): return Self.interpolated(bytes, index).map { $0 - index }
    case (.swift, _): end = Self.rawText(bytes, index)
    }
    guard let end, Self.misleads(bytes[index..<end]) else { return nil }
    return end - index
  }

  // MARK: - Where an expression begins

  /// Whether what stands before a sign on its line is no value, so that the sign is no operator.
  private func startsExpression(_ bytes: [UInt8], _ index: Int) -> Bool {
    let next = index + 1 < bytes.count ? bytes[index + 1] : 0x0A
    // An element of JSX that closes itself.
    if kind == .ecmascript, next == UInt8(ascii: ">") { return false }
    let hasInkNext = !isBlankByte(next) && next != 0x0A && next != UInt8(ascii: "=")
    var before = index - 1
    let least = max(0, index - Self.longest)
    while before >= least, isBlankByte(bytes[before]) { before -= 1 }
    guard before >= least, bytes[before] != 0x0A else { return hasInkNext }
    let last = bytes[before]
    if "(,=:[!&|?{;".utf8.contains(last) { return true }
    if last == UInt8(ascii: ">") { return before > 0 && bytes[before - 1] == UInt8(ascii: "=") }
    if last == UInt8(ascii: "~") { return kind == .ruby }
    guard isNameByte(last) else { return false }
    var start = before
    while start > least, isNameByte(bytes[start - 1]) { start -= 1 }
    let isMember = start > 0 && bytes[start - 1] == UInt8(ascii: ".")
    if !isMember, before - start < 10 {
      let word = String(decoding: bytes[start...before], as: UTF8.self)
      if (kind == .ruby ? Self.wordsOfRuby : Self.wordsOfScript).contains(word) { return true }
    }
    // A call without parentheses; Ruby itself goes by the blanks where it does not know the name.
    return kind == .ruby && before < index - 1 && hasInkNext && !isDigitByte(bytes[start])
  }

  private static let wordsOfScript: Set<String> = [
    "return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "instanceof", "do", "else", "yield",
    "await",
  ]
  private static let wordsOfRuby: Set<String> = [
    "return", "if", "unless", "when", "and", "or", "not", "while", "until", "elsif", "then", "in", "do", "else",
  ]

  // MARK: - The forms, each with the place behind its end

  /// A regular expression between slashes.
  private static func pattern(_ bytes: [UInt8], _ start: Int, hasClasses: Bool) -> Int? {
    var isInClass = false
    var index = start + 1
    let limit = min(bytes.count, start + longest)
    while index < limit, bytes[index] != 0x0A {
      switch bytes[index] {
      case UInt8(ascii: "\\"): index += 1
      case UInt8(ascii: "["): isInClass = hasClasses
      case UInt8(ascii: "]"): isInClass = false
      case UInt8(ascii: "/") where !isInClass: return index > start + 1 ? index + 1 : nil
      default: break
      }
      index += 1
    }
    return nil
  }

  /// A literal of Ruby such as `%q(…)`, `%w[…]` or `%r{…}`.
  private static func percent(_ bytes: [UInt8], _ start: Int) -> Int? {
    var index = start + 1
    if index < bytes.count, "qQwWiIrxs".utf8.contains(bytes[index]) { index += 1 }
    guard index < bytes.count, "([{<|!/^~".utf8.contains(bytes[index]) else { return nil }
    let opener = bytes[index]
    let closer = pairs[opener] ?? opener
    var depth = 1
    index += 1
    let limit = min(bytes.count, start + longest)
    while index < limit, bytes[index] != 0x0A {
      if bytes[index] == UInt8(ascii: "\\") {
        index += 1
      } else if bytes[index] == closer {
        depth -= 1
        if depth == 0 { return index + 1 }
      } else if bytes[index] == opener {
        depth += 1
      }
      index += 1
    }
    return nil
  }

  private static let pairs: [UInt8: UInt8] = [
    UInt8(ascii: "("): UInt8(ascii: ")"), UInt8(ascii: "["): UInt8(ascii: "]"), UInt8(ascii: "{"): UInt8(ascii: "}"),
    UInt8(ascii: "<"): UInt8(ascii: ">"),
  ]

  /// How many bytes a character of Ruby has that is a quote: `?"`.
  private static func character(_ bytes: [UInt8], _ start: Int) -> Int? {
    guard isQuote(bytes, start + 1) else { return nil }
    let before = start > 0 ? bytes[start - 1] : 0x0A
    let after = start + 2 < bytes.count ? bytes[start + 2] : 0x0A
    let standsAlone = before == 0x0A || isBlankByte(before) || "(,[{=!|&:".utf8.contains(before)
    // `condition ?"a" : "b"` is none.
    return standsAlone && !isNameByte(after) && after != bytes[start + 1] && after != UInt8(ascii: "\\") ? 2 : nil
  }

  /// A character of Rust; a lifetime has no second quote.
  private static func quotedCharacter(_ bytes: [UInt8], _ start: Int) -> Int? {
    var index = start + 1
    guard index < bytes.count, bytes[index] != 0x0A, bytes[index] != UInt8(ascii: "'") else { return nil }
    if bytes[index] == UInt8(ascii: "\\") {
      index += 2
      let limit = min(bytes.count, start + 14)
      while index < limit, bytes[index] != UInt8(ascii: "'"), bytes[index] != 0x0A { index += 1 }
    } else {
      index += 1
      while index < bytes.count, bytes[index] & 0xC0 == 0x80 { index += 1 }
    }
    return index < bytes.count && bytes[index] == UInt8(ascii: "'") ? index + 1 : nil
  }

  /// A text of Swift that holds code with a text of its own; `nil` for one without.
  private static func interpolated(_ bytes: [UInt8], _ start: Int) -> Int? {
    if bytes.matches("\"\"", at: start) { return nil }
    // For each piece of code that is open, how many brackets are.
    var open: [Int] = []
    var isText = true
    var hasTextInCode = false
    var index = start + 1
    let limit = min(bytes.count, start + longest)
    while index < limit, bytes[index] != 0x0A {
      switch (isText, bytes[index]) {
      case (true, UInt8(ascii: "\\")):
        index += 1
        if index < limit, bytes[index] == UInt8(ascii: "(") {
          open.append(1)
          isText = false
        }
      case (true, UInt8(ascii: "\"")):
        if open.isEmpty { return hasTextInCode ? index + 1 : nil }
        isText = false
      case (false, UInt8(ascii: "\"")):
        hasTextInCode = true
        isText = true
      case (false, UInt8(ascii: "(")): open[open.count - 1] += 1
      case (false, UInt8(ascii: ")")):
        open[open.count - 1] -= 1
        if open.last == 0 {
          open.removeLast()
          isText = true
        }
      default: break
      }
      index += 1
    }
    return nil
  }

  /// A text of Swift between hash signs on one line: `#"…"#`.
  private static func rawText(_ bytes: [UInt8], _ start: Int) -> Int? {
    var index = start
    while index < bytes.count, index < start + 8, bytes[index] == UInt8(ascii: "#") { index += 1 }
    let closer = [UInt8(ascii: "\"")] + Array(repeating: UInt8(ascii: "#"), count: index - start)
    guard index < bytes.count, bytes[index] == UInt8(ascii: "\""), !bytes.matches("\"\"\"", at: index) else {
      return nil
    }
    index += 1
    let limit = min(bytes.count, start + longest)
    while index < limit, bytes[index] != 0x0A {
      if bytes.matches(closer, at: index) { return index + closer.count }
      index += 1
    }
    return nil
  }

  // MARK: - What misleads

  private static func isQuote(_ bytes: [UInt8], _ index: Int) -> Bool {
    index < bytes.count && "\"'`".utf8.contains(bytes[index])
  }

  /// Whether a literal, read as code, would open or close something.
  private static func misleads(_ literal: ArraySlice<UInt8>) -> Bool {
    var open: [UInt8] = []
    var last: UInt8 = 0
    for byte in literal.dropFirst() {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"), UInt8(ascii: "#"): return true
      case UInt8(ascii: "/"), UInt8(ascii: "*"):
        if last == UInt8(ascii: "/") { return true }
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): open.append(pairs[byte] ?? byte)
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
        guard open.popLast() == byte else { return true }
      default: break
      }
      last = byte
    }
    return !open.isEmpty
  }
}
