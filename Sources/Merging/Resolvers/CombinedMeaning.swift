/// What tells whether two changes of one statement, right each by itself, may mean something else together.
extension FineMerge {
  /// Whether a side changed the operators of lines that the other changed as well, or both changed the same call.
  ///
  /// With another operator the words that the other side put in or took out bind in another way.
  var changesMeaning: Bool {
    guard !language.isProse else { return false }
    let (old, our, their) = (Frame(base), Frame(ours), Frame(theirs))
    return our.operators != old.operators || their.operators != old.operators
      || changesCalls((old, old), (our, their))
  }

  /// The same where only lines that both changed are looked at, and those that an operator joins.
  var changesMeaningOfLine: Bool {
    guard !language.isProse else { return false }
    return contacts.contains { contact in
      guard contact.relation == .sameLine || isWithinStatement(contact) else { return false }
      let before = (Frame(base[contact.ours.base]), Frame(base[contact.theirs.base]))
      let after = (Frame(ours[contact.ours.side]), Frame(theirs[contact.theirs.side]))
      return after.0.operators != before.0.operators || after.1.operators != before.1.operators
        || changesCalls(before, after)
    }
  }

  /// Whether an operator at the end of one line or at the beginning of the next makes one statement of changed lines
  /// of which the one follows the other.
  private func isWithinStatement(_ contact: Contact) -> Bool {
    guard contact.relation == .touching else { return false }
    let oursIsFirst = contact.ours.base.upperBound <= contact.theirs.base.lowerBound
    let (first, second) = oursIsFirst ? (contact.ours, contact.theirs) : (contact.theirs, contact.ours)
    let (upper, lower) = oursIsFirst ? (ours, theirs) : (theirs, ours)
    let above = [base[first.base].last, upper[first.side].last]
    let below = [base[second.base].first, lower[second.side].first]
    return above.contains { $0.map(Frame.endsInOperator) ?? false }
      || below.contains { $0.map(Frame.beginsWithOperator) ?? false }
  }

  /// Whether one side changed how many arguments there are in a line, and the other what is called in it.
  var changesCalled: Bool {
    guard !language.isProse else { return false }
    return contacts.contains { contact in
      guard contact.relation == .sameLine else { return false }
      let (old, our, their) = (
        Frame(base[contact.ours.base]), Frame(ours[contact.ours.side]), Frame(theirs[contact.theirs.side])
      )
      return our.structure != old.structure && their.calls != old.calls
        || their.structure != old.structure && our.calls != old.calls
    }
  }

  private func changesCalls(_ before: (Frame, Frame), _ after: (Frame, Frame)) -> Bool {
    let counts = (after.0.structure != before.0.structure, after.1.structure != before.1.structure)
    let calls = (after.0.calls != before.0.calls, after.1.calls != before.1.calls)
    return counts.0 && (counts.1 || calls.1) || counts.1 && calls.0
  }
}

/// The parts of some lines that decide how the words in them belong together.
private struct Frame {
  private(set) var operators: [ArraySlice<UInt8>] = []
  /// Separators and brackets.
  private(set) var structure: [ArraySlice<UInt8>] = []
  /// The names right before an opening parenthesis.
  private(set) var calls: [ArraySlice<UInt8>] = []

  init(_ lines: some Sequence<TokenLine>) {
    var last: TokenLine.Unit?
    for unit in lines.flatMap(\.units) where unit.kind != .comment && !unit.isLineEnd {
      if Self.isOperator(unit) { operators.append(unit.text) }
      if unit.kind == .open || unit.kind == .close || unit.isSeparator { structure.append(unit.text) }
      if unit.kind == .open, unit.text.elementsEqual("(".utf8), let last, last.kind == .word { calls.append(last.text) }
      last = unit
    }
  }

  static func endsInOperator(_ line: TokenLine) -> Bool {
    line.units.last { !$0.isLineEnd && $0.kind != .comment }.map(isOperator) ?? false
  }

  static func beginsWithOperator(_ line: TokenLine) -> Bool {
    line.units.first { !$0.isLineEnd && $0.kind != .comment }.map(isOperator) ?? false
  }

  private static func isOperator(_ unit: TokenLine.Unit) -> Bool {
    switch unit.kind {
    case .word: operatorWords.contains(Array(unit.text))
    case .sign:
      unit.text.contains { operatorSigns.contains($0) } && !access.contains(Array(unit.text)) || isComparison(unit)
    default: false
    }
  }

  private static func isComparison(_ unit: TokenLine.Unit) -> Bool {
    unit.text.count > 1 && unit.text.allSatisfy { $0 == UInt8(ascii: "=") }
  }

  private static let operatorSigns = Array("&|!+-*/%<>^~?".utf8)
  /// Signs that look like operators and only lead to a member, a type or a body.
  private static let access = Set(["->", "=>", "?.", "<-"].map { Array($0.utf8) })
  private static let operatorWords = Set(
    ["and", "or", "not", "xor", "is", "in", "instanceof", "if", "unless", "while", "until"].map { Array($0.utf8) })
}
