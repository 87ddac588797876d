internal import Base
internal import Git
internal import Sandbox

/// Makes the files of a cell's workspace those of another tree.
struct WorkspaceEdit: Sendable {
  let cell: any Cell
  let repository: RepositoryActor<PrivateRepository>

  /// Larger files are not sent in one piece.
  private static let pieceLimit = 32 << 20

  /// Puts what the second tree has in the place of what the first has.
  ///
  /// - Throws: ``SandboxError``, ``StageFailure`` or `GitError`.
  func apply(_ deltas: [TreeDelta]) async throws {
    guard !deltas.isEmpty else { return }
    try await clear(deltas)
    var links: [(RepositoryPath, [UInt8])] = []
    for delta in deltas {
      guard let new = delta.new else { continue }
      let id = new.id
      let content = try await repository.perform { repository throws(GitError) in
        try repository.content(of: id, limit: .max)
      }
      if new.mode == .symbolicLink {
        links.append((delta.path, content))
      } else {
        try await write(content, to: delta.path, isExecutable: new.mode == .executable)
      }
    }
    try await make(links)
  }

  /// Takes away what the second tree has not, and what stands in the way of what it has.
  private func clear(_ deltas: [TreeDelta]) async throws {
    let shell = CellShell(cell: cell)
    let removed = Set(deltas.lazy.filter { $0.new == nil }.map(\.path))
    // A directory of the first tree that is a file or a link in the second goes with everything that is in it.
    var replaced: Set<RepositoryPath> = []
    for delta in deltas where delta.new != nil && delta.old == nil {
      if removed.contains(where: { Self.lies($0, below: delta.path) }) { replaced.insert(delta.path) }
    }
    let gone = deltas.filter { delta in
      guard let new = delta.new else { return true }
      // A file is never written through a link.
      return replaced.contains(delta.path) || delta.old?.mode == .symbolicLink || new.mode == .symbolicLink
    }
    guard !gone.isEmpty else { return }
    let names = gone.flatMap { delta -> [UInt8] in Array("./".utf8) + delta.path.bytes + [0] }
    try await shell.script("xargs -0 rm -rf --", input: names, doing: "remove files of another tree")
    let parents = Set(gone.map { Array($0.path.directory) }).filter { !$0.isEmpty }
    guard !parents.isEmpty else { return }
    // Git has no empty directories; one that holds something else stays.
    let directories = parents.sorted { $1.lexicographicallyPrecedes($0) }.flatMap { path -> [UInt8] in path + [0] }
    _ = try await shell.script(
      "xargs -0 rmdir -p --ignore-fail-on-non-empty -- 2>/dev/null; true", input: directories,
      doing: "remove directories of another tree")
  }

  private static func lies(_ path: RepositoryPath, below directory: RepositoryPath) -> Bool {
    path.bytes.count > directory.bytes.count && path.bytes[directory.bytes.count] == UInt8(ascii: "/")
      && path.bytes.starts(with: directory.bytes)
  }

  private func write(_ content: [UInt8], to path: RepositoryPath, isExecutable: Bool) async throws {
    guard let inside = CellPath.workspace.appending(path.bytes) else {
      throw StageFailure(.sandbox, "the path '\(path)' is too long for a cell")
    }
    do throws(SandboxError) {
      try await put(content, at: inside, isExecutable)
    } catch {
      // Something that setup or git's ignored files have in the way.
      guard [.notAFile, .notADirectory, .refused].contains(error.code) else { throw error }
      try await clearWay(to: path)
      try await put(content, at: inside, isExecutable)
    }
  }

  private func put(_ content: [UInt8], at path: CellPath, _ isExecutable: Bool) async throws(SandboxError) {
    guard content.count > Self.pieceLimit else {
      return try await cell.write(content, to: path, isExecutable: isExecutable)
    }
    let words = ["sh", "-c", #"cat > "$1""#, "sh"].map { Array($0.utf8) } + [path.bytes]
    try await cell.write([], to: path, isExecutable: isExecutable)
    let process = try await cell.start(CellCommand(words, input: .bytes(content), timeout: .seconds(600)))
    let output = try await cell.output(of: process, waiting: .seconds(660))
    guard output.ending == .exited(0) else {
      throw SandboxError(.full, operation: "write \(path.display)", detail: DisplayText.line(output.bytes.prefix(200)))
    }
  }

  /// Removes whatever is at a path, and files that stand where its directories are to be.
  private func clearWay(to path: RepositoryPath) async throws {
    var names: [[UInt8]] = []
    for end in path.bytes.indices where path.bytes[end] == UInt8(ascii: "/") { names.append(Array(path.bytes[..<end])) }
    let script = #"""
      last=$1; shift
      for name in "$@"; do if [ -L "$name" ] || { [ -e "$name" ] && [ ! -d "$name" ]; }; then rm -f -- "$name"; fi; done
      rm -rf -- "$last"
      """#
    try await CellShell(cell: cell).script(script, [path.bytes] + names, doing: "make room for '\(path)'")
  }

  private func make(_ links: [(RepositoryPath, [UInt8])]) async throws {
    let script = #"""
      while [ $# -gt 1 ]; do
        case $2 in */*) mkdir -p -- "${2%/*}";; esac && ln -sfT -- "$1" "$2" || exit 1
        shift 2
      done
      """#
    var rest = links[...]
    while !rest.isEmpty {
      let part = rest.prefix(200)
      rest = rest.dropFirst(200)
      try await CellShell(cell: cell).script(
        script, part.flatMap { [$0.1, Array("./".utf8) + $0.0.bytes] }, doing: "make symbolic links")
    }
  }
}
