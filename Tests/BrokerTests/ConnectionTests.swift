import Base
import Broker
import Forges
import Git
import Glibc
import TestSupport
import Testing
import Work

import class Foundation.Thread

@Suite("A connection takes requests that are whole, and ends over anything else")
struct ConnectionTests {
  /// One end of a connection, as somebody has it who may write anything.
  private final class Peer: Sendable {
    let socket: Int32

    init(longest: Int = 1 << 16) throws {
      var pair: [Int32] = [-1, -1]
      try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair) == 0)
      socket = pair[0]
      BrokerConnection.open(pair[1], longest: longest) { request in
        if case .account = request {
          return .account(
            ForgeActor(id: 7, login: "bot", isBot: true),
            ForgeCapabilities(
              hasChecks: false, hasNeutral: false, settlesThreads: false, answersThreads: false,
              hasSuggestions: false, reviewsAreWhole: false, checksAnchors: false, hasRanges: false))
        }
        return .forges([])
      }
    }

    deinit { close(socket) }

    func write(_ bytes: [UInt8]) { _ = send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    func write(frame: String) {
      let count = UInt32(frame.utf8.count)
      write([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> UInt32($0)) } + Array(frame.utf8))
    }

    /// Everything until an answer with the number has come, or `nil` where the connection ends first.
    func answer(to number: Int) async -> String? {
      await withCheckedContinuation { continuation in
        // The one who answers needs the threads that tests run on.
        Thread.detachNewThread { continuation.resume(returning: self.read(number)) }
      }
    }

    private func read(_ number: Int) -> String? {
      var text: [UInt8] = []
      var byte: UInt8 = 0
      while Glibc.read(socket, &byte, 1) == 1 {
        text.append(byte)
        let seen = String(decoding: text, as: UTF8.self)
        if byte == UInt8(ascii: "}"), seen.contains("\"number\":\(number)"), seen.contains("answer"),
          seen.count(where: { $0 == "{" }) == seen.count(where: { $0 == "}" })
        {
          return seen
        }
      }
      return nil
    }
  }

  @Test("A request is answered with its number")
  func answers() async throws {
    let peer = try Peer()
    peer.write(frame: #"{"number":3,"content":{"ask":{"_0":{"account":{"_0":"github"}}}}}"#)
    #expect(await peer.answer(to: 3)?.contains("\"login\":\"bot\"") == true)
    // A cancelled request that is not there, or is done, is nothing.
    peer.write(frame: #"{"number":9,"content":{"cancel":{}}}"#)
    peer.write(frame: #"{"number":4,"content":{"ask":{"_0":{"forges":{}}}}}"#)
    #expect(await peer.answer(to: 4)?.contains("forges") == true)
  }

  @Test(
    "What is no request ends its connection, and no other",
    arguments: [
      "", "{}", "null", "nothing", #"{"number":-1,"content":{"cancel":{}}}"#, #"{"number":1,"content":{"dance":{}}}"#,
      #"{"number":1,"content":{"ask":{"_0":{"account":{"_0":"sourceforge"}}}}}"#,
      #"{"number":1,"content":{"ask":{"_0":{"repository":{"_0":{"forge":"github","id":1,"path":"../x"}}}}}}"#,
      #"{"number":1,"content":{"ask":{"_0":{"sign":{"content":[300]}}}}}"#,
    ])
  func malformed(_ frame: String) async throws {
    let other = try Peer()
    let peer = try Peer()
    peer.write(frame: frame)
    #expect(await peer.answer(to: 1) == nil)
    other.write(frame: #"{"number":1,"content":{"ask":{"_0":{"forges":{}}}}}"#)
    #expect(await other.answer(to: 1) != nil)
  }

  @Test("A frame that is too long is not waited for, and one that is cut off is nothing")
  func lengths() async throws {
    let long = try Peer(longest: 100)
    long.write([0, 0, 0, 101])
    #expect(await long.answer(to: 1) == nil)
    let longest = try Peer()
    longest.write([255, 255, 255, 255])
    #expect(await longest.answer(to: 1) == nil)
    let cut = try Peer()
    cut.write([0, 0, 0, 50, UInt8(ascii: "{")])
    shutdown(cut.socket, Int32(SHUT_WR))
    #expect(await cut.answer(to: 1) == nil)
  }

  @Test("Whoever comes during a fetch waits for the next one, and all who wait share it")
  func shares() async throws {
    let queue = FetchQueue()
    let (gates, gate) = AsyncStream.makeStream(of: Void.self)
    let heads = Lock<[[RefName]]>([])
    let one = try RefName("refs/pull/1/head")
    let two = try RefName("refs/pull/2/head")
    @Sendable func wait(_ names: [RefName]) async -> FetchQueue.Outcome {
      await queue.wait(for: "m", heads: names) { wanted in
        heads.withLock { $0.append(wanted) }
        for await _ in gates { break }
        var report = MirrorReport()
        report.missing = wanted
        return .success(report)
      }
    }
    async let first = wait([one])
    while heads.withLock({ $0.isEmpty }) { await Task.yield() }
    async let second = wait([two])
    async let third = wait([one])
    // Both are in line when the second fetch begins, whichever came first.
    while await queue.waiting(for: "m") < 2 { await Task.yield() }
    gate.yield()
    gate.yield()
    let outcomes = await [first, second, third].map { try? $0.get().missing }
    #expect(outcomes == [[one], [two], [one]])
    #expect(heads.withLock { $0 } == [[one], [one, two]])
  }
}
