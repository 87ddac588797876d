import Base
import Synchronization
import TestResults
import TestSupport
import Verify

import class Foundation.Thread

/// Runs the commands of small projects as processes, each tree in a directory of its own: what a cell does without the
/// walls, so that a test of merges needs none.
final class LocalStage: TestStaging {
  private let gitDirectory: String
  private let directory: String
  private let commands: [String]
  private let state = Mutex<(executions: [ObjectID: TestExecution], runs: Int)>(([:], 0))

  init(gitDirectory: String, directory: String, commands: [String]) {
    self.gitDirectory = gitDirectory
    self.directory = directory
    self.commands = commands
    Files.makeDirectory(directory)
  }

  /// How often commands were really run.
  var runs: Int { state.withLock { $0.runs } }

  func run(_ tree: ObjectID) async throws -> TestExecution {
    if let known = state.withLock({ $0.executions[tree] }) { return known }
    let number = state.withLock { state in
      state.runs += 1
      return state.runs
    }
    let place = directory + "/\(number)"
    let (gitDirectory, commands) = (gitDirectory, commands)
    let execution = try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Result { try Self.run(tree, of: gitDirectory, commands, in: place) })
      }
    }
    state.withLock { $0.executions[tree] = execution }
    return execution
  }

  private static func run(
    _ tree: ObjectID, of gitDirectory: String, _ commands: [String], in place: String
  ) throws -> TestExecution {
    Files.makeDirectory(place)
    let unpack = "git --git-dir='\(gitDirectory)' archive \(tree.hex) | tar -x -C '\(place)'"
    let unpacked = try Command.run(["sh", "-c", unpack], in: place)
    guard unpacked.status == 0 else { throw StageFailure(.sandbox, "the tree cannot be unpacked") }
    var reports: [TestReport] = []
    var executions: [CommandExecution] = []
    for command in commands {
      let result = try Command.run(
        ["sh", "-c", "(\(command)\n) 2>&1"], in: place, adding: ["PYTHONDONTWRITEBYTECODE": "1"])
      reports.append(
        TestResultReader.read(
          TestEvidence(
            command: command.split(separator: " ").map(String.init), status: result.status,
            output: result.output)))
      executions.append(
        CommandExecution(command: command, ending: .exited(result.status), elapsed: .zero, log: result.output))
    }
    return TestExecution(
      tree: tree, standing: TestStanding(of: reports), reports: reports, commands: executions)
  }
}
