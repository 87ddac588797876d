internal import Base
internal import Egress
internal import FileSystem
internal import Fix
internal import Git
internal import Verify
internal import Work
internal import Workspace

/// Opens the workspaces of one job in cells, and keeps what their commands print in the run's directory.
actor JobStages: FixGround {
  private let repository: RepositoryActor<PrivateRepository>
  private let commands: TestCommands
  private let cells: any CellMaking
  private let hosts: [HostName]
  private let branch: RefName
  /// The run's own directory.
  private let directory: String
  private let egress: EgressJournal
  private let log: @Sendable (String) -> Void
  private var opened = 0
  private var history: Task<ObjectDirectories?, Never>?

  init(
    _ repository: RepositoryActor<PrivateRepository>, _ commands: TestCommands, cells: any CellMaking,
    hosts: [HostName], branch: RefName, directory: String, egress: EgressJournal,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.repository = repository
    self.commands = commands
    self.cells = cells
    self.hosts = hosts
    self.branch = branch
    self.directory = directory
    self.egress = egress
    self.log = log
  }

  func stage(of commit: ObjectID, parallel: Int) async throws -> any OpenStage {
    opened += 1
    let place = "\(directory)/stage-\(opened)"
    let history = await shownHistory()
    // A process that died has left one of the same name.
    try Directory.removeTree(Array(place.utf8))
    let order = StageOrder(
      repository: repository, commit: commit, commands: commands, directory: place, hosts: hosts, history: history,
      branch: branch, parallel: parallel)
    let egress = egress
    let stage = TestStage(order, cells: cells) { egress.take($0) }
    do {
      try await stage.prepare()
    } catch {
      await stage.close()
      throw error
    }
    return stage
  }

  private func shownHistory() async -> ObjectDirectories? {
    if let history { return await history.value }
    let (cells, repository, log) = (cells, repository, log)
    let task = Task { await cells.history(of: repository, telling: log) }
    history = task
    return await task.value
  }

  func keep(_ log: [UInt8], as name: String) async { keep(log, inFile: "\(name).log") }

  func keep(patch: [UInt8], as name: String) async { keep(patch, inFile: name) }

  private func keep(_ bytes: [UInt8], inFile name: String) {
    let logs = Array("\(directory)/\(RunDirectory.logsName)".utf8)
    let path = logs + Array("/\(name)".utf8)
    do throws(FileError) {
      if try FileStatus(logs) == nil { try Directory.make(logs, mode: 0o700) }
      if try FileStatus(noFollow: path) != nil { try File.remove(path) }
      try FileDescriptor(opening: path, .create(mode: 0o600)).write(bytes)
    } catch {
      log("note: '\(name)' cannot be kept: \(error)")
    }
  }
}
