internal import Base
internal import CLibpq
internal import Dispatch
internal import Glibc
internal import Journal

/// One connection to a server, used by one thread at a time; its functions wait for the server's answers.
@safe final class PostgresSession {
  private let connection: OpaquePointer
  /// Stops what the connection is at; any thread may use it.
  let canceller: PostgresCanceller
  private var prepared: [String: (name: String, columns: SQLColumns?)] = [:]
  /// How long an answer is waited for, in milliseconds.
  private let patience: Int64

  /// What a statement gave.
  struct Answer {
    var rows: [SQLRow] = []
    /// How many rows it changed.
    var changes = 0
    /// The first field of the first row as text, where the answer came as text.
    var text: String?
  }

  /// Connects.
  ///
  /// - Parameters:
  ///   - address: Where to.
  ///   - patience: How long an answer is waited for, in milliseconds.
  /// - Throws: ``PostgresError`` where there is no connection to be had.
  init(_ address: PostgresAddress, patience: Int64) throws(PostgresError) {
    self.patience = patience
    let settings = try Self.settings(of: address)
    let opened = unsafe Self.withStrings(settings.map(\.name)) { names in
      unsafe Self.withStrings(settings.map(\.value)) { values in unsafe PQconnectdbParams(names, values, 0) }
    }
    guard let opened = unsafe opened else { throw .lost("no memory for a connection") }
    guard unsafe PQstatus(opened) == CONNECTION_OK else {
      let message = unsafe String(cString: PQerrorMessage(opened))
      unsafe PQfinish(opened)
      throw Self.isFinal(message) ? .refused(message) : .lost(message)
    }
    unsafe connection = unsafe opened
    canceller = unsafe PostgresCanceller(PQgetCancel(opened))
    // Otherwise libpq writes to standard error.
    unsafe PQsetNoticeProcessor(opened, { _, _ in }, nil)
    _ = unsafe PQsetnonblocking(opened, 1)
  }

  deinit {
    canceller.end()
    unsafe PQfinish(connection)
  }

  /// The descriptor of the connection's socket.
  var socket: Int32 { unsafe PQsocket(connection) }

  /// Whether it can still be used, as far as is known.
  var isAlive: Bool { unsafe PQstatus(connection) == CONNECTION_OK }

  /// Whether nothing is begun and not ended.
  var isIdle: Bool { unsafe PQtransactionStatus(connection) == PQTRANS_IDLE }

  // MARK: Connecting

  /// What libpq is given: what the address says, and what it does not say but ought to.
  private static func settings(of address: PostgresAddress) throws(PostgresError) -> [(name: String, value: String)] {
    guard let parsed = unsafe PQconninfoParse(address.secret.reveal(), nil) else {
      // The library's own words may hold the password.
      throw .refused("the address cannot be read; it is postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
    }
    defer { unsafe PQconninfoFree(parsed) }
    var settings: [(name: String, value: String)] = []
    var option = unsafe parsed
    while let keyword = unsafe option.pointee.keyword {
      if let value = unsafe option.pointee.val {
        settings.append(unsafe (String(cString: keyword), String(cString: value)))
      }
      unsafe option = unsafe option.successor()
    }
    let defaults = [
      ("connect_timeout", "5"), ("application_name", "arborist"), ("keepalives_idle", "20"),
      ("keepalives_interval", "5"), ("keepalives_count", "3"), ("tcp_user_timeout", "15000"),
    ]
    for (name, value) in defaults where !settings.contains(where: { $0.name == name }) {
      settings.append((name, value))
    }
    return settings + [("client_encoding", "UTF8")]
  }

  /// Whether the server refused for a reason that waiting does not mend: a wrong password, no such database.
  ///
  /// libpq tells it in words alone.
  private static func isFinal(_ message: String) -> Bool {
    let passing = ["starting up", "shutting down", "recovery", "too many", "remaining connection slots"]
    return message.contains("FATAL: ") && !passing.contains { message.contains($0) }
  }

  private static func withStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
  ) -> Result {
    let copies = unsafe texts.map { unsafe strdup($0) }
    defer { unsafe copies.forEach { unsafe free($0) } }
    let pointers = unsafe copies.map { unsafe UnsafePointer($0) } + [nil]
    return unsafe pointers.withUnsafeBufferPointer { buffer in
      // Proof: `pointers` has the `nil` at its end, so it is never empty, and only an empty buffer has no address.
      guard let base = buffer.baseAddress else { preconditionFailure("an array with an element has an address") }
      return unsafe body(base)
    }
  }

  // MARK: Statements

  /// Carries out statements without parameters, written one behind the other, in one exchange with the server.
  ///
  /// - Returns: the answer to the last that gave one.
  @discardableResult
  func query(_ sql: String) throws(PostgresError) -> Answer {
    guard unsafe PQsendQuery(connection, sql) == 1 else { throw lost() }
    return try unsafe collect { result in unsafe Self.text(of: result) }
  }

  /// Carries out one statement; parameters are written as `?`.
  func execute(_ sql: String, _ arguments: [SQLValue]) throws(PostgresError) -> Answer {
    let name = try prepare(sql)
    var bytes: [UInt8] = []
    var places: [(offset: Int, length: Int, isBinary: Bool)?] = []
    for argument in arguments {
      let (content, isBinary): ([UInt8], Bool)
      switch argument {
      case .null:
        places.append(nil)
        continue
      case .integer(let number): (content, isBinary) = (Array(String(number).utf8) + [0], false)
      // In binary form a text has a length, and a zero byte in it is refused and does not end it.
      case .text(let text): (content, isBinary) = (Array(text.utf8), true)
      case .blob(let blob): (content, isBinary) = (blob, true)
      }
      places.append((bytes.count, content.count, isBinary))
      bytes += content
    }
    // An empty array has no address.
    bytes.append(0)
    let sent = unsafe bytes.withUnsafeBytes { buffer in
      let values = unsafe places.map { place in
        unsafe place.flatMap { unsafe buffer.baseAddress?.advanced(by: $0.offset).assumingMemoryBound(to: CChar.self) }
      }
      return unsafe PQsendQueryPrepared(
        connection, name, Int32(arguments.count), values, places.map { Int32($0?.length ?? 0) },
        places.map { $0?.isBinary == true ? 1 : 0 }, 1)
    }
    guard sent == 1 else { throw lost() }
    return try unsafe collect { [self] result in unsafe rows(of: result, sql) }
  }

  private func prepare(_ sql: String) throws(PostgresError) -> String {
    if let known = prepared[sql] { return known.name }
    let name = "s\(prepared.count + 1)"
    var text = ""
    var count = 0
    for character in sql {
      if character == "?" {
        count += 1
        text += "$\(count)"
      } else {
        text.append(character)
      }
    }
    guard unsafe PQsendPrepare(connection, name, text, 0, nil) == 1 else { throw lost() }
    _ = try unsafe collect { _ in Answer() }
    prepared[sql] = (name, nil)
    return name
  }

  private func rows(of result: OpaquePointer, _ sql: String) -> Answer {
    var answer = unsafe Answer(changes: Self.changes(of: result))
    let count = unsafe PQntuples(result)
    guard count > 0 else { return answer }
    let width = unsafe PQnfields(result)
    let columns: SQLColumns
    if let known = prepared[sql]?.columns, known.names.count == width {
      columns = known
    } else {
      columns = SQLColumns((0..<width).map { unsafe String(cString: PQfname(result, $0)) })
      prepared[sql]?.columns = columns
    }
    answer.rows = (0..<count).map { row in
      SQLRow(columns, (0..<width).map { unsafe Self.value(of: result, row, $0) })
    }
    return answer
  }

  /// A field in binary form; one of a type that no table of ours has is read as its bytes.
  private static func value(of result: OpaquePointer, _ row: Int32, _ column: Int32) -> SQLValue {
    if unsafe PQgetisnull(result, row, column) == 1 { return .null }
    let length = unsafe Int(PQgetlength(result, row, column))
    guard let start = unsafe PQgetvalue(result, row, column) else { return .null }
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: length)
    switch unsafe PQftype(result, column) {
    // bool, int8, int2, int4: most significant byte first, in two's complement
    case 16, 20, 21, 23:
      let isNegative = unsafe length > 1 && bytes[0] >= 0x80
      return .integer(unsafe bytes.reduce(isNegative ? -1 : 0) { $0 << 8 | Int64($1) })
    // name, text, varchar
    case 19, 25, 1043: return .text(unsafe String(decoding: bytes, as: UTF8.self))
    default: return .blob(unsafe Array(bytes))
    }
  }

  private static func text(of result: OpaquePointer) -> Answer {
    var answer = unsafe Answer(changes: changes(of: result))
    if unsafe PQntuples(result) > 0, unsafe PQgetisnull(result, 0, 0) == 0 {
      answer.text = unsafe String(cString: PQgetvalue(result, 0, 0))
    }
    return answer
  }

  private static func changes(of result: OpaquePointer) -> Int {
    if unsafe String(cString: PQcmdStatus(result)).hasPrefix("SELECT") { return 0 }
    return Int(unsafe String(cString: PQcmdTuples(result))) ?? 0
  }

  // MARK: Waiting

  private func collect(_ read: (OpaquePointer) -> Answer) throws(PostgresError) -> Answer {
    let deadline = Self.milliseconds + patience
    while true {
      let left = unsafe PQflush(connection)
      if left == 0 { break }
      guard left == 1 else { throw lost() }
      try wait(Int16(POLLIN | POLLOUT), until: deadline)
    }
    var answer = Answer()
    var failure: PostgresError?
    while true {
      while unsafe PQisBusy(connection) == 1 { try wait(Int16(POLLIN), until: deadline) }
      guard let result = unsafe PQgetResult(connection) else { break }
      defer { unsafe PQclear(result) }
      switch unsafe PQresultStatus(result) {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK: answer = unsafe read(result).keeping(answer.text)
      case PGRES_EMPTY_QUERY: break
      default: failure = unsafe failure ?? error(of: result)
      }
    }
    if !isAlive { throw lost() }
    if let failure { throw failure }
    return answer
  }

  private func wait(_ events: Int16, until deadline: Int64) throws(PostgresError) {
    let left = deadline - Self.milliseconds
    // The server ends the statement by a deadline of its own.
    guard left > 0 else { throw .late }
    var state = pollfd(fd: socket, events: events, revents: 0)
    let ready = unsafe poll(&state, 1, Int32(clamping: left))
    if ready < 0, errno != EINTR { throw lost() }
    if ready > 0, state.revents & Int16(POLLIN | POLLERR | POLLHUP) != 0 {
      guard unsafe PQconsumeInput(connection) == 1 else { throw lost() }
    }
  }

  private static var milliseconds: Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  private func lost() -> PostgresError {
    let message = unsafe String(cString: PQerrorMessage(connection))
    return .lost(message.isEmpty ? "the connection to the server is gone" : message)
  }

  private func error(of result: OpaquePointer) -> PostgresError {
    func field(_ code: Character) -> String {
      guard let ascii = code.asciiValue, let text = unsafe PQresultErrorField(result, Int32(ascii)) else { return "" }
      return unsafe String(cString: text)
    }
    // PG_DIAG_SQLSTATE, PG_DIAG_MESSAGE_PRIMARY, PG_DIAG_CONSTRAINT_NAME
    let state = field("C")
    return state.isEmpty
      ? lost() : .server(state: state, message: field("M"), constraint: field("n"))
  }

  // MARK: Notifications

  /// Takes in what the server sent of its own accord.
  ///
  /// - Returns: how many notifications there were.
  func notifications() throws(PostgresError) -> Int {
    guard unsafe PQconsumeInput(connection) == 1 else { throw lost() }
    var count = 0
    while let notice = unsafe PQnotifies(connection) {
      unsafe PQfreemem(notice)
      count += 1
    }
    return count
  }
}

extension PostgresSession.Answer {
  fileprivate func keeping(_ earlier: String?) -> PostgresSession.Answer {
    var answer = self
    answer.text = text ?? earlier
    return answer
  }
}

/// Asks a server to stop what a connection is at.
@safe final class PostgresCanceller: @unchecked Sendable {
  // Unchecked: the pointer is only touched while the mutex is held, and `PQcancel` may be called on any thread.
  private let mutex = Lock(())
  private var handle: OpaquePointer?

  init(_ handle: OpaquePointer?) { unsafe self.handle = unsafe handle }

  deinit { end() }

  /// Asks, and waits until the server has taken note; not for a thread that others wait for.
  func cancel() {
    mutex.withLock { _ in
      guard let handle = unsafe handle else { return }
      var message = [CChar](repeating: 0, count: 256)
      _ = unsafe PQcancel(handle, &message, Int32(message.count))
    }
  }

  /// There is nothing left to cancel.
  func end() {
    mutex.withLock { _ in
      if let handle = unsafe handle { unsafe PQfreeCancel(handle) }
      unsafe handle = nil
    }
  }
}
