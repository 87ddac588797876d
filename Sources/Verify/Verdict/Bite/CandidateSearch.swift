internal import Base
internal import TestResults

/// Finds what tests may expect of which nobody has said why they failed: literals of lines that compare, in the files of
/// tests that what was printed names.
///
/// Which of them is an expectation is for runs to tell.
extension ExpectationSearch {
  private static let mostCandidates = 5
  private static let mostFiles = 3
  private static let mostLines = 4_000

  /// Literals that may be expected, the likeliest first.
  func candidates(for failure: RedFailure) -> [ExpectedLiteral] {
    let message = String(decoding: failure.message.suffix(64 << 10), as: UTF8.self)
    var found: [(literal: ExpectedLiteral, rank: Int)] = []
    for (number, path) in files(in: message, for: failure).enumerated() {
      guard let view = view(path) else { continue }
      for line in 0..<min(view.count, Self.mostLines) where compares(view.code[line]) {
        let places = Literal.all(in: view.uncommented[line], code: view.code[line])
        for (place, each) in places.reversed().enumerated()
        where Self.isPiped(each.end, in: view.code[line]) || !isWording(each, in: view.code[line]) {
          let isText = each.literal.kind == .text
          guard !view.lines[line].contains("\u{FFFD}"), !isText || each.literal.value.count > 1,
            isText || !["0", "1"].contains(each.literal.value)
          else { continue }
          let text = String(Array(view.uncommented[line])[each.start..<each.end])
          let literal = ExpectedLiteral(
            path: path, line: line, whole: view.lines[line], start: each.start, end: each.end, text: text,
            literal: each.literal)
          // What is expected tends to stand last, and the test that failed last to be told of last.
          found.append((literal, number * 8 + place * 4 + (isText ? 0 : 2)))
        }
      }
    }
    // Of equal ones those that stand apart: not all of one test.
    let sorted = found.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
    let (literals, lines) = (Self.spread(sorted.map(\.element.literal)), lines(of: failure, message))
    // What compares files is another thing than what compares values, so one of them is tried early.
    return Array(literals.prefix(1) + lines.prefix(1) + literals.dropFirst() + lines.dropFirst())
  }

  private static let mostData = 2

  /// The first lines of data that tests name, which outputs may be compared with.
  private func lines(of failure: RedFailure, _ message: String) -> [ExpectedLiteral] {
    let data = paths.filter { seals.kind(of: $0) == .testData && !SealedPaths.isCode($0) }
    guard !data.isEmpty else { return [] }
    let texts = files(in: message, for: failure).compactMap(view).map { $0.lines.joined(separator: "\n") } + [message]
    // One that the message names is likelier than one that a test reads.
    let named = data.filter { path in
      let name = String(decoding: path.name, as: UTF8.self)
      return texts.contains { $0.contains(name) }
    }
    return named.compactMap { path -> ExpectedLiteral? in
      guard let view = view(path), let line = (0..<view.count).first(where: { !view.isBlank($0) }),
        !view.lines[line].contains("\u{FFFD}")
      else { return nil }
      let whole = view.lines[line]
      return ExpectedLiteral(
        path: path, line: line, whole: whole, start: 0, end: whole.count, text: whole,
        literal: Literal(kind: .text, value: whole), isLine: true)
    }.prefix(Self.mostData).map(\.self)
  }

  private static func spread(_ literals: [ExpectedLiteral]) -> [ExpectedLiteral] {
    var chosen: [ExpectedLiteral] = []
    // Each line once, before any of them a second time.
    for literal in literals where !chosen.contains(where: { $0.path == literal.path && $0.line == literal.line }) {
      chosen.append(literal)
    }
    guard chosen.count > mostCandidates else {
      return Array((chosen + literals.filter { !chosen.contains($0) }).prefix(mostCandidates))
    }
    let step = Double(chosen.count - 1) / Double(mostCandidates - 1)
    return (0..<mostCandidates).map { chosen[Int((Double($0) * step).rounded())] }
  }

  /// Files of tests that a text names, the one that it names last first; without any, all of them.
  private func files(in message: String, for failure: RedFailure) -> [RepositoryPath] {
    let tests = paths.filter { path in
      [.test, .runner].contains(seals.kind(of: path)) && SealedPaths.isCode(path)
        && !["conftest.py", "setup.py"].contains(String(decoding: path.name, as: UTF8.self))
    }
    let framed = tests.filter { path in failure.frames.contains { TestExpectations.isSame($0.path, path) } }
    let lines = message.split(separator: "\n").map(String.init)
    let named = tests.compactMap { path -> (RepositoryPath, Int)? in
      let name = String(decoding: path.name, as: UTF8.self)
      let stem = String(name.prefix { $0 != "." })
      guard let last = lines.lastIndex(where: { $0.has(name) || stem.count > 3 && $0.has(stem) }) else { return nil }
      return (path, last)
    }
    let told = named.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map(\.0)
    let first = framed + told.filter { !framed.contains($0) }
    return Array((first.isEmpty ? tests : first).prefix(Self.mostFiles))
  }

  /// Whether what stands before a place of a shell's line goes into another program, which may compare it.
  private static func isPiped(_ place: Int, in code: String) -> Bool {
    let rest = code.dropFirst(place).replacing("||", with: "")
    return rest.contains("| ") && ["diff", "cmp", "grep", "test"].contains(where: rest.contains)
  }

  /// Whether a line looks as if it compared something.
  private func compares(_ code: String) -> Bool {
    let text = code.trimmed
    let others = ["return", "exit", "#include", "import ", "from ", "package ", "#!", "using ", "def ", "func ", "fn "]
    if others.contains(where: text.hasPrefix) { return false }
    if Self.complaints.contains(where: text.hasPrefix), !Self.isPiped(0, in: code) { return false }
    if ["==", "!=", " = ", "-eq", "-ne", "<=>"].contains(where: code.contains),
      ["if ", "if(", "test ", "[ ", "assert", "while "].contains(where: code.contains)
    {
      return true
    }
    let words = [
      "assert", "expect", "check", "equal", "eq", "cmp", "want", "should", "must", "verify", "diff", "grep", "is", "ok",
    ]
    return text.words.contains { word in
      let word = word.lowercased()
      return words.contains { word == $0 || $0.count > 3 && word.contains($0) || $0 == "cmp" && word.hasSuffix($0) }
        || word.hasSuffix("_eq") || word.hasPrefix("eq_")
    }
  }
}
