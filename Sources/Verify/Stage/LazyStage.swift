package import Base

/// A workspace in which tests are run, for as long as it is open.
package protocol OpenStage: TestStaging {
  /// Gives it up.
  func close() async
}

extension TestStage: OpenStage {}

/// A stage that is opened when the first tree has to be tested, and not where all that is asked is known already.
package actor LazyStage: TestStaging {
  private let open: @Sendable () async throws -> any OpenStage
  private var opening: Task<any OpenStage, any Error>?

  /// - Parameter open: Opens it; called once at most, unless it was closed in between.
  package init(_ open: @escaping @Sendable () async throws -> any OpenStage) {
    self.open = open
  }

  package func run(_ tree: ObjectID) async throws -> TestExecution {
    try await opened().run(tree)
  }

  package func run(_ tree: ObjectID, in surroundings: TestSurroundings) async throws -> TestExecution {
    try await opened().run(tree, in: surroundings)
  }

  package func run(_ tree: ObjectID, within limit: Duration?) async throws -> TestExecution {
    try await opened().run(tree, within: limit)
  }

  /// Opens it, where nothing has until now.
  ///
  /// - Throws: What keeps it from being opened.
  package func prepare() async throws { _ = try await opened() }

  private func opened() async throws -> any OpenStage {
    if opening == nil { opening = Task { [open] in try await open() } }
    guard let opening else { throw StageFailure(.sandbox, "the stage is closed") }
    return try await opening.value
  }

  /// Gives it up, where it was opened.
  package func close() async {
    if let stage = try? await opening?.value { await stage.close() }
    opening = nil
  }
}
