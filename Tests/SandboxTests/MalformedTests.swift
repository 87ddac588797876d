import Base
import Glibc
import TestSupport
import Testing

@testable import Sandbox

/// What a cell in the wrong hands may send.
struct MalformedTests {
  @Test(
    arguments: [
      [0xff, 0xff, 0xff, 0xff, 0x80], [0, 0, 0, 0], [4, 0, 0, 0, 0x80, 1, 0, 0],
      [5, 0, 0, 0, 0x80, 77, 0, 0, 0], [5, 0, 0, 0, 0x33, 1, 0, 0, 0], [5, 0, 0, 0, 0x90, 1, 0, 0, 0],
      [5, 0, 0, 0, 0x80, 0, 0, 0, 0],
    ] as [[UInt8]])
  func frameEndsTheConversation(bytes: [UInt8]) async throws {
    let reply = await ask { socket in
      var bytes = bytes
      _ = write(socket, &bytes, bytes.count)
      shutdown(socket, Int32(SHUT_WR))
    }
    switch reply {
    case .lost(let error): #expect(error.code == .malformed || error.code == .ended)
    case .done, .failed: Issue.record("nonsense was taken for an answer")
    }
  }

  @Test func rightFrameIsTaken() async throws {
    // The control.
    let reply = await ask { socket in
      var bytes: [UInt8] = [7, 0, 0, 0, 0x80, 1, 0, 0, 0, 8, 9]
      _ = write(socket, &bytes, bytes.count)
    }
    guard case .done(let content) = reply else { return try #require(Bool(false)) }
    #expect(content == [8, 9])
  }

  @Test func tooMuchIsNotKept() async throws {
    let reply = await ask { socket in
      let part: [UInt8] = [5, 4, 0, 0, 0x81, 1, 0, 0, 0] + [UInt8](repeating: 1, count: 1024)
      for _ in 0..<64 {
        var bytes = part
        _ = send(socket, &bytes, bytes.count, Int32(MSG_NOSIGNAL))
      }
    }
    guard case .lost(let error) = reply else { return try #require(Bool(false)) }
    #expect(error.code == .malformed)
  }

  @Test func silenceEnds() async throws {
    let reply = await ask(within: .milliseconds(50)) { _ in }
    guard case .lost(let error) = reply else { return try #require(Bool(false)) }
    #expect(error.code == .malformed)
  }

  @Test func readerStaysWithinItsBytes() throws {
    for count in 0..<12 {
      var reader = WireReader([UInt8](repeating: 0xff, count: count))
      #expect(throws: SandboxError.self) { _ = try reader.counted() }
    }
    var reader = WireReader([2, 0, 0, 0, 7, 8])
    #expect(try reader.counted() == [7, 8])
    #expect(reader.isAtEnd)
  }

  /// Asks, has the other end do something, and gives what came of it.
  private func ask(
    within: Duration = .seconds(600), _ other: @escaping @Sendable (Int32) -> Void
  ) async -> Connection.Reply {
    do {
      let (ours, theirs) = try socketPair(Int32(SOCK_STREAM.rawValue))
      defer { close(theirs) }
      let loop = try SocketLoop()
      defer { loop.stop() }
      let connection = Connection(raw: ours, framing: .stream, loop: loop)
      connection.begin()
      return await connection.ask(2, [], within: within, limit: 16 << 10, named: { _ in other(theirs) })
    } catch {
      return .lost(error)
    }
  }
}
