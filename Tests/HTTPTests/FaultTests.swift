import HTTP
import Testing

@Suite("HTTP faults")
struct FaultTests {
  private func get(
    _ server: LoopbackServer, deadlines: HTTPDeadlines = HTTPDeadlines(), maximumBody: Int = 1 << 20
  ) async throws -> HTTPError? {
    let client = try HTTPClient(HTTPClientOptions(proxy: .none))
    return await failure { () async throws(HTTPError) in
      try await client.send(
        HTTPRequest(
          .post, server.url("/path?key=SECRET"), headers: [HTTPHeader("Authorization", "Bearer SECRET")],
          body: Array("SECRET".utf8), deadlines: deadlines, maximumBody: maximumBody))
    }
  }

  @Test(
    "An answer cut at any byte is an error",
    arguments: [
      "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello, world",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n",
    ], [false, true])
  func cut(_ answer: String, resets: Bool) async throws {
    let bytes = Array(answer.utf8)
    let server = try LoopbackServer { peer, number in
      _ = peer.request()
      peer.write(Array(bytes.prefix(number)))
      if resets { peer.reset() }
    }
    let client = try HTTPClient(HTTPClientOptions(proxy: .none))
    // The very last byte is the end of the line behind the last chunk, without which the answer is whole.
    let whole = answer.hasSuffix("0\r\n\r\n") ? bytes.count - 1 : bytes.count
    for length in 0..<whole {
      let error = await failure { () async throws(HTTPError) in
        try await client.send(HTTPRequest(.post, server.url(), body: [1]))
      }
      #expect(error?.code == .cut, "cut at \(length): \(error?.description ?? "no error")")
    }
    if !resets {
      if whole < bytes.count { _ = try await client.send(HTTPRequest(.post, server.url(), body: [1])) }
      #expect(try await client.send(HTTPRequest(.post, server.url(), body: [1])).body == Array("hello, world".utf8))
    }
  }

  @Test(
    "What is not HTTP is refused",
    arguments: [
      "hello\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 abc OK\r\n\r\n",
      "HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nab", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nab",
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab",
    ])
  func malformed(_ answer: String) async throws {
    let server = try LoopbackServer { peer, _ in
      _ = peer.request()
      peer.write(answer)
    }
    let error = try #require(try await get(server))
    #expect(error.code == .malformed, "\(error)")
    #expect(!error.description.contains("SECRET"))
  }

  @Test(
    "A head without an end is refused before it fills memory",
    arguments: [
      "X: \(String(repeating: "x", count: 1000))\r\n", "a:\r\n", "x", "\r\n\r\nHTTP/1.1 100 Continue\r\nA: b\r\n\r\n",
    ])
  func endlessHead(_ piece: String) async throws {
    let server = try LoopbackServer { peer, _ in
      _ = peer.request()
      peer.write("HTTP/1.1 200 OK\r\n".replacing200(when: piece.hasPrefix("\r\n")))
      while peer.write(String(repeating: piece, count: 100)) {}
    }
    let error = try #require(try await get(server))
    #expect([.tooLarge, .malformed].contains(error.code), "\(error)")
  }

  @Test("A body larger than allowed is refused, announced or not", arguments: [true, false])
  func tooLarge(isAnnounced: Bool) async throws {
    let server = try LoopbackServer { peer, _ in
      _ = peer.request()
      peer.write("HTTP/1.1 200 OK\r\n\(isAnnounced ? "Content-Length: 101\r\n" : "")\r\n")
      peer.write(String(repeating: "x", count: 101))
    }
    #expect(try await get(server, maximumBody: 100)?.code == .tooLarge)
    #expect(try await get(server, maximumBody: 101) == nil)
  }

  @Test("A port where nobody listens, and a name that is none, have their own errors")
  func unreachable() async throws {
    let port: Int
    do { port = try LoopbackServer { _, _ in }.port }
    let client = try HTTPClient(HTTPClientOptions(proxy: .none))
    // The server's thread closes its port a moment after the server is let go.
    while let probe = Peer.connecting(to: port) { probe.waitForClose() }
    let refused = await failure { () async throws(HTTPError) in
      try await client.send(HTTPRequest(.get, "http://127.0.0.1:\(port)/"))
    }
    #expect(refused?.code == .connect)
    #expect(refused?.operation == "GET http://127.0.0.1:\(port)/")
    let unknown = await failure { () async throws(HTTPError) in
      try await client.send(HTTPRequest(.get, "http://no-such-host.invalid/"))
    }
    #expect(unknown?.code == .resolve)
  }

  @Test(
    "A server that stays silent runs into the idle deadline, before its answer and within it",
    arguments: [
      "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\ndata: 1\n\n",
    ])
  func idle(_ beginning: String) async throws {
    let isClosed = Happening()
    let server = try LoopbackServer { peer, _ in
      _ = peer.request()
      peer.write(beginning)
      peer.waitForClose()
      isClosed.happen()
    }
    let error = try #require(try await get(server, deadlines: HTTPDeadlines(idle: .milliseconds(50))))
    #expect(error.code == .idleDeadline && !error.description.contains("SECRET"))
    await isClosed.wait()
  }

  @Test("A stream that falls silent gives what came, and then the idle deadline")
  func idleStream() async throws {
    let server = try LoopbackServer { peer, _ in
      _ = peer.request()
      peer.write("HTTP/1.1 200 OK\r\n\r\n: ping\n\n")
      peer.waitForClose()
    }
    let client = try HTTPClient(HTTPClientOptions(proxy: .none))
    let deadlines = HTTPDeadlines(idle: .seconds(1))
    let stream = try await client.stream(HTTPRequest(.get, server.url(), deadlines: deadlines))
    var iterator = stream.body.makeAsyncIterator()
    #expect(try await iterator.next() == Array(": ping\n\n".utf8))
    await #expect(throws: HTTPError.self) { try await iterator.next() }
  }

  @Test("The total deadline ends an answer that keeps coming")
  func total() async throws {
    let server = try LoopbackServer { peer, _ in
      _ = peer.request()
      peer.write("HTTP/1.1 200 OK\r\n\r\n")
      while peer.write("x") {}
    }
    let deadlines = HTTPDeadlines(idle: .seconds(60), total: .milliseconds(80))
    #expect(try await get(server, deadlines: deadlines, maximumBody: 1 << 40)?.code == .totalDeadline)
  }

  @Test("A handshake that is never answered runs into the deadline of the connection")
  func connect() async throws {
    let isClosed = Happening()
    let server = try LoopbackServer { peer, _ in
      peer.waitForClose()
      isClosed.happen()
    }
    let client = try HTTPClient(HTTPClientOptions(proxy: .none))
    let deadlines = HTTPDeadlines(connect: .milliseconds(50))
    let error = await failure { () async throws(HTTPError) in
      try await client.send(HTTPRequest(.get, "https://127.0.0.1:\(server.port)/", deadlines: deadlines))
    }
    #expect(error?.code == .connectDeadline)
    await isClosed.wait()
  }
}

extension String {
  /// A first line for answers that begin with interim ones.
  fileprivate func replacing200(when isInterim: Bool) -> String {
    isInterim ? "HTTP/1.1 100 Continue\r\nA: b" : self
  }
}
