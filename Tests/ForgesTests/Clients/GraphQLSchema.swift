/// The fields of the types of a GraphQL schema, with which documents are read: enough to find a name that is not there.
struct GraphQLSchema: Sendable {
  private struct Field: Sendable {
    var type: String
    var arguments: Set<String>
  }

  private var types: [String: [String: Field]] = [:]

  /// Reads the types and inputs of a schema in its own language.
  init(_ text: String) {
    var name: String?
    var fields: [String: Field] = [:]
    var arguments: Set<String>?
    var open = ""
    var isInText = false
    for line in text.split(separator: "\n") {
      let bare = line.drop { $0 == " " }
      if bare.hasPrefix("\"\"\"") {
        if !bare.dropFirst(3).contains("\"\"\"") { isInText.toggle() }
        continue
      }
      if isInText { continue }
      let depth = line.count - bare.count
      if depth == 0 {
        if let name, bare.hasPrefix("}") { types[name] = fields }
        let words = bare.split(separator: " ")
        name = words.count > 1 && ["type", "input", "interface"].contains(words[0]) ? String(words[1]) : nil
        fields = [:]
        continue
      }
      guard name != nil else { continue }
      if depth == 2, bare.hasPrefix(")"), arguments != nil {
        fields[open] = Field(type: Self.type(in: bare), arguments: arguments ?? [])
        arguments = nil
      } else if depth == 2 {
        let field = String(bare.prefix { $0 != "(" && $0 != ":" })
        if bare.hasSuffix("(") {
          open = field
          arguments = []
        } else if let close = bare.firstIndex(of: ")") {
          let inside = bare[..<close].dropFirst(field.count + 1)
          let names = inside.split(separator: ",").map { String($0.drop { $0 == " " }.prefix { $0 != ":" }) }
          fields[field] = Field(type: Self.type(in: bare[close...]), arguments: Set(names))
        } else {
          fields[field] = Field(type: Self.type(in: bare.dropFirst(field.count)), arguments: [])
        }
      } else if depth == 4, arguments != nil {
        arguments?.insert(String(bare.prefix { $0 != ":" && $0 != " " }))
      }
    }
  }

  private static func type(in text: Substring) -> String {
    String(text.drop { !$0.isLetter }.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
  }

  /// What in a document has no place in the schema.
  func faults(in document: String) -> [String] {
    var tokens = Tokens(document)
    guard let kind = tokens.next(), let root = ["query": "Query", "mutation": "Mutation"][kind] else {
      return ["neither a query nor a mutation"]
    }
    while let token = tokens.peek, token != "{" { _ = tokens.next() }
    return selection(&tokens, of: root)
  }

  private func selection(_ tokens: inout Tokens, of type: String) -> [String] {
    _ = tokens.next()
    var faults: [String] = []
    while let name = tokens.next(), name != "}" {
      guard let field = types[type]?[name] else { return faults + ["\(type) has no field '\(name)'"] }
      if tokens.peek == "(" { faults += arguments(&tokens, of: field, named: name) }
      if tokens.peek == "{" { faults += selection(&tokens, of: field.type) }
    }
    return faults
  }

  private func arguments(_ tokens: inout Tokens, of field: Field, named name: String) -> [String] {
    _ = tokens.next()
    var faults: [String] = []
    var depth = 0
    while let token = tokens.next(), token != ")" {
      if token == "{" { depth += 1 }
      if token == "}" { depth -= 1 }
      if depth == 0, tokens.peek == ":", !field.arguments.contains(token) {
        faults.append("\(name) takes no '\(token)'")
      }
    }
    return faults
  }

  /// Words and single signs.
  private struct Tokens {
    private var list: [String] = []
    private var index = 0

    init(_ text: String) {
      var word = ""
      for character in text {
        if character.isLetter || character.isNumber || "_$".contains(character) {
          word.append(character)
          continue
        }
        if !word.isEmpty { list.append(word) }
        word = ""
        if "{}():!".contains(character) { list.append(String(character)) }
      }
      if !word.isEmpty { list.append(word) }
    }

    var peek: String? { index < list.count ? list[index] : nil }

    mutating func next() -> String? {
      defer { index += 1 }
      return peek
    }
  }
}
