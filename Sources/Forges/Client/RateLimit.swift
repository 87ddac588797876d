package import Base
package import HTTP

/// What an answer says of how much may be asked.
///
/// Sources: GitHub, "Rate limits for the REST API" and "Best practices for using the REST API"; GitLab, "Rate limits",
/// response headers.
package enum RateLimit {
  package enum Decision: Sendable, Hashable {
    /// Go on.
    case goOn
    /// This answer stands, and nothing is to be asked before that moment.
    case pause(until: Timestamp)
    /// This call was refused for having asked too much; it was not carried out.
    case refused(until: Timestamp)
  }

  /// The least that is waited where a forge refuses without saying for how long.
  package static let shortest = Duration.seconds(60)
  /// The most, however often it has refused.
  package static let longest = Duration.seconds(15 * 60)

  /// Decides from an answer's head.
  ///
  /// A refusal has the status 429, or 403 with a sign that it is one: `retry-after`, nothing remaining, or the words
  /// "rate limit" in what is said. `retry-after` goes before `x-ratelimit-reset`; where there is neither, the wait
  /// doubles from a minute on, once for each refusal that came in a row before this answer (the strikes). The complaint
  /// is what the body says.
  package static func decide(_ head: HTTPHead, complaint: String, now: Timestamp, strikes: Int) -> Decision {
    let remaining = number(head, ["x-ratelimit-remaining", "ratelimit-remaining"])
    let reset = number(head, ["x-ratelimit-reset", "ratelimit-reset"]).map {
      Timestamp(seconds: min($0, now.seconds + 86_400))
    }
    let hint = RetryHint(head, now: now).delay
    let speaksOfLimit = complaint.lowercased().contains("rate limit")
    let isRefusal =
      head.status == 429 || head.status == 403 && (hint != nil || remaining == 0 || speaksOfLimit)
    guard isRefusal else {
      if remaining == 0, let reset, reset > now, (200..<400).contains(head.status) { return .pause(until: reset) }
      return .goOn
    }
    if let hint { return .refused(until: now.adding(hint)) }
    // A second is added because the forge's second may end after ours.
    if remaining == 0, let reset { return .refused(until: max(reset, now).adding(.seconds(1))) }
    let doubled = shortest * (1 << min(max(strikes, 0), 4))
    return .refused(until: now.adding(min(doubled, longest)))
  }

  private static func number(_ head: HTTPHead, _ names: [String]) -> Int64? {
    for name in names {
      if let text = head[name], text.utf8.count <= 15, let number = Int64(text), number >= 0 { return number }
    }
    return nil
  }
}

/// How reads are tried again.
package enum ReadRetry {
  /// How often a read is sent at most.
  package static let attempts = 3

  /// How long to wait before the next attempt, after so many have failed; `nil` where there is none.
  ///
  /// The status is that of the last answer, and `nil` where none came.
  package static func delay(after failures: Int, status: Int?) -> Duration? {
    guard failures < attempts else { return nil }
    if let status, !(500..<600).contains(status) || status == 501 { return nil }
    return .seconds(1 << (failures - 1))
  }
}
