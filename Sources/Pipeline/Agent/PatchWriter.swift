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
    let root = Array(place.utf8)
    var looked: [[UInt8]: Bool] = [:]
    // What is in the checkout is tracked, and then no rule counts.
    let candidates = try paths.filter { path in
      try FileStatus(noFollow: root + [UInt8(ascii: "/")] + path.bytes) == nil
        && hasOwnRules(path, under: root, &looked)
    }
    guard !candidates.isEmpty else { return [] }
    let rules = try IgnoreRules(of: place, scratch: rules)
    return try Set(candidates.filter { try rules.cover($0) })
  }

  /// The largest file of rules that is read.
  private static let largest = 1 << 20

  /// Whether all rules for a path are the repository's own: libgit2 follows links, and a stranger's could lead it to any
  /// file of the machine.
  private static func hasOwnRules(
    _ path: RepositoryPath, under root: [UInt8], _ looked: inout [[UInt8]: Bool]
  ) throws -> Bool {
    var directory = root
    var parts = path.components.map(Array.init)[...]
    while true {
      if looked[directory] == nil { looked[directory] = try isOwn(directory) }
      guard looked[directory] == true else { return false }
      guard parts.count > 1, let part = parts.popFirst() else { return true }
      directory += [UInt8(ascii: "/")] + part
    }
  }

  /// Whether a directory is none or a real one, with no file of rules or a real and small one.
  private static func isOwn(_ directory: [UInt8]) throws -> Bool {
    guard let status = try FileStatus(noFollow: directory) else { return true }
    guard status.kind == .directory else { return false }
    let rules = directory + Array("/.gitignore".utf8)
    guard let found = try FileStatus(noFollow: rules) else { return true }
    return try found.kind == .file && FileDescriptor(opening: rules, .readNoFollow).size() <= largest
  }
}
