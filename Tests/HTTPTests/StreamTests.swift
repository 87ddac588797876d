import Base
import Glibc
import HTTP
import Testing

private let streamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

private func chunk(_ text: String) -> String { String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n" }

@Suite("HTTP streams")
struct StreamTests {
  @Test("The head comes before the body, and every piece when it comes")
  func live() async throws {
    let gates = (0..<3).map { _ in Happening() }
    let server = try LoopbackServer { peer, _ in
      _ = peer.request()
      gates[0].block()
      peer.write(streamHead)
      gates[1].block()
      peer.write(chunk("data: 1\n\n"))
      gates[2].block()
      peer.write(chunk("data: 2\n\n") + "0\r\n\r\n")
    }
    let client = try HTTPClient(HTTPClientOptions(proxy: .none))
    gates[0].happen()
    let stream = try await client.stream(HTTPRequest(.post, server.url(), body: [1]))
    #expect(stream.head.status == 200 && stream.head["content-type"] == "text/event-stream")
    gates[1].happen()
    var iterator = stream.body.makeAsyncIterator()
    #expect(try await iterator.next() == Array("data: 1\n\n".utf8))
    gates[2].happen()
    #expect(try await iterator.next() == Array("data: 2\n\n".utf8))
    #expect(try await iterator.next() == nil)
    #expect(try await iterator.next() == nil)
  }

  @Test("A reader that lags holds the server back, and loses nothing", arguments: [false, true])
  func backPressure(reads: Bool) async throws {
    let total = 12 << 20
    let piece = (0..<65_536).map { UInt8($0 / 256) }
    let written = Lock(0)
    let isFull = Happening()
    let isDone = Happening()
    let server = try LoopbackServer { peer, _ in
      _ = peer.request()
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
      var sent = 0
      while sent < total {
        // What is held back is seen by the server as a socket that takes no more.
        if !peer.isWritable(forMilliseconds: 300) { isFull.happen() }
        guard peer.write(piece) else { return }
        sent += piece.count
        written.withLock { [sent] in $0 = sent }
      }
      isFull.happen()
      isDone.happen()
    }
    let client = try HTTPClient(HTTPClientOptions(proxy: .none))
    let stream = try await client.stream(HTTPRequest(.get, server.url()))
    if !reads {
      await isFull.wait()
      // The sockets' own buffers hold some of it.
      #expect(written.withLock { $0 } < total)
    }
    var received: [UInt8] = []
    for try await piece in stream.body {
      #expect(piece.count <= 256 << 10)
      received += piece
    }
    #expect(received.count == total)
    #expect(received.elementsEqualPeriods(of: piece))
    await isDone.wait()
  }

  @Test("A stream that nobody holds any more is closed")
  func letGo() async throws {
    let isClosed = Happening()
    let server = try LoopbackServer { peer, number in
      _ = peer.request()
      peer.write(streamHead + chunk("x"))
      if number > 0 { peer.write("0\r\n\r\n") }
      peer.waitForClose()
      isClosed.happen()
    }
    let client = try HTTPClient(HTTPClientOptions(proxy: .none))
    do {
      let stream = try await client.stream(HTTPRequest(.get, server.url()))
      for try await _ in stream.body { break }
    }
    await isClosed.wait()
    // The control: a stream that is read to its end leaves its connection open for the next.
    for _ in 0..<2 {
      let stream = try await client.stream(HTTPRequest(.get, server.url()))
      var count = 0
      for try await piece in stream.body { count += piece.count }
      #expect(count == 1)
      break
    }
  }

  @Test("A stream that is held while its client is let go can be read to its end")
  func outlivesClient() async throws {
    let gate = Happening()
    let server = try LoopbackServer { peer, _ in
      _ = peer.request()
      peer.write(streamHead)
      gate.block()
      peer.write(chunk("last words") + "0\r\n\r\n")
    }
    let stream = try await HTTPClient(HTTPClientOptions(proxy: .none)).stream(HTTPRequest(.get, server.url()))
    gate.happen()
    var body: [UInt8] = []
    for try await piece in stream.body { body += piece }
    #expect(body == Array("last words".utf8))
  }

  @Test("A stream is held to its largest size, and what came within it is given")
  func tooLarge() async throws {
    let server = try LoopbackServer { peer, _ in
      _ = peer.request()
      peer.write(streamHead)
      while peer.write(chunk(String(repeating: "x", count: 1000))) {}
    }
    let client = try HTTPClient(HTTPClientOptions(proxy: .none))
    let stream = try await client.stream(HTTPRequest(.get, server.url(), maximumBody: 10_500))
    var count = 0
    let error = await failure { () async throws(HTTPError) in
      for try await piece in stream.body { count += piece.count }
    }
    #expect(error?.code == .tooLarge && count <= 10_500)
  }
}

extension [UInt8] {
  /// Whether they are one piece over and over.
  fileprivate func elementsEqualPeriods(of piece: [UInt8]) -> Bool {
    withUnsafeBytes { bytes in
      piece.withUnsafeBytes { piece in
        guard let bytes = bytes.baseAddress, let piece = piece.baseAddress else { return false }
        return stride(from: 0, to: count, by: 65_536).allSatisfy { memcmp(bytes + $0, piece, 65_536) == 0 }
      }
    }
  }
}
