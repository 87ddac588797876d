import FileSystem
import Glibc
import TestSupport
import Testing
import Work

/// Runs the built `arborist`, which lies beside the test bundle.
enum Arborist {
  /// The absolute path of a built program.
  static func program(_ name: String = "arborist") throws -> String {
    let bundle = try File.realPath(Array("/proc/self/exe".utf8)) ?? []
    let directory = bundle[..<(bundle.lastIndex(of: UInt8(ascii: "/")) ?? 0)]
    return String(decoding: directory, as: UTF8.self) + "/" + name
  }

  /// Runs it as a user would.
  ///
  /// One that hangs is ended in the end, with status 124, so that the test fails.
  static func run(
    _ words: [String], in directory: String = "/", input: [UInt8] = [], adding environment: [String: String] = [:]
  ) throws -> CommandResult {
    try Command.run(
      ["timeout", "-k", "5", "60", program()] + words, in: directory, input: input, adding: environment)
  }

  static func run(
    _ words: String..., in directory: String = "/", adding environment: [String: String] = [:]
  ) throws -> CommandResult {
    try run(words, in: directory, adding: environment)
  }

  /// Runs a line of the shell in which `$arborist` is the program.
  static func shell(
    _ line: String, in directory: String = "/", adding environment: [String: String] = [:]
  ) throws -> CommandResult {
    try Command.run(
      ["timeout", "-k", "5", "120", "sh", "-c", line], in: directory,
      adding: environment.merging(["arborist": program()]) { given, _ in given })
  }
}

extension CommandResult {
  var errorText: String { String(decoding: errors, as: UTF8.self) }
}

/// Expects a failure as every command shows one: the status, nothing on standard output, one line on standard error.
func expectFailure(
  _ result: CommandResult, _ status: Int32, _ part: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(result.status == status, "\(result.errorText)", sourceLocation: sourceLocation)
  #expect(result.output == [], sourceLocation: sourceLocation)
  let text = result.errorText
  #expect(text.hasPrefix("arborist: ") && text.hasSuffix("\n"), sourceLocation: sourceLocation)
  #expect(!text.dropLast().contains("\n"), "\(text)", sourceLocation: sourceLocation)
  #expect(text.contains(part), "\(text)", sourceLocation: sourceLocation)
  #expect(!text.dropLast().utf8.contains { $0 < 0x20 || $0 == 0x7f }, sourceLocation: sourceLocation)
}

/// Every file below a directory with the hash of its content, to see that nothing changed.
func contents(of directory: String) throws -> String {
  let result = try Command.run(
    ["sh", "-c", "find . -type d -o -type l | sort; find . -type f -print0 | sort -z | xargs -0 -r sha256sum"],
    in: directory)
  try #require(result.status == 0)
  return result.text
}

extension TestRepository {
  /// Brings the index and the work tree to a branch.
  func checkOut(_ branch: String) throws {
    try git("checkout", "--quiet", "--force", branch, "--")
  }

  /// Every reference with what it points to, and what HEAD is.
  func references() throws -> String {
    try git("for-each-ref", "--format=%(refname) %(objectname) %(symref)") + "\n"
      + String(decoding: Files.read(gitDirectory + "/HEAD"), as: UTF8.self)
  }

  /// A work tree with `main`, and `feature` checked out, which adds a stop for the debugger.
  static func withFinding(named name: String = "repo") throws -> TestRepository {
    let repository = try TestRepository(named: name)
    try repository.commit("main", .write("a.js", "let a = 1;\n"))
    try repository.commit(
      "feature", parents: [repository.id("main")], .write("b.js", "let b = 2;\ndebugger;\n"))
    try repository.checkOut("feature")
    return repository
  }

  /// A work tree with `feature` checked out, whose version number conflicts with that of `main`.
  ///
  /// With `isHard`, there is one more conflict, which no resolver settles.
  static func withConflict(isHard: Bool = false, bare: Bool = false, in directory: TemporaryDirectory? = nil)
    throws -> TestRepository
  {
    let repository = try TestRepository(bare: bare, in: directory)
    func package(_ version: String) -> Change { .write("package.json", "{\n  \"version\": \"\(version)\"\n}\n") }
    let base = try repository.commit("main", package("1.0.0"), .write("text", "one\n"))
    try repository.commit("main", package("1.2.0"), .write("text", isHard ? "two\n" : "one\n"))
    try repository.commit("feature", parents: [base], package("1.1.0"), .write("text", isHard ? "three\n" : "one\n"))
    if !bare { try repository.checkOut("feature") }
    return repository
  }
}

/// A small file system that a test may fill.
final class SmallDisk {
  let path: String

  /// Whether this process may mount.
  static let isPossible: Bool = {
    guard geteuid() == 0, let directory = try? TemporaryDirectory() else { return false }
    return (try? SmallDisk(at: directory.path + "/disk")) != nil
  }()

  init(at path: String, kilobytes: Int = 64) throws {
    self.path = path
    Files.makeDirectory(path)
    try run("mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", path)
  }

  deinit { try? run("umount", "-l", path) }

  /// Leaves no room for another page.
  func fill() throws { _ = try Command.run(["dd", "if=/dev/zero", "of=\(path)/fill", "bs=4096"], in: "/") }

  /// Gives the room back.
  func empty() { Files.remove(path + "/fill") }

  private func run(_ words: String...) throws {
    guard try Command.run(words, in: "/").status == 0 else { throw FileFailure(action: "mount", path: path) }
  }
}

/// Another user, whom modes bind.
enum Nobody {
  /// Whether this process may become somebody else.
  static let isPossible: Bool =
    geteuid() == 0 && (try? Command.run(prefix + ["true"], in: "/").status) == 0

  /// What comes before a command that is to run as that user.
  static let prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

  /// Runs `arborist` as that user, who can reach the program only through a copy.
  static func run(_ words: [String], in directory: String, input: [UInt8] = []) throws -> CommandResult {
    let place = try TemporaryDirectory()
    try Command.run(["chmod", "755", place.path], in: "/")
    for name in ["arborist", "arborist-hook"] {
      try Command.run(["cp", Arborist.program(name), place.path + "/" + name], in: "/")
    }
    return try Command.run(
      prefix + ["timeout", "-k", "5", "120", place.path + "/arborist"] + words, in: directory, input: input)
  }
}
