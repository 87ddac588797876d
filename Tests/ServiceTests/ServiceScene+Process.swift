import Base
import FileSystem
import Glibc
import HTTP
import JSON
import TestForge
import TestSupport

import class Foundation.Thread

/// The running service.
struct ServiceProcess: Sendable {
  let process: pid_t
  let log: String
  var port = 0
}

/// Starting, watching and ending the service.
extension ServiceScene {
  /// Starts the service and waits until it is ready; the forge's hooks go to it from then on.
  ///
  /// - Throws: ``ServiceFailure`` where it ends instead.
  func start() async throws {
    let number = starts.withLock { starts in
      starts += 1
      return starts
    }
    let log = "\(directory.path)/serve-\(number).log"
    let program = try Self.program()
    // Each start is a session of its own, by which all processes of it are found.
    let process = try Command.start(
      ["setsid", program, "serve", "--config", directory.path + "/server.yml"], in: directory.path,
      output: log + ".out", errors: log,
      adding: ["HOME": directory.path + "/home"].merging(setting.environment) { _, new in new })
    service.withLock { $0 = ServiceProcess(process: process, log: log) }
    let places = Lock(0)
    try await until("the service listens") {
      places.withLock { $0 = Self.port(inLog: log) ?? 0 }
      return places.withLock { $0 } > 0
    }
    let port = places.withLock { $0 }
    service.withLock { $0?.port = port }
    try await until("the service is ready") { try await self.get("/readyz").head.status == 200 }
    try await hear()
  }

  /// Where the service with this log listens; `nil` where it does not yet.
  static func port(inLog log: String) -> Int? {
    for line in ((try? Files.read(log)) ?? []).split(separator: 0x0a) {
      if let record = try? JSONValue.parse(Array(line)), record["message"]?.string == "listening",
        let port = record["port"]?.string.flatMap({ Int($0) })
      {
        return port
      }
    }
    return nil
  }

  /// Has the forge's hooks go to the service that runs.
  func hear() async throws {
    guard let port = service.withLock({ $0?.port }), port > 0 else { throw ServiceFailure("no service runs") }
    try await forge.moveHooks(to: "http://127.0.0.1:\(port)/webhooks/\(forge.kind.rawValue)")
  }

  /// Starts a worker beside the service, with a home of its own, as on another machine.
  ///
  /// - Returns: Its process.
  @discardableResult
  func startWorker() throws -> pid_t {
    let name = "\(directory.path)/worker-\(workers.withLock { $0.count + 1 })"
    Files.makeDirectory(name)
    let process = try Command.start(
      ["setsid", try Self.program(), "worker", "--config", directory.path + "/server.yml"], in: directory.path,
      output: name + ".out", errors: name + ".log",
      adding: ["HOME": name].merging(setting.environment) { _, new in new })
    workers.withLock { $0.append(process) }
    return process
  }

  /// Ends a worker alone, and not what it started.
  func killWorker(_ process: pid_t) async {
    workers.withLock { $0.removeAll { $0 == process } }
    Glibc.kill(process, SIGKILL)
    _ = await Self.status(of: process)
  }

  /// Tells the workers to end, and waits for them.
  ///
  /// - Returns: Their statuses.
  func stopWorkers(_ signal: Int32 = SIGTERM) async -> [Int32] {
    let all = workers.withLock { workers in
      defer { workers = [] }
      return workers
    }
    for process in all { Glibc.kill(process, signal) }
    var statuses: [Int32] = []
    for process in all { statuses.append(await Self.status(of: process)) }
    return statuses
  }

  /// Tells the service to end, and waits for it.
  ///
  /// - Returns: Its status.
  @discardableResult
  func stop() async throws -> Int32 {
    guard let running = service.withLock({ $0 }) else { return 0 }
    Glibc.kill(running.process, SIGTERM)
    return await ended(running)
  }

  /// Ends every process of the service at once, as a power cut does.
  func kill() async {
    guard let running = service.withLock({ $0 }) else { return }
    // Stopped first, so that it starts nothing while the others are ended.
    Glibc.kill(running.process, SIGSTOP)
    for process in Self.session(of: running.process) where process != running.process { Glibc.kill(process, SIGKILL) }
    Glibc.kill(running.process, SIGKILL)
    _ = await ended(running)
  }

  /// The processes of the service, and of the workers beside it.
  var processes: [pid_t] {
    let leaders = [service.withLock { $0?.process }].compactMap { $0 } + workers.withLock { $0 }
    return leaders.flatMap { Self.session(of: $0) }
  }

  /// Whether a process of the service still runs.
  var leavesProcesses: Bool {
    guard let process = service.withLock({ $0?.process }) else { return false }
    return !Self.session(of: process).isEmpty
  }

  private func ended(_ running: ServiceProcess) async -> Int32 {
    let status = await Self.status(of: running.process)
    service.withLock { $0 = nil }
    return status
  }

  /// Waits for a process to end.
  static func status(of process: pid_t) async -> Int32 {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: Command.wait(for: process)) }
    }
  }

  /// The processes whose session began with this one.
  private static func session(of leader: pid_t) -> [pid_t] {
    let names = (try? Directory.names(Array("/proc".utf8))) ?? []
    var found: [pid_t: (parent: pid_t, session: pid_t)] = [:]
    for name in names {
      guard let number = pid_t(String(decoding: name, as: UTF8.self)),
        let line = try? Files.read("/proc/\(number)/stat"), let end = line.lastIndex(of: UInt8(ascii: ")"))
      else { continue }
      let fields = line[(end + 1)...].split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
      guard fields.count > 3, fields[0] != "Z", let parent = pid_t(fields[1]), let session = pid_t(fields[3]) else {
        continue
      }
      found[number] = (parent, session)
    }
    // Some of them begin sessions of their own.
    var wanted = Set(found.filter { $0.value.session == leader }.keys)
    while true {
      let more = found.filter { wanted.contains($0.value.parent) && !wanted.contains($0.key) }.keys
      if more.isEmpty { return wanted.sorted() }
      wanted.formUnion(more)
    }
  }

  /// Waits until something holds, for as long as that takes.
  ///
  /// - Throws: ``ServiceFailure`` where the service ends meanwhile, or after so many minutes that it must hang.
  func until(_ what: String, _ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(600)
    while try await !condition() {
      if let running = service.withLock({ $0 }) {
        var information = siginfo_t()
        let code = waitid(P_PID, id_t(running.process), &information, WEXITED | WNOHANG | WNOWAIT)
        if code == 0, information.si_signo == SIGCHLD { throw ServiceFailure("the service ended before \(what)") }
      }
      if ContinuousClock.now > end { throw ServiceFailure("it never comes that \(what)") }
      try await Task.sleep(for: .milliseconds(25))
    }
  }

  /// Asks the service for something.
  func get(_ path: String) async throws -> HTTPResponse {
    guard let port = service.withLock({ $0?.port }), port > 0 else { throw ServiceFailure("no service runs") }
    return try await client.send(HTTPRequest(.get, "http://127.0.0.1:\(port)\(path)"))
  }

  /// Waits until all that was reported is dealt with and nothing more can come of it.
  ///
  /// What the service writes raises hooks again, so: all hooks are delivered, the queue is empty, and no hook was raised
  /// in between.
  func settled() async throws {
    try await until("nothing is left to do") {
      await self.forge.hooksAreSent()
      let sent = self.forge.sent.count
      guard try await self.waitingJobs() == 0 else { return false }
      await self.forge.hooksAreSent()
      return self.forge.sent.count == sent
    }
  }

  /// How many jobs wait or run, by the service's own figures.
  func waitingJobs() async throws -> Int {
    let text = String(decoding: try await get("/metrics").body, as: UTF8.self)
    guard text.contains("arborist_journal_up 1") else { return 1 }
    return text.split(separator: "\n").filter { $0.hasPrefix("arborist_queue_jobs{") }
      .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0) { $0 + Int($1) }
  }

  /// How many runs of a kind ended so, since the service that runs was started.
  func runs(_ kind: String, _ verdict: String) async throws -> Int {
    let text = String(decoding: try await get("/metrics").body, as: UTF8.self)
    let line = text.split(separator: "\n").first {
      $0.hasPrefix("arborist_runs_total{") && $0.contains("kind=\"\(kind)\"") && $0.contains("verdict=\"\(verdict)\"")
    }
    return line?.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) } ?? 0
  }

  /// What the service and its workers have logged, of every start.
  var logs: String {
    logFiles.map { file in
      let text = String(decoding: (try? Files.read("\(directory.path)/\(file)")) ?? [], as: UTF8.self)
      return "\(file):\n" + text.split(separator: "\n").suffix(60).joined(separator: "\n")
    }.joined(separator: "\n")
  }

  /// How many lines of the logs hold a text.
  func logLines(with words: String) -> Int {
    logFiles.reduce(0) { count, file in
      let text = String(decoding: (try? Files.read("\(directory.path)/\(file)")) ?? [], as: UTF8.self)
      return count + text.split(separator: "\n").count { $0.contains(words) }
    }
  }

  private var logFiles: [String] {
    let names = (try? Directory.names(Array(directory.path.utf8))) ?? []
    return names.map { String(decoding: $0, as: UTF8.self) }.filter { $0.hasSuffix(".log") }.sorted()
  }

  /// The built program, which lies beside the test bundle.
  static func program(_ name: String = "arborist") throws -> String {
    let bundle = try File.realPath(Array("/proc/self/exe".utf8)) ?? []
    let directory = bundle[..<(bundle.lastIndex(of: UInt8(ascii: "/")) ?? 0)]
    return String(decoding: directory, as: UTF8.self) + "/" + name
  }
}
