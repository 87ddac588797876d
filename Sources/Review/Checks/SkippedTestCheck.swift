internal import Base
internal import ByteText
internal import Git
internal import Merging
package import Work

/// `skipped-test`: a test that stays in the file and no longer runs.
package struct SkippedTestCheck: Check {
  package let id = "skipped-test"
  package let title = "Test switched off"
  package let defaultSeverity = Severity.warning

  package init() {}

  package func findings(in change: Change) -> [CheckFinding] {
    let files = change.sources.filter { !$0.place.isDocumentation || $0.place.isTest }
    // A line that was only moved or indented anew switches nothing off.
    let before = Set(
      change.files.flatMap { file in
        markers(of: file).isEmpty ? [] : file.deletedLines.map { $0.bytes.collapsingBlanks() }
      })
    return files.flatMap { file -> [CheckFinding] in
      let markers = markers(of: file)
      guard !markers.isEmpty else { return [] }
      return CheckFinding.sparing(
        file.addedLines.compactMap { line in
          guard let marker = marker(in: line, of: file, among: markers) else { return nil }
          guard !before.contains(line.bytes.collapsingBlanks()), !isConditional(line, in: file) else { return nil }
          return CheckFinding(
            path: file.path, startLine: line.number, line: line.bytes,
            title: "A test is switched off with '\(marker.trimmingParenthesis)'")
        })
    }
  }

  private func marker(in line: NumberedLine, of file: ChangedFile, among markers: [Marker]) -> Marker? {
    for marker in markers where line.bytes.contains(marker.bytes) {
      let code = file.code(of: line)
      guard let index = code.firstIndex(of: marker.bytes) else { continue }
      let before = index > 0 ? code[index - 1] : 0x20
      if let first = marker.bytes.first, ASCII.isWord(first), ASCII.isWord(before) { continue }
      if marker.opensLine, !code[..<index].allSatisfy(ASCII.isBlank) { continue }
      let after = index + marker.bytes.count
      if let last = marker.bytes.last, ASCII.isWord(last), after < code.count, ASCII.isWord(code[after]) { continue }
      return marker
    }
    return nil
  }

  /// Whether the marker stands in a branch: the test is skipped only where it cannot run.
  private func isConditional(_ line: NumberedLine, in file: ChangedFile) -> Bool {
    let code = file.code(of: line)
    if let mark = code.firstIndex(of: Array("xfail(".utf8)) {
      // Its first argument is a condition, unless it is a named one.
      let argument = code[(mark + 6)...].trimmed()
      let named = ["reason", "strict", "raises", "run", "\"", "'", ")"].contains { argument.hasPrefix($0) }
      return !argument.isEmpty && !named
    }
    if code.contains(text: "(if:") { return true }
    if code.trimmed().hasPrefix("@") || code.trimmed().hasPrefix("#[") { return false }
    if [" if ", " unless ", " if("].contains(where: { code.contains(text: $0) }) { return true }
    let indent = code.prefix(while: ASCII.isBlank).count
    let above = file.change.hunks.flatMap(\.lines).filter { ($0.newNumber ?? Int.max) < line.number }
    let opener = above.last { other in
      let text = other.content.trimmed()
      return !text.isEmpty && other.content.prefix(while: ASCII.isBlank).count < indent
    }
    guard let text = opener?.content.trimmed() else { return false }
    return ["if ", "if(", "} else", "else", "elif ", "unless ", "case ", "guard ", "except", "catch", "when "].contains
    {
      text.hasPrefix($0)
    } || text.hasSuffix("else {")
  }

  private struct Marker {
    var bytes: [UInt8]
    /// Whether only blanks may stand before it.
    var opensLine: Bool

    init(_ text: String, opensLine: Bool = true) {
      bytes = Array(text.utf8)
      self.opensLine = opensLine
    }

    var trimmingParenthesis: String {
      let text = String(decoding: bytes, as: UTF8.self)
      return text.hasSuffix("(") ? String(text.dropLast()) : text
    }
  }

  private func markers(of file: ChangedFile) -> [Marker] {
    if file.language.name == "Rust" { return [Marker("#[ignore")] }
    guard file.place.isTest else { return [] }
    switch file.language.name {
    case "Python":
      return [
        Marker("@pytest.mark.skip"), Marker("@pytest.mark.xfail"), Marker("@unittest.skip("), Marker("pytest.skip("),
        Marker("self.skipTest("), Marker("@skip("), Marker("@unittest.expectedFailure"),
      ]
    case "JavaScript", "TypeScript":
      return [
        "xit(", "xtest(", "xdescribe(", "it.skip(", "test.skip(", "describe.skip(", "context.skip(", "it.todo.skip(",
        "xcontext(",
      ].map { Marker($0) }
    case "Go": return [Marker("t.Skip("), Marker("t.Skipf("), Marker("t.SkipNow(")]
    case "Java", "Kotlin", "Groovy", "Scala": return [Marker("@Disabled"), Marker("@Ignore")]
    case "Swift":
      return [
        Marker("throw XCTSkip(", opensLine: false), Marker("throw XCTSkip", opensLine: false),
        Marker(".disabled(", opensLine: false),
      ]
    case "Ruby": return [Marker("xit "), Marker("xdescribe "), Marker("xcontext "), Marker("skip"), Marker("pending")]
    case "PHP": return [Marker("$this->markTestSkipped("), Marker("$this->markTestIncomplete(")]
    case "C#":
      return [Marker("[Ignore"), Marker("[Fact(Skip"), Marker("[Theory(Skip"), Marker("[Fact (Skip")]
    case "C++": return [Marker("GTEST_SKIP("), Marker("TEST(DISABLED_"), Marker("TEST_F(DISABLED_")]
    default:
      return file.path.fileExtension == Array("exs".utf8) ? [Marker("@tag :skip"), Marker("@moduletag :skip")] : []
    }
  }
}
