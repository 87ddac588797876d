internal import Base
internal import Models
internal import Sandbox

/// Commands: in a shell of their own, as sessions, and in the shell that stays.
extension Toolbox {
  /// How many sessions may run at once.
  private static let mostSessions = 16
  /// The longest that a session may take.
  private static let sessionTimeout = Duration.seconds(3600)
  /// Of how many sessions it is kept how they ended.
  private static let mostEndings = 64
  /// The most of a command line that is handed over as an argument; Linux takes 128 KiB.
  private static let longestArgument = 100_000

  func run(_ request: RunRequest) async throws(SandboxError) -> ToolAnswer {
    if let problem = try await obstacle(toWorkingIn: request.directory) {
      return ToolAnswer(text: problem, isError: true)
    }
    if let problem = try await obstacle(toReading: request.command) { return ToolAnswer(text: problem, isError: true) }
    let keeping = try await keep(before: request.command)
    var request = request
    var background: CellPath?
    if request.isBackground {
      let path = try newFile("background")
      try await cell.write([], to: path, isExecutable: false)
      background = path
      request.timeout = .seconds(3600)
      request.patience = .milliseconds(500)
      request.command =
        "echo $$ >\(Self.idFile(of: path)) && exec >\(ShellQuoting.quoted(path.display)) 2>&1\n" + request.command
    }
    let process: CellProcessID
    do throws(SandboxError) {
      process = try await cell.start(try await command(for: request))
    } catch {
      let text = try Self.report(error, on: request.directory)
      try await giveUp(keeping)
      return ToolAnswer(text: "The command was not started. \(text)", isError: true)
    }
    let output = try await collect(process, patience: request.patience)
    let note = try await self.note(on: keeping, hasEnded: output.ending != nil)
    if let background, output.ending == nil {
      let text = "The command runs in the background; its output goes to "
      let end = try await group(of: background).map { " `kill -- -\($0)` ends it, with all that it has started." } ?? ""
      return ToolAnswer(
        text: "\(text)\(background.display).\(end)\(note)", likeness: Fingerprint(of: Array((text + note).utf8)))
    }
    var session: Int?
    if output.ending == nil {
      if sessions.count >= Self.mostSessions {
        try await cell.terminate(process)
        let open = sessions.keys.sorted().map(String.init).joined(separator: ", ")
        return ToolAnswer(
          text: "The command was ended, because \(sessions.count) sessions (\(open)) run already. End one by "
            + "`write_stdin` with Ctrl-C, written \\u0003, or wait for it.", isError: true)
      }
      memory.sessions += 1
      sessions[memory.sessions] = Session(process: process, hasInput: request.hasTerminal)
      session = memory.sessions
    }
    return try await answer(
      CommandReport(
        output, session: session, timeout: request.timeout, limit: request.outputLimit,
        note: note + request.note))
  }

  /// Where a command in the background writes down its process group.
  private static func idFile(of output: CellPath) -> String { ShellQuoting.quoted(output.display + ".pid") }

  /// The process group of a command in the background.
  private func group(of output: CellPath) async throws(SandboxError) -> Int? {
    guard let path = CellPath(output.bytes + Array(".pid".utf8)) else { return nil }
    do throws(SandboxError) {
      let text = try await cell.read(path, from: 0, limit: 32).bytes
      try await cell.remove(path)
      return Int(String(decoding: text.filter { $0 > 0x20 }, as: UTF8.self))
    } catch {
      _ = try Self.report(error, on: path)
      return nil
    }
  }

  /// Why a command line cannot be read to its end; `nil` where it can, or nobody can tell before it runs.
  private func obstacle(toReading command: String) async throws(SandboxError) -> String? {
    let isOpen = ShellWords.isOpen(command)
    // What bash would run in part, or as if a text that is cut were whole.
    let openers = ["for ", "while ", "until ", "if ", "case ", "select ", "<<", "{", "("]
    guard isOpen || openers.contains(where: { command.contains($0) }) else { return nil }
    let process = try await cell.start(
      CellCommand(
        [Array("bash".utf8), Array("-n".utf8)], environment: ["LC_ALL": "C.UTF-8"], input: .bytes(Array(command.utf8)),
        timeout: .seconds(20)))
    let output = try await collect(process, patience: nil)
    let said = String(decoding: OutputText.clean(Array(output.bytes.prefix(400))), as: UTF8.self)
    let ends = ["unexpected end of file", "unexpected EOF", "delimited by end-of-file"]
    guard case .exited(let status)? = output.ending, isOpen && status != 0 || ends.contains(where: said.contains)
    else { return nil }
    return "Nothing was run, because the command does not end: a quote, a bracket, a substitution, a here-document or "
      + "a loop or the like in it is not closed. bash says: \(said)"
  }

  /// Why no command can run in a directory; `nil` where one can.
  private func obstacle(toWorkingIn directory: CellPath) async throws(SandboxError) -> String? {
    guard directory != .workspace else { return nil }
    do throws(SandboxError) {
      _ = try await cell.list(directory, limit: 1)
      return nil
    } catch {
      let problem: String
      switch error.code {
      case .notFound: problem = "does not exist"
      case .notADirectory: problem = "is no directory"
      case .permission: return nil  // It may still be entered.
      default: problem = "cannot be used. " + (try Self.report(error, on: directory))
      }
      return "The working directory `\(directory.display)` \(problem); the workspace is "
        + "\(CellPath.workspace.display). Nothing was run."
    }
  }

  private func command(for request: RunRequest) async throws(SandboxError) -> CellCommand {
    let flag = request.isLogin ? "-l" : "+l"
    var arguments = ["bash", request.isLogin ? "-lc" : "-c", request.command]
    if request.command.utf8.count > Self.longestArgument {
      let script = try newFile("command")
      try await cell.write(Array(request.command.utf8), to: script, isExecutable: false)
      arguments = ["bash"] + (request.isLogin ? [flag] : []) + [script.display]
    }
    return CellCommand(
      arguments.map { $0.utf8.filter { $0 != 0 } }, directory: request.directory,
      input: request.hasTerminal ? .open : .none, hasTerminal: request.hasTerminal, timeout: request.timeout)
  }

  /// What a command writes until it ends, or until nobody wants to wait longer.
  func collect(_ process: CellProcessID, patience: Duration?) async throws(SandboxError) -> CellOutput {
    var all = try await cell.output(of: process, waiting: patience ?? .seconds(600))
    // A task that is cancelled is answered at once, so asking again would spin.
    while patience == nil, all.ending == nil, !Task.isCancelled {
      all = Self.joined(all, try await cell.output(of: process, waiting: .seconds(600)))
    }
    return all
  }

  /// What a command wrote first and what it wrote then, as one.
  ///
  /// Of two gaps the first is shown, with what is missing in both.
  private static func joined(_ first: CellOutput, _ second: CellOutput) -> CellOutput {
    CellOutput(
      bytes: first.bytes + second.bytes, dropped: first.dropped + second.dropped,
      droppedAt: first.droppedAt ?? second.droppedAt.map { $0 + first.bytes.count }, ending: second.ending,
      elapsed: second.elapsed)
  }

  func poll(_ request: PollRequest) async throws(SandboxError) -> ToolAnswer {
    let start = ContinuousClock.now
    guard let session = sessions[request.session] else {
      return ToolAnswer(text: withoutSession(request.session), isError: true)
    }
    var before: CellOutput?
    var note = ""
    var isInterrupted = false
    if !request.input.isEmpty {
      if session.hasInput {
        try await cell.write(Array(request.input.utf8), to: session.process, endsInput: false)
      } else if request.input.unicodeScalars.contains("\u{3}") {
        // What has ended by itself was not interrupted.
        let written = try await cell.output(of: session.process, waiting: .zero)
        before = written
        if written.ending == nil {
          try await cell.terminate(session.process)
          isInterrupted = true
          note = "\n[Interrupted: without a terminal, Ctrl-C ends the command and everything that it had started.]"
        }
      } else {
        return ToolAnswer(
          text: "Session \(request.session) has no open input, because it was started without a terminal. Start the "
            + "command again with `\"tty\":true` to write to it; Ctrl-C, written \\u0003, ends it.", isError: true)
      }
    }
    var output = try await collect(session.process, patience: request.patience)
    if let before { output = Self.joined(before, output) }
    var report = CommandReport(
      output, session: output.ending == nil ? request.session : nil, timeout: Self.sessionTimeout,
      limit: request.outputLimit, note: note)
    report.isPoll = true
    report.isInterrupted = isInterrupted
    report.took = start.duration(to: .now)
    if let status = report.status { close(request.session, status: status) }
    return try await answer(report)
  }

  /// Forgets a session but for how it ended.
  private func close(_ number: Int, status: Int) {
    sessions[number] = nil
    memory.endings[String(number)] = status
    while memory.endings.count > Self.mostEndings, let oldest = memory.endings.keys.compactMap({ Int($0) }).min() {
      memory.endings[String(oldest)] = nil
    }
  }

  /// What became of a session that does not run.
  private func withoutSession(_ number: Int) -> String {
    let open = sessions.keys.sorted().map(String.init).joined(separator: ", ")
    let others = open.isEmpty ? "No session runs." : "The sessions that run: \(open)."
    if let status = memory.endings[String(number)] {
      return "Session \(number) has ended with code \(status). \(others)"
    }
    guard number > 0, number <= memory.sessions else {
      return "There is no session \(number), and there never was. \(others)"
    }
    return isResumed
      ? "Session \(number) is gone: it ended, or was lost when the run was interrupted. \(others)"
      : "Session \(number) has ended. \(others)"
  }

  func runInShell(_ request: ShellRequest) async throws(SandboxError) -> ToolAnswer {
    let (command, timeout) = (request.command, request.timeout)
    if let problem = try await obstacle(toReading: command) { return ToolAnswer(text: problem, isError: true) }
    let keeping = try await keep(before: command)
    var note = ""
    if shell == nil, isResumed, memory.shells > 0 {
      note += "\n[The run was interrupted: this is a new shell, with directory and variables as at its start.]"
    }
    var current = try await currentShell()
    let outcome: PersistentShell.Outcome
    do throws(SandboxError) {
      outcome = try await current.run(command, number: nextCommand(), timeout: timeout, in: cell)
    } catch {
      // It ended after its last command; nothing of this one was run.
      guard error.code == .notFound || error.code == .refused else { throw error }
      shell = nil
      note += "\n[The shell had ended before; this is a new one.]"
      current = try await currentShell()
      outcome = try await current.run(command, number: nextCommand(), timeout: timeout, in: cell)
    }
    switch outcome.ending {
    case .status(let status):
      if status != 0, let directory = try await current.directory(in: cell), directory != .workspace {
        note += "\n[in \(directory.display)]"
      }
    case .shellEnded:
      shell = nil
      try await cell.terminate(current.process)
      note +=
        "\n[The shell has ended with this command, by `exit`, `set -e`, `exec` or a signal. The next one gets a new shell, in \(CellPath.workspace.display), "
        + "without the variables.]"
    case .timedOut:
      shell = nil
      try await cell.terminate(current.process)
    }
    note += try await self.note(on: keeping, hasEnded: true)
    return try await answer(outcome, timeout: timeout, note: note + request.note)
  }

  /// A number that no other command of a shell has.
  ///
  /// It is not remembered: each shell has a directory of its own.
  func nextCommand() -> Int {
    shellCommands += 1
    return shellCommands
  }

  private func currentShell() async throws(SandboxError) -> PersistentShell {
    if let shell { return shell }
    memory.shells += 1
    let new = try await PersistentShell.start(in: cell, number: memory.shells)
    shell = new
    return new
  }

  private func answer(
    _ outcome: PersistentShell.Outcome, timeout: Duration, note: String
  ) async throws(SandboxError) -> ToolAnswer {
    let most = 8 << 20
    var gap: Int?
    var file = CellFile(bytes: [], size: 0, isExecutable: false)
    do throws(SandboxError) {
      file = try await cell.read(outcome.output, from: 0, limit: most)
      if file.size > most {
        let half = most / 2
        let tail = try await cell.read(outcome.output, from: file.size - half, limit: half)
        file.bytes = Array(file.bytes.prefix(half)) + tail.bytes
        gap = half
      }
    } catch {
      guard error.code == .notFound else { throw error }
    }
    let ending: CellEnding =
      switch outcome.ending {
      case .status(let status): .exited(Int32(truncatingIfNeeded: status))
      case .shellEnded(let ending): ending
      case .timedOut: .timedOut
      }
    var report = CommandReport(
      CellOutput(
        bytes: file.bytes, dropped: max(0, file.size - file.bytes.count), droppedAt: gap, ending: ending,
        elapsed: outcome.elapsed),
      session: nil, timeout: timeout, limit: nil, note: note)
    report.file = outcome.output
    if outcome.ending == .timedOut {
      report.note += "\n[The shell was restarted: directory and variables are as at its start.]"
    }
    // On a full disk a file ends with a page of it, and so does what is written there.
    if file.size % 4096 == 0, try await isDiskFull() {
      report.note +=
        "\n[The disk of the cell is full: what the command wrote may be lost in part or whole. "
        + "\(Self.emptying).]"
    }
    let answer = try await self.answer(report)
    if !report.isClipped(to: limit(report)), file.size > 0 {
      do throws(SandboxError) { try await cell.remove(outcome.output) } catch {
        _ = try Self.report(error, on: outcome.output)
      }
    }
    return answer
  }

  /// Whether there is no room for a small file.
  private func isDiskFull() async throws(SandboxError) -> Bool {
    guard let path = CellPath.temporary.appending(Array("arborist/probe".utf8)) else { return false }
    do throws(SandboxError) {
      try await cell.write([UInt8](repeating: 0, count: 8192), to: path, isExecutable: false)
      try await cell.remove(path)
      return false
    } catch {
      guard error.code == .full else { throw error }
      return true
    }
  }

  func restartShell() async throws(SandboxError) -> ToolAnswer {
    if let shell { try await cell.terminate(shell.process) }
    shell = nil
    return ToolAnswer(text: "The shell was restarted; it is in \(CellPath.workspace.display).")
  }

  func limit(_ report: CommandReport) -> Int { min(report.limit ?? profile.outputLimit, 80_000) }

  /// A command's result in the words of the profile, with the whole output in a file where it is too long.
  private func answer(_ report: CommandReport) async throws(SandboxError) -> ToolAnswer {
    var report = report
    if report.file == nil, report.isClipped(to: limit(report)) {
      let path = try newFile("output")
      try await cell.write(report.kept, to: path, isExecutable: false)
      report.file = path
      report.isFileWhole = report.output.dropped == 0
    }
    return report.answer(for: profile, limit: limit(report))
  }

  /// A path for a file of ours that was never given before.
  func newFile(_ kind: String) throws(SandboxError) -> CellPath {
    memory.files += 1
    guard let path = CellPath.temporary.appending(Array("arborist/\(kind)-\(memory.files).txt".utf8)) else {
      throw SandboxError(.malformed, operation: "name a file", detail: "\(kind) is no name")
    }
    return path
  }
}
