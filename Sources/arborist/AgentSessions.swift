internal import Base
internal import Dispatch
internal import FileSystem
internal import Foundation
internal import Journal
internal import Pipeline
internal import Workspace

/// What `agent` and `resume` share: the person's journal, the cells, and what ends them early.
enum AgentSessions {
  /// A session on the person's own journal.
  ///
  /// - Throws: ``CommandFailure``, ``JournalError`` or ``NoHome``.
  static func open(isTrusted: Bool) async throws -> AgentSession {
    let environment = ProcessInfo.processInfo.environment
    let directories = try UserDirectories(environment: environment)
    try directories.make()
    let cells = CellMaker(isTrusted: isTrusted) { Terminal.note("warning: \($0)") }
    await cells.prepare()
    let location = JournalPlace.named(in: environment) ?? .file(directories.journal)
    let journal = try await JournalPlace.openForWriting(location)
    let name = "\(ProcessInfo.processInfo.hostName)-\(getpid())-\(UInt32.random(in: .min ... .max))"
    var session = AgentSession(
      directories: directories, journal: journal, worker: WorkerID(name), environment: environment, cells: cells,
      log: { Terminal.note($0) })
    session.progress = { Terminal.progress($0) }
    session.signer = try ConfiguredSigner.of(environment)
    return session
  }

  /// Does the work; an interrupt or a request to end cancels it, and it then ends in its own way.
  static func untilCancelled<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let task = Task { try await work() }
    let sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { task.cancel() }
      source.activate()
      return source
    }
    defer { for source in sources { source.cancel() } }
    return try await task.value
  }
}
