internal import Base
internal import Merging

/// Lines that a patch puts into a test file, and what stands around them.
struct InsertedBlock {
  let file: SourceView
  /// The lines without blank ones and comments at either end.
  let lines: Range<Int>
  let path: RepositoryPath
  /// The nearest lines with code before and behind the block.
  private let before: Int?
  private let behind: Int?

  init(file: SourceView, lines: Range<Int>, old: SourceView, path: RepositoryPath) {
    self.file = file
    self.path = path
    func hasCode(_ line: Int) -> Bool { file.code[line].contains { !$0.isWhitespace } }
    let first = lines.first(where: hasCode) ?? lines.upperBound
    let last = lines.last(where: hasCode).map { $0 + 1 } ?? first
    self.lines = first..<max(first, last)
    before = (0..<lines.lowerBound).last(where: hasCode)
    behind = (lines.upperBound..<max(file.count, lines.upperBound)).first(where: hasCode)
  }

  private func code(_ line: Int) -> String { file.code[line].trimmed }

  /// Whether the block adds whole tests, cases of a table, or assertions, and nothing around it means less for it.
  var addsTests: Bool {
    if lines.isEmpty { return true }
    if isImport || addsAssertions || addsRows { return true }
    switch file.language.name {
    case "Python": return addsPythonTests
    case "Ruby": return addsRubyTests
    case "Shell", "unknown", "properties", "YAML", "JSON", "TOML": return addsShellTests
    default: return file.language.family == .braces && addsBracedTests
    }
  }

  // MARK: What all languages share

  private var isImport: Bool {
    lines.allSatisfy { line in
      let text = file.uncommented[line].trimmed
      if text.isEmpty { return true }
      let isGoImport = file.language.name == "Go" && text.hasPrefix("\"") && text.hasSuffix("\"")
      let opensWell = ["import ", "from ", "use ", "#include ", "require ", "require_relative ", "using "]
        .contains(where: text.hasPrefix)
      let isRequire = text.hasPrefix("const ") && text.contains("= require(")
      return isGoImport || (opensWell || isRequire) && !text.contains("(*") && isBalanced(text)
    }
  }

  private func isBalanced(_ text: String) -> Bool {
    text.count { "([{".contains($0) } == text.count { ")]}".contains($0) }
  }

  /// Whether every bracket that opens in the block closes in it, and none closes that did not open there.
  private var isBalanced: Bool {
    var depth = 0
    for line in lines {
      for character in file.code[line] {
        if "([{".contains(character) { depth += 1 }
        if ")]}".contains(character) {
          depth -= 1
          if depth < 0 { return false }
        }
      }
    }
    return depth == 0
  }

  /// Whether the code before the block has come to an end, so that the block begins something of its own.
  private var startsFresh: Bool {
    guard let before else { return true }
    let text = code(before)
    guard let last = text.last else { return true }
    if text.hasPrefix("@") || text.hasPrefix("#[") || text.hasPrefix("[") && text.hasSuffix("]") { return false }
    if ["\\", ",", "(", "[", "=", "+", "&", "|", "."].contains(last) { return false }
    return true
  }

  /// Single assertions: each on one line, and without anything that could change what follows.
  private var addsAssertions: Bool {
    guard startsFresh, isBalanced else { return false }
    let forms = [
      "self.assert", "assert ", "assert.", "assert(", "assert_", "expect(", "XCTAssert", "#expect(", "EXPECT_",
      "ASSERT_", "assertEquals(", "assertThat(", "assertTrue(", "assertFalse(", "assert_eq!", "assert_ne!", "assert!",
      "$this->assert", "self::assert", "is(", "ok(", "is_deeply(", "like(", "t.equal(", "t.deepEqual(", "CHECK(",
    ]
    return lines.allSatisfy { line in
      let text = code(line)
      if text.isEmpty { return true }
      let changes = ["setattr", ":=", "lambda", "=>", "__", "exec(", "eval(", "import", "&&", "||", " or ", "always_"]
      let isOneStatement = !text.dropLast().contains(";")
      return forms.contains(where: text.hasPrefix) && isBalanced(text) && isOneStatement
        && !changes.contains(where: text.contains) && !hasAssignment(text)
    }
  }

  private func hasAssignment(_ text: String) -> Bool {
    let characters = Array(text)
    for (index, character) in characters.enumerated() where character == "=" {
      let last = index > 0 ? characters[index - 1] : " "
      let next = index + 1 < characters.count ? characters[index + 1] : " "
      if next != "=", !"=!<>~".contains(last), !(last.isLetter && next.isLetter) { return true }
    }
    return false
  }

  /// Rows of a table of cases: whole elements of a list that its name or its place says is one.
  private var addsRows: Bool {
    guard isBalanced, let before, let behind else { return false }
    guard let last = code(lines.upperBound - 1).last, last == "," || ")]}".contains(code(behind).first ?? " ") else {
      return false
    }
    guard let end = code(before).last, ",([{".contains(end) else { return false }
    // The line that opens the list, over the whole elements between.
    var depth = 0
    for line in stride(from: before, through: max(0, before - 400), by: -1) {
      for character in file.code[line].reversed() {
        if ")]}".contains(character) { depth += 1 }
        if "([{".contains(character) { depth -= 1 }
      }
      if depth < 0 {
        let opener = file.lines[line].lowercased()
        let around = line > 0 ? file.lines[line - 1].lowercased() : ""
        return ["parametrize", "cases", "tests", "table", "examples", "[]struct", "params", "test.each", "it.each"]
          .contains { opener.contains($0) || around.contains($0) && around.hasSuffix("(") }
      }
    }
    return false
  }

  // MARK: Python

  private var addsPythonTests: Bool {
    guard startsFresh, let first = lines.first else { return false }
    let indent = file.indent(of: first)
    if let before, code(before).hasSuffix(":"), !(code(before).hasPrefix("class ") && file.indent(of: before) < indent)
    {
      return false
    }
    // What follows must not become a part of the last test.
    if let behind, file.indent(of: behind) > indent { return false }
    var names: [String] = []
    var decorated = false
    for line in lines {
      let text = code(line)
      guard !text.isEmpty else { continue }
      if file.indent(of: line) < indent { return false }
      guard file.indent(of: line) == indent, !")]}".contains(text.first ?? " ") else { continue }
      if text.hasPrefix("@") {
        decorated = true
        continue
      }
      guard let name = declaredName(text) else {
        if indent == 0, text.hasPrefix("import ") || text.hasPrefix("from ") { continue }
        return false
      }
      decorated = false
      if Self.pythonHooks.contains(name) || name.hasPrefix("assert") || name.hasPrefix("__") { return false }
      names.append(name)
    }
    return !decorated && !names.isEmpty && Set(names).count == names.count && areNew(names, indent: indent)
  }

  private static let pythonHooks = Words.set(
    """
    setUp tearDown setUpClass tearDownClass run setup teardown setup_method teardown_method setup_class teardown_class
    setup_module teardown_module setup_function teardown_function countTestCases debug fail id defaultTestResult
    """)

  private func declaredName(_ text: String) -> String? {
    for word in ["def ", "async def ", "class "] where text.hasPrefix(word) {
      return String(text.dropFirst(word.count).prefix { $0.isLetter || $0.isNumber || $0 == "_" })
    }
    return nil
  }

  /// Whether nothing else in the same class, or the same file, has one of the names: a second one would hide the first.
  private func areNew(_ names: [String], indent: Int) -> Bool {
    guard let first = lines.first else { return false }
    func opens(_ line: Int) -> Bool { !code(line).isEmpty && file.indent(of: line) < indent }
    let start = (0..<first).last(where: opens).map { $0 + 1 } ?? 0
    let end = (first..<file.count).first(where: opens) ?? file.count
    let declared = (start..<end).filter { file.indent(of: $0) == indent }.compactMap { line -> String? in
      if let name = declaredName(code(line)) { return name }
      // A name may be bound in other ways too.
      guard let equals = code(line).firstIndex(of: "=") else { return nil }
      return code(line)[..<equals].trimmingBlanks
    }
    return names.allSatisfy { name in declared.count { $0 == name } == 1 }
  }

  // MARK: Braces

  private var addsBracedTests: Bool {
    guard startsFresh, isBalanced else { return false }
    if let behind, code(behind).first == "." { return false }
    if callsNewTests { return true }
    var depth = 0
    var declared: Set<String> = []
    for line in lines {
      let text = code(line)
      if depth == 0, !text.isEmpty, !opensTest(text) {
        let calls = declared.contains { name in text.words.contains { $0 == name } }
        let isImport = ["import ", "use ", "#include", "using "].contains(where: text.hasPrefix)
        guard calls || isImport || text == "}" || text == "{" || text == ");" else { return false }
      }
      if depth == 0, let name = bracedName(text) { declared.insert(name) }
      depth += text.count { "([{".contains($0) } - text.count { ")]}".contains($0) }
    }
    return true
  }

  private func bracedName(_ text: String) -> String? {
    guard let open = text.firstIndex(of: "(") else { return nil }
    return text[..<open].split { !$0.isLetter && !$0.isNumber && $0 != "_" }.last.map(String.init)
  }

  private func opensTest(_ text: String) -> Bool {
    if text.hasPrefix("@") || text.hasPrefix("#[") || text.hasPrefix("///") { return true }
    let calls = [
      "it(", "test(", "describe(", "context(", "suite(", "specify(", "t.test(", "TEST(", "TEST_F(", "TEST_P(",
      "TEST_CASE(", "SECTION(", "Test(",
    ]
    if calls.contains(where: text.hasPrefix) { return true }
    switch file.language.name {
    case "Go":
      return ["func Test", "func Example", "func Benchmark", "func Fuzz"].contains(where: text.hasPrefix)
    case "Swift": return text.contains("func test") || isSwiftTest(text) || text.contains(": XCTestCase")
    case "Rust": return text.hasPrefix("fn ") || text.hasPrefix("async fn ") || text.hasPrefix("mod ")
    case "JavaScript", "TypeScript": return false
    case "PHP": return text.contains("function test")
    default:
      let words = text.words.map(String.init)
      return text.contains("(") && !text.contains("=")
        && words.contains { $0.lowercased().hasPrefix("test") || $0.lowercased().hasSuffix("test") }
        && ["void", "int", "static", "public", "fun", "bool", "private", "internal"].contains(words.first ?? "")
    }
  }

  private func isSwiftTest(_ text: String) -> Bool {
    guard text.hasPrefix("func "), let first = lines.first else { return false }
    return code(first).hasPrefix("@Test")
  }

  /// Statements that do nothing but call tests: `test_new();`, `run(test_new);`.
  private var callsNewTests: Bool {
    lines.allSatisfy { line in
      let text = code(line)
      guard !text.isEmpty else { return true }
      return isBalanced(text) && !text.contains("=") && !text.contains("return")
        && text.words.contains { $0.lowercased().hasPrefix("test_") || $0.lowercased().hasSuffix("_test") }
    }
  }

  // MARK: Ruby and shell

  private var addsRubyTests: Bool {
    guard startsFresh, let first = lines.first, let last = lines.last else { return false }
    let indent = file.indent(of: first)
    guard code(last) == "end", file.indent(of: last) == indent else { return false }
    var names: [String] = []
    for line in lines where !code(line).isEmpty && file.indent(of: line) <= indent {
      let text = file.uncommented[line].trimmed
      if text == "end", file.indent(of: line) == indent { continue }
      let forms = ["def test_", "it ", "it(", "test ", "describe ", "context ", "specify ", "should "]
      guard file.indent(of: line) == indent, forms.contains(where: text.hasPrefix) else { return false }
      names.append(text)
    }
    let all = (0..<file.count).map { file.uncommented[$0].trimmed }
    return names.allSatisfy { name in all.count { $0 == name } == 1 }
  }

  private var addsShellTests: Bool {
    guard startsFresh, let first = lines.first else { return false }
    let text = code(first)
    return ["test_expect_success ", "@test ", "subtest "].contains(where: text.hasPrefix) && isBalanced
  }
}
