package import Base

/// Time as the clients of the forges see it; a test brings its own and never waits.
package struct ForgeClock: Sendable {
  /// The present moment.
  package let now: @Sendable () -> Timestamp
  private let sleep: @Sendable (Duration) async throws -> Void

  package init(now: @escaping @Sendable () -> Timestamp, sleep: @escaping @Sendable (Duration) async throws -> Void) {
    self.now = now
    self.sleep = sleep
  }

  /// The machine's clock.
  package static let system = ForgeClock(
    now: WallClock.system.now, sleep: { duration in try await Task.sleep(for: duration) })

  /// Waits until a moment; not at all where it has passed.
  ///
  /// - Throws: ``ForgeError`` with the code `cancelled` where the task is.
  func wait(until moment: Timestamp, for reason: String) async throws(ForgeError) {
    let left = moment.milliseconds - now().milliseconds
    guard left > 0 else { return }
    do {
      try await sleep(.milliseconds(left))
    } catch {
      throw ForgeError(.cancelled, "cancelled while waiting \(reason)")
    }
  }
}

extension Timestamp {
  /// The moment in a text as forges write it: RFC 3339, with or without fractions, in UTC or with an offset.
  ///
  /// `nil` for anything else.
  package init?(forgeText text: String) {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int64? {
      guard range.upperBound <= bytes.count, bytes[range].allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      return bytes[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }
    guard bytes.count >= 20, bytes[4] == 0x2d, bytes[7] == 0x2d, bytes[10] == UInt8(ascii: "T") || bytes[10] == 0x20,
      bytes[13] == 0x3a, bytes[16] == 0x3a, let year = number(0..<4), let month = number(5..<7),
      let day = number(8..<10), let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    var index = 19
    var milliseconds: Int64 = 0
    if bytes[index] == UInt8(ascii: ".") {
      let digits = bytes[(index + 1)...].prefix { (0x30...0x39).contains($0) }
      guard !digits.isEmpty else { return nil }
      for place in 0..<3 {
        milliseconds = milliseconds * 10 + (place < digits.count ? Int64(digits[index + 1 + place] - 0x30) : 0)
      }
      index += 1 + digits.count
    }
    guard index < bytes.count else { return nil }
    var offset: Int64 = 0
    if bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
      guard bytes.count == index + 6, bytes[index + 3] == 0x3a, let hours = number((index + 1)..<(index + 3)),
        let minutes = number((index + 4)..<(index + 6))
      else { return nil }
      offset = (hours * 3600 + minutes * 60) * (bytes[index] == UInt8(ascii: "-") ? -1 : 1)
    } else {
      guard bytes.count == index + 1, bytes[index] == UInt8(ascii: "Z") else { return nil }
    }
    // Days since 1970-01-01, with years counted from March so that the leap day is the last of its year.
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
    self.init(milliseconds: seconds * 1000 + milliseconds)
  }
}
