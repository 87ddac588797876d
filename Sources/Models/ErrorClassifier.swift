internal import Base
package import HTTP

/// Finds out what kind a failure is, from its status, its headers and what the vendor says.
package enum ErrorClassifier {
  /// The error of an answer with a status that is no good one.
  ///
  /// - Parameters:
  ///   - response: The whole answer.
  ///   - now: Seconds since 1970, for headers that name a date.
  /// - Returns: The error, with the hints that the headers give.
  package static func classify(_ response: HTTPResponse, now: Int64) -> ModelError {
    let report = ErrorReport(status: response.head.status, body: response.body)
    var error = classify(report)
    let hint = RetryHint(response.head, now: Timestamp(seconds: now))
    error.retryAfter = hint.delay ?? error.retryAfter
    error.shouldRetry = hint.shouldRetry
    error.requestID = response.head["x-request-id"] ?? response.head["request-id"] ?? error.requestID
    error.received = 0
    return error
  }

  /// The error that a vendor reports, wherever it stands.
  package static func classify(_ report: ErrorReport) -> ModelError {
    let hint = RequestedWait.find(in: report.message)
    let name = report.code.isEmpty ? report.type : report.code
    return ModelError(
      kind(of: report, hint: hint), status: report.status, code: name.isEmpty ? nil : name, message: report.message,
      retryAfter: hint, requestID: report.requestID)
  }

  /// The error of a transport that failed.
  package static func classify(_ error: HTTPError) -> ModelError {
    let kind: ModelError.Kind =
      switch error.code {
      case .resolve, .connect, .connectDeadline: .unreachable
      case .address, .tls, .proxy: .misconfigured
      case .cut, .totalDeadline: .interrupted
      case .idleDeadline: .stalled
      case .tooLarge, .malformed: .badAnswer
      case .cancelled: .cancelled
      }
    return ModelError(kind, message: error.description)
  }

  private static func kind(of report: ErrorReport, hint: Duration?) -> ModelError.Kind {
    let text = report.message.lowercased()
    let names = [report.code.lowercased(), report.type.lowercased()]
    func says(_ phrases: [String]) -> Bool { phrases.contains { text.contains($0) } }

    // The most telling first: what a vendor names in its code.
    for name in names { if let kind = byName(name, text: text) { return kind } }
    if report.status == 402 { return .quota }
    if says(Phrases.quota), hint == nil || names.contains("billing_error") { return .quota }
    if says(Phrases.tooLargeForRate) { return overflow(text) }
    if report.status == 429 || says(Phrases.rate) { return .rateLimited }
    if says(Phrases.overflow) { return overflow(text) }
    if report.status == 413 || (report.status == 400 && report.isEmpty) { return overflow(text) }
    if says(Phrases.history) { return .malformedHistory }
    if let name = refusedParameter(report, text: text) { return .refusedParameter(name) }
    if says(Phrases.authentication) { return .authentication }
    if says(Phrases.unknownModel) { return .unknownModel }
    if says(Phrases.overloaded) { return .overloaded }
    return byStatus(report, text: text)
  }

  private static func overflow(_ text: String) -> ModelError.Kind {
    let numbers = Numbers(in: text)
    return .overflow(tokens: numbers.tokens, limit: numbers.limit)
  }

  private static func byName(_ name: String, text: String) -> ModelError.Kind? {
    switch name {
    case "context_length_exceeded", "request_too_large", "string_above_max_length", "exceed_context_size_error":
      return overflow(text)
    case "insufficient_quota", "billing_error", "billing_hard_limit_reached", "billing_not_active",
      "credit_balance_exhausted", "organization_usage_limit_exceeded", "insufficient_balance",
      "exceeded_current_quota_error", "usage_limit_reached", "usage_not_included":
      return .quota
    case "server_is_overloaded", "overloaded_error", "slow_down", "unavailable": return .overloaded
    case "rate_limit_exceeded", "rate_limit_error", "rate_limit_reached_error", "too_many_requests":
      return text.contains("request too large") ? overflow(text) : .rateLimited
    case "invalid_api_key", "authentication_error", "account_deactivated", "unauthenticated",
      "unsupported_country_region_territory":
      return .authentication
    case "model_not_found", "model_not_available", "unknown_model": return .unknownModel
    case "invalid_prompt", "content_policy_violation", "content_filter", "bio_policy", "cyber_policy",
      "data_residency_mismatch":
      return .refusedRequest
    case "invalid_encrypted_content": return .malformedHistory
    case "server_error", "internal_error", "internal_server_error", "timeout_error", "vector_store_timeout":
      // The words may know better.
      return Phrases.overflow.contains { text.contains($0) } ? overflow(text) : .transient
    default: return name.hasSuffix("_spend_limit_exceeded") ? .quota : nil
    }
  }

  private static func byStatus(_ report: ErrorReport, text: String) -> ModelError.Kind {
    switch report.status {
    case 401: .authentication
    case 403: text.contains("model") ? .unknownModel : .authentication
    case 404: text.contains("model") ? .unknownModel : .misconfigured
    case .some(300..<400), 405, 407: .misconfigured
    case 408, 409, 425: .transient
    case 529: .overloaded
    case 501, 505: .refusedRequest
    case .some(500..<600): .transient
    case .some(400..<500): .refusedRequest
    default:
      // An error inside a good answer that nobody has described.
      report.type == "invalid_request_error" ? .refusedRequest : .transient
    }
  }

  /// The parameter that is not taken, where the words say that one is not.
  private static func refusedParameter(_ report: ErrorReport, text: String) -> String? {
    guard Phrases.parameter.contains(where: { text.contains($0) }) else { return nil }
    if !report.parameter.isEmpty { return report.parameter }
    let bytes = Array(report.message.utf8)
    let lowered = Array(text.utf8)
    for phrase in Phrases.beforeParameter {
      guard let end = lowered.firstEnd(of: Array(phrase.utf8)), end < bytes.count else { continue }
      if let name = parameterName(bytes[end...]) { return name }
    }
    // `store: Extra inputs are not permitted`, with the place in front.
    let place = report.message.split(separator: ":", maxSplits: 1)
    if place.count == 2, let last = place.first?.split(separator: ".").last, !last.contains(" ") { return String(last) }
    return nil
  }

  private static func parameterName(_ bytes: ArraySlice<UInt8>) -> String? {
    let name = bytes.drop { " :'\"`".utf8.contains($0) }.prefix {
      $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26
    }
    var text = String(decoding: name, as: UTF8.self)
    while text.hasSuffix(".") { text.removeLast() }
    // A sentence about parameters names none.
    return text.isEmpty || ["is", "was", "are", "of", "the", "that", "this", "s", "for", "in"].contains(text)
      ? nil : text
  }

  /// The two numbers of a complaint about length.
  struct Numbers: Hashable {
    var tokens: Int?
    var limit: Int?

    /// - Parameter text: In lower case.
    init(in text: String) {
      let bytes = Array(text.utf8)
      var found: [(value: Int, start: Int)] = []
      var index = 0
      while index < bytes.count {
        guard bytes[index] &- 0x30 < 10 else {
          index += 1
          continue
        }
        let start = index
        var value = 0
        while index < bytes.count {
          let byte = bytes[index]
          if byte &- 0x30 < 10 {
            value = value > 1 << 40 ? value : value * 10 + Int(byte &- 0x30)
          } else if byte != UInt8(ascii: ","), byte != UInt8(ascii: "_") {
            break
          } else if index + 1 >= bytes.count || bytes[index + 1] &- 0x30 >= 10 {
            break
          }
          index += 1
        }
        // Smaller ones are positions and versions, digits that follow a letter parts of names.
        let isWord = start > 0 && ((bytes[start - 1] | 0x20) &- 0x61 < 26 || bytes[start - 1] == UInt8(ascii: "-"))
        if value >= 256, !isWord { found.append((value, start)) }
      }
      guard !found.isEmpty else { return }
      func precededByLimit(_ start: Int) -> Bool {
        let before = String(decoding: bytes[max(0, start - 28)..<start], as: UTF8.self)
        return [
          "maximum", "limit", "n_ctx", "at most", "> ", "context length", "context size", "context window", "supports",
        ]
        .contains { before.contains($0) }
      }
      let limit =
        found.first { $0.start >= 2 && bytes[$0.start - 2] == UInt8(ascii: ">") }
        ?? found.first { precededByLimit($0.start) } ?? (found.min { $0.value < $1.value })
      self.limit = limit?.value
      tokens = found.filter { $0.start != limit?.start }.map(\.value).max()
      if let most = tokens, let least = self.limit, most < least { tokens = nil }
    }
  }
}

/// What vendors and servers say, in lower case; compared as parts of their messages.
private enum Phrases {
  /// The conversation is too long.
  static let overflow = [
    "context_length_exceeded", "context length", "context window", "context size", "context limit",
    "prompt is too long",
    "input is too long", "prompt too long", "input too long", "maximum prompt length", "maximum number of tokens",
    "input token count", "exceeds the maximum number of input tokens", "reduce the length of the messages",
    "reduce the length of either", "too many tokens", "token limit exceeded", "tokens exceed", "exceeds the limit of",
    "exceeded model token limit", "n_ctx", "model_max_length", "request_too_large", "request exceeds the maximum size",
    "payload too large", "longer than the model", "sequence length", "larger than the max",
  ]
  /// More at once than the rate ever admits: waiting does not help, being shorter does.
  static let tooLargeForRate = ["request too large for"]
  static let quota = [
    "insufficient_quota", "insufficient balance", "insufficient credits", "exceeded your current quota",
    "credit balance is too low", "billing hard limit", "billing details", "spend limit", "spending limit",
    "reached your specified api usage limits", "usage limit has been reached", "out of credits",
    "requires more credits",
    "purchase credits", "payment required", "account is not active", "monthly limit", "arrearage",
  ]
  static let rate = [
    "rate limit", "rate_limit", "ratelimit", "too many requests", "tokens per minute", "requests per minute",
    "resource_exhausted", "throttl",
  ]
  static let overloaded = [
    "overloaded", "at capacity", "over capacity", "temporarily unavailable", "no available capacity",
  ]
  static let authentication = [
    "api key not valid", "invalid api key", "incorrect api key", "invalid x-api-key", "authentication", "unauthorized",
    "invalid bearer token",
  ]
  static let unknownModel = [
    "model_not_found", "does not exist or you do not have access", "model not found", "unknown model", "no such model",
    "not a valid model", "invalid model", "is not supported for this account", "model does not exist",
    "try pulling it first", "not_found_error: model", "model: claude", "not a chat model",
  ]
  /// The conversation itself is at fault.
  static let history = [
    "tool_use` ids", "tool_use ids", "tool_result` block", "tool_result block", "tool_use_id", "tool_use` block",
    "tool_call_id", "tool_call_ids", "must be followed by tool messages", "must be a response to a preceding",
    "no tool output found", "no tool call found", "without its required following item", "without its required",
    "required following item", "must be passed back", "thinking block", "`thinking`", "redacted_thinking",
    "encrypted content", "reasoning item", "text content blocks must", "content blocks must be non-empty",
    "content must be non-empty", "non-empty content", "must not be empty", "must alternate", "alternate between",
    "first message must", "last message must", "conversation must end with", "assistant message prefill",
    "trailing whitespace", "not persisted when", "item with id", "duplicate item", "thought_signature",
    "function response parts", "number of function response", "after the previous tool call",
    "unexpected role", "expected last role", "invalid arguments", "failed to parse tool call arguments",
    "messages: at least one", "input[", "messages.[", "ids must be unique",
  ]
  /// A parameter is not taken.
  static let parameter = [
    "unsupported parameter", "unknown parameter", "unrecognized request argument", "unrecognized parameter",
    "unsupported value", "extra inputs are not permitted", "extra fields not permitted", "is not supported",
    "is unsupported", "not supported with this model", "not supported by this model", "does not support",
    "unexpected keyword", "unknown field", "unknown name", "is not allowed", "is not permitted", "is deprecated for",
    "is too large", "supports at most", "invalid value",
  ]
  /// What stands in front of the parameter's name.
  static let beforeParameter = [
    "unsupported parameter:", "unknown parameter:", "unrecognized request argument supplied:",
    "unrecognized request arguments supplied:", "unrecognized parameter:", "unsupported value:", "unknown field",
    "unknown name", "unexpected keyword argument", "property", "parameter", "argument", "does not support",
  ]
}
