internal import Base
internal import Sandbox

/// A bash that stays: directory, variables, functions and background jobs live from one command to the next.
///
/// What a command writes goes to a file, so no pipe is held open by what it leaves in the background. How it ended goes
/// through a named pipe of its own to a second process, which ends with that: nothing is ever read out of the output.
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

  private static let longest = Duration.seconds(7 * 86_400)

  let process: CellProcessID
  private let home: CellPath
  private let pid: String

  /// Starts a shell that keeps its pipe in a directory of this number.
  static func start(in cell: any Cell, number: Int) async throws(SandboxError) -> PersistentShell {
    guard let home = CellPath.temporary.appending(Array("arborist/shell-\(number)".utf8)) else {
      throw SandboxError(.malformed, operation: "start a shell", detail: "its path is none")
    }
    let pipe = ShellWords.quoted("\(home.display)/status")
    let made = try await finished(
      bash("mkdir -p -m 700 \(ShellWords.quoted(home.display)) && rm -f \(pipe) && mkfifo -m 600 \(pipe)"), in: cell)
    guard made.ending == .exited(0) else {
      throw SandboxError(
        .cannotStart, operation: "make the pipe of a shell", detail: DisplayText.escaping(made.bytes.suffix(400)))
    }
    let process = try await cell.start(
      CellCommand([Array("bash".utf8), Array("--login".utf8)], input: .open, timeout: longest))
    try await cell.write(Array("builtin printf '%s\\n' \"$$\" >\(pipe)\n".utf8), to: process, endsInput: false)
    let told = try await finished(
      bash("exec 3<>\(pipe); IFS= read -r -t 30 p <&3 && printf %s \"$p\""), in: cell)
    guard told.ending == .exited(0), !told.bytes.isEmpty, told.bytes.allSatisfy({ $0 &- 0x30 < 10 }) else {
      try await cell.terminate(process)
      throw SandboxError(.cannotStart, operation: "start a shell", detail: "it does not say that it runs")
    }
    return PersistentShell(process: process, home: home, pid: String(decoding: told.bytes, as: UTF8.self))
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
  func run(
    _ command: String, number: Int, timeout: Duration, in cell: any Cell
  ) async throws(SandboxError) -> Outcome {
    guard let output = home.appending(Array("output-\(number)".utf8)) else {
      throw SandboxError(.malformed, operation: "run a command", detail: "its path is none")
    }
    let pipe = ShellWords.quoted("\(home.display)/status")
    try await cell.write(
      Array("builtin eval -- ".utf8) + Self.quoted(command)
        + Array(
          (" </dev/null >>\(ShellWords.quoted(output.display)) 2>&1\n"
            + "builtin printf '%s\\n' \"$?\" >\(pipe)\n").utf8), to: process, endsInput: false)
    // It has the pipe open for both ways, so it never waits for the shell to open it and loses nothing.
    // A time limit that runs out between two bytes leaves the first of them in the variable, so they are put together.
    let watcher = """
      exec 3<>\(pipe)
      s=
      while :; do
        if IFS= read -r -t 0.2 p <&3; then printf %s "$s$p"; exit 0; fi
        s=$s$p
        if ! kill -0 \(pid) 2>/dev/null; then
          # What it wrote before it ended is in the pipe by now.
          printf 'ended\\n' >&3
          IFS= read -r p <&3
          printf %s "$s$p"
          exit 0
        fi
      done
      """
    let told = try await Self.finished(Self.bash(watcher, timeout: timeout), in: cell)
    let ending: Outcome.Ending =
      switch told.ending {
      case .timedOut?, .signalled?: .timedOut
      case .exited?, nil:
        if let status = Int(String(decoding: told.bytes, as: UTF8.self)) {
          .status(status)
        } else {
          .shellEnded(try await cell.output(of: process, waiting: .seconds(5)).ending ?? .exited(0))
        }
      }
    return Outcome(ending: ending, output: output, elapsed: told.elapsed)
  }
}
