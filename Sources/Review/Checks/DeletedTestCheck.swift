internal import Base
internal import Git
internal import Merging
package import Work

/// `deleted-test`: tests that a change takes away without putting others in their place.
package struct DeletedTestCheck: Check {
  package let id = "deleted-test"
  package let title = "Tests removed"
  package let defaultSeverity = Severity.warning

  package init() {}

  package func findings(in change: Change) -> [CheckFinding] {
    var added: [[UInt8]: Int] = [:]
    for file in change.files where !file.change.isBinary {
      for test in TestNames.declared(in: file.addedLines, of: file) { added[test.name, default: 0] += 1 }
    }
    let deletedStems = Set(
      change.files.filter { $0.change.new == nil && !$0.place.isTest }.map { Self.stem(of: $0.path) })
    return change.files.compactMap { file in
      guard file.change.old != nil, file.place.isTest || file.language.name == "Rust" else { return nil }
      // The tests of what the same change takes away go with it.
      if file.change.new == nil, deletedStems.contains(Self.stem(of: file.path)) { return nil }
      return finding(file, addedAnywhere: added)
    }
  }

  private func finding(_ file: ChangedFile, addedAnywhere: [[UInt8]: Int]) -> CheckFinding? {
    let removed = TestNames.declared(in: file.deletedLines, of: file)
    let gone = removed.filter { addedAnywhere[$0.name] == nil }
    guard let first = gone.first else { return nil }
    // A test with a new name takes the place of one that is gone.
    let fresh = TestNames.declared(in: file.addedLines, of: file).filter { test in
      !removed.contains { $0.name == test.name }
    }
    guard gone.count > fresh.count else { return nil }
    let whole = file.change.new == nil
    let count = gone.count - fresh.count
    let names = gone.prefix(3).map { DisplayText.escaping($0.name.prefix(80)) }.joined(separator: ", ")
    let more = gone.count > 3 ? " and \(gone.count - 3) more" : ""
    let what = count == 1 ? "A test was removed" : "\(count) tests were removed"
    let title = fresh.isEmpty ? "\(what): \(names)\(more)" : "\(what) on balance, among them: \(names)\(more)"
    let deleted = "A test file was deleted with \(count == 1 ? "its test" : "\(count) tests"): \(names)\(more)"
    // Where tests were rewritten as well, fewer of them can check as much.
    return CheckFinding(
      path: file.path, startLine: first.line.number, side: .base, line: first.line.bytes,
      title: whole ? deleted : title, severity: fresh.isEmpty ? nil : .note)
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
