internal import Base
internal import HTTP
internal import JSON

/// What a server is asked about a model, one question after the other: what is not in the table of families.
///
/// How long a conversation may be, and whether calls and counts come in a stream. It is a value that says what is to be
/// asked next and takes in what came of it; whoever asks does so under the rules of its own requests. A question that
/// comes to nothing is no error: what the table says then counts, and the first real request tells the rest.
package struct CapabilityProbe: Sendable, Hashable, Codable {
  /// One request to the server.
  package enum Question: Sendable, Hashable, Codable {
    /// What the server lists.
    case listing
    /// One call of a tool, as a stream or in one piece.
    case call(streamed: Bool)
    /// What Ollama says about the model.
    case shown
    /// What Ollama has loaded.
    case loaded
  }

  package let model: ModelName
  /// What is to be asked next; `nil` where nothing is left.
  package private(set) var next: Question?
  /// Whether something was found out that is worth keeping: the server has said something about the model, and nothing
  /// that passes has kept an answer away.
  package private(set) var isWorthKeeping = false
  private var refusals = 0

  /// What is to be asked about a model; `nil` where the table knows as much as the server would say.
  package init?(of model: ModelName, at endpoint: ModelEndpoint) {
    // The vendor's list says nothing about OpenAI's models that the table does not, and DeepSeek's nothing at all.
    if model.provider == .deepseek || (model.provider != .anthropic && endpoint.isVendor) { return nil }
    self.model = model
    next = .listing
  }

  // MARK: Asking

  /// The most tokens of the answer to a question that the model itself has to answer; `nil` for the others.
  package var maximumOutput: Int? {
    if case .call? = next { Self.callOutput } else { nil }
  }

  static let callOutput = 1024

  /// The longest time that a question may take.
  package static func limit(of question: Question) -> Duration {
    // A model may have to be loaded first.
    if case .call = question { .seconds(120) } else { .seconds(20) }
  }

  /// The request whose answer shows whether calls come through.
  package func request(streamed: Bool) -> ModelRequest {
    let tool = ToolDeclaration(
      name: "report_value", description: "Reports a value.",
      form: .function(
        schema: #"{"type":"object","properties":{"value":{"type":"string"}},"required":["value"]}"#))
    let conversation = Conversation(
      system: "You test a connection.", tools: [tool],
      items: [.user("Call report_value with the value {\"a\": [1, 2]} and say nothing else.")])
    return ModelRequest(
      model: model, conversation: conversation,
      settings: ModelSettings(maximumOutput: Self.callOutput, thinking: .low, cacheKey: ""), isStreamed: streamed)
  }

  /// The body of the next question; empty where it needs none.
  package func body(_ capabilities: ModelCapabilities) -> [UInt8] {
    switch next {
    case .call(let streamed): RequestEncoder.body(request(streamed: streamed), capabilities: capabilities)
    case .shown: Array(#"{"model":\#(JSONText.quoted(model.name))}"#.utf8)
    case .listing, .loaded, nil: []
    }
  }

  // MARK: Taking in

  /// Takes the document that was asked for; `nil` where the server has none.
  package mutating func take(_ document: [UInt8]?, _ capabilities: inout ModelCapabilities) {
    let document = document.flatMap { try? JSONSlice($0) }
    switch next {
    case .listing:
      if let document, ProbeFindings.apply(listing: document, of: model, to: &capabilities) { isWorthKeeping = true }
      next = model.provider == .openaiChat ? .call(streamed: true) : nil
    case .shown:
      guard let document, document["model_info"] != nil || document["modelfile"] != nil else {
        next = nil
        return
      }
      ProbeFindings.apply(shown: document, to: &capabilities)
      isWorthKeeping = true
      next = capabilities.windowSource == .server ? nil : .loaded
    case .loaded:
      if let document { ProbeFindings.apply(loaded: document, of: model, to: &capabilities) }
      next = nil
    case .call, nil: break
    }
  }

  /// Takes the answer to a call that was asked for.
  package mutating func take(_ answer: ModelAnswer, _ capabilities: inout ModelCapabilities) {
    guard case .call(let streamed)? = next else { return }
    isWorthKeeping = true
    if streamed, answer.usage == nil { capabilities.reportsUsageInStream = false }
    if ProbeFindings.isWhole(answer) {
      capabilities.streamsToolCalls = streamed
      next = .shown
    } else {
      next = streamed ? .call(streamed: false) : .shown
    }
  }

  /// Takes what a question was refused with, or what kept its answer away.
  ///
  /// - Returns: Whether the answer was kept away by something that passes; nothing more is asked then, for the requests
  ///   that count have to deal with the same.
  package mutating func take(_ error: ModelError, _ capabilities: inout ModelCapabilities) -> Bool {
    switch error.kind {
    case .refusedParameter where refusals < 3 && capabilities.learn(from: error):
      // The same again, without what was refused.
      refusals += 1
    case .refusedParameter, .refusedRequest, .malformedHistory, .overflow:
      _ = capabilities.learn(from: error)
      if case .call(true)? = next { next = .call(streamed: false) } else { next = next == .shown ? nil : .shown }
    default:
      next = nil
      isWorthKeeping = false
      return true
    }
    return false
  }
}

extension ModelClient {
  /// Asks one of a probe's questions that the server answers and not the model.
  ///
  /// - Parameters:
  ///   - question: Anything but a call.
  ///   - model: The model that it is about.
  ///   - body: What ``CapabilityProbe/body(_:)`` gives.
  ///   - limit: When the question is given up.
  /// - Returns: The document, `nil` where the server has none: not every server knows every question.
  /// - Throws: ``ModelError`` where the key is refused, the vendor knows no such model, or something went wrong that a
  ///   request for an answer would meet as well.
  package func ask(
    _ question: CapabilityProbe.Question, about model: ModelName, _ body: [UInt8], within limit: Duration
  ) async throws(ModelError) -> [UInt8]? {
    let (method, address): (HTTPRequest.Method, String) =
      switch question {
      case .listing where model.provider == .anthropic: (.get, endpoint.models + "/" + Self.escaped(model.name))
      case .listing: (.get, endpoint.models)
      case .shown: (.post, endpoint.root + "/api/show")
      case .loaded: (.get, endpoint.root + "/api/ps")
      case .call: throw ModelError(.misconfigured, message: "a call is asked for as every answer is")
      }
    let deadlines = HTTPDeadlines(connect: .seconds(10), idle: limit, total: limit)
    let request = HTTPRequest(
      method, address, headers: endpoint.headers(), body: body, deadlines: deadlines, maximumBody: 16 << 20)
    do throws(ModelError) {
      return try await document(request)
    } catch {
      var error = error
      if let credential = endpoint.credential { error.message = credential.redacting(error.message) }
      throw error
    }
  }

  private func document(_ request: HTTPRequest) async throws(ModelError) -> [UInt8]? {
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await transport.send(request)
    } catch {
      throw ErrorClassifier.classify(error)
    }
    switch response.head.status {
    case 200: return response.body
    case 401, 408, 409, 425, 429: throw ErrorClassifier.classify(response, now: Self.now())
    // Only of the vendor's own service does one know that it means it.
    case 404 where endpoint.isVendor:
      var error = ErrorClassifier.classify(response, now: Self.now())
      error.kind = .unknownModel
      throw error
    // A way that it does not know, and what it does not carry out.
    case ..<500, 501: return nil
    default: throw ErrorClassifier.classify(response, now: Self.now())
    }
  }

  private static func escaped(_ name: String) -> String {
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
  ///
  /// - Returns: Whether it lists the model.
  static func apply(listing: JSONSlice, of model: ModelName, to capabilities: inout ModelCapabilities) -> Bool {
    let entries = listing["data"]?.elements ?? [listing]
    guard let entry = entries.first(where: { $0["id"]?.string == model.name }) else { return false }
    let window =
      entry["max_model_len"]?.integer ?? entry["meta"]?["n_ctx"]?.integer ?? entry["loaded_context_length"]?.integer
      ?? entry["max_input_tokens"]?.integer ?? entry["context_length"]?.integer ?? entry["context_window"]?.integer
      ?? entry["max_context_length"]?.integer
    set(window, &capabilities)
    let output = entry["max_tokens"]?.integer ?? entry["top_provider"]?["max_completion_tokens"]?.integer
    if let output, output >= 256, output <= capabilities.contextWindow { capabilities.maximumOutput = output }
    return true
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

  /// Whether a call came with its name and arguments that can be read; braces within are what servers drop.
  static func isWhole(_ answer: ModelAnswer) -> Bool {
    guard let call = answer.turn.calls.first, call.name == "report_value", case .json(let text) = call.input,
      !call.isTruncated
    else { return false }
    return JSONSlice(text: text)?["value"] != nil
  }
}
