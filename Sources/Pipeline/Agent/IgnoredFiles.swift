internal import Agent
internal import Base
internal import Dispatch
internal import FileSystem
internal import Git
internal import Work

/// Files of a run that are none of its result: new, and covered by the ignore rules as the run left them.
///
/// Rules that came into being in the run count like all others, as `git status` in the cell would have it. They are
/// written to a directory of their own, so that nothing which a stranger put beside them is ever followed.
struct IgnoredFiles {
  /// The files as the run found them, tracked ones alone; what was changed is in the cell and not here.
  let checkout: String
  let contents: KeptContents
  /// An existing directory for what is only needed meanwhile.
  let scratch: String

  /// Those of the files that are ignored.
  func among(_ files: FilesManifest) async throws -> Set<RepositoryPath> {
    guard !files.entries.isEmpty else { return [] }
    // By path; empty where there are none any more, or a link, which git does not follow.
    var changed: [[UInt8]: [UInt8]] = [:]
    for (path, state) in files.entries where path.components.last?.elementsEqual(Self.name) == true {
      guard case .file(let digest, _) = state else {
        changed[path.bytes] = []
        continue
      }
      let content = try contents.content(of: digest)
      changed[path.bytes] = content.count <= Self.largest ? content : []
    }
    let draft = Draft(checkout: Array(checkout.utf8), changed: changed, place: scratch + "/ignored")
    try Directory.removeTree(Array(draft.place.utf8))
    defer { try? Directory.removeTree(Array(draft.place.utf8)) }
    let found: Result<Set<RepositoryPath>, any Error> = await withCheckedContinuation { continuation in
      // Looking at files waits for the disk, so it gets a thread of its own.
      DispatchQueue.global().async {
        continuation.resume(returning: Result { try draft.ignored(among: files) })
      }
    }
    return try found.get()
  }

  private static let name = Array(".gitignore".utf8)
  /// The largest file of rules that is read.
  private static let largest = 1 << 20

  /// The rules of a run's end, in a directory of their own.
  private struct Draft: Sendable {
    let checkout: [UInt8]
    /// The files of rules that the run changed, by path.
    let changed: [[UInt8]: [UInt8]]
    let place: String

    private var files: [UInt8] { Array("\(place)/files".utf8) }

    func ignored(among manifest: FilesManifest) throws -> Set<RepositoryPath> {
      // What is in the checkout is tracked, and then no rule counts.
      let candidates = try manifest.entries.filter { path, state in
        try state != .removed && found(path.components.map(Array.init)) == nil
      }
      guard !candidates.isEmpty else { return [] }
      try Directory.make(Array(place.utf8), mode: 0o700)
      try Directory.make(files, mode: 0o700)
      var written: Set<[UInt8]> = []
      for (path, state) in candidates {
        let parts = path.components.map(Array.init)
        for depth in parts.indices {
          let directory = Array(parts[..<depth])
          if written.insert(joined(directory)).inserted { try write(rulesOf: directory) }
        }
        // It may be a directory that was too large to list, and then a rule for directories covers it.
        if state == .lost { try make(parts) }
      }
      let rules = try IgnoreRules(of: place + "/files", scratch: place + "/git")
      return try Set(candidates.keys.filter { try Self.question($0).map { try rules.cover($0) } ?? false })
    }

    /// What the rules are asked about: of a repository within this one, which nothing takes, the directory that it is in.
    private static func question(_ path: RepositoryPath) -> RepositoryPath? {
      let name = Array(".git".utf8)
      guard path.components.contains(where: { $0.elementsEqual(name) }) else { return path }
      return RepositoryPath(Array(path.components.prefix { !$0.elementsEqual(name) }.joined(separator: [0x2f])))
    }

    private func write(rulesOf directory: [[UInt8]]) throws {
      let parts = directory + [IgnoredFiles.name]
      guard let rules = try changed[joined(parts)] ?? original(parts), !rules.isEmpty else { return }
      try make(directory)
      try FileDescriptor(opening: files + [UInt8(ascii: "/")] + joined(parts), .create(mode: 0o600)).write(rules)
    }

    private func make(_ directory: [[UInt8]]) throws {
      var path = files
      for part in directory {
        path += [UInt8(ascii: "/")] + part
        if try FileStatus(noFollow: path) == nil { try Directory.make(path, mode: 0o700) }
      }
    }

    /// What the checkout has of a file of rules.
    private func original(_ parts: [[UInt8]]) throws -> [UInt8]? {
      guard try found(parts)?.kind == .file else { return nil }
      let file = try FileDescriptor(opening: checkout + [UInt8(ascii: "/")] + joined(parts), .readNoFollow)
      return try file.size() <= IgnoredFiles.largest ? file.readToEnd(limit: IgnoredFiles.largest) : nil
    }

    /// What is at a path of the checkout, on the way to which no link is followed.
    private func found(_ parts: [[UInt8]]) throws -> FileStatus? {
      var path = checkout
      for part in parts.dropLast() {
        path += [UInt8(ascii: "/")] + part
        guard try FileStatus(noFollow: path)?.kind == .directory else { return nil }
      }
      return try parts.last.flatMap { try FileStatus(noFollow: path + [UInt8(ascii: "/")] + $0) }
    }

    private func joined(_ parts: [[UInt8]]) -> [UInt8] { Array(parts.joined(separator: [UInt8(ascii: "/")])) }
  }
}
