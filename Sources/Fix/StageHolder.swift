internal import Base
internal import Verify

/// Opens a stage when the first tree has to be tested, and not where all that is asked was kept.
actor StageHolder: TestStaging, TreeProbing {
  private let ground: any FixGround
  private let commit: ObjectID
  private let parallel: Int
  private var opening: Task<any OpenStage, any Error>?

  init(_ ground: any FixGround, commit: ObjectID, parallel: Int) {
    self.ground = ground
    self.commit = commit
    self.parallel = parallel
  }

  func open() async throws -> any OpenStage {
    if let opening { return try await opening.value }
    let (ground, commit, parallel) = (ground, commit, parallel)
    let task = Task { try await ground.stage(of: commit, parallel: parallel) }
    opening = task
    return try await task.value
  }

  func run(_ tree: ObjectID) async throws -> TestExecution {
    try await open().run(tree)
  }

  func standing(of tree: ObjectID) async throws -> TestStanding {
    try await open().run(tree).standing
  }

  func close() async {
    if let stage = try? await opening?.value { await stage.close() }
    opening = nil
  }
}
