package import Base
package import Work

/// The hash chain over the events of one run.
///
/// Each event's hash covers the hash of the event before it, so an event that is edited, removed, inserted or moved
/// shows at its place. What is hashed, by ``Digest/init(of:)``, in this order: `arborist.run-event/1`, the previous
/// hash, the run's name, the place (eight bytes), the time in milliseconds (eight bytes), the kind's name, the payload.
/// The first event's previous hash is over `arborist.run/1`, the run's name and the job's key.
///
/// What a chain alone does not show: that the events behind a certain one were all removed while the run had not
/// finished; that a whole run was removed (``Ledger`` shows that for a finished run); that someone who can write the
/// database computed every hash anew, for there is no key in it. Against the last, keep a copy of the ledger's head
/// where the writer cannot reach it.
package enum Chain {
  /// What the first event of a run is chained to.
  package static func origin(of run: RunID, job: JobKey) -> Digest {
    Digest(of: [Array("arborist.run/1".utf8), Array(run.text.utf8), Array(job.text.utf8)])
  }

  /// The event that comes next in a run, at this place, counted from one.
  ///
  /// `previous` is the hash of the event before it, or ``origin(of:job:)``.
  package static func event(
    run: RunID, sequence: Int, time: Timestamp, kind: RunEvent.Kind, payload: CanonicalJSON, previous: Digest
  ) -> RunEvent {
    let hash = hash(
      run: run, sequence: sequence, time: time, kind: kind, payload: payload, previous: previous)
    return RunEvent(
      run: run, sequence: sequence, time: time, kind: kind, payload: payload, previous: previous, hash: hash)
  }

  /// What the examination of a chain gives.
  package enum Verification: Sendable, Hashable {
    /// Nothing was changed, as far as a chain can tell.
    case verified(count: Int, head: Digest, finished: Bool)
    /// The chain is broken at this place, counted from one.
    case broken(at: Int, reason: String)
  }

  /// Examines the events of a run, in their stored order.
  package static func verify(_ events: [RunEvent], run: RunID, job: JobKey) -> Verification {
    var previous = origin(of: run, job: job)
    var finished = false
    for (index, event) in events.enumerated() {
      let place = index + 1
      if let reason = fault(in: event, at: place, of: run, after: previous, isFinished: finished) {
        return .broken(at: place, reason: reason)
      }
      finished = event.kind == .finished
      previous = event.hash
    }
    guard !events.isEmpty else { return .broken(at: 1, reason: "the run has no events") }
    return .verified(count: events.count, head: previous, finished: finished)
  }

  private static func fault(
    in event: RunEvent, at place: Int, of run: RunID, after previous: Digest, isFinished: Bool
  ) -> String? {
    if isFinished { return "an event follows the run's end" }
    if event.run != run { return "the event belongs to run \(event.run)" }
    if event.sequence != place { return "event \(event.sequence) stands at place \(place)" }
    if event.previous != previous { return "the event does not continue the one before it" }
    let expected = hash(
      run: event.run, sequence: event.sequence, time: event.time, kind: event.kind, payload: event.payload,
      previous: event.previous)
    if event.hash != expected { return "the event's content is not what was hashed" }
    if (event.kind == .started) != (place == 1) { return "the run's start is not its first event" }
    if event.kind == .finished {
      guard let end = event.payload.decode(RunFinished.self) else { return "the run's end cannot be read" }
      if end.count != place { return "the run's end speaks of \(end.count) events, not of \(place)" }
    }
    return nil
  }

  private static func hash(
    run: RunID, sequence: Int, time: Timestamp, kind: RunEvent.Kind, payload: CanonicalJSON, previous: Digest
  ) -> Digest {
    Digest(of: [
      Array("arborist.run-event/1".utf8), previous.bytes, Array(run.text.utf8), Digest.bigEndian(Int64(sequence)),
      Digest.bigEndian(time.milliseconds), Array(kind.rawValue.utf8), payload.bytes,
    ])
  }
}
