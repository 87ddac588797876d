internal import Base

/// The time in which requests that write may be begun for one effect.
///
/// When the moment is known after which nothing is sent, whoever tries again later need not wait from then on, but only
/// until the last request must have shown. Steps of adapters need not know of it: the transport of the task asks.
final class WriteWindow: Sendable {
  /// That of the effect that the task carries out; `nil` where requests may be begun at any time.
  @TaskLocal static var current: WriteWindow?

  private let end: Timestamp
  private let wasLate = Lock(false)

  init(until end: Timestamp) {
    self.end = end
  }

  /// Whether a request was not begun because it was too late.
  var hasRefused: Bool { wasLate.withLock { $0 } }

  /// Asks whether a request may be begun.
  ///
  /// - Throws: ``ForgeError`` where it may not.
  func check(_ now: Timestamp) throws(ForgeError) {
    guard now > end else { return }
    wasLate.withLock { $0 = true }
    throw ForgeError(.cancelled, "the time in which this try may write is over")
  }

  /// The longest window, which a clock that was set back cannot exceed.
  static let longest = Duration.seconds(120)
}

extension Forge {
  /// For how long an effect's requests may be begun before somebody has to write down anew that they are.
  ///
  /// It is short beside the longest request, because whoever tries again waits for both. The next one is twice as long,
  /// so that an effect whose reading takes long comes to its end.
  ///
  /// - Parameter turn: How many windows the same try has had, from zero.
  /// - Returns: The time.
  package func writeWindow(_ turn: Int) -> Duration {
    min(longestRequest / 3 * (1 << min(max(turn, 0), 8)), WriteWindow.longest)
  }
}
