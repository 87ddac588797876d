import Base
import HTTP
import Testing

@Suite("Cancelled requests")
struct CancellationTests {
  /// Where a request is when it is cancelled.
  enum Stage: CaseIterable {
    case handshake, head, body, paused
  }

  @Test("Cancelling a task closes its connection, wherever the request is", arguments: Stage.allCases)
  func closes(_ stage: Stage) async throws {
    let isThere = Happening()
    let isClosed = Happening()
    let server = try LoopbackServer { peer, _ in
      switch stage {
      case .handshake: _ = peer.read()
      case .head: _ = peer.request()
      case .body:
        _ = peer.request()
        peer.write("HTTP/1.1 200 OK\r\n\r\nx")
      case .paused:
        _ = peer.request()
        peer.write("HTTP/1.1 200 OK\r\n\r\n")
        while peer.isWritable(forMilliseconds: 100), peer.write([UInt8](repeating: 1, count: 4096)) {}
      }
      isThere.happen()
      peer.waitForClose()
      isClosed.happen()
    }
    let client = try HTTPClient(HTTPClientOptions(proxy: .none))
    let scheme = stage == .handshake ? "https" : "http"
    let request = HTTPRequest(.post, "\(scheme)://127.0.0.1:\(server.port)/", body: [1])
    let isRead = Happening()
    let task = Task {
      await failure { () async throws(HTTPError) in
        guard stage == .paused else {
          _ = try await client.send(request)
          return
        }
        let stream = try await client.stream(request)
        await isRead.wait()
        for try await _ in stream.body {}
      }
    }
    await isThere.wait()
    task.cancel()
    isRead.happen()
    #expect(await task.value?.code == .cancelled)
    await isClosed.wait()
  }

  @Test("A task that is cancelled already sends nothing")
  func before() async throws {
    let count = Lock(0)
    let server = try LoopbackServer { peer, _ in
      count.withLock { $0 += 1 }
      while peer.request() != nil { peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }
    }
    let client = try HTTPClient(HTTPClientOptions(proxy: .none))
    let gate = Happening()
    let task = Task {
      await gate.wait()
      return await failure { () async throws(HTTPError) in try await client.send(HTTPRequest(.get, server.url())) }
    }
    task.cancel()
    gate.happen()
    #expect(await task.value?.code == .cancelled)
    #expect(count.withLock { $0 } == 0)
    // The control: the same without cancelling.
    _ = try await client.send(HTTPRequest(.get, server.url()))
    #expect(count.withLock { $0 } == 1)
  }

  @Test("Requests cancelled at any moment end, and leave the client whole")
  func anyMoment() async throws {
    let server = try LoopbackServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    let client = try HTTPClient(HTTPClientOptions(proxy: .none))
    for round in 0..<100 {
      let task = Task {
        await failure { () async throws(HTTPError) in try await client.send(HTTPRequest(.get, server.url())) }
      }
      for _ in 0..<(round % 10) { await Task.yield() }
      task.cancel()
      let error = await task.value
      #expect(error == nil || error?.code == .cancelled)
    }
    #expect(try await client.send(HTTPRequest(.get, server.url())).body == Array("ok".utf8))
  }

  @Test("Shutting down ends what is under way, closes connections, and refuses what comes later")
  func shutDown() async throws {
    let isThere = Happening()
    let isClosed = Happening()
    let server = try LoopbackServer { peer, _ in
      _ = peer.request()
      isThere.happen()
      peer.waitForClose()
      isClosed.happen()
    }
    let client = try HTTPClient(HTTPClientOptions(proxy: .none))
    let request = HTTPRequest(.get, server.url())
    let task = Task { await failure { () async throws(HTTPError) in try await client.send(request) } }
    await isThere.wait()
    await client.shutDown()
    #expect(await task.value?.code == .cancelled)
    await isClosed.wait()
    #expect(await failure { () async throws(HTTPError) in try await client.send(request) }?.code == .cancelled)
    await client.shutDown()
  }

  @Test("A client that nobody holds closes its connections and ends its thread")
  func letGo() async throws {
    let isClosed = Happening()
    let server = try LoopbackServer { peer, _ in
      while peer.request() != nil { peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }
      isClosed.happen()
    }
    do {
      let client = try HTTPClient(HTTPClientOptions(proxy: .none))
      _ = try await client.send(HTTPRequest(.get, server.url()))
    }
    // Kept connections are closed when the loop has ended, behind which its thread does nothing more.
    await isClosed.wait()
  }
}
