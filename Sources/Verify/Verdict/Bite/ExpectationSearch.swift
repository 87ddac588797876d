internal import Base
internal import Merging
internal import TestResults

/// Finds in the assertion that failed what it expected.
struct ExpectationSearch {
  let seals: Seals
  /// The files of the tree.
  let paths: [RepositoryPath]
  /// The bytes of a file; `nil` where there is none, or it is too large.
  let read: (RepositoryPath) -> [UInt8]?

  /// The most literals of one failure; of more it would take too long to try them all.
  private static let most = 4
  /// The most lines of one assertion.
  private static let lines = 12

  /// What the assertion expected, the likeliest first: a literal in it that the failure's message repeats.
  func literals(of failure: RedFailure) -> [ExpectedLiteral] {
    let message = String(decoding: failure.message.prefix(8_192), as: UTF8.self)
    let said = TestExpectations.literals(inMessage: message)
    guard !said.isEmpty else { return [] }
    var found: [ExpectedLiteral] = []
    for (path, lines) in assertions(of: failure) {
      guard let view = view(path) else { continue }
      for line in lines.reversed() where line < view.count {
        for place in Literal.all(in: view.uncommented[line], code: view.code[line]).reversed()
        where isSaid(place.literal, said, message) && !isWording(place, in: view.code[line]) {
          let characters = Array(view.uncommented[line])[place.start..<place.end]
          // What is not text cannot be written back.
          guard !view.lines[line].contains("\u{FFFD}") else { continue }
          let literal = ExpectedLiteral(
            path: path, line: line, whole: view.lines[line], start: place.start, end: place.end,
            text: String(characters), literal: place.literal)
          if !found.contains(literal) { found.append(literal) }
        }
      }
    }
    return found.count > Self.most ? [] : found
  }

  /// Whether something was said of a failure that an assertion may hold; what a command prints is of many things.
  func speaks(_ failure: RedFailure) -> Bool {
    failure.item.isTest
      && !TestExpectations.literals(inMessage: String(decoding: failure.message.prefix(8_192), as: UTF8.self)).isEmpty
  }

  /// Whether a text only says what is wrong, and is compared with nothing.
  func isWording(_ place: (literal: Literal, start: Int, end: Int), in code: String) -> Bool {
    guard place.literal.kind == .text else { return false }
    let before = String(code.prefix(place.start))
    if before.trimmed.hasPrefix("assert "), before.trimmed.hasSuffix(",") { return true }
    return Self.complaints.contains(where: before.contains)
  }

  /// What stands before such texts.
  static let complaints = [
    ".Error", ".Fatal", ".Log", "fail(", "Fail(", "Fail.", "raise ", "throw ", "panic", "print", "echo ", "puts ",
    "die", "XCTFail", "Issue.record",
  ]

  private func isSaid(_ literal: Literal, _ said: Set<Literal>, _ message: String) -> Bool {
    switch literal.kind {
    case .number: said.contains(literal)
    case .text:
      !literal.value.isEmpty
        && (said.contains(literal) || literal.value.count >= 3 && message.contains(literal.value))
    }
  }

  func view(_ path: RepositoryPath) -> SourceView? {
    guard let bytes = read(path), bytes.count <= 1 << 20, !LineMerge.isBinary(bytes) else { return nil }
    return SourceView(bytes, path: path)
  }

  // MARK: Places

  /// The lines of tests that the failure names, the innermost first.
  private func assertions(of failure: RedFailure) -> [(RepositoryPath, Range<Int>)] {
    var result: [(RepositoryPath, Range<Int>)] = []
    let frames = failure.frames.isEmpty ? Self.frames(in: failure.message) : failure.frames
    for frame in frames.reversed() {
      for path in paths where TestExpectations.isSame(frame.path, path) {
        guard let view = view(path), frame.line > 0, frame.line <= view.count,
          isTest(path, frame.line - 1, view)
        else { continue }
        result.append((path, statement(at: frame.line - 1, in: view)))
      }
    }
    if result.isEmpty, case .test(let test) = failure.item { result = named(test.name) }
    return result
  }

  /// The places that a message names, as `test.c:5: main: Assertion …` does.
  private static func frames(in message: [UInt8]) -> [TestFrame] {
    message.prefix(8_192).split(whereSeparator: { $0 == 0x20 || $0 == 10 }).compactMap { word in
      let parts = word.split(separator: UInt8(ascii: ":"))
      guard parts.count >= 2, let line = Int(String(decoding: parts[1], as: UTF8.self)) else { return nil }
      return TestFrame(path: Array(parts[0]), line: line)
    }
  }

  /// Lines that begin with a call and give the test's name, as scripts that print the results themselves have them.
  private func named(_ name: String) -> [(RepositoryPath, Range<Int>)] {
    guard name.count >= 3 else { return [] }
    var result: [(RepositoryPath, Range<Int>)] = []
    for path in paths.filter({ seals.kind(of: $0) == .test }).prefix(200) {
      guard let view = view(path) else { continue }
      for line in 0..<view.count
      where ["\"\(name)\"", "'\(name)'"].contains(where: view.uncommented[line].contains) {
        result.append((path, line..<line + 1))
        if result.count == 4 { return result }
      }
    }
    return result
  }

  private func isTest(_ path: RepositoryPath, _ line: Int, _ view: SourceView) -> Bool {
    if seals.kind(of: path) == .test { return true }
    return InlineTests.regions(of: view, runsDocTests: seals.runsDocTests).contains {
      $0.kind == .test && $0.lines.contains(line)
    }
  }

  /// The lines up to the one where every parenthesis of the first is closed; with the condition that stands above it,
  /// where tests compare first and complain then.
  private func statement(at line: Int, in view: SourceView) -> Range<Int> {
    var depth = 0
    var end = line
    while end < view.count, end - line < Self.lines {
      for character in view.code[end] {
        if "([{".contains(character) { depth += 1 } else if ")]}".contains(character) { depth -= 1 }
      }
      end += 1
      if depth <= 0 { break }
    }
    var start = line
    if let above = (max(0, line - 3)..<line).reversed().first(where: { view.code[$0].trimmed.hasPrefix("if ") }) {
      start = above
    }
    return start..<end
  }
}
