internal import Base

/// Finds the files that the test commands name and that run the tests, and those that these name in turn.
enum NamedScripts {
  /// How often a script may lead to another.
  private static let depth = 4
  /// Files that a command may name without their being scripts: what is built and tested.
  private static let largest = 256 << 10

  static func of(
    _ commands: TestCommands, paths: Set<RepositoryPath>, read: (RepositoryPath) -> [UInt8]?
  ) -> Set<RepositoryPath> {
    // What the targets and scripts stand for that the commands name; where a line does something with what a program
    // prints, that program may be what is tested.
    let recipes = CommandRecipes.lines(of: commands.test, paths: paths, read: read).filter { line in
      !["|", "`", ">", "<", "$$(", " = ", "$(sh", "$(bash"].contains(where: line.contains)
    }
    var found: Set<RepositoryPath> = []
    var texts = commands.test + recipes + commands.setup
    for level in 0..<depth where !texts.isEmpty {
      let named = texts.reduce(into: Set<RepositoryPath>()) { $0.formUnion(files(namedIn: $1, paths: paths)) }
      let new = named.filter { !found.contains($0) && runsTests($0, isNamedByCommand: level == 0, read: read) }
      found.formUnion(new)
      texts = new.compactMap { read($0).flatMap { $0.count <= largest ? String(decoding: $0, as: UTF8.self) : nil } }
    }
    return found
  }

  /// The files of the tree whose paths stand in a text as words.
  private static func files(namedIn text: String, paths: Set<RepositoryPath>) -> [RepositoryPath] {
    let breaks = Set(" \t\n\r\"'`;|&()<>=,:{}[]$")
    return text.split(whereSeparator: breaks.contains).compactMap { word in
      var word = word[...]
      while word.hasPrefix("./") { word = word.dropFirst(2) }
      guard word.count > 1, let path = RepositoryPath(Array(word.utf8)), paths.contains(path) else { return nil }
      return path
    }
  }

  /// Whether a file that a command names is there to run tests, not to be tested.
  private static func runsTests(
    _ path: RepositoryPath, isNamedByCommand: Bool, read: (RepositoryPath) -> [UInt8]?
  ) -> Bool {
    let name = String(decoding: path.name, as: UTF8.self).lowercased()
    let fileExtension = String(decoding: path.fileExtension, as: UTF8.self)
    let words = name.split { !$0.isLetter && !$0.isNumber }
    let speaks = words.contains {
      $0.hasPrefix("test") || $0.hasSuffix("test") || $0.hasSuffix("tests")
        || ["check", "spec", "specs", "ci", "verify", "runner", "run"].contains($0)
    }
    // A script that another one names may as well be what is tested.
    if ["sh", "bash", "zsh", "bat", "cmd", "ps1"].contains(fileExtension) { return isNamedByCommand || speaks }
    if ["py", "js", "mjs", "cjs", "ts", "rb", "pl", "php", "tcl"].contains(fileExtension) {
      if speaks || !isNamedByCommand { return speaks }
      // One that asserts is there to test.
      let text = read(path).map { String(decoding: $0.prefix(largest), as: UTF8.self) } ?? ""
      return ["require('assert", "require(\"assert", "node:assert", "import unittest", "assert ", "Test::More"]
        .contains(where: text.contains)
    }
    guard fileExtension.isEmpty, let start = read(path)?.prefix(64), start.starts(with: "#!".utf8) else { return false }
    let line = String(decoding: start.prefix { $0 != 10 }, as: UTF8.self)
    return isNamedByCommand && line.hasSuffix("sh") || speaks
  }
}

/// Whether examples in doc strings count as tests.
enum DocTests {
  static func areRun(_ commands: TestCommands, paths: [RepositoryPath], read: (RepositoryPath) -> [UInt8]?) -> Bool {
    let words = ["doctest", "doctests"]
    if commands.test.contains(where: { command in words.contains { command.contains($0) } }) { return true }
    let settings: Set<String> = [
      "pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml", "conftest.py", "makefile", "noxfile.py", ".pytest.ini",
    ]
    var budget = 2_000
    for path in paths {
      let name = String(decoding: path.name, as: UTF8.self).lowercased()
      let isTest = path.fileExtension.elementsEqual("py".utf8) && SealedPaths.kind(of: path) == .test
      guard settings.contains(name) || isTest, budget > 0 else { continue }
      budget -= 1
      guard let bytes = read(path), bytes.count <= 1 << 20 else { continue }
      if String(decoding: bytes, as: UTF8.self).contains("doctest") { return true }
    }
    return false
  }
}
