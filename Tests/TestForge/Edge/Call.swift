internal import JSON

/// A request as it came in.
struct Call: Sendable {
  let number: Int
  let method: String
  /// Without the query, as it was sent.
  let path: String
  /// The path's parts with their escapes resolved.
  let segments: [String]
  let query: [String: String]
  let target: String
  /// By lower-case names.
  let headers: [String: String]
  let body: [UInt8]
  /// The body, where it is JSON.
  var json: JSONValue = .null

  init(number: Int, method: String, target: String, headers: [String: String], body: [UInt8]) {
    self.number = number
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
    let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = String(halves[0])
    segments = path.split(separator: "/").map { Self.unescaped($0, plus: false) }
    var query: [String: String] = [:]
    for pair in halves.count > 1 ? halves[1].split(separator: "&") : [] {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      query[Self.unescaped(sides[0], plus: true)] = sides.count > 1 ? Self.unescaped(sides[1], plus: true) : ""
    }
    self.query = query
  }

  /// The same call with another path, for addresses that mean the same.
  func at(_ segments: [String]) -> Call {
    Call(self, segments: segments)
  }

  private init(_ call: Call, segments: [String]) {
    number = call.number
    method = call.method
    target = call.target
    headers = call.headers
    body = call.body
    path = call.path
    self.segments = segments
    query = call.query
    json = call.json
  }

  /// Resolves `%41` and, in a query, `+`.
  static func unescaped(_ text: Substring, plus: Bool) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(plus && byte == UInt8(ascii: "+") ? 0x20 : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Escapes what may not stand in a part of a path.
  static func escaped(_ text: String) -> String {
    text.utf8.reduce(into: "") { result, byte in
      let character = Character(UnicodeScalar(byte))
      if byte < 0x80, character.isLetter || character.isNumber || "-_.~".contains(character) {
        result.append(character)
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
  }

  var writes: Bool { method != "GET" && method != "HEAD" }
}

/// An answer.
struct Reply: Sendable {
  var status: Int
  var headers: [String: String] = [:]
  var body: [UInt8] = []

  static func json(_ status: Int, _ value: JSONValue) -> Reply {
    Reply(status: status, headers: ["Content-Type": "application/json; charset=utf-8"], body: value.compact())
  }

  static func text(_ status: Int, _ body: [UInt8], type: String = "text/plain; charset=utf-8") -> Reply {
    Reply(status: status, headers: ["Content-Type": type], body: body)
  }

  static let empty = Reply(status: 204)
}

/// A call that is refused, and whether no client should ever have made it.
struct Refusal: Error {
  let reply: Reply
  var breach: String?

  init(_ reply: Reply, breach: String? = nil) {
    self.reply = reply
    self.breach = breach
  }

  init(_ status: Int, _ message: String, breach: String? = nil) {
    self.init(.json(status, .object(["message": .string(message)])), breach: breach)
  }
}

/// Who calls.
enum Caller: Sendable, Hashable {
  case nobody
  case app(Int)
  case installation(Int, repositories: Set<Int>, permissions: [String: String], bot: Int)
  case account(Int, scopes: Set<String>)

  /// The account that what is written belongs to.
  var account: Int {
    switch self {
    case .nobody, .app: 0
    case .installation(_, _, _, let bot): bot
    case .account(let id, _): id
    }
  }
}

/// What a call names in its path, by the names of the description.
typealias Parameters = [String: String]

/// A kind of call that is imitated.
struct Route: Sendable {
  typealias Handler = @Sendable (inout World, Call, Caller, Parameters) throws -> Reply

  let method: String
  /// As the forge's description writes it: `/repos/{owner}/{repo}/pulls`.
  let template: String
  let need: Need
  let handler: Handler
  private let parts: [Substring]

  init(_ method: String, _ template: String, _ need: Need, _ handler: @escaping Handler) {
    self.method = method
    self.template = template
    self.need = need
    self.handler = handler
    parts = template.split(separator: "/")
  }

  /// The parameters, where the path is of this form; a last `{path}` or `{ref}` takes what is left.
  func match(_ segments: [String]) -> Parameters? {
    var result: Parameters = [:]
    for (index, part) in parts.enumerated() {
      guard index < segments.count else { return nil }
      guard part.hasPrefix("{") else {
        if part != segments[index] { return nil }
        continue
      }
      let name = String(part.dropFirst().dropLast())
      if index == parts.count - 1, name == "path" || name == "ref" || name == "filepath" {
        result[name] = segments[index...].joined(separator: "/")
        return result
      }
      result[name] = segments[index]
    }
    return parts.count == segments.count ? result : nil
  }
}

/// What a call needs of its caller.
enum Need: Sendable, Hashable {
  /// That it is somebody.
  case somebody
  /// The token of an app itself.
  case app
  /// An installation's token.
  case installation
  /// A permission of an app and, of people, access to the repository.
  case permission(String, Level, people: Access)

  enum Level: String, Sendable, Comparable {
    case read, write
    static func < (left: Level, right: Level) -> Bool { left == .read && right == .write }
  }

  static func read(_ name: String) -> Need { .permission(name, .read, people: .read) }
  static func write(_ name: String, people: Access = .read) -> Need { .permission(name, .write, people: people) }
}
