package import Base
package import Forges
package import Git

/// Lets many wait for one fetch of a mirror.
///
/// Whoever comes while a fetch is under way waits for the next one, because that one may have asked the forge before the
/// latest push; all who wait share it.
package actor FetchQueue {
  /// What comes of a fetch.
  package typealias Outcome = Result<MirrorReport, ForgeError>

  private final class Turn: Sendable {
    struct State {
      var heads: Set<RefName>
      var waiters = 0
      var isAbandoned = false
      var task: Task<Outcome, Never>?
    }

    let state: Lock<State>

    init(heads: Set<RefName>) {
      state = Lock(State(heads: heads))
    }
  }

  private struct Line {
    var running: Turn?
    var next: Turn?
  }

  private var lines: [String: Line] = [:]

  package init() {}

  /// Waits for a fetch that begins after this call.
  ///
  /// A fetch for which nobody waits any more is cancelled.
  ///
  /// - Parameters:
  ///   - mirror: Names the mirror.
  ///   - heads: The heads that are wanted of it.
  ///   - fetch: Fetches these heads, and what others want beside them.
  /// - Returns: What came of it.
  package func wait(
    for mirror: String, heads: [RefName], fetch: @escaping @Sendable ([RefName]) async -> Outcome
  ) async -> Outcome {
    let turn = turn(for: mirror, heads: Set(heads), fetch)
    guard let task = turn.state.withLock({ $0.task }) else {
      return .failure(ForgeError(.unavailable, "the fetch was not begun"))
    }
    let outcome = await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      let isLast = turn.state.withLock { state in
        state.waiters -= 1
        if state.waiters == 0 { state.isAbandoned = true }
        return state.waiters == 0
      }
      if isLast { task.cancel() }
    }
    return outcome.map { report in
      var own = report
      own.missing = report.missing.filter { heads.contains($0) }
      return own
    }
  }

  private func turn(
    for mirror: String, heads: Set<RefName>, _ fetch: @escaping @Sendable ([RefName]) async -> Outcome
  ) -> Turn {
    let line = lines[mirror] ?? Line()
    if let next = line.next {
      let isJoined = next.state.withLock { state in
        guard !state.isAbandoned else { return false }
        state.heads.formUnion(heads)
        state.waiters += 1
        return true
      }
      if isJoined { return next }
    }
    let turn = Turn(heads: heads)
    let before = (line.next ?? line.running)?.state.withLock { $0.task }
    let task = Task {
      _ = await before?.value
      let wanted = begin(turn, of: mirror)
      let outcome = Task.isCancelled ? .failure(ForgeError(.cancelled, "nobody waits any more")) : await fetch(wanted)
      end(turn, of: mirror)
      return outcome
    }
    turn.state.withLock { state in
      state.task = task
      state.waiters = 1
    }
    if line.running == nil {
      lines[mirror] = Line(running: turn, next: nil)
    } else {
      lines[mirror] = Line(running: line.running, next: turn)
    }
    return turn
  }

  /// How many wait for the fetch that is not begun yet.
  package func waiting(for mirror: String) -> Int {
    lines[mirror]?.next?.state.withLock { $0.waiters } ?? 0
  }

  private func begin(_ turn: Turn, of mirror: String) -> [RefName] {
    if lines[mirror]?.next === turn { lines[mirror] = Line(running: turn, next: nil) }
    return turn.state.withLock { $0.heads.sorted() }
  }

  private func end(_ turn: Turn, of mirror: String) {
    guard lines[mirror]?.running === turn else { return }
    lines[mirror]?.running = nil
    if lines[mirror]?.next == nil { lines[mirror] = nil }
  }
}
