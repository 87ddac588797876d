internal import Base
internal import FileSystem
package import Git
package import Work

/// A private repository for one run: its own references, objects and configuration, borrowing the objects of others.
///
/// Nothing that another repository's configuration says holds in it, and nothing that is made in it is seen elsewhere
/// until it is landed. It is thrown away afterwards.
package struct RunWorkspace: Sendable {
  /// The absolute path of its directory.
  package let directory: String
  /// Its repository, confined to a queue of its own.
  package let repository: RepositoryActor<PrivateRepository>

  /// Makes a workspace; one that a dead worker left under the same name is thrown away first.
  ///
  /// - Parameters:
  ///   - run: The run that it is for; it names the directory.
  ///   - parent: The directory under which it is made.
  ///   - objects: The object directories that it borrows from.
  ///   - signer: Signs the commits that are made in it; `nil` to sign none.
  /// - Returns: The workspace; ``remove()`` must follow.
  /// - Throws: ``FileError`` or ``GitError``.
  package static func make(
    for run: RunID, under parent: String, borrowing objects: [String], signer: CommitSigner? = nil
  ) async throws -> RunWorkspace {
    let directory = parent + "/" + run.text
    try remove(directory)
    let repository = try await RepositoryActor.open { () throws(GitError) -> PrivateRepository in
      let repository = try PrivateRepository.create(at: directory, borrowing: objects)
      repository.signer = signer
      return repository
    }
    return RunWorkspace(directory: directory, repository: repository)
  }

  /// Throws it away.
  ///
  /// - Throws: ``FileError`` where a file cannot be removed.
  package func remove() throws {
    try Self.remove(directory)
  }

  /// Throws away what dead workers left, which is everything under the directory: call it while the lock is held.
  ///
  /// - Throws: ``FileError`` where a file cannot be removed.
  package static func sweep(_ parent: String) throws {
    for name in try Directory.names(Array(parent.utf8)) {
      guard let text = String(validating: name, as: UTF8.self), RunID(text) != nil else { continue }
      try remove(parent + "/" + text)
    }
  }

  private static func remove(_ directory: String) throws {
    try Directory.removeTree(Array(directory.utf8))
  }
}
