/// Money in US dollars, exact to the billionth.
package struct Dollars: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  /// Billionths of a dollar.
  package var nano: Int64

  package init(nano: Int64) {
    self.nano = nano
  }

  package static let zero = Dollars(nano: 0)

  /// The amount that a decimal number names, as `2.50`; `nil` for anything else, for less than a billionth and for
  /// more than a billion.
  package init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let whole = parts.first, !whole.isEmpty, whole.utf8.count <= 9,
      parts.allSatisfy({ $0.utf8.allSatisfy { $0 &- 0x30 < 10 } })
    else { return nil }
    let fraction = parts.count == 2 ? String(parts[1]) : "0"
    guard !fraction.isEmpty, fraction.utf8.count <= 9, let units = Int64(whole),
      let rest = Int64(fraction + String(repeating: "0", count: 9 - fraction.utf8.count))
    else { return nil }
    nano = units * 1_000_000_000 + rest
  }

  package init(from decoder: any Decoder) throws {
    nano = try decoder.singleValueContainer().decode(Int64.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nano)
  }

  package static func < (left: Dollars, right: Dollars) -> Bool { left.nano < right.nano }

  /// The sum; one too large to write down is the largest there is.
  package static func + (left: Dollars, right: Dollars) -> Dollars {
    let (sum, isTooLarge) = left.nano.addingReportingOverflow(right.nano)
    return Dollars(nano: isTooLarge ? (left.nano > 0 ? .max : .min) : sum)
  }

  package static func - (left: Dollars, right: Dollars) -> Dollars {
    let (difference, isTooLarge) = left.nano.subtractingReportingOverflow(right.nano)
    return Dollars(nano: isTooLarge ? (left.nano > 0 ? .max : .min) : difference)
  }

  /// The amount as `$1.234567`, rounded up to a millionth: a cost is not shown as nothing.
  package var description: String {
    let micro = (nano.magnitude + 999) / 1000
    let fraction = String(micro % 1_000_000)
    let digits = String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
    return "\(nano < 0 ? "-" : "")$\(micro / 1_000_000).\(digits)"
  }
}

/// What a model costs.
package struct ModelPrice: Sendable, Hashable, Codable {
  /// Millionths of a dollar for a million tokens, which is to say billionths for a thousand.
  package struct Rate: Sendable, Hashable, Codable {
    package var input: Int64
    package var cacheRead: Int64
    package var cacheWrite: Int64
    package var output: Int64

    package init(input: Int64, cacheRead: Int64, cacheWrite: Int64, output: Int64) {
      self.input = input
      self.cacheRead = cacheRead
      self.cacheWrite = cacheWrite
      self.output = output
    }

    func cost(of usage: TokenUsage) -> Dollars {
      var total: Int64 = 0
      for (count, rate) in [
        (usage.input, input), (usage.cacheRead, cacheRead), (usage.cacheWrite, cacheWrite), (usage.output, output),
      ] {
        let (product, isTooLarge) = Int64(max(0, count)).multipliedReportingOverflow(by: rate)
        let (sum, isSumTooLarge) = total.addingReportingOverflow(product)
        guard !isTooLarge, !isSumTooLarge else { return Dollars(nano: .max) }
        total = sum
      }
      // Rounded up: nothing that costs is free.
      return Dollars(nano: total / 1000 + (total % 1000 > 0 ? 1 : 0))
    }
  }

  package var rate: Rate
  /// The rate of a request whose input has more tokens than that.
  package var longRate: (above: Int, rate: Rate)? {
    longAbove.flatMap { above in long.map { (above, $0) } }
  }
  private var longAbove: Int?
  private var long: Rate?

  package init(_ rate: Rate, above: Int? = nil, long: Rate? = nil) {
    self.rate = rate
    longAbove = above
    self.long = long
  }

  /// What an answer has cost.
  package func cost(of usage: TokenUsage) -> Dollars {
    let input = usage.input + usage.cacheRead + usage.cacheWrite
    if let longRate, input > longRate.above { return longRate.rate.cost(of: usage) }
    return rate.cost(of: usage)
  }

  /// The most that a call can cost: nothing of its input is cached, all of it is written to the cache, and the answer
  /// is as long as it may be.
  package func upperBound(input: Int, maximumOutput: Int) -> Dollars {
    let usages = [
      TokenUsage(input: input, output: maximumOutput), TokenUsage(input: 0, cacheWrite: input, output: maximumOutput),
    ]
    return usages.map(cost).max() ?? .zero
  }
}
