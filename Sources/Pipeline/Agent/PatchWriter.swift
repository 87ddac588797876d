internal import Agent
internal import Base
internal import FileSystem
internal import Git
internal import Work
internal import Workspace

/// Writes what a run changed as a patch, out of what was kept of its files.
struct PatchWriter {
  let keeper: FilesKeeper
  /// The objects of the repository.
  let objects: String
  /// An existing directory for what is only needed meanwhile.
  let scratch: String

  /// The difference between a commit and the same files after a run.
  func patch(
    of files: FilesManifest, without ignored: Set<RepositoryPath>, from commit: ObjectID
  ) async throws -> WrittenPatch {
    let entries = files.entries.filter { !ignored.contains($0.key) }
    if entries.isEmpty { return WrittenPatch() }
    var contents: [RepositoryPath: (mode: FileMode, bytes: [UInt8])] = [:]
    var lost: [RepositoryPath] = []
    var removed: [RepositoryPath] = []
    for (path, state) in entries {
      switch state {
      case .file(let digest, let isExecutable):
        contents[path] = (isExecutable ? .executable : .regular, try await keeper.content(of: digest))
      case .link(let target): contents[path] = (.symbolicLink, target)
      case .removed: removed.append(path)
      case .lost: lost.append(path)
      }
    }
    let workspace = try await RunWorkspace.make(
      for: RunID(random: .random(in: .min ... .max)), under: scratch, borrowing: [objects])
    defer { try? workspace.remove() }
    let (taken, gone, left) = (contents, removed, lost)
    return try await workspace.repository.perform { repository in
      var edits = gone.map { TreeEdit.remove($0) }
      var leftOut = left
      for (path, content) in taken {
        let edit = TreeEdit.put(path, mode: content.mode, blob: try repository.writeBlob(content.bytes))
        do {
          // By itself, because one name that git refuses must not take the others along.
          _ = try repository.writeTree(from: nil, [edit])
          edits.append(edit)
        } catch {
          leftOut.append(path)
        }
      }
      let tree = try repository.writeTree(from: commit, edits)
      return WrittenPatch(
        bytes: try repository.patch(from: commit, to: tree),
        leftOut: leftOut.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) })
    }
  }
}

/// A patch, and what should be in it and is not.
struct WrittenPatch: Sendable {
  var bytes: [UInt8] = []
  var leftOut: [RepositoryPath] = []
}
