internal import Agent
internal import Base
internal import FileSystem
internal import Git
internal import Work
internal import Workspace

/// Writes what a run left of the files as a tree, out of what was kept of them.
struct TreeWriter {
  let contents: KeptContents

  /// The files of a commit or a tree as a run left them.
  ///
  /// - Parameters:
  ///   - files: What differs.
  ///   - ignored: What of it is no result.
  ///   - base: What it differs from.
  ///   - repository: Where the tree is written.
  /// - Returns: The tree, and what should be in it and is not.
  /// - Throws: ``FilesError`` or ``GitError``.
  func tree(
    of files: FilesManifest, without ignored: Set<RepositoryPath>, from base: ObjectID,
    in repository: RepositoryActor<PrivateRepository>
  ) async throws -> (tree: ObjectID, leftOut: [RepositoryPath]) {
    var taken: [RepositoryPath: (mode: FileMode, bytes: [UInt8])] = [:]
    var lost: [RepositoryPath] = []
    var removed: [RepositoryPath] = []
    for (path, state) in files.entries where !ignored.contains(path) {
      switch state {
      case .file(let digest, let isExecutable):
        taken[path] = (isExecutable ? .executable : .regular, try contents.content(of: digest))
      case .link(let target): taken[path] = (.symbolicLink, target)
      case .removed: removed.append(path)
      case .lost: lost.append(path)
      }
    }
    let (written, gone, left) = (taken, removed, lost)
    return try await repository.perform { repository in
      var edits = gone.map { TreeEdit.remove($0) }
      var leftOut = left
      for (path, content) in written {
        let edit = TreeEdit.put(path, mode: content.mode, blob: try repository.writeBlob(content.bytes))
        do {
          // By itself, because one name that git refuses must not take the others along.
          _ = try repository.writeTree(from: nil, [edit])
          edits.append(edit)
        } catch {
          leftOut.append(path)
        }
      }
      return (try repository.writeTree(from: base, edits), leftOut.sorted())
    }
  }
}

/// Writes what a run changed as a patch.
struct PatchWriter {
  let contents: KeptContents
  /// The objects of the repository.
  let objects: String
  /// An existing directory for what is only needed meanwhile.
  let scratch: String

  /// The difference between a commit and the same files after a run.
  func patch(
    of files: FilesManifest, without ignored: Set<RepositoryPath>, from commit: ObjectID
  ) async throws -> WrittenPatch {
    if files.entries.keys.allSatisfy(ignored.contains) { return WrittenPatch() }
    let workspace = try await RunWorkspace.make(
      for: RunID(random: .random(in: .min ... .max)), under: scratch, borrowing: [objects])
    defer { try? workspace.remove() }
    let (tree, leftOut) = try await TreeWriter(contents: contents).tree(
      of: files, without: ignored, from: commit, in: workspace.repository)
    return try await workspace.repository.perform { repository in
      WrittenPatch(bytes: try repository.patch(from: commit, to: tree), leftOut: leftOut)
    }
  }
}

/// A patch, and what should be in it and is not.
struct WrittenPatch: Sendable {
  var bytes: [UInt8] = []
  var leftOut: [RepositoryPath] = []
}
