internal import Base
internal import FileSystem
internal import Glibc

/// `O_PATH`: a place in the file system, and no right to read it.
private let pathOnly: Int32 = 0o10_000_000

/// The process that makes cells; everything in them ends with it, and it ends with Arborist.
///
/// It is to be started early, once, and kept: what it forks is as small as it is itself.
package final class Spawner: Sendable {
  /// Which walls this machine gives.
  package let report: SandboxReport
  /// The process id of the spawner.
  package let processID: Int32

  private let connection: Connection
  private let loop: SocketLoop
  private let next = Lock<UInt32>(1)

  private enum Message {
    static let make: UInt8 = 1
    static let stop: UInt8 = 2
    static let report: UInt8 = 3
    static let sweep: UInt8 = 4
    static let read: UInt8 = 5
    static let refused: UInt8 = 6
  }

  /// How a spawner is started.
  package struct Options: Sendable {
    /// The program; `nil` for the one beside the running executable.
    package var program: [UInt8]?
    /// Where locks of user ids are, and copies of checkouts where there is no overlay; `nil` for the usual place.
    ///
    /// Every Arborist of a machine that is started by the same user has to use the same one.
    package var state: [UInt8]?
    /// The user ids of runs, for root: the first, and how many.
    ///
    /// The default lies where nothing else takes ids from.
    package var users: (first: UInt32, count: UInt32) = (1_983_000_000, 256)
    /// Walls to go without, to see what happens then.
    package var pretendedMissing: Set<Wall> = []

    package init() {}
  }

  /// Starts the process, which first ends whatever runs left behind that nobody holds any more.
  ///
  /// - Throws: ``SandboxError`` where it cannot be started.
  package init(_ options: Options = Options()) async throws(SandboxError) {
    let state: [UInt8]
    if let given = options.state { state = given } else { state = Self.usualState() }
    let program: [UInt8]
    if let given = options.program { program = given } else { program = try Self.programBesideThis() }
    var arguments: [[UInt8]] = [program, Array("spawner".utf8), Array("--state".utf8), state]
    arguments += ["--uids", "\(options.users.first):\(options.users.count)"].map { Array($0.utf8) }
    let pretended = options.pretendedMissing.reduce(0) { $0 | 1 << $1.rawValue }
    if pretended != 0 { arguments += [Array("--pretend-missing".utf8), Array("\(pretended)".utf8)] }
    let (ours, theirs) = try socketPair(Int32(SOCK_SEQPACKET.rawValue))
    let loop: SocketLoop
    do throws(SandboxError) {
      // Its end is closed here before an answer is waited for: otherwise nobody would notice a spawner that dies first.
      defer { close(theirs) }
      processID = try start(arguments, socket: theirs)
      loop = try SocketLoop()
    } catch {
      close(ours)
      throw error
    }
    self.loop = loop
    let processID = processID
    // Asked here once, and then reaped in the background by whoever stops it; a spawner that ends by itself is noticed by
    // the end of its socket.
    connection = Connection(raw: ours, framing: .packets, loop: loop) { reap(processID) }
    connection.begin()
    let reply = await connection.ask(Message.report, [], within: .seconds(120))
    switch reply {
    case .done(let bytes): report = try SandboxReport(bytes)
    case .failed, .lost:
      connection.close(SandboxError(.ended, operation: "start arborist-cell", detail: "it ended"))
      loop.stop()
      throw SandboxError(
        .cannotStart, operation: "start arborist-cell",
        detail: "\(String(decoding: program, as: UTF8.self)) does not answer; is it of this version, and may this user"
          + " write to \(String(decoding: state, as: UTF8.self))?")
    }
  }

  deinit {
    connection.close(SandboxError(.ended, operation: "use the spawner", detail: "it was given up"))
    loop.stop()
  }

  /// Makes a cell.
  ///
  /// - Throws: ``SandboxError``: ``SandboxError/Code-swift.enum/wallMissing`` where a needed wall is missing and what is to
  ///   run is not trusted.
  package func makeCell(_ policy: CellPolicy) async throws(SandboxError) -> ConfinedCell {
    try checkWalls(policy)
    let number = next.withLock { number in
      defer { number = number == .max ? 1 : number + 1 }
      return number
    }
    let checkout = policy.checkout.withCString { open($0, pathOnly | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
    guard checkout >= 0 else {
      throw SandboxError(
        .cannotStart, operation: "open the checkout \(String(decoding: policy.checkout, as: UTF8.self))",
        detail: String(cString: strerror(errno)))
    }
    // What is a directory and open to Arborist is handed over; for everything else the path has to do.
    let opened = policy.readOnly.map { path in
      path.source.isEmpty ? -1 : path.source.withCString { open($0, pathOnly | O_DIRECTORY | O_CLOEXEC) }
    }
    defer { for descriptor in opened + [checkout] where descriptor >= 0 { close(descriptor) } }
    let (ours, theirs) = try socketPair(Int32(SOCK_STREAM.rawValue))
    let socket = Connection(raw: ours, framing: .stream, loop: loop)
    let request: [UInt8]
    do throws(SandboxError) {
      request = try encode(policy, number: number, opened: opened)
    } catch {
      close(theirs)
      throw error
    }
    let reply = await connection.ask(
      Message.make, request, within: .seconds(120), descriptors: [theirs, checkout] + opened.filter { $0 >= 0 })
    close(theirs)
    switch reply {
    case .done: break
    case .failed(let bytes):
      var reader = WireReader(bytes)
      _ = try reader.byte()
      throw SandboxError(
        .cannotStart, operation: "make a cell", detail: String(decoding: try reader.counted(), as: UTF8.self))
    case .lost(let error): throw SandboxError(.cannotStart, operation: "make a cell", detail: error.detail)
    }
    let cell = ConfinedCell(number: number, policy: policy, connection: socket, spawner: self)
    do throws(SandboxError) {
      try await cell.greet()
    } catch {
      await cell.stop()
      throw error
    }
    return cell
  }

  /// Makes a cell over an empty directory and runs `true` in it.
  ///
  /// It finds what a report of walls, each tried by itself, cannot: such as whether a container lets `/proc` be mounted.
  ///
  /// - Throws: ``SandboxError`` with what failed and, where it is known, what helps.
  package func tryCell() async throws(SandboxError) {
    let operation = "make a cell to see whether it can be made"
    var template = Array("/tmp/arborist-cell-XXXXXX".utf8CString)
    guard template.withUnsafeMutableBufferPointer({ $0.baseAddress.map { mkdtemp($0) } ?? nil }) != nil else {
      throw SandboxError(.cannotStart, operation: operation, detail: "/tmp: \(String(cString: strerror(errno)))")
    }
    let directory = template.dropLast().map { UInt8(bitPattern: $0) }
    defer { try? Directory.removeTree(directory) }
    do throws(SandboxError) {
      // Walls that are missing are the report's to tell; here it counts whether the others can be put up.
      let cell = try await makeCell(CellPolicy(checkout: directory, isTrusted: true))
      let ending: CellEnding?
      do throws(SandboxError) {
        let process = try await cell.start(CellCommand([Array("true".utf8)], timeout: .seconds(60)))
        ending = try await cell.output(of: process, waiting: .seconds(90)).ending
      } catch {
        await cell.stop()
        throw error
      }
      await cell.stop()
      guard ending == .exited(0) else {
        let found = ending.map { "\($0)" } ?? "it still runs"
        throw SandboxError(.cannotStart, operation: operation, detail: "'true' does not end as it should: \(found)")
      }
    } catch {
      let masked = error.detail.hasPrefix("mount /proc")
      let advice = "; a part of /proc is covered, as in containers (Docker: --security-opt systempaths=unconfined)"
      throw SandboxError(error.code, operation: error.operation, detail: error.detail + (masked ? advice : ""))
    }
  }

  /// Tries as a run's user to read a directory with what is in it: three levels, a thousand names of each, without the
  /// files that git itself never reads there.
  ///
  /// - Throws: ``SandboxError`` where it could not be tried.
  package func readAccess(to directory: [UInt8]) async throws(SandboxError) -> ReadAccess {
    let operation = "try to read \(DisplayText.escaping(directory))"
    guard report.holding.contains(.mountNamespace) else {
      return .unreadable("without a mount namespace there is no place to show it at")
    }
    let descriptor = directory.withCString { open($0, pathOnly | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { return .unreadable(String(cString: strerror(errno))) }
    defer { close(descriptor) }
    switch await connection.ask(Message.read, [], within: .seconds(120), descriptors: [descriptor]) {
    case .done(let bytes):
      var reader = WireReader(bytes)
      if try reader.byte() != 0 { return .readable }
      let path = directory + (try reader.counted())
      return .unreadable("'\(DisplayText.escaping(path))' is not open to all users")
    case .failed(let bytes):
      var reader = WireReader(bytes)
      _ = try reader.byte()
      throw SandboxError(
        .cannotStart, operation: operation, detail: String(decoding: try reader.counted(), as: UTF8.self))
    case .lost(let error): throw error
    }
  }

  /// Ends what runs have left behind that nobody holds any more, as after a crash; returns how many processes there were.
  @discardableResult
  package func sweep() async throws(SandboxError) -> Int {
    switch await connection.ask(Message.sweep, [], within: .seconds(120)) {
    case .done(let bytes):
      var reader = WireReader(bytes)
      return Int(try reader.word())
    case .failed: throw SandboxError(.cannotStart, operation: "sweep", detail: "the spawner refuses")
    case .lost(let error): throw error
    }
  }

  func stopCell(_ number: UInt32) async {
    var writer = WireWriter()
    writer.put(number)
    _ = await connection.ask(Message.stop, writer.bytes, within: .seconds(60))
  }

  /// How many processes and threads a cell was refused; `nil` where nobody counts.
  func refusedProcesses(ofCell number: UInt32) async -> Int? {
    var writer = WireWriter()
    writer.put(number)
    guard case .done(let bytes) = await connection.ask(Message.refused, writer.bytes, within: .seconds(60)) else {
      return nil
    }
    var reader = WireReader(bytes)
    return reader.isAtEnd ? nil : try? reader.count()
  }

  private func checkWalls(_ policy: CellPolicy) throws(SandboxError) {
    if !policy.isTrusted, let missing = report.missing {
      throw SandboxError(.wallMissing, operation: "confine \(missing.wall.name)", detail: missing.detail)
    }
    if !policy.openedHosts.isEmpty && !report.holding.contains(.networkNamespace) {
      throw SandboxError(
        .wallMissing, operation: "open the network through the proxy alone", detail: "there is no network namespace")
    }
  }

  private func encode(_ policy: CellPolicy, number: UInt32, opened: [Int32]) throws(SandboxError) -> [UInt8] {
    let limits = policy.limits
    var writer = WireWriter()
    writer.put(number)
    writer.put(UInt32((policy.openedHosts.isEmpty ? 0 : 1) | (policy.allowsUnixSockets ? 2 : 0)))
    writer.put(UInt32(0))
    for limit in [
      limits.workspaceBytes, limits.workspaceFiles, limits.memoryBytes, limits.processes, limits.openFiles,
      limits.fileBytes, limits.cpuSeconds,
    ] {
      guard limit > 0 else {
        throw SandboxError(.refused, operation: "make a cell", detail: "a limit of \(limit)")
      }
      writer.put(UInt64(limit))
    }
    writer.put(UInt32(policy.readOnly.count))
    for (path, descriptor) in zip(policy.readOnly, opened) {
      guard path.source.first ?? UInt8(ascii: "/") == UInt8(ascii: "/"), !path.source.contains(0) else {
        throw SandboxError(.refused, operation: "make a cell", detail: "a read-only path that is not absolute")
      }
      writer.put(path.source)
      writer.put(path.target.bytes)
      writer.put(descriptor >= 0)
    }
    guard policy.readOnly.count <= 64, writer.bytes.count < 60 << 10 else {
      throw SandboxError(.refused, operation: "make a cell", detail: "too many read-only paths")
    }
    return writer.bytes
  }

  private static func programBesideThis() throws(SandboxError) -> [UInt8] {
    do throws(FileError) {
      if let path = try File.realPath(Array("/proc/self/exe".utf8)), let slash = path.lastIndex(of: UInt8(ascii: "/")) {
        return path[...slash] + Array("arborist-cell".utf8)
      }
    } catch {
      throw SandboxError(.cannotStart, operation: "find arborist-cell", detail: error.description)
    }
    throw SandboxError(.cannotStart, operation: "find arborist-cell", detail: "/proc is not mounted")
  }

  private static func usualState() -> [UInt8] {
    if geteuid() == 0 { return Array("/run/arborist-cell".utf8) }
    if let directory = getenv("XDG_RUNTIME_DIR"), directory[0] != 0 {
      return Array((String(cString: directory) + "/arborist-cell").utf8)
    }
    return Array("/tmp/arborist-cell-\(geteuid())".utf8)
  }
}

/// Whether a run's user can read something of the host.
package enum ReadAccess: Sendable, Hashable {
  case readable
  /// Why not.
  case unreadable(String)
}

extension [UInt8] {
  fileprivate func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    (map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
      // The array has at least one element, so it has an address.
      buffer.baseAddress.map(body)
    } ?? body("")
  }
}

/// Starts the program with the socket as descriptor 3, an empty environment and nothing to read; returns its process id.
private func start(_ arguments: [[UInt8]], socket: Int32) throws(SandboxError) -> Int32 {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, socket, 3)
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  var defaults = sigset_t()
  sigfillset(&defaults)
  var none = sigset_t()
  sigemptyset(&none)
  posix_spawnattr_setsigdefault(&attributes, &defaults)
  posix_spawnattr_setsigmask(&attributes, &none)
  posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
  var words: [UnsafeMutablePointer<CChar>?] = arguments.map { argument in
    argument.withCString { strdup($0) }
  }
  words.append(nil)
  defer { for word in words { free(word) } }
  var environment: [UnsafeMutablePointer<CChar>?] = [nil]
  var processID: Int32 = 0
  let failed = arguments[0].withCString { posix_spawn(&processID, $0, &actions, &attributes, words, &environment) }
  guard failed == 0 else {
    throw SandboxError(
      .cannotStart, operation: "start \(String(decoding: arguments[0], as: UTF8.self))",
      detail: String(cString: strerror(failed)))
  }
  return processID
}

/// Takes note of the end of a spawner, which follows that of its socket.
private func reap(_ processID: Int32) {
  // Its cells end first; the wait is on a thread of its own, because it may take a moment.
  let context = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
  context.initialize(to: processID)
  var thread = pthread_t()
  let failed = pthread_create(
    &thread, nil,
    { context in
      guard let context else { return nil }
      var status: Int32 = 0
      let number = context.assumingMemoryBound(to: Int32.self)
      while waitpid(number.pointee, &status, 0) < 0 && errno == EINTR { continue }
      number.deallocate()
      return nil
    }, context)
  if failed == 0 { pthread_detach(thread) } else { context.deallocate() }
}
