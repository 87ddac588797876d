import Base
import FileSystem
import Glibc
import Sandbox
import TestSupport

/// A spawner, and a checkout for its cells.
struct CellHost {
  let spawner: Spawner
  let directory: TemporaryDirectory

  init(pretendedMissing: Set<Wall> = []) async throws {
    directory = try TemporaryDirectory()
    try Files.write("first\n".utf8, to: directory.path + "/checkout/a.txt")
    try Files.write("second\n".utf8, to: directory.path + "/checkout/b/c.txt")
    var options = Spawner.Options()
    options.pretendedMissing = pretendedMissing
    spawner = try await Spawner(options)
  }

  var checkout: String { directory.path + "/checkout" }

  func makeCell(_ change: (inout CellPolicy) -> Void = { _ in }) async throws -> ConfinedCell {
    var policy = CellPolicy(checkout: Array(checkout.utf8))
    change(&policy)
    return try await spawner.makeCell(policy)
  }
}

/// What a command came to.
struct Ended {
  var output: String
  var ending: CellEnding?
  var dropped: Int
}

extension ConfinedCell {
  /// Runs a command to its end.
  func run(
    _ words: String..., input: CellCommand.Input = .none, terminal: Bool = false, timeout: Duration = .seconds(600),
    outputLimit: Int = 1 << 20, environment: [String: String] = [:]
  ) async throws -> Ended {
    var command = CellCommand(
      words.map { Array($0.utf8) }, environment: environment, input: input, hasTerminal: terminal, timeout: timeout,
      outputLimit: outputLimit)
    if !hostRoot.isEmpty { command.environment["CELL"] = String(decoding: hostRoot, as: UTF8.self) }
    let process = try await start(command)
    var ended = Ended(output: "", ending: nil, dropped: 0)
    repeat {
      let output = try await self.output(of: process, waiting: .seconds(1000))
      ended.output += String(decoding: output.bytes, as: UTF8.self)
      ended.dropped += output.dropped
      ended.ending = output.ending
    } while ended.ending == nil
    return ended
  }

  /// Runs a script of the shell.
  func shell(_ script: String, timeout: Duration = .seconds(600)) async throws -> Ended {
    try await run("bash", "-c", script, timeout: timeout)
  }
}

/// A path of the workspace.
func inWorkspace(_ path: String) throws -> CellPath {
  guard let path = CellPath.workspace.appending(Array(path.utf8)) else { throw WrongPath() }
  return path
}

struct WrongPath: Error {}
