package import Base
package import Work

/// What of a tree is sealed while a model repairs it: what tells whether the repair is one.
package struct Seals: Sendable {
  private let testGlobs: [Glob]
  /// Files that the test commands name, and that run the tests.
  private let scripts: Set<RepositoryPath>
  let paths: [RepositoryPath]
  /// What only the tests use, by what is in them.
  private let companions: [RepositoryPath: SealKind]
  /// What is run.
  let commands: [String]
  /// Whether examples in doc strings are run as tests.
  let runsDocTests: Bool

  /// Learns what is sealed in the tree that the run starts from.
  ///
  /// - Parameters:
  ///   - commands: What is run; the scripts that it names are sealed.
  ///   - tests: What the configuration counts as tests beyond the usual places.
  ///   - paths: All files of the tree.
  ///   - read: The bytes of a file of the tree; `nil` where there is none, or it is too large.
  package init(
    commands: TestCommands, tests: [Glob], paths: [RepositoryPath], read: (RepositoryPath) -> [UInt8]?
  ) {
    testGlobs = tests
    self.paths = paths
    self.commands = commands.test
    let scripts = NamedScripts.of(commands, paths: Set(paths), read: read)
    self.scripts = scripts
    companions = TestCompanions.of(
      paths, kind: { Self.kind(of: $0, scripts: scripts, tests: tests, companions: [:]) }, read: read)
    runsDocTests = DocTests.areRun(commands, paths: paths, read: read)
  }

  /// The files of the tree that are tests; looks through all of them.
  var testPaths: [RepositoryPath] { paths.filter { kind(of: $0) == .test } }

  /// The directories that hold files of the tests, but for the outermost.
  package var testDirectories: Set<String> {
    testPaths.reduce(into: []) { found, path in
      let directory = path.components.dropLast().map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
      if !directory.isEmpty { found.insert(directory) }
    }
  }

  /// Whether a name, or a pattern of names, is one that a file of the tests has.
  func isTestName(_ text: String) -> Bool {
    let globs = [Glob(text), Glob("**/\(text)")]
    return paths.contains { path in
      path.name.elementsEqual(text.utf8) || text.contains("*") && globs.contains { $0.matches(path.bytes) }
        ? [.test, .testData].contains(kind(of: path)) : false
    }
  }

  /// What a file is sealed as in any repository, by its path alone; `nil` where it is not, or only in parts.
  package static func usualKind(of path: RepositoryPath) -> SealKind? { SealedPaths.kind(of: path) }

  /// What the whole file is sealed as; `nil` where it is not, or only in parts.
  package func kind(of path: RepositoryPath) -> SealKind? {
    Self.kind(of: path, scripts: scripts, tests: testGlobs, companions: companions)
  }

  private static func kind(
    of path: RepositoryPath, scripts: Set<RepositoryPath>, tests: [Glob], companions: [RepositoryPath: SealKind]
  ) -> SealKind? {
    let usual = SealedPaths.kind(of: path)
    // A command may name the very tests that it runs.
    if scripts.contains(path), usual != .test, usual != .testData { return .runner }
    if tests.contains(where: { $0.matches(path.bytes) }) { return .test }
    return usual ?? companions[path]
  }
}
