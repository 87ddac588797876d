/// A way to ask a test command for a report that programs read, without a change of the repository.
package struct ReportRequest: Sendable, Hashable {
  /// The command to run instead.
  package var command: [String]
  /// What to add to the environment.
  package var environment: [String: String]
  /// Files that the command may write under the directory that was given.
  package var files: [String]
  /// Where the runner writes reports anyway, as patterns below the work tree; `**` stands for any directories.
  package var patterns: [String]

  /// The request for a command; `nil` where its runner has no report of its own, or the words do not tell the runner.
  ///
  /// Nothing that the command already says is said again: a command that names a report of its own is left alone.
  ///
  /// The directory is an absolute path, outside of the work tree where that can be, into which reports go.
  package static func make(for command: [String], into directory: String) -> ReportRequest? {
    guard let program = command.firstIndex(where: { !isPrefix($0) }) else { return nil }
    var request = ReportRequest(command: command, environment: [:], files: [], patterns: [])
    let rest = Array(command[(program + 1)...])
    let done: Bool
    switch RunnerWords.baseName(command[program]) {
    case "pytest", "py.test": done = request.pytest(rest, directory)
    case "python", "python3":
      done = rest.first == "-m" && rest.dropFirst().first == "pytest" && request.pytest(rest, directory)
    case "go": done = rest.first == "test" && request.insert(["-json"], behind: program + 1, unless: "-json", rest)
    case "gotestsum": done = request.file("gotestsum.xml", directory, "--junitfile", rest, at: program + 1)
    case "swift":
      done = rest.first == "test" && request.file("swift.xml", directory, "--xunit-output", rest)
      // Tests of Swift Testing go to a second file, and XCTest writes the first one only under --parallel.
      if done { request.files.append("swift-swift-testing.xml") }
    case "node": done = request.node(rest, directory, program)
    case "jest":
      done = request.append(["--json", "--outputFile=\(directory)/jest.json"], "jest.json", unless: "--json", rest)
    case "vitest": done = request.vitest(rest, directory)
    case "mocha":
      done = request.append(
        ["--reporter", "xunit", "--reporter-option", "output=\(directory)/mocha.xml"], "mocha.xml",
        unless: "--reporter", rest)
    case "npx", "pnpm", "yarn", "bunx": return nested(command, program, directory)
    case "ctest": done = request.ctest(rest, directory)
    case "rspec":
      done = request.append(
        ["--format", "progress", "--format", "json", "--out", "\(directory)/rspec.json"], "rspec.json",
        unless: "--format", rest)
      if !done { return request.writing(rest) }
    case "phpunit": done = request.file("phpunit.xml", directory, "--log-junit", rest)
    case "dotnet": done = request.dotnet(rest, directory)
    case "mvn", "mvnw":
      request.patterns = ["**/target/surefire-reports/TEST-*.xml", "**/target/failsafe-reports/TEST-*.xml"]
      done = true
    case "gradle", "gradlew":
      request.patterns = ["**/build/test-results/**/*.xml"]
      done = true
    case "make", "gmake", "ninja", "just", "sh", "bash", "tox", "nox", "npm": done = request.wrapped(directory)
    default: done = false
    }
    return done ? request : nil
  }

  /// `env`, assignments and the like before the program.
  private static func isPrefix(_ word: String) -> Bool {
    ["env", "time", "nice", "command", "exec", "xvfb-run"].contains(word)
      || (word.contains("=") && !word.hasPrefix("-") && !word.hasPrefix("/"))
  }

  private static func nested(_ command: [String], _ program: Int, _ directory: String) -> ReportRequest? {
    let head =
      program + (command.dropFirst(program + 1).first.map { ["exec", "run", "dlx"].contains($0) } == true ? 2 : 1)
    guard head < command.count, ["jest", "vitest", "mocha"].contains(command[head]),
      var inner = make(for: Array(command[head...]), into: directory)
    else { return nil }
    inner.command = Array(command[..<head]) + inner.command
    return inner
  }

  /// Whether the command already has the option, with its value beside it or behind a `=`.
  private static func has(_ option: String, _ words: [String]) -> Bool {
    words.contains { $0 == option || $0.hasPrefix(option + "=") }
  }

  private mutating func append(_ words: [String], _ name: String, unless option: String, _ rest: [String]) -> Bool {
    guard !Self.has(option, rest), !rest.contains("--") else { return false }
    command += words
    files = [name]
    return true
  }

  /// The request for a command that says itself where its reports go; `nil` where that is nowhere below the work tree.
  private func writing(_ rest: [String]) -> ReportRequest? {
    var request = self
    for (option, place) in zip(rest, rest.dropFirst())
    where ["--out", "-o"].contains(option) && !place.hasPrefix("/") && !place.hasPrefix("-") {
      request.patterns.append(place.hasPrefix("./") ? String(place.dropFirst(2)) : place)
    }
    return request.patterns.isEmpty ? nil : request
  }

  private mutating func file(
    _ name: String, _ directory: String, _ option: String, _ rest: [String], at place: Int? = nil
  ) -> Bool {
    guard !Self.has(option, rest) else { return false }
    guard place != nil || !rest.contains("--") else { return false }
    command.insert(contentsOf: [option, "\(directory)/\(name)"], at: place ?? command.count)
    files = [name]
    return true
  }

  private mutating func insert(_ words: [String], behind place: Int, unless option: String, _ rest: [String]) -> Bool {
    guard !Self.has(option, rest) else { return false }
    command.insert(contentsOf: words, at: place + 1)
    return true
  }

  private mutating func pytest(_ rest: [String], _ directory: String) -> Bool {
    guard !Self.has("--junitxml", rest), !Self.has("--junit-xml", rest), !rest.contains("--") else { return false }
    command.append("--junitxml=\(directory)/pytest.xml")
    files = ["pytest.xml"]
    return true
  }

  private mutating func node(_ rest: [String], _ directory: String, _ program: Int) -> Bool {
    guard rest.contains("--test"), !Self.has("--test-reporter", rest) else { return false }
    command.insert(
      contentsOf: [
        "--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=junit",
        "--test-reporter-destination=\(directory)/node.xml",
      ], at: program + 1)
    files = ["node.xml"]
    return true
  }

  private mutating func vitest(_ rest: [String], _ directory: String) -> Bool {
    append(
      ["--reporter=default", "--reporter=junit", "--outputFile.junit=\(directory)/vitest.xml"], "vitest.xml",
      unless: "--reporter", rest)
  }

  private mutating func ctest(_ rest: [String], _ directory: String) -> Bool {
    guard file("ctest.xml", directory, "--output-junit", rest) else { return false }
    // Programs with GoogleTest write one file each into a directory.
    environment["GTEST_OUTPUT"] = "xml:\(directory)/"
    patterns = []
    return true
  }

  private mutating func dotnet(_ rest: [String], _ directory: String) -> Bool {
    guard rest.first == "test", !Self.has("--logger", rest), !Self.has("-l", rest), !rest.contains("--") else {
      return false
    }
    command += ["--logger", "trx;LogFileName=dotnet.trx", "--results-directory", directory]
    files = ["dotnet.trx"]
    return true
  }

  /// What starts runners itself passes on an environment; a runner that is not there does not look at it.
  private mutating func wrapped(_ directory: String) -> Bool {
    environment = ["PYTEST_ADDOPTS": "--junitxml=\(directory)/pytest.xml", "GTEST_OUTPUT": "xml:\(directory)/"]
    files = ["pytest.xml"]
    return true
  }
}
