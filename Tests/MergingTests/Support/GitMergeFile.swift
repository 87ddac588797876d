import Glibc

/// `git merge-file` as the judge of a merge.
enum GitMergeFile {
  /// What git made of a merge.
  struct Verdict: Equatable {
    var output: [UInt8]
    /// The exit status: the number of conflicts, at most 127, or 255 for a refusal.
    var status: Int32
  }

  struct Failure: Error {
    var message: String
  }

  /// Merges three files in a temporary directory, with the labels `ours`, `base` and `theirs`.
  static func merge(base: [UInt8], ours: [UInt8], theirs: [UInt8], options: [String] = []) throws -> Verdict {
    let directory = try TemporaryDirectory()
    for (name, bytes) in [("base", base), ("ours", ours), ("theirs", theirs)] {
      try directory.write(bytes, to: name)
    }
    let status = try Command.run(
      ["git", "merge-file", "-p", "-q"] + options + ["-L", "ours", "-L", "base", "-L", "theirs"]
        + ["ours", "base", "theirs"].map { directory.path + "/" + $0 },
      output: directory.path + "/output"
    )
    return Verdict(output: try directory.read("output"), status: status)
  }
}

/// A directory that goes when its owner does.
final class TemporaryDirectory {
  let path: String

  init() throws {
    var template = Array("/tmp/arborist-merging-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw GitMergeFile.Failure(message: "mkdtemp failed: errno \(errno)")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    if let directory = opendir(path) {
      while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { unlink(path + "/" + name) }
      }
      closedir(directory)
    }
    rmdir(path)
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    guard let file = fopen(path + "/" + name, "w") else {
      throw GitMergeFile.Failure(message: "cannot write \(name): errno \(errno)")
    }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
      throw GitMergeFile.Failure(message: "cannot write \(name): errno \(errno)")
    }
  }

  func read(_ name: String) throws -> [UInt8] {
    guard let file = fopen(path + "/" + name, "r") else {
      throw GitMergeFile.Failure(message: "cannot read \(name): errno \(errno)")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }
}

/// A program that a test runs.
enum Command {
  /// Runs a program found on the path, without input and without error output; its exit status.
  static func run(_ arguments: [String], output: String) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    // Neither the user's configuration nor that of a repository around the directory may change the result.
    let path = getenv("PATH").map { "PATH=" + String(cString: $0) } ?? "PATH=/usr/bin:/bin"
    let words = arguments.map { strdup($0) }
    let environment: [String] = [
      path, "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "GIT_CEILING_DIRECTORIES=/tmp", "LC_ALL=C",
    ]
    let variables = environment.map { strdup($0) }
    defer { (words + variables).forEach { free($0) } }
    var process = pid_t()
    let failure = posix_spawnp(&process, arguments[0], &actions, nil, words + [nil], variables + [nil])
    guard failure == 0 else { throw GitMergeFile.Failure(message: "cannot run \(arguments[0]): errno \(failure)") }
    var status: Int32 = 0
    while waitpid(process, &status, 0) == -1 {
      guard errno == EINTR else { throw GitMergeFile.Failure(message: "lost \(arguments[0]): errno \(errno)") }
    }
    // The low seven bits name the signal that ended the process; above them is its status.
    guard status & 0x7F == 0 else {
      throw GitMergeFile.Failure(message: "\(arguments[0]) ended by signal \(status & 0x7F)")
    }
    return (status >> 8) & 0xFF
  }
}
