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
  func patch(of files: FilesManifest, from commit: ObjectID) async throws -> [UInt8] {
    if files.entries.isEmpty { return [] }
    var contents: [RepositoryPath: (mode: FileMode, bytes: [UInt8])] = [:]
    var removed: [RepositoryPath] = []
    for (path, state) in files.entries {
      switch state {
      case .file(let digest, let isExecutable):
        contents[path] = (isExecutable ? .executable : .regular, try await keeper.content(of: digest))
      case .link(let target): contents[path] = (.symbolicLink, target)
      case .removed: removed.append(path)
      case .lost: break
      }
    }
    let workspace = try await RunWorkspace.make(
      for: RunID(random: .random(in: .min ... .max)), under: scratch, borrowing: [objects])
    defer { try? workspace.remove() }
    let (taken, gone) = (contents, removed)
    return try await workspace.repository.perform { repository in
      var edits = gone.map { TreeEdit.remove($0) }
      for (path, content) in taken {
        edits.append(.put(path, mode: content.mode, blob: try repository.writeBlob(content.bytes)))
      }
      let tree = try repository.writeTree(from: commit, edits)
      return try repository.patch(from: commit, to: tree)
    }
  }
}
