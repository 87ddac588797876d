internal import ArgumentParser
internal import Base
internal import FileSystem
internal import Foundation
internal import Git
internal import Glibc
internal import Installation
internal import Journal
internal import Memory
internal import Pipeline
internal import ServiceLifecycle
internal import Settings
internal import Spool
internal import UnixSignals
internal import Work
internal import Workspace

/// The command `arborist worker`.
struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Do what pushes to a bare repository have left to do, and end; or work for 'arborist serve'.",
    discussion: """
      The hook post-receive starts it; by hand it catches up with what a worker that died has left. One worker at a \
      time works on a repository: a second one ends at once.

      With --config it takes jobs from the journal of 'arborist serve' until it is told to end (SIGTERM): any number \
      of such workers, on any number of machines where the database is PostgreSQL.

      Example: arborist worker --state /srv/git/project.git/arborist
      """)

  @Option(help: "The state directory. Default: that of --repo.")
  var state: String?

  @Option(help: "The bare repository.")
  var repo = "."

  @Option(help: "Work for 'arborist serve' until told to end, with the same configuration.")
  var config: String?

  @Flag(help: .hidden)
  var supervised = false

  func run() async throws {
    if config != nil { return try await serve() }
    let state = try await JournalPlace.stateDirectory(repository: repo, state: state)
    guard let record = try InstallationRecord.of(state: state) else {
      throw CommandFailure(.usage, "'\(state.display)' is no state directory: run 'arborist init' in the repository")
    }
    guard record.isBare else {
      throw CommandFailure(
        .usage, "'\(DisplayText.escaping(record.repository))' is not bare: no worker is needed there")
    }
    let isShared = try FileStatus(state.path)?.isGroupWritable ?? false
    if isShared { umask(0o007) }
    let turn = try await WorkerTurn.run(state) {
      try await Self.work(state, record, mode: isShared ? 0o660 : 0o600)
    }
    if turn == .anotherWorks { Terminal.note("another worker is at work there; it sees what is to do") }
  }

  /// Takes jobs from the journal that the configuration names, until the process is told to end.
  private func serve() async throws {
    let places = try ServicePlaces(config, for: .worker)
    let keys = ServicePlaces.keys(in: places.environment).compactMap { places.environment[$0] }.map { Secret($0) }
    let log = try ServiceLog("worker", hiding: places.settings.secrets + keys)
    try await log.writing {
      let worker = ServiceWorker(
        places: places, journal: try await places.journal(), logger: log.logger, isSupervised: supervised)
      let group = ServiceGroup(
        configuration: .init(
          services: [.init(service: worker, successTerminationBehavior: .gracefullyShutdownGroup)],
          gracefulShutdownSignals: [.sigterm, .sigint], logger: log.logger))
      try await group.run()
    }
  }

  private static func work(_ state: StateDirectory, _ record: InstallationRecord, mode: UInt32) async throws -> Set<
    [UInt8]
  > {
    guard let location = String(validating: record.repository, as: UTF8.self),
      let journalPath = String(validating: state.journal, as: UTF8.self)
    else {
      throw CommandFailure(.usage, "'\(state.display)': the path is not UTF-8, which a bare repository's has to be")
    }
    // Workers of many repositories may share a server; a file belongs to one.
    let environment = ProcessInfo.processInfo.environment
    let (place, share): (JournalLocation, JobShare) =
      switch JournalPlace.named(in: environment) {
      case .server(let address)?: (.server(address), .repository(location))
      case .file?, nil: (.file(journalPath), .all)
      }
    let journal = try await JournalPlace.openForWriting(place, mode: mode)
    let source = try await RepositoryActor.open { () throws(GitError) in try Repository.openBare(at: location) }
    let recorded = [record.defaultBranch].compactMap { $0 }
    let log: @Sendable (String) -> Void = { Terminal.note("\(WallClock.system.now().iso8601) \($0)") }
    let id = WorkerID("\(getpid())-\(Hexadecimal.encode((0..<4).map { _ in UInt8.random(in: .min ... .max) }))")
    let root = String(decoding: state.path, as: UTF8.self)
    // What the worker's own user has written down counts where there is any; a service may have no home.
    let own = (try? UserDirectories(environment: environment))?.configuration
    var session = AgentSession(
      directories: UserDirectories(state: root, configuration: own ?? root, isShared: mode == 0o660), journal: journal,
      worker: id,
      environment: environment, cells: CellMaker(isTrusted: false, isByHand: false, warn: log), log: log)
    session.signer = try ConfiguredSigner.of(environment)
    let worker = Worker(
      state: state, journal: journal, share: share,
      intake: Intake(source, location: location, identity: record.bot, recorded: recorded),
      venue: BareVenue(
        source, location: location, workDirectory: String(decoding: state.work, as: UTF8.self), identity: record.bot,
        recorded: recorded, memory: MemoryFile(in: state), session: session),
      id: id, log: log)
    return try await worker.drain()
  }
}
