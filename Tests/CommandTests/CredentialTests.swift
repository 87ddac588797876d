import FileSystem
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("The credentials of forges are in the broker alone")
struct CredentialTests {
  private static let byFile = "canary-file-51c07e9d"
  private static let byVariable = "canary-variable-88d2f3ab"
  private static let byUsualVariable = "canary-usual-0e6a94cd"
  private static let ofHook = "canary-hook-7b31e25f"
  private static let ofModel = "canary-model-3c95fd07"
  private static let tokens = [byFile, byVariable, byUsualVariable]

  @Test("Neither the server nor its worker has a token in its memory or environment, and only the worker a model's key")
  func memory() async throws {
    let server = try RunningServer(
      forges: """
          github: { url: "http://127.0.0.1:9/api/v3", webhookSecret: 0123456789abcdef }
          gitlab: { url: "http://127.0.0.1:9", webhookSecret: { env: HOOK }, token: { env: OTHER } }
          gitea: { url: "http://127.0.0.1:9", webhookSecret: 0123456789abcdeg, token: { file: token } }
        """, files: ["token": Self.byFile],
      environment: [
        "OTHER": Self.byVariable, "GITHUB_TOKEN": Self.byUsualVariable, "HOOK": Self.ofHook,
        "DEEPSEEK_API_KEY": Self.ofModel,
      ])
    let worker = try await server.descendant("worker", of: server.process.processIdentifier)
    let broker = try await server.descendant("broker", of: worker)
    // The control comes first: once the broker has read them, they are all there, and the search finds them.
    if geteuid() == 0 {
      for token in Self.tokens {
        while try !ProcessMemory(broker).holds(token) { try await server.pause() }
      }
    }
    while try !ProcessMemory(server.process.processIdentifier).holds(Self.ofHook) { try await server.pause() }
    for process in [server.process.processIdentifier, worker] {
      let memory = try ProcessMemory(process)
      #expect(memory.size > 1 << 20)
      for token in Self.tokens {
        #expect(!memory.holds(token), "\(token) in process \(process)")
      }
    }
    #expect(try !ProcessMemory(worker).holds(Self.ofHook))
    // The key of a model is the worker's, which got it otherwise than in its environment.
    while try !ProcessMemory(worker).holds(Self.ofModel) { try await server.pause() }
    #expect(try !ProcessMemory(server.process.processIdentifier).holds(Self.ofModel))
    if geteuid() == 0 { #expect(try !ProcessMemory(broker).holds(Self.ofModel)) }
    for process in [server.process.processIdentifier, worker, broker] {
      let environment = try File.read(Array("/proc/\(process)/environ".utf8))
      #expect(
        !String(decoding: environment, as: UTF8.self).contains("canary-") || process == server.process.processIdentifier
      )
      for token in Self.tokens + [Self.ofModel] {
        #expect(!String(decoding: environment, as: UTF8.self).contains(token), "\(token) in process \(process)")
      }
    }
  }

  @Test(
    "A token that cannot be read is told of at the start",
    arguments: [
      ("{ file: nowhere }", "forges.gitea.token.file: cannot open"), ("{ file: empty }", "is empty"),
      ("{ env: NOT_THERE }", "the environment has no 'NOT_THERE'"), ("{ file: two }", "is not one line"),
    ])
  func refused(token: String, complaint: String) throws {
    let directory = try TemporaryDirectory()
    try Files.write("\n".utf8, to: directory.path + "/empty", mode: 0o600)
    try Files.write("a\nb\n".utf8, to: directory.path + "/two", mode: 0o600)
    let config = directory.path + "/server.yml"
    let text = """
      listen: 127.0.0.1:0
      database: \(directory.path)/journal.sqlite
      adminToken: the-admin-token-of-a-test
      forges: { gitea: { url: "http://127.0.0.1:9", webhookSecret: 0123456789abcdeg, token: \(token) } }
      """
    try Files.write(text.utf8, to: config, mode: 0o600)
    let environment = ["HOME": directory.path, "XDG_STATE_HOME": "", "ARBORIST_DATABASE": ""]
    for command in ["serve", "worker"] {
      let result = try Arborist.run(command, "--config", config, adding: environment)
      #expect(result.status == 2 || command == "worker" && result.status != 0 && result.status != 124, "\(result)")
      let lines = result.errorText.split(separator: "\n").filter { !$0.contains("warning:") }
      #expect(lines.contains { $0.contains("server.yml:4:") && $0.contains(complaint) }, "\(result.errorText)")
    }
  }
}

extension CredentialTests {
  @Test(
    "What holds secrets, or is the server's own, is shown to no cell",
    arguments: [
      ("/etc", "'/etc' would show every cell '/etc/passwd'"), ("/etc/", "'/etc/' would show every cell '/etc/passwd'"),
      ("/var/lib", "'/var/lib' would show every cell '/var/lib/of-a-test/arborist'"),
      ("/var/lib/of-a-test/arborist/mirrors", "would show every cell '/var/lib/of-a-test/arborist', or a part of it"),
    ])
  func shown(path: String, complaint: String) throws {
    let directory = try TemporaryDirectory()
    let config = directory.path + "/server.yml"
    func run(_ path: String, state: String) throws -> CommandResult {
      let text = """
        database: \(directory.path)/nowhere/journal.sqlite
        adminToken: { file: /etc/passwd }
        sandbox: { paths: [\(path)] }
        """
      try Files.write(text.utf8, to: config, mode: 0o600)
      let environment = ["HOME": directory.path, "XDG_STATE_HOME": state, "ARBORIST_DATABASE": ""]
      return try Arborist.run("worker", "--config", config, adding: environment)
    }
    let result = try run(path, state: "/var/lib/of-a-test")
    #expect(result.status == 2 && result.errorText.contains(complaint), "\(result)")
    // The control: where the path is right it ends for another reason.
    let right = try run("/var/lib/of-a-test", state: directory.path)
    #expect(right.errorText.contains("nowhere") && !right.errorText.contains("sandbox.paths"), "\(right)")
  }
}

/// `arborist serve` with a worker, which ends with this value.
private final class RunningServer {
  let process = Process()
  private let directory: TemporaryDirectory

  init(forges: String, files: [String: String], environment: [String: String]) throws {
    directory = try TemporaryDirectory()
    let config = """
      listen: 127.0.0.1:0
      database: \(directory.path)/journal.sqlite
      adminToken: the-admin-token-of-a-test
      workers: 1
      forges:
      \(forges)
      """
    try Files.write(config.utf8, to: directory.path + "/server.yml", mode: 0o600)
    for (name, content) in files { try Files.write(content.utf8, to: "\(directory.path)/\(name)", mode: 0o600) }
    try Files.write("".utf8, to: directory.path + "/log", mode: 0o600)
    process.executableURL = URL(fileURLWithPath: try Arborist.program())
    process.arguments = ["serve", "--config", directory.path + "/server.yml"]
    process.environment = environment.merging(
      ["HOME": directory.path, "PATH": "/usr/bin:/bin"], uniquingKeysWith: { first, _ in first })
    process.standardError = FileHandle(forWritingAtPath: directory.path + "/log")
    try process.run()
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
  }

  /// Waits a moment for the server, as long as it is there.
  func pause() async throws {
    let log = String(decoding: (try? Files.read(directory.path + "/log")) ?? [], as: UTF8.self)
    try #require(process.isRunning, "\(log)")
    try await Task.sleep(for: .milliseconds(50))
  }

  /// The child of a process that carries out a command.
  func descendant(_ command: String, of parent: pid_t) async throws -> pid_t {
    while true {
      for name in try Directory.names(Array("/proc".utf8)) {
        guard let number = pid_t(String(decoding: name, as: UTF8.self)),
          let words = try? File.read(Array("/proc/\(number)/cmdline".utf8)).split(separator: 0),
          words.count > 1, String(decoding: words[1], as: UTF8.self) == command,
          let status = try? File.read(Array("/proc/\(number)/status".utf8))
        else { continue }
        if String(decoding: status, as: UTF8.self).contains("\nPPid:\t\(parent)\n") { return number }
      }
      try await pause()
    }
  }
}

/// All that a process has in memory that it can write to.
private struct ProcessMemory {
  private let parts: [[UInt8]]

  init(_ process: pid_t) throws {
    let maps = try File.read(Array("/proc/\(process)/maps".utf8))
    let memory = open("/proc/\(process)/mem", O_RDONLY | O_CLOEXEC)
    guard memory >= 0 else { throw FileError("open", Array("/proc/\(process)/mem".utf8)) }
    defer { close(memory) }
    var parts: [[UInt8]] = []
    for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: " ")
      let bounds = fields[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
      guard fields.count > 1, fields[1].hasPrefix("rw"), bounds.count == 2, bounds[0] < 1 << 48 else { continue }
      var address = bounds[0]
      while address < bounds[1] {
        // What was never touched is not there to be read; a string may lie across two parts.
        var part = [UInt8](repeating: 0, count: Int(min(bounds[1] - address, 4 << 20)))
        let count = pread(memory, &part, part.count, off_t(address))
        if count <= 0 { break }
        parts.append(Array(part[..<count]))
        if address + UInt64(count) >= bounds[1] { break }
        address += UInt64(max(count - 64, 1))
      }
    }
    self.parts = parts
  }

  var size: Int { parts.reduce(0) { $0 + $1.count } }

  func holds(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return parts.contains { part in
      part.withUnsafeBytes { memory in
        guard let start = memory.baseAddress, memory.count >= bytes.count else { return false }
        var offset = 0
        while let found = memchr(start + offset, Int32(bytes[0]), memory.count - bytes.count + 1 - offset) {
          if memcmp(found, bytes, bytes.count) == 0 { return true }
          offset = start.distance(to: UnsafeRawPointer(found)) + 1
        }
        return false
      }
    }
  }
}
