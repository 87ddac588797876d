internal import Base
internal import Merging

/// Tells an edit that only adds tests from one that changes what is there.
///
/// It errs on one side: what it does not know is a change, and a person decides.
enum AddedTests {
  static func addsOnly(old: [UInt8]?, new: [UInt8]?, kind: SealKind, path: RepositoryPath, part: String? = nil) -> Bool
  {
    guard let new else { return false }
    if kind == .runner, let part { return old == nil && addsRegistration(part, new) }
    guard kind == .test || kind == .testData else { return false }
    let file = SourceView(new, path: path)
    guard let old else {
      guard SealedPaths.isCode(path) else { return isHarmless(new: file, path: path, lines: 0..<file.count) }
      return isHarmless(new: file, path: path, lines: 0..<file.count) && AddedModule(file).onlyDeclares
    }
    if kind == .testData { return false }
    let before = SourceView(old, path: path)
    let changes = LineDiff.changes(from: old, to: new)
    return !changes.isEmpty
      && changes.allSatisfy { change in
        guard change.old.count == 0 else { return false }
        return places(of: change.new, in: new).contains { lines in
          let block = InsertedBlock(file: file, lines: lines, old: before, path: path)
          return isHarmless(new: file, path: path, lines: lines) && block.addsTests
        }
      }
  }

  /// An insertion may be told at several places where its first lines are those that follow it.
  private static func places(of span: LineSpan, in bytes: [UInt8]) -> [Range<Int>] {
    let table = LineTable(bytes)
    var found = [span.start..<span.end]
    var up = span.start..<span.end
    while up.lowerBound > 0, table[up.lowerBound - 1].elementsEqual(table[up.upperBound - 1]), found.count < 40 {
      up = up.lowerBound - 1..<up.upperBound - 1
      found.append(up)
    }
    var down = span.start..<span.end
    while down.upperBound < table.count, table[down.lowerBound].elementsEqual(table[down.upperBound]), found.count < 80
    {
      down = down.lowerBound + 1..<down.upperBound + 1
      found.append(down)
    }
    return found
  }

  /// A statement of a build file that makes one more test known.
  private static func addsRegistration(_ part: String, _ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    let name = part.split(separator: ".").last.map(String.init) ?? part
    return ["add_test", "add_executable", "testTarget", "test", "target_link_libraries"].contains(name)
      && !text.contains("WILL_FAIL") && !text.contains("DISABLED")
  }

  /// Whether lines that are added to the tests act on no other test: no hook of a runner, nothing skipped or focused.
  private static func isHarmless(new file: SourceView, path: RepositoryPath, lines: Range<Int>) -> Bool {
    let name = String(decoding: path.name, as: UTF8.self).lowercased()
    if name == "__init__.py" { return lines.allSatisfy { file.code[$0].trimmed.isEmpty } }
    guard SealedPaths.isCode(path) else { return true }
    if AddedModule(file).assignsToOthers(in: lines) { return false }
    return lines.allSatisfy { line in
      let code = file.code[line]
      let opens = code.trimmed
      if file.language.name == "Ruby", opens.hasPrefix("skip") || opens.hasPrefix("pending") { return false }
      return !hooks.contains(where: code.contains) && !leavesOut.contains(where: code.contains)
    }
  }

  /// What reaches beyond the test that it stands in.
  private static let hooks = [
    "pytest_plugins", "def pytest_", "def load_tests", "pytestmark", "autouse", "sys.modules[", "sys.modules.pop",
    "atexit", "os._exit", "_exit(", "TestCase.assert", "unittest.TestCase.", "builtins.", "__import__", "func TestMain",
    "func init()", "os.Exit", "process.exit", "process.on(", "require.cache", "Module._", "assert.equal =",
    "globalThis.", "global.", "at_exit", "exit!", "module Minitest", "class Minitest", "module RSpec", "module Kernel",
    "std::process::exit", "set_hook", "@BeforeAll", "@BeforeClass", "System.exit", "Runtime.getRuntime",
    "collect_ignore", "setUpModule", "tearDownModule", "addinivalue", "jest.retryTimes", "jest.mock(", "retries(",
    "@flaky", "mark.flaky", "reruns", "__attribute__((constructor",
  ]
  /// What keeps tests from running or from failing.
  private static let leavesOut = [
    "unittest.skip", "@skip", ".skip", "skipTest", "SkipTest", "skip(", "skip:", "skip=", "skip!", "Skipped(", "xfail",
    "expectedFailure", "expected_failure", ".only(", "fit(", "fdescribe(", "xit(", "xdescribe(", ".todo(", "todo:",
    "@Disabled", "@Ignore", "#[ignore", "markTestIncomplete", "GTEST_SKIP", "DISABLED_", "XCTSkip", ".disabled(",
    "withKnownIssue", ".Skip", "focus: true", "only: true",
  ]

  /// What was done, in a few words.
  static func summary(old: [UInt8]?, new: [UInt8]?) -> String {
    guard let old else { return "added" }
    guard let new else { return "deleted" }
    let changes = LineDiff.changes(from: old, to: new)
    let (gone, came) = changes.reduce((0, 0)) { ($0.0 + $1.old.count, $0.1 + $1.new.count) }
    switch (gone, came) {
    case (0, _): return "\(came) \(came == 1 ? "line" : "lines") added"
    case (_, 0): return "\(gone) \(gone == 1 ? "line" : "lines") deleted"
    default: return "\(gone) \(gone == 1 ? "line" : "lines") replaced by \(came)"
    }
  }
}
