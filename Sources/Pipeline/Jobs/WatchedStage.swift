internal import Base
internal import Verify

/// Tells whoever watches which tree of a merge is being tested, and says at which of them a program is missing.
actor WatchedStage: TestStaging {
  private let stage: LazyStage
  private let preparing: String
  private let names: [ObjectID: String]
  private let progress: @Sendable (String?) -> Void
  private var runs: [ObjectID: Int] = [:]
  /// How the trees stood that were tested, in words.
  private var done: [String] = []

  /// - Parameters:
  ///   - stage: Where the tests are run.
  ///   - preparing: What is done where it is opened, in words.
  ///   - names: What people call the trees that are there before anything is merged; every other is the merge.
  ///   - progress: Takes what is being waited for; `nil` where it is over.
  init(
    _ stage: LazyStage, preparing: String, names: [ObjectID: String], progress: @escaping @Sendable (String?) -> Void
  ) {
    self.stage = stage
    self.preparing = preparing
    self.names = names
    self.progress = progress
  }

  func run(_ tree: ObjectID) async throws -> TestExecution {
    let name = names[tree] ?? "the merge"
    let number = runs[tree, default: 0] + 1
    runs[tree] = number
    let round = number > 1 ? "\(name), run \(number)" : name
    defer { progress(nil) }
    if done.isEmpty {
      progress(preparing)
      try await stage.prepare()
    }
    progress("\(round): running the tests" + (done.isEmpty ? "" : " (\(done.joined(separator: "; ")))"))
    do {
      let execution = try await stage.run(tree)
      let standing = execution.standing
      done.append("\(round): \(standing.red.count) red, \(standing.green.count + standing.unnamedPassed) passed")
      return execution
    } catch let failure as StageFailure where failure.kind == .programMissing {
      throw StageFailure(failure.kind, "on \(name), \(failure.description)")
    }
  }
}
