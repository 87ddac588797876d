/// What requests of one kind to a forge came to: how many there were, and how long they took.
package struct ForgeFigure: Sendable, Hashable, Codable {
  /// Which requests are counted together.
  package struct Series: Sendable, Hashable, Codable {
    package var forge: ForgeName
    package var operation: Operation
    package var result: Result

    package init(_ forge: ForgeName, _ operation: Operation, _ result: Result) {
      self.forge = forge
      self.operation = operation
      self.result = result
    }
  }

  package enum Operation: String, Sendable, Hashable, Codable, CaseIterable {
    /// A request to the API by GET, and one by any other method.
    case read, write
    /// Git.
    case fetch, push
  }

  package enum Result: String, Sendable, Hashable, Codable, CaseIterable {
    case done, refused
    /// Too much was asked.
    case limited
    /// There was no answer, or one that the forge failed.
    case failed
  }

  package var series: Series
  /// How many took longer than the bound before and not longer than this one, and at last those that took longer than
  /// all.
  package var counts: [Int]
  /// How long all of them took together.
  package var milliseconds: Int64

  /// The bounds in seconds.
  package static let bounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800]

  package init(_ series: Series) {
    self.series = series
    counts = Array(repeating: 0, count: Self.bounds.count + 1)
    milliseconds = 0
  }

  package var total: Int { counts.reduce(0, +) }

  package mutating func record(milliseconds taken: Int64) {
    let seconds = Double(taken) / 1000
    counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
    milliseconds += taken
  }

  /// What came to it since an earlier look; all of it where it began anew since.
  package func since(_ earlier: ForgeFigure?) -> ForgeFigure {
    guard let earlier, earlier.counts.count == counts.count, zip(counts, earlier.counts).allSatisfy({ $0 >= $1 }),
      milliseconds >= earlier.milliseconds
    else { return self }
    var result = self
    result.counts = zip(counts, earlier.counts).map { $0 - $1 }
    result.milliseconds -= earlier.milliseconds
    return result
  }
}
