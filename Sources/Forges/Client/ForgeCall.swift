package import HTTP
package import JSON
package import Work

/// For what a credential is needed: forges whose tokens are made for single repositories make one for each.
package enum ForgeScope: Sendable, Hashable {
  /// The account, no repository in particular.
  case account
  case repository(ForgeRepository)
  /// A repository, for a call that GitHub allows only to who may push there.
  case pushing(ForgeRepository)
}

/// One request to a forge's API.
package struct ForgeCall: Sendable {
  package var method: HTTPRequest.Method
  /// What stands behind the API's address: begins with a slash, is escaped, and has no query.
  package var path: String
  /// Names and values, not escaped.
  package var query: [(name: String, value: String)]
  package var body: JSONValue?
  package var scope: ForgeScope
  /// Whether sending it twice leaves what sending it once leaves, so that it may be sent again where no answer came.
  package var isRepeatable: Bool
  /// Whether it goes to the GraphQL address in place of the path.
  package var isGraphQL = false

  /// A call that reads.
  package static func get(
    _ path: String, _ query: [(name: String, value: String)] = [], scope: ForgeScope
  ) -> ForgeCall {
    ForgeCall(method: .get, path: path, query: query, body: nil, scope: scope, isRepeatable: true)
  }

  /// A call that writes, and is never sent twice.
  package static func write(
    _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil, scope: ForgeScope
  ) -> ForgeCall {
    ForgeCall(method: method, path: path, query: [], body: body, scope: scope, isRepeatable: false)
  }

  /// A call by GraphQL.
  package static func graphQL(
    _ document: String, variables: [String: JSONValue], scope: ForgeScope, isRepeatable: Bool
  ) -> ForgeCall {
    var call = ForgeCall(
      method: .post, path: "/graphql", query: [],
      body: .object(["query": .string(document), "variables": .object(variables)]), scope: scope,
      isRepeatable: isRepeatable)
    call.isGraphQL = true
    return call
  }

  /// Method and path, for messages.
  var display: String { "\(method.rawValue) \(path)" }
}

/// The answer to a call.
package struct ForgeAnswer: Sendable {
  package let head: HTTPHead
  /// `nil` where the body is no JSON, as where there is none.
  package let json: JSONSlice?
  /// The address that was asked, with its query.
  let url: String
  let call: ForgeCall

  package var status: Int { head.status }

  /// The body as an object.
  ///
  /// - Throws: ``ForgeError`` with the code `malformed` where it is none.
  func record() throws(ForgeError) -> ForgeRecord {
    guard let json, json.kind == .object else {
      throw ForgeError(.malformed, "\(call.display): the answer is no JSON object")
    }
    return ForgeRecord(json, call.display)
  }

  /// The objects in the body, which is a list; of this page alone.
  ///
  /// - Throws: ``ForgeError`` with the code `malformed` where it is none.
  func list() throws(ForgeError) -> [ForgeRecord] {
    guard let json, json.kind == .array else {
      throw ForgeError(.malformed, "\(call.display): the answer is no JSON list")
    }
    return json.elements.filter { $0.kind == .object }.map { ForgeRecord($0, call.display) }
  }

  /// What the forge says about a failure, on one line, safe to show and short; empty where it says nothing.
  var complaint: String {
    guard let json else { return "" }
    var parts: [String] = []
    for name in ["message", "error", "error_description", "errors"] {
      guard let value = json[name] else { continue }
      parts.append(value.string ?? (value.isNull ? "" : value.text))
    }
    return ForgeText.short(parts.filter { !$0.isEmpty }.joined(separator: "; "))
  }
}

/// Percent encoding (RFC 3986, section 2).
enum PercentCoding {
  /// The text with everything but unreserved characters encoded: fit for one part of a path, or a value of a query.
  static func encode(_ text: String) -> String { encode(Array(text.utf8)) }

  /// The same for bytes.
  static func encode(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var result: [UInt8] = []
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        result.append(byte)
      default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
