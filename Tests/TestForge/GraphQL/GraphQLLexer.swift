/// The words of GraphQL, for documents and for schemas.
struct GraphQLLexer {
  enum Token: Hashable, Sendable {
    case name(String)
    case punctuation(Character)
    case spread
    case integer(Int)
    case decimal(Double)
    case string(String)
    case end
  }

  private let bytes: ArraySlice<UInt8>
  private var index: Int
  private(set) var next: Token = .end

  init(_ bytes: ArraySlice<UInt8>) throws(GraphQLFault) {
    self.bytes = bytes
    index = bytes.startIndex
    try advance()
  }

  /// Takes the next token.
  @discardableResult
  mutating func take() throws(GraphQLFault) -> Token {
    let token = next
    try advance()
    return token
  }

  /// Takes the character, where it is the next.
  mutating func skip(_ character: Character) throws(GraphQLFault) -> Bool {
    guard next == .punctuation(character) else { return false }
    try advance()
    return true
  }

  mutating func expect(_ character: Character) throws(GraphQLFault) {
    guard try skip(character) else { throw GraphQLFault("Parse error: expected '\(character)', found \(next)") }
  }

  mutating func name() throws(GraphQLFault) -> String {
    guard case .name(let text) = next else { throw GraphQLFault("Parse error: expected a name, found \(next)") }
    try advance()
    return text
  }

  private mutating func advance() throws(GraphQLFault) {
    skipBlanks()
    guard index < bytes.endIndex else {
      next = .end
      return
    }
    let byte = bytes[index]
    switch byte {
    case UInt8(ascii: "\""): next = .string(try string())
    case UInt8(ascii: "."):
      guard bytes[index...].starts(with: "...".utf8) else { throw GraphQLFault("Parse error: a single '.'") }
      index += 3
      next = .spread
    case UInt8(ascii: "-"), 0x30...0x39: next = number()
    case 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"):
      let start = index
      while index < bytes.endIndex, Self.isNamePart(bytes[index]) { index += 1 }
      next = .name(String(decoding: bytes[start..<index], as: UTF8.self))
    default:
      let character = Character(UnicodeScalar(byte))
      guard "!$&():=@[]{|}".contains(character) else { throw GraphQLFault("Parse error on '\(character)'") }
      index += 1
      next = .punctuation(character)
    }
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5f
  }

  private mutating func skipBlanks() {
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte == UInt8(ascii: "#") {
        while index < bytes.endIndex, bytes[index] != 10 { index += 1 }
      } else if byte == 0x20 || byte == 9 || byte == 10 || byte == 13 || byte == UInt8(ascii: ",") {
        index += 1
      } else {
        return
      }
    }
  }

  private mutating func number() -> Token {
    let start = index
    index += 1
    while index < bytes.endIndex, Self.isNamePart(bytes[index]) || "+-.".utf8.contains(bytes[index]) { index += 1 }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    return Int(text).map { .integer($0) } ?? .decimal(Double(text) ?? 0)
  }

  private mutating func string() throws(GraphQLFault) -> String {
    if bytes[index...].starts(with: "\"\"\"".utf8) {
      index += 3
      let start = index
      while index < bytes.endIndex, !bytes[index...].starts(with: "\"\"\"".utf8) { index += 1 }
      defer { index += 3 }
      return String(decoding: bytes[start..<index], as: UTF8.self)
    }
    index += 1
    var text: [UInt8] = []
    while index < bytes.endIndex, bytes[index] != UInt8(ascii: "\"") {
      if bytes[index] == 10 { throw GraphQLFault("Parse error: a string without an end") }
      if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.endIndex {
        index += 1
        text += try escape()
      } else {
        text.append(bytes[index])
        index += 1
      }
    }
    guard index < bytes.endIndex else { throw GraphQLFault("Parse error: a string without an end") }
    index += 1
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func escape() throws(GraphQLFault) -> [UInt8] {
    defer { index += 1 }
    switch bytes[index] {
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [bytes[index]]
    case UInt8(ascii: "u"):
      let digits = String(decoding: bytes[index...].dropFirst().prefix(4), as: UTF8.self)
      index += 4
      guard let value = UInt32(digits, radix: 16), let scalar = UnicodeScalar(value) else {
        throw GraphQLFault("Parse error: an escape that is no character")
      }
      return Array(String(Character(scalar)).utf8)
    default: throw GraphQLFault("Parse error: an unknown escape")
    }
  }
}

/// What is wrong with a document, or why a field has no value.
struct GraphQLFault: Error, Hashable, Sendable {
  let message: String
  /// `NOT_FOUND`, `FORBIDDEN`, `UNPROCESSABLE`; `nil` where no document should ever have this fault.
  let type: String?

  init(_ message: String, type: String? = nil) {
    self.message = message
    self.type = type
  }
}

/// A type as it is written: `[String!]!`.
indirect enum GraphQLType: Hashable, Sendable, CustomStringConvertible {
  case named(String)
  case list(GraphQLType)
  case required(GraphQLType)

  init(_ lexer: inout GraphQLLexer) throws(GraphQLFault) {
    var type: GraphQLType
    if try lexer.skip("[") {
      type = .list(try GraphQLType(&lexer))
      try lexer.expect("]")
    } else {
      type = .named(try lexer.name())
    }
    if try lexer.skip("!") { type = .required(type) }
    self = type
  }

  /// The name behind all lists.
  var name: String {
    switch self {
    case .named(let name): name
    case .list(let inner), .required(let inner): inner.name
    }
  }

  var isRequired: Bool { if case .required = self { true } else { false } }

  var description: String {
    switch self {
    case .named(let name): name
    case .list(let inner): "[\(inner)]"
    case .required(let inner): "\(inner)!"
    }
  }
}
