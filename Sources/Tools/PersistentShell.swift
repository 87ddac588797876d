internal import Base
internal import Sandbox

/// A bash that stays: directory, variables, functions and background jobs live from one command to the next.
///
/// What a command writes goes to a file, so no pipe is held open by what it leaves in the background. How it ended goes
/// through a named pipe to a second process, the watcher, which ends with that: nothing is ever read out of the output.
///
/// No status is lost, whoever is faster or slower. The shell cannot open the pipe before the watcher has, so what it
/// writes there waits for the watcher until that reads it, also when the shell has ended meanwhile. The watcher reads
/// without a time limit: one that strikes between two bytes loses the first. When the shell has ended, a word that says
/// so is put into the pipe behind whatever was written, by a process that keeps the pipe until the watcher has ended;
/// so the watcher reads the status where there is one, and that word where there is none. The same status is in a file
/// too, for the case that a command ends the watcher.
struct PersistentShell {
  /// How a command ended, and where its output is.
  struct Outcome {
    enum Ending: Hashable {
      case status(Int)
      /// The shell itself has ended: by `exit`, `set -e`, `exec` or a crash; with its own ending.
      case shellEnded(CellEnding)
      case timedOut
    }

    var ending: Ending
    var output: CellPath
    var elapsed: Duration
  }

  /// How many watchers a command may end before it is given up.
  private static let mostAttempts = 100
  private static let longest = Duration.seconds(7 * 86_400)

  let process: CellProcessID
  private let home: CellPath

  /// Starts a shell that keeps its pipe in a directory of this number.
  static func start(in cell: any Cell, number: Int) async throws(SandboxError) -> PersistentShell {
    guard let home = CellPath.temporary.appending(Array("arborist/shell-\(number)".utf8)) else {
      throw SandboxError(.malformed, operation: "start a shell", detail: "its path is none")
    }
    let pipe = ShellQuoting.quoted("\(home.display)/status")
    let made = try await finished(
      bash("mkdir -p -m 700 \(ShellQuoting.quoted(home.display)) && rm -f \(pipe) && mkfifo -m 600 \(pipe)"), in: cell)
    guard made.ending == .exited(0) else {
      throw SandboxError(
        .cannotStart, operation: "make the pipe of a shell", detail: DisplayText.escaping(made.bytes.suffix(400)))
    }
    let process = try await cell.start(
      CellCommand([Array("bash".utf8), Array("--login".utf8)], input: .open, timeout: longest))
    return PersistentShell(process: process, home: home)
  }

  /// A command as one word; by bytes, because a quote with a combining character behind it is a quote to the shell.
  private static func quoted(_ command: String) -> [UInt8] {
    var word = Array("$'".utf8)
    for byte in command.utf8 where byte != 0 {
      if byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "'") { word.append(UInt8(ascii: "\\")) }
      word.append(byte)
    }
    return word + Array("'".utf8)
  }

  private static func bash(_ script: String, timeout: Duration = .seconds(60)) -> CellCommand {
    CellCommand(["bash", "-c", script].map { Array($0.utf8) }, timeout: timeout)
  }

  /// What a short command of ours comes to.
  private static func finished(_ command: CellCommand, in cell: any Cell) async throws(SandboxError) -> CellOutput {
    let process = try await cell.start(command)
    var all: [UInt8] = []
    while true {
      var output = try await cell.output(of: process, waiting: .seconds(600))
      all += output.bytes
      if output.ending != nil || Task.isCancelled {
        output.bytes = all
        return output
      }
    }
  }

  /// Runs a command; after anything but a status, the shell is of no more use.
  ///
  /// The number is one that no other command of this shell has.
  func run(
    _ command: String, number: Int, timeout: Duration, in cell: any Cell
  ) async throws(SandboxError) -> Outcome {
    guard let output = home.appending(Array("output-\(number)".utf8)) else {
      throw SandboxError(.malformed, operation: "run a command", detail: "its path is none")
    }
    let start = ContinuousClock.now
    let line =
      Array("builtin eval -- ".utf8) + Self.quoted(command)
      + Array(
        (" </dev/null >>\(ShellQuoting.quoted(output.display)) 2>&1\n"
          + "builtin eval \"{ builtin printf '\(number) %s\\n' $? >|\(file); builtin printf %s \\\"\\$PWD\\\" >|\(directoryFile); "
          + "} 2>/dev/null; "
          + "builtin printf '\(number) %s\\n' $? >\(pipe)\"\n").utf8)
    try await cell.write(line, to: process, endsInput: false)
    let ending = try await ending(of: number, until: start.advanced(by: timeout), in: cell)
    return Outcome(ending: ending, output: output, elapsed: start.duration(to: .now))
  }

  private var pipe: String { ShellQuoting.quoted("\(home.display)/status") }
  private var directoryFile: String { ShellQuoting.quoted("\(home.display)/directory") }
  private var file: String { ShellQuoting.quoted("\(home.display)/last-status") }

  /// The directory in which the last command left the shell; `nil` where it cannot be told.
  func directory(in cell: any Cell) async throws(SandboxError) -> CellPath? {
    guard let path = home.appending(Array("directory".utf8)) else { return nil }
    do throws(SandboxError) {
      return CellPath(try await cell.read(path, from: 0, limit: 4096).bytes)
    } catch {
      guard error.code == .notFound else { throw error }
      return nil
    }
  }

  /// Waits for the status of a command, or for the end of the shell.
  private func ending(
    of number: Int, until deadline: ContinuousClock.Instant, in cell: any Cell
  ) async throws(SandboxError) -> Outcome.Ending {
    var watcher = try await watch(until: deadline, in: cell)
    var told: [UInt8] = []
    var keeper: CellProcessID?
    var attempts = 0
    // The shell's end is looked for ever more seldom: it is the exception.
    var patience = Duration.milliseconds(100)
    while true {
      let output = try await cell.output(of: watcher, waiting: patience)
      told += output.bytes
      if let end = output.ending {
        if let keeper { try await release(keeper, in: cell) }
        if let status = Self.status(in: told, of: number) { return .status(status) }
        if end == .timedOut { return .timedOut }
        if let shellEnd = try await cell.output(of: process, waiting: .zero).ending { return .shellEnded(shellEnd) }
        // The command has ended the watcher, or has written to the pipe.
        if let status = try await written(number, in: cell) { return .status(status) }
        attempts += 1
        if attempts == Self.mostAttempts { return .timedOut }
        told = []
        watcher = try await watch(until: deadline, in: cell)
        continue
      }
      if Task.isCancelled { return .timedOut }
      if keeper == nil, try await cell.output(of: process, waiting: .zero).ending != nil {
        keeper = try await cell.start(
          Self.sh("exec 3<>\(pipe); echo ended >&3; exec cat >/dev/null", input: .open, timeout: .seconds(600)))
      }
      patience = min(patience * 2, .seconds(1))
    }
  }

  /// Ends the process that keeps the pipe; it may have been ended by the command.
  private func release(_ keeper: CellProcessID, in cell: any Cell) async throws(SandboxError) {
    do throws(SandboxError) {
      try await cell.write([], to: keeper, endsInput: true)
    } catch {
      guard error.code == .notFound || error.code == .refused else { throw error }
    }
  }

  /// A process that ends with the next line of the pipe, and writes it.
  private func watch(
    until deadline: ContinuousClock.Instant, in cell: any Cell
  ) async throws(SandboxError) -> CellProcessID {
    // It has the pipe open for both ways, so it never waits for the shell to open it.
    let left = max(ContinuousClock.now.duration(to: deadline), .milliseconds(1))
    return try await cell.start(Self.sh("exec 3<>\(pipe); IFS= read -r s <&3; echo \"$s\"", timeout: left))
  }

  private static func sh(_ script: String, input: CellCommand.Input = .none, timeout: Duration) -> CellCommand {
    CellCommand(["sh", "-c", script].map { Array($0.utf8) }, input: input, timeout: timeout)
  }

  /// The status of a command out of its line; `nil` where there is none, or half of one.
  private static func status(in bytes: [UInt8], of number: Int) -> Int? {
    guard bytes.last == 10 else { return nil }
    let words = bytes.dropLast().split(separator: 0x20, omittingEmptySubsequences: false)
    guard words.count == 2, words[0].elementsEqual("\(number)".utf8) else { return nil }
    return Int(String(decoding: words[1], as: UTF8.self))
  }

  /// The status that the shell has written to its file.
  private func written(_ number: Int, in cell: any Cell) async throws(SandboxError) -> Int? {
    guard let path = home.appending(Array("last-status".utf8)) else { return nil }
    do throws(SandboxError) {
      return Self.status(in: try await cell.read(path, from: 0, limit: 64).bytes, of: number)
    } catch {
      guard error.code == .notFound else { throw error }
      return nil
    }
  }
}
