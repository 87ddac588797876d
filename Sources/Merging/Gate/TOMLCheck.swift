/// Reads TOML 1.0: tables, keys, and values with all their brackets and quotes.
///
/// Dates and numbers are taken by the characters they are written with.
package struct TOMLCheck: DocumentCheck {
  package init() {}

  package func applies(to path: [UInt8]) -> Bool { Language.ofFile(at: path).name == "TOML" }

  package func read(_ document: [UInt8]) -> DocumentReading {
    var reader = TOMLReader(document)
    return reader.read()
  }
}

private struct TOMLReader {
  private let bytes: [UInt8]
  private var index = 0
  private var table: [UInt8] = []
  private var seen: Set<[UInt8]> = []
  private var reading = DocumentReading(.valid)

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
  }

  mutating func read() -> DocumentReading {
    while true {
      skip(lines: true)
      guard index < bytes.count else { return reading }
      let start = index
      let isFine = bytes[index] == UInt8(ascii: "[") ? header() : pair()
      if reading.verdict == .unknown { return reading }
      skip(lines: false)
      guard isFine, index >= bytes.count || bytes[index] == 0x0A else {
        reading.verdict = .invalid(at: start)
        return reading
      }
    }
  }

  /// Passes white space and comments, and the ends of lines if these may stand here.
  private mutating func skip(lines: Bool) {
    while index < bytes.count {
      if isBlankByte(bytes[index]) || lines && bytes[index] == 0x0A {
        index += 1
      } else if bytes[index] == UInt8(ascii: "#") {
        while index < bytes.count, bytes[index] != 0x0A { index += 1 }
      } else {
        return
      }
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  private mutating func header() -> Bool {
    let start = index
    let isArray = bytes.matches("[[", at: index)
    index += isArray ? 2 : 1
    guard let key = key(), take(UInt8(ascii: "]")), !isArray || take(UInt8(ascii: "]")) else { return false }
    table = key
    if isArray {
      // Each entry of an array of tables has keys of its own.
      table += [0] + Array(String(start).utf8)
    } else if !seen.insert([1] + key).inserted {
      reading.repeatedKeys[key] = start
    }
    return true
  }

  private mutating func pair() -> Bool {
    let start = index
    guard let key = key() else { return false }
    let path = table + [0, 0] + key
    if !seen.insert(path).inserted { reading.repeatedKeys[key] = start }
    return take(UInt8(ascii: "=")) && value()
  }

  /// A key with its dots, its parts without quotes and blanks; `nil` where there is none.
  private mutating func key() -> [UInt8]? {
    var key: [UInt8] = []
    while true {
      skipBlanks()
      guard index < bytes.count else { return nil }
      let start = index
      if bytes[index] == UInt8(ascii: "\"") || bytes[index] == UInt8(ascii: "'") {
        guard string() else { return nil }
        key += bytes[(start + 1)..<(index - 1)]
      } else {
        while index < bytes.count, isNameByte(bytes[index]) || bytes[index] == UInt8(ascii: "-") { index += 1 }
        guard index > start else { return nil }
        key += bytes[start..<index]
      }
      skipBlanks()
      guard take(UInt8(ascii: ".")) else { return key }
      key.append(0)
    }
  }

  private mutating func skipBlanks() {
    while index < bytes.count, isBlankByte(bytes[index]) { index += 1 }
  }

  /// A value with all that is nested in it; the open brackets stand in an array.
  private mutating func value() -> Bool {
    var open: [UInt8] = []
    var needsKey = false
    repeat {
      skip(lines: open.last == UInt8(ascii: "]"))
      guard index < bytes.count else { return false }
      if let closer = open.last, bytes[index] == closer {
        index += 1
        open.removeLast()
      } else {
        if needsKey {
          guard key() != nil, take(UInt8(ascii: "=")) else { return false }
          skipBlanks()
          guard index < bytes.count else { return false }
        }
        needsKey = false
        if bytes[index] == UInt8(ascii: "[") || bytes[index] == UInt8(ascii: "{") {
          needsKey = bytes[index] == UInt8(ascii: "{")
          open.append(needsKey ? UInt8(ascii: "}") : UInt8(ascii: "]"))
          index += 1
          if open.count > greatestDocumentDepth {
            reading.verdict = .unknown
            return false
          }
          continue
        }
        guard scalar() else { return false }
      }
      guard let closer = open.last else { return true }
      skip(lines: closer == UInt8(ascii: "]"))
      guard index < bytes.count else { return false }
      if bytes[index] == UInt8(ascii: ",") {
        index += 1
        needsKey = closer == UInt8(ascii: "}")
      } else if bytes[index] != closer {
        return false
      }
    } while true
  }

  private mutating func scalar() -> Bool {
    if bytes[index] == UInt8(ascii: "\"") || bytes[index] == UInt8(ascii: "'") { return string() }
    let start = index
    while index < bytes.count, isNameByte(bytes[index]) || "+-:.".utf8.contains(bytes[index]) { index += 1 }
    let word = bytes[start..<index]
    // A date may have a blank before the time.
    if word.count == 10, word[start + 4] == UInt8(ascii: "-"), index + 2 < bytes.count, bytes[index] == 0x20,
      isDigitByte(bytes[index + 1])
    {
      index += 1
      while index < bytes.count, isNameByte(bytes[index]) || "+-:.".utf8.contains(bytes[index]) { index += 1 }
      return true
    }
    if ["true", "false", "inf", "nan", "+inf", "-inf", "+nan", "-nan"].contains(String(decoding: word, as: UTF8.self)) {
      return true
    }
    let digits = word.drop { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
    return digits.first.map(isDigitByte) ?? false
  }

  /// A literal of any of the four kinds.
  private mutating func string() -> Bool {
    let quote = bytes[index]
    let triple = [quote, quote, quote]
    let isLong = bytes.matches(triple, at: index)
    index += isLong ? 3 : 1
    while index < bytes.count {
      if quote == UInt8(ascii: "\""), bytes[index] == UInt8(ascii: "\\") {
        index += 2
        continue
      }
      if isLong ? bytes.matches(triple, at: index) : bytes[index] == quote {
        index += isLong ? 3 : 1
        // Up to two quotes may stand right before the closing ones.
        if isLong { for _ in 0..<2 where index < bytes.count && bytes[index] == quote { index += 1 } }
        return true
      }
      if !isLong, bytes[index] == 0x0A { return false }
      index += 1
    }
    return false
  }
}
