/// The changed lines of one side, as the number of them in each gap between unchanged lines.
///
/// With n unchanged lines there are n + 1 gaps: before the first, between each two, after the last. Unchanged lines
/// pair up, so both sides have the same gaps, and a change is a gap with changed lines on at least one side.
struct ChangeGroups {
  private var sizes: [Int32]

  init(changed: [Bool]) {
    sizes = [0]
    for isChanged in changed {
      if isChanged {
        sizes[sizes.count - 1] += 1
      } else {
        sizes.append(0)
      }
    }
  }

  /// Where one group stands while it is moved.
  private struct Cursor {
    /// The gap the group is in.
    var gap = 0
    /// The first line of the group.
    var start = 0
  }

  /// Moves every group to its best place.
  ///
  /// A group may move up by a line where the line before it equals its last line, and down likewise; a group that
  /// comes to stand beside another joins it for good. Each group is moved up as far as it goes and then down as far
  /// as it goes, again for as long as it grows. There it stays, or, if it has met gaps in which the other side has
  /// changes, in the last of these.
  mutating func slide(in lines: ArraySlice<Int32>, alongside other: ChangeGroups) {
    let lines = lines.span
    var cursor = Cursor()
    while true {
      if sizes[cursor.gap] > 0 { settle(&cursor, in: lines, alongside: other) }
      let next = cursor.start + Int(sizes[cursor.gap]) + 1
      cursor.gap += 1
      if cursor.gap == sizes.count { return }
      cursor.start = next
    }
  }

  private mutating func settle(_ cursor: inout Cursor, in lines: Span<Int32>, alongside other: ChangeGroups) {
    var metOther: Bool
    var highest: Int
    var size: Int32
    repeat {
      size = sizes[cursor.gap]
      while moveUp(&cursor, in: lines) {}
      highest = cursor.gap
      metOther = other.sizes[cursor.gap] > 0
      while moveDown(&cursor, in: lines) {
        if other.sizes[cursor.gap] > 0 { metOther = true }
      }
    } while sizes[cursor.gap] != size
    guard metOther, cursor.gap != highest else { return }
    while other.sizes[cursor.gap] == 0, moveUp(&cursor, in: lines) {}
  }

  /// Moves a group up by a line, into the gap before; false where it cannot.
  private mutating func moveUp(_ cursor: inout Cursor, in lines: Span<Int32>) -> Bool {
    let size = sizes[cursor.gap]
    guard cursor.gap > 0, lines[cursor.start - 1] == lines[cursor.start + Int(size) - 1] else { return false }
    sizes[cursor.gap] = 0
    cursor.gap -= 1
    cursor.start -= 1 + Int(sizes[cursor.gap])
    sizes[cursor.gap] += size
    return true
  }

  /// Moves a group down by a line, into the gap after; false where it cannot.
  private mutating func moveDown(_ cursor: inout Cursor, in lines: Span<Int32>) -> Bool {
    let size = sizes[cursor.gap]
    guard cursor.gap + 1 < sizes.count, lines[cursor.start] == lines[cursor.start + Int(size)] else { return false }
    sizes[cursor.gap] = 0
    cursor.gap += 1
    cursor.start += 1
    sizes[cursor.gap] += size
    return true
  }

  /// The changes of two sides with the same gaps.
  static func changes(old: ChangeGroups, new: ChangeGroups) -> [LineChange] {
    var changes: [LineChange] = []
    var (oldStart, newStart) = (0, 0)
    for (oldSize, newSize) in zip(old.sizes, new.sizes) {
      let (oldCount, newCount) = (Int(oldSize), Int(newSize))
      if oldCount > 0 || newCount > 0 {
        changes.append(
          LineChange(
            old: LineSpan(start: oldStart, count: oldCount),
            new: LineSpan(start: newStart, count: newCount)
          )
        )
      }
      oldStart += oldCount + 1
      newStart += newCount + 1
    }
    return changes
  }
}
