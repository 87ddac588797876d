internal import JSON

/// The protocols that the server speaks.
package enum WireDialect: String, Sendable, Hashable, CaseIterable {
  /// OpenAI Responses.
  case responses
  /// OpenAI Chat Completions.
  case chat
  /// Anthropic Messages.
  case messages
}

/// A request that is refused, with what the vendor says then.
struct Refusal: Error, Sendable {
  var status: Int
  var type: String
  var message: String
  var code: String?
  var parameter: String?
  var headers: [String]

  init(
    _ status: Int, _ type: String, _ message: String, code: String? = nil, parameter: String? = nil,
    headers: [String] = []
  ) {
    self.status = status
    self.type = type
    self.message = message
    self.code = code
    self.parameter = parameter
    self.headers = headers
  }

  /// A request that is wrong.
  static func invalid(_ message: String, code: String? = nil, parameter: String? = nil) -> Refusal {
    Refusal(400, "invalid_request_error", message, code: code, parameter: parameter)
  }

  /// The error's body as the dialect writes it.
  func body(_ dialect: WireDialect, request: String) -> JSONValue {
    switch dialect {
    case .messages:
      [
        "type": "error", "error": ["type": .string(type), "message": .string(message)],
        "request_id": .string(request),
      ]
    case .responses, .chat: ["error": openAIError]
    }
  }

  /// The error object of OpenAI's dialects.
  var openAIError: JSONValue {
    [
      "message": .string(message), "type": .string(type), "param": parameter.map { .string($0) } ?? .null,
      "code": code.map { .string($0) } ?? .null,
    ]
  }
}

extension Refusal {
  /// What a fault that is a refusal says in a dialect; `nil` for the other faults.
  init?(_ fault: Fault, _ dialect: WireDialect, model: String, tokens: Int) {
    let isMessages = dialect == .messages
    func server(_ status: Int, _ anthropic: String, _ message: String, code: String? = nil) -> Refusal {
      isMessages
        ? Refusal(status, anthropic, message) : Refusal(status, "server_error", message, code: code)
    }
    switch fault.kind {
    case .rateLimit: self = Self.rateLimit(dialect, headers: ["retry-after: \(fault.parameter ?? 1)"])
    case .rateLimitBare: self = Self.rateLimit(dialect, headers: [])
    case .rateLimitMilliseconds:
      self = Self.rateLimit(dialect, headers: ["retry-after-ms: \(fault.parameter ?? 20)"])
    case .rateLimitHours: self = Self.rateLimit(dialect, headers: ["retry-after: \((fault.parameter ?? 3) * 3600)"])
    case .requestTimeout: self = server(408, "timeout_error", "Request timed out.")
    case .conflict: self = server(409, "api_error", "The request conflicts with another one. Please try again.")
    case .serverError:
      self = server(500, "api_error", isMessages ? "Internal server error" : "The server had an error.")
    case .unavailable:
      self = server(503, "api_error", "The server is overloaded. Please try again later.", code: "server_is_overloaded")
    case .gatewayTimeout: self = server(504, "timeout_error", "The request timed out upstream.")
    case .overloaded: self = server(529, "overloaded_error", "Overloaded")
    case .unauthorized: self = Self.unauthorized(dialect, isMissing: false)
    case .forbidden:
      self = Refusal(
        403, isMessages ? "permission_error" : "invalid_request_error",
        "Your API key does not have permission to use this resource.", code: "unsupported_country_region_territory")
    case .unknownModel: self = Self.unknownModel(dialect, model)
    case .quota:
      self =
        isMessages
        ? Refusal(403, "billing_error", "Your credit balance is too low to access the Anthropic API.")
        : Refusal(
          429, "insufficient_quota", "You exceeded your current quota, please check your plan and billing details.",
          code: "insufficient_quota")
    case .overflow: self = Self.overflow(dialect, tokens: max(tokens, 200_001), window: 200_000)
    case .overflowTooLarge:
      self = Refusal(
        413, isMessages ? "request_too_large" : "invalid_request_error", "Request exceeds the maximum size",
        code: isMessages ? nil : "request_too_large")
    case .history: self = Self.history(dialect)
    default: return nil
    }
  }

  static func rateLimit(_ dialect: WireDialect, headers: [String]) -> Refusal {
    dialect == .messages
      ? Refusal(429, "rate_limit_error", "This request would exceed your rate limit.", headers: headers)
      : Refusal(
        429, "requests", "Rate limit reached for requests.", code: "rate_limit_exceeded", headers: headers)
  }

  static func unauthorized(_ dialect: WireDialect, isMissing: Bool) -> Refusal {
    switch dialect {
    case .messages:
      Refusal(401, "authentication_error", isMissing ? "x-api-key header is required" : "invalid x-api-key")
    case .responses, .chat:
      Refusal(
        401, "invalid_request_error",
        isMissing ? "You didn't provide an API key." : "Incorrect API key provided.",
        code: isMissing ? nil : "invalid_api_key")
    }
  }

  static func unknownModel(_ dialect: WireDialect, _ model: String) -> Refusal {
    dialect == .messages
      ? Refusal(404, "not_found_error", "model: \(model)")
      : Refusal(
        404, "invalid_request_error", "The model `\(model)` does not exist or you do not have access to it.",
        code: "model_not_found")
  }

  static func overflow(_ dialect: WireDialect, tokens: Int, window: Int) -> Refusal {
    switch dialect {
    case .messages: .invalid("prompt is too long: \(tokens) tokens > \(window) maximum")
    case .responses:
      .invalid(
        "Your input exceeds the context window of this model. Please adjust your input and try again.",
        code: "context_length_exceeded", parameter: "input")
    case .chat:
      .invalid(
        "This model's maximum context length is \(window) tokens. However, your messages resulted in \(tokens) tokens.",
        code: "context_length_exceeded", parameter: "messages")
    }
  }

  private static func history(_ dialect: WireDialect) -> Refusal {
    switch dialect {
    case .messages:
      .invalid(
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_scripted. "
          + "Each `tool_use` block must have a corresponding `tool_result` block in the next message.")
    case .responses: .invalid("No tool output found for function call call_scripted.", parameter: "input")
    case .chat:
      .invalid(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
          + "The following tool_call_ids did not have response messages: call_scripted",
        parameter: "messages")
    }
  }
}
