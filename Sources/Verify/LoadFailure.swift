package import TestResults

/// Knows red tests that stand for a file or a module that could not be loaded.
package enum LoadFailure {
  /// Whether what was red stood for tests that could not be loaded, and they are there now.
  ///
  /// A runner tells of a module that it cannot load as of one test with the module's name.
  package static func hasGivenWay(
    _ test: TestIdentity, in run: TestStanding, executedBefore: Int, namedBefore: Set<TestIdentity>
  ) -> Bool {
    guard run.executed >= executedBefore || run.unnamedPassed > 0, !run.named.contains(test) else { return false }
    let name = path(test.name)
    let whole = path(test.description)
    let place = test.name.hasPrefix("(") ? test.suite.last ?? "" : test.name
    if isFile(place), run.executed >= executedBefore, run.green.contains(where: { !namedBefore.contains($0) }) {
      // Some runners name the file only as long as they know nothing of what is in it.
      return true
    }
    return run.green.contains { other in
      guard !namedBefore.contains(other) else { return false }
      // `(collection)`, `(setup)`: what a reader calls a failure before the tests of a file or a class.
      if test.name.hasPrefix("("), other.suite.starts(with: test.suite), !test.suite.isEmpty { return true }
      let there = path(other.description)
      return there.hasPrefix(name + ".") || there.contains("." + name + ".") || there.hasPrefix(whole + ".")
    }
  }

  private static func isFile(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: "."), !name.contains(" ") else { return false }
    return ["js", "mjs", "cjs", "ts", "mts", "jsx", "tsx", "py", "rb", "php", "t"].contains(
      name[name.index(after: dot)...])
  }

  /// A name with points between its parts, however a runner writes them.
  private static func path(_ name: String) -> String {
    var parts = name.split { ".:/>\\ ".contains($0) }
    if let last = parts.last, ["py", "js", "ts", "mjs", "cjs", "rb", "php", "jsx", "tsx"].contains(last) {
      parts.removeLast()
    }
    return parts.joined(separator: ".")
  }
}
