internal import Merging

/// Finds the tests that stand inside of source files.
enum InlineTests {
  static func regions(of file: SourceView, runsDocTests: Bool) -> [SealedRegion] {
    switch file.language.name {
    case "Rust": rust(file) + rustExamples(file)
    case "Swift": blocks(of: file, name: "tests", where: startsSwiftTest)
    case "JavaScript", "TypeScript":
      blocks(of: file, name: "import.meta.vitest") { $0.hasPrefix("if") && $0.contains("import.meta.vitest") }
    case "Python": pythonCases(file) + (runsDocTests || runsItsOwn(file) ? pythonExamples(file) : [])
    case "Ruby": rubyCases(file)
    case "C", "C++", "Objective-C": conditional(file)
    case "C-like":
      blocks(of: file, name: "unittest") { $0.hasPrefix("unittest") && $0.words.first == "unittest" }
    case "unknown": blocks(of: file, name: "test", where: startsZigTest)
    default: []
    }
  }

  /// Regions that begin at a line of a kind and end with the block that opens there.
  private static func blocks(
    of file: SourceView, name: String, where starts: (String) -> Bool
  ) -> [SealedRegion] {
    var regions: [SealedRegion] = []
    var line = 0
    while line < file.count {
      guard starts(file.code[line].trimmed), let end = file.blockEnd(from: line, open: "{", close: "}") else {
        line += 1
        continue
      }
      regions.append(SealedRegion(name: name, kind: .test, lines: line..<end + 1))
      line = end + 1
    }
    return regions
  }

  private static func startsSwiftTest(_ line: String) -> Bool {
    if line.hasPrefix("@Test") || line.hasPrefix("@Suite") { return true }
    return line.contains("class ") && (line.contains(": XCTestCase") || line.contains(": QuickSpec"))
  }

  private static func startsZigTest(_ line: String) -> Bool {
    line.hasPrefix("test \"") && line.hasSuffix("{") || line == "test {"
  }

  // MARK: Rust

  /// `#[cfg(test)]` or `#[test]` before an item.
  private static func rust(_ file: SourceView) -> [SealedRegion] {
    var regions: [SealedRegion] = []
    var line = 0
    while line < file.count {
      let code = file.code[line].trimmed
      guard isRustTestAttribute(code) else {
        line += 1
        continue
      }
      var start = line
      while start > 0, file.code[start - 1].trimmed.hasPrefix("#[") { start -= 1 }
      start = max(start, regions.last?.lines.upperBound ?? 0)
      let end = rustItemEnd(file, from: line)
      let name = code.hasPrefix("#[cfg") ? "#[cfg(test)]" : "#[test]"
      regions.append(SealedRegion(name: name, kind: .test, lines: start..<end + 1))
      line = end + 1
    }
    return regions
  }

  private static func isRustTestAttribute(_ code: String) -> Bool {
    ["#[cfg(test)]", "#[cfg(all(test", "#[test]", "#[tokio::test", "#[rstest", "#[test_case", "#[bench]"]
      .contains(where: code.hasPrefix)
  }

  /// The last line of the item behind an attribute: up to its block's end, or to its semicolon.
  private static func rustItemEnd(_ file: SourceView, from start: Int) -> Int {
    for line in start..<min(start + 40, file.count) {
      for character in file.code[line] {
        if character == ";" { return line }
        if character == "{" { return file.blockEnd(from: line, open: "{", close: "}") ?? file.count - 1 }
      }
    }
    return start
  }

  /// The examples between fences in documentation comments, which cargo runs.
  private static func rustExamples(_ file: SourceView) -> [SealedRegion] {
    var regions: [SealedRegion] = []
    var open: Int?
    for line in 0..<file.count {
      let text = file.lines[line].trimmed
      guard text.hasPrefix("///") || text.hasPrefix("//!") else {
        open = nil
        continue
      }
      guard text.dropFirst(3).drop(while: { $0 == " " }).hasPrefix("```") else { continue }
      if let start = open {
        regions.append(SealedRegion(name: "an example", kind: .test, lines: start..<line + 1))
        open = nil
      } else {
        open = line
      }
    }
    return regions
  }

  // MARK: Python

  /// Classes that are test cases, with their decorators.
  private static func pythonCases(_ file: SourceView) -> [SealedRegion] {
    var regions: [SealedRegion] = []
    for line in 0..<file.count where file.code[line].contains("class ") {
      let code = file.code[line].trimmed
      guard code.hasPrefix("class "), let open = code.firstIndex(of: "("), code[open...].contains("TestCase"),
        line >= regions.last?.lines.upperBound ?? 0
      else { continue }
      var start = line
      while start > 0, file.code[start - 1].trimmed.hasPrefix("@") { start -= 1 }
      let name = code.dropFirst(6).prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      // The class itself may be what the product offers to others' tests.
      guard !name.hasSuffix("TestCase") else { continue }
      regions.append(
        SealedRegion(name: "class \(name)", kind: .test, lines: start..<file.indentedEnd(from: line) + 1))
    }
    return regions
  }

  private static func runsItsOwn(_ file: SourceView) -> Bool {
    file.code.contains { $0.contains("doctest.testmod") }
  }

  /// Examples in doc strings: from `>>>` to the blank line or the end of the doc string.
  private static func pythonExamples(_ file: SourceView) -> [SealedRegion] {
    var regions: [SealedRegion] = []
    var open: Int?
    for line in 0...file.count {
      let text = line < file.count ? file.lines[line].trimmed : ""
      if let start = open, text.isEmpty || text.contains("\"\"\"") || text.contains("'''") {
        regions.append(SealedRegion(name: "an example", kind: .test, lines: start..<line))
        open = nil
      }
      if open == nil, text.hasPrefix(">>>") { open = line }
    }
    return regions
  }

  // MARK: Ruby and C

  private static func rubyCases(_ file: SourceView) -> [SealedRegion] {
    var regions: [SealedRegion] = []
    for line in 0..<file.count {
      let code = file.code[line].trimmed
      let isCase = ["Minitest::Test", "Test::Unit::TestCase", "ActiveSupport::TestCase"].contains(where: code.contains)
      guard isCase, code.hasPrefix("class "), line >= regions.last?.lines.upperBound ?? 0 else { continue }
      let indent = file.indent(of: line)
      let end = (line + 1..<file.count).first { file.indent(of: $0) == indent && file.code[$0].trimmed == "end" }
      regions.append(SealedRegion(name: "a test case", kind: .test, lines: line..<(end ?? file.count - 1) + 1))
    }
    return regions
  }

  /// `#ifdef TEST … #endif` around a program that tests the file.
  private static func conditional(_ file: SourceView) -> [SealedRegion] {
    var regions: [SealedRegion] = []
    var line = 0
    while line < file.count {
      let code = file.code[line].trimmed
      guard code.hasPrefix("#if"), !code.hasPrefix("#ifndef"), TestWords.namesTestMacro(code),
        let end = endOfConditional(file, from: line),
        file.code[line...end].contains(where: { $0.contains(" main(") || $0.contains("TEST(") })
      else {
        line += 1
        continue
      }
      regions.append(SealedRegion(name: "#ifdef of tests", kind: .test, lines: line..<end + 1))
      line = end + 1
    }
    return regions
  }

  private static func endOfConditional(_ file: SourceView, from start: Int) -> Int? {
    var depth = 0
    for line in start..<file.count {
      let code = file.code[line].trimmed
      if code.hasPrefix("#if") { depth += 1 }
      if code.hasPrefix("#endif") {
        depth -= 1
        if depth == 0 { return line }
      }
    }
    return nil
  }
}

/// Words by which programs say that they are being tested.
enum TestWords {
  /// Whether a directive of the preprocessor asks for a macro such as `TEST`, `UNIT_TESTS` or `FOO_TESTING`.
  static func namesTestMacro(_ code: String) -> Bool {
    code.words.contains { word in
      word.allSatisfy { !$0.isLowercase }
        && word.split(separator: "_").contains { ["TEST", "TESTS", "TESTING", "UNITTEST", "UNITTESTS"].contains($0) }
    }
  }
}
