import Base
import FileSystem
import HTTP
import Models
import TestSupport
import Testing

@Suite("What models can do")
struct CapabilityTests {
  @Test("Windows of known families; an unknown model gets a careful guess")
  func families() throws {
    for (text, window, source) in [
      ("openai/gpt-5.6-sol", 1_050_000, ModelCapabilities.Source.family), ("openai/gpt-5-mini", 400_000, .family),
      ("openai/gpt-4.1", 1_047_576, .family), ("anthropic/claude-haiku-4-5-20251001", 200_000, .family),
      ("anthropic/claude-opus-4-8", 1_000_000, .family), ("deepseek/deepseek-v4-pro", 1_000_000, .family),
      ("openai-chat/openai/gpt-oss-120b", 131_072, .family), ("openai-chat/my-own", 32_768, .guess),
    ] {
      let capabilities = ModelFamilies.capabilities(of: try ModelName(text))
      #expect(capabilities.contextWindow == window && capabilities.windowSource == source, "\(text)")
      #expect(capabilities.maximumOutput < window)
    }
  }

  @Test("A parameter that was refused is not sent again")
  func switchesOff() throws {
    let model = try ModelName("openai/gpt-5.6")
    for (parameter, part) in [
      ("store", #""store""#), ("include[0]", #""include""#), ("prompt_cache_key", "prompt_cache_key"),
      ("parallel_tool_calls", "parallel_tool_calls"), ("reasoning.effort", "effort"), ("tools[1].type", #""custom""#),
      ("tools[0].strict", "strict"), ("stream_options", "stream_options"),
    ] {
      var capabilities = ModelFamilies.capabilities(of: model)
      func body() -> String {
        String(decoding: RequestEncoder.body(request(model), capabilities: capabilities), as: UTF8.self)
      }
      #expect(body().contains(part))
      #expect(ModelCapabilities.canSwitchOff(parameter))
      let learned1 = capabilities.learn(from: ModelError(.refusedParameter(parameter), message: ""))
      #expect(learned1)
      #expect(!body().contains(part), "\(parameter)")
      let learned2 = capabilities.learn(from: ModelError(.refusedParameter(parameter), message: ""))
      #expect(!learned2)
    }
    #expect(!ModelCapabilities.canSwitchOff("model") && !ModelCapabilities.canSwitchOff("tools"))
  }

  @Test("Errors teach limits")
  func learns() throws {
    var capabilities = ModelFamilies.capabilities(of: try ModelName("openai-chat/x"))
    let learned3 = capabilities.learn(from: ModelError(.overflow(tokens: 9000, limit: 8192), message: ""))
    #expect(learned3)
    #expect(capabilities.contextWindow == 8192 && capabilities.windowSource == .learned)
    let learned4 = capabilities.learn(from: ModelError(.overflow(tokens: 9000, limit: 30_000), message: ""))
    #expect(!learned4)
    let message = "max_tokens is too large: 9999. This model supports at most 2048 completion tokens"
    let learned5 = capabilities.learn(from: ModelError(.refusedParameter("max_tokens"), message: message))
    #expect(learned5)
    #expect(capabilities.maximumOutput == 2048 && capabilities.maximumOutputField == "max_tokens")
    let echo = "The `reasoning_content` in the thinking mode must be passed back to the API."
    let learned6 = capabilities.learn(from: ModelError(.malformedHistory, message: echo))
    #expect(learned6)
    #expect(capabilities.needsReasoningEcho)
  }

  @Test("A server that drops what is too long is found out by what it counts")
  func silentTruncation() throws {
    var capabilities = ModelFamilies.capabilities(of: try ModelName("openai-chat/x"))
    let usage = TokenUsage(input: 4090, output: 5)
    let learned7 = capabilities.learn(from: usage, estimated: 6000, provider: .openaiChat)
    #expect(!learned7)
    let learned8 = capabilities.learn(from: usage, estimated: 20_000, provider: .openai)
    #expect(!learned8)
    let learned9 = capabilities.learn(
      from: TokenUsage(input: 1000, output: 5), estimated: 20_000, provider: .openaiChat)
    #expect(!learned9)
    let learned10 = capabilities.learn(from: usage, estimated: 20_000, provider: .openaiChat)
    #expect(learned10)
    #expect(capabilities.contextWindow == 4090 && capabilities.truncatesSilently)
    let learned11 = capabilities.learn(from: usage, estimated: 20_000, provider: .openaiChat)
    #expect(!learned11)
  }

  @Test("What was found out is kept, for the same model at the same address only")
  func store() throws {
    let directory = try TemporaryDirectory()
    let store = CapabilityStore(directory: Array((directory.path + "/models").utf8))
    let model = try ModelName("openai-chat/org/name:7b")
    let here = try ModelEndpoint(provider: .openaiChat, baseURL: "http://127.0.0.1:8000/v1", credential: nil)
    let there = try ModelEndpoint(provider: .openaiChat, baseURL: "http://127.0.0.1:8001/v1", credential: nil)
    #expect(try store.load(model, at: here) == nil)
    var capabilities = ModelFamilies.capabilities(of: model)
    capabilities.contextWindow = 77_777
    try store.save(capabilities, of: model, at: here, found: 1_790_000_000, nonce: 1)
    #expect(try store.load(model, at: here) == capabilities)
    #expect(try store.load(model, at: there) == nil)
    #expect(try store.load(try ModelName("openai-chat/org-name:7b"), at: here) == nil)
    capabilities.contextWindow = 88_888
    try store.save(capabilities, of: model, at: here, found: 1_790_000_000, nonce: 2)
    #expect(try store.load(model, at: here)?.contextWindow == 88_888)
    // One file, which a person can read; what another version has written is not read.
    let names = try Directory.names(Array((directory.path + "/models").utf8))
    #expect(names.count == 1)
    let path = directory.path + "/models/" + String(decoding: names[0], as: UTF8.self)
    let text = String(decoding: try Files.read(path), as: UTF8.self)
    #expect(text.contains(#""schema" : "arborist.capabilities/2""#) && text.contains("88888"))
    #expect(text.contains(#""found" : "2026-09-21T"#))
    try Files.write(text.replacing("capabilities/2", with: "capabilities/9").utf8, to: path)
    #expect(try store.load(model, at: here) == nil)
    try Files.write("{".utf8, to: path)
    #expect(try store.load(model, at: here) == nil)
  }
}

@Suite("Probes")
struct ProbeTests {
  private let here = "http://127.0.0.1:9/v1"

  /// What came of a probe.
  private struct Found {
    var capabilities: ModelCapabilities
    var probe: CapabilityProbe
    var requests: [HTTPRequest]
    /// What passes, and has ended the probe.
    var error: ModelError?
  }

  private func probe(
    _ text: String, _ answer: @escaping @Sendable (HTTPRequest) -> ScriptedTransport.Answer
  ) async throws -> Found {
    let model = try ModelName(text)
    let transport = ScriptedTransport { request, _ in answer(request) }
    let endpoint = try ModelEndpoint(provider: model.provider, baseURL: here, credential: nil)
    let client = ModelClient(transport: transport, endpoint: endpoint)
    var found = Found(
      capabilities: ModelFamilies.capabilities(of: model),
      probe: try #require(CapabilityProbe(of: model, at: endpoint)), requests: [])
    while let question = found.probe.next, found.requests.count < 20 {
      let body = found.probe.body(found.capabilities)
      do throws(ModelError) {
        if case .call(let streamed) = question {
          let request = found.probe.request(streamed: streamed)
          found.probe.take(
            try await client.send(body, for: request, capabilities: found.capabilities), &found.capabilities)
        } else {
          found.probe.take(
            try await client.ask(question, about: model, body, within: .seconds(1)), &found.capabilities)
        }
      } catch {
        if found.probe.take(error, &found.capabilities) { found.error = error }
      }
      found.requests = transport.requests
    }
    return found
  }

  private static func json(_ text: String, status: Int = 200) -> ScriptedTransport.Answer {
    ScriptedTransport.Answer(status: status, headers: jsonDocument, pieces: [Array(text.utf8)])
  }

  private static let call =
    #"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"report_value","arguments":"{\"value\":\"x\"}"}}]}"#
  private static let usage = #"{"prompt_tokens":50,"completion_tokens":9}"#

  private static func stream(_ delta: String, usage: String?) -> ScriptedTransport.Answer {
    var list = [
      #"{"choices":[{"index":0,"delta":\#(delta),"finish_reason":null}]}"#,
      #"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
    ]
    if let usage { list.append(#"{"choices":[],"usage":\#(usage)}"#) }
    let text = events(list, named: false) + "data: [DONE]\n\n"
    return ScriptedTransport.Answer(headers: eventStream, pieces: [Array(text.utf8)])
  }

  @Test("vLLM says how long a conversation may be; calls in its stream are whole")
  func vLLM() async throws {
    let found = try await probe("openai-chat/m") { request in
      if request.url.hasSuffix("/models") {
        return Self.json(#"{"data":[{"id":"n"},{"id":"m","max_model_len":65536}]}"#)
      }
      if request.url.hasSuffix("/api/show") { return Self.json("{}", status: 404) }
      return Self.stream(Self.call, usage: Self.usage)
    }
    let known = found.capabilities
    #expect(known.contextWindow == 65_536 && known.windowSource == .server)
    #expect(known.streamsToolCalls && known.reportsUsageInStream && !known.truncatesSilently)
    #expect(found.probe.isWorthKeeping)
    #expect(found.requests.filter { $0.method == .post && $0.url.hasSuffix("/chat/completions") }.count == 1)
  }

  @Test("A parser that drops braces in a stream is found out")
  func brokenStream() async throws {
    let found = try await probe("openai-chat/m") { request in
      guard request.url.hasSuffix("/chat/completions") else { return Self.json("{}", status: 404) }
      if String(decoding: request.body, as: UTF8.self).contains(#""stream":true"#) {
        return Self.stream(Self.call.replacing(#"\"x\"}"#, with: #"\"x\""#), usage: nil)
      }
      return Self.json(#"{"choices":[{"message":\#(Self.call),"finish_reason":"tool_calls"}],"usage":\#(Self.usage)}"#)
    }
    #expect(!found.capabilities.streamsToolCalls && !found.capabilities.reportsUsageInStream)
    #expect(found.requests.filter { $0.url.hasSuffix("/chat/completions") }.count == 2)
  }

  @Test("Of Ollama the window that is loaded counts, not the one that the model could have")
  func ollama() async throws {
    for (parameters, loaded, window) in [
      (#""stop \"x\"\nnum_ctx    32768""#, 0, 32_768), (#""""#, 16_384, 16_384), (#""""#, 0, 4096),
    ] {
      let found = try await probe("openai-chat/qwen3:8b") { request in
        if request.url.hasSuffix(":9/api/show") {
          return Self.json(
            #"{"modelfile":"","parameters":\#(parameters),"model_info":{"qwen3.context_length":262144}}"#)
        }
        if request.url.hasSuffix(":9/api/ps") {
          return Self.json(#"{"models":[{"name":"qwen3:8b","context_length":\#(loaded)}]}"#)
        }
        if request.url.hasSuffix("/models") { return Self.json(#"{"data":[{"id":"qwen3:8b","owned_by":"library"}]}"#) }
        return Self.stream(Self.call, usage: Self.usage)
      }
      #expect(found.capabilities.contextWindow == window && found.capabilities.truncatesSilently)
      #expect(found.capabilities.maximumOutput <= window / 2 && found.probe.isWorthKeeping)
    }
  }

  @Test("A parameter that the probe finds refused is gone from then on")
  func refusals() async throws {
    let found = try await probe("openai-chat/m") { request in
      guard request.url.hasSuffix("/chat/completions") else { return Self.json("{}", status: 404) }
      if String(decoding: request.body, as: UTF8.self).contains("stream_options") {
        return Self.json(
          #"{"error":{"message":"Unknown parameter: 'stream_options'.","param":"stream_options"}}"#, status: 400)
      }
      return Self.stream(Self.call, usage: nil)
    }
    #expect(!found.capabilities.reportsUsageInStream && found.capabilities.streamsToolCalls)
    #expect(found.requests.count == 4 && found.probe.isWorthKeeping)
  }

  @Test("What passes ends a probe at once, whatever it has found, and nothing of it is worth keeping")
  func passing() async throws {
    let table = ModelFamilies.capabilities(of: try ModelName("openai-chat/m"))
    for (status, kind) in [(500, ModelError.Kind.transient), (429, .rateLimited), (401, .authentication)] {
      let found = try await probe("openai-chat/m") { _ in Self.json("<html>", status: status) }
      #expect(found.capabilities == table && found.requests.count == 1 && !found.probe.isWorthKeeping)
      #expect(found.error?.kind == kind)
    }
    for code in [HTTPError.Code.connect, .idleDeadline, .cut, .cancelled, .tls] {
      let found = try await probe("openai-chat/m") { request in
        guard request.url.hasSuffix("/chat/completions") else {
          return Self.json(#"{"data":[{"id":"m","max_model_len":65536}]}"#)
        }
        return ScriptedTransport.Answer(refusal: code)
      }
      #expect(found.capabilities.contextWindow == 65_536 && found.requests.count == 2)
      #expect(!found.probe.isWorthKeeping && found.error != nil)
    }
  }

  @Test("A server that knows none of the questions, or refuses all of them, has told nothing that is worth keeping")
  func nothing() async throws {
    let found = try await probe("openai-chat/m") { request in
      Self.json("{}", status: request.url.hasSuffix("/chat/completions") ? 400 : 404)
    }
    #expect(found.requests.count == 4 && !found.probe.isWorthKeeping && found.error == nil)
    // The control: one word about the model is.
    let listed = try await probe("openai-chat/m") { request in
      request.url.hasSuffix("/models")
        ? Self.json(#"{"data":[{"id":"m"}]}"#)
        : Self.json("{}", status: request.url.hasSuffix("/chat/completions") ? 400 : 404)
    }
    #expect(listed.probe.isWorthKeeping && listed.capabilities == found.capabilities)
  }

  @Test("Anthropic tells its limits; the vendors whose lists tell nothing are not asked")
  func vendors() async throws {
    let found = try await probe("anthropic/claude-of-the-future") { _ in
      Self.json(#"{"type":"model","id":"claude-of-the-future","max_input_tokens":2000000,"max_tokens":256000}"#)
    }
    #expect(found.capabilities.contextWindow == 2_000_000 && found.capabilities.maximumOutput == 256_000)
    #expect(found.requests.map(\.url) == ["http://127.0.0.1:9/v1/models/claude-of-the-future"])
    for provider in [ModelName.Provider.openai, .openaiChat, .deepseek] {
      let endpoint = try ModelEndpoint(
        for: provider, environment: ["OPENAI_API_KEY": "k-123456", "DEEPSEEK_API_KEY": "k-123456"])
      #expect(CapabilityProbe(of: try ModelName("\(provider.rawValue)/m"), at: endpoint) == nil)
    }
  }
}

@Suite("Endpoints")
struct EndpointTests {
  private func reason(_ provider: ModelName.Provider, _ environment: [String: String]) -> EndpointError? {
    do {
      _ = try ModelEndpoint(for: provider, environment: environment)
      return nil
    } catch {
      return error
    }
  }

  @Test("Keys and addresses come from the variables of the vendors' own tools")
  func environment() throws {
    for (provider, key, base, answers) in [
      (ModelName.Provider.openai, "OPENAI_API_KEY", "OPENAI_BASE_URL", "https://api.openai.com/v1/responses"),
      (.openaiChat, "OPENAI_API_KEY", "OPENAI_BASE_URL", "https://api.openai.com/v1/chat/completions"),
      (.anthropic, "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "https://api.anthropic.com/v1/messages"),
      (.deepseek, "DEEPSEEK_API_KEY", "DEEPSEEK_BASE_URL", "https://api.deepseek.com/chat/completions"),
    ] {
      #expect(try ModelEndpoint(for: provider, environment: [key: " k-123456\n"]).answers == answers)
      let missing = reason(provider, [key: "  "])
      #expect(missing?.reason == .missingKey && missing?.variable == key)
      #expect(missing?.description.contains(key) == true)
      #expect(reason(provider, [base: "https://example.test", key: ""])?.reason == .missingKey)
      for own in ["http://127.0.0.1:8000", "http://localhost:1/", "http://[::1]:1", "https://127.8.9.1"] {
        #expect(reason(provider, [base: own]) == nil)
      }
      #expect(reason(provider, [base: "http://example.test", key: "k-123456"])?.reason == .unencrypted)
      for wrong in [
        "example.test", "ftp://x", "https://", "https://u:p@x", "https://x/?a", "https://x#a", "https://a b",
        "http://127.0.0.1:99999/v1", "http://127.0.0.1:", "http://127.0.0.1:80a/v1", "http://[::1", "https://a\\b",
        "https://a_b!c",
      ] {
        let found = reason(provider, [base: wrong, key: "k-123456"])
        #expect(found?.reason == .unusableAddress && found?.variable == base, "\(wrong)")
        // Which variable, and what it could be; nothing of what it holds, which may be a password.
        let text = found?.description ?? ""
        #expect(text.hasPrefix(base) && text.contains("it looks like https://") && !text.contains("u:p"), "\(text)")
      }
      let port = reason(provider, [base: "http://127.0.0.1:99999/v1"])
      #expect(port?.description.contains("the port is no number from 1 to 65535") == true)
      #expect(reason(provider, [key: "k\r\nx: y"])?.reason == .unusableKey)
      #expect(reason(provider, [base: "http://127.0.0.1.evil.test", key: "k-123456"])?.reason == .unencrypted)
    }
  }

  @Test("A version at the end of Anthropic's address is not doubled")
  func version() throws {
    for base in ["http://127.0.0.1:1", "http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1/"] {
      let endpoint = try ModelEndpoint(for: .anthropic, environment: ["ANTHROPIC_BASE_URL": base])
      #expect(endpoint.answers == "http://127.0.0.1:1/v1/messages")
    }
  }

  @Test("A key is sent in its header and shown nowhere")
  func secrets() throws {
    let endpoint = try ModelEndpoint(for: .openai, environment: ["OPENAI_API_KEY": "sk-123456"])
    #expect(endpoint.headers().contains(HTTPHeader("authorization", "Bearer sk-123456")))
    var dumped = ""
    dump(endpoint, to: &dumped)
    for text in ["\(endpoint)", String(reflecting: endpoint), dumped, "\(Secret("sk-123456"))"] {
      #expect(!text.contains("123456"))
      #expect(text.contains("(secret)") || text == dumped)
    }
    let anthropic = try ModelEndpoint(for: .anthropic, environment: ["ANTHROPIC_API_KEY": "sk-9"])
    #expect(anthropic.headers(betas: ["a", "b"]).contains(HTTPHeader("anthropic-beta", "a,b")))
    #expect(anthropic.headers().contains(HTTPHeader("x-api-key", "sk-9")))
    #expect(Secret("abcdef").redacting("xabcdefabcdefy abcde") == "x(secret)(secret)y abcde")
  }
}
