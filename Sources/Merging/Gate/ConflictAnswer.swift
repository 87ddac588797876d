/// A line that a side of a conflict added, so that it must not get lost unsaid.
package struct StakeLine: Sendable, Hashable {
  package var side: DroppedLine.Side
  /// Without the white space at its ends.
  package var line: [UInt8]
  /// How many of it must be in the result.
  package var count: Int

  package init(side: DroppedLine.Side, line: [UInt8], count: Int) {
    self.side = side
    self.line = line
    self.count = count
  }
}

/// Lines that somebody who is no resolver wants to put in the place of a conflict, with what was said about them.
package struct ConflictAnswer: Sendable, Hashable {
  package var lines: [UInt8]
  /// The lines that are said to be left out on purpose.
  package var dropped: [DroppedLine]
  /// The words and values that are said to be new.
  package var introduces: [[UInt8]]
  /// Whether it is said that lines come back which a side deleted, or that lines go which both sides kept.
  package var undoes: Bool

  package init(lines: [UInt8], dropped: [DroppedLine] = [], introduces: [[UInt8]] = [], undoes: Bool = false) {
    self.lines = lines
    self.dropped = dropped
    self.introduces = introduces
    self.undoes = undoes
  }
}

/// What the gate says of an answer.
package struct AnswerJudgement: Sendable, Hashable {
  /// A reason not to use it, and the line or the word that shows it.
  package struct Objection: Sendable, Hashable {
    package var reason: FileMerge.Rejection.Reason
    package var evidence: [UInt8]
  }

  /// A line that a side added and that is not in the answer as it was.
  package struct Missing: Sendable, Hashable {
    package var line: StakeLine
    package var fate: Fate
  }

  /// Where a missing line is.
  package enum Fate: Sendable, Hashable {
    /// In the answer, in another layout.
    case laidOut
    /// Everything that the side changed in its words is in the answer, joined with what the other did.
    case combined
    /// It was said that it is left out.
    case declared(reason: String)
    case lost
  }

  /// A word of a side that is in the answer, but not where the side has it.
  package struct Misplaced: Sendable, Hashable {
    package var side: DroppedLine.Side
    package var word: [UInt8]
  }

  /// Why it must not be used; empty where it may be.
  package var objections: [Objection] = []
  /// What is not in it as a side had it.
  package var missing: [Missing] = []
  /// The first word of each side that does not stand in it behind what stands before it on that side, or stands in a
  /// comment or a text literal there and in code on the side.
  package var misplaced: [Misplaced] = []
  /// What it undoes of the sides: lines that come back though a side deleted them, that go though both kept them, or
  /// that stand there more often than both sides together call for.
  package var undone: [[UInt8]] = []
  /// A word that stands in it more often than both sides together call for; `nil` where there is none.
  package var excess: [UInt8]?
  /// What it negates though no side does: the name or the number behind the negation, empty where none is near.
  package var negated: [[UInt8]] = []
  /// The words and values that were said to be new and are.
  package var introduced: [[UInt8]] = []
}
