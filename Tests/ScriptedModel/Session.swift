internal import JSON

/// What the server decides to do with one request.
struct Decision: Sendable {
  enum Action: Sendable {
    case refuse(Refusal)
    case answer(Answer)
    /// A turn of one's own decides; then ``Session/resume(_:with:)``.
    case ask(@Sendable (ReceivedRequest) -> Reply)
    /// A fault for which no answer is needed.
    case fault
  }

  var action: Action
  var kind: Exchange.Kind
  var step: Int
  var fault: Fault?
  var isStreamed = false
  /// Whether it is beside the script.
  var isSide = false
  var latency = 0
  var usage = PromptUsage()
  /// How far the answer is cut, for faults that do so.
  var cut: Int?
  var members: [String: JSONValue] = [:]
  var tools: [OfferedTool] = []
  var model = ""
  var isThinking = false
  var version = HistorySettings.Version.june2023
  var vendor = Scenario.ChatVendor.openai
}

/// One session: its place in the script, and what the vendor would know of its earlier requests.
struct Session: Sendable {
  let name: String
  let scenario: Scenario
  private(set) var step = 0
  private(set) var requests = 0
  /// The calls of the turn that were made already, where the client takes one at a time.
  private var callsMade = 0
  private var identifiers = 0
  private var sent = SentMemory()
  private var cache = PromptCache()
  private var checked: [WireDialect: CheckedHistory] = [:]
  private var values: [String: CachedMember] = [:]
  /// How often each fault happened at each step, and its cuts in all.
  private var happened: [[Int: Int]]
  private var cuts: [Int]

  init(name: String, scenario: Scenario) {
    self.name = name
    self.scenario = scenario
    happened = scenario.faults.map { _ in [:] }
    cuts = scenario.faults.map { _ in 0 }
  }

  /// A history that was checked, for going on behind it.
  private struct CheckedHistory: Sendable {
    var outline: BodyOutline
    var settings: HistorySettings
    var prefixMarks: Int
    /// The rules before the first entry, and behind each.
    var states: [any HistoryRules]
    /// The pieces of all entries, and how many there are behind each.
    var segments: [PromptSegment] = []
    var counts: [Int] = []

    /// Forgets what comes behind the entries that a new request shares with the one before.
    mutating func goBack(to outline: BodyOutline) {
      self.outline = outline
      states.removeLast(states.count - 1 - outline.shared)
      counts.removeLast(counts.count - outline.shared)
      segments.removeLast(segments.count - (counts.last ?? 0))
    }
  }

  /// A member of a request that need not be parsed again.
  private struct CachedMember: Sendable {
    var bytes: [UInt8]
    var value: JSONValue
    var segments: [PromptSegment]
  }

  /// Counts a request; its number.
  mutating func count() -> Int {
    requests += 1
    return requests - 1
  }

  /// Decides what is done with a request.
  mutating func decide(_ request: ReceivedRequest, now: Double) -> Decision {
    var decision = Decision(action: .fault, kind: .fault, step: step)
    do {
      try prepare(request, now: now, &decision)
    } catch {
      if case .refuse = decision.action { return decision }
      decision.action = .refuse(error)
      decision.kind = .refused
    }
    return decision
  }

  private mutating func prepare(
    _ request: ReceivedRequest, now: Double, _ decision: inout Decision
  ) throws(Refusal) {
    let dialect = request.dialect
    try Self.authorize(request)
    let history = dialect == .responses ? "input" : "messages"
    guard let outline = BodyOutline(request.body, history: history, after: checked[dialect]?.outline) else {
      throw Self.noJSON(dialect)
    }
    for name in outline.members.keys where name != history || outline.historyStart == nil {
      decision.members[name] = try member(name, outline, dialect)
    }
    if outline.historyStart != nil { decision.members[history] = [] }
    let members = decision.members
    decision.isStreamed = members["stream"] == true
    decision.model = members["model"]?.string ?? ""
    decision.version =
      request.header("anthropic-version").flatMap(HistorySettings.Version.init) ?? decision.version
    decision.tools = OfferedTool.list(members["tools"], dialect)
    decision.vendor = vendor(of: decision.model)
    decision.isThinking = Self.isThinking(members, dialect, decision.vendor)
    let turn = step < scenario.turns.count ? scenario.turns[step] : nil
    decision.latency = (turn ?? scenario.final).latency ?? scenario.latency
    let probe = Self.probe(decision.tools)
    let isSide = probe != nil || decision.tools.isEmpty && scenario.turns.contains { !$0.calls.isEmpty }
    decision.isSide = isSide
    if !isSide, let (fault, cut) = takeFault(dialect) {
      decision.fault = fault
      decision.cut = cut
      let tokens = request.body.count / 4
      if let refusal = Refusal(fault, dialect, model: decision.model, tokens: tokens) { throw give(refusal, &decision) }
      if [.badGatewayPage, .overflowBodyless, .closeBefore, .resetBefore, .silence].contains(fault.kind) { return }
    }
    if scenario.isStrict { try checkMembers(decision, dialect) }
    let usage = try checkHistory(outline, decision, dialect, now: now)
    decision.usage = usage
    if let window = scenario.contextWindow, usage.total > window {
      throw Refusal.overflow(dialect, tokens: usage.total, window: window)
    }
    if decision.fault == nil { decision.kind = isSide ? .side : turn == nil ? .final : .step }
    if isSide {
      decision.latency = 0
      let text = probe == nil ? "ok" : ""
      decision.action = .answer(answer(Turn(text: text), calls: probe.map { [$0] } ?? [], decision, dialect))
    } else if let custom = turn?.custom, decision.fault == nil {
      decision.action = .ask(custom)
    } else {
      try act(turn ?? scenario.final, isFinal: turn == nil, dialect, &decision)
    }
  }

  /// The call that a client asks for to learn whether calls come whole; `nil` where the request is none of those.
  ///
  /// It has one tool alone, with the name by which such a question is known.
  private static func probe(_ tools: [OfferedTool]) -> RenderedCall? {
    guard tools.count == 1, let tool = tools.first, tool.name == "report_value" else { return nil }
    let arguments = tool.completing(["value": #"{"a": [1, 2]}"#])
    return RenderedCall(name: tool.name, arguments: String(decoding: arguments.compact(), as: UTF8.self))
  }

  /// Notes a fault's refusal, which is no complaint about the request.
  private func give(_ refusal: Refusal, _ decision: inout Decision) -> Refusal {
    decision.action = .refuse(refusal)
    decision.kind = .fault
    return refusal
  }

  /// Goes on where a turn of one's own has decided.
  mutating func resume(_ decision: Decision, with reply: Reply, _ request: ReceivedRequest) -> Decision {
    var decision = decision
    do throws(Refusal) {
      switch reply {
      case .http: break
      case .turn(let turn):
        try act(turn, isFinal: false, request.dialect, &decision)
      case .fault(let kind, let parameter):
        let fault = Fault(kind, parameter: parameter)
        decision.fault = fault
        decision.cut = parameter
        decision.kind = .fault
        if let refusal = Refusal(fault, request.dialect, model: decision.model, tokens: request.body.count / 4) {
          decision.action = .refuse(refusal)
        } else {
          try act(scenario.final, isFinal: true, request.dialect, &decision)
        }
      }
    } catch {
      decision.action = .refuse(error)
      decision.kind = .unscripted
    }
    return decision
  }

  // MARK: Checking

  private static func authorize(_ request: ReceivedRequest) throws(Refusal) {
    let bearer = request.header("authorization").map { $0.lowercased().hasPrefix("bearer ") && $0.utf8.count > 7 }
    switch request.dialect {
    case .messages:
      guard request.header("x-api-key")?.isEmpty == false || bearer == true else {
        throw .unauthorized(.messages, isMissing: true)
      }
      guard let version = request.header("anthropic-version") else {
        throw .invalid("anthropic-version: header is required")
      }
      guard HistorySettings.Version(rawValue: version) != nil else {
        throw .invalid("anthropic-version: \"\(version)\" is not a valid version.")
      }
    case .responses, .chat:
      guard bearer == true else { throw .unauthorized(request.dialect, isMissing: true) }
    }
    let type = request.header("content-type") ?? ""
    guard type.lowercased().hasPrefix("application/json") else {
      throw Refusal(
        415, "invalid_request_error", "Unsupported content type: '\(type)'. This API only accepts 'application/json'.",
        code: "unsupported_content_type")
    }
  }

  private static func noJSON(_ dialect: WireDialect) -> Refusal {
    .invalid(
      dialect == .messages
        ? "The request body is not valid JSON"
        : "We could not parse the JSON body of your request. The API expects a JSON object.")
  }

  private mutating func member(
    _ name: String, _ outline: BodyOutline, _ dialect: WireDialect
  ) throws(Refusal) -> JSONValue {
    guard let bytes = outline.bytes(name) else { return .null }
    let key = dialect.rawValue + name
    if let known = values[key], known.bytes.count == bytes.count,
      BodyOutline.commonPrefix(known.bytes[...], bytes) == bytes.count
    {
      return known.value
    }
    let value: JSONValue
    do { value = try JSONValue.parse(Array(bytes)) } catch { throw Self.noJSON(dialect) }
    var segments: [PromptSegment] = []
    if dialect == .messages, name == "tools" || name == "system" {
      let blocks = value.array ?? value.string.map { [["type": "text", "text": .string($0)]] } ?? []
      segments = JSONValue.blockSegments(blocks, prefix: name)
    } else if ["tools", "instructions", "system"].contains(name) {
      segments = [PromptSegment(sum: Seal.sum(bytes), bytes: bytes.count)]
    }
    values[key] = CachedMember(bytes: Array(bytes), value: value, segments: segments)
    return value
  }

  private func vendor(of model: String) -> Scenario.ChatVendor {
    scenario.chatVendor ?? (model.hasPrefix("deepseek") ? .deepseek : .openai)
  }

  private static func isThinking(
    _ members: [String: JSONValue], _ dialect: WireDialect, _ vendor: Scenario.ChatVendor
  ) -> Bool {
    let type = members["thinking"]?["type"]
    switch dialect {
    case .messages: return type == "enabled" || type == "adaptive" || type == "between_tools"
    case .chat where vendor == .deepseek: return type != "disabled"
    case .chat: return members["reasoning_effort"]?.string.map { $0 != "none" } ?? false
    case .responses: return members["reasoning"]?["effort"] != "none"
    }
  }

  private func settings(_ decision: Decision) -> HistorySettings {
    HistorySettings(
      model: decision.model, vendor: decision.vendor, isThinking: decision.isThinking,
      hasTools: decision.members["tools"]?.array?.isEmpty == false, version: decision.version)
  }

  private func checkMembers(_ decision: Decision, _ dialect: WireDialect) throws(Refusal) {
    try RequestRules.check(decision.members, dialect, settings(decision))
    if let models = scenario.models, !models.contains(decision.model) {
      throw .unknownModel(dialect, decision.model)
    }
  }

  /// Checks what is new in the history, and adds up what the prompt costs.
  private mutating func checkHistory(
    _ outline: BodyOutline, _ decision: Decision, _ dialect: WireDialect, now: Double
  ) throws(Refusal) -> PromptUsage {
    let settings = settings(decision)
    let prefix = ["tools", "system", "instructions"].flatMap { name in
      decision.members[name] == nil ? [] : values[dialect.rawValue + name]?.segments ?? []
    }
    let marks = prefix.count { $0.lifetime != nil }
    let before = checked[dialect]?.outline
    // Taken out, so that going on with it copies nothing.
    var history =
      checked.removeValue(forKey: dialect)
      ?? CheckedHistory(outline: outline, settings: settings, prefixMarks: marks, states: [])
    if history.settings == settings, history.prefixMarks == marks, !history.states.isEmpty {
      history.goBack(to: outline)
    } else {
      history = CheckedHistory(
        outline: outline, settings: settings, prefixMarks: marks, states: [Self.rules(dialect, settings, marks)])
    }
    try extend(&history, dialect)
    var segments = prefix + history.segments
    if outline.historyStart == nil, let text = outline.bytes("input") {
      segments.append(PromptSegment(sum: Seal.sum(text), bytes: text.count))
    }
    let usage = account(segments, decision, dialect, now: now) { index in
      Self.beyond(index - prefix.count, outline, before)
    }
    checked[dialect] = history
    return usage
  }

  private static func rules(
    _ dialect: WireDialect, _ settings: HistorySettings, _ marks: Int
  ) -> any HistoryRules {
    switch dialect {
    case .responses: ResponsesRules(settings: settings)
    case .chat: ChatRules(settings: settings)
    case .messages: MessagesRules(settings: settings, breakpoints: marks)
    }
  }

  private func extend(_ history: inout CheckedHistory, _ dialect: WireDialect) throws(Refusal) {
    var state = history.states[history.states.count - 1]
    let start = history.counts.count
    for index in start..<max(start, history.outline.entries.count) {
      let bytes = history.outline.entry(index)
      let entry: JSONValue
      do { entry = try JSONValue.parse(Array(bytes)) } catch { throw Self.noJSON(dialect) }
      if scenario.isStrict { try state.check(entry, sent) }
      history.states.append(state)
      history.segments += type(of: state).segments(entry, bytes)
      history.counts.append(history.segments.count)
    }
    if scenario.isStrict, history.outline.historyStart != nil { try state.finish() }
  }

  /// How many bytes of an entry are those of the request before at the same place.
  private static func beyond(_ index: Int, _ outline: BodyOutline, _ previous: BodyOutline?) -> Int {
    guard let previous, index >= 0, index < outline.entries.count, index < previous.entries.count else { return 0 }
    return BodyOutline.commonPrefix(outline.entry(index), previous.entry(index))
  }

  private mutating func account(
    _ segments: [PromptSegment], _ decision: Decision, _ dialect: WireDialect, now: Double, beyond: (Int) -> Int
  ) -> PromptUsage {
    let seed = Seal.sum(decision.model.utf8)
    var usage: PromptUsage
    switch dialect {
    case .messages:
      let minimum = scenario.cacheMinimum ?? ModelFacts.cacheMinimum(decision.model)
      usage = cache.explicit(segments, seed: seed, minimum: minimum, now: now)
    case .responses, .chat:
      let isDeepSeek = dialect == .chat && decision.vendor == .deepseek
      usage = cache.implicit(
        segments, seed: seed, unit: isDeepSeek ? 64 : 128, minimum: scenario.cacheMinimum ?? (isDeepSeek ? 64 : 1024),
        beyond: beyond)
      if dialect == .chat, decision.vendor == .compatible {
        usage = PromptUsage(uncached: usage.total)
      }
    }
    if case .fixed(let input, _) = scenario.usage, !decision.isSide {
      usage = PromptUsage(uncached: input)
    }
    return usage
  }

  // MARK: Answering

  private mutating func takeFault(_ dialect: WireDialect) -> (Fault, Int?)? {
    for (index, fault) in scenario.faults.enumerated() {
      guard fault.step == nil || fault.step == step, fault.kind.exists(in: dialect) else { continue }
      let count = happened[index][step] ?? 0
      if let times = fault.times, count >= times { continue }
      happened[index][step] = count + 1
      cuts[index] += 1
      return (fault, fault.isSweep ? (cuts[index] - 1) * max(1, fault.parameter ?? 1) : fault.parameter)
    }
    return nil
  }

  /// Turns a turn of the script into an answer, and moves the script on.
  private mutating func act(
    _ turn: Turn, isFinal: Bool, _ dialect: WireDialect, _ decision: inout Decision
  ) throws(Refusal) {
    let renderer = CallRenderer(tools: decision.tools)
    var calls = turn.calls
    let single =
      decision.members["parallel_tool_calls"] == false
      || decision.members["tool_choice"]?["disable_parallel_tool_use"] == true
    let hasMore = single && calls.count > callsMade + 1
    if single { calls = Array(calls.dropFirst(callsMade).prefix(1)) }
    var rendered: [RenderedCall] = []
    for call in calls {
      if let one = renderer.render(call) {
        rendered.append(one)
      } else if case .plan = call {
        // A client without a plan tool keeps no plan; the turn goes on without.
        continue
      } else {
        decision.kind = .unscripted
        decision.action = .refuse(
          .invalid("scripted model: the client offers no tool for \(call); its tools: \(decision.tools.map(\.name))"))
        return
      }
    }
    var turn = turn
    if single, callsMade > 0 { turn.text = "" }
    var answer = answer(turn, calls: rendered, decision, dialect)
    alter(&answer, decision, dialect)
    limit(&answer, decision, dialect)
    decision.action = .answer(answer)
    guard !isFinal, decision.fault?.leavesAnswer ?? true else { return }
    callsMade = hasMore ? callsMade + 1 : 0
    if !hasMore { step += 1 }
  }

  private mutating func identifier(_ prefix: String) -> String {
    identifiers += 1
    let own = String(
      decoding: name.utf8.filter { $0 < 0x80 && RequestRules.isToolName(String(Unicode.Scalar($0)), longest: 1) },
      as: UTF8.self)
    let digits = String(identifiers)
    return "\(prefix)_\(own.prefix(16))" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  private mutating func answer(
    _ turn: Turn, calls: [RenderedCall], _ decision: Decision, _ dialect: WireDialect
  ) -> Answer {
    let prefixes: (answer: String, call: String) =
      switch dialect {
      case .responses: ("resp", "call")
      case .chat: ("chatcmpl", "call")
      case .messages: ("msg", "toolu")
      }
    let members = decision.members
    var answer = Answer(
      id: identifier(prefixes.answer), model: decision.model, created: 1_780_000_000 + identifiers,
      text: turn.text, textID: identifier("msg"),
      calls: calls.map {
        Answer.Call(id: identifier(prefixes.call), item: identifier($0.isFreeText ? "ctc" : "fc"), rendered: $0)
      },
      input: decision.usage, output: 0, piece: scenario.piece)
    answer.vendor = decision.vendor
    answer.streamsUsage = members["stream_options"]?["include_usage"] == true
    let showsInChat = decision.vendor != .openai
    if decision.isThinking || (dialect == .chat && decision.vendor == .compatible), dialect != .chat || showsInChat {
      answer.reasoning = turn.reasoning
    }
    if dialect == .chat, decision.vendor == .deepseek, decision.isThinking { answer.reasoning = turn.reasoning ?? "" }
    if let reasoning = answer.reasoning {
      answer.reasoningID = identifier("rs")
      answer.showsReasoning =
        dialect == .responses
        ? members["reasoning"]?["summary"]?.string != nil : members["thinking"]?["display"] != "omitted"
      answer.sealsReasoning = (members["include"]?.array ?? []).contains("reasoning.encrypted_content")
      answer.signature = Seal.signThinking(answer.showsReasoning ? reasoning : "", number: identifiers)
      answer.reasoningTokens = reasoning.utf8.count / 4
    }
    remember(answer, dialect)
    let bytes = answer.text.utf8.count + answer.calls.reduce(0) { $0 + $1.rendered.arguments.utf8.count }
    answer.output = max(1, bytes / 4) + answer.reasoningTokens
    if case .fixed(_, let output) = scenario.usage, !decision.isSide { answer.output = output }
    return answer
  }

  private mutating func remember(_ answer: Answer, _ dialect: WireDialect) {
    guard answer.reasoning != nil else { return }
    switch dialect {
    case .messages: for call in answer.calls { sent.thinking[call.id] = [answer.signature] }
    case .responses:
      // The item right behind the reasoning is the one that needs it.
      let following = answer.text.isEmpty ? answer.calls.first?.item : answer.textID
      if let following { sent.reasoning[following] = answer.reasoningID }
    case .chat: break
    }
  }

  /// Does to an answer what the fault says of it.
  private mutating func alter(_ answer: inout Answer, _ decision: Decision, _ dialect: WireDialect) {
    guard let fault = decision.fault else { return }
    switch fault.kind {
    case .errorInside: answer.failure = fault.parameter == 1 ? .bareError : .server
    case .overflowInside:
      answer.calls = []
      if dialect == .messages { answer.stop = .contextFull } else { answer.failure = .overflow }
    case .malformedArguments:
      ensureCall(&answer, decision)
      let arguments = answer.calls[0].rendered.arguments
      answer.calls[0].rendered.arguments = String(arguments.dropLast()) + ",\"x\":"
    case .unknownTool:
      ensureCall(&answer, decision)
      answer.calls[0].rendered = RenderedCall(name: "no_such_tool", arguments: "{\"a\":1}")
    case .wrongArguments:
      ensureCall(&answer, decision)
      answer.calls[0].rendered.arguments =
        answer.calls[0].rendered.isFreeText ? "(((" : "{\"no_such_argument\":true}"
    case .empty:
      answer.text = ""
      answer.calls = []
      answer.reasoning = answer.vendor == .deepseek ? answer.reasoning : nil
      answer.output = 0
    case .truncated:
      ensureCall(&answer, decision)
      Self.truncate(&answer)
    case .refusal:
      answer.calls = []
      answer.stop = .refusal
      answer.text = "I cannot help with that."
    case .pause:
      answer.calls = []
      answer.stop = .pause
    case .wrongUsage:
      answer.input = PromptUsage(uncached: 1)
      answer.output = 999_999_999
    case .missingUsage: answer.leavesOutUsage = true
    default: break
    }
  }

  private mutating func ensureCall(_ answer: inout Answer, _ decision: Decision) {
    guard answer.calls.isEmpty else { return }
    let name = decision.tools.first { $0.form != .freeText }?.name ?? "shell"
    answer.calls = [
      Answer.Call(
        id: identifier("call"), item: identifier("fc"),
        rendered: RenderedCall(name: name, arguments: "{\"command\":\"true\"}"))
    ]
  }

  private static func truncate(_ answer: inout Answer) {
    answer.stop = .length
    guard let last = answer.calls.indices.last else {
      answer.text = String(answer.text.prefix(answer.text.count / 2))
      return
    }
    let arguments = answer.calls[last].rendered.arguments
    answer.calls[last].rendered.arguments = String(arguments.prefix(max(1, arguments.count / 2)))
  }

  /// Cuts an answer that is longer than the client wants it.
  private func limit(_ answer: inout Answer, _ decision: Decision, _ dialect: WireDialect) {
    let names = ["max_output_tokens", "max_completion_tokens", "max_tokens"]
    let most = names.lazy.compactMap { decision.members[$0]?.integer }.first
    guard let most, answer.stop == .end, answer.output > most, decision.fault?.kind != .wrongUsage else { return }
    if case .fixed = scenario.usage { return }
    Self.truncate(&answer)
    answer.output = most
  }
}

extension Fault.Kind {
  /// Whether a dialect has such a fault at all; where it has none, nothing happens.
  package func exists(in dialect: WireDialect) -> Bool { self != .pause || dialect == .messages }
}
