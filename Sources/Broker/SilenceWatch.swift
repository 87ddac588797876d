internal import CBrokerShims
internal import Glibc

/// Tells that this process waits for a server that says nothing.
///
/// libgit2 1.5 reads without a deadline and calls nobody while it waits. A process whose connections have been quiet for
/// a while, and which has had next to nothing of a processor meanwhile, waits: one that unpacks what came works, and a
/// server that counts objects sends a sign of life every few seconds.
package struct SilenceWatch: Sendable {
  /// For how many seconds it may be silent, at least one.
  private let seconds: Int
  /// The time of a processor that the process had when it was last seen at work.
  private var worked: Duration
  /// How often it was looked at since.
  ///
  /// A count of looks, not a clock: a process that was stopped is not silent.
  private var looks = 0

  /// What counts as work: more than a look takes, and less than any unpacking.
  private static let work: Duration = .milliseconds(100)

  /// - Parameters:
  ///   - seconds: For how many seconds it may be silent.
  ///   - processorTime: What the process had of a processor until now.
  package init(seconds: Int, processorTime: Duration) {
    self.seconds = max(1, seconds)
    worked = processorTime
  }

  /// Takes a look, one a second.
  ///
  /// - Parameters:
  ///   - processorTime: What the process had of a processor until now.
  ///   - quiet: For how long nothing has come or gone over any of its connections, in milliseconds; negative where it has
  ///     none, as before a name is looked up.
  /// - Returns: Whether it has been silent for so long.
  package mutating func isSilent(processorTime: Duration, quiet: Int) -> Bool {
    if processorTime - worked > Self.work { (worked, looks) = (processorTime, 0) } else { looks += 1 }
    return looks > seconds && (quiet < 0 || quiet >= seconds * 1000)
  }

  /// Begins to look at this process, until it is cancelled or has told.
  static func begin(seconds: Int, onSilence: @escaping @Sendable () -> Void) -> Task<Void, Never> {
    Task.detached {
      var watch = SilenceWatch(seconds: seconds, processorTime: processorTime())
      while !watch.isSilent(processorTime: processorTime(), quiet: arborist_quiet_connections()) {
        do { try await Task.sleep(for: .seconds(1)) } catch { return }
      }
      onSilence()
    }
  }

  private static func processorTime() -> Duration {
    var time = timespec()
    guard unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return .zero }
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
