import Forges
import Foundation
import HTTP
import JSON
import Work

/// The forges' published descriptions of their APIs, against which every request of a test is held.
///
/// They are read in place from `ARBORIST_TEST_DATA`; where that is not set, nothing is held against anything.
enum APIDescriptions {
  static let folder: String? = ProcessInfo.processInfo.environment["ARBORIST_TEST_DATA"].map { $0 + "/forges" }

  private static func document(_ name: String) -> JSONValue? {
    guard let folder, let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { return nil }
    return try? JSONValue.parse(Array(data))
  }

  private static let github = document("api.github.com.2022-07.openapi3.0.json")
  private static let gitea = document("gitea/gitea-1.22dev.swagger2.json.tmpl")
  private static let bodies = document("json-schemas/request-bodies.2022-11-28.json")
  private static let operations: [String] = {
    guard let folder, let text = try? String(contentsOfFile: "\(folder)/openapi_operations.2026.yaml", encoding: .utf8)
    else { return [] }
    return text.split(separator: "\n").compactMap { line in
      let line = line.trimmingPrefix { $0 == " " }
      return line.hasPrefix("- name: ") ? String(line.dropFirst(8)) : nil
    }
  }()
  static let graphQL: GraphQLSchema? = {
    guard let folder, let text = try? String(contentsOfFile: "\(folder)/github.schema.graphql", encoding: .utf8) else {
      return nil
    }
    return GraphQLSchema(text)
  }()

  /// Calls that Gitea has had since later versions than the one described here.
  private static let laterGitea = [
    "POST /repos/{owner}/{repo}/pulls/comments/{id}/resolve",
    "POST /repos/{owner}/{repo}/pulls/{index}/comments/{id}/replies",
  ]

  /// The current schemas of bodies, by operation.
  private static let bodyNames = [
    "POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews": ["ReposOwnerRepoPullsPullNumberReviewsPostBody"],
    "POST /repos/{owner}/{repo}/pulls/{pull_number}/comments": ["ReposOwnerRepoPullsPullNumberCommentsPostBody"],
    "POST /repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies": [
      "ReposOwnerRepoPullsPullNumberCommentsCommentIdRepliesPostBody"
    ],
    "POST /repos/{owner}/{repo}/issues/{issue_number}/comments": ["ReposOwnerRepoIssuesIssueNumberCommentsPostBody"],
    "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}": ["ReposOwnerRepoIssuesCommentsCommentIdPatchBody"],
    "PATCH /repos/{owner}/{repo}/pulls/comments/{comment_id}": ["ReposOwnerRepoPullsCommentsCommentIdPatchBody"],
    "POST /repos/{owner}/{repo}/statuses/{sha}": ["ReposOwnerRepoStatusesShaPostBody"],
    "POST /repos/{owner}/{repo}/check-runs": [
      "ReposOwnerRepoCheckRunsPostBodyOneof0", "ReposOwnerRepoCheckRunsPostBodyOneof1",
    ],
    "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}": [
      "ReposOwnerRepoCheckRunsCheckRunIdPatchBodyAnyof0", "ReposOwnerRepoCheckRunsCheckRunIdPatchBodyAnyof1",
    ],
  ]

  /// What breaks a description in a request; empty where nothing does.
  static func breaches(of request: HTTPRequest, named name: String, on forge: ForgeName) -> [String] {
    guard folder != nil else { return [] }
    let body = request.body.isEmpty ? nil : try? JSONValue.parse(request.body)
    let found: [String] =
      switch forge {
      case .github: github(request, name, body)
      case .gitea: gitea(request, name, body)
      case .gitlab: []
      }
    return found.map { "\(name): \($0)" }
  }

  private static func github(_ request: HTTPRequest, _ name: String, _ body: JSONValue?) -> [String] {
    if name == "POST /graphql" {
      guard let text = body?["query"]?.string, let graphQL else { return ["no GraphQL document"] }
      return graphQL.faults(in: text)
    }
    let (method, path, query) = split(name)
    guard let operation = operations.first(where: { matches($0, method, path) }) else { return ["no such operation"] }
    var faults: [String] = []
    if let document = github, let description = description(in: document, method, path) {
      faults += self.query(query, against: description, in: document)
      if let schema = description["requestBody"]?["content"]?["application/json"]?["schema"] {
        faults += SchemaCheck(root: document).faults(of: body ?? .null, against: schema)
      } else if body != nil {
        faults.append("a body where none belongs")
      }
    }
    if let names = bodyNames[operation], let bodies {
      let attempts = names.compactMap { bodies[$0] }.map { schema in
        SchemaCheck(root: schema).faults(of: body ?? .null, against: schema)
      }
      if !attempts.contains([]) { faults += attempts.min { $0.count < $1.count } ?? ["no schema for the body"] }
    }
    return faults
  }

  private static func gitea(_ request: HTTPRequest, _ name: String, _ body: JSONValue?) -> [String] {
    let (method, path, query) = split(name)
    if laterGitea.contains(where: { matches($0, method, path) }) { return [] }
    guard let document = gitea, let description = description(in: document, method, path) else {
      return ["no such operation"]
    }
    var faults = self.query(query, against: description, in: document)
    let schema = description["parameters"]?.array?.first { $0["in"]?.string == "body" }?["schema"]
    if let schema {
      faults += SchemaCheck(root: document).faults(of: body ?? .null, against: schema)
    } else if body != nil {
      faults.append("a body where none belongs")
    }
    return faults
  }

  private static func split(_ name: String) -> (method: String, path: String, query: [String]) {
    let parts = name.split(separator: " ", maxSplits: 1).map(String.init)
    let whole = parts.last ?? ""
    let path = String(whole.prefix { $0 != "?" })
    let query = whole.dropFirst(path.count + 1).split(separator: "&").map { String($0.prefix { $0 != "=" }) }
    return (parts.first ?? "", path, query)
  }

  /// Whether `METHOD /a/{b}` is the operation of a method and a path.
  private static func matches(_ operation: String, _ method: String, _ path: String) -> Bool {
    guard operation.hasPrefix(method + " ") else { return false }
    return matches(template: String(operation.dropFirst(method.count + 1)), path)
  }

  private static func matches(template: String, _ path: String) -> Bool {
    let wanted = template.split(separator: "/")
    let given = path.split(separator: "/")
    guard wanted.count == given.count else { return false }
    return zip(wanted, given).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
  }

  private static func description(in document: JSONValue, _ method: String, _ path: String) -> JSONValue? {
    // A template without braces in a place goes before one with them.
    let fits = (document["paths"]?.object ?? [:]).filter { matches(template: $0.key, path) }
    let best = fits.min { ($0.key.count { $0 == "{" }, $0.key) < ($1.key.count { $0 == "{" }, $1.key) }
    return best?.value[method.lowercased()]
  }

  private static func query(_ names: [String], against description: JSONValue, in document: JSONValue) -> [String] {
    let check = SchemaCheck(root: document)
    let known = (description["parameters"]?.array ?? []).map { check.resolved($0) }
      .filter { $0["in"]?.string == "query" }.compactMap { $0["name"]?.string }
    return names.filter { !known.contains($0) }.map { "unknown parameter '\($0)'" }
  }
}

/// The part of JSON Schema that the descriptions use; stricter in that a member which is not described is a fault.
struct SchemaCheck {
  let root: JSONValue

  func resolved(_ schema: JSONValue) -> JSONValue {
    guard let reference = schema["$ref"]?.string, reference.hasPrefix("#/") else { return schema }
    var value: JSONValue? = root
    for part in reference.dropFirst(2).split(separator: "/") {
      value = value?[part.replacing("~1", with: "/").replacing("~0", with: "~").description]
    }
    return value.map { resolved($0) } ?? schema
  }

  func faults(of value: JSONValue, against schema: JSONValue, at place: String = "body") -> [String] {
    let schema = resolved(schema)
    for name in ["anyOf", "oneOf"] {
      guard let options = schema[name]?.array else { continue }
      // GitHub's check runs describe what all options share beside them.
      let shared = schema["properties"]
      let attempts = options.map { option -> [String] in
        var option = resolved(option).object ?? [:]
        if let shared, let own = option["properties"]?.object {
          option["properties"] = .object((shared.object ?? [:]).merging(own) { $1 })
        } else if let shared {
          option["properties"] = shared
        }
        return faults(of: value, against: .object(option), at: place)
      }
      return attempts.contains([]) ? [] : attempts.min { $0.count < $1.count } ?? []
    }
    if let parts = schema["allOf"]?.array { return parts.flatMap { faults(of: value, against: $0, at: place) } }
    if let constant = schema["const"], constant != value { return ["\(place) is not \(constant)"] }
    if let list = schema["enum"]?.array, !list.contains(value), list != [] { return ["\(place) is none of the values"] }
    if value == .null, schema["nullable"] == .bool(true) { return [] }
    if let type = schema["type"]?.string, !Self.isType(value, type) { return ["\(place) is no \(type)"] }
    switch value {
    case .object(let members): return faults(of: members, against: schema, at: place)
    case .array(let list):
      var result: [String] = []
      if let most = schema["maxItems"]?.integer ?? schema["maxLength"]?.integer, list.count > most {
        result.append("\(place) has more than \(most) elements")
      }
      guard let items = schema["items"] else { return result }
      for (index, element) in list.enumerated() {
        result += faults(of: element, against: items, at: "\(place)[\(index)]")
      }
      return result
    case .string(let text):
      guard let most = schema["maxLength"]?.integer, text.count > most else { return [] }
      return ["\(place) is longer than \(most)"]
    case .null, .bool, .number: return []
    }
  }

  private func faults(of members: [String: JSONValue], against schema: JSONValue, at place: String) -> [String] {
    var result: [String] = []
    for name in schema["required"]?.array?.compactMap(\.string) ?? [] where members[name] == nil {
      result.append("\(place) has no '\(name)'")
    }
    let described = schema["properties"]?.object
    let other = schema["additionalProperties"]
    for (name, member) in members.sorted(by: { $0.key < $1.key }) {
      if let property = described?[name] {
        result += faults(of: member, against: property, at: "\(place).\(name)")
      } else if let other, other.object != nil {
        result += faults(of: member, against: other, at: "\(place).\(name)")
      } else if described != nil {
        result.append("\(place) has an unknown '\(name)'")
      }
    }
    return result
  }

  private static func isType(_ value: JSONValue, _ type: String) -> Bool {
    switch (value, type) {
    case (.object, "object"), (.array, "array"), (.string, "string"), (.bool, "boolean"), (.null, "null"),
      (.number, "number"):
      true
    case (.number(let number), "integer"): number == number.rounded()
    default: false
    }
  }
}
