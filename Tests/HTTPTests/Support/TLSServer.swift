import Glibc
import TestSupport

/// A server that speaks TLS with a certificate for `localhost`, of an authority made for it: openssl's own.
final class TLSServer: Sendable {
  let port: Int
  /// The file of the authority.
  let authority: String
  private let directory: TemporaryDirectory
  private let process: pid_t
  /// What the program prints; it would end if nobody held it open.
  private let pipe: Int32

  init() async throws {
    let directory = try TemporaryDirectory()
    self.directory = directory
    authority = directory.path + "/ca.pem"
    try Self.makeCertificates(in: directory.path)
    let output = directory.path + "/output"
    guard mkfifo(output, 0o600) == 0 else { throw SocketFailure(action: "make a pipe") }
    // The program's start waits for a reader, and the reader must not wait for the program.
    let pipe = open(output, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    self.pipe = pipe
    process = try Command.start(
      ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", "server.pem", "-key", "server.key", "-www"],
      in: directory.path, output: output)
    _ = fcntl(pipe, F_SETFL, 0)
    let port = await withCheckedContinuation { continuation in
      onThread { continuation.resume(returning: Self.port(from: pipe)) }
    }
    guard let port else { throw SocketFailure(action: "start openssl") }
    self.port = port
  }

  /// Waits until the server says its port, which it does once it listens: `ACCEPT 127.0.0.1:45678`.
  private static func port(from pipe: Int32) -> Int? {
    var text: [UInt8] = []
    var byte: UInt8 = 0
    while read(pipe, &byte, 1) == 1 {
      text.append(byte)
      guard byte == 0x0A else { continue }
      let line = String(decoding: text.dropLast(), as: UTF8.self)
      if line.hasPrefix("ACCEPT ") { return line.split(separator: ":").last.flatMap { Int($0) } }
      text = []
    }
    return nil
  }

  deinit {
    kill(process, SIGKILL)
    _ = Command.wait(for: process)
    close(pipe)
  }

  func url(_ path: String) -> String { "https://localhost:\(port)\(path)" }

  /// Makes an authority `ca.pem`, and a certificate `server.pem` that it vouches for.
  static func makeCertificates(in directory: String) throws {
    let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    try openssl(
      ["req", "-x509"] + curve + ["-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=A"], directory)
    try openssl(["req"] + curve + ["-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost"], directory)
    try Files.write("subjectAltName=DNS:localhost\n".utf8, to: directory + "/names")
    try openssl(
      [
        "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
        "-extfile", "names", "-out", "server.pem",
      ], directory)
  }

  private static func openssl(_ arguments: [String], _ directory: String) throws {
    let result = try Command.run(["openssl"] + arguments, in: directory)
    guard result.status == 0 else {
      throw CommandFailure(
        arguments: arguments, status: result.status, errors: String(decoding: result.errors, as: UTF8.self))
    }
  }
}
