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
    if opening == nil { opening = Task { [open] in try await open() } }
    guard let opening else { throw StageFailure(.sandbox, "the stage is closed") }
    return try await opening.value.run(tree)
  }

  /// Gives it up, where it was opened.
  package func close() async {
    if let stage = try? await opening?.value { await stage.close() }
    opening = nil
  }
}
