/// Merging one item that all three files have.
extension StructuralMerge {
  mutating func merge(_ b: Item, _ o: Item, _ t: Item, in container: Item.Kind?) {
    mergeGap(b, o, t)
    let start = entries.count
    if o.content == t.content {
      pairs.append((o.lines, t.lines))
      emit(o.lines, o.hasComma == b.hasComma ? .theirs : .ours, o, t)
    } else if o.content == b.content {
      emit(t.lines, .theirs)
      note(.changed(t.kind, by: .theirs), from: start, in: container)
    } else if t.content == b.content {
      emit(o.lines, .ours)
      note(.changed(o.kind, by: .ours), from: start, in: container)
    } else {
      mergeEdges(b.lead, o.lead, t.lead)
      if [b, o, t].allSatisfy({ !$0.children.isEmpty }) {
        mergeEdges(b.head, o.head, t.head)
        merge(b.children, o.children, t.children, in: b.kind)
        mergeEdges(b.foot, o.foot, t.foot)
        note(.partsMerged(b.kind), from: start, in: container)
      } else {
        mergeLines(
          b.head.lowerBound..<b.foot.upperBound, o.head.lowerBound..<o.foot.upperBound,
          t.head.lowerBound..<t.foot.upperBound
        )
        note(.linesMerged, from: start, in: container)
      }
    }
  }

  /// Emits an item that is alike on both sides but for a comma.
  private mutating func emit(_ lines: Range<Int>, _ side: DroppedLine.Side, _ o: Item, _ t: Item) {
    if side == .theirs, t.hasComma != o.hasComma { emit(t.lines, .theirs) } else { emit(o.lines, .ours) }
  }

  private mutating func mergeGap(_ b: Item, _ o: Item, _ t: Item) {
    if o.gap.count == b.gap.count { emit(t.gap, .theirs) } else { emit(o.gap, .ours) }
  }

  /// Merges the first or last lines of an item.
  private mutating func mergeEdges(_ b: Range<Int>, _ o: Range<Int>, _ t: Range<Int>) {
    let start = entries.count
    mergeLines(b, o, t)
    let old = base.tree.lineNumbers[b]
    if !ours.tree.lineNumbers[o].elementsEqual(old) { note(.edited(by: .ours), from: start, in: nil) }
    if !theirs.tree.lineNumbers[t].elementsEqual(old) { note(.edited(by: .theirs), from: start, in: nil) }
  }

  /// Merges lines by their changes alone.
  private mutating func mergeLines(_ b: Range<Int>, _ o: Range<Int>, _ t: Range<Int>) {
    let old = Array(base.tree.lineNumbers[b])
    let left = Array(ours.tree.lineNumbers[o])
    let right = Array(theirs.tree.lineNumbers[t])
    if left == right { pairs.append((o, t)) }
    if left == right || old == right { return emit(o, .ours) }
    if left == old { return emit(t, .theirs) }
    var mine = LineDiff.changes(from: old, to: left)[...]
    var yours = LineDiff.changes(from: old, to: right)[...]
    var (next, our, their) = (0, o.lowerBound, t.lowerBound)
    while let start = [mine.first?.old.start, yours.first?.old.start].compactMap({ $0 }).min() {
      emit(our..<(our + start - next), .ours)
      pairs.append((our..<(our + start - next), their..<(their + start - next)))
      (our, their, next) = (our + start - next, their + start - next, start)
      var end = start
      var (taken, takenToo): ([LineChange], [LineChange]) = ([], [])
      while true {
        if let change = mine.first, change.old.start <= end {
          taken.append(change)
          mine = mine.dropFirst()
          end = max(end, change.old.end)
        } else if let change = yours.first, change.old.start <= end {
          takenToo.append(change)
          yours = yours.dropFirst()
          end = max(end, change.old.end)
        } else {
          break
        }
      }
      let ourEnd = our + end - start + taken.reduce(0) { $0 + $1.new.count - $1.old.count }
      let theirEnd = their + end - start + takenToo.reduce(0) { $0 + $1.new.count - $1.old.count }
      let isSame = ours.tree.lineNumbers[our..<ourEnd] == theirs.tree.lineNumbers[their..<theirEnd]
      if takenToo.isEmpty || isSame {
        emit(our..<ourEnd, .ours)
      } else if taken.isEmpty {
        emit(their..<theirEnd, .theirs)
      } else {
        entries.append(.conflict(ours: our..<ourEnd, theirs: their..<theirEnd))
      }
      (our, their, next) = (ourEnd, theirEnd, end)
    }
    emit(our..<o.upperBound, .ours)
    pairs.append((our..<o.upperBound, their..<t.upperBound))
  }
}
