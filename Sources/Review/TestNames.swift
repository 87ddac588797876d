internal import Base
internal import ByteText
internal import Merging

/// Finds the tests that lines declare, by the forms of the common test frameworks.
enum TestNames {
  /// A test that a line declares.
  struct Declaration {
    /// The line of its name.
    var line: NumberedLine
    var name: [UInt8]
  }

  /// The tests that the lines declare, in order.
  ///
  /// The lines are those of one side of a change; an annotation may stand some lines above its name.
  static func declared(in lines: [NumberedLine], of file: ChangedFile) -> [Declaration] {
    guard let form = form(of: file) else { return [] }
    var result: [Declaration] = []
    var annotated = false
    for line in lines {
      let text = line.bytes.trimmed()
      if form.annotations.contains(where: { matches($0, text) }) { annotated = true }
      if let name = form.name(in: text, annotated: annotated) {
        result.append(Declaration(line: line, name: name))
        annotated = false
      } else if text.first.map({ "}{".utf8.contains($0) }) == true {
        annotated = false
      }
    }
    return result
  }

  private static func matches(_ annotation: String, _ text: ArraySlice<UInt8>) -> Bool {
    guard text.hasPrefix(annotation) else { return false }
    guard let next = text.dropFirst(annotation.utf8.count).first else { return true }
    return !ASCII.isWord(next)
  }

  /// How a language declares tests.
  private struct Form {
    /// What makes the next function a test.
    var annotations: [String] = []
    /// Words before the name of any function; a test only behind an annotation.
    var functions: [String] = []
    /// Beginnings of names that are tests without an annotation.
    var prefixes: [String] = []
    /// Calls whose first argument names the test.
    var calls: [String] = []

    func name(in text: ArraySlice<UInt8>, annotated: Bool) -> [UInt8]? {
      for call in calls where text.hasPrefix(call) {
        let rest = text.dropFirst(call.utf8.count).drop { ASCII.isBlank($0) || $0 == 0x28 }
        guard let quote = rest.first else { return nil }
        if quote == 0x22 || quote == 0x27 || quote == 0x60 { return Array(rest.dropFirst().prefix { $0 != quote }) }
        let name = rest.prefix { $0 != UInt8(ascii: ")") }
        return name.isEmpty ? nil : Array(name).collapsingBlanks()
      }
      for word in functions {
        guard let start = text.firstIndex(of: Array(word.utf8)) else { continue }
        let rest = text[(start + word.utf8.count)...].drop(while: ASCII.isBlank)
        let name = rest.prefix { ASCII.isWord($0) || $0 >= 0x80 }
        guard !name.isEmpty, rest.dropFirst(name.count).first.map({ "(<[ :".utf8.contains($0) }) == true || annotated
        else { continue }
        if annotated || prefixes.contains(where: { name.hasPrefix($0) }) { return Array(name) }
      }
      return nil
    }
  }

  private static func form(of file: ChangedFile) -> Form? {
    switch file.language.name {
    case "Python": Form(functions: ["def "], prefixes: ["test_", "test"])
    case "JavaScript", "TypeScript":
      Form(calls: ["it(", "test(", "it.each", "test.each", "it.only(", "test.only(", "it.skip(", "test.skip("])
    case "Go": Form(functions: ["func "], prefixes: ["Test", "Benchmark", "Fuzz"])
    case "Java", "Groovy":
      Form(annotations: ["@Test", "@ParameterizedTest", "@Property"], functions: ["void "], prefixes: ["test"])
    case "Kotlin", "Scala": Form(annotations: ["@Test", "@ParameterizedTest"], functions: ["fun ", "def "])
    case "Swift": Form(annotations: ["@Test"], functions: ["func "], prefixes: ["test"])
    case "Rust": Form(annotations: ["#[test]", "#[tokio::test", "#[rstest", "#[async_std::test"], functions: ["fn "])
    case "Ruby":
      Form(functions: ["def "], prefixes: ["test_"], calls: ["it ", "it(", "test ", "specify ", "scenario "])
    case "PHP": Form(annotations: ["#[Test]"], functions: ["function "], prefixes: ["test"])
    case "C#": Form(annotations: ["[Test]", "[Fact]", "[Theory]", "[TestMethod]"], functions: ["void ", "Task "])
    case "C", "C++": Form(calls: ["TEST(", "TEST_F(", "TEST_P(", "TEST_CASE("])
    case "Shell": Form(calls: ["test_expect_success ", "test_expect_failure ", "@test "])
    default: file.path.fileExtension == Array("exs".utf8) ? Form(calls: ["test "]) : nil
    }
  }
}
