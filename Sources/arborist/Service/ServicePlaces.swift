internal import Base
internal import Broker
internal import FileSystem
internal import Forges
internal import Foundation
internal import Journal
internal import JournalPostgres
internal import JournalSQLite
internal import Pipeline
internal import Policy
internal import Settings
internal import Work

/// What a server's configuration file says, and where its things are on this machine.
struct ServicePlaces {
  let settings: ServerSettings
  /// The absolute path of the configuration file.
  let file: String
  let directories: UserDirectories
  /// The variables of this process; for a worker with the keys of models that the server set aside for it.
  let environment: [String: String]

  /// Reads the file that is named, or that `ARBORIST_CONFIG` names; starts the program anew where variables hold secrets
  /// that are the broker's alone, or the workers' (``SetAside``).
  ///
  /// - Throws: ``CommandFailure`` with every mistake in it, a line each.
  init(_ named: String?, for reading: SettingsReading) throws {
    var environment = ProcessInfo.processInfo.environment
    guard let path = named ?? environment["ARBORIST_CONFIG"], !path.isEmpty else {
      throw CommandFailure(.usage, "no configuration is named: give --config FILE, or set ARBORIST_CONFIG")
    }
    file = String(decoding: try File.absolute(Array(path.utf8)), as: UTF8.self)
    do {
      settings = try ServerSettings.read(path: file, surroundings: .process(environment: environment), for: reading)
    } catch {
      throw CommandFailure(.usage, error.description)
    }
    let isServer = reading == .server
    let forges = SetAside.Share(
      .broker, of: settings.variables.all, keeping: isServer ? settings.variables.served : [])
    let keys = Self.keys(in: environment).subtracting(settings.variables.all)
    try SetAside.put(isServer ? [forges, SetAside.Share(.models, of: keys)] : [forges])
    if !isServer, let place = environment[SetAside.Reader.models.variable] {
      environment.merge(try SetAside.read(place)) { own, _ in own }
    }
    self.environment = environment
    directories = try UserDirectories(environment: environment)
    try keepFromCells()
  }

  /// Refuses to show cells what is this server's own: its configuration and other files with secrets, its journal, its
  /// mirrors and all else that it keeps.
  private func keepFromCells() throws {
    var hidden = HiddenPlaces(files: settings.secretFiles.union(own), directories: [directories.state])
    if let key = environment[ConfiguredSigner.variable], !key.isEmpty {
      hidden.files.insert(String(decoding: try File.absolute(Array(key.utf8)), as: UTF8.self))
    }
    guard let exposure = hidden.exposure(by: settings.sandbox.paths) else { return }
    throw CommandFailure(
      .usage,
      "sandbox.paths: '\(exposure.path)' would show every cell '\(exposure.hidden)', or a part of it; "
        + "name a directory beside it")
  }

  /// The files that the server is told by and writes to, besides its directories.
  var own: [String] {
    guard case .file(let path) = settings.database else { return [file] }
    return [file, path]
  }

  /// The variables that hold keys of models: the server asks none.
  static func keys(in environment: [String: String]) -> Set<String> {
    Set(environment.keys.filter { $0.hasSuffix("_API_KEY") })
  }

  /// Where mirrors are.
  var mirrors: String { directories.state + "/mirrors" }
  /// Where the workspaces of runs are made.
  var workspaces: String { directories.state + "/work" }

  /// How the broker is started.
  ///
  /// - Throws: ``FileError`` where this program's path cannot be told.
  func brokerLaunch() throws(FileError) -> Broker.Launch {
    try BrokerStart.launch(
      settings: file, mirrors: mirrors, workspaces: [workspaces], environment: environment)
  }

  /// Has a broker read the credentials of the forges, and ends it.
  ///
  /// - Throws: ``CommandFailure`` with what is wrong with them, a line each.
  func checkCredentials() async throws {
    guard !settings.forges.isEmpty else { return }
    let broker = Broker(try brokerLaunch())
    do throws(ForgeError) {
      _ = try await broker.forges()
    } catch {
      await broker.stop()
      throw CommandFailure(error.code == .unavailable ? .surroundings : .usage, error.message)
    }
    await broker.stop()
  }

  /// Makes the directories that a worker needs.
  ///
  /// - Throws: ``FileError``.
  func make() throws {
    try directories.make()
    for path in [mirrors, workspaces] where try FileStatus(Array(path.utf8)) == nil {
      do throws(FileError) {
        try Directory.make(Array(path.utf8), mode: 0o700)
      } catch {
        // Another worker may have been faster.
        if try FileStatus(Array(path.utf8)) == nil { throw error }
      }
    }
  }

  /// Opens the journal for writing; its tables are made where they are missing.
  ///
  /// - Throws: ``JournalError`` or ``FileError``.
  func journal() async throws -> any JournalStore & JournalStatistics {
    try directories.make()
    switch settings.database {
    case .server(let address): return try await PostgresJournal.open(address, access: .readWrite)
    case .file(let path): return try await SQLiteJournal.open(path: path, access: .readWrite(mode: 0o600))
    case nil:
      return try await SQLiteJournal.open(path: directories.journal, access: .readWrite(mode: 0o600))
    }
  }
}
