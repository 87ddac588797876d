package import Base

/// What an answer says about asking again: the headers `retry-after-ms`, `retry-after` and `x-should-retry`.
package struct RetryHint: Sendable, Hashable {
  /// How long to wait; `nil` where the answer does not say it in a form that is understood.
  package var delay: Duration?
  /// Whether to ask again at all; `nil` where the answer does not say.
  package var shouldRetry: Bool?

  package init(delay: Duration? = nil, shouldRetry: Bool? = nil) {
    self.delay = delay
    self.shouldRetry = shouldRetry
  }

  /// Reads the hint off the head of an answer.
  ///
  /// `retry-after-ms` is in milliseconds and goes before `retry-after`, which is in seconds or a date (RFC 9110,
  /// section 10.2.3); a date that has passed is no delay. Delays are cut at ``longest``. A date is counted from the
  /// moment that the answer's own `date` names, or else from the present moment that is given.
  package init(_ head: HTTPHead, now: Timestamp) {
    shouldRetry =
      switch head["x-should-retry"]?.lowercased() {
      case "true": true
      case "false": false
      default: nil
      }
    if let text = head["retry-after-ms"], let milliseconds = Self.number(text) {
      delay = Self.duration(milliseconds: milliseconds)
    } else if let text = head["retry-after"] {
      if let seconds = Self.number(text) {
        delay = Self.duration(milliseconds: seconds * 1000)
      } else if let date = HTTPDate.parse(text, now: now) {
        // What the server takes for now, where it says so: its clock may not be ours.
        let reference = head["date"].flatMap { HTTPDate.parse($0, now: now) } ?? now
        delay = Self.duration(milliseconds: Double(date.milliseconds) - Double(reference.milliseconds))
      }
    }
  }

  /// The longest delay that is given: a year.
  package static let longest = Duration.seconds(365 * 86_400)

  private static func duration(milliseconds: Double) -> Duration {
    guard milliseconds > 0 else { return .zero }
    let longest = Double(Self.longest.components.seconds) * 1000
    return .milliseconds(Int64(min(milliseconds, longest).rounded(.up)))
  }

  /// A number of digits, with a fraction or without.
  private static func number(_ text: String) -> Double? {
    let bytes = text.utf8
    guard bytes.count <= 40, let first = bytes.first, let last = bytes.last,
      bytes.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") }), isDigit(first), isDigit(last)
    else { return nil }
    return Double(text)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

/// Dates as HTTP writes them (RFC 9110, section 5.6.7).
enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Reads a date in any of the three forms; a year of two digits is taken for the one at most 50 years ahead of now.
  static func parse(_ text: String, now: Timestamp) -> Timestamp? {
    let parts = text.split(separator: " ", omittingEmptySubsequences: true)
    switch parts.count {
    // Sun, 06 Nov 1994 08:49:37 GMT
    case 6 where parts[0].hasSuffix(",") && parts[5] == "GMT" && parts[3].count == 4:
      return date(day: parts[1], month: parts[2], year: parts[3], time: parts[4])
    // Sunday, 06-Nov-94 08:49:37 GMT
    case 4 where parts[0].hasSuffix(",") && parts[3] == "GMT":
      let fields = parts[1].split(separator: "-", omittingEmptySubsequences: false)
      guard fields.count == 3, fields[2].count == 2, let short = digits(fields[2]) else { return nil }
      let present = year(of: now)
      let century = present / 100 * 100
      let year = century + short > present + 50 ? century + short - 100 : century + short
      return date(day: fields[0], month: fields[1], year: "\(year)", time: parts[2])
    // Sun Nov  6 08:49:37 1994
    case 5 where parts[4].count == 4:
      return date(day: parts[2], month: parts[1], year: parts[4], time: parts[3])
    default: return nil
    }
  }

  private static func date(day: Substring, month: Substring, year: Substring, time: Substring) -> Timestamp? {
    let clock = time.split(separator: ":", omittingEmptySubsequences: false)
    guard let month = months.firstIndex(of: String(month)), let day = digits(day), let year = digits(year),
      clock.count == 3, clock.allSatisfy({ $0.count == 2 }),
      let hour = digits(clock[0]), let minute = digits(clock[1]), let second = digits(clock[2]),
      hour < 24, minute < 60, second <= 60, day >= 1, day <= length(month: month, year: year)
    else { return nil }
    let days = Self.days(month: month, day: day, year: year)
    return Timestamp(seconds: Int64(days * 86_400 + hour * 3600 + minute * 60 + second))
  }

  private static func digits(_ text: Substring) -> Int? {
    text.utf8.count <= 4 && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      ? Int(text) : nil
  }

  private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  /// The number of days of a month counted from 0.
  private static func length(month: Int, year: Int) -> Int {
    [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month]
  }

  /// Days since 1970-01-01 in the Gregorian calendar.
  private static func days(month: Int, day: Int, year: Int) -> Int {
    let before = year - 1
    let whole = before * 365 + before / 4 - before / 100 + before / 400
    return whole + (0..<month).reduce(0) { $0 + length(month: $1, year: year) } + day - 1 - 719_162
  }

  private static func year(of moment: Timestamp) -> Int { Int(moment.iso8601.prefix(4)) ?? 1970 }
}
