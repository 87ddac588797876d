internal import Base
internal import FileSystem
internal import Glibc

/// Where a person wants the patch of a run: a place that could be written to before the run was paid for.
struct PatchFile {
  /// As it was asked for.
  let path: String

  /// Looks whether a file at the path can be written; nothing is made there.
  ///
  /// - Throws: ``CommandFailure`` with what stands in the way.
  init(_ path: String) throws {
    self.path = path
    let bytes = Array(path.utf8)
    let shown = DisplayText.escaping(bytes)
    guard !path.isEmpty else { throw CommandFailure(.usage, "--patch is empty: name a file") }
    let slash = bytes.lastIndex(of: UInt8(ascii: "/"))
    let parent = slash.map { $0 == 0 ? Array("/".utf8) : Array(bytes[..<$0]) } ?? Array(".".utf8)
    do {
      if let there = try FileStatus(bytes) {
        if there.kind == .directory {
          throw CommandFailure(.usage, "--patch '\(shown)' is a directory: name a file")
        }
        guard access(path, W_OK) == 0 else { throw FileError("write to", bytes) }
        return
      }
      guard slash != bytes.endIndex - 1, try FileStatus(parent)?.kind == .directory else {
        throw CommandFailure(
          .usage, "--patch '\(shown)': there is no directory '\(DisplayText.escaping(parent))'; make it first")
      }
      guard access(String(decoding: parent, as: UTF8.self), W_OK | X_OK) == 0 else {
        throw FileError("write to", parent)
      }
    } catch let error as FileError {
      throw CommandFailure(.usage, "--patch '\(shown)' cannot be written: \(error)")
    }
  }

  /// Writes a patch.
  ///
  /// Where it is empty, a file that is there is emptied, so that nobody takes an earlier run's work for this one's, and
  /// none is made.
  ///
  /// - Throws: ``FileError`` where it cannot be written.
  func write(_ patch: [UInt8]) throws(FileError) {
    let bytes = Array(path.utf8)
    let flags = O_WRONLY | O_TRUNC | O_CLOEXEC | (patch.isEmpty ? 0 : O_CREAT)
    let descriptor = open(path, flags, 0o666)
    if descriptor < 0, patch.isEmpty, errno == ENOENT { return }
    guard descriptor >= 0 else { throw FileError("write", bytes) }
    var rest = patch[...]
    var failed = false
    while !rest.isEmpty && !failed {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written >= 0 { rest = rest.dropFirst(written) } else { failed = errno != EINTR }
    }
    let error = FileError("write", bytes)
    // Some file systems tell only now that there is no room.
    if close(descriptor) != 0, !failed { throw FileError("write", bytes) }
    if failed { throw error }
  }
}
