import Base
import Glibc
import TestSupport

import class Foundation.Thread

/// What attempts to get out reach for: files, a process and sockets of the host, made for them.
struct Canaries {
  let directory: String
  let script: String
  private let process: Int32
  private let port: String
  private let text = "canary-text-7f3a"
  private let scratch: TemporaryDirectory
  private var abstract: String { "arborist-canary-\(process)" }

  /// A process with a secret that answers at sockets of every kind.
  private static let server = """
    import os, select, socket, sys
    tcp = socket.socket(); tcp.bind(("127.0.0.1", 0)); tcp.listen()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(tcp.getsockname())
    abstract = socket.socket(socket.AF_UNIX); abstract.bind("\\0arborist-canary-%d" % os.getpid()); abstract.listen()
    path = socket.socket(socket.AF_UNIX); path.bind(sys.argv[1] + "/socket"); path.listen()
    os.chmod(sys.argv[1] + "/socket", 0o777)
    open(sys.argv[1] + "/port.new", "w").write(str(tcp.getsockname()[1]))
    os.rename(sys.argv[1] + "/port.new", sys.argv[1] + "/port")
    while True:
        for ready in select.select([tcp, udp, abstract, path], [], [])[0]:
            if ready is udp: udp.sendto(b"pong", udp.recvfrom(10)[1])
            else: ready.accept()[0].close()
    """

  init(in scratch: TemporaryDirectory) async throws {
    self.scratch = scratch
    directory = scratch.path + "/host"
    let here = #filePath
    script = here.replacing("Canaries.swift", with: "attempts.py")
    chmod(scratch.path, 0o755)
    for name in ["secret", "shared", "removable", "renamable", "own"] {
      try Files.write((text + "\n").utf8, to: directory + "/" + name, mode: 0o666)
    }
    mkdir(directory + "/here", 0o777)
    if geteuid() == 0 { try Command.run(["chown", "-R", "65534:65534", directory], in: "/") }
    setenv("CANARY_HIDDEN", text, 1)
    process = try Command.start(
      Self.words(["/usr/bin/python3", "-c", Self.server, directory]), in: "/",
      adding: ["CANARY_HIDDEN": text])
    while !Files.exists(directory + "/port") { try await Task.sleep(for: .milliseconds(5)) }
    port = String(decoding: try Files.read(directory + "/port"), as: UTF8.self)
  }

  /// Where things are, for an attempt.
  func environment(here: String) -> [String: String] {
    [
      "CANARY_DIRECTORY": directory, "CANARY_TEXT": text, "CANARY_PORT": port, "CANARY_ABSTRACT": abstract,
      "CANARY_PROCESS": "\(process)", "CANARY_HERE": here,
    ]
  }

  /// What an attempt says where an ordinary user makes it, with no cell around.
  func runWithoutCell(_ name: String) async throws -> String {
    let source = String(decoding: try Files.read(script), as: UTF8.self)
    let words = Self.words(["timeout", "120", "/usr/bin/python3", "-c", source, name])
    let environment = environment(here: directory + "/here")
    return await withCheckedContinuation { continuation in
      // Not on the threads that all tests share.
      Thread.detachNewThread {
        let result = try? Command.run(words, in: "/", adding: environment)
        continuation.resume(returning: result?.text ?? "")
      }
    }
  }

  func end() {
    kill(process, SIGKILL)
    _ = Command.wait(for: process)
  }

  private static func words(_ words: [String]) -> [String] {
    guard geteuid() == 0 else { return words }
    return ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] + words
  }
}
