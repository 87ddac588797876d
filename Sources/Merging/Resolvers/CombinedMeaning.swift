/// What tells whether two changes of one statement, right each by itself, may mean something else together.
extension FineMerge {
  /// Whether a side changed the operators of lines that the other changed as well, or both changed the same call.
  ///
  /// With another operator the words that the other side put in or took out bind in another way.
  var changesMeaning: Bool {
    let (old, our, their) = (Frame(base), Frame(ours), Frame(theirs))
    if !language.isProse, our.operators != old.operators || their.operators != old.operators { return true }
    return changesCalls(old, our, their)
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

  private func changesCalls(_ old: Frame, _ our: Frame, _ their: Frame) -> Bool {
    guard !language.isProse else { return false }
    let counts = (our.structure != old.structure, their.structure != old.structure)
    let calls = (our.calls != old.calls, their.calls != old.calls)
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
