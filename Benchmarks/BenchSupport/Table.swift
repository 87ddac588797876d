internal import Glibc

/// What is printed of figures.
package struct Table {
  /// One line and what it is held against.
  package struct Row {
    package var figures: Figures
    /// The figure that is to be stayed under, in seconds, held against the best round's median.
    package var limit: Double?
    /// The same for the 95th percentile.
    package var tailLimit: Double?
    /// The most bytes.
    package var peakLimit: Int?
    /// The second program in the same run.
    package var other: Figures?

    package init(
      _ figures: Figures, limit: Double? = nil, tailLimit: Double? = nil, peakLimit: Int? = nil, other: Figures? = nil
    ) {
      self.figures = figures
      self.limit = limit
      self.tailLimit = tailLimit
      self.peakLimit = peakLimit
      self.other = other
    }
  }

  private static let header = ["ms", "n", "p50", "best", "p95", "max", "RSS MB", "ratio", "to reach"]

  /// Prints rows; milliseconds and megabytes (1,000,000 bytes).
  ///
  /// `best` is the smallest median of a round, and `ratio` is that of the row by that of the program beside it.
  package static func print(_ rows: [Row]) {
    let cells = [header] + rows.map(cells)
    let widths = header.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    for row in cells {
      let columns = row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 || column == row.count - 1 ? cell + padding : padding + cell
      }
      var line = columns.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      Swift.print(line)
    }
    fflush(nil)
  }

  private static func cells(_ row: Row) -> [String] {
    let figures = row.figures
    return [
      figures.name, String(figures.all.count), milliseconds(figures.quantile(0.5)), milliseconds(figures.best()),
      milliseconds(figures.quantile(0.95)), milliseconds(figures.all.max() ?? 0),
      figures.peakBytes > 0 ? decimal(Double(figures.peakBytes) / 1e6, 1) : "",
      row.other.map { decimal(figures.best() / $0.best(), 2) } ?? "", verdict(row),
    ]
  }

  private static func verdict(_ row: Row) -> String {
    var goals: [String] = []
    var isMet = true
    if let limit = row.limit {
      goals.append("\(number(limit * 1000)) ms")
      isMet = isMet && row.figures.best() < limit
    }
    if let limit = row.tailLimit {
      goals.append("p95 \(number(limit * 1000)) ms")
      isMet = isMet && row.figures.best(0.95) < limit
    }
    if let limit = row.peakLimit {
      goals.append("\(limit / 1_000_000) MB")
      isMet = isMet && row.figures.peakBytes < limit
    }
    return goals.isEmpty ? "" : "< \(goals.joined(separator: ", ")): \(isMet ? "met" : "MISSED")"
  }

  private static func number(_ value: Double) -> String { String(Int(value.rounded())) }

  private static func milliseconds(_ seconds: Double) -> String { decimal(seconds * 1000, 2) }

  /// A number with so many digits behind the point.
  package static func decimal(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let number = Int((value.magnitude * scale).rounded())
    let fraction = String(number % Int(scale))
    let sign = value < 0 && number > 0 ? "-" : ""
    guard digits > 0 else { return sign + String(number) }
    return "\(sign)\(number / Int(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
  }
}
