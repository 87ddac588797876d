import Journal
import Models
import Testing
import Tools

@testable import Agent

@Suite("The digest of a request")
struct HashingEncoderTests {
  @Test(
    "is that of all its bytes, however the conversation came to be",
    arguments: ["openai/gpt-5.5", "openai-chat/m", "anthropic/claude-sonnet-4-5"], UInt64(1)...8)
  func digest(_ name: String, _ seed: UInt64) throws {
    let model = try ModelName(name)
    let capabilities = ModelFamilies.capabilities(of: model)
    var draw = SeededGenerator(seed)
    var encoder = HashingEncoder()
    var items: ConversationItems = []
    for step in 0..<60 {
      for _ in 0..<Int.random(in: 0...3, using: &draw) {
        items.append(.user(String(repeating: "x", count: Int.random(in: 1...500, using: &draw))))
        let turn = AssistantTurn(text: "y", calls: [.bash("c\(step)", "true")], stop: .calls)
        items.append(.assistant(turn))
        items.append(.results([ToolResult(call: "c\(step)", name: "bash", text: "z")]))
      }
      if step % 13 == 12 { items = ConversationItems(Array(items.array.suffix(4))) }
      var settings = ModelSettings(
        maximumOutput: Int.random(in: 1000...9000, using: &draw), cacheKey: step < 30 ? "a" : "b")
      if step % 7 == 6 { settings.thinking = .off }
      let request = ModelRequest(
        model: model, conversation: Conversation(system: "s", tools: [], items: items), settings: settings,
        isStreamed: Bool.random(using: &draw))
      let (body, hash) = encoder.encode(request, capabilities: capabilities)
      #expect(body == RequestEncoder.body(request, capabilities: capabilities))
      #expect(hash == Digest(ofContent: body))
    }
  }
}
