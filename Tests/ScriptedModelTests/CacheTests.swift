import JSON
import ScriptedModel
import Testing

struct CacheTests {
  /// Runs some steps, and gives what became of them; the prefix is the same each time unless `salts`.
  private func run(_ dialect: WireDialect, model name: String, salts: Bool, marks: Bool = true) async throws
    -> [Exchange]
  {
    let model = try ScriptedModel.start(.steps(6))
    var history: [JSONValue] = [["role": "user", "content": [["type": "text", "text": "go"]]]]
    if dialect == .responses { history = [["role": "user", "content": "go"]] }
    for step in 0..<6 {
      let prefix = (salts ? "It is \(step) o'clock. " : "") + String(repeating: "Rule. ", count: 2000)
      var sent = history
      var more: [String: JSONValue] = ["model": .string(name)]
      switch dialect {
      case .responses: more["instructions"] = .string(prefix)
      case .chat: sent.insert(["role": "system", "content": .string(prefix)], at: 0)
      case .messages:
        more["system"] = .string(prefix)
        if marks { Self.mark(&sent) }
      }
      let answer = await Client(model).send(Requests.path(dialect), Requests.make(dialect, history: sent, more))
      try #require(answer.status == 200, "\(answer.text)")
      history += Requests.following(dialect, answer.json)
    }
    return model.exchanges
  }

  private static func mark(_ history: inout [JSONValue]) {
    guard var message = history.removeLast().object, var content = message["content"]?.array,
      var block = content.popLast()?.object
    else { return }
    block["cache_control"] = ["type": "ephemeral"]
    message["content"] = .array(content + [.object(block)])
    history.append(.object(message))
  }

  @Test(arguments: [
    (WireDialect.responses, "gpt-5.6"), (.chat, "gpt-4.1"), (.chat, "deepseek-v4-pro"), (.messages, "claude-opus-4-1"),
  ])
  func whatStaysIsRead(dialect: WireDialect, name: String) async throws {
    let stable = try await run(dialect, model: name, salts: false)
    #expect(stable[0].cacheRead == 0)
    for exchange in stable.dropFirst() {
      #expect(exchange.cacheRead * 10 >= exchange.inputTokens * 9, "\(exchange)")
    }
    for exchange in try await run(dialect, model: name, salts: true) {
      #expect(exchange.cacheRead * 10 < exchange.inputTokens, "\(exchange)")
    }
  }

  @Test func withoutBreakpointsMessagesCacheNothing() async throws {
    for exchange in try await run(.messages, model: "claude-opus-4-1", salts: false, marks: false) {
      #expect(exchange.cacheRead == 0 && exchange.cacheWritten == 0)
    }
  }

  @Test func aShortPrefixIsNotCached() async throws {
    // The same prompt is longer than the minimum of one model and shorter than that of the other.
    for exchange in try await run(.messages, model: "claude-opus-4-5", salts: false) {
      #expect(exchange.cacheRead == 0)
    }
  }

  @Test func unitsAreTheVendors() async throws {
    #expect(try await run(.responses, model: "gpt-5.6", salts: false).allSatisfy { $0.cacheRead.isMultiple(of: 128) })
    #expect(try await run(.chat, model: "deepseek-v4", salts: false).allSatisfy { $0.cacheRead.isMultiple(of: 64) })
  }

  @Test(arguments: [(18, true), (24, false)])
  func aBreakpointLooksTwentyBlocksBack(added: Int, isFound: Bool) async throws {
    let model = try ScriptedModel.start(.steps(3))
    let first: JSONValue = [
      "type": "text", "text": .string(String(repeating: "x", count: 20_000)), "cache_control": ["type": "ephemeral"],
    ]
    _ = await Client(model).send(
      "/v1/messages", Requests.make(.messages, history: [["role": "user", "content": [first]]]))
    var blocks: [JSONValue] = [["type": "text", "text": first["text"] ?? .null]]
    for number in 0..<added { blocks.append(["type": "text", "text": .string("\(number)")]) }
    blocks.append(["type": "text", "text": "last", "cache_control": ["type": "ephemeral"]])
    _ = await Client(model).send(
      "/v1/messages", Requests.make(.messages, history: [["role": "user", "content": .array(blocks)]]))
    #expect(model.exchanges.count == 2)
    #expect((model.exchanges[1].cacheRead > 4000) == isFound)
  }
}
