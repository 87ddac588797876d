package import Base
package import Journal
package import Models
internal import Work

/// What is to be done next.
package enum AgentStep: Sendable, Hashable {
  /// Nothing; the run is over.
  case over
  case end(EndRecord)
  /// Leave the run as it is, for another process.
  case leave(EndRecord)
  /// Carry out the calls that have no result.
  case call
  /// Say something to the model.
  case say(NoticeRecord.Kind)
  /// Shorten old results: the newest of so many tokens stay.
  case prune(protecting: Int)
  /// Put the model's summary in the place of the conversation.
  case summarise
  /// Drop the conversation, but for the task and what was done.
  case reset
  /// Send a request, after so many milliseconds.
  case ask(RequestRecord.Purpose, after: Int64)
}

extension AgentState {
  /// Answers in a row without a call that can be understood, after which the run ends.
  package static let malformedLimit = 3
  package static let emptyLimit = 3
  package static let cutShortLimit = 4
  package static let fullLimit = 3
  package static let pauseLimit = 5
  package static let poorSummaryLimit = 3
  package static let historyLimit = 3
  /// Answers in a row whose streams broke and that came in one piece, after which nothing is streamed any more.
  package static let unstreamedLimit = 2
  /// Requests that fail one after the other, whatever is done in between, after which the run ends.
  ///
  /// A permanent fault sees eight at the most: where a connection that was kept turns out to be dead, the transport
  /// sends one of them again by itself.
  package static let failureLimit = 7

  /// What is to be done at this moment.
  package func next(at now: Timestamp) -> AgentStep {
    if end != nil { return .over }
    if let leaving { return .leave(leaving) }
    if let record = failureEnd ?? rowEnd ?? answerEnd { return .end(record) }
    if spending.isOutOfTime(at: now) { return .end(exhaustion(.time)) }
    if !calls.isEmpty { return isResumed ? .say(.resumed) : .call }
    if let step = measureStep(at: now) {
      // What failed may have been paid for, and the same again costs the same again.
      guard case .ask(let purpose, _) = step, let part = spending.exhausted(at: now, next: reservation(for: purpose))
      else { return step }
      return .end(exhaustion(part))
    }
    if canProbe(at: now) { return .ask(.probe, after: 0) }
    if let owed { return .say(owed) }
    switch progress.verdict {
    case .end:
      return .end(
        EndRecord(ending: .noProgress, reason: "no step of its plan was finished in \(progress.idle) answers"))
    case .nudge where toldIdle != progress.idle: return .say(.noProgress)
    case .nudge, .go: break
    }
    if let part = spending.exhausted(at: now, next: reservation(for: .turn)) { return .end(exhaustion(part)) }
    // Without tools there is nothing to be brought to an end.
    if !isClosing, !setup.tools.isEmpty, spending.nearlySpent(at: now, nextTwo: costOfTwo) != nil {
      return .say(.closing)
    }
    return compactionStep ?? .ask(.turn, after: 0)
  }

  private var failureEnd: EndRecord? {
    guard let last = failures.last else { return nil }
    if case .end(let ending) = last.measure { return EndRecord(ending: ending, reason: last.message) }
    guard failures.count >= Self.failureLimit else { return nil }
    return EndRecord(
      ending: .modelUnavailable, reason: "\(failures.count) requests in a row came to nothing; \(last.message)")
  }

  /// Why the process leaves the run as it is; `nil` where it goes on.
  package var leaving: EndRecord? {
    guard let last = failures.last, case .leave(let ending) = last.measure else { return nil }
    return EndRecord(ending: ending, reason: last.message)
  }

  /// Whether there is something to be asked about the model, and money left to ask it.
  ///
  /// What cannot be afforded is not asked, for the work can do without it.
  private func canProbe(at now: Timestamp) -> Bool {
    probe?.next != nil && spending.exhausted(at: now, next: reservation(for: .probe)) == nil
  }

  /// How the run ends where nothing can be done about what the last request was refused for; `nil` where none was
  /// refused, so that the same may be sent again.
  var refusal: EndRecord? {
    guard let last = failures.last else { return nil }
    switch last.measure {
    case .shorten: return EndRecord(ending: .contextFull, reason: last.message)
    case .tidy: return EndRecord(ending: .requestRejected, reason: last.message)
    case .reset:
      let isLong = last.kind == ModelError.Kind.overflow(tokens: nil, limit: nil).word
      return EndRecord(ending: isLong ? .contextFull : .requestRejected, reason: last.message)
    case .again, .inOnePiece, .learn, .goOn, .leave, .end: return nil
    }
  }

  private var rowEnd: EndRecord? {
    if rows.malformed >= Self.malformedLimit {
      return EndRecord(
        ending: .malformedCalls, reason: "\(rows.malformed) answers in a row made calls that cannot be understood")
    }
    if rows.empty >= Self.emptyLimit {
      return EndRecord(ending: .emptyAnswers, reason: "\(rows.empty) answers in a row were empty")
    }
    if rows.cutShort >= Self.cutShortLimit {
      return EndRecord(
        ending: .emptyAnswers,
        reason: "\(rows.cutShort) answers in a row were cut off at \(maximumOutput) tokens")
    }
    if rows.full >= Self.fullLimit {
      return EndRecord(
        ending: .contextFull, reason: "\(rows.full) answers in a row ended because the model's window was full")
    }
    if rows.pauses > Self.pauseLimit {
      return EndRecord(
        ending: .modelUnavailable, reason: "the vendor interrupted the model's answer \(rows.pauses) times in a row")
    }
    if rows.histories >= Self.historyLimit, let last = failures.last {
      return EndRecord(
        ending: .requestRejected,
        reason: "whatever was done, the vendor found fault with the conversation \(rows.histories) times; "
          + last.message)
    }
    if rows.poorSummaries >= Self.poorSummaryLimit {
      return EndRecord(
        ending: .contextFull, reason: "\(rows.poorSummaries) summaries in a row made the conversation hardly shorter")
    }
    return nil
  }

  /// The ending that the last answer calls for.
  private var answerEnd: EndRecord? {
    guard calls.isEmpty, let lastStop else { return nil }
    if lastStop == .refusal {
      return EndRecord(ending: .refused, reason: "the model, or its vendor, refused the task")
    }
    // One that says nothing is no ending: behind it stands what was said before.
    guard lastStop == .end, rows.empty == 0, case .assistant(let turn)? = items.last, turn.calls.isEmpty else {
      return nil
    }
    return EndRecord(ending: .completed, reason: "the model says that it is done")
  }

  private func exhaustion(_ part: AgentEndingOfBudget) -> EndRecord {
    let budget = setup.budget
    switch part {
    case .steps:
      return EndRecord(ending: .stepsSpent, reason: "its budget of \(budget.steps.counted("answer")) is used up")
    case .time:
      return EndRecord(ending: .timeSpent, reason: "its budget of \(budget.seconds.counted("second")) is used up")
    case .money:
      let (limit, next) = (Dollars(nano: budget.money ?? 0), Dollars(nano: reservation(for: .turn)))
      return EndRecord(
        ending: .moneySpent,
        reason: "the next request might cost \(next.description), more than is left of \(limit.description)")
    }
  }

  private func measureStep(at now: Timestamp) -> AgentStep? {
    let purpose = purposeOfFailure == .probe && !canProbe(at: now) ? .turn : purposeOfFailure
    return switch measure {
    case .again(let delay), .inOnePiece(let delay), .goOn(_, let delay): .ask(purpose, after: delay)
    case .learn, .tidy: .ask(purpose, after: 0)
    case .shorten:
      if prunable(protecting: limits.protected / 8).isEmpty { .reset } else { .prune(protecting: limits.protected / 8) }
    case .reset: .reset
    case .leave, .end, nil: nil
    }
  }

  private var compactionStep: AgentStep? {
    if let summary { return summary.isEmpty ? .reset : .summarise }
    guard size.isOverflowing || size.tokens >= limits.trigger else { return nil }
    let gain = prunable(protecting: limits.protected).reduce(0) { $0 + ContextSize.estimate($1.bytes) }
    if gain >= limits.leastGain { return .prune(protecting: limits.protected) }
    // What does not fit cannot be summarised, and what was summarised in vain is not summarised again.
    let fits = !size.isOverflowing && size.tokens < limits.window
    return items.count > 2 ? (fits && rows.poorSummaries == 0 ? .ask(.summary, after: 0) : .reset) : nil
  }

  // MARK: Requests

  /// The body of the request for this purpose, and its digest.
  package func body(
    for purpose: RequestRecord.Purpose, by encoder: inout HashingEncoder
  ) -> (body: [UInt8], hash: Digest) {
    if purpose == .probe {
      let body = probe?.body(capabilities) ?? []
      return (body, Digest(ofContent: body))
    }
    return encoder.encode(request(for: purpose), capabilities: capabilities)
  }

  /// The request for this purpose as it would be sent now.
  package func request(for purpose: RequestRecord.Purpose) -> ModelRequest {
    // Where streams break again and again, each would be paid for and lost.
    let isPlain = isInOnePiece || rows.unstreamed >= Self.unstreamedLimit
    let isTidied = failures.contains { $0.measure == .tidy }
    var sent = isTidied ? ConversationItems(HistoryNormaliser.normalise(items.array)) : items
    if purpose == .summary { sent.append(.user(setup.summaryRequest)) }
    var settings = setup.settings
    settings.maximumOutput = affordableOutput
    return ModelRequest(
      model: setup.model, conversation: Conversation(system: setup.system, tools: setup.tools, items: sent),
      settings: settings, isStreamed: !isPlain && capabilities.streamsToolCalls)
  }

  /// An answer with fewer tokens than these is hardly worth asking for.
  static let leastOutput = 4000

  /// The most tokens of the next answer: what the model gives, or as many as can be paid for.
  ///
  /// Most answers are short, so a budget that is too small for the longest one is good for many.
  package var affordableOutput: Int {
    let wanted = maximumOutput
    guard let price = setup.price, let money = setup.budget.money else { return wanted }
    let left = money - spending.committed
    func fits(_ output: Int) -> Bool {
      price.upperBound(input: size.mostTokens, maximumOutput: output).nano <= left
    }
    var (most, least) = (wanted, min(Self.leastOutput, wanted))
    if fits(most) || !fits(least) { return fits(most) ? most : least }
    while most - least > 500 {
      let middle = (most + least) / 2
      if fits(middle) { least = middle } else { most = middle }
    }
    return least
  }

  /// The most tokens of input that the vendor is believed to count for a request.
  package func mostInput(for purpose: RequestRecord.Purpose) -> Int {
    guard purpose == .probe else { return size.mostTokens }
    return ContextSize.hiddenFront + (probe?.body(capabilities).count ?? 0)
  }

  /// What a request for this purpose may cost at most, in billionths of a US dollar; zero where the price is not known.
  ///
  /// What the vendor says that it took is believed up to that and no further.
  package func reservation(for purpose: RequestRecord.Purpose) -> Int64 {
    guard let price = setup.price else { return 0 }
    if purpose == .probe {
      guard let probe, let output = probe.maximumOutput else { return 0 }
      return price.upperBound(input: mostInput(for: .probe), maximumOutput: output).nano
    }
    return price.upperBound(input: mostInput(for: purpose), maximumOutput: affordableOutput).nano
  }

  /// What a request is taken to have cost of which the vendor has not said it: its input, and twice the output of which
  /// so many bytes were seen, since reasoning is paid for and not seen.
  ///
  /// Where nobody knows what was seen, it is what the shortest answer may have. Never more than was reserved.
  func estimatedCost(of request: RequestRecord, output bytes: Int?) -> Int64 {
    guard let price = setup.price else { return 0 }
    let generated = bytes.map { ContextSize.estimate($0) * 2 } ?? Self.leastOutput
    let output = min(generated, request.maximumOutput ?? generated)
    return min(request.reserved, price.upperBound(input: request.tokens, maximumOutput: output).nano)
  }

  /// What two more requests come to, as far as can be known, with the shortest answers that are worth asking for.
  ///
  /// Of a request whose prefix was never counted it is what it is likely to cost: its count will say more.
  var costOfTwo: Int64 {
    guard let price = setup.price else { return 0 }
    let output = min(Self.leastOutput, maximumOutput)
    let likely = price.upperBound(input: size.tokens, maximumOutput: output).nano
    let most = price.upperBound(input: size.mostTokens, maximumOutput: output).nano
    let (sum, isTooLarge) = likely.addingReportingOverflow(spending.steps == 0 ? likely : most)
    return isTooLarge ? .max : sum
  }
}
