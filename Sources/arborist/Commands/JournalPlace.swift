internal import Base
internal import FileSystem
internal import Foundation
internal import Git
internal import Glibc
internal import Installation
internal import Journal
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
    if let path = try named(in: environment) { return try await read(path) }
    let directory: StateDirectory
    do {
      directory = try await stateDirectory(repository: repository, state: state)
    } catch {
      // Without a repository that has one, the person's own journal is meant, where there is one; a path that is no
      // repository's is a mistake.
      if error is GitError, repository != "." { throw error }
      guard state == nil, let own = try? UserDirectories(environment: environment).journal, access(own, F_OK) == 0
      else { throw error }
      return try await read(own)
    }
    return try await read(String(decoding: directory.journal, as: UTF8.self))
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
    if state == nil, try named(in: environment) == nil,
      let own = try? UserDirectories(environment: environment).journal, access(own, F_OK) == 0
    {
      let journal = try await read(own)
      if let found = try? await journal.run(named: run) { return (journal, found) }
    }
    throw first ?? JournalError.notFound("run '\(run)'")
  }

  /// The journal that `ARBORIST_DATABASE` names; `nil` where it names none.
  ///
  /// - Throws: ``CommandFailure`` where this version cannot use it.
  static func named(in environment: [String: String]) throws -> String? {
    guard let path = environment["ARBORIST_DATABASE"], !path.isEmpty else { return nil }
    guard !path.hasPrefix("postgres://"), !path.hasPrefix("postgresql://") else {
      throw CommandFailure(.usage, "ARBORIST_DATABASE names a PostgreSQL database, which this version cannot use yet")
    }
    return path
  }

  private static func read(_ path: String) async throws -> any JournalStore {
    guard access(path, F_OK) == 0 else { throw NoJournal(path: path) }
    do {
      return try await SQLiteJournal.open(path: path, access: .readOnly)
    } catch JournalError.empty {
      throw NoJournal(path: path)
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
  let path: String

  var description: String {
    "there is no journal at '\(DisplayText.escaping(path.utf8))': nothing has run yet"
  }
}
