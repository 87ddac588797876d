internal import Base
internal import FileSystem
internal import Git
internal import Glibc
internal import Installation
internal import Journal
internal import JournalSQLite
internal import Work

/// Finds the journal that a command is to read.
enum JournalPlace {
  /// The journal that `ARBORIST_DATABASE` names, or else that of the state directory, or else that of the repository.
  ///
  /// - Throws: ``CommandFailure`` where there is none, ``JournalError`` where it cannot be read.
  static func open(repository: String, state: String?) async throws -> any JournalStore {
    if let path = getenv("ARBORIST_DATABASE").map({ String(cString: $0) }), !path.isEmpty {
      guard !path.hasPrefix("postgres://"), !path.hasPrefix("postgresql://") else {
        throw CommandFailure(.usage, "ARBORIST_DATABASE names a PostgreSQL database, which this version cannot use yet")
      }
      return try await read(path)
    }
    let directory = try await stateDirectory(repository: repository, state: state)
    return try await read(String(decoding: directory.journal, as: UTF8.self))
  }

  private static func read(_ path: String) async throws -> any JournalStore {
    guard access(path, F_OK) == 0 else { throw NoJournal(path: path) }
    return try await SQLiteJournal.open(path: path, access: .readOnly)
  }

  /// The state directory that is named, or the one that `init` recorded for the repository.
  static func stateDirectory(repository: String, state: String?) async throws -> StateDirectory {
    if let state {
      guard let directory = StateDirectory(try File.absolute(Array(state.utf8))) else {
        throw CommandFailure(.usage, "--state '\(DisplayText.escaping(state.utf8))' is no directory's path")
      }
      return directory
    }
    let actor = try await RepositoryActor.open { () throws(GitError) in try Repository.discover(at: repository) }
    let location = await actor.perform { $0.commonDirectory }
    guard let record = try InstallationRecord.of(gitDirectory: Array(location.utf8)) else {
      throw CommandFailure(
        .usage,
        "'\(DisplayText.escaping(location.utf8))' has no state: run 'arborist init' there, or name it with --state")
    }
    return record.state
  }
}

/// There is no journal yet, because nothing has run.
struct NoJournal: Error, CustomStringConvertible {
  let path: String

  var description: String {
    "there is no journal at '\(DisplayText.escaping(path.utf8))': nothing has run yet"
  }
}
