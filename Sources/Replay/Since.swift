package import Base

/// From where on the merges of a repository are replayed.
package enum Since: Sendable, Hashable {
  /// Those that were committed at this moment or later.
  case date(Timestamp)
  /// Those that are not in this revision.
  case revision(String)

  /// Reads a day as `2026-01-31`, which begins in UTC, or else a revision.
  package init(_ text: String) {
    self = Self.day(text).map(Since.date) ?? .revision(text)
  }

  /// Where a day begins in UTC.
  ///
  /// - Parameter text: The day, as `2026-01-31`.
  /// - Returns: `nil` where it is none, such as the 31st of February.
  package static func day(_ text: String) -> Timestamp? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], text.utf8.allSatisfy({ $0 == 0x2D || (0x30...0x39).contains($0) }),
      let year = Int64(parts[0]), let month = Int64(parts[1]), let day = Int64(parts[2]),
      (1...12).contains(month), (1...days(inMonth: month, of: year)).contains(day), year >= 1
    else { return nil }
    // Years are counted from March so that the leap day is the last of its year; an era is 400 years or 146,097 days.
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Timestamp(seconds: (era * 146_097 + dayOfEra - 719_468) * 86_400)
  }

  private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
