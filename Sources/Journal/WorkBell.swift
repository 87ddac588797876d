internal import Base

/// Rings when there may be a job to take.
///
/// A worker takes one before it first asks for a job, and waits on it whenever there is none: what comes in between is
/// not missed. It may ring for nothing. Jobs that may be taken only later (`notBefore`), and leases that run out, ring no
/// bell: so nobody waits for longer than they can bear.
package final class WorkBell: Sendable {
  private struct State {
    var hasRung = false
    var waiting: [Int: CheckedContinuation<Bool, Never>] = [:]
    var last = 0
  }

  private let state = Lock(State())
  private let poll: (@Sendable () async -> Bool)?
  private let interval: Duration

  /// - Parameters:
  ///   - interval: How often is looked.
  ///   - poll: Looks whether something happened that nobody rang for; `nil` where somebody always rings.
  package init(interval: Duration = .milliseconds(500), poll: (@Sendable () async -> Bool)? = nil) {
    self.interval = interval
    self.poll = poll
  }

  /// How many wait.
  package var waiting: Int { state.withLock { $0.waiting.count } }

  /// Wakes who waits; where nobody does, the next to wait does not.
  package func ring() {
    let woken = state.withLock { state in
      let woken = state.waiting.values
      if woken.isEmpty { state.hasRung = true }
      state.waiting = [:]
      return Array(woken)
    }
    for waiter in woken { waiter.resume(returning: true) }
  }

  /// Waits until it rings, at most for so long.
  ///
  /// - Returns: whether it rang; `false` as well where the task was cancelled.
  package func wait(upTo limit: Duration) async -> Bool {
    let number = state.withLock { state in
      state.last += 1
      return state.last
    }
    let timer = Task { await watch(for: limit, endingWaitOf: number) }
    defer { timer.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer: Bool? = state.withLock { state in
          if state.hasRung {
            state.hasRung = false
            return true
          }
          if Task.isCancelled { return false }
          state.waiting[number] = continuation
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      give(up: number)
    }
  }

  private func give(up number: Int) {
    state.withLock { $0.waiting.removeValue(forKey: number) }?.resume(returning: false)
  }

  private func watch(for limit: Duration, endingWaitOf number: Int) async {
    let end = ContinuousClock.now + limit
    while let poll {
      let left = end - .now
      guard left > interval, (try? await Task.sleep(for: interval)) != nil else { break }
      if await poll() { ring() }
    }
    if (try? await Task.sleep(until: end, clock: .continuous)) != nil { give(up: number) }
  }
}

/// The bells of those who wait on one store.
package final class WorkBells: Sendable {
  private struct Listed: Sendable {
    weak let bell: WorkBell?
  }

  private let listed = Lock<[Listed]>([])

  package init() {}

  /// Adds a bell, for as long as somebody keeps it.
  package func add(_ bell: WorkBell) -> WorkBell {
    listed.withLock { listed in
      listed.removeAll { $0.bell == nil }
      listed.append(Listed(bell: bell))
    }
    return bell
  }

  /// Rings them all.
  package func ring() {
    for entry in listed.withLock({ $0 }) { entry.bell?.ring() }
  }
}
