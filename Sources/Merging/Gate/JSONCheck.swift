/// Reads JSON by RFC 8259; comments and commas before a closing bracket are noted as extensions.
package struct JSONCheck: DocumentCheck {
  package init() {}

  package func applies(to path: [UInt8]) -> Bool {
    ["json", "jsonc", "webmanifest", "geojson", "jsonld", "code-workspace"].contains(pathEnding(path))
  }

  package func read(_ document: [UInt8]) -> DocumentReading {
    var reader = JSONReader(document)
    return reader.read()
  }
}

/// One pass over a JSON text, with the open containers in an array.
private struct JSONReader {
  private enum Expectation {
    case value
    /// A value, or the end of the array that was just opened or goes on.
    case valueOrEnd
    case key
    case keyOrEnd
    case colon
    case commaOrEnd
    case nothing
  }

  private struct Container {
    var isObject: Bool
    var keys: Set<[UInt8]> = []
  }

  private let bytes: [UInt8]
  private var index = 0
  private var expected = Expectation.value
  private var open: [Container] = []
  private var reading = DocumentReading(.valid)
  private var afterComma = false

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
  }

  mutating func read() -> DocumentReading {
    while skipBlank() {
      guard index < bytes.count else {
        if expected != .nothing { reading.verdict = .invalid(at: bytes.count) }
        return reading
      }
      guard step() else {
        reading.verdict = open.count > greatestDocumentDepth ? .unknown : .invalid(at: index)
        return reading
      }
    }
    reading.verdict = .invalid(at: index)
    return reading
  }

  /// Passes white space and comments; `false` where a comment does not end.
  private mutating func skipBlank() -> Bool {
    while index < bytes.count {
      if bytes[index] == 0x20 || (0x09...0x0A).contains(bytes[index]) || bytes[index] == 0x0D {
        index += 1
      } else if bytes.matches("//", at: index) {
        reading.extensions.insert("comment")
        while index < bytes.count, bytes[index] != 0x0A { index += 1 }
      } else if bytes.matches("/*", at: index) {
        reading.extensions.insert("comment")
        guard let end = bytes.index(of: "*/", from: index + 2) else { return false }
        index = end
      } else {
        return true
      }
    }
    return true
  }

  /// Reads one token; `false` where it must not stand here.
  private mutating func step() -> Bool {
    let byte = bytes[index]
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard expected == .value || expected == .valueOrEnd else { return false }
      open.append(Container(isObject: byte == UInt8(ascii: "{")))
      guard open.count <= greatestDocumentDepth else { return false }
      expected = byte == UInt8(ascii: "{") ? .keyOrEnd : .valueOrEnd
      afterComma = false
      index += 1
      return true
    case UInt8(ascii: "}"), UInt8(ascii: "]"): return close(isObject: byte == UInt8(ascii: "}"))
    case UInt8(ascii: ","):
      guard expected == .commaOrEnd, let container = open.last else { return false }
      expected = container.isObject ? .keyOrEnd : .valueOrEnd
      afterComma = true
      index += 1
      return true
    case UInt8(ascii: ":"):
      guard expected == .colon else { return false }
      expected = .value
      index += 1
      return true
    case UInt8(ascii: "\""): return string()
    default: return literal()
    }
  }

  private mutating func close(isObject: Bool) -> Bool {
    guard let container = open.last, container.isObject == isObject,
      expected == .commaOrEnd || expected == (isObject ? .keyOrEnd : .valueOrEnd)
    else { return false }
    if expected != .commaOrEnd, afterComma { reading.extensions.insert("trailing comma") }
    open.removeLast()
    endValue()
    index += 1
    return true
  }

  private mutating func endValue() {
    expected = open.isEmpty ? .nothing : .commaOrEnd
    afterComma = false
  }

  private mutating func string() -> Bool {
    let start = index
    index += 1
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      if bytes[index] < 0x20 { return false }
      if bytes[index] == UInt8(ascii: "\\") {
        index += 1
        guard index < bytes.count, "\"\\/bfnrtu".utf8.contains(bytes[index]) else { return false }
        if bytes[index] == UInt8(ascii: "u") {
          guard index + 4 < bytes.count, bytes[(index + 1)...(index + 4)].allSatisfy(isHexByte) else { return false }
          index += 4
        }
      }
      index += 1
    }
    guard index < bytes.count else { return false }
    index += 1
    switch expected {
    case .key, .keyOrEnd:
      let key = Array(bytes[(start + 1)..<(index - 1)])
      if !open[open.count - 1].keys.insert(key).inserted { reading.repeatedKeys[key] = start }
      expected = .colon
      return true
    case .value, .valueOrEnd:
      endValue()
      return true
    case .colon, .commaOrEnd, .nothing:
      index = start
      return false
    }
  }

  private mutating func literal() -> Bool {
    guard expected == .value || expected == .valueOrEnd else { return false }
    for word in ["true", "false", "null"] as [StaticString] where bytes.matches(word, at: index) {
      index += word.utf8CodeUnitCount
      endValue()
      return true
    }
    let end = numberEnd()
    guard end > index else { return false }
    index = end
    endValue()
    return true
  }

  /// The end of the number that starts here; where it starts if there is none.
  private func numberEnd() -> Int {
    var end = index
    func digits() -> Bool {
      let start = end
      while end < bytes.count, isDigitByte(bytes[end]) { end += 1 }
      return end > start
    }
    func take(_ choices: StaticString) -> Bool {
      guard end < bytes.count, choices.withUTF8Buffer({ $0.contains(bytes[end]) }) else { return false }
      end += 1
      return true
    }
    _ = take("-")
    let first = end
    guard digits(), bytes[first] != UInt8(ascii: "0") || end == first + 1 else { return index }
    if take("."), !digits() { return index }
    if take("eE") {
      _ = take("+-")
      if !digits() { return index }
    }
    return end
  }
}

/// Whether a byte is a hexadecimal digit.
func isHexByte(_ byte: UInt8) -> Bool {
  isDigitByte(byte) || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte | 0x20
}
