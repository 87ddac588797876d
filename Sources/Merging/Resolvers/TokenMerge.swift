/// A three-way merge of one line by its tokens.
struct TokenMerge {
  struct Edit { var base: Range<Int>; var side: Range<Int>; var isOurs: Bool }
  let base: TokenLine
  let ours: TokenLine
  let theirs: TokenLine
  let edits: [Edit]
  /// Fewest kept tokens between changes of different sides; `nil` where only one side has any.
  let gap: Int?
  let separated: Bool
  /// Whether one side at most changed more than white space.
  var isOneSided: Bool { gap == nil }
  /// Whether a separator that both sides kept stands between a change of ours and one of theirs.
  var isSeparated: Bool { separated }

  init(_ base: TokenLine, _ ours: TokenLine, _ theirs: TokenLine) {
    self.base = base; self.ours = ours; self.theirs = theirs
    func edits(_ side: TokenLine, _ isOurs: Bool) -> [Edit] {
      var edits: [Edit] = []
      for change in LineDiff.changes(from: base.units.map(\.text), to: side.units.map(\.text)) {
        let edit = Edit(base: change.old.indices, side: change.new.indices, isOurs: isOurs)
        if let last = edits.last,
          base.units[last.base.upperBound..<edit.base.lowerBound].allSatisfy({ $0.kind != .word && $0.kind != .text && $0.kind != .number && $0.kind != .comment }),
          edit.base.lowerBound - last.base.upperBound < 2 {
          edits[edits.count - 1] = Edit(base: last.base.lowerBound..<edit.base.upperBound, side: last.side.lowerBound..<edit.side.upperBound, isOurs: isOurs)
        } else { edits.append(edit) }
      }
      return edits
    }
    let all = (edits(ours, true) + edits(theirs, false)).sorted { ($0.base.lowerBound, $0.base.upperBound, $0.isOurs ? 0 : 1) < ($1.base.lowerBound, $1.base.upperBound, $1.isOurs ? 0 : 1) }
    self.edits = all
    var gap: Int?
    var separated = true
    for (one, two) in zip(all, all.dropFirst()) where one.isOurs != two.isOurs {
      let distance = two.base.lowerBound - one.base.upperBound
      gap = min(gap ?? distance, distance)
      let between = one.base.upperBound < two.base.lowerBound ? base.units[one.base.upperBound..<two.base.lowerBound] : []
      if !between.contains(where: { $0.text.elementsEqual(",".utf8) || $0.text.elementsEqual(";".utf8) }) { separated = false }
    }
    self.gap = gap
    self.separated = separated
  }

  func merged() -> [UInt8]? {
    var result: [UInt8] = []
    func places(_ side: TokenLine, _ isOurs: Bool) -> [Int?] {
      var places: [Int?] = []
      var shift = 0
      for edit in edits where edit.isOurs == isOurs {
        while places.count < edit.base.lowerBound { places.append(places.count + shift) }
        while places.count < edit.base.upperBound { places.append(nil) }
        shift = edit.side.upperBound - edit.base.upperBound
      }
      while places.count < base.units.count { places.append(places.count + shift) }
      return places
    }
    for (one, two) in zip(edits, edits.dropFirst()) where one.isOurs != two.isOurs {
      if two.base.lowerBound <= one.base.upperBound { return nil }
    }
    let (our, their) = (places(ours, true), places(theirs, false))
    var next = edits[...]
    var index = 0
    while true {
      if let edit = next.first, edit.base.lowerBound == index {
        for unit in (edit.isOurs ? ours : theirs).units[edit.side] { result += unit.space; result += unit.text }
        index = edit.base.upperBound
        next.removeFirst()
        continue
      }
      guard index < base.units.count else { break }
      let unit = base.units[index]
      let o = our[index].map { ours.units[$0].space } ?? unit.space
      let t = their[index].map { theirs.units[$0].space } ?? unit.space
      result += o == unit.space ? t : o
      result += unit.text
      index += 1
    }
    return result
  }
}
