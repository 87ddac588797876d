internal import Base
internal import Sandbox

/// What kept tests from being run, in one line for a person.
enum Faults {
  /// A command of setup that failed, with what it was refused of the network.
  static func setup(
    _ line: String, _ ended: CellShell.Ended, seconds: Int, hosts: [String], refusals: [String] = []
  ) -> StageFailure {
    let how =
      switch ended.ending {
      case .exited(let status): "ended with \(status)"
      case .signalled(let number): "was ended by signal \(number)"
      case .timedOut: "did not end within \(seconds) s"
      }
    let cause = LogLines.cause(in: ended.output).map { ": \($0)" } ?? ""
    var text = "setup: '\(DisplayText.line(line.utf8))' \(how)\(cause)"
    let command = CommandExecution(line, ended)
    let signs = LogSigns(of: ended.output)
    if signs.lines[.disk] != nil || signs.lines[.memory] != nil {
      return StageFailure(.full, text + " (the disk and the memory of a cell are limited)", command: command)
    }
    if signs.lines[.network] != nil {
      let opened = hosts.isEmpty ? "none" : hosts.sorted().joined(separator: ", ")
      text += " (setup reaches only the hosts that are opened to it: \(opened))"
    }
    // A client says of these no more than that it was refused.
    if !refusals.isEmpty { text += "; \(refusals.prefix(3).joined(separator: "; "))" }
    return StageFailure(.setup, text, command: command)
  }

  /// A program that is not there, where that is why nothing ran; `nil` where the command ended for another reason.
  ///
  /// `isTracked` tells whether a path of the work tree is a file of the tree that is tested.
  static func missing(_ line: String, status: Int32, log: [UInt8], isTracked: (String) -> Bool) -> StageFailure? {
    guard status == 127 || status == 126 else { return nil }
    for line in log.suffix(16 << 10).split(separator: UInt8(ascii: "\n")).reversed() {
      guard let (name, isThere) = missing(in: DisplayText.line(LogLines.plain(line))) else { continue }
      let path = name.hasPrefix("./") ? String(name.dropFirst(2)) : name
      if name.contains("/") {
        // A tree that breaks its own script is red; what setup should have made is missing.
        if isThere || isTracked(path) { return nil }
        return StageFailure(
          .programMissing, "'\(name)' is not there: it is not in the tree, and setup does not make it")
      }
      return StageFailure(.programMissing, isThere ? "'\(name)' cannot be started" : absent(name))
    }
    return nil
  }

  private static func absent(_ name: String) -> String {
    let advice =
      switch name {
      case "pytest", "py.test", "tox", "nox":
        "let setup make a virtual environment ('python3 -m venv .venv', '.venv/bin/pip install \(name)') and name"
          + " '.venv/bin/\(name)'"
      case "jest", "vitest", "mocha", "tsc", "eslint", "ava", "tap":
        "let setup run 'npm ci', and name 'npx \(name)'"
      case "rspec", "rake": "let setup run 'bundle install', and name 'bundle exec \(name)'"
      case "phpunit": "let setup run 'composer install', and name 'vendor/bin/phpunit'"
      case "gotestsum": "let setup run 'go install gotest.tools/gotestsum@latest'"
      default: "install it below /usr on this machine, which cells see, or let setup put it into the workspace"
      }
    return "the program '\(name)' is not there: \(advice)"
  }

  /// The program that a shell or a cell says it cannot start, and whether it is there all the same.
  private static func missing(in line: String) -> (name: String, isThere: Bool)? {
    // `sh: 1: NAME: not found`, `bash: line 1: NAME: command not found`, `cell: NAME: No such file or directory`,
    // `env: 'NAME': No such file or directory`, `/usr/bin/env: 'NAME': …`.
    let endings = [
      (": command not found", false), (": not found", false), (": No such file or directory", false),
      (": Permission denied", true), (": permission denied", true), (": Exec format error", true),
    ]
    for (ending, isThere) in endings where line.hasSuffix(ending) {
      let rest = line.dropLast(ending.count)
      guard let name = rest.split(separator: ": ").last, rest.contains(": ") else { continue }
      let plain = name.filter { !"'‘’\"".contains($0) }
      if !plain.isEmpty, !plain.contains(" ") { return (plain, isThere) }
    }
    return nil
  }
}

extension CommandExecution {
  /// A command as a shell ended it.
  fileprivate init(_ line: String, _ ended: CellShell.Ended) {
    let ending: Ending =
      switch ended.ending {
      case .exited(let status): .exited(status)
      case .signalled(let signal): .signalled(signal)
      case .timedOut: .timedOut
      }
    self.init(
      command: line, ending: ending, elapsed: ended.elapsed, log: ended.output, dropped: ended.dropped,
      droppedAt: ended.droppedAt)
  }
}
