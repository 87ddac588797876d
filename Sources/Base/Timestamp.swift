internal import Glibc

/// A moment, in milliseconds since 1970-01-01 00:00 UTC.
package struct Timestamp: Sendable, Hashable, Comparable, Codable {
  /// Milliseconds since 1970-01-01 00:00 UTC.
  package var milliseconds: Int64

  package init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  package init(seconds: Int64) {
    milliseconds = seconds * 1000
  }

  package init(from decoder: any Decoder) throws {
    milliseconds = try decoder.singleValueContainer().decode(Int64.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(milliseconds)
  }

  /// Whole seconds since 1970-01-01 00:00 UTC, rounded down.
  package var seconds: Int64 { Int64((Double(milliseconds) / 1000).rounded(.down)) }

  package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

  /// The moment that much later.
  package func adding(_ duration: Duration) -> Timestamp {
    Timestamp(milliseconds: milliseconds + duration.wholeMilliseconds)
  }

  /// The moment as `2026-01-31T12:34:56Z`, in UTC (ISO 8601).
  package var iso8601: String {
    let total = seconds
    let day = (total >= 0 ? total : total - 86_399) / 86_400
    let time = total - day * 86_400
    let (year, month, dayOfMonth) = Self.civil(fromDay: day)
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(year)-\(two(month))-\(two(dayOfMonth))T\(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60))Z"
  }

  /// The civil date of a count of days since 1970-01-01, in the proleptic Gregorian calendar.
  private static func civil(fromDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
    // Years are counted from March so that the leap day is the last of its year; an era is 400 years or 146,097 days.
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }
}

/// Where the present moment comes from; a test brings its own.
package struct WallClock: Sendable {
  /// The present moment.
  package let now: @Sendable () -> Timestamp

  package init(now: @escaping @Sendable () -> Timestamp) {
    self.now = now
  }

  /// The clock of the machine.
  package static let system = WallClock {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// A clock that begins at this one's moment and goes on as the machine runs: nobody sets it, and it stands still while
  /// the machine is suspended.
  ///
  /// For the measure of time within one process.
  package func steady() -> WallClock {
    let (start, begin) = (now().milliseconds, Self.running())
    return WallClock { Timestamp(milliseconds: start + Self.running() - begin) }
  }

  /// How long the machine has run, in milliseconds.
  private static func running() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}

extension Duration {
  /// The duration in milliseconds, what is left of the last one cut off.
  package var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
