internal import Glibc
internal import JSON

/// The forges' own descriptions of their interfaces, read in place from `ARBORIST_TEST_DATA`; without it nothing is
/// checked, and ``isThere`` says so.
struct Descriptions: Sendable {
  private let kind: ForgeKind
  private let version: TestForge.Options.Gitea
  let isThere: Bool

  static func found(for kind: ForgeKind, version: TestForge.Options.Gitea) -> Descriptions {
    Descriptions(kind: kind, version: version, isThere: kind == .gitlab || directory != nil)
  }

  private static let directory: String? = getenv("ARBORIST_TEST_DATA").map { String(cString: $0) + "/forges/" }.flatMap
  {
    access($0 + "github.schema.graphql", R_OK) == 0 ? $0 : nil
  }

  // Each is read once, when it is needed for the first time.
  private static let bodies = document("json-schemas/request-bodies.2022-11-28.json")
  private static let openAPI = document("api.github.com.2022-07.openapi3.0.json")
  private static let giteaOld = document("gitea/gitea-1.22dev.swagger2.json.tmpl")
  private static let giteaNew = document("gitea/gitea-fork-kmup-2025-11.swagger2.json.tmpl")
  static let graphQL: GraphQLSchema? = file("github.schema.graphql").map(GraphQLSchema.init)
  private static let operations: Set<String> = {
    let text = String(decoding: file("openapi_operations.2026.yaml") ?? [], as: UTF8.self)
    return Set(
      text.split(separator: "\n").filter { $0.hasPrefix("  - name: ") }.map { plain($0.dropFirst("  - name: ".count)) })
  }()

  private static func document(_ name: String) -> JSONValue? {
    file(name).flatMap { try? JSONValue.parse($0) }
  }

  private static func file(_ name: String) -> [UInt8]? {
    guard let directory, let file = fopen(directory + name, "rbe") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
  }

  /// An operation with all parameters alike, since descriptions name them differently.
  private static func plain(_ operation: Substring) -> String {
    operation.split(separator: "/").map { $0.hasPrefix("{") ? "{}" : String($0) }.joined(separator: "/")
  }

  /// Whether GitHub has such an operation, though it is not imitated.
  func isKnown(_ call: Call) -> Bool {
    guard kind == .github, isThere else { return false }
    let parts = call.segments
    return Self.operations.contains { operation in
      let words = operation.split(separator: " ", maxSplits: 1)
      guard words.count == 2, words[0] == call.method else { return false }
      let pattern = words[1].split(separator: "/")
      return pattern.count == parts.count && zip(pattern, parts).allSatisfy { $0 == "{}" || $0 == $1 }
    }
  }

  /// What is wrong with a body.
  func faults(in json: JSONValue, method: String, template: String) -> [String] {
    guard isThere else { return [] }
    switch kind {
    case .github: return gitHubFaults(json, method, template)
    case .gitea: return giteaFaults(json, method, template)
    case .gitlab: return []
    }
  }

  private func gitHubFaults(_ json: JSONValue, _ method: String, _ template: String) -> [String] {
    let name = Self.bodyName(method, template)
    let newer = (Self.bodies?.object ?? [:]).filter { entry in
      entry.key == name
        || (entry.key.hasPrefix(name) && ["Oneof", "Anyof"].contains { entry.key.dropFirst(name.count).hasPrefix($0) })
    }
    if !newer.isEmpty {
      let tried = newer.values.map {
        SchemaCheck(root: $0, definitions: $0["$defs"]).faults(in: json, $0)
      }
      return tried.min { $0.count < $1.count } ?? []
    }
    guard let root = Self.openAPI,
      let schema = root["paths"]?[template]?[method.lowercased()]?["requestBody"]?["content"]?["application/json"]?[
        "schema"]
    else { return [] }
    return SchemaCheck(root: root, definitions: nil).faults(in: json, schema)
  }

  /// `POST /repos/{owner}/{repo}/pulls` as `ReposOwnerRepoPullsPostBody`.
  static func bodyName(_ method: String, _ template: String) -> String {
    let words: [Substring] = template.split { "/{}_-".contains($0) } + [Substring(method.lowercased()), "body"]
    return words.map { word in word.prefix(1).uppercased() + word.dropFirst() }.joined()
  }

  private func giteaFaults(_ json: JSONValue, _ method: String, _ template: String) -> [String] {
    let root = version == .new ? Self.giteaNew : Self.giteaOld
    guard let root, let operation = root["paths"]?[template]?[method.lowercased()],
      let body = operation["parameters"]?.array?.first(where: { $0["in"]?.string == "body" })?["schema"]
    else { return [] }
    return SchemaCheck(root: root, definitions: nil).faults(in: json, body)
  }
}
