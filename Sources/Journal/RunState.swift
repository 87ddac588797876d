internal import Work

/// How far a run has come, as its events tell and nothing else.
package enum RunState: Sendable, Hashable {
  /// Nothing was decided: the work begins anew. What it made so far was thrown away with its workspace.
  case fresh
  /// The outcome stands; nothing was published.
  case decided(Decision)
  /// At least one effect was begun.
  case publishing(Decision, EffectProgress)
  /// The run is over.
  case finished(Closing)

  /// How far the effects of a publication have come.
  package struct EffectProgress: Sendable, Hashable {
    /// What each finished effect left, in the publication's order, which is that of their execution.
    package var results: [String]
    /// Whether the effect behind those was begun, and so may or may not have happened.
    package var isNextBegun: Bool

    package init(results: [String], isNextBegun: Bool) {
      self.results = results
      self.isNextBegun = isNextBegun
    }
  }

  /// What is to be done next.
  package enum Step: Sendable, Hashable {
    /// Do the work and decide.
    case decide
    /// Mark the effect as intended, then carry it out.
    case begin(effect: Int)
    /// The effect was begun by someone who did not live to say how it ended: look whether it happened, then carry it
    /// out or take over what is there.
    case repeatEffect(Int)
    /// All is published: finish the run.
    case finish
    /// Nothing is left.
    case none
  }

  /// What is to be done next.
  package var next: Step {
    switch self {
    case .fresh: return .decide
    case .decided(let decision): return decision.publication.effects.isEmpty ? .finish : .begin(effect: 0)
    case .publishing(let decision, let progress):
      if progress.results.count >= decision.publication.effects.count { return .finish }
      return progress.isNextBegun ? .repeatEffect(progress.results.count) : .begin(effect: progress.results.count)
    case .finished: return .none
    }
  }

  /// The state that the events of one run tell, in their order.
  ///
  /// - Throws: ``JournalError/corrupt(_:)`` where an event cannot follow those before it.
  package static func replay(_ events: [RunEvent]) throws(JournalError) -> RunState {
    var state = RunState.fresh
    for event in events { try state.take(event) }
    return state
  }

  private mutating func take(_ event: RunEvent) throws(JournalError) {
    switch (event.kind, self) {
    case (_, .finished): throw .corrupt("\(event.place) follows the run's end")
    case (.started, _), (.resumed, _), (.workspace, _), (.step, _), (.note, _): break
    case (.agentStarted, _), (.modelRequest, _), (.modelAnswer, _), (.modelFailure, _), (.modelProbe, _),
      (.toolIntended, _), (.toolDone, _), (.notice, _), (.compaction, _), (.agentEnded, _):
      // What a model does before the outcome stands is told by its own state, which the harness reads out of these.
      break
    case (.outcome, .fresh): self = .decided(try event.payload.require(Decision.self, in: event.place))
    case (.effectIntended, _):
      let intended = try event.payload.require(EffectIntended.self, in: event.place)
      guard case .begin(intended.effect) = next, let decision else {
        throw .corrupt("\(event.place) begins an effect that is not the next")
      }
      self = .publishing(decision, EffectProgress(results: progress?.results ?? [], isNextBegun: true))
    case (.effectDone, .publishing(let decision, let progress)):
      let done = try event.payload.require(EffectDone.self, in: event.place)
      guard case .repeatEffect(done.effect) = next else {
        throw .corrupt("\(event.place) ends an effect that was not begun")
      }
      self = .publishing(decision, EffectProgress(results: progress.results + [done.result], isNextBegun: false))
    case (.effectRefused, .publishing(let decision, let progress)):
      let refused = try event.payload.require(EffectRefused.self, in: event.place)
      guard case .repeatEffect(refused.effect) = next else {
        throw .corrupt("\(event.place) refuses an effect that was not begun")
      }
      self = .publishing(
        decision.replacing(from: refused.effect, by: refused.instead),
        EffectProgress(results: progress.results, isNextBegun: false))
    case (.finished, _):
      self = .finished(try event.payload.require(RunFinished.self, in: event.place).closing)
    case (.outcome, _), (.effectDone, _), (.effectRefused, _):
      throw .corrupt("\(event.place) cannot follow the events before it")
    }
  }

  /// What was decided, where it was and the run is not over.
  package var decision: Decision? {
    switch self {
    case .fresh, .finished: nil
    case .decided(let decision), .publishing(let decision, _): decision
    }
  }

  private var progress: EffectProgress? {
    if case .publishing(_, let progress) = self { progress } else { nil }
  }
}
