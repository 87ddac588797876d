internal import Base
internal import Journal
internal import Models
internal import Work

extension AgentRun {
  /// Asks the next question about the model and takes in what comes of it; on the run's account, as every request.
  func askAbout(_ body: [UInt8], _ hash: Digest) async throws {
    guard var probe = state.probe, let question = probe.next else { return }
    var isStreamed = false
    if case .call(let streamed) = question { isStreamed = streamed }
    try record(
      .requested(
        RequestRecord(
          number: state.requests + 1, purpose: .probe, hash: hash, size: body.count,
          tokens: ContextSize.estimate(body.count), reserved: state.reservation(for: .probe), isStreamed: isStreamed,
          maximumOutput: probe.maximumOutput, maximumInput: state.mostInput(for: .probe),
          elapsed: state.spending.milliseconds(at: surroundings.clock.now()))))
    try await flush()
    var known = state.capabilities
    switch await told(question, probe, body) {
    case .success(.document(let document)):
      probe.take(document, &known)
      try settle(probe, known, nil, cost: 0)
    case .success(.answer(var answer)):
      let claimed = disbelieve(&answer)
      probe.take(answer, &known)
      try settle(probe, known, answer.usage, cost: cost(of: answer, claimed: claimed))
    case .failure(let error):
      failures.append(RetryPlan.Failure(error, wasStreamed: isStreamed, waited: lastWait))
      try record(.failed(failure(error, state.requests)))
      keepWhatIsWorthIt()
    }
  }

  private enum Told {
    case document([UInt8]?)
    case answer(ModelAnswer)
  }

  private func told(
    _ question: CapabilityProbe.Question, _ probe: CapabilityProbe, _ body: [UInt8]
  ) async -> Result<Told, ModelError> {
    let limit = min(timeLeft, CapabilityProbe.limit(of: question))
    do throws(ModelError) {
      guard case .call(let streamed) = question else {
        return .success(
          .document(try await surroundings.model.ask(question, about: probe.model, body, within: limit)))
      }
      return .success(
        .answer(
          try await surroundings.model.answer(
            body, to: probe.request(streamed: streamed), state.capabilities, within: limit)))
    } catch {
      return .failure(error)
    }
  }

  private func settle(
    _ probe: CapabilityProbe, _ known: ModelCapabilities, _ usage: TokenUsage?, cost: Int64
  ) throws(JournalError) {
    failures = []
    hasHeard = true
    try record(.probed(ProbeRecord(number: state.requests, cost: cost, usage: usage, found: known, probe: probe)))
    keepWhatIsWorthIt()
  }

  /// Keeps what was found out for later runs, once there is nothing left to ask.
  private func keepWhatIsWorthIt() {
    guard let probe = state.probe, probe.next == nil, probe.isWorthKeeping else { return }
    surroundings.model.keep(state.capabilities, of: state.setup.model)
  }

  /// What is done about a question that came to nothing: what the server refuses is asked otherwise or not at all,
  /// what passes is left to the requests of the work.
  func measureOfProbe(
    _ error: ModelError, _ probe: inout CapabilityProbe, _ known: inout ModelCapabilities
  ) -> (FailureRecord.Measure, hasLearned: Bool) {
    let before = known
    let isPassing = probe.take(error, &known)
    guard isPassing else { return (.goOn(probe, after: 0), known != before) }
    guard case .retry(let delay, _) = RetryPlan().decide(after: failures, random: surroundings.random()) else {
      return (.end(error.ending), false)
    }
    return (.goOn(probe, after: delay.ms), false)
  }
}
