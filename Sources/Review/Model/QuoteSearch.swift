internal import ByteText

/// Finds the lines of a file that a quote speaks of.
struct QuoteSearch {
  private let content: [UInt8]
  /// Where each line begins.
  private let starts: [Int]
  /// The text with each run of blanks as one space, and where each of its bytes stands.
  private let plain: [UInt8]
  private let places: [Int]

  /// More hits of one quote tell nothing.
  private static let hitLimit = 1000

  init(_ content: [UInt8]) {
    self.content = content
    starts = [0] + content.indices.filter { content[$0] == 0x0A }.map { $0 + 1 }
    var (plain, places): ([UInt8], [Int]) = ([], [])
    for (index, byte) in content.enumerated() {
      if ASCII.isBlank(byte) {
        if plain.last != 0x20, !plain.isEmpty {
          plain.append(0x20)
          places.append(index)
        }
      } else {
        plain.append(byte)
        places.append(index)
      }
    }
    (self.plain, self.places) = (plain, places)
  }

  /// The lines of all places at which the quote stands, counted from one: to the letter, or else but for blanks.
  ///
  /// A quote that was copied with its line numbers and signs is found without them.
  func hits(of quote: String) -> [ClosedRange<Int>] {
    for candidate in [Array(quote.utf8), Self.withoutGutter(quote)].compactMap({ $0 }) {
      let needle = Array(candidate[...].trimmed())
      // A bracket alone stands everywhere.
      guard needle.contains(where: ASCII.isWord) || needle.count > 3 else { continue }
      let exact = Self.search(needle, in: content).map { lines(from: $0, through: $0 + needle.count - 1) }
      if !exact.isEmpty { return exact }
      let loose = candidate.collapsingBlanks()
      let found = Self.search(loose, in: plain).map { lines(from: places[$0], through: places[$0 + loose.count - 1]) }
      if !found.isEmpty { return found }
    }
    return []
  }

  /// Whole words only: `size` is not in `resize`.
  private static func search(_ needle: [UInt8], in text: [UInt8]) -> [Int] {
    guard let first = needle.first, let last = needle.last else { return [] }
    var found: [Int] = []
    var from = 0
    while found.count < hitLimit, let hit = text.firstIndex(of: needle, from: from) {
      let end = hit + needle.count
      let isTorn =
        (hit > 0 && ASCII.isWord(first) && ASCII.isWord(text[hit - 1]))
        || (end < text.count && ASCII.isWord(last) && ASCII.isWord(text[end]))
      if !isTorn { found.append(hit) }
      from = hit + 1
    }
    return found
  }

  private func lines(from start: Int, through end: Int) -> ClosedRange<Int> { line(at: start)...line(at: end) }

  private func line(at place: Int) -> Int {
    var (low, high) = (0, starts.count)
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= place { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The quote without what stands in front of each of its lines where it is shown; `nil` where nothing does.
  private static func withoutGutter(_ quote: String) -> [UInt8]? {
    var result: [[UInt8]] = []
    var isChanged = false
    for line in quote.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
      var rest = Array(line)[...]
      while let byte = rest.first, byte == 0x20 || byte == 0x09 || ASCII.isDigit(byte) { rest.removeFirst() }
      if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "|") {
        rest.removeFirst()
        if sign == UInt8(ascii: "+"), rest.first == UInt8(ascii: "|") { rest.removeFirst() }
        isChanged = true
        result.append(Array(rest))
      } else {
        result.append(Array(line))
      }
    }
    return isChanged ? Array(result.joined(separator: [0x0A])) : nil
  }
}
