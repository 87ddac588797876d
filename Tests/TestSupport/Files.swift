internal import Glibc

/// A directory of a test's own, removed with everything in it when the last reference goes away.
package final class TemporaryDirectory: Sendable {
  /// The absolute path, without a symbolic link in it.
  package let path: String

  /// Makes an empty directory.
  ///
  /// - Throws: ``FileFailure`` where none can be made.
  package init() throws {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/arborist-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw FileFailure(action: "make a directory in", path: base) }
    let made = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard let real = realpath(made, nil) else { throw FileFailure(action: "find", path: made) }
    defer { free(real) }
    path = String(cString: real)
  }

  deinit {
    _ = try? Command.finish(["rm", "-rf", path])
    guard Files.exists(path) else { return }
    // Read-only directories, which tests make on purpose.
    _ = try? Command.finish(["chmod", "-R", "u+rwX", path])
    _ = try? Command.finish(["rm", "-rf", path])
  }
}

/// Reading and writing whole files in tests; paths are bytes.
package enum Files {
  /// The content of a file.
  ///
  /// - Throws: ``FileFailure`` where it cannot be read.
  package static func read(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rbe") else { throw FileFailure(action: "read", path: path) }
    defer { fclose(file) }
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { result += buffer[..<count] }
    return result
  }

  /// Writes a file, and the directories above it where they are missing.
  ///
  /// - Throws: ``FileFailure`` where it cannot be written.
  package static func write(_ content: some Collection<UInt8>, to path: String, mode: UInt32 = 0o644) throws {
    try write(content, toBytes: Array(path.utf8), mode: mode)
  }

  /// Writes a file whose path need not be UTF-8, and the directories above it where they are missing.
  ///
  /// - Throws: ``FileFailure`` where it cannot be written.
  package static func write(
    _ content: some Collection<UInt8>, toBytes path: [UInt8], mode: UInt32 = 0o644
  ) throws {
    let failure = FileFailure(action: "write", path: String(decoding: path, as: UTF8.self))
    for (index, byte) in path.enumerated() where byte == UInt8(ascii: "/") && index > 0 {
      mkdir(cString(path[..<index]), 0o755)
    }
    guard let file = fopen(cString(path[...]), "wbe") else { throw failure }
    let bytes = Array(content)
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, written == bytes.count, chmod(cString(path[...]), mode) == 0 else { throw failure }
    if mode & 0o111 != 0 { awaitNoWriter(of: path) }
  }

  /// Waits until no process has a file open for writing.
  ///
  /// A program that another test was just starting has it open between fork and exec, and until then the kernel refuses
  /// to run it ("text file busy"). A lease is refused for as long (fcntl(2)); file systems without leases are not waited
  /// for.
  private static func awaitNoWriter(of path: [UInt8]) {
    let lease: Int32 = 1024  // F_SETLEASE, which the C library shows only to those who ask for its extensions.
    let file = open(cString(path[...]), O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    while fcntl(file, lease, F_RDLCK) != 0 {
      guard errno == EAGAIN || errno == EINTR else { return }
      sched_yield()
    }
    _ = fcntl(file, lease, F_UNLCK)
  }

  /// Makes a directory and those above it.
  package static func makeDirectory(_ path: String) {
    let bytes = Array(path.utf8)
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "/") && index > 0 {
      mkdir(cString(bytes[..<index]), 0o755)
    }
    mkdir(path, 0o755)
  }

  /// Whether something is there.
  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Removes one file or one empty directory.
  package static func remove(_ path: String) { _ = Glibc.remove(path) }

  private static func cString(_ bytes: ArraySlice<UInt8>) -> [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }
}

/// A file that a test could not read or write.
package struct FileFailure: Error, CustomStringConvertible {
  package let action: String
  package let path: String
  private let code = errno

  package init(action: String, path: String) {
    self.action = action
    self.path = path
  }

  package var description: String { "cannot \(action) '\(path)': \(String(cString: strerror(code)))" }
}
