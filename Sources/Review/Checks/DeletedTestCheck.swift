package import Base
internal import ByteText
internal import Git
internal import Merging
package import Work

/// `deleted-test`: tests that a change takes away without putting others in their place.
package struct DeletedTestCheck: Check {
  package let id = "deleted-test"
  package let title = "Tests removed"
  package let defaultSeverity = Severity.warning

  package init() {}

  package func findings(in change: Change) -> [CheckFinding] { Self.gone(in: change).map(\.finding) }

  /// The tests that a change takes away, file by file.
  package static func gone(in change: Change) -> [GoneTests] {
    var added: [[UInt8]: Int] = [:]
    for file in change.files where !file.change.isBinary {
      for test in TestNames.declared(in: file.addedLines, of: file) { added[test.name, default: 0] += 1 }
    }
    let deletedStems = Set(
      change.files.filter { $0.change.new == nil && !$0.place.isTest }.map { stem(of: $0.path) })
    return change.files.compactMap { file in
      guard file.change.old != nil, file.place.isTest || file.language.name == "Rust" else { return nil }
      // The tests of what the same change takes away go with it.
      if file.change.new == nil, deletedStems.contains(stem(of: file.path)) { return nil }
      return gone(from: file, addedAnywhere: added)
    }
  }

  private static func gone(from file: ChangedFile, addedAnywhere: [[UInt8]: Int]) -> GoneTests? {
    let removed = TestNames.declared(in: file.deletedLines, of: file)
    let gone = removed.filter { addedAnywhere[$0.name] == nil }
    guard let first = gone.first else { return nil }
    // A test with a new name takes the place of one that is gone.
    let fresh = TestNames.declared(in: file.addedLines, of: file).filter { test in
      !removed.contains { $0.name == test.name }
    }
    guard gone.count > fresh.count else { return nil }
    return GoneTests(
      path: file.path, names: gone.map { DisplayText.escaping($0.name.prefix(80)) }, replaced: fresh.count,
      isWholeFile: file.change.new == nil, line: first.line.number, quote: first.line.bytes)
  }

  /// The file name without its extension and without what marks it as a test: `order` for `test_order.py`.
  private static func stem(of path: RepositoryPath) -> String {
    var name = String(decoding: path.name.lowercased(), as: UTF8.self)
    if let dot = name.firstIndex(of: ".") { name = String(name[..<dot]) }
    for affix in ["_test", "_tests", "-test", "test", "tests", "_spec", "spec"] where name.hasSuffix(affix) {
      return String(name.dropLast(affix.count))
    }
    return name.hasPrefix("test_") || name.hasPrefix("test-") ? String(name.dropFirst(5)) : name
  }
}

/// The tests that a change takes out of one file.
package struct GoneTests: Sendable, Hashable {
  package var path: RepositoryPath
  /// What they are called, in order, as text that is safe to show.
  package var names: [String]
  /// How many tests with other names came into the file; fewer than are gone.
  package var replaced: Int
  /// Whether the file is gone with them.
  package var isWholeFile: Bool
  /// The line of the first, counted in the base, and what stands there.
  fileprivate var line: Int
  fileprivate var quote: [UInt8]

  fileprivate var finding: CheckFinding {
    let count = names.count - replaced
    let shown = names.prefix(3).joined(separator: ", ")
    let more = names.count > 3 ? " and \(names.count - 3) more" : ""
    let what = count == 1 ? "A test was removed" : "\(count) tests were removed"
    let title = replaced == 0 ? "\(what): \(shown)\(more)" : "\(what) on balance, among them: \(shown)\(more)"
    let deleted = "A test file was deleted with \(count == 1 ? "its test" : "\(count) tests"): \(shown)\(more)"
    // Where tests were rewritten as well, fewer of them can check as much.
    return CheckFinding(
      path: path, startLine: line, side: .base, line: quote, title: isWholeFile ? deleted : title,
      severity: replaced == 0 ? nil : .note)
  }
}
