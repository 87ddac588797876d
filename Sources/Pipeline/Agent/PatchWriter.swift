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
  ) async throws -> [UInt8] {
    let entries = files.entries.filter { !ignored.contains($0.key) }
    if entries.isEmpty { return [] }
    var contents: [RepositoryPath: (mode: FileMode, bytes: [UInt8])] = [:]
    var removed: [RepositoryPath] = []
    for (path, state) in entries {
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

/// Files of a run that are none of its result: new, and covered by the repository's ignore rules.
struct IgnoredFiles {
  /// The files as the run found them, tracked ones alone; what was changed is in the cell and not here.
  let checkout: String

  /// Those of the paths that are ignored; none where the checkout has no git directory.
  func among(_ paths: [RepositoryPath]) async throws -> Set<RepositoryPath> {
    guard !paths.isEmpty, try FileStatus(Array("\(checkout)/.git".utf8)) != nil else { return [] }
    let place = checkout
    let actor = try await RepositoryActor.open { () throws(GitError) in try Repository.discover(at: place) }
    return try await actor.perform { repository in
      try Set(
        paths.filter { path in
          try repository.isIgnored(path)
            && FileStatus(noFollow: Array("\(place)/".utf8) + path.bytes) == nil
        })
    }
  }
}
