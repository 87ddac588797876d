/// A three-way merge of a conflict's lines that also pairs lines which are alike, and so sees finer than a line diff.
struct FineMerge {
  enum Side: Sendable { case ours, theirs }

  /// Where the changes of the two sides meet.
  struct Contact: Sendable, Hashable {
    enum Relation: Sendable, Hashable {
      /// One change ends where the other begins.
      case touching
      /// Both changed the same line of the ancestor.
      case sameLine
      /// Both have new lines at the same place, or one has some within what the other replaced.
      case overlapping
    }

    var relation: Relation
    var ours: LineAlignment.Edit
    var theirs: LineAlignment.Edit
  }

  let language: Language
  /// What white space means in the file.
  private let spacing: Spacing
  let base: [TokenLine]
  let ours: [TokenLine]
  let theirs: [TokenLine]
  let ourAlignment: LineAlignment
  let theirAlignment: LineAlignment
  private(set) var contacts: [Contact] = []

  /// How many lines the three sides of a conflict may have together.
  private static let lineLimit = 3_000

  init?(_ conflict: Conflict, in context: ResolverContext) {
    let position = conflict.position
    guard position.base.count + position.ours.count + position.theirs.count <= Self.lineLimit,
      conflict.base.count + conflict.ours.count + conflict.theirs.count <= 300_000
    else { return nil }
    language = context.language
    spacing = context.spacing
    base = Self.lines(position.base, of: context.sources.base)
    ours = Self.lines(position.ours, of: context.sources.ours)
    theirs = Self.lines(position.theirs, of: context.sources.theirs)
    var numbers: [[UInt8]: Int32] = [:]
    func numbered(_ lines: [TokenLine]) -> [LineAlignment.Line] {
      lines.map { line in
        let bytes = line.bytes
        let number = numbers[bytes] ?? Int32(numbers.count)
        numbers[bytes] = number
        return LineAlignment.Line(line, number: number)
      }
    }
    let sides = (numbered(base), numbered(ours), numbered(theirs))
    var diff = SequenceDiff(alphabetSize: numbers.count)
    ourAlignment = LineAlignment(base: sides.0, side: sides.1, diff: &diff)
    theirAlignment = LineAlignment(base: sides.0, side: sides.2, diff: &diff)
    findContacts()
  }

  /// The merge of a conflict that was not narrowed, in a file that may be merged line by line.
  static func ofWhole(_ conflict: Conflict, in context: ResolverContext) -> FineMerge? {
    guard !conflict.isNarrowed, !conflict.base.isEmpty, !context.isCatalogue, !context.isGenerated else { return nil }
    return context.fineMerge(of: conflict)
  }

  private static func lines(_ span: LineSpan, of source: SourceText) -> [TokenLine] {
    let tokens = source.tokens(span)
    var lines: [TokenLine] = []
    var start = 0
    let grouping = TokenLine.groupsQuotes(source.language)
    for index in tokens.indices where tokens[index].kind == .lineEnd || index == tokens.count - 1 {
      lines.append(TokenLine(Array(tokens[start...index]), of: source.table.bytes, groupingQuotes: grouping))
      start = index + 1
    }
    return lines
  }

  private mutating func findContacts() {
    var first = 0
    for our in ourAlignment.edits {
      while first < theirAlignment.edits.count, theirAlignment.edits[first].base.upperBound < our.base.lowerBound {
        first += 1
      }
      for their in theirAlignment.edits[first...] {
        guard their.base.lowerBound <= our.base.upperBound else { break }
        if their.base.upperBound < our.base.lowerBound { continue }
        contacts.append(Contact(relation: Self.relation(our, their), ours: our, theirs: their))
      }
    }
  }

  private static func relation(_ our: LineAlignment.Edit, _ their: LineAlignment.Edit) -> Contact.Relation {
    if our.kind == .insertion, their.kind == .insertion { return .overlapping }
    if our.base.isEmpty || their.base.isEmpty {
      let (point, range) = our.base.isEmpty ? (our.base, their.base) : (their.base, our.base)
      return range.lowerBound < point.lowerBound && point.lowerBound < range.upperBound ? .overlapping : .touching
    }
    if our.base.overlaps(their.base) {
      return our.base.count == 1 && their.base.count == 1 ? .sameLine : .overlapping
    }
    return .touching
  }

  /// Where new lines of one side meet a change of the other.
  var insertionContacts: [Contact] {
    contacts.filter { $0.ours.kind == .insertion || $0.theirs.kind == .insertion }
  }

  /// The merged lines; `nil` where both sides changed more than the white space of a line.
  func mergedApartFromSpacing() -> [UInt8]? { merged { $0.isOneSided } }

  /// The merged lines; lines that both sides changed are merged by their tokens.
  ///
  /// - Parameter allows: Whether the merge of such a line may be used.
  /// - Returns: `nil` where it may not, or where the changes meet in another way.
  func merged(_ allows: (TokenMerge) -> Bool) -> [UInt8]? {
    merged { line, our, their in
      guard our.kind == .modification, their.kind == .modification,
        !spacing.conflicts(base[line], ours[our.side.lowerBound], theirs[their.side.lowerBound]),
        isBestPair(line, our.side.lowerBound, of: ours), isBestPair(line, their.side.lowerBound, of: theirs)
      else { return nil }
      let merge = TokenMerge(base[line], ours[our.side.lowerBound], theirs[their.side.lowerBound])
      return allows(merge) ? merge.merged() : nil
    }
  }

  /// How far from a line others are looked at.
  private static let pairReach = 20

  /// Whether no other changed line of a side is more like a line of the ancestor than the one it was paired with.
  ///
  /// Lines are paired in their order: where a side exchanged two, each would be paired with the other.
  private func isBestPair(_ line: Int, _ place: Int, of side: [TokenLine]) -> Bool {
    let reach = max(0, place - Self.pairReach)..<min(side.count, place + Self.pairReach + 1)
    guard side.count > 1, reach.count > 1 else { return true }
    let (old, new) = (LineAlignment.Line(base[line], number: 0), LineAlignment.Line(side[place], number: 0))
    let own = LineAlignment.likeness(old, new)
    let kept = Set(base.map(\.bytes))
    return !reach.contains { other in
      other != place && !kept.contains(side[other].bytes)
        && LineAlignment.likeness(old, LineAlignment.Line(side[other], number: 0)) > own
    }
  }

  /// The merged lines where each line of the ancestor is decided by `settle` if both sides changed it.
  ///
  /// - Parameter settle: Says what stands in the place of a line of the ancestor that both sides changed.
  /// - Returns: `nil` where `settle` does.
  func merged(_ settle: (Int, LineAlignment.Edit, LineAlignment.Edit) -> [UInt8]?) -> [UInt8]? {
    var result: [UInt8] = []
    func append(_ lines: ArraySlice<TokenLine>) { for line in lines { result += line.bytes } }
    var (our, their) = (ourAlignment.edits[...], theirAlignment.edits[...])
    var line = 0
    while true {
      if let edit = our.first, edit.kind == .insertion, edit.base.lowerBound == line {
        append(ours[edit.side])
        our.removeFirst()
        if let other = their.first, other.kind == .insertion, other.base.lowerBound == line {
          guard ours[edit.side].map(\.bytes) == theirs[other.side].map(\.bytes) else { return nil }
          their.removeFirst()
        }
        continue
      }
      if let edit = their.first, edit.kind == .insertion, edit.base.lowerBound == line {
        append(theirs[edit.side])
        their.removeFirst()
        continue
      }
      guard line < base.count else { break }
      let (ourEdit, theirEdit) = (
        our.first.flatMap { $0.base.contains(line) ? $0 : nil },
        their.first.flatMap { $0.base.contains(line) ? $0 : nil }
      )
      switch (ourEdit, theirEdit) {
      case (nil, nil):
        result += base[line].bytes
        line += 1
      case (let edit?, nil):
        if let other = their.first, other.base.lowerBound < edit.base.upperBound { return nil }
        append(ours[edit.side])
        our.removeFirst()
        line = edit.base.upperBound
      case (nil, let edit?):
        if let other = our.first, other.base.lowerBound < edit.base.upperBound { return nil }
        append(theirs[edit.side])
        their.removeFirst()
        line = edit.base.upperBound
      case (let one?, let two?):
        if one.base == two.base, ours[one.side].map(\.bytes) == theirs[two.side].map(\.bytes) {
          append(ours[one.side])
        } else {
          guard one.base.count == 1, two.base.count == 1, let bytes = settle(line, one, two) else { return nil }
          result += bytes
        }
        our.removeFirst()
        their.removeFirst()
        line = one.base.upperBound
      }
    }
    return result
  }
}

extension ResolverContext {
  /// Whether the file is a catalogue of translations: a list of entries, of which lines are no parts by themselves.
  var isCatalogue: Bool {
    path.suffix(3).elementsEqual(".po".utf8) || path.suffix(4).elementsEqual(".pot".utf8)
  }
}

extension Conflict {
  /// The lines that a side added and that `result` lacks.
  func droppedLines(from result: [UInt8], reason: String) -> [DroppedLine] {
    let kept = Set(HunkLine.split(result).map(\.content))
    let known = Set(HunkLine.split(base).map(\.content))
    func missing(_ side: [UInt8], _ name: DroppedLine.Side) -> [DroppedLine] {
      HunkLine.split(side).map(\.content).filter { !kept.contains($0) && !known.contains($0) }
        .map { DroppedLine(side: name, line: Array($0), reason: reason) }
    }
    return missing(ours, .ours) + missing(theirs, .theirs)
  }
}
