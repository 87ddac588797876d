internal import Base
internal import TestResults
internal import Verify
internal import Work

/// Tells a person and a model what is red: names, messages, and the places that lie in the repository.
struct RedTests {
  /// The paths of the tree that was tested.
  let paths: Set<RepositoryPath>

  /// The most lines of one message, and the most places.
  private static let lines = 40
  private static let places = 12

  /// What is red of an execution, of these items; each cause once.
  func details(of execution: TestExecution, _ items: Set<RedItem>) -> [RedTest] {
    var found: [TestIdentity: TestResult] = [:]
    var hung: [TestIdentity: String] = [:]
    for (number, report) in execution.reports.enumerated() {
      for test in report.tests where test.outcome.isRed && found[test.identity] == nil {
        found[test.identity] = test
        if test.outcome == .unfinished, report.timedOut, execution.commands.indices.contains(number) {
          hung[test.identity] = "it began and did not end: " + ending(of: execution.commands[number])
        }
      }
    }
    let builds = Dictionary(grouping: execution.reports.flatMap(\.builds), by: \.unit)
    return RedItem.causes(of: items).sorted().map { item in
      switch item {
      case .test(let identity):
        let said = message(found[identity]?.message ?? [])
        return RedTest(
          name: item.description, message: (hung[identity].map { [$0] } ?? []) + said,
          places: places(found[identity]?.frames ?? []))
      case .build(let unit):
        let collected = found[TestIdentity(suite: [unit], name: "(collection)")]
        return build(item, (builds[unit] ?? []).flatMap(\.diagnostics), collected)
      case .command(let number): return command(number, item, execution)
      }
    }
  }

  private func message(_ bytes: [UInt8]) -> [String] {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return Self.cut(Self.once(lines.map { DisplayText.line($0) }))
  }

  /// The lines without a second telling of the same: pytest says twice why a test fails, once behind its `E`, and its
  /// XML twice why a file cannot be loaded.
  private static func once(_ lines: [String]) -> [String] {
    func words(_ line: String) -> String { line.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    let marked = Set(lines.filter { $0.hasPrefix("E  ") }.map { words(String($0.dropFirst())) })
    let lines = Array(lines.drop { !$0.hasPrefix("E  ") && marked.contains(words($0)) })
    guard let first = lines.first, !first.isEmpty, let again = lines.dropFirst().firstIndex(of: first) else {
      return lines
    }
    let told = Set(lines[..<again])
    let anew = lines[again...].filter { $0.hasPrefix("E  ") }
    return !anew.isEmpty && anew.allSatisfy(told.contains) ? Array(lines[..<again]) : lines
  }

  private static func cut(_ lines: [String]) -> [String] {
    var lines = lines
    while lines.last?.isEmpty == true { lines.removeLast() }
    return FixWords.excerpt(lines, Self.lines)
  }

  /// What is told of a build; the test that stands for the same file says more where it is there.
  private func build(_ item: RedItem, _ diagnostics: [BuildDiagnostic], _ collected: TestResult?) -> RedTest {
    if let collected, !collected.message.isEmpty {
      return RedTest(
        name: item.description, message: message(collected.message), places: places(collected.frames))
    }
    let frames = diagnostics.map { TestFrame(path: $0.path, line: $0.line) }
    let lines = diagnostics.map { diagnostic in
      "\(DisplayText.line(diagnostic.path)):\(diagnostic.line): \(DisplayText.line(diagnostic.message))"
    }
    return RedTest(name: item.description, message: Self.cut(lines), places: places(frames))
  }

  private func command(_ number: Int, _ item: RedItem, _ execution: TestExecution) -> RedTest {
    var lines: [String] = []
    if execution.commands.indices.contains(number) {
      let command = execution.commands[number]
      lines.append(ending(of: command))
      let whole = command.log.split(separator: UInt8(ascii: "\n")).map { Array($0) }
      let log = FixWords.withoutHunks(whole)
      // What a program says last tends to say why; what it says of errors before may say what.
      let last = Array(whole.suffix(20))
      let hunks = log.count == whole.count ? [] : Set(whole).subtracting(log)
      let files = FixWords.differing(log)
      if !files.isEmpty { lines.append("it shows differences of \(FixJob.list(files, of: 10))") }
      let errors = execution.reports.indices.contains(number) ? execution.reports[number].errorLines : []
      let before = errors.prefix(20).filter { !hunks.contains($0) && !last.contains($0) }
      lines += (before + last).map { DisplayText.line($0) }
    }
    return RedTest(name: item.description, message: Self.cut(lines), places: [])
  }

  /// What a command of setup printed that failed.
  func setup(_ command: CommandExecution) -> RedTest {
    let lines = command.log.split(separator: UInt8(ascii: "\n")).map { DisplayText.line($0) }
    return RedTest(name: "setup", message: Self.cut([ending(of: command)] + lines), places: [])
  }

  private func ending(of command: CommandExecution) -> String {
    "'\(DisplayText.line(command.command.utf8))' \(Self.words(for: command.ending))"
  }

  static func words(for ending: CommandExecution.Ending) -> String {
    switch ending {
    case .exited(let status) where (129...159).contains(status):
      "ended with status \(status), as a shell says of \(name(ofSignal: status - 128))"
    case .exited(let status): "ended with status \(status)"
    case .signalled(let signal): "was ended by \(name(ofSignal: signal))"
    case .timedOut: "did not come to an end in its time"
    }
  }

  /// A signal by its number on Linux, with the name of those that programs meet.
  private static func name(ofSignal number: Int32) -> String {
    let names: [Int32: String] = [
      1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
      9: "SIGKILL", 11: "SIGSEGV", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM", 24: "SIGXCPU", 25: "SIGXFSZ",
      31: "SIGSYS",
    ]
    return "signal \(number)" + (names[number].map { " (\($0))" } ?? "")
  }

  /// The places that lie in the repository, each once.
  func places(_ frames: [TestFrame]) -> [SourcePlace] {
    var seen: Set<SourcePlace> = []
    var result: [SourcePlace] = []
    for frame in frames {
      guard let path = path(frame.path) else { continue }
      let place = SourcePlace(path: path, line: frame.line)
      if seen.insert(place).inserted { result.append(place) }
    }
    return Array(result.suffix(Self.places))
  }

  /// The file that a runner means; it names it from some directory that only it knows.
  private func path(_ bytes: [UInt8]) -> RepositoryPath? {
    var parts = bytes.split(separator: UInt8(ascii: "/"))[...]
    parts.removeAll { $0.elementsEqual(".".utf8) }
    while !parts.isEmpty {
      let candidate = Array(parts.joined(separator: [UInt8(ascii: "/")]))
      if let path = RepositoryPath(candidate), paths.contains(path) { return path }
      parts = parts.dropFirst()
    }
    return nil
  }
}
