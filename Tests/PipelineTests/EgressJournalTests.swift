import Base
import Egress
import Glibc
import Journal
import JournalSQLite
import Testing
import Work

import class Foundation.Thread

@testable import Pipeline

/// What a cell asked for on the network stands in the journal, in its order, before the run is closed.
struct EgressJournalTests {
  private static let count = 40

  private struct SocketFailure: Error {}

  private func withLoopback<Result>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }

  private func listen() throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard withLoopback(0, { bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 128) == 0 else {
      throw SocketFailure()
    }
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
    }
    return (descriptor, address.sin_port)
  }

  /// Asks for a host that is not open, and reads the answer to its end.
  private func ask(_ port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    guard withLoopback(port, { connect(descriptor, $0, $1) }) == 0 else { return }
    let request = Array("CONNECT other.npmjs.org:443 HTTP/1.1\r\nHost: other.npmjs.org:443\r\n\r\n".utf8)
    _ = send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
    var answer = [UInt8](repeating: 0, count: 4096)
    while recv(descriptor, &answer, answer.count, 0) > 0 {}
  }

  private func askAll(_ port: UInt16) async {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        for _ in 0..<Self.count { ask(port) }
        continuation.resume()
      }
    }
  }

  @Test(arguments: [true, false]) func holdsEverythingInOrder(isFlushed: Bool) async throws {
    let desk = try Desk()
    let store = try await desk.open()
    let run = RunID(random: 0xe9)
    let job = Job(
      kind: .agent,
      pullRequest: PullRequest(
        repository: "/r", branch: try RefName("refs/heads/topic"), base: try RefName("refs/heads/main")),
      head: .zero, against: .zero, request: run.text, event: "", time: Timestamp(seconds: 5))
    let claim = try await store.beginByHand(job, run: run, worker: WorkerID("w"))
    let egress = EgressJournal(store)
    let (listener, port) = try listen()
    let host = try HostName("registry.npmjs.org")
    let broker = try EgressBroker(listener: listener, policy: EgressPolicy(hosts: [host])) { egress.take($0) }
    await askAll(port)
    await broker.stop()
    // The control is a run that is closed without a word to whoever writes: then nothing is there.
    if isFlushed {
      egress.begin(run, under: claim)
      await egress.finish()
    }
    try await store.decide(
      .agent(AgentOutcome(ending: .completed, reason: "done", text: "", steps: 1, cost: 0, changed: [])),
      publication: Publication(), of: run, under: claim)
    let events = try await store.events(of: run)
    let lines = events.filter { $0.kind == .note }.map { String(decoding: $0.payload.bytes, as: UTF8.self) }
    #expect(lines.count == (isFlushed ? Self.count : 0))
    for (place, line) in lines.enumerated() {
      #expect(line.contains("connection \(place + 1) refused to other.npmjs.org"), "\(line)")
    }
    #expect(events.last?.kind == .outcome)
  }
}
