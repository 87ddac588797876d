package import TestResults

/// Knows red tests that stand for a file or a module that could not be loaded.
///
/// It is made once for each standing: of many red tests each would otherwise go over all that are green.
package struct LoadFailure {
  private let run: TestStanding
  private let isComplete: Bool
  /// What is green and had no name before.
  private let fresh: Set<TestIdentity>
  /// The suites of these, with those around them, and each part of their names that is not at the end.
  private let suites: Set<[String]>
  private let parts: Set<String>

  /// Longer names are looked at up to here.
  private static let mostParts = 40

  /// - Parameters:
  ///   - run: How the tests stand now.
  ///   - executedBefore: How many tests ran when the test was red.
  ///   - namedBefore: Which were named then.
  package init(in run: TestStanding, executedBefore: Int, namedBefore: Set<TestIdentity>) {
    self.run = run
    isComplete = run.executed >= executedBefore
    fresh = run.green.subtracting(namedBefore)
    var suites: Set<[String]> = []
    var parts: Set<String> = []
    for test in fresh {
      var suite = test.suite
      while suites.insert(suite).inserted, !suite.isEmpty { suite.removeLast() }
      let words = Self.words(test.description).prefix(Self.mostParts)
      for first in words.indices {
        var part = ""
        for word in words[first...].dropLast() {
          part += part.isEmpty ? word : "." + word
          parts.insert(part)
        }
      }
    }
    self.suites = suites
    self.parts = parts
  }

  /// Whether what was red stood for tests that could not be loaded, and they are there now.
  ///
  /// A runner tells of a module that it cannot load as of one test with the module's name.
  package func hasGivenWay(_ test: TestIdentity) -> Bool {
    guard isComplete || run.unnamedPassed > 0, !run.names(test), !fresh.isEmpty else { return false }
    let place = test.name.hasPrefix("(") ? test.suite.last ?? "" : test.name
    // Some runners name the file only as long as they know nothing of what is in it.
    if Self.isFile(place), isComplete { return true }
    // `(collection)`, `(setup)`: what a reader calls a failure before the tests of a file or a class.
    if test.name.hasPrefix("("), !test.suite.isEmpty, suites.contains(test.suite) { return true }
    return parts.contains(Self.words(test.name).joined(separator: "."))
      || parts.contains(Self.words(test.description).joined(separator: "."))
  }

  private static func isFile(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: "."), !name.contains(" ") else { return false }
    return ["js", "mjs", "cjs", "ts", "mts", "jsx", "tsx", "py", "rb", "php", "t"].contains(
      name[name.index(after: dot)...])
  }

  /// The parts of a name, however a runner writes what stands between them, without the ending of a file.
  private static func words(_ name: String) -> [String] {
    var parts = name.split { ".:/>\\ ".contains($0) }.map { String($0) }
    if let last = parts.last, ["py", "js", "ts", "mjs", "cjs", "rb", "php", "jsx", "tsx"].contains(last) {
      parts.removeLast()
    }
    return parts
  }
}
