internal import Base
package import HTTP
internal import JSON

/// Asks a server what is not in the table: how long a conversation may be, and whether calls and counts come in a
/// stream.
///
/// A probe that comes to nothing is no error: what the table says then counts, and the first real request tells the
/// rest. Only what no request could survive is thrown.
package struct CapabilityProbe: Sendable {
  private let transport: any HTTPTransport
  private let endpoint: ModelEndpoint
  private let deadlines: HTTPDeadlines

  package init(
    transport: any HTTPTransport, endpoint: ModelEndpoint,
    deadlines: HTTPDeadlines = HTTPDeadlines(connect: .seconds(10), idle: .seconds(60), total: .seconds(120))
  ) {
    self.transport = transport
    self.endpoint = endpoint
    self.deadlines = deadlines
  }

  /// What is known of the model, after asking.
  ///
  /// - Throws: ``ModelError`` where the key is refused, the model unknown, the server out of reach, or the request
  ///   cancelled.
  package func run(_ model: ModelName) async throws(ModelError) -> ModelCapabilities {
    var capabilities = ModelFamilies.capabilities(of: model)
    // The vendor's list says nothing about OpenAI's models that the table does not, and DeepSeek's nothing at all.
    if model.provider == .deepseek || (model.provider != .anthropic && endpoint.isVendor) { return capabilities }
    let address = model.provider == .anthropic ? endpoint.models + "/" + escaped(model.name) : endpoint.models
    let listed = try await get(address)
    if let listed { ProbeFindings.apply(listing: listed, of: model, to: &capabilities) }
    guard model.provider == .openaiChat else { return capabilities }
    let isOllama = try await askOllama(model, &capabilities)
    try await generate(model, &capabilities)
    if isOllama, capabilities.windowSource != .server, let loaded = try await get(endpoint.root + "/api/ps") {
      ProbeFindings.apply(loaded: loaded, of: model, to: &capabilities)
    }
    return capabilities
  }

  private func askOllama(_ model: ModelName, _ capabilities: inout ModelCapabilities) async throws(ModelError) -> Bool {
    let body = Array(#"{"model":\#(JSONText.quoted(model.name))}"#.utf8)
    let request = HTTPRequest(
      .post, endpoint.root + "/api/show", headers: endpoint.headers(), body: body, deadlines: deadlines,
      maximumBody: 16 << 20)
    guard let shown = try await ask(request), shown["model_info"] != nil || shown["modelfile"] != nil else {
      return false
    }
    ProbeFindings.apply(shown: shown, to: &capabilities)
    return true
  }

  /// One call of a tool, streamed; and where it did not come whole, once more without a stream.
  private func generate(_ model: ModelName, _ capabilities: inout ModelCapabilities) async throws(ModelError) {
    let streamed = try await attempt(model, streamed: true, &capabilities)
    guard streamed != .called else { return }
    if try await attempt(model, streamed: false, &capabilities) == .called { capabilities.streamsToolCalls = false }
  }

  private enum Outcome {
    case called
    case notCalled
    case refused
  }

  private func attempt(
    _ model: ModelName, streamed: Bool, _ capabilities: inout ModelCapabilities
  ) async throws(ModelError) -> Outcome {
    let request = ProbeFindings.request(model, streamed: streamed)
    let client = ModelClient(
      transport: transport, endpoint: endpoint, deadlines: deadlines, wholeAnswerDeadlines: deadlines,
      maximumAnswer: 1 << 20)
    // What it refuses it is not sent again; nobody refuses more than three things.
    for _ in 0..<4 {
      do throws(ModelError) {
        let body = RequestEncoder.body(request, capabilities: capabilities)
        let answer = try await client.send(body, for: request, capabilities: capabilities)
        if streamed, answer.usage == nil { capabilities.reportsUsageInStream = false }
        return ProbeFindings.isWhole(answer) ? .called : .notCalled
      } catch {
        switch error.kind {
        case .authentication, .unknownModel, .unreachable, .misconfigured, .cancelled, .quota: throw error
        case .refusedParameter: if capabilities.learn(from: error) { continue }
        default: break
        }
        return .refused
      }
    }
    return .refused
  }

  private func get(_ url: String) async throws(ModelError) -> JSONSlice? {
    try await ask(HTTPRequest(.get, url, headers: endpoint.headers(), deadlines: deadlines, maximumBody: 16 << 20))
  }

  /// A document, where the server gives one.
  private func ask(_ request: HTTPRequest) async throws(ModelError) -> JSONSlice? {
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await transport.send(request)
    } catch {
      let failure = ErrorClassifier.classify(error)
      switch failure.kind {
      case .unreachable, .misconfigured, .cancelled: throw failure
      default: return nil
      }
    }
    guard response.head.status == 200 else {
      // Only of the vendor's own service does one know that it means it.
      if response.head.status == 401 || (endpoint.isVendor && response.head.status == 404) {
        var failure = ErrorClassifier.classify(response, now: 0)
        if response.head.status == 404 { failure.kind = .unknownModel }
        if let credential = endpoint.credential { failure.message = credential.redacting(failure.message) }
        throw failure
      }
      return nil
    }
    return try? JSONSlice(response.body)
  }

  private func escaped(_ name: String) -> String {
    var text = ""
    for byte in name.utf8 {
      let isPlain = byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || "-._~".utf8.contains(byte)
      text += isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return text
  }
}

/// What the answers to a probe mean.
enum ProbeFindings {
  /// The window as a server lists it: vLLM, llama.cpp, LM Studio, routers, Anthropic.
  static func apply(listing: JSONSlice, of model: ModelName, to capabilities: inout ModelCapabilities) {
    let entries = listing["data"]?.elements ?? [listing]
    guard let entry = entries.first(where: { $0["id"]?.string == model.name }) else { return }
    let window =
      entry["max_model_len"]?.integer ?? entry["meta"]?["n_ctx"]?.integer ?? entry["loaded_context_length"]?.integer
      ?? entry["max_input_tokens"]?.integer ?? entry["context_length"]?.integer ?? entry["context_window"]?.integer
      ?? entry["max_context_length"]?.integer
    set(window, &capabilities)
    let output = entry["max_tokens"]?.integer ?? entry["top_provider"]?["max_completion_tokens"]?.integer
    if let output, output >= 256, output <= capabilities.contextWindow { capabilities.maximumOutput = output }
  }

  /// What Ollama shows of a model.
  ///
  /// Its interface for others ignores a window that is asked for: what counts is the
  /// one that is baked into the model, not the one that the model could have.
  static func apply(shown: JSONSlice, to capabilities: inout ModelCapabilities) {
    capabilities.truncatesSilently = true
    capabilities.windowSource = .guess
    capabilities.contextWindow = 4096
    capabilities.maximumOutput = 2048
    for line in (shown["parameters"]?.string ?? "").split(separator: "\n") {
      let words = line.split(separator: " ", omittingEmptySubsequences: true)
      if words.count == 2, words[0] == "num_ctx" { set(Int(words[1]), &capabilities) }
    }
  }

  /// The window with which Ollama has loaded the model.
  static func apply(loaded: JSONSlice, of model: ModelName, to capabilities: inout ModelCapabilities) {
    for entry in loaded["models"]?.elements ?? [] {
      let names = [entry["name"]?.string, entry["model"]?.string]
      guard names.contains(model.name) || names.contains(model.name + ":latest") else { continue }
      set(entry["context_length"]?.integer, &capabilities)
    }
  }

  private static func set(_ window: Int?, _ capabilities: inout ModelCapabilities) {
    guard let window, window >= 1024, window <= 1 << 30 else { return }
    capabilities.contextWindow = window
    capabilities.windowSource = .server
    capabilities.maximumOutput = max(512, min(max(capabilities.maximumOutput, 8192), window / 2))
  }

  /// A request whose answer shows whether calls come through.
  static func request(_ model: ModelName, streamed: Bool) -> ModelRequest {
    let tool = ToolDeclaration(
      name: "report_value", description: "Reports a value.",
      form: .function(
        schema: #"{"type":"object","properties":{"value":{"type":"string"}},"required":["value"]}"#))
    let conversation = Conversation(
      system: "You test a connection.", tools: [tool],
      items: [.user("Call report_value with the value {\"a\": [1, 2]} and say nothing else.")])
    return ModelRequest(
      model: model, conversation: conversation,
      settings: ModelSettings(maximumOutput: 1024, thinking: .low, cacheKey: ""), isStreamed: streamed)
  }

  /// Whether a call came with its name and arguments that can be read; braces within are what servers drop.
  static func isWhole(_ answer: ModelAnswer) -> Bool {
    guard let call = answer.turn.calls.first, call.name == "report_value", case .json(let text) = call.input,
      !call.isTruncated
    else { return false }
    return JSONSlice(text: text)?["value"] != nil
  }
}
