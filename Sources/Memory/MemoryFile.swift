internal import Base
internal import FileSystem
package import Merging
package import Work

/// The file in which a repository's resolutions are remembered, on disk.
package struct MemoryFile: Sendable, Hashable {
  /// The state directory that it lies in: `arborist` in the git directory, or what `arborist init` recorded.
  package let state: StateDirectory

  package init(in state: StateDirectory) {
    self.state = state
  }

  /// Why a memory is not used.
  package enum Failure: Error, CustomStringConvertible {
    case file(String)
    case format([UInt8], ResolutionFile.FormatError)
    /// Somebody else is learning.
    case locked([UInt8])

    package var description: String {
      switch self {
      case .file(let message): message
      case .format(let path, let error):
        "'\(DisplayText.escaping(path))' is not used: \(error); remove it and run 'arborist learn'"
      case .locked(let path): "'\(DisplayText.escaping(path))' is locked: another 'arborist learn' is at work"
      }
    }
  }

  /// The memory for looking up; `nil` where nothing was learned yet.
  ///
  /// - Throws: ``Failure`` where a file is there and cannot be used.
  package func open() throws(Failure) -> RememberedResolutions? {
    do throws(FileError) {
      guard let status = try FileStatus(noFollow: state.resolutions) else { return nil }
      guard status.kind == .file else { throw FileError("use what is no file at", state.resolutions) }
    } catch {
      throw .file("\(error)")
    }
    let file: OpenFile
    do throws(FileError) {
      file = try OpenFile(state.resolutions)
    } catch {
      throw .file("\(error)")
    }
    do throws(ResolutionFile.FormatError) {
      return try RememberedResolutions(size: file.size) { file.read($0, $1) }
    } catch {
      throw .format(state.resolutions, error)
    }
  }

  /// Changes the memory while nobody else does, and puts it in the place of the old one in one step.
  ///
  /// - Parameter body: Gets what is remembered; an empty memory where there is no file.
  /// - Returns: What `body` returns, and how many bytes the file has.
  /// - Throws: ``Failure``, and what `body` throws; the old file is then still there.
  package func update<Result: Sendable>(
    _ body: (inout ResolutionMemory) async throws -> Result
  ) async throws -> (result: Result, size: Int) {
    try makeDirectory()
    let isShared = try FileStatus(state.path)?.isGroupWritable ?? false
    let mode: UInt32 = isShared ? 0o660 : 0o600
    let lock = try FileDescriptor(opening: state.resolutionsLock, .readWriteOrCreate(mode: mode))
    guard try lock.tryLock() else { throw Failure.locked(state.resolutionsLock) }
    defer { lock.unlock() }
    var memory = ResolutionMemory()
    let before: [UInt8]
    switch try FileEntry(at: state.resolutions, limit: ResolutionFile.largest) {
    case .missing: before = []
    case .file(let content, _):
      before = content
      do throws(ResolutionFile.FormatError) {
        memory = try ResolutionFile.decoded(content)
      } catch {
        throw Failure.format(state.resolutions, error)
      }
    default: throw Failure.file("'\(DisplayText.escaping(state.resolutions))' is no file")
    }
    let result = try await body(&memory)
    memory.trim(to: Self.mostBytes)
    let content = ResolutionFile.encoded(memory)
    if content != before {
      let temporary = state.resolutions + Array(".new".utf8)
      // What a process that died has left; the lock says that nobody writes it now.
      try File.remove(temporary)
      try File.replace(state.resolutions, with: content, mode: mode, temporary: temporary)
    }
    return (result, content.count)
  }

  /// The most bytes that resolutions may take on disk: 64 MiB; the oldest are forgotten first.
  private static let mostBytes = 64 << 20

  private func makeDirectory() throws(FileError) {
    if try FileStatus(state.path) != nil { return }
    try Directory.make(state.path, mode: 0o700)
  }
}

/// A file that stays open as long as it is needed.
private final class OpenFile: Sendable {
  private let file: FileDescriptor
  let size: Int

  init(_ path: [UInt8]) throws(FileError) {
    file = try FileDescriptor(opening: path, .readNoFollow)
    size = try file.size()
  }

  func read(_ offset: Int, _ count: Int) -> [UInt8]? {
    guard offset >= 0, count >= 0, offset <= size, count <= size - offset else { return nil }
    guard let bytes = try? file.read(at: offset, count: count), bytes.count == count else { return nil }
    return bytes
  }
}
