/// Chooses of the runs that were found in one output those that are believed: what stands inside of another runner's
/// lines was printed by a test of it.
struct RunChoice {
  /// Forms that have nothing at their beginning that would tell them from what a test prints.
  private static let weak: Set<TestFormat> = [.mocha, .rspec, .unittest, .jest, .gradle, .node]

  /// A run that is believed, as what may be around others.
  private struct Outer {
    var index: Int
    var lines: ClosedRange<Int>
  }

  /// The runs of one format that are believed.
  private struct Believed {
    /// By the rank of the first line the run that reaches furthest of those that begin there or earlier: a tree in an
    /// array, each place of which stands for as many ranks as its number has as its lowest bit.
    var furthest: [Outer?]
    /// The run without an end that begins first.
    var firstCut: Outer?

    mutating func add(_ outer: Outer, rank: Int) {
      var place = rank + 1
      while place < furthest.count {
        if (furthest[place]?.lines.upperBound ?? 0) < outer.lines.upperBound { furthest[place] = outer }
        place += place & -place
      }
    }

    /// The run that reaches furthest of those that begin at this rank or before it.
    func reachingFurthest(from rank: Int) -> Outer? {
      var place = rank + 1
      var best: Outer?
      while place > 0 {
        if let outer = furthest[place], outer.lines.upperBound > best?.lines.upperBound ?? 0 { best = outer }
        place -= place & -place
      }
      return best
    }
  }

  private var chosen: [RunBuilder] = []
  private var believed: [TestFormat: Believed] = [:]
  private let formats: [TestFormat]

  /// The runs that are believed, in the order of their lines.
  ///
  /// It takes time in proportion to the runs, but for their logarithm.
  static func believed(of builders: [RunBuilder], expected: Set<TestFormat>) -> [TestRun] {
    let spans = builders.map { $0.span ?? 0...0 }
    let order = builders.indices.sorted { left, right in
      let isLeft = expected.contains(builders[left].format)
      if isLeft != expected.contains(builders[right].format) { return isLeft }
      return spans[left].count == spans[right].count ? left < right : spans[left].count > spans[right].count
    }
    var ranks = Array(repeating: 0, count: builders.count)
    let byBeginning = builders.indices.sorted { spans[$0].lowerBound < spans[$1].lowerBound }
    for (place, index) in byBeginning.enumerated() {
      let isSame = place > 0 && spans[byBeginning[place - 1]].lowerBound == spans[index].lowerBound
      ranks[index] = isSame ? ranks[byBeginning[place - 1]] : place
    }
    var choice = RunChoice(Set(builders.map(\.format)))
    for index in order where builders[index].span != nil {
      choice.take(
        builders[index], spans[index], rank: ranks[index], isExpected: expected.contains(builders[index].format),
        of: builders.count)
    }
    return choice.chosen.map { $0.finished() }.sorted { ($0.lines?.lowerBound ?? 0) < ($1.lines?.lowerBound ?? 0) }
  }

  private init(_ formats: Set<TestFormat>) {
    self.formats = formats.sorted { $0.rawValue < $1.rawValue }
  }

  private mutating func take(
    _ run: RunBuilder, _ lines: ClosedRange<Int>, rank: Int, isExpected: Bool, of count: Int
  ) {
    if !isExpected, let outer = outer(of: run, lines, rank: rank) {
      return chosen[outer].doubt(.foreignLines(run.format))
    }
    let outer = Outer(index: chosen.count, lines: lines)
    chosen.append(run)
    var known = believed[run.format] ?? Believed(furthest: Array(repeating: nil, count: count + 1))
    // What is read and written in place is not copied.
    believed[run.format] = nil
    known.add(outer, rank: rank)
    if run.ending == .cut, lines.lowerBound < known.firstCut?.lines.lowerBound ?? .max { known.firstCut = outer }
    believed[run.format] = known
  }

  /// The run of another runner in whose lines this one stands.
  private func outer(of run: RunBuilder, _ lines: ClosedRange<Int>, rank: Int) -> Int? {
    for format in formats where format != run.format {
      guard let others = believed[format] else { continue }
      // A run without an end may go on to the end of the output, and some forms are easily taken for another's.
      if Self.weak.contains(run.format), let cut = others.firstCut, cut.lines.lowerBound <= lines.lowerBound {
        return cut.index
      }
      if let around = others.reachingFurthest(from: rank), around.lines.upperBound >= lines.upperBound {
        return around.index
      }
    }
    return nil
  }
}
