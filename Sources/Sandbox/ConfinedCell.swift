internal import Base
internal import Glibc

/// A cell that a ``Spawner`` has made.
package final class ConfinedCell: Cell {
  package let policy: CellPolicy

  private struct State {
    var nextProcess: UInt32 = 1
    var nextTransfer: UInt32 = 1
    var walls: Set<Wall> = []
    var home: [UInt8] = []
    var tellsOfProxy = true
  }

  private let number: UInt32
  private let connection: Connection
  private let spawner: Spawner
  private let state = Lock(State())

  private enum Request {
    static let start: UInt8 = 1
    static let input: UInt8 = 2
    static let output: UInt8 = 3
    static let terminate: UInt8 = 4
    static let read: UInt8 = 5
    static let write: UInt8 = 6
    static let remove: UInt8 = 7
    static let list: UInt8 = 8
    static let changes: UInt8 = 9
    static let checkpoint: UInt8 = 10
    static let restore: UInt8 = 11
    static let forget: UInt8 = 12
    static let cancel: UInt8 = 13
    static let end: UInt8 = 14
  }

  /// How long an answer may take that takes no time.
  private static let patience = Duration.seconds(60)
  /// And one that depends on how much there is in the workspace.
  private static let longPatience = Duration.seconds(600)
  private static let piece = 1 << 20

  init(number: UInt32, policy: CellPolicy, connection: Connection, spawner: Spawner) {
    self.number = number
    self.policy = policy
    self.connection = connection
    self.spawner = spawner
  }

  deinit {
    // Nobody can use it any more; init ends with the socket.
    connection.close(SandboxError(.ended, operation: "use a cell", detail: "it was given up"))
  }

  /// The walls around it.
  package var walls: Set<Wall> { state.withLock { $0.walls } }

  /// The directory of the host that stands for `/` where there is no mount namespace; empty otherwise.
  package var hostRoot: [UInt8] { state.withLock { $0.home } }

  /// The socket at which the cell's proxy listens, 127.0.0.1:3128 within, for whoever decides what is let out.
  ///
  /// It is `nil` where the policy opens nothing or it was taken before. The caller closes it.
  package func takeProxyListener() -> Int32? { connection.takeDescriptor() }

  /// Whether the environment of commands that are started from here on names the proxy.
  package func tellOfProxy(_ tells: Bool) { state.withLock { $0.tellsOfProxy = tells } }

  func greet() async throws(SandboxError) {
    let operation = "make a cell"
    var reader = WireReader(
      try await answer(operation, to: connection.ask(0, [], within: .seconds(60), limit: 1 << 16, hello: true)))
    let walls = try reader.word()
    let error = try reader.word()
    let failed = String(decoding: try reader.counted(), as: UTF8.self)
    let home = try reader.counted()
    guard failed.isEmpty else {
      throw SandboxError(
        .cannotStart, operation: operation, detail: "\(failed): \(String(cString: strerror(Int32(error))))")
    }
    let held = Set(Wall.allCases.filter { walls >> UInt32($0.rawValue) & 1 == 1 })
    state.withLock { ($0.walls, $0.home) = (held, home) }
  }

  // MARK: - Commands

  package func start(_ command: CellCommand) async throws(SandboxError) -> CellProcessID {
    let operation = "start a command"
    guard !command.arguments.isEmpty else {
      throw SandboxError(.refused, operation: operation, detail: "there is no program to start")
    }
    let number = state.withLock { state in
      defer { state.nextProcess += 1 }
      return state.nextProcess
    }
    var writer = WireWriter()
    writer.put(number)
    var given: [UInt8] = []
    var remaining: [UInt8] = []
    switch command.input {
    case .none: writer.put(UInt8(0))
    case .bytes(let bytes) where bytes.count <= Self.piece / 2:
      writer.put(UInt8(1))
      given = bytes
    case .bytes(let bytes):
      writer.put(UInt8(2))
      remaining = bytes
    case .open: writer.put(UInt8(2))
    }
    writer.put(command.hasTerminal)
    writer.put(UInt64(max(command.timeout.milliseconds, 0)))
    writer.put(UInt64(max(command.outputLimit, 0)))
    writer.put(command.directory.bytes)
    writer.put(command.arguments)
    writer.put(environment(adding: command.environment))
    writer.put(given)
    guard writer.bytes.count < Self.piece else {
      throw SandboxError(.refused, operation: operation, detail: "arguments and environment of more than 1 MiB")
    }
    _ = try await ask(operation, Request.start, writer)
    let process = CellProcessID(number: number)
    if !remaining.isEmpty {
      let bytes = remaining
      // Whoever reads it or not: the command is started, and how it fares shows in its output.
      Task { try? await self.write(bytes, to: process, endsInput: true) }
    }
    return process
  }

  package func write(_ bytes: [UInt8], to process: CellProcessID, endsInput: Bool) async throws(SandboxError) {
    var start = 0
    repeat {
      let end = min(start + Self.piece / 2, bytes.count)
      var writer = WireWriter()
      writer.put(process.number)
      writer.put(endsInput && end == bytes.count)
      writer.put(bytes[start..<end])
      // A command that does not read keeps its input waiting as long as it runs.
      _ = try await ask("write to a command", Request.input, writer, within: .seconds(24 * 3600))
      start = end
    } while start < bytes.count
  }

  package func output(of process: CellProcessID, waiting: Duration) async throws(SandboxError) -> CellOutput {
    let operation = "read what a command wrote"
    let waits = max(.zero, min(waiting, .seconds(24 * 3600)))
    var writer = WireWriter()
    writer.put(process.number)
    writer.put(UInt64(waits.milliseconds))
    let asked = Lock<UInt32?>(nil)
    let connection = connection
    let request = writer.bytes
    // Who is cancelled gets what there is, at once.
    let reply = await withTaskCancellationHandler {
      await connection.ask(
        Request.output, request, within: waits + Self.patience, limit: 300 << 20,
        named: { id in
          asked.withLock { $0 = id }
          if Task.isCancelled { Self.cancel(id, connection) }
        })
    } onCancel: {
      if let id = asked.withLock({ $0 }) { Self.cancel(id, connection) }
    }
    var reader = WireReader(try answer(operation, to: reply))
    let ending = try reader.byte()
    let code = Int32(truncatingIfNeeded: try reader.word())
    let elapsed = try reader.long()
    let dropped = try reader.count()
    let gap = Int(try reader.word())
    let bytes = reader.rest()
    guard ending <= 3, gap <= bytes.count, elapsed < 1 << 50 else { throw WireReader.malformed("a command's state") }
    return CellOutput(
      bytes: bytes, dropped: dropped, droppedAt: dropped > 0 ? gap : nil,
      ending: ending == 0 ? nil : ending == 1 ? .exited(code) : ending == 2 ? .signalled(code) : .timedOut,
      elapsed: .microseconds(Int64(elapsed)))
  }

  private static func cancel(_ id: UInt32, _ connection: Connection) {
    var writer = WireWriter()
    writer.put(id)
    connection.tell(Request.cancel, writer.bytes)
  }

  package func terminate(_ process: CellProcessID) async throws(SandboxError) {
    var writer = WireWriter()
    writer.put(process.number)
    _ = try await ask("end a command", Request.terminate, writer)
  }

  private func environment(adding more: [String: String]) -> [[UInt8]] {
    let root = hostRoot
    func place(_ path: String) -> String { String(decoding: root, as: UTF8.self) + path }
    var values = [
      "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": place("/home/run"),
      "TMPDIR": place("/tmp"), "USER": "run", "LOGNAME": "run", "SHELL": "/bin/bash", "LANG": "C.UTF-8",
      "TERM": "dumb", "CI": "1", "NO_COLOR": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true",
      "GIT_PAGER": "cat", "PAGER": "cat", "EDITOR": "true", "DEBIAN_FRONTEND": "noninteractive",
    ]
    if !policy.openedHosts.isEmpty, state.withLock({ $0.tellsOfProxy }) {
      for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"] { values[name] = "http://127.0.0.1:3128" }
      for name in ["NO_PROXY", "no_proxy"] { values[name] = "localhost,127.0.0.1,::1" }
    }
    values.merge(policy.environment) { $1 }
    values.merge(more) { $1 }
    return values.map { Array("\($0)=\($1)".utf8.filter { $0 != 0 }) }.sorted { $0.lexicographicallyPrecedes($1) }
  }

  // MARK: - Files

  package func read(_ path: CellPath, from offset: Int, limit: Int) async throws(SandboxError) -> CellFile {
    guard offset >= 0, limit >= 0 else {
      throw SandboxError(.refused, operation: "read a file", detail: "an offset or a limit below zero")
    }
    var file = CellFile(bytes: [], size: 0, isExecutable: false)
    repeat {
      var writer = WireWriter()
      writer.put(path.bytes)
      writer.put(UInt64(offset + file.bytes.count))
      writer.put(UInt32(min(limit - file.bytes.count, Self.piece)))
      var reader = WireReader(try await ask("read \(path.display)", Request.read, writer, limit: 2 * Self.piece))
      file.size = try reader.count()
      file.isExecutable = try reader.byte() != 0
      let bytes = reader.rest()
      guard bytes.count <= limit - file.bytes.count else { throw WireReader.malformed("more than was asked for") }
      file.bytes += bytes
      if bytes.isEmpty { break }
    } while file.bytes.count < limit && offset + file.bytes.count < file.size
    return file
  }

  package func write(_ bytes: [UInt8], to path: CellPath, isExecutable: Bool?) async throws(SandboxError) {
    let transfer = state.withLock { state in
      defer { state.nextTransfer += 1 }
      return state.nextTransfer
    }
    var start = 0
    repeat {
      let end = min(start + Self.piece / 2, bytes.count)
      var writer = WireWriter()
      writer.put(path.bytes)
      writer.put(isExecutable.map { $0 ? 1 : 0 } ?? UInt8.max)
      writer.put(end == bytes.count)
      writer.put(transfer)
      writer.put(bytes[start..<end])
      _ = try await ask("write \(path.display)", Request.write, writer)
      start = end
    } while start < bytes.count
  }

  package func remove(_ path: CellPath) async throws(SandboxError) {
    var writer = WireWriter()
    writer.put(path.bytes)
    _ = try await ask("remove \(path.display)", Request.remove, writer)
  }

  package func list(_ path: CellPath, limit: Int) async throws(SandboxError) -> [CellEntry] {
    var writer = WireWriter()
    writer.put(path.bytes)
    writer.put(UInt32(clamping: limit))
    var reader = WireReader(try await ask("list \(path.display)", Request.list, writer, limit: 64 << 20))
    var entries: [CellEntry] = []
    for _ in 0..<(try reader.word()) {
      let kind = try reader.byte()
      let size = try reader.count()
      let kinds: [CellEntry.Kind] = [.file, .directory, .link, .other]
      guard Int(kind) < kinds.count else { throw WireReader.malformed("an entry of kind \(kind)") }
      entries.append(CellEntry(name: try reader.counted(), kind: kinds[Int(kind)], size: size))
    }
    return entries
  }

  // MARK: - The workspace

  package func changes() async throws(SandboxError) -> [CellChange] {
    try await changes(since: nil).changes.sorted { $0.path < $1.path }
  }

  package func changes(since look: CellLook?) async throws(SandboxError) -> CellChanges {
    var request = WireWriter()
    request.put(look?.number ?? 0)
    var reader = WireReader(
      try await ask("find what has changed", Request.changes, request, within: Self.longPatience, limit: 256 << 20))
    var found = CellChanges(
      look: CellLook(number: try reader.word()), isWhole: try reader.byte() != 0, changes: [])
    while !reader.isAtEnd {
      let kind = try reader.byte()
      guard let path = RepositoryPath(try reader.counted()) else { throw WireReader.malformed("a path that is none") }
      switch kind {
      case 0:
        found.changes.append(
          CellChange(
            path: path,
            kind: .written(
              size: try reader.count(), isExecutable: try reader.byte() != 0, stamp: try reader.long())))
      case 1: found.changes.append(CellChange(path: path, kind: .linked(target: try reader.counted())))
      case 2: found.changes.append(CellChange(path: path, kind: .removed))
      case 3: found.changes.append(CellChange(path: path, kind: .unlisted))
      case 4: found.reverted.append(path)
      default: throw WireReader.malformed("a change of kind \(kind)")
      }
    }
    return found
  }

  package func checkpoint(whole: Bool) async throws(SandboxError) -> CellCheckpoint {
    var request = WireWriter()
    request.put(whole)
    var reader = WireReader(
      try await ask("keep the workspace", Request.checkpoint, request, within: Self.longPatience))
    return CellCheckpoint(number: try reader.word())
  }

  package func restore(_ checkpoint: CellCheckpoint) async throws(SandboxError) {
    var writer = WireWriter()
    writer.put(checkpoint.number)
    _ = try await ask("bring the workspace back", Request.restore, writer, within: Self.longPatience)
  }

  /// Gives up a state of the workspace, and the room that it takes.
  package func forget(_ checkpoint: CellCheckpoint) async throws(SandboxError) {
    var writer = WireWriter()
    writer.put(checkpoint.number)
    _ = try await ask("give up a state of the workspace", Request.forget, writer, within: Self.longPatience)
  }

  package func endProcesses() async throws(SandboxError) -> Int {
    var reader = WireReader(try await ask("end what runs in the cell", Request.end, WireWriter()))
    return Int(try reader.word())
  }

  package func refusedProcesses() async -> Int? { await spawner.refusedProcesses(ofCell: number) }

  package func stop() async {
    await spawner.stopCell(number)
    connection.close(SandboxError(.ended, operation: "use a cell", detail: "it was stopped"))
  }

  // MARK: - Asking

  private func ask(
    _ operation: String, _ type: UInt8, _ request: WireWriter, within: Duration = patience, limit: Int = 1 << 20
  ) async throws(SandboxError) -> [UInt8] {
    try answer(operation, to: await connection.ask(type, request.bytes, within: within, limit: limit))
  }

  private func answer(_ operation: String, to reply: Connection.Reply) throws(SandboxError) -> [UInt8] {
    switch reply {
    case .done(let bytes): return bytes
    case .failed(let bytes):
      var reader = WireReader(bytes)
      let code = try reader.byte()
      let detail = String(decoding: try reader.counted(), as: UTF8.self)
      throw Self.error(code, operation: operation, detail: detail)
    case .lost(let error):
      throw SandboxError(error.code, operation: operation, detail: error.detail)
    }
  }

  private static func error(_ code: UInt8, operation: String, detail: String) -> SandboxError {
    let (code, usual): (SandboxError.Code, String) =
      switch code {
      case 1: (.notFound, "there is no such thing")
      case 2: (.notAFile, "it is not a file")
      case 3: (.notADirectory, "it is not a directory")
      case 4: (.permission, "it is not permitted")
      case 5: (.full, "there is no room")
      case 6: (.refused, "the path leads out, or round in circles")
      case 8: (.refused, "it failed")
      default: (.malformed, "the cell did not understand")
      }
    return SandboxError(code, operation: operation, detail: detail.isEmpty ? usual : detail)
  }
}

extension CellPath {
  /// The path as text for messages.
  package var display: String { DisplayText.escaping(bytes) }
}

extension Duration {
  fileprivate var milliseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds.multipliedReportingOverflow(by: 1000).partialValue + attoseconds / 1_000_000_000_000_000
  }
}
