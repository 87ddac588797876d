internal import Base
package import Journal
internal import Models
internal import Sandbox
internal import Templates
package import Work

/// Takes a model's work from wherever its events say it is to its end.
///
/// Every step is decided by ``AgentState``, which is made of events alone; here it is carried out, and what came of it
/// becomes the next event. Events are journaled together as far as nothing leaves the process in between: before a
/// request is sent, and before a call that may change something is carried out.
package actor AgentRun {
  private let run: RunID
  private let claim: Claim
  let surroundings: AgentSurroundings
  package private(set) var state: AgentState
  /// Whether its ending is in the journal; where it is not, the run is to be taken up again.
  package private(set) var isOver = false
  private var unwritten: [RunNote] = []
  private var encoder = HashingEncoder()
  /// What went wrong with the request that is being made, as the retry plan wants it.
  var failures: [RetryPlan.Failure] = []
  private(set) var lastWait = Duration.zero
  /// Whether the server has answered anything in this process.
  var hasHeard = false

  package init(_ run: RunID, under claim: Claim, state: AgentState, _ surroundings: AgentSurroundings) {
    self.run = run
    self.claim = claim
    self.state = state
    self.surroundings = surroundings
  }

  /// Carries the work to its end, which it always has, and exactly one.
  ///
  /// - Returns: What came of it. The run stays open where the journal could not be written, and where this process took
  ///   it up and heard nothing of the model or leaves it open on purpose (``AgentState/leaving``).
  package func perform() async -> AgentOutcome {
    // It may have died between the ending and what is done behind it.
    if let end = state.end {
      isOver = true
      return outcome(end)
    }
    var end: EndRecord
    var isLeftOpen = false
    do {
      try closeInterruptedRequest()
      end = try await advance()
    } catch {
      end = Self.end(for: error)
      isLeftOpen = surroundings.leavesOpen && end.ending.mayPass
    }
    // Where the journal failed, the run stays open in it, so that it can be taken up again.
    if state.end == nil, end.ending != .journalFailed {
      do {
        if state.leaving == nil, !isLeftOpen {
          end.files = await lastLook(behind: end.ending)
          try record(.ended(end))
        }
        // The journal refuses whoever is cancelled, and the ending has to be written all the same.
        try await Task { await self.written() }.value.get()
        isOver = state.end != nil
      } catch {
        end = Self.end(for: error)
      }
    }
    return outcome(end)
  }

  /// What has changed in the files behind the last call: by a command in the background, or by one that was given up.
  ///
  /// Where nobody can tell, the run ends with what is known.
  private func lastLook(behind ending: AgentEnding) async -> FilesDelta? {
    guard ending != .sandboxFailed, ending != .sandboxMissing else { return nil }
    let (files, manifest) = (surroundings.files, state.files)
    // The cell refuses whoever is cancelled, and what was done has to be seen all the same.
    let look = Task {
      try await GivenUpWork.value(
        of: { try await files.changes(since: manifest) }, within: .seconds(30), sleep: { try await Task.sleep(for: $0) }
      )
    }
    do {
      return try await look.value
    } catch {
      surroundings.log("note: what changed in the files behind the last call cannot be told: \(error)")
      return nil
    }
  }

  private func written() async -> Result<Void, JournalError> {
    do {
      return .success(try await flush(surviving: .machine))
    } catch {
      return .failure(error)
    }
  }

  private func outcome(_ end: EndRecord) -> AgentOutcome {
    let hasPrice = state.setup.price != nil
    var reason = end.reason
    if let excess = state.spending.excess {
      reason += "; it cost \(Dollars(nano: excess).description) more than its limit"
    }
    return AgentOutcome(
      ending: end.ending, reason: reason, text: state.lastText, steps: state.spending.steps,
      cost: hasPrice ? state.spending.money : nil,
      changed: state.vanished.union(state.files.entries.keys).sorted())
  }

  /// The ending that an error means which nothing in the loop could deal with.
  private static func end(for error: any Error) -> EndRecord {
    switch error {
    case JournalError.cancelled: EndRecord(ending: .cancelled, reason: "it was cancelled")
    case let error as JournalError: EndRecord(ending: .journalFailed, reason: error.description)
    case let error as SandboxError:
      EndRecord(ending: error.code == .wallMissing ? .sandboxMissing : .sandboxFailed, reason: error.description)
    case let error as FilesError: EndRecord(ending: .sandboxFailed, reason: error.description)
    case is OutOfTime: EndRecord(ending: .timeSpent, reason: "the time of its budget is used up")
    case is CancellationError: EndRecord(ending: .cancelled, reason: "it was cancelled")
    default: EndRecord(ending: .sandboxFailed, reason: "\(error)")
    }
  }

  /// A request under way when the process died is taken for lost and for paid: nobody can know.
  private func closeInterruptedRequest() throws {
    guard let open = state.request else { return }
    try record(
      .failed(
        FailureRecord(
          number: open.number, kind: "interrupted", message: "the work was interrupted while the model answered",
          cost: state.estimatedCost(of: open, output: nil), measure: .again(after: 0), isPaid: true)))
  }

  private func advance() async throws -> EndRecord {
    while true {
      try Task.checkCancellation()
      switch state.next(at: surroundings.clock.now()) {
      case .over: return state.end ?? EndRecord(ending: .completed, reason: "it is over")
      case .end(let end), .leave(let end): return end
      case .call: if let end = try await callTools() { return end }
      case .say(let kind): try record(.notice(NoticeRecord(kind: kind, text: text(of: kind))))
      case .prune(let protected): try prune(protecting: protected)
      case .summarise: try summarise()
      case .reset: try record(.compacted(CompactionRecord(change: .reset(ContextText.reset(state)))))
      case .ask(let purpose, let delay): if let end = try await ask(purpose, after: delay) { return end }
      }
    }
  }

  // MARK: Events

  /// Takes an event into the state and puts it with those that are to be journaled.
  func record(_ event: AgentEvent) throws(JournalError) {
    state.spend(until: surroundings.clock.now())
    guard state.take(event) else { throw .outOfOrder("an event of run \(run) cannot follow those before it") }
    if let note = try event.note() { unwritten.append(note) }
  }

  /// Writes what was recorded.
  func flush(surviving durability: Durability = .process) async throws(JournalError) {
    guard !unwritten.isEmpty else { return }
    let notes = unwritten
    unwritten = []
    do {
      try await surroundings.journal.append(notes, to: run, under: claim, surviving: durability)
    } catch {
      // None of them is written; what comes behind them must not stand there without them.
      unwritten = notes + unwritten
      throw error
    }
  }

  private func text(of kind: NoticeRecord.Kind) -> String {
    let now = surroundings.clock.now()
    return switch kind {
    case .emptyAnswer: ContextText.notice(.emptyAnswer)
    case .cutShort: ContextText.notice(.cutShort)
    case .paused: ContextText.notice(.paused)
    case .closing:
      ContextText.notice(
        .closing, ["left": state.spending.nearlySpent(at: now, nextTwo: state.costOfTwo) ?? "very little"])
    case .noProgress: ContextText.notice(.noProgress, ["steps": "\(state.progress.idle)"])
    case .resumed: ContextText.resumed(state.files)
    }
  }

  private func prune(protecting protected: Int) throws {
    let pruned = state.prunable(protecting: protected).map { place in
      PrunedResult(
        item: place.item, result: place.result, text: ContextText.notice(.pruned, ["bytes": "\(place.bytes)"]))
    }
    try record(.compacted(CompactionRecord(change: .prune(pruned))))
  }

  private func summarise() throws {
    let keeping = state.retainedItems
    let text = ContextText.summary(state.summary ?? "", state)
    try record(.compacted(CompactionRecord(change: .summarise(text, keeping: keeping))))
  }

  // MARK: Requests

  /// Sends a request and takes in what comes of it.
  ///
  /// - Returns: How the run ends, where nothing is left that could be sent.
  private func ask(_ purpose: RequestRecord.Purpose, after delay: Int64) async throws -> EndRecord? {
    if delay > 0 {
      try await flush()
      let left = state.spending.millisecondsLeft(at: surroundings.clock.now())
      try await surroundings.sleep(.milliseconds(min(delay, left)))
      if state.spending.isOutOfTime(at: surroundings.clock.now()) { return nil }
    }
    lastWait = .milliseconds(delay)
    let (body, hash) = state.body(for: purpose, by: &encoder)
    if purpose == .probe {
      try await askAbout(body, hash)
      return nil
    }
    let request = state.request(for: purpose)
    if let refused = state.refusal, hash == state.failedHash {
      // What the vendor refused is never sent again as it was.
      guard state.measure == .tidy else { return refused }
      try record(.compacted(CompactionRecord(change: .reset(ContextText.reset(state)))))
      return nil
    }
    try record(
      .requested(
        RequestRecord(
          number: state.requests + 1, purpose: purpose, hash: hash, size: body.count, tokens: state.size.tokens,
          reserved: state.reservation(for: purpose), isStreamed: request.isStreamed,
          maximumOutput: state.affordableOutput, maximumInput: state.mostInput(for: purpose),
          elapsed: state.spending.milliseconds(at: surroundings.clock.now()))))
    try await flush()
    switch await answer(body, request) {
    case .success(var answer):
      failures = []
      hasHeard = true
      let disbelieved = disbelieve(&answer)
      try record(
        .answered(
          AnswerRecord(
            number: state.requests, answer: answer, cost: cost(of: answer, claimed: disbelieved),
            learned: learned(from: answer), disbelieved: disbelieved)))
    case .failure(let error):
      failures.append(RetryPlan.Failure(error, wasStreamed: state.request?.isStreamed ?? true, waited: lastWait))
      try record(.failed(failure(error, state.requests)))
    }
    return nil
  }

  var timeLeft: Duration {
    .milliseconds(max(1, state.spending.millisecondsLeft(at: surroundings.clock.now())))
  }

  /// What comes of a request; it is let go here, so that the conversation in it is no copy when the answer is added.
  private func answer(_ body: [UInt8], _ request: consuming ModelRequest) async -> Result<ModelAnswer, ModelError> {
    do throws(ModelError) {
      return .success(
        try await surroundings.model.answer(body, to: request, state.capabilities, within: timeLeft))
    } catch {
      return .failure(error)
    }
  }

  /// What is known of the model where it counted far less than it was sent.
  private func learned(from answer: ModelAnswer) -> ModelCapabilities? {
    // By the bytes, for an earlier count may have in it what is not sent back; and only where nobody knows better.
    guard let usage = answer.usage, let request = state.request, state.capabilities.windowSource == .guess else {
      return nil
    }
    var known = state.capabilities
    let estimated = ContextSize.estimate(request.size)
    return known.learn(from: usage, estimated: estimated, provider: state.setup.model.provider) ? known : nil
  }

  /// What an answer cost; where the vendor did not say, what it was taken for.
  ///
  /// A claim that is not believed, and is not absurd either, is paid for as far as money was reserved: it may be that
  /// something between here and the model adds to what is sent.
  func cost(of answer: ModelAnswer, claimed: TokenUsage?) -> Int64 {
    guard let price = state.setup.price else { return 0 }
    if let usage = answer.usage { return price.cost(of: usage).nano }
    guard let request = state.request else { return 0 }
    let estimated = state.estimatedCost(of: request, output: ConversationItem.assistant(answer.turn).size)
    guard let claimed, claimed.canBe(of: request, times: 4) else { return estimated }
    return max(estimated, min(request.reserved, price.cost(of: claimed).nano))
  }

  /// Takes a usage out of an answer that cannot be: it would end the run, or say nonsense of it, over a fault of the
  /// server's counting.
  ///
  /// - Returns: What was claimed.
  func disbelieve(_ answer: inout ModelAnswer) -> TokenUsage? {
    guard let usage = answer.usage, let request = state.request, !usage.canBe(of: request) else { return nil }
    surroundings.log(
      "model: it claims \(usage.input + usage.cacheRead + usage.cacheWrite) tokens in and \(usage.output) out for "
        + "\(request.size) bytes and at most \(request.maximumOutput ?? 0) tokens; that cannot be, and is estimated")
    answer.usage = nil
    return usage
  }

  /// What is done about a request that came to nothing; it is the last of ``failures``.
  func failure(_ error: ModelError, _ number: Int) -> FailureRecord {
    var measure: FailureRecord.Measure
    var known = state.capabilities
    let hasLearned: Bool
    if state.request?.purpose == .probe, var probe = state.probe {
      (measure, hasLearned) = measureOfProbe(error, &probe, &known)
    } else {
      hasLearned = known.learn(from: error)
      measure = measureOfWork(error, hasLearned ? known : nil)
    }
    if state.failures.count + 1 >= AgentState.failureLimit { measure = .end(error.ending) }
    if case .end(.timeSpent) = measure {
    } else if state.spending.isOutOfTime(at: surroundings.clock.now()) {
      measure = .end(.timeSpent)
    }
    // Whoever takes a run up with a wrong address or key, or without a network, must not lose it.
    if case .end(let ending) = measure {
      let isLeft = surroundings.leavesOpen && ending.mayPass
      if isLeft || ending.isOfTheWay && state.isTakenUp && !hasHeard { measure = .leave(ending) }
    }
    surroundings.log("model: \(error.description)")
    // What was generated before it was lost is paid for: how much of it nobody says.
    // So it is where nothing was seen but the server had the request: only its own refusal is free.
    let isPaid = error.received > 0 || error.status == nil && error.kind.mayHaveBeenWorkedOn
    return FailureRecord(
      number: number, kind: error.kind.word, message: error.description,
      cost: isPaid ? state.request.map { state.estimatedCost(of: $0, output: error.received) } ?? 0 : 0,
      measure: measure, learned: hasLearned ? known : nil, isPaid: isPaid)
  }

  private func measureOfWork(_ error: ModelError, _ learned: ModelCapabilities?) -> FailureRecord.Measure {
    switch RetryPlan().decide(after: failures, random: surroundings.random()) {
    case .retry(let delay, let streamed): streamed ? .again(after: delay.ms) : .inOnePiece(after: delay.ms)
    case .compact: .shorten
    case .reset, .condense: .reset
    case .normalise: .tidy
    case .switchOff: learned.map { .learn($0) } ?? .end(error.ending)
    case .park, .fail: .end(error.ending)
    }
  }
}

extension Duration {
  /// In milliseconds, rounded up.
  var ms: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
  }
}

extension ModelError {
  /// How a run ends that this error ends.
  var ending: AgentEnding {
    switch kind {
    case .quota: .quotaSpent
    case .authentication: .unauthorized
    case .unknownModel: .unknownModel
    case .overflow: .contextFull
    case .malformedHistory, .refusedParameter, .refusedRequest: .requestRejected
    case .cancelled: .cancelled
    case .transient, .overloaded, .rateLimited, .badAnswer, .interrupted, .stalled, .unreachable, .misconfigured:
      .modelUnavailable
    }
  }
}

extension AgentEnding {
  /// Whether it is about the way to the model, and nothing that the work has done.
  var isOfTheWay: Bool {
    switch self {
    case .modelUnavailable, .unauthorized, .unknownModel, .quotaSpent: true
    default: false
    }
  }
}

extension TokenUsage {
  /// Whether a request can have taken so much: none is without input, none takes more than money was reserved for, and
  /// no answer is longer than it may be; or so many times that.
  func canBe(of request: RequestRecord, times factor: Int = 1) -> Bool {
    let parts = [input, cacheRead, cacheWrite]
    let most = max(1, request.maximumInput ?? request.size + ContextSize.hiddenFront) * factor
    guard parts.allSatisfy({ (0...most).contains($0) }), (1...most).contains(parts.reduce(0, +)) else { return false }
    return output >= 0 && request.maximumOutput.map { output <= $0 * factor } ?? true
  }
}

extension ModelError.Kind {
  /// Whether the server may have had the request and worked on it, though nothing came back.
  var mayHaveBeenWorkedOn: Bool {
    switch self {
    case .stalled, .interrupted, .cancelled: true
    default: false
    }
  }

  /// The kind in one word, as the journal has it.
  var word: String {
    switch self {
    case .transient: "transient"
    case .overloaded: "overloaded"
    case .rateLimited: "rate-limited"
    case .quota: "quota"
    case .overflow: "overflow"
    case .malformedHistory: "malformed-history"
    case .authentication: "authentication"
    case .unknownModel: "unknown-model"
    case .refusedParameter: "refused-parameter"
    case .refusedRequest: "refused-request"
    case .badAnswer: "bad-answer"
    case .interrupted: "cut"
    case .stalled: "stalled"
    case .unreachable: "unreachable"
    case .misconfigured: "misconfigured"
    case .cancelled: "cancelled"
    }
  }
}
