internal import JSON

/// Holds a document against a JSON Schema, or what OpenAPI and Swagger make of one.
///
/// Stricter than the schemas: a member that no schema names is a fault, since forges ignore it silently.
struct SchemaCheck {
  /// The document that `$ref` points into, and the schema's own `$defs`.
  let root: JSONValue
  let definitions: JSONValue?

  func faults(in value: JSONValue, _ schema: JSONValue, at path: String = "body", depth: Int = 0) -> [String] {
    guard depth < 40 else { return [] }
    let schema = resolved(schema)
    if value == .null, schema["nullable"]?.flag == true { return [] }
    var faults = alternatives(value, schema, path, depth)
    if let allowed = schema["enum"]?.array, !allowed.contains(value) {
      faults.append("\(path) is not one of \(allowed.compactMap(\.string).joined(separator: ", "))")
    }
    if let const = schema["const"], const != value { faults.append("\(path) is not the one value that it may be") }
    if let types = Self.types(of: schema), !types.contains(where: { Self.fits(value, $0) }) {
      return faults + ["\(path) is not of type \(types.joined(separator: " or "))"]
    }
    faults += sizes(value, schema, path)
    if case .object(let members) = value { faults += self.members(members, schema, path, depth) }
    if case .array(let list) = value, let items = schema["items"] {
      for (index, entry) in list.enumerated() {
        faults += self.faults(in: entry, items, at: "\(path)[\(index)]", depth: depth + 1)
      }
    }
    return faults
  }

  private func alternatives(_ value: JSONValue, _ schema: JSONValue, _ path: String, _ depth: Int) -> [String] {
    var faults: [String] = []
    for part in schema["allOf"]?.array ?? [] { faults += self.faults(in: value, part, at: path, depth: depth + 1) }
    for name in ["anyOf", "oneOf"] {
      guard let all = schema[name]?.array, !all.isEmpty else { continue }
      let tried = all.map { self.faults(in: value, $0, at: path, depth: depth + 1) }
      if let best = tried.min(by: { $0.count < $1.count }), !best.isEmpty { faults += best }
    }
    return faults
  }

  private func members(
    _ members: [String: JSONValue], _ schema: JSONValue, _ path: String, _ depth: Int
  ) -> [String] {
    var faults: [String] = []
    for name in schema["required"]?.array?.compactMap(\.string) ?? [] where members[name] == nil {
      faults.append("\(path).\(name) is missing")
    }
    guard let known = schema["properties"]?.object, !known.isEmpty else { return faults }
    for (name, member) in members.sorted(by: { $0.key < $1.key }) {
      if let inner = known[name] {
        faults += self.faults(in: member, inner, at: "\(path).\(name)", depth: depth + 1)
      } else {
        faults.append("\(path).\(name) is not known")
      }
    }
    return faults
  }

  private func sizes(_ value: JSONValue, _ schema: JSONValue, _ path: String) -> [String] {
    let count: Int
    switch value {
    case .string(let text): count = text.unicodeScalars.count
    case .array(let list): count = list.count
    default: return []
    }
    let most = schema["maxLength"]?.integer ?? schema["maxItems"]?.integer
    let least = schema["minLength"]?.integer ?? schema["minItems"]?.integer
    if let most, count > most { return ["\(path) has \(count), and at most \(most) are allowed"] }
    if let least, count < least { return ["\(path) has \(count), and at least \(least) are needed"] }
    return []
  }

  private func resolved(_ schema: JSONValue) -> JSONValue {
    guard let reference = schema["$ref"]?.string else { return schema }
    let parts = reference.split(separator: "/").dropFirst().map(String.init)
    if parts.first == "$defs", let name = parts.last, let found = definitions?[name] { return found }
    var found: JSONValue? = root
    for part in parts { found = found?[part] }
    return found ?? [:]
  }

  private static func types(of schema: JSONValue) -> [String]? {
    schema["type"]?.array?.compactMap(\.string) ?? schema["type"]?.string.map { [$0] }
  }

  private static func fits(_ value: JSONValue, _ type: String) -> Bool {
    switch (value, type) {
    case (.null, "null"), (.bool, "boolean"), (.string, "string"), (.array, "array"), (.object, "object"),
      (.number, "number"):
      true
    case (.number, "integer"): value.integer != nil
    default: false
    }
  }
}
