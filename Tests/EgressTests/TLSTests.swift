import Base
import Egress
import Glibc
import TestSupport
import Testing

/// A real server of TLS for `a.com`, with a certificate of its own, in Python.
private final class TLSServer: Sendable {
  let port: UInt16
  let directory: TemporaryDirectory
  private let process: pid_t
  private let channel: Stream

  private static let program = """
    import hashlib, http.server, os, socket, ssl, sys, threading
    class Handler(http.server.BaseHTTPRequestHandler):
      protocol_version = "HTTP/1.1"
      def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
      def do_GET(self):
        self.answer(bytes(i * 131 % 251 for i in range(int(self.path[1:]))))
      def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(hashlib.sha256(body).hexdigest().encode())
      def log_message(self, *arguments): pass
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("cert.pem", "key.pem")
    # So that a client that offers another curve first is asked for a second ClientHello.
    context.set_ecdh_curve("secp384r1")
    class Server(http.server.ThreadingHTTPServer):
      daemon_threads = True
      def finish_request(self, request, address):
        try: super().finish_request(context.wrap_socket(request, server_side=True), address)
        except OSError: pass
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.write(1, b"%d\\n" % server.server_address[1])
    os.read(0, 1)
    """

  init() throws {
    let directory = try TemporaryDirectory()
    let made = try Command.run(
      [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
        "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=a.com", "-addext", "subjectAltName=DNS:a.com",
      ], in: directory.path)
    guard made.status == 0 else { throw SocketFailure("make a certificate") }
    try Files.write(Array(Self.program.utf8), to: directory.path + "/server.py")
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw SocketFailure("make a pair of sockets") }
    channel = Stream(owning: ends[0])
    defer { close(ends[1]) }
    process = try Command.start(["python3", "server.py"], in: directory.path, connectedTo: ends[1])
    var line: [UInt8] = []
    while line.last != UInt8(ascii: "\n"), let byte = channel.receive(upTo: 1), !byte.isEmpty { line += byte }
    guard let port = UInt16(String(decoding: line.dropLast(), as: UTF8.self)) else {
      throw SocketFailure("start Python")
    }
    (self.port, self.directory) = (port, directory)
  }

  deinit {
    // It ends when it can read nothing any more.
    channel.endSending()
    _ = Command.wait(for: process)
  }
}

@Suite("Real TLS through the egress broker")
struct TLSTests {
  /// Runs a program that uses the broker; `PROXY` stands for its address.
  private func run(
    _ arguments: [String], _ rig: Rig, _ server: TLSServer, input: String = ""
  ) async throws -> CommandResult {
    try await blocking {
      let arguments = arguments.map { $0 == "PROXY" ? "127.0.0.1:\(rig.port)" : $0 }
      return try Command.run(arguments, in: server.directory.path, input: Array(input.utf8))
    }
  }

  private func curl(_ url: String, _ more: String...) -> [String] {
    ["curl", "-sS", "--max-time", "60", "--cacert", "cert.pem", "--proxy", "PROXY"] + more + [url]
  }

  @Test("curl sends and receives through it, to the byte, and is told what is refused")
  func curlWorks() async throws {
    let server = try await blocking { try TLSServer() }
    let rig = try Rig(serverPort: server.port)
    let got = try await run(curl("https://a.com/3000000"), rig, server)
    #expect(got.status == 0 && got.output == (0..<3_000_000).map { UInt8($0 * 131 % 251) })
    let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 17) }
    try Files.write(body, to: server.directory.path + "/body")
    let sum = try await run(["sha256sum", "body"], rig, server)
    let sent = try await run(curl("https://a.com/", "--data-binary", "@body"), rig, server)
    #expect(sent.status == 0 && sent.text == String(sum.text.prefix(64)))
    // What is refused: another host, another port, no TLS, another server name, no tunnel, too much.
    let refused: [([String], String)] = [
      (curl("https://b.com/1"), "403"), (curl("https://a.com:8443/1"), "403"), (curl("https://127.0.0.1/1"), "403"),
      (curl("https://[::1]/1"), "403"), (curl("https://2130706433/1"), "403"),
      (curl("http://a.com:443/1", "--proxytunnel"), ""),
      (curl("https://b.com/1", "--insecure", "--connect-to", "b.com:443:a.com:443"), "unrecognized name"),
    ]
    for (command, reason) in refused {
      let result = try await run(command, rig, server)
      let errors = String(decoding: result.errors, as: UTF8.self)
      #expect(result.status != 0 && result.output.isEmpty && errors.contains(reason), "\(command): \(errors)")
    }
    let plain = try await run(curl("http://a.com/1"), rig, server)
    #expect(plain.text == "arborist: \(EgressRefusal.method)")
    try Files.write([UInt8](repeating: 1, count: 3 << 20), to: server.directory.path + "/body")
    let tooMuch = try await run(curl("https://a.com/", "--data-binary", "@body"), rig, server)
    #expect(tooMuch.status != 0 && tooMuch.output.isEmpty)
    await rig.broker.stop()
    let allowed = rig.log.records.filter { if case .allowed = $0.event { true } else { false } }
    let fronting = EgressRefusal.serverNameDiffers(try HostName("b.com"))
    #expect(allowed.count == 3 && rig.log.events.contains(.refused(fronting)))
    #expect(rig.broker.traffic.uploaded <= 1 << 20)
  }

  @Test(
    "OpenSSL gets through with every version and with a second ClientHello, and not with another name or none",
    arguments: [
      (["-servername", "a.com"], true), (["-servername", "A.com", "-tls1_2"], true),
      (["-servername", "a.com", "-tls1_3", "-groups", "X25519:P-384"], true),
      (["-servername", "a.com", "-split_send_frag", "512", "-max_send_frag", "512"], true),
      (["-servername", "b.com"], false), (["-noservername"], false), (["-servername", "a.com.evil.org"], false),
      (["-servername", "127.0.0.1"], false),
    ])
  func openSSL(_ options: [String], _ works: Bool) async throws {
    let server = try await blocking { try TLSServer() }
    let rig = try Rig(serverPort: server.port)
    let command = ["openssl", "s_client", "-proxy", "PROXY", "-connect", "a.com:443", "-CAfile", "cert.pem", "-quiet"]
    let request = "GET /5 HTTP/1.1\r\nHost: a.com\r\nConnection: close\r\n\r\n"
    let result = try await run(
      command + ["-verify_return_error", "-ign_eof"] + options, rig, server, input: request)
    await rig.broker.stop()
    let events = rig.log.events
    let text = String(decoding: result.output, as: UTF8.self)
    #expect(text.hasPrefix("HTTP/1.1 200 ") == works)
    let allowed = EgressRecord.Event.allowed(try PublicAddress(Rig.address))
    #expect(events.contains(allowed) == works, "\(events)")
    #expect(works || rig.broker.traffic.uploaded == 0)
  }
}
