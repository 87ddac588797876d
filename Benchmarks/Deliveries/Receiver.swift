internal import Base
internal import BenchSupport
internal import Glibc
internal import Journal
internal import JournalPostgres
internal import JournalSQLite
internal import Logging
internal import Server
internal import ServiceLifecycle
internal import Settings
internal import UnixSignals
internal import Work

/// The server as `arborist serve` has it, without workers.
enum BenchServer {
  static let secret = "the-webhook-secret-of-the-benchmark"

  /// Serves until standard input ends; prints the port.
  static func run(database: String) async throws {
    guard let listen = ListenAddress("127.0.0.1:0") else { throw BenchFailure("no address") }
    let settings = ServerSettings(
      listen: listen,
      forges: [
        .github: ForgeSettings(
          url: "https://api.github.com", webhookSecrets: [Secret(secret)], access: .token(.inside))
      ])
    let sink = LogSink(descriptor: 2)
    let filter = SecretFilter(settings.secrets)
    let logger = Logger(label: "arborist") { JSONLogHandler(label: $0, sink: sink, filter: filter, clock: .system) }
    let journal: any JournalStore & JournalStatistics
    switch JournalLocation(database) {
    case .file(let path): journal = try await SQLiteJournal.open(path: path, access: .readWrite(mode: 0o600))
    case .server(let address): journal = try await PostgresJournal.open(address, access: .readWrite)
    }
    let server = ArboristServer(
      settings: settings, journal: journal, reading: WebhookDeliveries(settings: settings), logger: logger,
      onListening: { port in
        let line = Array("\(port)\n".utf8)
        _ = write(1, line, line.count)
      })
    let group = ServiceGroup(
      configuration: .init(services: [server], gracefulShutdownSignals: [.sigterm], logger: logger))
    try await group.run()
  }
}

/// The server in a process of its own.
final class BenchProcess {
  let number: pid_t
  let port: Int

  init(program: String, database: String, log: String) throws {
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addclose(&actions, ends[0])
    var process: pid_t = 0
    let texts: [String] = [program, "serve", database]
    var words: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    guard posix_spawn(&process, program, &actions, nil, &words, environ) == 0 else {
      throw BenchFailure("cannot start \(program)")
    }
    number = process
    close(ends[1])
    defer { close(ends[0]) }
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while read(ends[0], &byte, 1) == 1, byte != 0x0a { line.append(byte) }
    guard let port = Int(String(decoding: line, as: UTF8.self)) else {
      throw BenchFailure("the server did not begin; see \(log)")
    }
    self.port = port
  }

  /// Resident bytes now, and the most there were.
  func memory() throws -> (now: Int, peak: Int) {
    var (now, peak) = (0, 0)
    for line in try Files.lines("/proc/\(number)/status") {
      let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      guard fields.count > 1, let count = Int(fields[1]) else { continue }
      if fields[0] == "VmRSS:" { now = count * 1024 }
      if fields[0] == "VmHWM:" { peak = count * 1024 }
    }
    return (now, peak)
  }

  /// Processor seconds until now.
  func cpu() throws -> Double {
    let text = try Files.lines("/proc/\(number)/stat").first ?? ""
    let fields = (text.split(separator: ")").last ?? "").split(separator: " ")
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  func end() {
    kill(number, SIGTERM)
    var status: Int32 = 0
    waitpid(number, &status, 0)
  }
}
