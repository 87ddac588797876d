internal import Glibc

/// A day of the calendar, in the time zone of the machine, which cells share, and in UTC.
struct CalendarDay: Sendable, Hashable {
  private var local: Int32
  private var universal: Int32

  /// - Parameter seconds: Since 1970.
  init(at seconds: Int) {
    var seconds = seconds
    var (local, universal) = (tm(), tm())
    localtime_r(&seconds, &local)
    gmtime_r(&seconds, &universal)
    (self.local, self.universal) = (local.tm_yday, universal.tm_yday)
  }

  static var now: CalendarDay { CalendarDay(at: time(nil)) }
}
