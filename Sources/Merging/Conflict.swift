/// A half-open range of lines of one side of a merge, counted from zero.
package struct LineSpan: Sendable, Hashable {
  /// The first line, counted from zero.
  package var start: Int
  /// How many lines; zero where a side has none at this place.
  package var count: Int

  package init(start: Int, count: Int) {
    self.start = start
    self.count = count
  }

  /// The line after the last one.
  package var end: Int { start + count }
}

/// A place where both sides changed the same lines of their common ancestor in different ways.
///
/// The three sides hold whole lines with their own line endings; only the last line of a file may lack one. No
/// encoding is assumed.
package struct Conflict: Sendable, Hashable {
  /// The lines of the common ancestor.
  package var base: [UInt8]
  /// The lines of the side that receives the merge.
  package var ours: [UInt8]
  /// The lines of the side that is merged.
  package var theirs: [UInt8]
  /// Where the lines stand in each of the three files.
  package var position: Position
  /// Whether this is a part of a conflict that was narrowed to the lines in which the sides differ.
  ///
  /// The lines of the ancestor are then no certain match: each line was given to the part that it is most like.
  package var isNarrowed: Bool

  /// Where a conflict stands in each of the three files.
  package struct Position: Sendable, Hashable {
    package var base: LineSpan
    package var ours: LineSpan
    package var theirs: LineSpan

    package init(base: LineSpan, ours: LineSpan, theirs: LineSpan) {
      self.base = base
      self.ours = ours
      self.theirs = theirs
    }
  }

  package init(base: [UInt8], ours: [UInt8], theirs: [UInt8], position: Position, isNarrowed: Bool = false) {
    self.base = base
    self.ours = ours
    self.theirs = theirs
    self.position = position
    self.isNarrowed = isNarrowed
  }
}

/// One stretch of a merged file, in order.
package enum MergeRegion: Sendable, Hashable {
  /// Lines on which the merge is decided.
  case merged([UInt8])
  /// Lines on which it is not.
  case conflict(Conflict)
}
