internal import Base
internal import CBrokerShims
internal import Glibc

/// Tells that this process waits for a server that says nothing.
///
/// libgit2 1.5 reads without a deadline and calls nobody while it waits. A process whose connections have been quiet for
/// a while, and which has had next to nothing of a processor meanwhile, waits: one that unpacks what came works, and a
/// server that counts objects sends a sign of life every few seconds.
struct SilenceWatch {
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

  private init(seconds: Int) {
    self.seconds = max(1, seconds)
    worked = Self.processorTime()
  }

  /// Begins to look once a second, until it is cancelled or has told.
  static func begin(seconds: Int, onSilence: @escaping @Sendable () -> Void) -> Task<Void, Never> {
    Task.detached {
      var watch = SilenceWatch(seconds: seconds)
      while !watch.isSilent() {
        do { try await Task.sleep(for: .seconds(1)) } catch { return }
      }
      onSilence()
    }
  }

  private mutating func isSilent() -> Bool {
    let now = Self.processorTime()
    if now - worked > Self.work { (worked, looks) = (now, 0) } else { looks += 1 }
    // Before there is a connection, a name is being looked up.
    let quiet = arborist_quiet_connections()
    return looks > seconds && (quiet < 0 || quiet >= seconds * 1000)
  }

  private static func processorTime() -> Duration {
    var time = timespec()
    guard unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return .zero }
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
