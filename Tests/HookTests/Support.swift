import Base
import FileSystem
import Glibc
import Installation
import TestSupport
import Work

/// The built `arborist-hook`, beside the test bundle.
func hookProgram() throws -> String {
  let bundle = try File.realPath(Array("/proc/self/exe".utf8)) ?? []
  let directory = bundle[..<(bundle.lastIndex(of: UInt8(ascii: "/")) ?? 0)]
  return String(decoding: directory, as: UTF8.self) + "/arborist-hook"
}

/// A state directory of a test's own, empty.
struct TestState {
  let home: TemporaryDirectory
  let state: StateDirectory

  init(in home: TemporaryDirectory? = nil, at path: String? = nil) throws {
    let home = try home ?? TemporaryDirectory()
    self.home = home
    let path = path ?? home.path + "/state"
    for name in ["", "/spool", "/spool/new", "/spool/tmp"] { Files.makeDirectory(path + name) }
    guard let state = StateDirectory(Array(path.utf8)) else { throw FileFailure(action: "name", path: path) }
    self.state = state
  }

  var path: String { String(decoding: state.path, as: UTF8.self) }

  /// Runs `arborist-hook post-receive` with this state and a worker that does not exist, unless another is named.
  func postReceive(
    _ input: String, _ words: [String] = [], arborist: String = "/nonexistent/arborist",
    adding environment: [String: String] = [:]
  ) throws -> CommandResult {
    try Command.run(
      [hookProgram(), "post-receive", "--state", path, "--arborist", arborist] + words, in: home.path,
      input: Array(input.utf8), adding: environment)
  }
}

/// A line as git gives it to `post-receive`.
func hookLine(_ number: Int = 1, _ ref: String = "refs/heads/feature") -> String {
  let digits = String(number, radix: 16)
  let new = String(repeating: "0", count: 40 - digits.count) + digits
  return "\(ObjectID.zero.hex) \(new) \(ref)\n"
}

/// A small file system that a test may fill or make read-only.
final class TinyDisk {
  let path: String

  /// Whether this process may mount.
  static let isPossible: Bool = {
    guard geteuid() == 0, let directory = try? TemporaryDirectory() else { return false }
    return (try? TinyDisk(at: directory.path + "/disk")) != nil
  }()

  init(at path: String) throws {
    self.path = path
    Files.makeDirectory(path)
    try run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", path)
  }

  deinit { try? run("umount", path) }

  func makeReadOnly() throws { try run("mount", "-o", "remount,ro", path) }

  /// Leaves no room for another page.
  func fill() throws {
    _ = try Command.run(["dd", "if=/dev/zero", "of=\(path)/fill", "bs=4096"], in: "/")
  }

  private func run(_ words: String...) throws {
    let result = try Command.run(words, in: "/")
    guard result.status == 0 else {
      throw FileFailure(action: "mount", path: path)
    }
  }
}
