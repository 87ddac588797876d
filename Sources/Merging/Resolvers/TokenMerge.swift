/// A three-way merge of one line by its tokens.
///
/// Tokens come whole from one side. White space between them is taken from the side that changed it.
struct TokenMerge {
  /// A stretch of tokens of the ancestor that a side replaced.
  private struct Edit {
    var base: Range<Int>
    var side: Range<Int>
    var isOurs: Bool
  }

  private let base: TokenLine
  private let ours: TokenLine
  private let theirs: TokenLine
  /// The changes of both sides, by their place in the ancestor.
  private let edits: [Edit]
  /// Neighbouring changes of different sides.
  private let meetings: [(first: Edit, second: Edit)]

  init(_ base: TokenLine, _ ours: TokenLine, _ theirs: TokenLine) {
    self.base = base
    self.ours = ours
    self.theirs = theirs
    edits = (Self.edits(base, ours, areOurs: true) + Self.edits(base, theirs, areOurs: false)).sorted { one, two in
      (one.base.lowerBound, one.base.upperBound) < (two.base.lowerBound, two.base.upperBound)
    }
    meetings = zip(edits, edits.dropFirst()).filter { $0.isOurs != $1.isOurs }.map { (first: $0, second: $1) }
  }

  private static func edits(_ base: TokenLine, _ side: TokenLine, areOurs: Bool) -> [Edit] {
    var edits: [Edit] = []
    for change in LineDiff.changes(from: base.units.map(\.text), to: side.units.map(\.text)) {
      let edit = Edit(base: change.old.indices, side: change.new.indices, isOurs: areOurs)
      // One sign between two changes was kept by chance.
      if let last = edits.last, edit.base.lowerBound - last.base.upperBound < 2,
        base.units[last.base.upperBound..<edit.base.lowerBound].allSatisfy(\.isPunctuation)
      {
        edits[edits.count - 1].base = last.base.lowerBound..<edit.base.upperBound
        edits[edits.count - 1].side = last.side.lowerBound..<edit.side.upperBound
      } else {
        edits.append(edit)
      }
    }
    return edits
  }

  /// Whether one side at most changed more than white space.
  var isOneSided: Bool { meetings.isEmpty }

  /// Whether a comma or a semicolon that both sides kept stands between each change of ours and one of theirs.
  var isSeparated: Bool {
    meetings.allSatisfy { first, second in
      first.base.upperBound < second.base.lowerBound
        && base.units[first.base.upperBound..<second.base.lowerBound].contains(where: \.isSeparator)
    }
  }

  /// The line with the changes of both sides; `nil` where they touch.
  func merged() -> [UInt8]? {
    guard meetings.allSatisfy({ $0.first.base.upperBound < $0.second.base.lowerBound }) else { return nil }
    let (our, their) = (places(areOurs: true), places(areOurs: false))
    var result: [UInt8] = []
    var next = edits[...]
    var index = 0
    while true {
      if let edit = next.first, edit.base.lowerBound == index {
        for unit in (edit.isOurs ? ours : theirs).units[edit.side] { result += unit.space + unit.text }
        index = edit.base.upperBound
        next.removeFirst()
        continue
      }
      guard index < base.units.count else { return result }
      let unit = base.units[index]
      let ourSpace = our[index].map { ours.units[$0].space } ?? unit.space
      let theirSpace = their[index].map { theirs.units[$0].space } ?? unit.space
      result += (ourSpace == unit.space ? theirSpace : ourSpace) + unit.text
      index += 1
    }
  }

  /// Where a side has each token of the ancestor; `nil` where it changed the token.
  private func places(areOurs: Bool) -> [Int?] {
    var places: [Int?] = []
    var shift = 0
    for edit in edits where edit.isOurs == areOurs {
      while places.count < edit.base.lowerBound { places.append(places.count + shift) }
      while places.count < edit.base.upperBound { places.append(nil) }
      shift = edit.side.upperBound - edit.base.upperBound
    }
    while places.count < base.units.count { places.append(places.count + shift) }
    return places
  }
}
