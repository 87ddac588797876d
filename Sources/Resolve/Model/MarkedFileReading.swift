internal import Base
internal import Merging

/// What somebody made of a file with marked places.
struct MarkedFileReading: Sendable, Hashable {
  /// What became of one place.
  enum Fate: Sendable, Hashable {
    /// It stands between its markers as it did.
    case kept
    /// These lines stand in its place.
    case answered([UInt8])
    /// Some of its markers are there, or not all of its lines.
    case broken(String)
  }

  /// Lines that were changed outside of every place.
  struct Edit: Sendable, Hashable, Codable {
    /// Where it begins in the file as it is now, counted from one.
    var line: Int
    var old: [[UInt8]]
    var new: [[UInt8]]
  }

  /// By the name of the place.
  var fates: [String: Fate] = [:]
  /// What was changed outside of every place, in order.
  var edits: [Edit] = []
  /// The file with its places as they were and with these changes; `nil` where that is not sure.
  var edited: MarkedFile?
}

extension MarkedFile {
  /// Finds what stands in each place now, and every line outside of them that is not as it was.
  ///
  /// Where several readings are possible, it is one with the fewest lines changed outside of places.
  func reading(_ edited: [UInt8]) -> MarkedFileReading {
    let lines = Self.lines(edited)
    var reading = MarkedFileReading()
    // Markers first: a place that has some of them is kept or broken, and never an answer.
    var counts: [String: Int] = [:]
    for line in lines { if let id = name(inMarker: line) { counts[id, default: 0] += 1 } }
    let marked = places.filter { counts[$0.id] != nil }
    for place in marked {
      let block = Self.lines(place.block)
      let isWhole = counts[place.id] == 4 && Self.places(of: block[...], in: lines).count == 1
      reading.fates[place.id] =
        isWhole ? .kept : .broken("some of its markers or of the lines between them were changed")
    }
    if reading.fates.values.contains(where: { if case .broken = $0 { true } else { false } }) {
      for place in places where reading.fates[place.id] == nil {
        reading.fates[place.id] = .broken("markers of another place in the file were changed, so nothing is sure")
      }
      return reading
    }
    let kept = deciding(Dictionary(marked.map { ($0.id, $0.block) }) { first, _ in first })
    let alignment = PlaceAlignment(kept.pieces, lines)
    for (id, span) in alignment.spans { reading.fates[id] = .answered(lines[span].flatMap { $0 }) }
    reading.edits = alignment.edits
    if !reading.edits.isEmpty, marked.isEmpty { reading.edited = replacing(alignment.fixedNow) }
    return reading
  }

  /// The file with other decided lines between its places.
  private func replacing(_ fixed: [[UInt8]]) -> MarkedFile? {
    guard fixed.count == places.count + 1 else { return nil }
    var copy = self
    copy.pieces = [.fixed(fixed[0])]
    for (place, lines) in zip(places, fixed.dropFirst()) { copy.pieces += [.place(place), .fixed(lines)] }
    return copy
  }

  /// Where some lines stand among others.
  static func places(of part: ArraySlice<ArraySlice<UInt8>>, in lines: [ArraySlice<UInt8>]) -> [Int] {
    guard let first = part.first, part.count <= lines.count else { return [] }
    return (0...(lines.count - part.count)).filter { start in
      lines[start] == first && lines[start..<(start + part.count)].elementsEqual(part)
    }
  }
}

/// Lays the decided lines of a file over the file as it is now: what lies between them is what stands in the places.
struct PlaceAlignment {
  /// The lines that stand in each place, by its name.
  private(set) var spans: [String: Range<Int>] = [:]
  private(set) var edits: [MarkedFileReading.Edit] = []

  private let fixed: [[ArraySlice<UInt8>]]
  private let gaps: [MarkedFile.Place]
  private let lines: [ArraySlice<UInt8>]

  /// The most steps that an alignment with changes takes before a coarser one is made.
  private static let mostCells = 24_000_000

  init(_ pieces: [MarkedFile.Piece], _ lines: [ArraySlice<UInt8>]) {
    var fixed: [[ArraySlice<UInt8>]] = []
    var gaps: [MarkedFile.Place] = []
    for piece in pieces {
      switch piece {
      case .fixed(let bytes): fixed.append(MarkedFile.lines(bytes))
      case .place(let place): gaps.append(place)
      }
    }
    (self.fixed, self.gaps, self.lines) = (fixed, gaps, lines)
    if gaps.isEmpty {
      compare(fixed[0], lines[...])
    } else if !alignIntact() {
      alignChanged()
    }
  }

  /// The lines between the places as they are now.
  var fixedNow: [[UInt8]] {
    var result: [[UInt8]] = []
    var start = 0
    for gap in gaps {
      guard let span = spans[gap.id], span.lowerBound >= start else { return [] }
      result.append(lines[start..<span.lowerBound].flatMap { $0 })
      start = span.upperBound
    }
    return result + [lines[start...].flatMap { $0 }]
  }

  // MARK: - Without a change

  /// Finds the places where every decided line is there as it was; `false` where that is not so.
  ///
  /// Of several ways to cut the file it takes one in which most lines come from the sides of the place they stand in.
  private mutating func alignIntact() -> Bool {
    let (head, tail) = (fixed[0], fixed[fixed.count - 1])
    guard head.count + tail.count <= lines.count, lines.starts(with: head), lines.suffix(tail.count).elementsEqual(tail)
    else { return false }
    let end = lines.count - tail.count
    // For each stretch of decided lines the places where it may begin, with the best score and where it came from.
    struct Step {
      var start: Int
      var score: Int
      var from: Int
    }
    var steps: [[Step]] = [[Step(start: 0, score: 0, from: 0)]]
    for (number, gap) in gaps.enumerated() {
      let length = fixed[number].count
      let known = knownLines(of: gap)
      let part = fixed[number + 1]
      let starts = number == gaps.count - 1 ? [end] : occurrences(of: part, upTo: end)
      var next: [Step] = []
      var (best, bestFrom, reached) = (Int.min, 0, 0)
      for start in starts {
        let previous = steps[number]
        while reached < previous.count, previous[reached].start + length <= start {
          let value = previous[reached].score - known[previous[reached].start + length]
          if value > best { (best, bestFrom) = (value, reached) }
          reached += 1
        }
        if best > Int.min { next.append(Step(start: start, score: best + known[start], from: bestFrom)) }
      }
      if next.isEmpty { return false }
      steps.append(next)
    }
    var (number, choice) = (gaps.count, 0)
    while number > 0 {
      let step = steps[number][choice]
      let previous = steps[number - 1][step.from]
      spans[gaps[number - 1].id] = (previous.start + fixed[number - 1].count)..<step.start
      (number, choice) = (number - 1, step.from)
    }
    return true
  }

  private func occurrences(of part: [ArraySlice<UInt8>], upTo end: Int) -> [Int] {
    if part.isEmpty { return Array(0...end) }
    return MarkedFile.places(of: part[...], in: Array(lines[..<end]))
  }

  /// How many lines before each line stand in a side of a place.
  private func knownLines(of gap: MarkedFile.Place) -> [Int] {
    var counts = [0]
    counts.reserveCapacity(lines.count + 1)
    for line in lines { counts.append(counts[counts.count - 1] + (gap.sides.contains(Array(line)) ? 2 : 0)) }
    // A shorter answer is the better reading of two that say the same.
    return counts.enumerated().map { $0.element - $0.offset }
  }

  // MARK: - With changes

  private mutating func alignChanged() {
    let flat = fixed.flatMap { $0 }
    let prefix = zip(fixed[0], lines).prefix { $0 == $1 }.count
    let tail = fixed[fixed.count - 1]
    let suffix = zip(tail.reversed(), lines[prefix...].reversed()).prefix { $0 == $1 }.count
    let (rows, columns) = (flat.count - prefix - suffix, lines.count - prefix - suffix)
    guard rows >= 0, columns >= 0, rows <= Self.mostCells / (columns + 1) else {
      alignCoarsely(flat)
      return
    }
    walk(align(flat, rows: rows, columns: columns, prefix: prefix), flat, prefix: prefix, suffix: suffix)
  }

  /// After how many decided lines each place stands.
  private var gapRows: [Int] {
    var rows: [Int] = []
    var row = 0
    for number in gaps.indices {
      row += fixed[number].count
      rows.append(row)
    }
    return rows
  }

  /// One step of an alignment.
  private enum Move: UInt8 {
    case keep, replace, delete, insert, fill
  }

  /// What a decided line costs that is gone, new or another.
  private static let change: Int32 = 1 << 12

  /// For each pair of a decided line and a line the cheapest last step that leads there.
  ///
  /// A decided line that is not there as it was is what costs. A line that fills a place costs next to nothing, so that
  /// a decided line beside a place that was edited is not taken for a part of the answer.
  private func align(_ flat: [ArraySlice<UInt8>], rows: Int, columns: Int, prefix: Int) -> [UInt8] {
    let isGap = Set(gapRows)
    let width = columns + 1
    var moves = [UInt8](repeating: 0, count: (rows + 1) * width)
    var previous: [Int32] = []
    for row in 0...rows {
      var current = [Int32](repeating: 0, count: width)
      let isOpen = isGap.contains(prefix + row)
      for column in 0...columns {
        if row == 0, column == 0 { continue }
        var (cost, move) = (Int32.max, Move.keep)
        if row > 0, column > 0 {
          let isSame = flat[prefix + row - 1] == lines[prefix + column - 1]
          (cost, move) = (previous[column - 1] + (isSame ? 0 : Self.change), isSame ? .keep : .replace)
        }
        if row > 0, previous[column] + Self.change < cost { (cost, move) = (previous[column] + Self.change, .delete) }
        if column > 0 {
          let step = current[column - 1] + (isOpen ? 1 : Self.change)
          if step < cost { (cost, move) = (step, isOpen ? .fill : .insert) }
        }
        current[column] = cost
        moves[row * width + column] = move.rawValue
      }
      previous = current
    }
    return moves
  }

  private mutating func walk(_ moves: [UInt8], _ flat: [ArraySlice<UInt8>], prefix: Int, suffix: Int) {
    let width = lines.count - prefix - suffix + 1
    var (row, column) = (flat.count - prefix - suffix, width - 1)
    let rows = gapRows
    var open = gaps.count - 1
    var edits = EditList()
    func close(through row: Int, at column: Int, _ spans: inout [String: Range<Int>]) {
      while open >= 0, rows[open] >= prefix + row {
        let known = spans[gaps[open].id]
        spans[gaps[open].id] = (prefix + column)..<(known?.upperBound ?? prefix + column)
        open -= 1
      }
    }
    // Places behind the part that was looked at are empty: nothing stands between the lines there.
    for number in gaps.indices where rows[number] > prefix + row {
      let place = lines.count - (flat.count - rows[number])
      spans[gaps[number].id] = place..<place
      open = min(open, number - 1)
    }
    while row > 0 || column > 0 {
      switch Move(rawValue: moves[row * width + column]) ?? .keep {
      case .keep:
        close(through: row, at: column, &spans)
        (row, column) = (row - 1, column - 1)
      case .replace:
        close(through: row, at: column, &spans)
        edits.replace(flat[prefix + row - 1], lines[prefix + column - 1], at: prefix + column - 1)
        (row, column) = (row - 1, column - 1)
      case .delete:
        close(through: row, at: column, &spans)
        edits.delete(flat[prefix + row - 1], before: prefix + column)
        row -= 1
      case .insert:
        column -= 1
        edits.insert(lines[prefix + column], at: prefix + column)
      case .fill:
        if open >= 0, rows[open] == prefix + row, spans[gaps[open].id] == nil {
          spans[gaps[open].id] = (prefix + column)..<(prefix + column)
        }
        column -= 1
      }
    }
    close(through: 0, at: 0, &spans)
    for number in gaps.indices where spans[gaps[number].id] == nil {
      spans[gaps[number].id] = rows[number]..<rows[number]
    }
    self.edits = edits.inOrder
  }

  /// For very large files: lines are laid over each other by the line diff, and what was put in elsewhere than at a
  /// place counts as a change.
  private mutating func alignCoarsely(_ flat: [ArraySlice<UInt8>]) {
    let changes = LineDiff.changes(from: flat.map { Array($0) }, to: lines.map { Array($0) })
    var shift = 0
    var next = 0
    let rows = gapRows
    for change in changes {
      while next < gaps.count, rows[next] < change.old.start {
        spans[gaps[next].id] = (rows[next] + shift)..<(rows[next] + shift)
        next += 1
      }
      shift = change.new.end - change.old.end
      var new = change.new.indices
      if next < gaps.count, rows[next] <= change.old.end {
        spans[gaps[next].id] = new
        new = new.upperBound..<new.upperBound
        next += 1
        while next < gaps.count, rows[next] <= change.old.end {
          spans[gaps[next].id] = new
          next += 1
        }
      }
      if change.old.count > 0 || !new.isEmpty {
        edits.append(
          MarkedFileReading.Edit(
            line: change.new.start + 1, old: flat[change.old.indices].map { Array($0) },
            new: lines[new].map { Array($0) }))
      }
    }
    while next < gaps.count {
      spans[gaps[next].id] = (rows[next] + shift)..<(rows[next] + shift)
      next += 1
    }
  }

  /// A file without a place: every line that differs is a change.
  private mutating func compare(_ old: [ArraySlice<UInt8>], _ new: ArraySlice<ArraySlice<UInt8>>) {
    edits = LineDiff.changes(from: old.map { Array($0) }, to: new.map { Array($0) }).map { change in
      MarkedFileReading.Edit(
        line: change.new.start + 1, old: old[change.old.indices].map { Array($0) },
        new: new[change.new.indices].map { Array($0) })
    }
  }
}

/// Changes that are found from the end to the beginning, neighbours joined.
private struct EditList {
  private var edits: [(start: Int, end: Int, old: [[UInt8]], new: [[UInt8]])] = []

  /// A line that is gone, and before which line it stood.
  mutating func delete(_ line: ArraySlice<UInt8>, before place: Int) {
    if let last = edits.indices.last, edits[last].start == place {
      edits[last].old.append(Array(line))
    } else {
      edits.append((place, place, [Array(line)], []))
    }
  }

  /// A line that is another now, and which one it is.
  mutating func replace(_ old: ArraySlice<UInt8>, _ new: ArraySlice<UInt8>, at place: Int) {
    if let last = edits.indices.last, edits[last].start == place + 1 {
      edits[last].old.append(Array(old))
      edits[last].new.append(Array(new))
      edits[last].start = place
    } else {
      edits.append((place, place + 1, [Array(old)], [Array(new)]))
    }
  }

  /// A line that is new, and which one it is.
  mutating func insert(_ line: ArraySlice<UInt8>, at place: Int) {
    if let last = edits.indices.last, edits[last].start == place + 1 {
      edits[last].new.append(Array(line))
      edits[last].start = place
    } else {
      edits.append((place, place + 1, [], [Array(line)]))
    }
  }

  var inOrder: [MarkedFileReading.Edit] {
    edits.reversed().map {
      MarkedFileReading.Edit(line: $0.start + 1, old: $0.old.reversed(), new: $0.new.reversed())
    }
  }
}
