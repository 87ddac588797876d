internal import Base
internal import Glibc

/// A file of git's own that is read whole.
enum SmallFile {
  /// The content; `nil` where there is no file.
  ///
  /// - Throws: ``GitError`` where it cannot be read.
  static func read(_ path: String) throws(GitError) -> [UInt8]? {
    let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw failure(path)
    }
    defer { close(file) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure(path) }
      if count == 0 { return content }
      content += buffer[..<count]
    }
  }

  private static func failure(_ path: String) -> GitError {
    let reason = unsafe String(cString: strerror(errno))
    return GitError(.system, operation: "read '\(DisplayText.escaping(path.utf8))'", message: reason)
  }
}
