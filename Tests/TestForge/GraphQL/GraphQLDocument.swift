internal import JSON

/// A value as it is written in a document.
indirect enum GraphQLValue: Hashable, Sendable {
  case variable(String)
  case constant(JSONValue)
  case word(String)
  case list([GraphQLValue])
  case object([String: GraphQLValue])

  init(_ lexer: inout GraphQLLexer) throws(GraphQLFault) {
    switch try lexer.take() {
    case .punctuation("$"): self = .variable(try lexer.name())
    case .integer(let value): self = .constant(.number(Double(value)))
    case .decimal(let value): self = .constant(.number(value))
    case .string(let text): self = .constant(.string(text))
    case .name("true"): self = .constant(.bool(true))
    case .name("false"): self = .constant(.bool(false))
    case .name("null"): self = .constant(.null)
    case .name(let word): self = .word(word)
    case .punctuation("["):
      var list: [GraphQLValue] = []
      while try !lexer.skip("]") { list.append(try GraphQLValue(&lexer)) }
      self = .list(list)
    case .punctuation("{"):
      var members: [String: GraphQLValue] = [:]
      while try !lexer.skip("}") {
        let name = try lexer.name()
        try lexer.expect(":")
        members[name] = try GraphQLValue(&lexer)
      }
      self = .object(members)
    case let token: throw GraphQLFault("Parse error: expected a value, found \(token)")
    }
  }

  /// The value with the variables put in.
  func resolved(_ variables: [String: JSONValue]) -> JSONValue {
    switch self {
    case .variable(let name): variables[name] ?? .null
    case .constant(let value): value
    case .word(let word): .string(word)
    case .list(let list): .array(list.map { $0.resolved(variables) })
    case .object(let members): .object(members.mapValues { $0.resolved(variables) })
    }
  }
}

/// What is asked for of an object.
indirect enum GraphQLSelection: Hashable, Sendable {
  struct Field: Hashable, Sendable {
    let alias: String
    let name: String
    let arguments: [String: GraphQLValue]
    let selections: [GraphQLSelection]
  }

  case field(Field)
  /// With the type that it is for, where it names one.
  case inline(String?, [GraphQLSelection])
  case fragment(String)
}

/// A document that was parsed.
struct GraphQLDocument: Sendable {
  struct Variable: Sendable {
    let type: GraphQLType
    let standard: GraphQLValue?
  }

  struct Operation: Sendable {
    let kind: String
    let name: String?
    let variables: [String: Variable]
    let selections: [GraphQLSelection]
  }

  struct Fragment: Sendable {
    let type: String
    let selections: [GraphQLSelection]
  }

  private(set) var operations: [Operation] = []
  private(set) var fragments: [String: Fragment] = [:]

  init(_ text: String) throws(GraphQLFault) {
    var lexer = try GraphQLLexer(Array(text.utf8)[...])
    while lexer.next != .end {
      if lexer.next == .punctuation("{") {
        operations.append(
          Operation(kind: "query", name: nil, variables: [:], selections: try Self.selections(&lexer)))
        continue
      }
      let word = try lexer.name()
      switch word {
      case "query", "mutation": operations.append(try Self.operation(word, &lexer))
      case "fragment":
        let name = try lexer.name()
        guard try lexer.name() == "on" else { throw GraphQLFault("Parse error: expected 'on'") }
        fragments[name] = Fragment(type: try lexer.name(), selections: try Self.selections(&lexer))
      default: throw GraphQLFault("Parse error on \"\(word)\"")
      }
    }
    if operations.isEmpty { throw GraphQLFault("Unexpected end of document") }
  }

  private static func operation(_ kind: String, _ lexer: inout GraphQLLexer) throws(GraphQLFault) -> Operation {
    var name: String?
    if case .name = lexer.next { name = try lexer.name() }
    var variables: [String: Variable] = [:]
    if try lexer.skip("(") {
      while try !lexer.skip(")") {
        try lexer.expect("$")
        let variable = try lexer.name()
        try lexer.expect(":")
        let type = try GraphQLType(&lexer)
        let standard: GraphQLValue? = try lexer.skip("=") ? try GraphQLValue(&lexer) : nil
        variables[variable] = Variable(type: type, standard: standard)
      }
    }
    return Operation(kind: kind, name: name, variables: variables, selections: try selections(&lexer))
  }

  private static func selections(_ lexer: inout GraphQLLexer) throws(GraphQLFault) -> [GraphQLSelection] {
    try lexer.expect("{")
    var all: [GraphQLSelection] = []
    while try !lexer.skip("}") {
      guard lexer.next == .spread else {
        all.append(.field(try field(&lexer)))
        continue
      }
      try lexer.take()
      if lexer.next == .punctuation("{") {
        all.append(.inline(nil, try selections(&lexer)))
        continue
      }
      let name = try lexer.name()
      if name == "on" {
        all.append(.inline(try lexer.name(), try selections(&lexer)))
      } else {
        all.append(.fragment(name))
      }
    }
    if all.isEmpty { throw GraphQLFault("Parse error: an empty selection") }
    return all
  }

  private static func field(_ lexer: inout GraphQLLexer) throws(GraphQLFault) -> GraphQLSelection.Field {
    var name = try lexer.name()
    let alias = name
    if try lexer.skip(":") { name = try lexer.name() }
    var arguments: [String: GraphQLValue] = [:]
    if try lexer.skip("(") {
      while try !lexer.skip(")") {
        let argument = try lexer.name()
        try lexer.expect(":")
        arguments[argument] = try GraphQLValue(&lexer)
      }
    }
    if lexer.next == .punctuation("@") { throw GraphQLFault("The test forge does not imitate directives") }
    let inner = lexer.next == .punctuation("{") ? try selections(&lexer) : []
    return GraphQLSelection.Field(alias: alias, name: name, arguments: arguments, selections: inner)
  }
}
