/// What to do after a request has failed; decided by what happened and by nothing else.
package struct RetryPlan: Sendable, Hashable {
  /// The most requests that are made for one answer, all of them failures.
  ///
  /// A permanent fault sees no more than eight: where a server closes a kept connection without a word, libcurl sends
  /// the first of them once more by itself.
  package var maximumRequests = 7
  /// The longest wait that a vendor can ask for; who asks for more is asked again by a later run.
  package var longestHint: Duration = .seconds(60)
  /// The longest that all waits for one answer may take.
  package var longestTotal: Duration = .seconds(180)
  package var firstDelay: Duration = .milliseconds(500)
  package var longestDelay: Duration = .seconds(30)

  package init() {}

  /// One failed request.
  package struct Failure: Sendable, Hashable {
    package var error: ModelError
    package var wasStreamed: Bool
    /// What was waited before it was sent.
    package var waited: Duration

    package init(_ error: ModelError, wasStreamed: Bool, waited: Duration = .zero) {
      self.error = error
      self.wasStreamed = wasStreamed
      self.waited = waited
    }
  }

  package enum Decision: Sendable, Hashable {
    /// The same again, streamed or not.
    case retry(after: Duration, streamed: Bool)
    /// The conversation is to become shorter, then again.
    case compact
    /// Compaction was not enough: nothing but the task, the plan and the newest items, then again.
    case reset
    /// The conversation is to go through ``HistoryNormaliser``, then again; where the bytes come out the same, it is to
    /// be condensed at once.
    case normalise
    /// The conversation is to be retold as text (``HistoryNormaliser/retoldAsText(_:)``), then again.
    case condense
    /// The capability is to be switched off (``ModelCapabilities/learn(from:)``), then again.
    case switchOff(String)
    /// Nothing helps now; a later run may have more luck, after this time where it is known.
    case park(until: Duration?)
    /// Nothing helps.
    case fail
  }

  /// What to do next.
  ///
  /// - Parameters:
  ///   - failures: Everything that has failed for this one answer, in order; the last is the newest.
  ///   - random: Between 0 and 1; spreads the waits of many clients.
  /// - Returns: One thing to do; where it is to be done before the next request, the request follows at once.
  package func decide(after failures: [Failure], random: Double) -> Decision {
    guard let last = failures.last, failures.count < maximumRequests else { return .fail }
    let same = failures.count { $0.error.kind == last.error.kind }
    switch last.error.kind {
    case .cancelled, .authentication, .unknownModel, .misconfigured, .refusedRequest: return .fail
    case .quota: return .park(until: last.error.retryAfter)
    case .overflow:
      switch failures.count(where: { $0.error.kind.isOverflow }) {
      case 1: return .compact
      case 2: return .reset
      default: return .fail
      }
    case .malformedHistory: return same == 1 ? .normalise : same == 2 ? .condense : .fail
    case .refusedParameter(let name):
      return same == 1 && ModelCapabilities.canSwitchOff(name) ? .switchOff(name) : .fail
    case .stalled, .badAnswer: return same <= 3 ? wait(failures, last, random) : .fail
    case .unreachable: return same <= 5 ? wait(failures, last, random) : .fail
    case .transient, .overloaded, .rateLimited, .interrupted: return wait(failures, last, random)
    }
  }

  private func wait(_ failures: [Failure], _ last: Failure, _ random: Double) -> Decision {
    if last.error.shouldRetry == false { return .fail }
    let random = min(max(random, 0), 1)
    var delay: Duration
    if let hint = last.error.retryAfter {
      guard hint <= longestHint else { return .park(until: hint) }
      // Never earlier than asked for, and not all at the same instant.
      delay = hint + hint * (random / 10)
    } else {
      let exponent = Double(min(failures.count { $0.error.kind.isWaitedFor } - 1, 20))
      var base = firstDelay
      for _ in 0..<Int(max(exponent, 0)) { base = min(base * 2, longestDelay) }
      delay = base / 2 + base / 2 * random
    }
    delay = max(delay, .milliseconds(10))
    let total = failures.reduce(delay) { $0 + $1.waited }
    guard total <= longestTotal else {
      return last.error.kind == .rateLimited || last.error.kind == .overloaded ? .park(until: nil) : .fail
    }
    // What breaks twice in the middle of a stream may come whole without one.
    let broken = failures.count { $0.wasStreamed && $0.error.kind.isOfStream }
    return .retry(after: delay, streamed: broken < 2 && last.wasStreamed)
  }
}

extension ModelError.Kind {
  fileprivate var isOverflow: Bool { if case .overflow = self { true } else { false } }

  /// Whether it comes of the answer's being streamed, or may.
  fileprivate var isOfStream: Bool {
    switch self {
    case .stalled, .interrupted, .badAnswer: true
    default: false
    }
  }

  fileprivate var isWaitedFor: Bool {
    switch self {
    case .transient, .overloaded, .rateLimited, .interrupted, .stalled, .badAnswer, .unreachable: true
    default: false
    }
  }
}
