import HTTP
import Models
import Testing

@Suite("Errors and what to do about them")
struct ErrorTests {
  private func classify(_ status: Int, _ body: String, _ headers: [HTTPHeader] = []) -> ModelError {
    ErrorClassifier.classify(
      HTTPResponse(head: HTTPHead(status: status, headers: headers), body: Array(body.utf8)), now: 784_111_700)
  }

  private static func openAI(_ code: String, _ message: String = "x", type: String = "", param: String = "") -> String {
    #"{"error":{"message":"\#(message)","type":"\#(type)","param":\#(param.isEmpty ? "null" : "\"\(param)\""),"code":"\#(code)"}}"#
  }

  private static func anthropic(_ type: String, _ message: String = "x") -> String {
    #"{"type":"error","error":{"type":"\#(type)","message":"\#(message)"},"request_id":"req_1"}"#
  }

  static let cases: [(Int, String, ModelError.Kind)] = [
    // Transient.
    (408, "", .transient), (409, "{}", .transient), (500, "oops", .transient),
    (502, "<html>Bad Gateway</html>", .transient),
    (503, "", .transient), (504, "", .transient), (520, "", .transient),
    (500, anthropic("api_error", "Internal server error"), .transient),
    (529, anthropic("overloaded_error", "Overloaded"), .overloaded), (529, "", .overloaded),
    (503, openAI("server_is_overloaded"), .overloaded), (429, openAI("slow_down"), .overloaded),
    (503, "The server is currently overloaded", .overloaded),
    // Rate.
    (429, "", .rateLimited), (429, openAI("rate_limit_exceeded", "Please try again in 20s."), .rateLimited),
    (429, anthropic("rate_limit_error"), .rateLimited),
    (
      429,
      #"[{"error":{"code":429,"message":"You exceeded your current quota. Please retry in 34.07s.","status":"RESOURCE_EXHAUSTED"}}]"#,
      .rateLimited
    ),
    (
      429,
      openAI(
        "rate_limit_exceeded", "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 45123."),
      .overflow(tokens: 45123, limit: 30000)
    ),
    // Quota.
    (
      429, openAI("insufficient_quota", "You exceeded your current quota, please check your plan and billing details."),
      .quota
    ),
    (429, openAI("credit_balance_exhausted"), .quota), (429, openAI("project_spend_limit_exceeded"), .quota),
    (429, openAI("organization_usage_limit_exceeded"), .quota),
    (402, #"{"error":{"message":"Insufficient Balance"}}"#, .quota),
    (403, anthropic("billing_error", "x"), .quota),
    (400, anthropic("invalid_request_error", "Your credit balance is too low to access the Anthropic API."), .quota),
    (400, anthropic("invalid_request_error", "You have reached your specified API usage limits."), .quota),
    // Overflow.
    (
      400, openAI("context_length_exceeded", "Your input exceeds the context window of this model."),
      .overflow(tokens: nil, limit: nil)
    ),
    (
      400, anthropic("invalid_request_error", "prompt is too long: 250000 tokens > 200000 maximum"),
      .overflow(tokens: 250_000, limit: 200_000)
    ),
    (
      400,
      anthropic(
        "invalid_request_error",
        "input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000, decrease input length"),
      .overflow(tokens: nil, limit: 200_000)
    ),
    (413, anthropic("request_too_large", "Request exceeds the maximum size"), .overflow(tokens: nil, limit: nil)),
    (413, "", .overflow(tokens: nil, limit: nil)), (400, "", .overflow(tokens: nil, limit: nil)),
    (
      400,
      #"{"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5,000 tokens (4000 in the messages, 1000 in the completion).","code":400}"#,
      .overflow(tokens: 5000, limit: 4096)
    ),
    (
      400,
      #"{"error":{"code":400,"message":"the request exceeds the available context size (8192 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":8192}}"#,
      .overflow(tokens: nil, limit: 8192)
    ),
    (500, #"{"error":"input length exceeds maximum context length"}"#, .overflow(tokens: nil, limit: nil)),
    (
      400,
      #"{"error":{"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."}}"#,
      .overflow(tokens: 1_200_000, limit: 1_048_576)
    ),
    // The history.
    (
      400,
      anthropic(
        "invalid_request_error",
        "messages.3: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1"),
      .malformedHistory
    ),
    (
      400, anthropic("invalid_request_error", "messages.1.content.0: Invalid `signature` in `thinking` block"),
      .malformedHistory
    ),
    (400, anthropic("invalid_request_error", "messages: text content blocks must be non-empty"), .malformedHistory),
    (
      400,
      anthropic(
        "invalid_request_error",
        "This model does not support assistant message prefill. The conversation must end with a user message."),
      .malformedHistory
    ),
    (400, openAI("", "No tool output found for function call call_1.", param: "input"), .malformedHistory),
    (
      400, openAI("", "Item 'rs_1' of type 'reasoning' was provided without its required following item."),
      .malformedHistory
    ),
    (400, openAI("invalid_encrypted_content", "x"), .malformedHistory),
    (
      400,
      openAI(
        "",
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'."),
      .malformedHistory
    ),
    (
      400, openAI("", "The `reasoning_content` in the thinking mode must be passed back to the API."), .malformedHistory
    ),
    (500, "After the optional system message, conversation roles must alternate user/assistant", .malformedHistory),
    // Who and what.
    (401, "", .authentication), (401, openAI("invalid_api_key", "Incorrect API key provided"), .authentication),
    (403, anthropic("permission_error"), .authentication),
    (400, #"[{"error":{"code":400,"message":"API key not valid."}}]"#, .authentication),
    (404, openAI("model_not_found", "The model `x` does not exist or you do not have access to it."), .unknownModel),
    (404, anthropic("not_found_error", "model: claude-nope"), .unknownModel), (404, "", .misconfigured),
    (403, "Project does not have access to model gpt-5", .unknownModel), (301, "", .misconfigured),
    (405, "", .misconfigured),
    // Parameters.
    (
      400,
      openAI(
        "unsupported_parameter",
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        param: "max_tokens"),
      .refusedParameter("max_tokens")
    ),
    (
      400, openAI("", "Unrecognized request argument supplied: parallel_tool_calls"),
      .refusedParameter("parallel_tool_calls")
    ),
    (400, openAI("unknown_parameter", "Unknown parameter: 'store'."), .refusedParameter("store")),
    (
      422,
      #"{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}"#,
      .refusedParameter("stream_options")
    ),
    (
      400, anthropic("invalid_request_error", "output_config: Extra inputs are not permitted"),
      .refusedParameter("output_config")
    ),
    (
      400,
      openAI(
        "unsupported_value", "Unsupported value: 'reasoning.effort' does not support 'none' with this model.",
        param: "reasoning.effort"),
      .refusedParameter("reasoning.effort")
    ),
    // The rest.
    (400, openAI("", "Something else."), .refusedRequest), (400, openAI("content_policy_violation"), .refusedRequest),
    (422, "{}", .refusedRequest),
    (
      400,
      #"{"object":"error","message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set","code":400}"#,
      .refusedRequest
    ),
  ]

  @Test("Every signal has its kind", arguments: cases)
  func kinds(_ status: Int, _ body: String, _ kind: ModelError.Kind) {
    #expect(classify(status, body).kind == kind)
  }

  @Test("A vendor's wish to wait is read wherever it stands")
  func hints() {
    func hint(_ name: String, _ value: String, _ more: [HTTPHeader] = []) -> Duration? {
      classify(429, "{}", [HTTPHeader(name, value)] + more).retryAfter
    }
    #expect(hint("Retry-After", "7") == .seconds(7))
    #expect(hint("retry-after", "0.5") == .milliseconds(500))
    #expect(hint("retry-after-ms", "350") == .milliseconds(350))
    #expect(hint("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT") == .seconds(77))
    #expect(
      hint("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT", [HTTPHeader("date", "Sun, 06 Nov 1994 08:49:07 GMT")])
        == .seconds(30))
    #expect(
      hint("retry-after", "Mon, 29 Feb 2024 00:00:10 GMT", [HTTPHeader("date", "Wed, 28 Feb 2024 23:59:50 GMT")])
        == .seconds(20))
    for nonsense in ["", "soon", "-3", "nan", "Sun, 99 Nov 1994 08:49:37 GMT"] {
      #expect(hint("retry-after", nonsense) == nil)
    }
    for (text, seconds) in [
      ("Please try again in 20s.", 20.0), ("try again in 350ms", 0.35), ("Please try again in 1m30s.", 90),
      ("retry in 34.07s", 34.07), ("Retry after 5 seconds", 5), ("try again in 6 m", 360), ("try again later", -1),
      ("try again in 10 parsecs", -1),
    ] {
      #expect(
        RequestedWait.find(in: text) == (seconds < 0 ? nil : .milliseconds(Int((seconds * 1000).rounded()))), "\(text)")
    }
    #expect(classify(500, "", [HTTPHeader("x-should-retry", "false")]).shouldRetry == false)
    #expect(classify(500, "", [HTTPHeader("request-id", "req_9")]).requestID == "req_9")
  }

  @Test("No error's words reach a terminal raw, and none is long")
  func shortened() {
    let error = classify(400, "\u{1b}[2J" + String(repeating: "x", count: 5000))
    #expect(!error.message.contains("\u{1b}") && error.message.utf8.count <= 1000)
  }
}

@Suite("Plans after failures")
struct RetryTests {
  private let plan = RetryPlan()

  /// What is decided until it gives up, when every request fails so.
  private func run(
    _ kinds: (Int) -> ModelError, random: Double = 0.5
  ) -> (requests: Int, decisions: [RetryPlan.Decision]) {
    var failures: [RetryPlan.Failure] = []
    var decisions: [RetryPlan.Decision] = []
    var streamed = true
    var waited = Duration.zero
    while failures.count < 50 {
      failures.append(RetryPlan.Failure(kinds(failures.count), wasStreamed: streamed, waited: waited))
      let decision = plan.decide(after: failures, random: random)
      decisions.append(decision)
      waited = .zero
      switch decision {
      case .fail, .park: return (failures.count, decisions)
      case .retry(let after, let isStreamed): (waited, streamed) = (after, isStreamed)
      default: break
      }
    }
    return (failures.count, decisions)
  }

  static let kinds: [ModelError.Kind] = [
    .transient, .overloaded, .rateLimited, .quota, .overflow(tokens: nil, limit: nil), .malformedHistory,
    .authentication, .unknownModel, .refusedParameter("store"), .refusedParameter("nonsense"), .refusedRequest,
    .badAnswer, .interrupted, .stalled, .unreachable, .misconfigured, .cancelled,
  ]

  @Test("No permanent fault sees more than eight requests", arguments: kinds, [0.0, 1.0])
  func bounded(_ kind: ModelError.Kind, _ random: Double) {
    #expect(run({ _ in ModelError(kind, message: "") }, random: random).requests <= 8)
  }

  @Test("Nor do faults that take turns", arguments: 0..<200)
  func turns(_ seed: Int) {
    var generator = SeededGenerator(seed: seed)
    let list = (0..<50).map { _ in Self.kinds.randomElement(using: &generator) ?? .transient }
    #expect(run({ ModelError(list[$0], message: "", retryAfter: .seconds($0 % 3)) }).requests <= 8)
  }

  @Test("What cannot get better is not asked again")
  func failsFast() {
    for kind in [
      ModelError.Kind.authentication, .unknownModel, .misconfigured, .refusedRequest, .cancelled,
      .refusedParameter("nonsense"),
    ] {
      #expect(run { _ in ModelError(kind, message: "") }.decisions == [.fail])
    }
    #expect(run { _ in ModelError(.quota, message: "") }.decisions == [.park(until: nil)])
    #expect(run { _ in ModelError(.transient, message: "", shouldRetry: false) }.decisions == [.fail])
  }

  @Test("What is too long is made shorter, then much shorter, then given up")
  func overflow() {
    let decisions = run { ModelError(.overflow(tokens: $0 * 1000, limit: nil), message: "") }.decisions
    #expect(decisions == [.compact, .reset, .fail])
  }

  @Test("A history that is at fault is never sent again as it was")
  func history() {
    #expect(run { _ in ModelError(.malformedHistory, message: "") }.decisions == [.normalise, .condense, .fail])
  }

  @Test("A parameter is switched off once")
  func parameter() {
    #expect(run { _ in ModelError(.refusedParameter("store"), message: "") }.decisions == [.switchOff("store"), .fail])
  }

  @Test("The second stall ends streaming, and so do two broken streams")
  func stalls() {
    for kind in [ModelError.Kind.stalled, .interrupted] {
      let streamed = run { _ in ModelError(kind, message: "") }.decisions.compactMap { decision -> Bool? in
        if case .retry(_, let streamed) = decision { streamed } else { nil }
      }
      #expect(streamed.prefix(3) == [true, false, false])
    }
    // The control: a server that fails without breaking a stream is asked for one still.
    let streamed = run { _ in ModelError(.transient, message: "") }.decisions.compactMap { decision -> Bool? in
      if case .retry(_, let streamed) = decision { streamed } else { nil }
    }
    #expect(streamed.count == plan.maximumRequests - 1 && streamed.allSatisfy { $0 })
  }

  @Test("Waits double up to a limit, within half of themselves, and never run together")
  func backoff() {
    func waits(_ random: Double) -> [Duration] {
      run({ _ in ModelError(.transient, message: "") }, random: random).decisions.compactMap { decision in
        if case .retry(let after, _) = decision { after } else { nil }
      }
    }
    #expect(waits(1).prefix(4) == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)])
    #expect(waits(0).prefix(4) == [.milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2)])
  }

  @Test("A hint is honoured, and one beyond a minute ends the attempt")
  func hints() {
    func first(_ seconds: Int) -> RetryPlan.Decision {
      let error = ModelError(.rateLimited, message: "", retryAfter: .seconds(seconds))
      return plan.decide(after: [RetryPlan.Failure(error, wasStreamed: true)], random: 0)
    }
    #expect(first(20) == .retry(after: .seconds(20), streamed: true))
    #expect(first(61) == .park(until: .seconds(61)))
    // Many hints that are each within bounds end too.
    let storm = run { _ in ModelError(.rateLimited, message: "", retryAfter: .seconds(50)) }
    #expect(storm.decisions.last == .park(until: nil) && storm.requests == 4)
  }
}
