/// Tells from the words of a command which runners it starts.
enum RunnerWords {
  private static let programs: [String: Set<TestFormat>] = [
    "pytest": [.pytest], "py.test": [.pytest], "cargo": [.cargo, .nextest], "jest": [.jest], "vitest": [.vitest],
    "mocha": [.mocha], "ctest": [.ctest], "rspec": [.rspec], "phpunit": [.phpunit], "dotnet": [.dotnet],
    "mvn": [.surefire], "mvnw": [.surefire], "gradle": [.gradle], "gradlew": [.gradle], "prove": [.tap],
    "gotestsum": [.goJSON, .goText], "tap": [.tap], "bats": [.tap],
  ]

  /// The formats that the command's own output can have; empty where the words do not tell.
  ///
  /// The text of a shell's `-c` is looked at word by word too, so a word may be taken for a runner that is none: that
  /// only makes a reader listen more closely.
  static func formats(of command: [String]) -> Set<TestFormat> {
    let words = command.flatMap { $0.split { " \t\n;&|()".contains($0) }.map(String.init) }
    var found: Set<TestFormat> = []
    for (index, word) in words.enumerated() {
      let name = baseName(word)
      if let formats = programs[name] { found.formUnion(formats) }
      let next = index + 1 < words.count ? words[index + 1] : ""
      if name == "go", next == "test" { found.formUnion([.goText, .goJSON]) }
      if name == "swift", next == "test" || next == "package" { found.formUnion([.xctest, .swiftTesting]) }
      if name == "xcodebuild" { found.formUnion([.xctest, .swiftTesting]) }
      if name == "node", words[index...].contains(where: { $0 == "--test" || $0.hasPrefix("--test-") }) {
        found.formUnion([.node, .tap])
      }
      if name == "unittest", index > 0, words[index - 1] == "-m" { found.insert(.unittest) }
    }
    return found
  }

  static func baseName(_ word: String) -> String {
    let name = word.split(separator: "/").last.map(String.init) ?? word
    return name.hasSuffix(".js") || name.hasSuffix(".mjs") ? String(name.prefix { $0 != "." }) : name
  }
}
