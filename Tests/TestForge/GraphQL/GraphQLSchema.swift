/// A schema as it is written; its types are read when they are asked for.
struct GraphQLSchema: Sendable {
  struct Input: Sendable, Hashable {
    let type: GraphQLType
    let hasDefault: Bool
    var isNeeded: Bool { type.isRequired && !hasDefault }
  }

  struct Field: Sendable, Hashable {
    let type: GraphQLType
    let arguments: [String: Input]
  }

  enum Kind: Sendable, Hashable {
    case object([String: Field])
    case input([String: Input])
    case values(Set<String>)
    case union(Set<String>)
    case scalar
  }

  /// Where each type is written, from its keyword on.
  private let places: [String: ArraySlice<UInt8>]
  /// The names of the types that have an interface, by the interface's name.
  private let implementers: [String: Set<String>]

  init(_ text: [UInt8]) {
    var places: [String: ArraySlice<UInt8>] = [:]
    var implementers: [String: Set<String>] = [:]
    var inDescription = false
    var open: (name: String, start: Int)?
    let quotes = Array("\"\"\"".utf8)
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: 10) ?? text.count
      let line = text[start..<end]
      let trimmed = line.drop { $0 == 0x20 }
      if inDescription {
        if line.suffix(3).elementsEqual(quotes) { inDescription = false }
      } else if trimmed.starts(with: quotes) {
        inDescription = !(trimmed.count >= 6 && trimmed.suffix(3).elementsEqual(quotes))
      } else if let first = line.first, (0x61...0x7a).contains(first) {
        let words = line.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
        if words.count > 1, ["type", "interface", "input", "enum", "union", "scalar"].contains(words[0]) {
          let name = words[1]
          places[name] = text[start..<end]
          open = (name, start)
          for word in words.dropFirst(2) where word != "implements" && word != "&" && word != "{" {
            implementers[word, default: []].insert(name)
          }
        } else {
          open = nil
        }
      }
      if let name = open?.name, let from = open?.start {
        places[name] = text[from..<end]
        if line.elementsEqual("}".utf8) { open = nil }
      }
      start = end + 1
    }
    self.places = places
    self.implementers = implementers
  }

  func has(_ name: String) -> Bool { places[name] != nil || Self.scalars.contains(name) }

  private static let scalars: Set<String> = ["Int", "Float", "String", "Boolean", "ID"]

  /// A type; `nil` where there is none of this name.
  func type(_ name: String) -> Kind? {
    if Self.scalars.contains(name) { return .scalar }
    guard let text = places[name], var lexer = try? GraphQLLexer(text) else { return nil }
    return try? Self.read(&lexer)
  }

  /// Whether an object of the type may be met where the other type is declared.
  func canBe(_ name: String, _ declared: String) -> Bool {
    if name == declared || implementers[declared]?.contains(name) == true
      || implementers[name]?.contains(declared) == true
    {
      return true
    }
    if case .union(let members) = type(declared), members.contains(name) { return true }
    if let mine = implementers[name], let other = implementers[declared] { return !mine.isDisjoint(with: other) }
    return false
  }

  private static func read(_ lexer: inout GraphQLLexer) throws(GraphQLFault) -> Kind {
    let keyword = try lexer.name()
    _ = try lexer.name()
    switch keyword {
    case "scalar": return .scalar
    case "union":
      while lexer.next != .punctuation("="), lexer.next != .end { try lexer.take() }
      var members: Set<String> = []
      while lexer.next != .end {
        if case .name(let name) = try lexer.take() { members.insert(name) }
      }
      return .union(members)
    default: break
    }
    while lexer.next != .punctuation("{") {
      if lexer.next == .end { return .object([:]) }
      try lexer.take()
    }
    try lexer.expect("{")
    switch keyword {
    case "enum":
      var values: Set<String> = []
      while try !lexer.skip("}") {
        if case .string = lexer.next {
          try lexer.take()
          continue
        }
        values.insert(try lexer.name())
        try skipDirectives(&lexer)
      }
      return .values(values)
    case "input":
      return .input(try inputs(&lexer, until: "}"))
    default:
      return .object(try fields(&lexer))
    }
  }

  private static func fields(_ lexer: inout GraphQLLexer) throws(GraphQLFault) -> [String: Field] {
    var fields: [String: Field] = [:]
    while try !lexer.skip("}") {
      if case .string = lexer.next {
        try lexer.take()
        continue
      }
      let name = try lexer.name()
      let arguments = try lexer.skip("(") ? try inputs(&lexer, until: ")") : [:]
      try lexer.expect(":")
      fields[name] = Field(type: try GraphQLType(&lexer), arguments: arguments)
      try skipDirectives(&lexer)
    }
    return fields
  }

  private static func inputs(_ lexer: inout GraphQLLexer, until end: Character) throws(GraphQLFault) -> [String: Input]
  {
    var inputs: [String: Input] = [:]
    while try !lexer.skip(end) {
      if case .string = lexer.next {
        try lexer.take()
        continue
      }
      let name = try lexer.name()
      try lexer.expect(":")
      let type = try GraphQLType(&lexer)
      var hasDefault = false
      if try lexer.skip("=") {
        _ = try GraphQLValue(&lexer)
        hasDefault = true
      }
      try skipDirectives(&lexer)
      inputs[name] = Input(type: type, hasDefault: hasDefault)
    }
    return inputs
  }

  private static func skipDirectives(_ lexer: inout GraphQLLexer) throws(GraphQLFault) {
    while try lexer.skip("@") {
      _ = try lexer.name()
      guard try lexer.skip("(") else { continue }
      while try !lexer.skip(")") { try lexer.take() }
    }
  }
}
