package import Base
package import Models
internal import Work

/// What is to be done next.
package enum AgentStep: Sendable, Hashable {
  /// Nothing; the run is over.
  case over
  case end(EndRecord)
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
  package static let pauseLimit = 5
  package static let poorSummaryLimit = 3
  /// Requests that fail one after the other, whatever is done in between, after which the run ends.
  package static let failureLimit = 8

  /// What is to be done at this moment.
  package func next(at now: Timestamp) -> AgentStep {
    if end != nil { return .over }
    if let record = failureEnd ?? rowEnd ?? answerEnd { return .end(record) }
    if spending.isOutOfTime(at: now) { return .end(exhaustion(.time)) }
    if !calls.isEmpty { return .call }
    if let step = measureStep { return step }
    if let owed { return .say(owed) }
    switch progress.verdict {
    case .end:
      return .end(
        EndRecord(ending: .noProgress, reason: "no step of its plan was finished in \(progress.idle) answers"))
    case .nudge where toldIdle != progress.idle: return .say(.noProgress)
    case .nudge, .go: break
    }
    if let part = spending.exhausted(at: now, next: reservation(for: .turn)) { return .end(exhaustion(part)) }
    if !isClosing, spending.nearlySpent(at: now) != nil { return .say(.closing) }
    return compactionStep ?? .ask(.turn, after: 0)
  }

  private var failureEnd: EndRecord? {
    guard let last = failures.last else { return nil }
    if case .end(let ending) = last.measure { return EndRecord(ending: ending, reason: last.message) }
    guard failures.count >= Self.failureLimit else { return nil }
    return EndRecord(
      ending: .modelUnavailable, reason: "\(failures.count) requests in a row came to nothing; \(last.message)")
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
        reason: "\(rows.cutShort) answers in a row were cut off at \(setup.settings.maximumOutput) tokens")
    }
    if rows.pauses > Self.pauseLimit {
      return EndRecord(
        ending: .modelUnavailable, reason: "the vendor asked \(rows.pauses) times in a row for the same request again")
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
    guard lastStop == .end, case .assistant(let turn)? = items.last, turn.calls.isEmpty else { return nil }
    return EndRecord(ending: .completed, reason: "the model says that it is done")
  }

  private func exhaustion(_ part: AgentEndingOfBudget) -> EndRecord {
    let budget = setup.budget
    switch part {
    case .steps: return EndRecord(ending: .stepsSpent, reason: "the \(budget.steps) answers of its budget are used up")
    case .time: return EndRecord(ending: .timeSpent, reason: "the \(budget.seconds) seconds of its budget are used up")
    case .money:
      let limit = Dollars(nano: budget.money ?? 0)
      return EndRecord(
        ending: .moneySpent, reason: "the next request might cost more than is left of \(limit.description)")
    }
  }

  private var measureStep: AgentStep? {
    switch measure {
    case .again(let delay), .inOnePiece(let delay): .ask(purposeOfFailure, after: delay)
    case .learn, .tidy: .ask(purposeOfFailure, after: 0)
    case .shorten:
      if prunable(protecting: limits.protected / 8).isEmpty { .reset } else { .prune(protecting: limits.protected / 8) }
    case .reset: .reset
    case .end, nil: nil
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

  /// The request for this purpose as it would be sent now.
  package func request(for purpose: RequestRecord.Purpose) -> ModelRequest {
    let isPlain = failures.contains {
      if case .inOnePiece = $0.measure { true } else { false }
    }
    let isTidied = failures.contains { $0.measure == .tidy }
    var sent = isTidied ? HistoryNormaliser.normalise(items) : items
    if purpose == .summary { sent.append(.user(setup.summaryRequest)) }
    return ModelRequest(
      model: setup.model, conversation: Conversation(system: setup.system, tools: setup.tools, items: sent),
      settings: setup.settings, isStreamed: !isPlain)
  }

  /// What a request for this purpose may cost at most, in billionths of a US dollar; zero where the price is not known.
  package func reservation(for purpose: RequestRecord.Purpose) -> Int64 {
    guard let price = setup.price else { return 0 }
    return price.upperBound(input: size.tokens, maximumOutput: setup.settings.maximumOutput).nano
  }
}
