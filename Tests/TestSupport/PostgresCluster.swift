internal import Base
internal import Glibc

/// A PostgreSQL cluster of the tests' own, run by `scripts/postgres-cluster`.
///
/// It ends with the process that started it, however that ends.
package final class PostgresCluster: Sendable {
  /// The address of a database that is always there.
  package let address: String
  /// Both ends of the script's standard input and output; nobody else has it open.
  private let socket: Int32
  private let turn = Lock(())

  /// The cluster that the tests of this process share.
  package static let shared = Result { try PostgresCluster() }

  /// Whether there is a PostgreSQL on this machine.
  package static let isPossible: Bool = {
    if Files.exists("/usr/lib/postgresql") { return true }
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    return path.split(separator: ":").contains { Files.exists("\($0)/initdb") }
  }()

  /// Starts a cluster; the tests that kill one have their own.
  package init() throws {
    var ends: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw CommandFailure(arguments: ["socketpair"], status: errno, errors: "")
    }
    socket = ends[0]
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let script = "/\(root)/scripts/postgres-cluster"
    _ = try Command.start([script], in: "/", connectedTo: ends[1])
    close(ends[1])
    let line = Self.line(from: socket)
    guard let first = line.split(separator: " ").first, first.hasPrefix("postgresql://") else {
      throw CommandFailure(arguments: [script], status: 1, errors: line)
    }
    address = String(first)
  }

  deinit { close(socket) }

  /// Gives an order and waits until it is carried out: `kill`, `start` or `stop`.
  package func order(_ text: String) throws {
    let answer = turn.withLock { _ in
      let bytes = Array("\(text)\n".utf8)
      _ = write(socket, bytes, bytes.count)
      return Self.line(from: socket)
    }
    guard answer.hasPrefix("\(text) ") else {
      throw CommandFailure(arguments: ["postgres-cluster", text], status: 1, errors: answer)
    }
  }

  /// Makes a database and gives its address.
  package func database(_ name: String) throws -> String {
    try Self.sql("CREATE DATABASE \(name)", at: address)
    let parts = address.split(separator: "?", maxSplits: 1)
    return "postgresql:///\(name)?\(parts.last ?? "")"
  }

  /// Carries out statements and returns what they print, a row a line.
  @discardableResult
  package static func sql(_ statements: String, at address: String) throws -> String {
    let arguments = ["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", address, "-f", "-"]
    let result = try Command.run(arguments, in: "/", input: Array(statements.utf8))
    guard result.status == 0 else {
      throw CommandFailure(
        arguments: arguments, status: result.status, errors: String(decoding: result.errors, as: UTF8.self))
    }
    return result.text
  }

  private static func line(from socket: Int32) -> String {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while read(socket, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
    return String(decoding: line, as: UTF8.self)
  }
}
