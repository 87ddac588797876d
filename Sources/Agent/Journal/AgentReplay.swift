package import Journal
internal import Models

/// Carries a run out again from its journal, against the answers that were recorded and with no network.
///
/// What is compared is the hash of every request: whether the journal alone gives the bytes that were sent.
package enum AgentReplay {
  /// One request of a run.
  package struct Request: Sendable, Hashable {
    package var number: Int
    /// The event that announced it.
    package var sequence: Int
    /// What was journaled.
    package var recorded: Digest
    /// What the events before it give.
    package var computed: Digest
    package var size: Int

    package var isEqual: Bool { recorded == computed }
  }

  /// The requests of a run, each made anew from the events before it; `nil` where no model was given a task.
  ///
  /// - Throws: ``JournalError/corrupt(_:)`` where an event cannot follow those before it.
  package static func requests(of events: [RunEvent]) throws(JournalError) -> [Request]? {
    var state: AgentState?
    var requests: [Request] = []
    var encoder = HashingEncoder()
    for event in events {
      guard let agentEvent = try AgentEvent(event) else { continue }
      if case .started(let setup) = agentEvent { state = AgentState(setup) }
      if case .requested(let record) = agentEvent, let state {
        let (body, hash) = state.body(for: record.purpose, by: &encoder)
        requests.append(
          Request(
            number: record.number, sequence: event.sequence, recorded: record.hash,
            computed: hash, size: body.count))
      }
      state?.spend(until: event.time, isResumed: agentEvent == .resumed)
      guard state?.take(agentEvent) != false else {
        throw .corrupt("event \(event.sequence) of run \(event.run) cannot follow those before it")
      }
    }
    return state == nil ? nil : requests
  }
}
