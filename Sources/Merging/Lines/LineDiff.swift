/// One place where two sequences of lines differ.
package struct LineChange: Sendable, Hashable {
  /// The lines that are gone; empty for an insertion.
  package var old: LineSpan
  /// The lines that came in their place; empty for a deletion.
  package var new: LineSpan

  package init(old: LineSpan, new: LineSpan) {
    self.old = old
    self.new = new
  }
}

/// The line diff that git computes by default.
///
/// It is the greedy O(ND) algorithm of Myers (1986, "An O(ND) Difference Algorithm and Its Variations") with the
/// heuristics that GNU diff documents: common ends are set aside, lines without a useful match are left out of the
/// search, and a search that grows too dear settles for a good path. At the end each change is moved to where it
/// meets its neighbours or a change of the other side.
package enum LineDiff {
  /// The changes that lead from one text to the other, in order.
  package static func changes(from old: [UInt8], to new: [UInt8]) -> [LineChange] {
    var interner = LineInterner()
    let oldNumbers = interner.intern(old).numbers
    let newNumbers = interner.intern(new).numbers
    var diff = SequenceDiff(alphabetSize: interner.count)
    return diff.changes(from: oldNumbers[...], to: newNumbers[...])
  }

  /// The changes that lead from one sequence of tokens to the other, in order.
  package static func changes<Token: Hashable>(from old: [Token], to new: [Token]) -> [LineChange] {
    var numbers: [Token: Int32] = [:]
    func number(_ token: Token) -> Int32 {
      if let seen = numbers[token] { return seen }
      let next = Int32(numbers.count)
      numbers[token] = next
      return next
    }
    let oldNumbers = old.map(number)
    let newNumbers = new.map(number)
    var diff = SequenceDiff(alphabetSize: numbers.count)
    return diff.changes(from: oldNumbers[...], to: newNumbers[...])
  }
}
