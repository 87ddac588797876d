internal import Agent
internal import Base
internal import Dispatch
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

  /// An existing directory for what is only needed meanwhile.
  let scratch: String

  /// Those of the paths that are ignored.
  func among(_ paths: [RepositoryPath]) async throws -> Set<RepositoryPath> {
    guard !paths.isEmpty else { return [] }
    let (place, rules) = (checkout, scratch + "/ignored.git")
    try Directory.removeTree(Array(rules.utf8))
    defer { try? Directory.removeTree(Array(rules.utf8)) }
    let found: Result<Set<RepositoryPath>, any Error> = await withCheckedContinuation { continuation in
      // Looking at files waits for the disk, so it gets a thread of its own.
      DispatchQueue.global().async {
        continuation.resume(returning: Result { try Self.ignored(among: paths, in: place, rules: rules) })
      }
    }
    return try found.get()
  }

  private static func ignored(
    among paths: [RepositoryPath], in place: String, rules: String
  ) throws -> Set<RepositoryPath> {
    let rules = try IgnoreRules(of: place, scratch: rules)
    var ignored: Set<RepositoryPath> = []
    // What is in the checkout is tracked, and then no rule counts.
    for path in paths where try FileStatus(noFollow: Array("\(place)/".utf8) + path.bytes) == nil {
      if try rules.cover(path) { ignored.insert(path) }
    }
    return ignored
  }
}
