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

  /// What is red of an execution, of these items.
  func details(of execution: TestExecution, _ items: Set<RedItem>) -> [RedTest] {
    var found: [TestIdentity: TestResult] = [:]
    for report in execution.reports {
      for test in report.tests where test.outcome.isRed && found[test.identity] == nil { found[test.identity] = test }
    }
    return items.sorted().map { item in
      switch item {
      case .test(let identity):
        RedTest(
          name: item.description, message: message(found[identity]?.message ?? []),
          places: places(found[identity]?.frames ?? []))
      case .build(let unit): build(unit, item, execution)
      case .command(let number): command(number, item, execution)
      }
    }
  }

  private func message(_ bytes: [UInt8]) -> [String] {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return Self.cut(lines.map { DisplayText.line($0) })
  }

  /// The first lines and the last: what was expected tends to stand at either end.
  private static func cut(_ lines: [String]) -> [String] {
    var lines = lines
    while lines.last?.isEmpty == true { lines.removeLast() }
    guard lines.count > Self.lines else { return lines }
    let half = Self.lines / 2
    return Array(lines.prefix(half)) + ["… \(lines.count - 2 * half) more lines …"] + Array(lines.suffix(half))
  }

  private func build(_ unit: String, _ item: RedItem, _ execution: TestExecution) -> RedTest {
    let diagnostics = execution.reports.flatMap(\.builds).filter { $0.unit == unit }.flatMap(\.diagnostics)
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
      lines.append("'\(DisplayText.line(command.command.utf8))' \(Self.words(for: command.ending))")
      let errors = execution.reports.indices.contains(number) ? execution.reports[number].errorLines : []
      // What a program says last tends to say why; what it says of errors before may say what.
      let last = command.log.split(separator: UInt8(ascii: "\n")).suffix(15).map(Array.init)
      let before = errors.prefix(20).filter { !last.contains($0) }
      lines += (before + last).map { DisplayText.line($0) }
    }
    return RedTest(name: item.description, message: Self.cut(lines), places: [])
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
