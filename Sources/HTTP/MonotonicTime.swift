internal import Glibc

/// A moment on the machine's monotonic clock, in nanoseconds.
struct MonotonicTime: Comparable {
  var nanoseconds: Int64

  static var now: MonotonicTime {
    var time = timespec()
    unsafe _ = clock_gettime(CLOCK_MONOTONIC, &time)
    return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

  /// The moment that much later; never before, and never beyond what can be said.
  static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
    let (seconds, attoseconds) = duration.components
    guard seconds >= 0, attoseconds >= 0 else { return time }
    guard seconds < 1_000_000_000 else { return MonotonicTime(nanoseconds: .max) }
    let (sum, isTooFar) = time.nanoseconds.addingReportingOverflow(
      seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    return MonotonicTime(nanoseconds: isTooFar ? .max : sum)
  }

  /// Milliseconds from one moment to a later one, rounded up; 0 where the other is not later.
  func milliseconds(until later: MonotonicTime) -> Int64 {
    guard later > self else { return 0 }
    let (difference, isTooFar) = later.nanoseconds.subtractingReportingOverflow(nanoseconds)
    return isTooFar ? .max : difference / 1_000_000 + (difference % 1_000_000 == 0 ? 0 : 1)
  }

  /// How much time lies between one moment and a later one.
  func duration(until later: MonotonicTime) -> Duration {
    .nanoseconds(later > self ? later.nanoseconds - nanoseconds : 0)
  }
}
