/// A stretch of a merge that differs from the common ancestor: where it stands in the three files, and whose it is.
struct MergePiece: Hashable {
  /// Which side's lines are right.
  enum Outcome: Hashable {
    case ours
    case theirs
    /// The sides turned out to agree.
    case both
    case conflict
    /// A conflict that was settled; the index tells how.
    case settled(Int)
  }

  var outcome: Outcome
  var base: LineSpan
  var ours: LineSpan
  var theirs: LineSpan
  /// Whether the ancestor's lines are a guess, since the conflict was narrowed.
  var isNarrowed = false

  /// The piece of the merge with swapped sides.
  var swapped: MergePiece {
    var piece = self
    (piece.ours, piece.theirs) = (theirs, ours)
    switch outcome {
    case .ours: piece.outcome = .theirs
    case .theirs: piece.outcome = .ours
    case .both, .conflict, .settled: break
    }
    return piece
  }
}

/// The three files of a merge.
struct MergeSides: Sendable {
  /// A file as lines, and as numbers that are equal where lines of any of the files are.
  struct Side: Sendable {
    let table: LineTable
    let numbers: [Int32]
  }

  let base: Side
  let ours: Side
  let theirs: Side
  /// How many different lines the files have.
  let alphabetSize: Int

  private init(base: Side, ours: Side, theirs: Side, alphabetSize: Int) {
    self.base = base
    self.ours = ours
    self.theirs = theirs
    self.alphabetSize = alphabetSize
  }

  /// The sides in each other's place.
  var swapped: MergeSides { MergeSides(base: base, ours: theirs, theirs: ours, alphabetSize: alphabetSize) }

  init(base: [UInt8], ours: [UInt8], theirs: [UInt8]) {
    var interner = LineInterner()
    let base = interner.intern(base)
    let ours = interner.intern(ours)
    let theirs = interner.intern(theirs)
    self.base = Side(table: base.table, numbers: base.numbers)
    self.ours = Side(table: ours.table, numbers: ours.numbers)
    self.theirs = Side(table: theirs.table, numbers: theirs.numbers)
    alphabetSize = interner.count
  }

  /// The pieces of a merge, in order.
  ///
  /// Changes that overlap or touch in the ancestor, directly or through others, are one conflict, unless they are
  /// two equal changes. These give no piece at all, since the lines outside all pieces are ours.
  func pieces(oursChanges: [LineChange], theirsChanges: [LineChange]) -> [MergePiece] {
    var pieces: [MergePiece] = []
    var ours = ChangeQueue(oursChanges)
    var theirs = ChangeQueue(theirsChanges)
    while let start = [ours.start, theirs.start].compactMap({ $0 }).min() {
      let (oursStart, theirsStart) = (start + ours.shift, start + theirs.shift)
      var end = start
      var (oursTaken, theirsTaken): ([LineChange], [LineChange]) = ([], [])
      // Changes of one side never touch each other: what touches the end touches a change of the other side.
      while true {
        if let change = ours.take(startingUpTo: end) {
          oursTaken.append(change)
          end = max(end, change.old.end)
        } else if let change = theirs.take(startingUpTo: end) {
          theirsTaken.append(change)
          end = max(end, change.old.end)
        } else {
          break
        }
      }
      if areEqual(oursTaken, theirsTaken) { continue }
      pieces.append(
        MergePiece(
          outcome: theirsTaken.isEmpty ? .ours : oursTaken.isEmpty ? .theirs : .conflict,
          base: LineSpan(start: start, count: end - start),
          ours: LineSpan(start: oursStart, count: end + ours.shift - oursStart),
          theirs: LineSpan(start: theirsStart, count: end + theirs.shift - theirsStart)
        )
      )
    }
    return pieces
  }

  private func areEqual(_ oursChanges: [LineChange], _ theirsChanges: [LineChange]) -> Bool {
    guard oursChanges.count == 1, theirsChanges.count == 1 else { return false }
    return oursChanges[0].old == theirsChanges[0].old
      && ours.numbers[oursChanges[0].new.indices].elementsEqual(theirs.numbers[theirsChanges[0].new.indices])
  }

  /// The changes of one side that no piece has taken yet.
  private struct ChangeQueue {
    private let changes: [LineChange]
    private var next = 0
    /// By how much lines after the taken changes stand further down than in the ancestor.
    private(set) var shift = 0

    init(_ changes: [LineChange]) {
      self.changes = changes
    }

    /// The line of the ancestor at which the next change starts.
    var start: Int? { next < changes.count ? changes[next].old.start : nil }

    mutating func take(startingUpTo line: Int) -> LineChange? {
      guard let start, start <= line else { return nil }
      let change = changes[next]
      shift += change.new.count - change.old.count
      next += 1
      return change
    }
  }

  /// The merged file: the pieces, and between them the lines that are ours.
  ///
  /// - Parameters:
  ///   - pieces: The pieces, in order.
  ///   - resolutions: What the indices of settled pieces mean.
  /// - Returns: The regions, in order.
  func regions(_ pieces: [MergePiece], resolutions: [Resolution]) -> [FileMerge.Region] {
    var regions: [FileMerge.Region] = []
    var merged: [UInt8] = []
    var next = 0
    func flush() {
      if !merged.isEmpty { regions.append(.merged(merged)) }
      merged = []
    }
    for piece in pieces where piece.outcome != .both {
      merged += ours.table[LineSpan(start: next, count: piece.ours.start - next)]
      next = piece.ours.end
      switch piece.outcome {
      case .ours, .both:
        merged += ours.table[piece.ours]
      case .theirs:
        merged += theirs.table[piece.theirs]
      case .conflict:
        flush()
        regions.append(.conflict(conflict(piece)))
      case .settled(let index):
        flush()
        regions.append(.resolved(conflict(piece), resolutions[index]))
      }
    }
    merged += ours.table[LineSpan(start: next, count: ours.table.count - next)]
    flush()
    return regions
  }

  func conflict(_ piece: MergePiece) -> Conflict {
    Conflict(
      base: Array(base.table[piece.base]),
      ours: Array(ours.table[piece.ours]),
      theirs: Array(theirs.table[piece.theirs]),
      position: Conflict.Position(base: piece.base, ours: piece.ours, theirs: piece.theirs),
      isNarrowed: piece.isNarrowed
    )
  }
}

extension LineSpan {
  /// The lines as a range.
  package var indices: Range<Int> { start..<end }

  /// The lines from the first of this span to the last of another.
  func through(_ other: LineSpan) -> LineSpan {
    LineSpan(start: start, count: other.end - start)
  }
}
