import Glibc

/// A failure to run git or to read what it writes.
struct GitFailure: Error, CustomStringConvertible {
  var description: String
}

/// A git process that a program talks to.
struct GitProcess {
  let process: pid_t

  /// Starts git with two of its three streams connected to descriptors.
  init(_ arguments: [String], input: Int32?, output: Int32, closing: [Int32] = []) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    for descriptor in closing { posix_spawn_file_actions_addclose(&actions, descriptor) }
    let path = getenv("PATH").map { "PATH=" + String(cString: $0) } ?? "PATH=/usr/bin:/bin"
    let words = (["git"] + arguments).map { strdup($0) }
    let environment: [String] = [
      path, "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "GIT_CEILING_DIRECTORIES=/tmp", "GIT_CONFIG_COUNT=1",
      "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*",
    ]
    let variables = environment.map { strdup($0) }
    defer { (words + variables).forEach { free($0) } }
    var process = pid_t()
    let failure = posix_spawnp(&process, "git", &actions, nil, words + [nil], variables + [nil])
    guard failure == 0 else { throw GitFailure(description: "cannot run git: error \(failure)") }
    self.process = process
  }

  /// Waits for the end; the exit status.
  func wait() throws -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) == -1 {
      guard errno == EINTR else { throw GitFailure(description: "lost git: error \(errno)") }
    }
    guard status & 0x7F == 0 else { throw GitFailure(description: "git ended by signal \(status & 0x7F)") }
    return (status >> 8) & 0xFF
  }
}

/// The blobs of a repository, through `git cat-file --batch`.
final class BlobReader {
  private let git: GitProcess
  private let requests: UnsafeMutablePointer<FILE>
  private let answers: UnsafeMutablePointer<FILE>

  init(repository: String) throws {
    var input: [Int32] = [0, 0]
    var output: [Int32] = [0, 0]
    guard pipe(&input) == 0, pipe(&output) == 0 else { throw GitFailure(description: "no pipe: error \(errno)") }
    git = try GitProcess(
      ["-C", repository, "cat-file", "--batch"],
      input: input[0],
      output: output[1],
      closing: [input[0], input[1], output[0], output[1]]
    )
    close(input[0])
    close(output[1])
    guard let requests = fdopen(input[1], "w"), let answers = fdopen(output[0], "r") else {
      throw GitFailure(description: "no stream: error \(errno)")
    }
    self.requests = requests
    self.answers = answers
  }

  deinit {
    fclose(requests)
    fclose(answers)
    _ = try? git.wait()
  }

  /// The blob with an object id; `nil` where the repository lacks it.
  func blob(_ id: String) throws -> [UInt8]? {
    fputs(id + "\n", requests)
    fflush(requests)
    var header: [UInt8] = []
    while true {
      let byte = getc(answers)
      guard byte != EOF else { throw GitFailure(description: "git cat-file ended early") }
      if byte == 0x0A { break }
      header.append(UInt8(truncatingIfNeeded: byte))
    }
    let words = header.split(separator: 0x20)
    guard words.count == 3, let size = Int(String(decoding: words[2], as: UTF8.self)) else { return nil }
    var bytes = [UInt8](repeating: 0, count: size + 1)
    guard fread(&bytes, 1, size + 1, answers) == size + 1 else {
      throw GitFailure(description: "git cat-file ended early")
    }
    bytes.removeLast()
    return words[1].elementsEqual("blob".utf8) ? bytes : nil
  }
}

/// Merges by `git merge-file -p`, in a directory of its own.
final class MergeFileJudge {
  private let directory: String

  init() throws {
    var template = Array("/tmp/merge-rows-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw GitFailure(description: "no directory: error \(errno)") }
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for name in ["ours", "base", "theirs", "merged"] { unlink(directory + "/" + name) }
    rmdir(directory)
  }

  /// The merged file, git's exit status, and the seconds that git took from start to end.
  func merge(base: [UInt8], ours: [UInt8], theirs: [UInt8]) throws -> (bytes: [UInt8], status: Int32, seconds: Double) {
    for (name, bytes) in [("ours", ours), ("base", base), ("theirs", theirs)] { try write(bytes, to: name) }
    let merged = open(directory + "/merged", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard merged >= 0 else { throw GitFailure(description: "cannot write to \(directory): error \(errno)") }
    defer { close(merged) }
    let start = ContinuousClock.now
    let git = try GitProcess(
      ["merge-file", "-p", "-q", "-L", "ours", "-L", "base", "-L", "theirs"]
        + ["ours", "base", "theirs"].map { directory + "/" + $0 },
      input: nil,
      output: merged
    )
    let status = try git.wait()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return (try read(merged), status, seconds)
  }

  private func write(_ bytes: [UInt8], to name: String) throws {
    guard let file = fopen(directory + "/" + name, "w") else {
      throw GitFailure(description: "cannot write to \(directory): error \(errno)")
    }
    let count = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, count == bytes.count else {
      throw GitFailure(description: "cannot write to \(directory): error \(errno)")
    }
  }

  private func read(_ descriptor: Int32) throws -> [UInt8] {
    let size = Int(lseek(descriptor, 0, SEEK_END))
    var bytes = [UInt8](repeating: 0, count: size)
    guard pread(descriptor, &bytes, size, 0) == size else {
      throw GitFailure(description: "cannot read from \(directory): error \(errno)")
    }
    return bytes
  }
}

/// The whole of a file.
func contents(ofFile path: String) throws -> [UInt8] {
  guard let file = fopen(path, "r") else { throw GitFailure(description: "cannot read \(path): error \(errno)") }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    if count == 0 { return bytes }
    bytes += chunk[..<count]
  }
}
