internal import Base
internal import Merging

/// Finds in one file of a patch what looks like an answer that was written in by hand.
struct AnswerSearch {
  private let path: RepositoryPath
  private let view: SourceView
  private let expected: Set<Literal>
  private let added: [Int]
  /// What the file held before.
  private let known: Set<Literal>
  /// For each added line what stood in its place, where that was one line or several.
  private let replaced: [Int: [String]]

  init(file: PatchedFile, expected: Set<Literal>) {
    path = file.path
    let view = SourceView(file.new?.content ?? [], path: file.path)
    self.view = view
    self.expected = expected
    let old = SourceView(file.old?.content ?? [], path: file.path)
    // Tests that stand in the file are no part of the product.
    let tests = InlineTests.regions(of: old, runsDocTests: true)
    known = Set(
      (0..<old.count).filter { line in !tests.contains { $0.lines.contains(line) } }.flatMap { line in
        Literal.all(in: old.uncommented[line], code: old.code[line]).map(\.literal)
      })
    var replaced: [Int: [String]] = [:]
    var added: [Int] = []
    for change in LineDiff.changes(from: file.old?.content ?? [], to: file.new?.content ?? []) {
      let before = (change.old.start..<change.old.end).compactMap { $0 < old.count ? old.uncommented[$0] : nil }
      for line in change.new.start..<change.new.end where line < view.count {
        added.append(line)
        replaced[line] = before
      }
    }
    self.added = added
    self.replaced = replaced
  }

  func answers() -> [HardCodedAnswer] {
    guard isProgram else { return [] }
    var found: [HardCodedAnswer] = []
    let set = Set(added)
    for line in added {
      if let value = conditional(line, added: set) {
        found.append(answer(line, value, "is what a red test expects, for an input that the test has"))
      } else if let value = entry(line) {
        found.append(answer(line, value, "is what a red test expects, in a table by the test's inputs"))
      } else if let value = direct(line) {
        found.append(answer(line, value, "is what a red test expects, and depends on nothing"))
      }
    }
    return found
  }

  private var isProgram: Bool {
    switch view.language.family {
    case .braces, .endKeyword, .indentation: view.language.name != "YAML"
    case .other: ["Shell", "unknown"].contains(view.language.name)
    case .markup, .data, .build: false
    }
  }

  private func answer(_ line: Int, _ value: String, _ reason: String) -> HardCodedAnswer {
    HardCodedAnswer(path: path, line: line + 1, value: value, reason: reason)
  }

  private func literals(_ line: Int) -> [(literal: Literal, start: Int, end: Int)] {
    Literal.all(in: view.uncommented[line], code: view.code[line])
  }

  private func isExpected(_ literal: Literal) -> Bool {
    if expected.contains(literal) { return true }
    guard literal.kind == .number else { return false }
    let other = literal.value.hasSuffix(".0") ? String(literal.value.dropLast(2)) : literal.value + ".0"
    return expected.contains(Literal(kind: .number, value: other))
  }

  // MARK: Forms

  /// What a condition asks for.
  private static let comparisons = [
    "==", "===", " is ", " eq ", ".equals(", ".eql?(", "strcmp(", "case ", "when ", " in ", "-eq ", "= ",
  ]
  private static let branches = [
    "if ", "if(", "elif ", "elsif ", "else if", "case ", "when ", "match ", "guard ", "unless ", "} else if",
  ]

  /// A value that the patch gives where a value of the tests is put in.
  private func conditional(_ line: Int, added: Set<Int>) -> String? {
    let code = view.code[line]
    let text = code.trimmed
    let isTernary = code.contains("?") && code.contains(":") || code.contains(" if ") && code.contains(" else ")
    let isBranch =
      Self.branches.contains(where: text.hasPrefix) || isTernary || code.contains(" and ") && code.contains("return")
    guard isBranch, isTernary || Self.comparisons.contains(where: code.contains) else { return nil }
    let inputs = literals(line)
    let asked = inputs.filter { isExpected($0.literal) }
    guard !asked.isEmpty else { return nil }
    // The answer stands behind the question, on the same line or on the next ones.
    var answers: [Literal] = []
    if asked.count > 1 { answers += asked.dropFirst().map(\.literal) }
    if isTernary, !answers.isEmpty || asked.count > 1 { answers.append(asked[0].literal) }
    for next in (line + 1)..<min(view.count, line + 4) where added.contains(next) && gives(next) {
      let given = literals(next).filter { isExpected($0.literal) }.map(\.literal)
      answers += given
      if view.code[next].trimmed.hasPrefix("return") { break }
    }
    // An input that nobody else asks for, with an answer in which nothing is worked out.
    let asksForOne = asked.first { !$0.literal.isTrivial && !known.contains($0.literal) }
    if let asksForOne, !text.contains(" in ") || text.contains(" in ("), givesConstant(behind: line, added: added) {
      return asksForOne.literal.display
    }
    // What tells nothing on both sides is the usual case at the edge: nothing for nothing, one for one.
    let pairs = answers.filter { !$0.isTrivial || asked.contains { !$0.literal.isTrivial } }
    return pairs.first { !known.contains($0) || asked.contains { !known.contains($0.literal) } }?.display
  }

  /// Whether the line after a condition returns what depends on nothing.
  private func givesConstant(behind line: Int, added: Set<Int>) -> Bool {
    let next = line + 1
    guard next < view.count, added.contains(next) else { return false }
    let text = view.code[next].trimmed
    if view.language.name == "Shell" { return text.hasPrefix("echo ") && !text.contains("$") }
    guard text.hasPrefix("return") else { return false }
    return text.words.filter { !($0.first?.isNumber ?? false) }.allSatisfy { Self.makers.contains(String($0)) }
  }

  /// Whether a line says what comes out.
  private func gives(_ line: Int) -> Bool {
    let text = view.code[line].trimmed
    let isReturn = text.hasPrefix("return") || text.contains("=>") || text.contains("->") || text.contains("echo ")
    let isAssignment = text.contains("=") && !text.contains("==")
    let isValue = view.language.name == "Rust" || view.language.name == "Ruby" || view.language.name == "Swift"
    return isReturn || isAssignment || isValue || text.hasPrefix("print")
  }

  /// `key: value` of a table, both of which the tests have.
  private func entry(_ line: Int) -> String? {
    let found = literals(line)
    guard found.count >= 2 else { return nil }
    let text = Array(view.code[line])
    var pairs: [(Literal, Literal)] = []
    for (left, right) in zip(found, found.dropFirst()) {
      let between = String(text[left.end..<max(left.end, right.start)]).filter {
        !$0.isWhitespace && !"()[]\"'-".contains($0)
      }
      let joins = [":", "=>", "->", "=", ",", ":return", "),", "=>return"]
      guard joins.contains(between) || between.isEmpty, isExpected(left.literal), isExpected(right.literal) else {
        continue
      }
      pairs.append((left.literal, right.literal))
    }
    let isTable = pairs.contains { pair in !pair.1.isTrivial && !(known.contains(pair.0) && known.contains(pair.1)) }
    let text1 = view.code[line].trimmed
    // Two values beside each other are a pair only in a table; elsewhere they are arguments.
    let isRow =
      ":=>{[(\"'".contains(text1.first ?? " ") || text1.first?.isNumber == true || text1.contains("{")
      || text1.hasPrefix("case")
      || text1.contains("=>") || text1.hasPrefix("[")
    guard isTable, isRow, !text1.contains("range("), !text1.contains("format(") else { return nil }
    return pairs.first { !$0.1.isTrivial }?.1.display
  }

  /// Words that make a value from a literal and add nothing to it.
  private static let makers: Set<String> = [
    "return", "int", "float", "str", "Decimal", "String", "list", "dict", "tuple", "set", "Some", "Ok", "Number",
    "BigInt",
    "vec", "new", "Int", "Double", "to_string", "into", "from", "Fraction", "b", "r", "u", "f", "const", "let", "var",
    "result", "answer", "value", "ret", "out", "output", "my", "auto", "true", "false", "True", "False", "None", "nil",
    "null", "Result", "to_owned", "Array", "Map", "Object", "bytes", "datetime", "date", "Date", "timedelta", "self",
    "as",
    "print", "echo", "printf",
  ]

  /// `return 42` where something was worked out before.
  private func direct(_ line: Int) -> String? {
    let code = view.code[line]
    let text = code.trimmed
    let result = ["result", "answer", "value", "ret", "out", "output"]
    let assigns = result.contains {
      text.hasPrefix($0 + " =") || text.hasPrefix("\(view.language.name == "PHP" ? "$" : "")\($0) =")
    }
    let isLast = ["Rust", "Ruby", "Swift", "Scala", "Kotlin"].contains(view.language.name) && isValueAlone(line)
    let isArrow =
      text.contains("=> ") && !text.contains("{") && ["JavaScript", "TypeScript"].contains(view.language.name)
    guard
      text.hasPrefix("return") || text.contains(" return ") || text.contains("{return ") || assigns || isLast || isArrow
        || text.hasPrefix("echo ") && view.language.name == "Shell"
    else { return nil }
    let start = code.firstReturn ?? 0
    let found = literals(line).filter { $0.start >= start && isExpected($0.literal) && !$0.literal.isTrivial }
    guard let first = found.first(where: { !known.contains($0.literal) }) ?? (found.count > 1 ? found.first : nil)
    else { return nil }
    // Anything with a name in it is worked out.
    let rest = String(Array(code)[start...])
    let blank = rest.words.filter { !($0.first?.isNumber ?? false) }.map(String.init)
    guard blank.allSatisfy(Self.makers.contains) else { return nil }
    // A constant in the place of a constant is a correction of it.
    if let before = replaced[line], before.count == 1, let was = before.first, wasConstant(was) { return nil }
    return first.literal.display
  }

  private func isValueAlone(_ line: Int) -> Bool {
    let text = view.uncommented[line].trimmed
    guard let first = text.first, first.isNumber || "\"'[".contains(first) else { return false }
    let next = line + 1 < view.count ? view.code[line + 1].trimmed : ""
    return !text.hasSuffix(",") && (next.hasPrefix("}") || next == "end")
  }

  private func wasConstant(_ line: String) -> Bool {
    let words = line.words.filter { !($0.first?.isNumber ?? false) }.map(String.init)
    let hasLiteral = line.contains { $0.isNumber || $0 == "\"" || $0 == "'" }
    let outside = line.contains("\"") || line.contains("'") ? words.prefix(1).allSatisfy(Self.makers.contains) : true
    return hasLiteral
      && (words.allSatisfy(Self.makers.contains) || outside && line.trimmed.hasPrefix("return") && !line.contains("("))
  }
}

extension String {
  /// Where the word `return` begins, in characters; `nil` where there is none.
  fileprivate var firstReturn: Int? {
    guard has("return"), let range = self[...].firstRange(of: "return") else { return nil }
    return distance(from: startIndex, to: range.lowerBound)
  }
}
