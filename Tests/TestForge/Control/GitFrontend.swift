internal import Glibc
internal import Synchronization

internal import class Foundation.Thread

/// git over HTTP before a forge's repositories: nginx, fcgiwrap and `git-http-backend`.
///
/// It asks the forge who may do what, refuses pushes to protected branches in a hook with the forge's words, and tells
/// the forge what was pushed. It ends with ``stop()`` or with the value.
package final class GitFrontend: Sendable {
  /// `http://127.0.0.1:PORT`; a repository is at `/OWNER/NAME.git`.
  package let address: String
  private let processes: Mutex<[pid_t]>
  private let directory: String

  private init(address: String, processes: [pid_t], directory: String) {
    self.address = address
    self.processes = Mutex(processes)
    self.directory = directory
  }

  deinit { end() }

  /// Whether the programs are there: Debian's `nginx-light` and `fcgiwrap`.
  package static var isPossible: Bool {
    GitRunner.program(["sh", "-c", "PATH=$PATH:/usr/sbin:/sbin; command -v nginx && command -v fcgiwrap"]).status == 0
  }

  /// Starts the front of a forge.
  ///
  /// - Throws: ``ForgeFailure`` where the programs are missing or do not listen.
  package static func start(for forge: TestForge) async throws -> GitFrontend {
    let front = try await forge.withWorld { world in try begin(&world) }
    forge.world.withLock { $0.gitAddress = front.address }
    return front
  }

  /// Ends nginx and fcgiwrap, and waits for them.
  @concurrent
  package func stop() async {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        self.end()
        continuation.resume()
      }
    }
  }

  private func end() {
    let all = processes.withLock { processes in
      defer { processes = [] }
      return processes
    }
    for process in all { kill(-process, SIGTERM) }
    for process in all {
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }
    if !all.isEmpty { _ = GitRunner.program(["rm", "-rf", directory]) }
  }

  private static func begin(_ world: inout World) throws -> GitFrontend {
    let made = GitRunner.program(["mktemp", "-d"])
    guard made.status == 0 else { throw ForgeFailure("no temporary directory could be made") }
    let directory = made.text
    for repository in world.repositories.values { try writeHooks(repository, world) }
    world.hasGitFront = true
    var processes = [
      try spawn(["fcgiwrap", "-c", "4", "-s", "unix:\(directory)/fcgi"], log: directory + "/fcgiwrap.log")
    ]
    var reason = "nginx did not start"
    // The port that is free now may be taken before nginx has it: another one is tried then.
    for _ in 0..<5 {
      guard let port = freePort() else { continue }
      try write(configuration(directory, port: port, world), to: directory + "/nginx.conf")
      let nginx = try spawn(
        ["nginx", "-p", directory, "-e", directory + "/error.log", "-c", directory + "/nginx.conf"],
        log: directory + "/nginx.log")
      if listens(nginx, on: port, in: directory), access(directory + "/fcgi", F_OK) == 0 {
        processes.append(nginx)
        return GitFrontend(address: "http://127.0.0.1:\(port)", processes: processes, directory: directory)
      }
      reason = GitRunner.program(["tail", "-n", "3", directory + "/error.log"]).text
      kill(-nginx, SIGTERM)
      var status: Int32 = 0
      _ = waitpid(nginx, &status, 0)
    }
    for process in processes { kill(-process, SIGTERM) }
    throw ForgeFailure("the git front did not start: \(reason)")
  }

  /// Waits until this very nginx listens, as long as it lives: while it waits for the port, another one may have it.
  private static func listens(_ process: pid_t, on port: UInt16, in directory: String) -> Bool {
    while true {
      var status: Int32 = 0
      if waitpid(process, &status, WNOHANG) != 0 { return false }
      let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      defer { close(socket) }
      if socket >= 0, TestForge.connect(socket, port: port) { return names(socket, directory) }
      usleep(5000)
    }
  }

  /// Whether the server at the other end says that it is the one with this directory.
  private static func names(_ socket: Int32, _ directory: String) -> Bool {
    var patience = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let request = Array("GET \(identity) HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".utf8)
    guard send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return false }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while answer.count < 65536 {
      let count = recv(socket, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      answer += buffer.prefix(count)
    }
    return String(decoding: answer, as: UTF8.self).hasSuffix("\r\n\r\n\(directory)")
  }

  /// Where a front says which one it is.
  static let identity = "/.front"

  private static func freePort() -> UInt16? {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(socket) }
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let done = withUnsafeMutablePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
        bind(socket, place, length) == 0 && getsockname(socket, place, &length) == 0
      }
    }
    return done ? UInt16(bigEndian: place.sin_port) : nil
  }

  private static func spawn(_ arguments: [String], log: String) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // These live long: a connection of somebody else's that they held open would never be seen to be closed.
    for descriptor in Int32(3)..<1024 { posix_spawn_file_actions_addclose(&actions, descriptor) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    // A group of its own: fcgiwrap leaves its children behind when it alone is ended.
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
    var process: pid_t = 0
    let path = (getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin") + ":/usr/sbin:/sbin"
    let found = GitRunner.program(["sh", "-c", "PATH=\"$PATH:/usr/sbin:/sbin\"; command -v \(arguments[0])"]).text
    let code = GitRunner.withCStrings(arguments) { arguments in
      GitRunner.withCStrings(["PATH=\(path)"]) { posix_spawn(&process, found, &actions, &attributes, arguments, $0) }
    }
    guard code == 0 else { throw ForgeFailure("\(arguments[0]) could not be started; is it installed?") }
    return process
  }

  static func write(_ text: String, to path: String, mode: mode_t = 0o644) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw ForgeFailure("\(path) cannot be written") }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      throw ForgeFailure("\(path) cannot be written")
    }
  }
}
