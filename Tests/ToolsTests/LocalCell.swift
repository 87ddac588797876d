import Base
import Dispatch
import Glibc
import Sandbox

/// A cell without walls, for tests: a temporary directory, processes of this machine and plain file calls.
///
/// Paths in arguments and input that begin with the cell's two directories are those of the temporary one, and back in
/// what commands write.
final class LocalCell: Cell {
  let root: String
  private let state = Lock(State())
  private static let spawning = Lock(())
  private let writes = DispatchQueue(label: "local cell input")

  private struct State {
    var processes: [UInt32: Process] = [:]
    var last: UInt32 = 0
    var checkpoints: UInt32 = 0
    var failure: SandboxError?
    var age = Duration.zero
  }

  private struct Process {
    let pid: pid_t
    let output: String
    var input: Int32?
    let started: ContinuousClock.Instant
    var read = 0
    var ending: CellEnding?
    var ended: ContinuousClock.Instant?
    var isTimedOut = false
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    var nextWaiter = 0
  }

  init() throws {
    var template = Array("/tmp/arborist-tools-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw SandboxError(.cannotStart, operation: "make a directory", detail: "errno \(errno)")
    }
    root = template.withUnsafeBufferPointer {
      String(decoding: $0.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    mkdir(root + "/workspace", 0o755)
    mkdir(root + "/tmp", 0o755)
    mkdir(root + "/output", 0o755)
  }

  /// From now on everything fails as if the cell had died.
  func breakDown(_ error: SandboxError?) {
    state.withLock { $0.failure = error }
  }

  /// From now on every command has run for so much longer.
  func makeOlder(by age: Duration) {
    state.withLock { $0.age = age }
  }

  private func check() throws(SandboxError) {
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }

  // MARK: Paths

  private func real(_ path: CellPath) -> String {
    let text = String(decoding: path.bytes, as: UTF8.self)
    if path.bytes.starts(with: CellPath.workspace.bytes) || path.bytes.starts(with: CellPath.temporary.bytes) {
      return root + text
    }
    return text
  }

  private func inward(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index...].starts(with: "/workspace".utf8) || bytes[index...].starts(with: "/tmp/".utf8) {
        result += Array(root.utf8)
      }
      result.append(bytes[index])
      index += 1
    }
    return result
  }

  private func outward(_ bytes: [UInt8]) -> [UInt8] {
    let prefix = Array(root.utf8)
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == prefix[0], bytes[index...].starts(with: prefix) {
        index += prefix.count
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }

  // MARK: Commands

  func start(_ command: CellCommand) async throws(SandboxError) -> CellProcessID {
    try check()
    let number = state.withLock { state in
      state.last += 1
      return state.last
    }
    let output = "\(root)/output/\(number)"
    var input: (read: Int32, write: Int32)?
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if case .none = command.input {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    } else {
      var ends: [Int32] = [0, 0]
      // Between the two calls no other process may start, or it would keep the pipe open.
      let made = Self.spawning.withLock { _ in
        pipe(&ends) == 0 && fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0
      }
      guard made else { throw SandboxError(.cannotStart, operation: "make a pipe", detail: "errno \(errno)") }
      input = (ends[0], ends[1])
      posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
    }
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(0x80 | POSIX_SPAWN_SETSIGMASK))
    var environment = [
      "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=\(root)", "LC_ALL=C.UTF-8", "GIT_CONFIG_GLOBAL=/dev/null",
      "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_COMMITTER_NAME=Ada",
      "GIT_COMMITTER_EMAIL=ada@example.com",
    ]
    for (name, value) in command.environment { environment.append("\(name)=\(value)") }
    let words = ["env", "-C", real(command.directory)].map { Array($0.utf8) } + command.arguments.map(inward)
    var arguments = words.map { word in strdup(String(decoding: word, as: UTF8.self)) } + [nil]
    var variables = environment.map { strdup($0) } + [nil]
    defer { for pointer in arguments + variables { free(pointer) } }
    var pid: pid_t = 0
    guard access(real(command.directory), F_OK) == 0 else { throw Self.failure("start", command.directory) }
    let code = Self.spawning.withLock { _ in
      posix_spawnp(&pid, "env", &actions, &attributes, &arguments, &variables)
    }
    if let input { close(input.read) }
    guard code == 0 else {
      if let input { close(input.write) }
      throw SandboxError(.refused, operation: "start", detail: "errno \(code)")
    }
    let process = Process(pid: pid, output: output, input: input?.write, started: .now)
    state.withLock { $0.processes[number] = process }
    watch(number, pid: pid, timeout: command.timeout)
    let id = CellProcessID(number: number)
    if case .bytes(let bytes) = command.input { try await write(bytes, to: id, endsInput: true) }
    return id
  }

  private func watch(_ number: UInt32, pid: pid_t, timeout: Duration) {
    let thread = ThreadBody { [self] in
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0, errno == EINTR {}
      let signal = status & 0x7f
      let waiters = state.withLock { state in
        guard var process = state.processes[number] else { return [CheckedContinuation<Void, Never>]() }
        process.ending = process.isTimedOut ? .timedOut : signal == 0 ? .exited(status >> 8 & 0xff) : .signalled(signal)
        process.ended = .now
        let waiters = Array(process.waiters.values)
        process.waiters = [:]
        state.processes[number] = process
        return waiters
      }
      for waiter in waiters { waiter.resume() }
    }
    thread.start()
    guard timeout < .seconds(600) else { return }
    let milliseconds = Int(timeout.components.seconds * 1000 + timeout.components.attoseconds / 1_000_000_000_000_000)
    DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [self] in
      let runs = state.withLock { state in
        guard state.processes[number]?.ending == nil else { return false }
        state.processes[number]?.isTimedOut = true
        return true
      }
      if runs { kill(-pid, SIGKILL) }
    }
  }

  private func process(_ id: CellProcessID) throws(SandboxError) -> Process {
    guard let process = state.withLock({ $0.processes[id.number] }) else {
      throw SandboxError(.notFound, operation: "find a process", detail: "\(id.number)")
    }
    return process
  }

  func write(_ bytes: [UInt8], to id: CellProcessID, endsInput: Bool) async throws(SandboxError) {
    try check()
    let process = try process(id)
    guard let input = process.input, process.ending == nil else {
      throw SandboxError(.notFound, operation: "write", detail: "the process has ended or takes no input")
    }
    let bytes = inward(bytes)
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      writes.async {
        // Who has ended without reading all of it is no reason to end the tests.
        var pipes = sigset_t()
        sigemptyset(&pipes)
        sigaddset(&pipes, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &pipes, nil)
        var sent = 0
        while sent < bytes.count {
          let count = bytes[sent...].withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
          if count <= 0 { break }
          sent += count
        }
        if endsInput { close(input) }
        done.resume()
      }
    }
    if endsInput { state.withLock { $0.processes[id.number]?.input = nil } }
  }

  func output(of id: CellProcessID, waiting: Duration) async throws(SandboxError) -> CellOutput {
    try check()
    _ = try process(id)
    let milliseconds = Int(waiting.components.seconds * 1000 + waiting.components.attoseconds / 1_000_000_000_000_000)
    if milliseconds > 0 {
      await withCheckedContinuation { (waiter: CheckedContinuation<Void, Never>) in
        let token: Int? = state.withLock { state in
          guard var process = state.processes[id.number], process.ending == nil else { return nil }
          process.nextWaiter += 1
          process.waiters[process.nextWaiter] = waiter
          state.processes[id.number] = process
          return process.nextWaiter
        }
        guard let token else { return waiter.resume() }
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [self] in
          state.withLock { $0.processes[id.number]?.waiters.removeValue(forKey: token) }?.resume()
        }
      }
    }
    let process = try process(id)
    let all = Self.content(of: process.output) ?? []
    let new = Array(all[min(process.read, all.count)...])
    state.withLock { $0.processes[id.number]?.read = all.count }
    return CellOutput(
      bytes: outward(new), ending: process.ending,
      elapsed: (process.ended ?? .now) - process.started + state.withLock { $0.age })
  }

  func terminate(_ id: CellProcessID) async throws(SandboxError) {
    try check()
    let process = try process(id)
    kill(-process.pid, SIGKILL)
    _ = try await output(of: id, waiting: .seconds(10))
  }

  func endProcesses() async throws(SandboxError) -> Int {
    try check()
    let running = state.withLock { $0.processes.filter { $0.value.ending == nil } }
    for process in running.values { kill(-process.pid, SIGKILL) }
    for number in running.keys {
      _ = try await output(of: CellProcessID(number: number), waiting: .seconds(10))
    }
    return running.count
  }

  // MARK: Files

  private static func content(of path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      if count <= 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  private static func status(_ path: String) -> stat? {
    var result = stat()
    return lstat(path, &result) == 0 ? result : nil
  }

  private static func failure(_ operation: String, _ path: CellPath) -> SandboxError {
    let code: SandboxError.Code =
      switch errno {
      case ENOENT: .notFound
      case ENOTDIR: .notADirectory
      case EISDIR: .notAFile
      case EACCES, EPERM, EROFS: .permission
      case ENOSPC: .full
      default: .refused
      }
    return SandboxError(code, operation: operation, detail: "errno \(errno)")
  }

  func read(_ path: CellPath, from offset: Int, limit: Int) async throws(SandboxError) -> CellFile {
    try check()
    var status = stat()
    guard stat(real(path), &status) == 0 else { throw Self.failure("read", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw SandboxError(.notAFile, operation: "read", detail: "it is none")
    }
    guard var bytes = Self.content(of: real(path)) else { throw Self.failure("read", path) }
    if path.bytes.starts(with: CellPath.temporary.bytes) { bytes = outward(bytes) }
    let part = bytes.dropFirst(offset).prefix(limit)
    return CellFile(bytes: Array(part), size: bytes.count, isExecutable: status.st_mode & 0o100 != 0)
  }

  func write(_ bytes: [UInt8], to path: CellPath, isExecutable: Bool?) async throws(SandboxError) {
    try check()
    let target = real(path)
    let parts = target.split(separator: "/").dropLast()
    var directory = ""
    for part in parts {
      directory += "/" + part
      if mkdir(directory, 0o755) != 0, errno != EEXIST { throw Self.failure("write", path) }
    }
    let old = Self.status(target)
    let file = open(target + ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw Self.failure("write", path) }
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count <= 0 { break }
      sent += count
    }
    let executable = isExecutable ?? (old.map { $0.st_mode & 0o100 != 0 } ?? false)
    fchmod(file, executable ? 0o755 : 0o644)
    close(file)
    guard rename(target + ".new", target) == 0 else { throw Self.failure("write", path) }
  }

  func remove(_ path: CellPath) async throws(SandboxError) {
    try check()
    guard unlink(real(path)) == 0 else { throw Self.failure("remove", path) }
  }

  func list(_ path: CellPath, limit: Int) async throws(SandboxError) -> [CellEntry] {
    try check()
    guard let directory = opendir(real(path)) else { throw Self.failure("list", path) }
    defer { closedir(directory) }
    var entries: [CellEntry] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name == [0x2e] || name == [0x2e, 0x2e] { continue }
      let status = Self.status(real(path) + "/" + String(decoding: name, as: UTF8.self))
      let kind: CellEntry.Kind =
        switch (status?.st_mode ?? 0) & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .directory
        case S_IFLNK: .link
        default: .other
        }
      entries.append(CellEntry(name: name, kind: kind, size: Int(status?.st_size ?? 0)))
    }
    return Array(entries.sorted { $0.name.lexicographicallyPrecedes($1.name) }.prefix(limit))
  }

  // MARK: States

  /// The checkout is taken for empty, so every file is a change; its stamp is the time at which it was written.
  func changes() async throws(SandboxError) -> [CellChange] {
    try check()
    var changes: [CellChange] = []
    var directories = [""]
    while let directory = directories.popLast() {
      guard let path = CellPath(Array("/workspace/\(directory)".utf8)) else { continue }
      for entry in try await list(path, limit: .max) where directory != "" || entry.name != Array(".git".utf8) {
        let name = directory + String(decoding: entry.name, as: UTF8.self)
        guard let status = Self.status(real(.workspace) + "/" + name), let path = RepositoryPath(name) else { continue }
        if entry.kind == .directory { directories.append(name + "/") }
        guard entry.kind == .file else { continue }
        let stamp = UInt64(status.st_mtim.tv_sec) << 32 | UInt64(status.st_mtim.tv_nsec)
        changes.append(
          CellChange(
            path: path,
            kind: .written(size: entry.size, isExecutable: status.st_mode & 0o100 != 0, stamp: stamp)))
      }
    }
    return changes.sorted { $0.path < $1.path }
  }

  /// Runs a command of the machine to its end.
  func system(_ words: String...) async throws(SandboxError) {
    let id = try await start(CellCommand(words.map { Array($0.utf8) }))
    guard try await output(of: id, waiting: .seconds(60)).ending == .exited(0) else {
      throw SandboxError(.refused, operation: words.joined(separator: " "), detail: "it failed")
    }
  }

  func checkpoint(whole: Bool) async throws(SandboxError) -> CellCheckpoint {
    try check()
    let number = state.withLock { state in
      state.checkpoints += 1
      return state.checkpoints
    }
    try await system("cp", "-a", "/workspace", "/tmp/kept-\(number)")
    return CellCheckpoint(number: number)
  }

  func restore(_ checkpoint: CellCheckpoint) async throws(SandboxError) {
    try check()
    try await system("find", "/workspace", "-mindepth", "1", "-delete")
    try await system("cp", "-a", "/tmp/kept-\(checkpoint.number)/.", "/workspace")
  }

  func forget(_ checkpoint: CellCheckpoint) async throws(SandboxError) {
    try check()
    guard CellPath(Array("/tmp/kept-\(checkpoint.number)".utf8)).flatMap({ Self.status(real($0)) }) != nil else {
      throw SandboxError(.notFound, operation: "forget", detail: "\(checkpoint.number)")
    }
    try await system("rm", "-rf", "/tmp/kept-\(checkpoint.number)")
  }

  func stop() async {
    let pids = state.withLock { $0.processes.values.filter { $0.ending == nil }.map(\.pid) }
    for pid in pids { kill(-pid, SIGKILL) }
    state.withLock { $0.failure = nil }
    do throws(SandboxError) { try await system("bash", "-c", "rm -rf \"$(dirname /workspace)\"") } catch {}
  }
}

/// A thread of its own for a call that blocks.
private final class ThreadBody: Sendable {
  private let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) {
    self.body = body
  }

  func start() {
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    pthread_detach(thread)
  }
}
