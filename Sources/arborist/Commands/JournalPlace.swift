internal import Base
internal import FileSystem
internal import Foundation
internal import Git
internal import Glibc
internal import Installation
internal import Journal
internal import JournalPostgres
internal import JournalSQLite
internal import Pipeline
internal import Work

/// Finds the journal that a command is to read.
enum JournalPlace {
  /// The journal that `ARBORIST_DATABASE` names, or else that of the state directory, or else that of the repository.
  ///
  /// - Throws: ``CommandFailure`` where there is none, ``JournalError`` where it cannot be read.
  static func open(repository: String, state: String?) async throws -> any JournalStore {
    let environment = ProcessInfo.processInfo.environment
    if let location = named(in: environment) { return try await read(location) }
    let directory: StateDirectory
    do {
      directory = try await stateDirectory(repository: repository, state: state)
    } catch {
      // Without a repository that has one, the person's own journal is meant, where there is one; a path that is no
      // repository's is a mistake.
      if error is GitError, repository != "." { throw error }
      guard state == nil, let own = try? UserDirectories(environment: environment).journal, access(own, F_OK) == 0
      else { throw error }
      return try await read(.file(own))
    }
    return try await read(.file(String(decoding: directory.journal, as: UTF8.self)))
  }

  /// The journal that holds a run: that of ``open(repository:state:)``, or else the person's own.
  ///
  /// - Throws: As ``open(repository:state:)``; ``JournalError/notFound(_:)`` where neither has the run.
  static func open(
    holding run: String, repository: String, state: String?
  ) async throws -> (journal: any JournalStore, run: RunSummary) {
    let environment = ProcessInfo.processInfo.environment
    var first: (any Error)?
    do {
      let journal = try await open(repository: repository, state: state)
      return (journal, try await journal.run(named: run))
    } catch {
      first = error
    }
    if state == nil, named(in: environment) == nil,
      let own = try? UserDirectories(environment: environment).journal, access(own, F_OK) == 0
    {
      let journal = try await read(.file(own))
      if let found = try? await journal.run(named: run) { return (journal, found) }
    }
    throw first ?? JournalError.notFound("run '\(run)'")
  }

  /// The journal that `ARBORIST_DATABASE` names; `nil` where it names none.
  static func named(in environment: [String: String]) -> JournalLocation? {
    guard let text = environment["ARBORIST_DATABASE"], !text.isEmpty else { return nil }
    return JournalLocation(text)
  }

  /// Opens a journal to read and write, and makes it where there is none; a new file gets these permission bits.
  ///
  /// - Throws: ``JournalError``.
  static func openForWriting(
    _ location: JournalLocation, mode: UInt32 = 0o600
  ) async throws(JournalError) -> any JournalStore {
    switch location {
    case .file(let path): try await SQLiteJournal.open(path: path, access: .readWrite(mode: mode))
    case .server(let address): try await PostgresJournal.open(address, access: .readWrite)
    }
  }

  private static func read(_ location: JournalLocation) async throws -> any JournalStore {
    do {
      switch location {
      case .file(let path):
        guard access(path, F_OK) == 0 else { throw NoJournal(place: location.description) }
        return try await SQLiteJournal.open(path: path, access: .readOnly)
      case .server(let address):
        // A person waits for the answer.
        return try await PostgresJournal.open(address, access: .readOnly, connections: 2, patience: .seconds(2))
      }
    } catch JournalError.empty {
      throw NoJournal(place: location.description)
    }
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
  /// Fit to be shown.
  let place: String

  var description: String { "there is no journal at '\(place)': nothing has run yet" }
}
