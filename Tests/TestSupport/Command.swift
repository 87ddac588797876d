internal import Base
package import Glibc

/// What a finished command left.
package struct CommandResult: Sendable {
  /// The exit status, or 128 and the signal's number.
  package let status: Int32
  package let output: [UInt8]
  package let errors: [UInt8]

  /// The output as text, without the line end at its end.
  package var text: String {
    var bytes = output
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The output as lines of text.
  package var lines: [String] { text.isEmpty ? [] : text.split(separator: "\n").map(String.init) }
}

/// A command that a test relied on and that did not succeed.
package struct CommandFailure: Error, CustomStringConvertible {
  package let arguments: [String]
  package let status: Int32
  package let errors: String

  package init(arguments: [String], status: Int32, errors: String) {
    self.arguments = arguments
    self.status = status
    self.errors = errors
  }

  package var description: String { "'\(arguments.joined(separator: " "))' ended with \(status): \(errors)" }
}

/// Runs commands for tests with an environment of their own, and waits for them.
package enum Command {
  /// What every command finds in its environment: nothing of the person who runs the tests, and a fixed identity.
  package static let environment: [String: String] = [
    "PATH": inheritedPath,
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "TZ": "UTC",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_AUTHOR_DATE": "1700000000 +0000",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_COMMITTER_DATE": "1700000000 +0000",
  ]

  private static var inheritedPath: String {
    getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
  }

  /// Runs a program, found through `PATH`, to its end.
  ///
  /// Input and output go through files, so that nothing can wait for a full pipe.
  ///
  /// - Throws: ``CommandFailure`` where the program cannot be started.
  @discardableResult
  package static func run(
    _ arguments: [String], in directory: String, input: [UInt8] = [], adding extra: [String: String] = [:]
  ) throws -> CommandResult {
    let scratch = try TemporaryDirectory()
    try Files.write(input, to: scratch.path + "/in")
    let process = try start(
      arguments, in: directory, input: scratch.path + "/in", output: scratch.path + "/out",
      errors: scratch.path + "/err", adding: extra)
    return CommandResult(
      status: wait(for: process), output: try Files.read(scratch.path + "/out"),
      errors: try Files.read(scratch.path + "/err"))
  }

  /// Starts a program and returns its process id; ``wait(for:)`` must follow.
  ///
  /// - Throws: ``CommandFailure`` where the program cannot be started.
  package static func start(
    _ arguments: [String], in directory: String, input: String = "/dev/null", output: String = "/dev/null",
    errors: String = "/dev/null", adding extra: [String: String] = [:]
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    return try spawn(arguments, in: directory, &actions, adding: extra)
  }

  /// Starts a program that reads from and writes to an open socket, which stays the caller's.
  ///
  /// - Returns: The process id; ``wait(for:)`` must follow.
  /// - Throws: ``CommandFailure`` where the program cannot be started.
  package static func start(
    _ arguments: [String], in directory: String, connectedTo socket: Int32
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, socket, 0)
    posix_spawn_file_actions_adddup2(&actions, socket, 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    return try spawn(arguments, in: directory, &actions, adding: [:])
  }

  private static func spawn(
    _ arguments: [String], in directory: String, _ actions: inout posix_spawn_file_actions_t,
    adding extra: [String: String]
  ) throws -> pid_t {
    // The threads that tests run on block every signal, and a child would start with them blocked.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var process: pid_t = 0
    let settings = environment.merging(extra) { _, new in new }.map { "\($0.key)=\($0.value)" }
    // 'env' changes the directory and then is the program itself: posix_spawn alone cannot do that portably.
    let code = withCStrings(["env", "-C", directory] + arguments) { arguments in
      withCStrings(settings) { settings in
        posix_spawnp(&process, "env", &actions, &attributes, arguments, settings)
      }
    }
    guard code == 0 else {
      throw CommandFailure(arguments: arguments, status: code, errors: String(cString: strerror(code)))
    }
    return process
  }

  /// Waits for a started process to end.
  ///
  /// - Returns: The exit status, or 128 and the signal's number.
  package static func wait(for process: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
  }

  /// Runs a program to its end without looking at what it prints.
  @discardableResult
  static func finish(_ arguments: [String]) throws -> Int32 {
    wait(for: try start(arguments, in: "/"))
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let pointers = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers + [nil])
  }
}
