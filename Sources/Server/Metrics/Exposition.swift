/// Figures in the text format of Prometheus, version 0.0.4.
struct Exposition {
  private(set) var text = ""

  enum Kind: String {
    case counter, gauge, histogram
  }

  /// Begins a family; what belongs to it comes next.
  mutating func family(_ name: String, _ kind: Kind, _ help: String) {
    text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
  }

  mutating func sample(_ name: String, _ labels: [(String, String)] = [], _ value: Double) {
    text += "\(name)\(Self.labels(labels)) \(Self.number(value))\n"
  }

  mutating func histogram(_ name: String, _ labels: [(String, String)], _ histogram: HistogramValues) {
    var sum = 0
    for (bound, count) in zip(histogram.bounds, histogram.counts) {
      sum += count
      sample("\(name)_bucket", labels + [("le", Self.number(bound))], Double(sum))
    }
    sample("\(name)_bucket", labels + [("le", "+Inf")], Double(histogram.count))
    sample("\(name)_sum", labels, histogram.sum)
    sample("\(name)_count", labels, Double(histogram.count))
  }

  /// The labels as they stand behind a name.
  static func labels(_ labels: [(String, String)]) -> String {
    if labels.isEmpty { return "" }
    let parts = labels.map { "\(name($0.0))=\"\(escaped($0.1, quotes: true))\"" }
    return "{\(parts.joined(separator: ","))}"
  }

  /// The text as a name that Prometheus takes.
  static func name(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      let isLetter = (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == UInt8(ascii: "_")
      let isDigit = (0x30...0x39).contains(byte)
      result.unicodeScalars.append(isLetter || (isDigit && !result.isEmpty) ? Unicode.Scalar(byte) : "_")
    }
    return result.isEmpty ? "_" : result
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    if value == value.rounded(), value.magnitude < 1e15 { return "\(Int64(value))" }
    return "\(value)"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// How often values fell below each of some bounds.
struct HistogramValues: Sendable {
  let bounds: [Double]
  /// How many were above the bound before and not above this one.
  private(set) var counts: [Int]
  private(set) var count = 0
  private(set) var sum = 0.0

  init(bounds: [Double]) {
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count)
  }

  /// Values that were counted elsewhere: for each bound, and those above all.
  init(bounds: [Double], counts: [Int], sum: Double) {
    self.bounds = bounds
    self.counts = Array(counts.prefix(bounds.count))
    count = counts.reduce(0, +)
    self.sum = sum
  }

  mutating func record(_ value: Double) {
    guard value.isFinite else { return }
    count += 1
    sum += value
    if let index = bounds.firstIndex(where: { value <= $0 }) { counts[index] += 1 }
  }

  /// Bounds in seconds for what is answered at once.
  static let shortSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
  /// Bounds in seconds for what takes its time.
  static let longSeconds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600]
}
