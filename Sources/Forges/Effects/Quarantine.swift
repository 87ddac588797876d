package import Base

/// Why a second try waits: a request outlives the death of whoever sent it.
///
/// A forge may write what it was asked to some time after its sender is gone. Looking for what is there before that
/// time has passed finds nothing, and a second try would write it twice.
package enum Quarantine {
  /// The moment from which on everything shows that an earlier try has written; `nil` where there is nothing to wait
  /// for.
  ///
  /// Where the trial does not say when the last try may have sent something, that may have been just now.
  package static func end(_ trial: EffectTrial, now: Timestamp, longestRequest: Duration) -> Timestamp? {
    guard trial.isRetry else { return nil }
    // A moment in the future is another machine's clock; the wait is never longer than the forge's longest request.
    let last = min(trial.latest ?? now, now)
    let end = last.adding(longestRequest)
    return end > now ? end : nil
  }
}
