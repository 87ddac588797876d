@testable import Merging

/// A conflict by its sides, as if it stood alone in a file.
func conflict(_ base: String, _ ours: String, _ theirs: String, isNarrowed: Bool = false) -> Conflict {
  let span = LineSpan(start: 0, count: 1)
  return Conflict(
    base: Array(base.utf8), ours: Array(ours.utf8), theirs: Array(theirs.utf8),
    position: .init(base: span, ours: span, theirs: span), isNarrowed: isNarrowed)
}

/// A merge commit of which every byte of the name is the same.
func occurrence(_ byte: UInt8, time: Int64 = 1_000, path: String = "a.c") -> RememberedResolution.Occurrence {
  .init(merge: Array(repeating: byte, count: 20), time: time, path: Array(path.utf8))
}

extension ResolutionMemory {
  /// One that was taught these resolutions, each in a merge of its own.
  init(learning lessons: [(conflict: Conflict, lines: String)]) {
    self.init()
    for (number, lesson) in lessons.enumerated() {
      learn(lesson.conflict, settledAs: Array(lesson.lines.utf8), at: occurrence(UInt8(truncatingIfNeeded: number + 1)))
    }
  }
}
