internal import Glibc

/// Runs git to its end; for the forge's own thread alone, which may wait.
enum GitRunner {
  struct Result: Sendable {
    let status: Int32
    let output: [UInt8]
    var text: String {
      var text = Substring(decoding: output, as: UTF8.self)
      while text.last == "\n" { text.removeLast() }
      return String(text)
    }
    var lines: [Substring] { text.split(separator: "\n") }
  }

  static let settings = [
    "HOME=/nonexistent", "LC_ALL=C", "TZ=UTC", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
    "GIT_TERMINAL_PROMPT=0", "GIT_AUTHOR_NAME=Forge", "GIT_AUTHOR_EMAIL=forge@example.com",
    "GIT_COMMITTER_NAME=Forge", "GIT_COMMITTER_EMAIL=forge@example.com",
  ]

  static func run(_ arguments: [String], in directory: String) -> Result {
    program(["git", "-C", directory, "-c", "core.quotePath=false"] + arguments)
  }

  /// Runs a program, found through `PATH`; status 127 where it cannot be started.
  static func program(_ arguments: [String]) -> Result {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      return Result(status: 127, output: [])
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var process: pid_t = 0
    let program = arguments.first ?? ""
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    let code = withCStrings(arguments) { arguments in
      withCStrings(["PATH=\(path)"] + settings) { settings in
        posix_spawnp(&process, program, &actions, &attributes, arguments, settings)
      }
    }
    close(ends[1])
    defer { close(ends[0]) }
    guard code == 0 else { return Result(status: 127, output: []) }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(ends[0], &buffer, buffer.count)
      if count > 0 { output += buffer[..<count] }
      if count == 0 || (count < 0 && errno != EINTR) { break }
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return Result(status: status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f), output: output)
  }

  static func withCStrings<Result>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result) -> Result {
    let pointers = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers + [nil])
  }
}
