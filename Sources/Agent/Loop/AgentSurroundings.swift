package import Base
package import Journal
package import Models
package import Sandbox
package import Tools
internal import Work

/// What answers requests; a server over the network, or whatever a test puts in its place.
package protocol ModelCalling: Sendable {
  /// Sends the body of a request and gives the answer.
  ///
  /// - Parameters:
  ///   - body: The bytes that were journaled.
  ///   - request: What they were made from.
  ///   - capabilities: What is known of the model.
  ///   - within: When the request is given up, whatever comes.
  /// - Returns: The answer.
  /// - Throws: ``ModelError``.
  func answer(
    _ body: [UInt8], to request: ModelRequest, _ capabilities: ModelCapabilities, within: Duration
  ) async throws(ModelError) -> ModelAnswer

  /// Asks the server, and not the model, what the model can do.
  ///
  /// - Parameters:
  ///   - question: Anything but a call.
  ///   - model: The model that it is about.
  ///   - body: The bytes that were journaled.
  ///   - within: When the question is given up.
  /// - Returns: The document; `nil` where the server has none.
  /// - Throws: ``ModelError``.
  func ask(
    _ question: CapabilityProbe.Question, about model: ModelName, _ body: [UInt8], within: Duration
  ) async throws(ModelError) -> [UInt8]?

  /// Keeps what was found out about a model for later runs, as far as that can be done.
  func keep(_ capabilities: ModelCapabilities, of model: ModelName)
}

/// What carries out calls.
package protocol ToolPerforming: Sendable {
  /// What a call is, without carrying it out.
  func examine(_ call: ToolCall) -> ExaminedCall

  /// Carries out a call that was understood.
  ///
  /// - Throws: ``SandboxError`` where the cell is at fault and not the model.
  func perform(_ operation: ToolOperation) async throws(SandboxError) -> ToolAnswer

  /// What the tools know and must know again after the process has died, otherwise than when it was asked last.
  func memoryChange() async -> ToolboxMemoryChange?
}

/// What keeps the files of a workspace beyond the life of its cell.
package protocol FilesKeeping: Sendable {
  /// What changed in the files since this state; `nil` where nothing did.
  ///
  /// - Throws: ``SandboxError``, or ``FilesError`` where they cannot be kept.
  func changes(since manifest: FilesManifest) async throws -> FilesDelta?
}

/// Files that cannot be kept.
package struct FilesError: Error, Hashable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}

/// Everything around a model's work that is not decided by its events.
package struct AgentSurroundings: Sendable {
  package var journal: any JournalStore
  package var model: any ModelCalling
  package var tools: any ToolPerforming
  package var files: any FilesKeeping
  package var clock: WallClock
  /// Waits; a test does not.
  package var sleep: @Sendable (Duration) async throws -> Void
  /// Between 0 and 1.
  package var random: @Sendable () -> Double
  /// Whether the work is left as it is where it is cancelled, or the way to the model fails, instead of being ended:
  /// whoever takes it up then goes on with it.
  package var leavesOpen = false
  /// Takes one line on what is going on.
  package var log: @Sendable (String) -> Void

  package init(
    journal: any JournalStore, model: any ModelCalling, tools: any ToolPerforming, files: any FilesKeeping,
    clock: WallClock = .system,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    random: @escaping @Sendable () -> Double = { .random(in: 0...1) },
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.journal = journal
    self.model = model
    self.tools = tools
    self.files = files
    self.clock = clock
    self.sleep = sleep
    self.random = random
    self.log = log
  }
}
