package import Base

/// Why a second try waits: a request outlives the death of whoever sent it.
///
/// A forge may write what it was asked to some time after its sender is gone. Looking for what is there before that
/// time has passed finds nothing, and a second try would write it twice.
package enum Quarantine {
  /// The moment from which on everything shows that an earlier try has written; `nil` where there is nothing to wait
  /// for.
  ///
  /// Where the trial does not say when the last try may have sent something, that may have been just now. It lasts from
  /// the moment a request was begun, which is why a request's own time limit must be below it (``ForgePatience``).
  package static func end(_ trial: EffectTrial, now: Timestamp, longestRequest: Duration) -> Timestamp? {
    guard trial.isRetry else { return nil }
    // It may lie ahead where another try may still be going on, but not by more than such a try has.
    let last = min(trial.latest ?? now, now.adding(WriteWindow.longest))
    let end = last.adding(longestRequest)
    return end > now ? end : nil
  }
}
