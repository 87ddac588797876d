internal import Base
internal import TestResults
internal import Verify
internal import Work

extension FixJob {
  /// How often what is red is run to know whether it is red each time.
  private static let rounds = 3

  /// The step that says why the tests could not be run at the base.
  private static let baseFailure = "tests base failure"

  /// Runs the tests of the head until it is known what is red each time, and those of the base where something is.
  func witness(_ scene: FixScene, on stage: LazyStage) async throws -> Witness {
    var witness = Witness(runs: [])
    for round in 1...Self.rounds {
      if round > 1, try await isOver(before: "head \(round)") {
        witness.runs[0].notes.append(
          "the time was over after \(round - 1) of \(Self.rounds) runs, so what is red now and then may be among it: "
            + moreTime)
        break
      }
      witness.runs.append(try await witnessed(scene.headTree, as: "head \(round)", scene, on: stage))
      if witness.steadyRed.isEmpty, witness.flaky.isEmpty { return witness }
      // A command that hangs takes all of its time each time.
      if witness.runs[round - 1].timedOut {
        witness.runs[0].notes.insert(
          "a command did not come to an end in its \(order.commands.seconds) s, so it was not tried again: where it "
            + "only takes longer, \(moreTime)", at: 0)
        break
      }
    }
    guard !witness.steadyRed.isEmpty else { return witness }
    if scene.baseTree == scene.headTree {
      witness.base = witness.runs.first
      return witness
    }
    var failure = try await steps.recall(Self.baseFailure, as: String.self)
    if failure == nil, try await isOver(before: "base") { failure = "the time was over; \(moreTime)" }
    if failure == nil {
      do {
        witness.base = try await witnessed(scene.baseTree, as: "base", scene, on: stage)
      } catch let error as StageFailure where error.kind != .timeSpent {
        failure = error.description
        await keepLog(of: error, as: "base setup")
        try await steps.record(Self.baseFailure, error.description)
      }
    }
    if let failure { witness.runs[0].notes.append("the tests could not be run at \(order.base): \(failure)") }
    return witness
  }

  /// What a person can do where the time was too short.
  private var moreTime: String {
    "give the run more with \(order.policy.isByHand ? "--minutes or " : "")'budget: { minutes: … }'"
  }

  /// Whether no time is left for a run of the tests; once it was so, it is for whoever takes the repair up.
  private func isOver(before name: String) async throws -> Bool {
    let step = "over before \(name)"
    if try await steps.recall(step, as: Bool.self) == true { return true }
    if try await steps.recall("tests \(name)", as: WitnessedRun.self) != nil { return false }
    guard isTimeSpent else { return false }
    try await steps.record(step, true)
    return true
  }

  private func witnessed(
    _ tree: ObjectID, as name: String, _ scene: FixScene, on stage: LazyStage
  ) async throws -> WitnessedRun {
    try await steps.once("tests \(name)") {
      log("\(name): running the tests")
      let execution = try await stage.run(tree)
      await keepLogs(of: execution, as: name)
      let run = WitnessedRun(execution, paths: scene.paths)
      log("\(name): \(Self.words(for: run))")
      return run
    }
  }

  /// Keeps what the commands printed, whole as far as it was caught.
  func keepLogs(of execution: TestExecution, as name: String) async {
    for (number, command) in execution.commands.enumerated() {
      await keepLog(of: command, as: execution.commands.count == 1 ? name : "\(name) \(number + 1)")
    }
  }

  /// Keeps what a command of setup printed that failed.
  func keepLog(of failure: StageFailure, as name: String) async {
    if let command = failure.command { await keepLog(of: command, as: name) }
  }

  private func keepLog(of command: CommandExecution, as name: String) async {
    var log = command.log
    if let place = command.droppedAt, command.dropped > 0 {
      log.insert(contentsOf: Array("\n[… \(command.dropped) bytes are left out here …]\n".utf8), at: place)
    }
    await ground.keep(log, as: name.split(separator: " ").joined(separator: "-"))
  }

  private static func words(for run: WitnessedRun) -> String {
    let standing = run.standing
    let red = run.red.count
    let result = red == 0 ? "nothing is red" : "\(red) red"
    let passed = standing.green.count + standing.unnamedPassed
    // Where no test was recognised, none was seen to pass or to fail.
    let count = standing.executed == 0 && passed == 0 ? "only the exit status counts" : "\(passed) passed"
    return "\(result), \(count); " + run.commands.joined(separator: "; ")
  }
}
