internal import Base
internal import Journal
package import Sandbox

/// Keeps what changes in the files of a cell in a directory of the run, so that another cell can be given the same.
///
/// A cell and its files end with the process; what is kept here does not. Contents are stored once, under their
/// digests; which of them belong to which state is in the run's events. What a look costs goes by what has changed since
/// the one before: the cell tells no more, and nothing else is gone through.
package actor FilesKeeper: FilesKeeping {
  /// The most bytes of one file that are kept.
  package static let fileLimit = 16 << 20
  /// The most bytes that are kept of a run in all.
  package static let totalLimit = 512 << 20
  /// The most files that are kept; a run that made more has built something, which can be built again.
  package static let countLimit = 20_000

  private let cell: any Cell
  /// Where contents are kept.
  package nonisolated let contents: KeptContents
  private let totalLimit: Int
  /// What differed before the work began; as long as a path stands so, it is no change.
  private let baseline: [RepositoryPath: CellChange.Kind]
  /// What the cell said of each path last, and what was made of it.
  private var seen: [RepositoryPath: Seen] = [:]
  /// Of all that was seen, the sum of what stands for each: it changes with one path at no cost for the others.
  private var sum: UInt64 = 0
  /// The look behind `seen`; `nil` where everything has to be looked at.
  private var look: CellLook?
  /// The stamp of the manifest that says what `seen` says.
  private var agreed: String?
  private var kept: Int

  private struct Seen {
    var kind: CellChange.Kind
    var state: FileState
    var mark: UInt64
  }

  /// Keeps the files of this cell under an absolute path, beside what is kept there already.
  ///
  /// - Parameters:
  ///   - cell: The cell.
  ///   - directory: Where contents are kept.
  ///   - baseline: What differed before the work began, as the cell told it, so that it is no change of the work's.
  ///   - totalLimit: The most bytes that are kept.
  /// - Throws: ``FilesError`` where the directory cannot be made or read.
  package init(
    _ cell: any Cell, directory: String, baseline: [CellChange] = [], totalLimit: Int = totalLimit
  ) throws(FilesError) {
    self.cell = cell
    self.totalLimit = totalLimit
    contents = KeptContents(directory: directory)
    self.baseline = Dictionary(baseline.map { ($0.path, $0.kind) }) { _, last in last }
    kept = try contents.open()
  }

  package func changes(since manifest: FilesManifest) async throws -> FilesDelta? {
    let known = manifest.stamp == agreed ? look : nil
    // Until this look has come to its end, nothing is known.
    look = nil
    var found = try await cell.changes(since: known)
    // What was not listed may have been taken for what it was long ago.
    if found.reverted.contains(where: { seen[$0]?.kind == .unlisted }) { found = try await cell.changes(since: nil) }
    if !baseline.isEmpty { leaveOutBaseline(&found) }
    if found.isWhole { recall(manifest, beside: found.changes) }
    var changed: [ChangedFile] = []
    for change in found.changes.sorted(by: { $0.path < $1.path }) {
      let before = seen[change.path]
      var state = before?.state ?? .lost
      if before?.kind != change.kind { state = try await keep(change) }
      // What was lost is another loss each time it is written to.
      let isNewLoss = state == .lost && before?.kind != change.kind
      let told = found.isWhole ? manifest.entries[change.path] : before?.state
      if told != state || isNewLoss { changed.append(ChangedFile(path: change.path, state: state)) }
      set(change.path, change.kind, state)
    }
    var reverted = found.reverted.filter { seen[$0] != nil }
    if found.isWhole {
      let there = Set(found.changes.map(\.path)).union(retained(manifest, beside: found.changes))
      reverted = manifest.entries.keys.filter { !there.contains($0) }
      for path in seen.keys where !there.contains(path) { forget(path) }
    } else {
      for path in reverted { forget(path) }
    }
    look = found.look
    let stamp = seen.isEmpty ? FilesManifest.origin : Self.text(sum)
    agreed = changed.isEmpty && reverted.isEmpty ? manifest.stamp : stamp
    guard !changed.isEmpty || !reverted.isEmpty else { return nil }
    return FilesDelta(changed: changed, reverted: reverted.sorted(), stamp: stamp)
  }

  /// Takes what stands as it stood before the work for what has not changed.
  private func leaveOutBaseline(_ found: inout CellChanges) {
    let same = found.changes.filter { baseline[$0.path] == $0.kind }.map(\.path)
    guard !same.isEmpty else { return }
    found.changes.removeAll { baseline[$0.path] == $0.kind }
    if !found.isWhole { found.reverted += same }
  }

  // MARK: What was seen

  /// What the manifest has below directories in which there is more than the cell tells: nobody says that it is gone.
  private func retained(_ manifest: FilesManifest, beside changes: [CellChange]) -> [RepositoryPath] {
    let unlisted = Set(changes.lazy.filter { $0.kind == .unlisted }.map(\.path.bytes))
    guard !unlisted.isEmpty else { return [] }
    return manifest.entries.keys.filter { path in
      path.bytes.indices.contains { place in
        path.bytes[place] == UInt8(ascii: "/") && unlisted.contains(Array(path.bytes[..<place]))
      }
    }
  }

  private func recall(_ manifest: FilesManifest, beside changes: [CellChange]) {
    for path in retained(manifest, beside: changes) where seen[path] == nil {
      set(path, .unlisted, manifest.entries[path] ?? .lost)
    }
  }

  private func set(_ path: RepositoryPath, _ kind: CellChange.Kind, _ state: FileState) {
    let digest = Digest(of: [path.bytes, Array(state == .lost ? "\(kind)".utf8 : "\(state)".utf8)])
    let mark = digest.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let before = seen.updateValue(Seen(kind: kind, state: state, mark: mark), forKey: path)
    sum = sum &- (before?.mark ?? 0) &+ mark
  }

  private func forget(_ path: RepositoryPath) {
    if let before = seen.removeValue(forKey: path) { sum = sum &- before.mark }
  }

  /// Stands for a state of the files: the same where all of them are the same.
  private static func text(_ sum: UInt64) -> String {
    let digits = String(sum, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  // MARK: Contents

  private func keep(_ change: CellChange) async throws -> FileState {
    switch change.kind {
    case .removed: return .removed
    case .unlisted: return .lost
    case .linked(let target): return .link(target: target)
    case .written(let size, let isExecutable, _):
      guard size <= Self.fileLimit, kept + size <= totalLimit, seen.count < Self.countLimit,
        let path = CellPath.workspace.appending(change.path.bytes)
      else { return .lost }
      let file: CellFile
      do throws(SandboxError) {
        file = try await cell.read(path, from: 0, limit: Self.fileLimit)
      } catch {
        // Something in the background has taken it away since, or its mode keeps everybody out.
        guard [.notFound, .notAFile, .notADirectory, .permission].contains(error.code) else { throw error }
        return .lost
      }
      guard file.bytes.count == file.size else { return .lost }
      let digest = Digest(ofContent: file.bytes)
      kept += try contents.store(file.bytes, under: digest)
      return .file(digest, isExecutable: isExecutable)
    }
  }

  /// Makes the files of the cell what they were.
  ///
  /// - Throws: ``SandboxError``, or ``FilesError`` where something that was kept cannot be read.
  package func restore(_ manifest: FilesManifest) async throws {
    // What is no longer there goes first: a directory may be in the place of a file, or the other way round.
    for (path, state) in manifest.entries where state == .removed {
      guard let inside = CellPath.workspace.appending(path.bytes) else { continue }
      do throws(SandboxError) {
        try await cell.remove(inside)
      } catch {
        // A checkout that was made anew may lack it, or its directory.
        guard [.notFound, .notADirectory].contains(error.code) else { throw error }
      }
    }
    try await removeEmptyDirectories(manifest)
    for (path, state) in manifest.entries.sorted(by: { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }) {
      guard let inside = CellPath.workspace.appending(path.bytes) else { continue }
      switch state {
      case .file(let digest, let isExecutable):
        try await cell.write(try contents.content(of: digest), to: inside, isExecutable: isExecutable)
      case .link(let target): try await link(inside, to: target)
      case .removed, .lost: break
      }
    }
    _ = try await changes(since: manifest)
  }

  /// Removes the directories that the removals have left empty: something else may be in their place.
  private func removeEmptyDirectories(_ manifest: FilesManifest) async throws {
    let removed = manifest.entries.filter { $0.value == .removed }.keys.compactMap { path -> [UInt8]? in
      path.bytes.lastIndex(of: UInt8(ascii: "/")).map { Array(path.bytes[..<$0]) }
    }
    guard !removed.isEmpty else { return }
    var names: [UInt8] = []
    for directory in Set(removed).sorted(by: { $0.lexicographicallyPrecedes($1) }) { names += directory + [0] }
    // Those that are not empty stay, whatever is said about them.
    _ = try await run(["xargs", "-0", "rmdir", "-p", "--"].map { Array($0.utf8) }, input: .bytes(names))
  }

  private func link(_ path: CellPath, to target: [UInt8]) async throws {
    let script = #"mkdir -p -- "$(dirname -- "$2")" && ln -sfT -- "$1" "$2""#
    let output = try await run(["sh", "-c", script, "sh"].map { Array($0.utf8) } + [target, path.bytes])
    guard output.ending == .exited(0) else {
      throw FilesError("a symbolic link of the run cannot be made again: \(DisplayText.line(output.bytes))")
    }
  }

  /// Runs a command in the workspace to its end.
  private func run(_ arguments: [[UInt8]], input: CellCommand.Input = .none) async throws -> CellOutput {
    guard let output = try await output(of: CellCommand(arguments, input: input)) else { throw CancellationError() }
    return output
  }

  /// What a command wrote; `nil` where the task was cancelled before its end.
  private func output(of command: CellCommand) async throws(SandboxError) -> CellOutput? {
    let process = try await cell.start(command)
    while !Task.isCancelled {
      let output = try await cell.output(of: process, waiting: .seconds(10))
      if output.ending != nil { return output }
    }
    return nil
  }
}
