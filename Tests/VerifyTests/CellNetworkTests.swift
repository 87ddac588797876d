import Base
import Egress
import Sandbox
import TestSupport
import Testing
import Workspace

/// The way out of a cell, open and shut.
@Suite struct CellNetworkTests {
  /// Asks the proxy for a host that is not opened, and says what came of it.
  static let ask = """
    import os, socket
    print("proxy" if "HTTPS_PROXY" in os.environ else "none", end=" ")
    try:
        s = socket.create_connection(("127.0.0.1", 3128), timeout=20)
        s.sendall(b"CONNECT other.invalid.org:443 HTTP/1.1\\r\\nHost: other.invalid.org:443\\r\\n\\r\\n")
        print(s.recv(100).split(b" ")[1].decode())
    except OSError as error: print(type(error).__name__)
    """

  private func ask(_ cell: any Cell) async throws -> String {
    let process = try await cell.start(CellCommand(["python3", "-c", Self.ask].map { Array($0.utf8) }))
    return String(decoding: try await cell.output(of: process, waiting: .seconds(60)).bytes, as: UTF8.self)
  }

  @Test func isShutAndOpenedAgain() async throws {
    let directory = try TemporaryDirectory()
    Files.makeDirectory(directory.path + "/checkout")
    let records = Lock<[EgressRecord]>([])
    let cells = CellMaker(isTrusted: false) { _ in }
    let made = try await cells.make(
      CellOrder(checkout: directory.path + "/checkout", hosts: [try HostName("registry.npmjs.org")])
    ) { record in records.withLock { $0.append(record) } }
    let network = try #require(made.network)
    // The control: while it is open the broker answers, here with a refusal.
    #expect(try await ask(made.cell) == "proxy 403\n")
    // A connection that stands goes with it.
    let held = """
      import socket
      s = socket.create_connection(("127.0.0.1", 3128)); print("held", flush=True)
      print(s.recv(1) or "end", flush=True)
      """
    let process = try await made.cell.start(CellCommand(["python3", "-c", held].map { Array($0.utf8) }))
    var text = ""
    while text != "held\n" {
      text += String(decoding: try await made.cell.output(of: process, waiting: .milliseconds(50)).bytes, as: UTF8.self)
    }
    await network.shut()
    let last = try await made.cell.output(of: process, waiting: .seconds(10))
    #expect(last.ending != nil, "a connection outlived the broker")
    #expect(try await ask(made.cell) == "none ConnectionRefusedError\n")
    await network.shut()
    try await network.open()
    #expect(try await ask(made.cell) == "proxy 403\n")
    await made.close()
    #expect(records.withLock { $0.count { $0.host?.text == "other.invalid.org" } } == 2)
  }

  @Test func withoutHostsThereIsNone() async throws {
    let directory = try TemporaryDirectory()
    Files.makeDirectory(directory.path + "/checkout")
    let cells = CellMaker(isTrusted: false) { _ in }
    let made = try await cells.make(CellOrder(checkout: directory.path + "/checkout")) { _ in }
    #expect(made.network == nil)
    #expect(try await ask(made.cell) == "none ConnectionRefusedError\n")
    await made.close()
  }
}
