internal import JSON

/// Holds a document and its variables against the schema.
struct GraphQLCheck {
  let schema: GraphQLSchema
  let document: GraphQLDocument
  private(set) var faults: [String] = []

  init(_ document: GraphQLDocument, against schema: GraphQLSchema) {
    self.schema = schema
    self.document = document
  }

  /// What is wrong; nothing where all is right.
  static func faults(
    in document: GraphQLDocument, _ operation: GraphQLDocument.Operation, variables: [String: JSONValue],
    against schema: GraphQLSchema
  ) -> [String] {
    var check = GraphQLCheck(document, against: schema)
    var used: Set<String> = []
    check.look(
      at: operation.selections, of: operation.kind == "query" ? "Query" : "Mutation", operation, &used, depth: 0)
    for (name, variable) in operation.variables.sorted(by: { $0.key < $1.key }) {
      if !schema.has(variable.type.name) {
        check.faults.append("\(variable.type.name) isn't a defined input type (on $\(name))")
      }
      if !used.contains(name) { check.faults.append("Variable $\(name) is declared but not used") }
      if let value = variables[name] {
        check.value(value, variable.type, "$\(name)")
      } else if variable.type.isRequired && variable.standard == nil {
        check.faults.append("Variable $\(name) of type \(variable.type) was provided invalid value")
      }
    }
    for name in variables.keys where operation.variables[name] == nil {
      check.faults.append("Variable $\(name) is given but not declared")
    }
    return check.faults
  }

  private mutating func look(
    at selections: [GraphQLSelection], of type: String, _ operation: GraphQLDocument.Operation,
    _ used: inout Set<String>, depth: Int
  ) {
    guard depth < 30 else { return }
    for selection in selections {
      switch selection {
      case .field(let field): self.field(field, of: type, operation, &used, depth)
      case .inline(let condition, let inner):
        if let condition { self.condition(condition, type) }
        look(at: inner, of: condition ?? type, operation, &used, depth: depth + 1)
      case .fragment(let name):
        guard let fragment = document.fragments[name] else {
          faults.append("Fragment \(name) was used, but not defined")
          continue
        }
        condition(fragment.type, type)
        look(at: fragment.selections, of: fragment.type, operation, &used, depth: depth + 1)
      }
    }
  }

  private mutating func condition(_ condition: String, _ type: String) {
    if !schema.has(condition) {
      faults.append("No such type \(condition), so it can't be a fragment condition")
    } else if !schema.canBe(condition, type) {
      faults.append("Fragment on \(condition) can't be spread inside \(type)")
    }
  }

  private mutating func field(
    _ field: GraphQLSelection.Field, of type: String, _ operation: GraphQLDocument.Operation,
    _ used: inout Set<String>, _ depth: Int
  ) {
    if field.name == "__typename" { return }
    guard case .object(let fields) = schema.type(type), let known = fields[field.name] else {
      faults.append("Field '\(field.name)' doesn't exist on type '\(type)'")
      return
    }
    for (name, value) in field.arguments.sorted(by: { $0.key < $1.key }) {
      guard let argument = known.arguments[name] else {
        faults.append("Field '\(field.name)' doesn't accept argument '\(name)'")
        continue
      }
      written(value, argument.type, argument.hasDefault, "'\(name)' on field '\(field.name)'", operation, &used)
    }
    for (name, argument) in known.arguments.sorted(by: { $0.key < $1.key })
    where argument.isNeeded && field.arguments[name] == nil {
      faults.append("Field '\(field.name)' is missing required arguments: \(name)")
    }
    let inner = known.type.name
    let isLeaf =
      switch schema.type(inner) {
      case .object, .union: false
      default: true
      }
    if isLeaf != field.selections.isEmpty {
      faults.append(
        isLeaf
          ? "Selections can't be made on scalars (field '\(field.name)' returns \(inner))"
          : "Field must have selections (field '\(field.name)' returns \(inner) but has no selections)")
    }
    look(at: field.selections, of: inner, operation, &used, depth: depth + 1)
  }

  /// A value that stands in the document.
  private mutating func written(
    _ value: GraphQLValue, _ type: GraphQLType, _ hasDefault: Bool, _ place: String,
    _ operation: GraphQLDocument.Operation, _ used: inout Set<String>
  ) {
    switch value {
    case .variable(let name):
      used.insert(name)
      guard let variable = operation.variables[name] else {
        faults.append("Variable $\(name) is used by \(place) but not declared")
        return
      }
      if !Self.fits(variable.type, type, hasDefault: hasDefault || variable.standard != nil) {
        faults.append("Type mismatch on variable $\(name) and argument \(place) (\(variable.type) / \(type))")
      }
    case .object(let members):
      guard case .input(let known) = schema.type(type.name) else { return faults.append("\(place) is no object") }
      for (name, member) in members {
        guard let input = known[name] else {
          faults.append("InputObject '\(type.name)' doesn't accept argument '\(name)'")
          continue
        }
        written(member, input.type, input.hasDefault, "'\(name)' of \(type.name)", operation, &used)
      }
      for (name, input) in known where input.isNeeded && members[name] == nil {
        faults.append("Argument '\(name)' on InputObject '\(type.name)' is required")
      }
    case .list(let list):
      var inner = type
      if case .required(let bare) = inner { inner = bare }
      guard case .list(let element) = inner else { return faults.append("\(place) is no list") }
      for entry in list { written(entry, element, false, place, operation, &used) }
    case .word(let word):
      guard case .values(let values) = schema.type(type.name), values.contains(word) else {
        return faults.append("Argument \(place) has an invalid value (\(word)). Expected type '\(type)'.")
      }
    case .constant(let constant):
      if case .values = schema.type(type.name), constant != .null {
        return faults.append("\(place) is a word of \(type.name)")
      }
      self.value(constant, type, place)
    }
  }

  /// Whether a variable of one type may stand where another is wanted.
  private static func fits(_ variable: GraphQLType, _ wanted: GraphQLType, hasDefault: Bool) -> Bool {
    switch (variable, wanted) {
    case (.required(let one), .required(let other)): fits(one, other, hasDefault: false)
    case (.required(let one), let other): fits(one, other, hasDefault: false)
    case (let one, .required(let other)): hasDefault && fits(one, other, hasDefault: false)
    case (.list(let one), .list(let other)): fits(one, other, hasDefault: false)
    case (.named(let one), .named(let other)): one == other
    default: false
    }
  }

  /// A value of JSON against a type.
  private mutating func value(_ value: JSONValue, _ type: GraphQLType, _ place: String) {
    switch type {
    case .required(let inner):
      if value == .null { return faults.append("\(place) of type \(type) was provided invalid value") }
      self.value(value, inner, place)
    case .list(let inner):
      if value == .null { return }
      for entry in value.array ?? [value] { self.value(entry, inner, place) }
    case .named(let name):
      if value != .null { named(value, name, place) }
    }
  }

  private mutating func named(_ value: JSONValue, _ name: String, _ place: String) {
    switch schema.type(name) {
    case .input(let known):
      guard case .object(let members) = value else { return faults.append("\(place) is no \(name)") }
      for (member, inner) in members {
        guard let input = known[member] else {
          faults.append("\(place): \(member) is not defined on \(name)")
          continue
        }
        self.value(inner, input.type, "\(place).\(member)")
      }
      for (member, input) in known where input.isNeeded && members[member] == nil {
        faults.append("\(place).\(member): Expected value to not be null")
      }
    case .values(let values):
      if !values.contains(value.string ?? "") { faults.append("\(place) is not one of \(name)") }
    default:
      let fits =
        switch name {
        case "Int": value.integer != nil
        case "Float": if case .number = value { true } else { false }
        case "Boolean": value.flag != nil
        case "ID": value.string != nil || value.integer != nil
        case "String": value.string != nil
        default: true
        }
      if !fits { faults.append("\(place) is no \(name)") }
    }
  }
}
