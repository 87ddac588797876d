import Base
import Forges
import HTTP
import JSON
import Testing
import Work

/// What a scripted forge answers to one request.
struct Reply: Sendable {
  var status = 200
  var headers: [HTTPHeader] = []
  var body = ""
  /// In place of an answer.
  var error: HTTPError.Code?

  static func json(_ body: String, _ headers: [(String, String)] = [], status: Int = 200) -> Reply {
    Reply(status: status, headers: headers.map { HTTPHeader($0.0, $0.1) }, body: body)
  }

  static func status(_ status: Int, _ body: String = "", _ headers: [(String, String)] = []) -> Reply {
    Reply(status: status, headers: headers.map { HTTPHeader($0.0, $0.1) }, body: body)
  }

  static func failure(_ code: HTTPError.Code) -> Reply { Reply(error: code) }
}

/// A forge that answers by a table: `METHOD /path?query` to replies, the last of which is given again and again.
///
/// What is asked and not in the table is answered with 404 and remembered. Every request is held against the forge's own
/// API description, where the data is there.
final class ScriptedTransport: HTTPTransport, Sendable {
  private struct State: Sendable {
    var replies: [String: [Reply]]
    var requests: [HTTPRequest] = []
    var unknown: [String] = []
    var breaches: [String] = []
  }

  private let state: Lock<State>
  private let site: ForgeSite

  init(_ site: ForgeSite, _ replies: [String: [Reply]]) {
    self.site = site
    state = Lock(State(replies: replies))
  }

  var requests: [HTTPRequest] { state.withLock { $0.requests } }
  /// Requests of which the table knows nothing.
  var unknown: [String] { state.withLock { $0.unknown } }
  var breaches: [String] { state.withLock { $0.breaches } }
  /// `METHOD /path?query` of each request, in their order.
  var calls: [String] { requests.map { name($0) } }
  /// The same of those that write.
  var writes: [String] { requests.filter { $0.method != .get }.map { name($0) } }

  /// The body of the last request of this name.
  func body(_ name: String) throws -> JSONValue {
    let request = try #require(requests.last { self.name($0) == name }, "nothing was sent to \(name)")
    return try JSONValue.parse(request.body)
  }

  func set(_ name: String, _ replies: Reply...) { state.withLock { $0.replies[name] = replies } }

  private func name(_ request: HTTPRequest) -> String {
    let url = request.url
    var rest = url.dropFirst(url.hasPrefix(site.api.text) ? site.api.text.count : 0)
    if let graphQL = site.graphQL, url == graphQL.text { rest = "/graphql" }
    return "\(request.method.rawValue) \(rest)"
  }

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let name = name(request)
    let breaches = APIDescriptions.breaches(of: request, named: name, on: site.name)
    let reply: Reply? = state.withLock { state in
      state.requests.append(request)
      state.breaches += breaches
      guard var list = state.replies[name], let first = list.first else {
        state.unknown.append(name)
        return nil
      }
      if list.count > 1 { list.removeFirst() }
      state.replies[name] = list
      return first
    }
    guard let reply else {
      return HTTPResponse(head: HTTPHead(status: 404), body: Array(#"{"message":"Not Found"}"#.utf8))
    }
    if let code = reply.error { throw HTTPError(code, operation: name, detail: "as the script says") }
    return HTTPResponse(head: HTTPHead(status: reply.status, headers: reply.headers), body: Array(reply.body.utf8))
  }

  func stream(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStream {
    throw HTTPError(.malformed, operation: "stream", detail: "no forge is streamed from")
  }
}

/// A clock that stands still but for those who wait for it.
final class TestClock: Sendable {
  private let state: Lock<(now: Timestamp, waits: [Int64])>

  init(_ seconds: Int64 = 1_700_000_000) { state = Lock((Timestamp(seconds: seconds), [])) }

  var now: Timestamp { state.withLock { $0.now } }
  /// How long was waited, in milliseconds, in the order of it.
  var waits: [Int64] { state.withLock { $0.waits } }
  func advance(seconds: Int64) { state.withLock { $0.now.milliseconds += seconds * 1000 } }

  var clock: ForgeClock {
    ForgeClock(now: { self.now }) { duration in
      let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
      self.state.withLock { state in
        state.now.milliseconds += milliseconds
        state.waits.append(milliseconds)
      }
    }
  }
}

/// The error that an operation ends with.
func forgeError<Value>(_ operation: () async throws(ForgeError) -> Value) async -> ForgeError? {
  do throws(ForgeError) {
    _ = try await operation()
    return nil
  } catch {
    return error
  }
}

func site(_ name: ForgeName) throws -> ForgeSite {
  let web =
    switch name {
    case .github: "https://github.com"
    case .gitlab: "https://gitlab.example"
    case .gitea: "https://gitea.example"
    }
  return ForgeSite(name, web: try ForgeAddress(web))
}

func repository(_ forge: ForgeName, id: Int64 = 7, path: String = "o/r") throws -> ForgeRepository {
  try #require(ForgeRepository(forge: forge, id: id, path: path))
}

/// An object's name out of one digit.
func oid(_ digit: Character) throws -> ObjectID { try #require(ObjectID(hex: String(repeating: digit, count: 40))) }

let secretToken = "tok-3f9a8b7c6d5e"
