import Glibc
import JSON
import ScriptedModel
import Testing

/// What a client saw of one answer.
struct SeenAnswer: Sendable {
  var status: Int?
  var headers: [String: String] = [:]
  /// The body without the framing of chunks.
  var body: [UInt8] = []
  /// Whether the answer came to the end that its head promised.
  var isWhole = false
  var wasReset = false
  /// The call that failed and its error number, where nothing or not all came.
  var failure: String?

  var text: String { String(decoding: body, as: UTF8.self) }
  var json: JSONValue { (try? JSONValue.parse(body)) ?? .null }
  /// The data of each event of a stream.
  var events: [JSONValue] {
    text.split(separator: "\n").filter { $0.hasPrefix("data: {") }
      .compactMap { try? JSONValue.parse(Array($0.dropFirst(6).utf8)) }
  }
}

/// A client that knows of HTTP what these tests need, and looks at every byte.
///
/// It waits on a thread of its own, never on the pool that tests run on.
struct Client: Sendable {
  /// Kept, because a server stops when nobody refers to it any more.
  private let model: ScriptedModel
  var session = "default"
  var headers = [
    "authorization: Bearer k", "x-api-key: k", "anthropic-version: 2023-06-01", "content-type: application/json",
  ]

  init(_ model: ScriptedModel, session: String = "default") {
    self.model = model
    self.session = session
  }

  /// Sends one request on a connection of its own, and reads the answer to its end or to the first `limit` bytes.
  func send(_ path: String, _ body: JSONValue, limit: Int? = nil) async -> SeenAnswer {
    await send(path, bytes: body.compact(), limit: limit)
  }

  func send(_ path: String, bytes: [UInt8], method: String = "POST", limit: Int? = nil) async -> SeenAnswer {
    var head = "\(method) /s/\(session)\(path) HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
    for line in headers { head += line + "\r\n" }
    head += "content-length: \(bytes.count)\r\n\r\n"
    return await exchange(Array(head.utf8) + bytes, limit: limit)
  }

  /// Sends these bytes, and reads until the server is through or as much as is wanted has come.
  func exchange(_ bytes: [UInt8], limit: Int? = nil) async -> SeenAnswer {
    let port = model.port
    return await withCheckedContinuation { continuation in
      start { continuation.resume(returning: Self.exchange(bytes, port: port, limit: limit)) }
    }
  }

  private static func exchange(_ bytes: [UInt8], port: UInt16, limit: Int?) -> SeenAnswer {
    var answer = SeenAnswer()
    let socket = connect(to: port, &answer)
    defer { close(socket) }
    if Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) != bytes.count { answer.note("send") }
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while limit.map({ received.count < $0 }) ?? true {
      let count = recv(socket, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      if count < 0 { answer.note("recv") }
      answer.wasReset = count < 0 && errno == ECONNRESET
      guard count > 0 else { break }
      received += buffer[..<count]
    }
    answer.read(received)
    return answer
  }

  private static func connect(to port: UInt16, _ answer: inout SeenAnswer) -> Int32 {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if connected != 0 { answer.note("connect") }
    return socket
  }
}

extension SeenAnswer {
  /// Keeps what failed first.
  mutating func note(_ call: String) {
    let number = errno
    failure = failure ?? "\(call): error \(number)"
    errno = number
  }

  mutating func read(_ bytes: [UInt8]) {
    let text = Array(bytes)
    guard let end = text.indices.first(where: { text[$0...].starts(with: Array("\r\n\r\n".utf8)) }) else { return }
    let lines = String(decoding: text[..<end], as: UTF8.self).split(separator: "\r\n")
    status = lines.first.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[String(parts[0])] = parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
    }
    var rest = text[(end + 4)...]
    if let length = headers["content-length"].flatMap({ Int($0) }) {
      body = Array(rest.prefix(length))
      isWhole = rest.count >= length
      return
    }
    while let lineEnd = rest.firstIndex(of: 13) {
      guard let count = Int(String(decoding: rest[..<lineEnd], as: UTF8.self), radix: 16) else { return }
      if count == 0 {
        isWhole = true
        return
      }
      rest = rest[(lineEnd + 2)...]
      body += rest.prefix(count)
      rest = rest.dropFirst(count + 2)
    }
  }
}

private final class Body {
  let run: () -> Void
  init(_ run: @escaping () -> Void) { self.run = run }
}

private func start(_ body: @escaping @Sendable () -> Void) {
  var thread = pthread_t()
  let box = Unmanaged.passRetained(Body(body))
  pthread_create(
    &thread, nil,
    { argument in
      if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
      return nil
    }, box.toOpaque())
  pthread_detach(thread)
}

/// Requests of the three dialects, as short as their vendors allow.
enum Requests {
  static let schema: JSONValue = [
    "type": "object", "properties": ["command": ["type": "string"]], "required": ["command"],
  ]

  static func path(_ dialect: WireDialect) -> String {
    switch dialect {
    case .responses: "/v1/responses"
    case .chat: "/v1/chat/completions"
    case .messages: "/v1/messages"
    }
  }

  /// A request with one tool, with this history or with the first word of a user.
  static func make(
    _ dialect: WireDialect, history: [JSONValue] = [["role": "user", "content": "go"]], streams: Bool = false,
    _ more: [String: JSONValue] = [:]
  ) -> JSONValue {
    var members: [String: JSONValue] = ["stream": .bool(streams)]
    switch dialect {
    case .responses:
      members["model"] = "gpt-5.6"
      members["store"] = false
      members["include"] = ["reasoning.encrypted_content"]
      members["input"] = .array(history)
      members["tools"] = [["type": "function", "name": "bash", "parameters": schema]]
    case .chat:
      members["model"] = "gpt-4.1"
      members["messages"] = .array(history)
      members["tools"] = [["type": "function", "function": ["name": "bash", "parameters": schema]]]
    case .messages:
      members["model"] = "claude-opus-4-1"
      members["max_tokens"] = 4000
      members["messages"] = .array(history)
      members["tools"] = [["type": "bash_20250124", "name": "bash"]]
    }
    return .object(members.merging(more) { $1 })
  }

  /// What the client adds to its history after an answer that was no stream: the answer, and a result for each call.
  static func following(_ dialect: WireDialect, _ answer: JSONValue, output: String = "ok") -> [JSONValue] {
    switch dialect {
    case .responses:
      let items = answer["output"]?.array ?? []
      return items
        + items.filter { $0["type"] == "function_call" }.map {
          ["type": "function_call_output", "call_id": $0["call_id"] ?? .null, "output": .string(output)]
        }
    case .chat:
      let message = answer["choices"]?.array?.first?["message"] ?? .null
      return [message]
        + (message["tool_calls"]?.array ?? []).map {
          ["role": "tool", "tool_call_id": $0["id"] ?? .null, "content": .string(output)]
        }
    case .messages:
      let content = answer["content"]?.array ?? []
      let results = content.filter { $0["type"] == "tool_use" }.map {
        ["type": "tool_result", "tool_use_id": $0["id"] ?? .null, "content": .string(output)] as JSONValue
      }
      let own: JSONValue = ["role": "assistant", "content": .array(content)]
      return results.isEmpty ? [own] : [own, ["role": "user", "content": .array(results)]]
    }
  }
}
