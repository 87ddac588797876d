import Base
import Foundation
import Glibc
import Journal
import JournalPostgres
import TestSupport
import Testing
import Work

@Suite("Death of the server", .enabled(if: PostgresCluster.isPossible, "needs PostgreSQL"))
struct PostgresDeathTests {
  @Test("What was confirmed is there after the server's death, and the journal goes on")
  func killed() async throws {
    let cluster = try PostgresCluster()
    let address = try cluster.newDatabase()
    let store = try await PostgresJournal.open(address, access: .readWrite, patience: .seconds(120))
    let confirmed = Lock<[String]>([])
    for round in 0..<2 {
      let isOver = Lock(false)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for caller in 0..<4 {
          group.addTask {
            var number = 0
            while !isOver.withLock({ $0 }) {
              number += 1
              let id = "e\(round)-\(caller)-\(number)"
              try await store.acceptReview(id, branch: id, to: 1, at: 1)
              confirmed.withLock { $0.append("delivery of \(id)") }
            }
          }
        }
        group.addTask {
          func wait(for count: Int) async throws {
            let start = confirmed.withLock { $0.count }
            while confirmed.withLock({ $0.count }) < start + count { try await Task.sleep(for: .milliseconds(5)) }
          }
          try await wait(for: 20)
          try cluster.order("kill")
          try cluster.order("start")
          // The same handle goes on without being opened again.
          try await wait(for: 20)
          isOver.withLock { $0 = true }
        }
        try await group.waitForAll()
      }
      let stored = try PostgresCluster.sql("SELECT id FROM arborist.deliveries", at: address.secret.reveal())
      let known = Set(stored.split(separator: "\n").map(String.init))
      #expect(confirmed.withLock { $0 }.allSatisfy { known.contains($0) })
      #expect(try await store.pending(limit: .max).count == known.count)
    }
    #expect(try await store.auditFaults() == [])
  }

  @Test("A server that is away is told as such, and the journal can be asked again when it is back")
  func away() async throws {
    let cluster = try PostgresCluster()
    let address = try cluster.newDatabase()
    let store = try await PostgresJournal.open(address, access: .readWrite, patience: .zero)
    try await store.acceptReview("e1", to: 1, at: 1)
    try cluster.order("stop")
    do {
      try await store.acceptReview("e2", branch: "b", to: 1, at: 1)
      Issue.record("it was taken in by nobody")
    } catch JournalError.unavailable(let place, _) {
      #expect(place == address.description)
    }
    try cluster.order("start")
    try await store.acceptReview("e2", branch: "b", to: 1, at: 1)
    #expect(try await store.pending(limit: 9).count == 2)
  }

  /// Where a connection breaks: before the server hears of the end of a transaction, or after it has carried it out.
  @Test("A COMMIT whose answer is lost happens once", arguments: [Relay.Break.beforeCommit, .afterCommit])
  func lostAnswer(_ place: Relay.Break) async throws {
    let address = try PostgresCluster.shared.get().newDatabase()
    let relay = try Relay(to: address)
    let store = try await PostgresJournal.open(relay.address, access: .readWrite, patience: .seconds(120))
    let direct = try await PostgresJournal.open(address, access: .readWrite)
    try await direct.acceptReview("e1", branch: "a", to: 1, at: 1)
    try await direct.acceptReview("e2", branch: "b", to: 1, at: 2)

    relay.breakNext(place)
    let claimed = try await store.claimed()
    #expect(claimed.job.pullRequest.branch == (try ref("a")) && claimed.attempt == 1)
    #expect(try await direct.pending(limit: 9).map { $0.worker == nil } == [false, true])
    let run = RunID(random: 5)
    relay.breakNext(place)
    try await store.startRun(run, of: claimed)
    relay.breakNext(place)
    try await store.append(.note("once"), to: run, under: claimed.claim)
    relay.breakNext(place)
    try await store.append([.note("x"), .note("y")], to: run, under: claimed.claim, surviving: .process)
    relay.breakNext(place)
    try await store.decide(reviewOutcome, publication: publication(1), of: run, under: claimed.claim)
    relay.breakNext(place)
    let intended = try await store.markIntended(effect: 0, of: run, under: claimed.claim)
    if case .intended = intended.state {} else { Issue.record("\(intended.state)") }
    relay.breakNext(place)
    try await store.markDone(effect: 0, result: "done", of: run, under: claimed.claim)
    relay.breakNext(place)
    try await store.finish(run, Closing(of: reviewOutcome), under: claimed.claim)
    relay.breakNext(place)
    let hand = Job(
      kind: .fix, pullRequest: claimed.job.pullRequest, head: commit(1), against: commit(2), request: "hand", event: "",
      time: Timestamp(seconds: 5))
    let claim = try await store.beginByHand(hand, run: RunID(random: 6), worker: worker)
    relay.breakNext(place)
    let taken = try await store.takeUp(RunID(random: 6), worker: otherWorker)
    #expect(taken.fence == claim.fence + 1)
    relay.breakNext(place)
    let event = try push("e3", "c", to: 1, at: 3)
    _ = try await store.accept(delivery: "d3", events: [event], jobs: [job(for: event)])
    relay.breakNext(place)
    let last = try await store.claimed()
    relay.breakNext(place)
    try await store.release(last.claim, .handedBack)
    #expect(relay.broken == 13)

    let kinds = try await direct.events(of: run).map(\.kind)
    #expect(
      kinds == [.started, .note, .note, .note, .outcome, .effectIntended, .effectDone, .finished])
    #expect(try await direct.events(of: RunID(random: 6)).map(\.kind) == [.started, .resumed])
    #expect(try await direct.ledger().entries.map(\.run) == [run])
    #expect(try await direct.pending(limit: 9).filter { $0.worker == nil }.count == 2)
    #expect(try await direct.auditFaults() == [])
  }
}

/// Stands between a client and a server, and breaks the connection when it is told to.
final class Relay: Sendable {
  /// Where the next connection breaks that ends a transaction.
  enum Break: Sendable {
    /// The server never hears of the COMMIT.
    case beforeCommit
    /// The server has answered it, and the client never hears of that.
    case afterCommit
  }

  let address: PostgresAddress
  private let server: String
  private let directory: TestDirectory
  private let state = Lock<(next: Break?, count: Int)>((nil, 0))

  /// How many connections were broken.
  var broken: Int { state.withLock { $0.count } }

  init(to address: PostgresAddress) throws {
    directory = try TestDirectory()
    let text = address.secret.reveal()
    let start = try #require(text.range(of: "host="))
    let host = text[start.upperBound...].prefix { $0 != "&" }
    server = "\(host)/.s.PGSQL.5433"
    self.address = try #require(PostgresAddress(text.replacing("host=\(host)", with: "host=\(directory.path)")))
    let listener = try Self.socket(at: "\(directory.path)/.s.PGSQL.5433") { bind($0, $1, $2) }
    guard listen(listener, 64) == 0 else { throw CocoaError(.fileReadUnknown) }
    Thread.detachNewThread { [self] in
      while true {
        let client = accept(listener, nil, nil)
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        guard client >= 0, let server = try? Self.socket(at: server, { connect($0, $1, $2) }) else { return }
        Thread.detachNewThread { self.carry(client, server) }
      }
    }
  }

  func breakNext(_ place: Break) { state.withLock { $0.next = place } }

  private func carry(_ client: Int32, _ server: Int32) {
    defer {
      close(client)
      close(server)
    }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var breaking: Break?
    while true {
      var ends = [pollfd(fd: client, events: 1, revents: 0), pollfd(fd: server, events: 1, revents: 0)]
      guard poll(&ends, 2, -1) > 0 else { return }
      for (index, other) in [(0, server), (1, client)] where ends[index].revents != 0 {
        let count = read(ends[index].fd, &buffer, buffer.count)
        guard count > 0 else { return }
        if index == 0, String(decoding: buffer[..<count], as: UTF8.self).contains("COMMIT") {
          breaking = state.withLock { state in
            defer { state.next = nil }
            if state.next != nil { state.count += 1 }
            return state.next
          }
          if breaking == .beforeCommit { return }
        }
        if index == 1, breaking == .afterCommit { return }
        guard write(other, buffer, count) == count else { return }
      }
    }
  }

  private static func socket(
    at path: String, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws -> Int32 {
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var place = sockaddr_un()
    place.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &place.sun_path) { $0.copyBytes(from: path.utf8.prefix(100)) }
    let result = withUnsafePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        use(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw CocoaError(.fileReadUnknown) }
    return descriptor
  }
}
