import Base
import GRDB
import Journal
import JournalSQLite
import TestSupport
import Testing
import Work

/// A report about a pull request, or a question in a comment on it.
private func report(
  _ id: String, at time: Int64, number: Int = 7, asking question: String? = nil
) throws -> Event {
  let repository = try #require(ForgeRepository(forge: .github, id: 1, path: "o/r"))
  let kind: ForgeHappening.Kind =
    question.map { .command(CommentCommand(number: number, word: .ask($0), comment: time)) }
    ?? .change(ChangeNotice(action: .updated, number: number, head: nil))
  return Event(
    id: id, repository: repository.name, actor: "", time: Timestamp(milliseconds: time),
    kind: .forge(ForgeHappening(repository: repository, actor: nil, kind: kind)))
}

/// Work that a report asks for, on a head of its own.
private func planned(_ kind: JobKind, for event: Event) throws -> Job {
  let attend = job(for: event)
  let head = event.id.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xff_ffff }
  return Job(
    kind: kind,
    pullRequest: PullRequest(
      repository: event.repository, branch: try ref("topic"), base: try ref("main"), forge: attend.pullRequest.forge),
    head: commit(head), against: commit(1000), event: event.id, time: event.time)
}

extension TestDatabase {
  /// Makes all deliveries that came so far this much older, as the database's clock sees it.
  fileprivate func age(by days: Int) async throws {
    let statement = "UPDATE deliveries SET received = received - \(days * 86_400_000)"
    switch place {
    case .directory(let directory):
      try await DatabaseQueue(path: directory.database).write { database in
        let guardian = try #require(
          try String.fetchOne(database, sql: "SELECT sql FROM sqlite_master WHERE name = 'deliveries_no_update'"))
        try database.execute(sql: "DROP TRIGGER deliveries_no_update")
        try database.execute(sql: statement)
        try database.execute(sql: guardian)
      }
    case .server(let address):
      let lines = ["SET search_path TO arborist", "SET session_replication_role = replica", statement]
      try PostgresCluster.sql(lines.map { "\($0);\n" }.joined(), at: address.secret.reveal())
    }
  }

  /// Carries a statement out as somebody who has no rule in mind.
  fileprivate func meddle(_ statement: String) async throws {
    switch place {
    case .directory(let directory):
      try await DatabaseQueue(path: directory.database).write { try $0.execute(sql: statement) }
    case .server(let address):
      try PostgresCluster.sql("SET search_path TO arborist;\n\(statement);\n", at: address.secret.reveal())
    }
  }
}

extension JournalStore {
  /// Takes a report in, attends to it and does the work that it asks for, which ends so.
  @discardableResult
  fileprivate func done(
    _ event: Event, work: JobKind = .review, as verdict: Closing.Verdict = .clean
  ) async throws -> RunID {
    let work = try planned(work, for: event)
    _ = try await accept(delivery: "d \(event.id)", events: [event], jobs: [job(for: event), work])
    try await carryOut(claimed())
    let claimed = try await claimed()
    let run = try await begun(claimed)
    try await decide(reviewOutcome, publication: Publication(), of: run, under: claimed.claim)
    try await finish(run, Closing(verdict: verdict, summary: "so it ended"), under: claimed.claim)
    return run
  }

  /// Which of these events still hold something.
  fileprivate func held(_ names: [String]) async throws -> [String] {
    var held: [String] = []
    for name in names where try await event(named: name) != nil { held.append(name) }
    return held
  }

  fileprivate func clear(days: Int = 30, as writer: String = "one", limit: Int = 300) async throws -> Int? {
    try await Retention(
      journal: self, age: .seconds(86_400 * days), writer: writer, limit: limit, pause: {}
    ).pass()
  }
}

@Suite("Contract of a store: what old deliveries held is taken out")
struct RetentionTests {
  @Test("What is old and over is taken out, and known all the same when it comes again", arguments: StoreKind.allCases)
  func old(kind: StoreKind) async throws {
    let database = try kind.make()
    let store = try await database.open()
    let old = try report("old", at: 1)
    let run = try await store.done(old)
    try await database.age(by: 40)
    try await store.done(report("young", at: 2))
    try await store.done(report("newest", at: 3))
    // The control: what is kept for longer stays.
    #expect(try await store.clear(days: 41) == 0)
    #expect(try await store.held(["old", "young", "newest"]) == ["old", "young", "newest"])
    #expect(try await store.clear() == 1)
    #expect(try await store.held(["old", "young", "newest"]) == ["young", "newest"])
    #expect(try await store.knowsEvent(named: "old"))
    #expect(try await !store.knowsEvent(named: "never"))
    #expect(try await store.clear() == 0)

    // The forge sends it again, and somebody under another name.
    let work = try planned(.review, for: old)
    for delivery in ["d old", "recorded"] {
      let again = try await store.accept(delivery: delivery, events: [old], jobs: [job(for: old), work])
      #expect(again.isNew == (delivery == "recorded") && again.queued.isEmpty && again.superseded.isEmpty)
    }
    #expect(try await store.pending(limit: 9).isEmpty)
    // What is hashed is as it was, and so is the run.
    #expect(try await store.auditFaults() == [])
    #expect(try await store.integrityFaults() == [])
    #expect(try await store.run(named: run.text).closing?.verdict == .clean)
    #expect(try await store.forgeRepositories().map(\.path) == ["o/r"])
  }

  @Test("What somebody still needs stays, until nobody does", arguments: StoreKind.allCases)
  func needed(kind: StoreKind) async throws {
    let database = try kind.make()
    let store = try await database.open()
    let endings: [Closing.Verdict] = [.failed, .infrastructure, .stopped, .fixed, .fixedWithTestChange, .resolved]
    for (index, verdict) in endings.enumerated() {
      try await store.done(report(verdict.rawValue, at: Int64(index + 1)), work: .fix, as: verdict)
    }
    try await store.done(report("over", at: 20))
    let asked = try report("asked", at: 21, asking: "why?")
    _ = try await store.accept(delivery: "asked", events: [asked], jobs: [try planned(.ask, for: asked)])
    let claimed = try await store.claimed()
    let waiting = try report("waiting", at: 22, number: 8)
    _ = try await store.accept(delivery: "waiting", events: [waiting], jobs: [job(for: waiting)])
    // A bare repository's pushes are not a forge's deliveries.
    for number in 1...2 {
      try await store.acceptReview("push \(number)", to: number, at: Int64(22 + number))
      _ = try await store.carryOut(
        #require(try await store.claim(worker: worker, leaseSeconds: 600, of: .repository("/r"))))
    }
    try await database.age(by: 400)
    let names = endings.map(\.rawValue) + ["over", "asked", "waiting", "push 1", "push 2"]
    #expect(try await store.clear() == 1)
    #expect(try await store.held(names) == names.filter { $0 != "over" })
    // The control: once they are over they go, but for the newest, which says how the repository is reached.
    try await store.carryOut(claimed)
    try await store.carryOut(store.claimed())
    #expect(try await store.clear() == 1)
    #expect(try await store.held(names) == names.filter { !["over", "asked"].contains($0) })
    #expect(try await store.forgeRepositories().map(\.path) == ["o/r"])
    #expect(try await store.auditFaults() == [])
  }

  @Test("What is kept can be done again, though what came after it was taken out", arguments: StoreKind.allCases)
  func again(kind: StoreKind) async throws {
    let database = try kind.make()
    let store = try await database.open()
    let failed = try report("failed", at: 1)
    try await store.done(failed, work: .fix, as: .failed)
    let repository = try #require(ForgeRepository(forge: .github, id: 1, path: "o/r"))
    let looked = Event(
      id: "looked", repository: repository.name, actor: "", time: Timestamp(milliseconds: 2),
      kind: .forge(ForgeHappening(repository: repository, actor: nil, kind: .head(number: 7, commit(5)))))
    _ = try await store.accept(delivery: "looked", events: [looked], jobs: [])
    try await store.done(report("newest", at: 99, number: 9))
    try await database.age(by: 31)
    #expect(try await store.clear() == 1)
    #expect(try await store.held(["failed", "looked", "newest"]) == ["failed", "newest"])
    let work = try planned(.fix, for: failed)
    #expect(try await store.accept(delivery: "page", events: [], jobs: [work]).queued == [work.key])
  }

  @Test("Small steps come to the end, whatever of it stays", arguments: StoreKind.allCases)
  func steps(kind: StoreKind) async throws {
    let database = try kind.make()
    let store = try await database.open()
    // Several at one moment, and every third is kept.
    for number in 0..<12 {
      try await store.done(
        report("e\(number)", at: Int64(1 + number / 3)), work: number % 3 == 0 ? .fix : .review,
        as: number % 3 == 0 ? .failed : .clean)
    }
    try await store.done(report("newest", at: 99))
    try await database.age(by: 31)
    let first = try await store.removeContent(ofDeliveriesOlderThan: .seconds(86_400 * 30), after: nil, limit: 2)
    #expect(first.removed <= 2 && first.next != nil)
    #expect(try await (store.clear(limit: 2) ?? 0) + first.removed == 8)
    #expect(try await store.held((0..<12).map { "e\($0)" }) == ["e0", "e3", "e6", "e9"])
  }

  @Test("Of several processes one takes out at a time", arguments: StoreKind.allCases)
  func turn(kind: StoreKind) async throws {
    let database = try kind.make()
    let (one, other) = (try await database.open(), try await database.open())
    try await one.done(report("old", at: 1))
    try await one.done(report("newest", at: 2))
    try await database.age(by: 31)
    #expect(try await other.takeTurn(at: Retention.turn, by: "other", for: .seconds(3600)) == nil)
    #expect(try await one.clear() == nil)
    #expect(try await one.held(["old"]) == ["old"])
    try await other.leaveTurn(at: Retention.turn, by: "other")
    #expect(try await one.clear() == 1)
    // It has left its turn to the next.
    #expect(try await other.clear(as: "other") == 0)
  }

  @Test("By mistake nothing else of an event is changed", arguments: StoreKind.allCases)
  func guards(kind: StoreKind) async throws {
    let database = try kind.make()
    let store = try await database.open()
    try await store.done(report("e1", at: 1))
    let statements = [
      "UPDATE events SET body = 'x'", "UPDATE events SET body = '', time = 5", "UPDATE events SET id = 'x', body = ''",
      "UPDATE events SET body = '', ref = ''", "DELETE FROM events",
    ]
    for statement in statements {
      await #expect(throws: (any Error).self, "\(statement)") { try await database.meddle(statement) }
    }
    #expect(try await store.held(["e1"]) == ["e1"])
    try await database.meddle("UPDATE events SET body = ''")
    #expect(try await store.held(["e1"]).isEmpty)
  }

  @Test("The room of what was taken out is used again in a SQLite file")
  func space() async throws {
    let directory = try TestDirectory()
    let database = TestDatabase(place: .directory(directory))
    let store = try await database.open()
    // As long as reports are: each page holds some ten of them, and none is free by itself.
    func fill(_ round: Int) async throws {
      for delivery in 0..<6 {
        let events = try (0..<500).map { number in
          try report("round \(round) \(delivery) \(number)", at: Int64(round * 1000 + number))
        }
        _ = try await store.accept(delivery: "\(round) \(delivery)", events: events, jobs: [])
      }
    }
    func pages(_ pragma: String) async throws -> Int {
      try await DatabaseQueue(path: directory.database).read { try Int.fetchOne($0, sql: "PRAGMA \(pragma)") } ?? 0
    }
    try await store.done(report("other", at: 1, number: 9))
    let before = try await pages("page_count")
    try await fill(1)
    let full = try await pages("page_count")
    try #require(full - before > 200)
    try await database.age(by: 31)
    #expect(try await store.clear() ?? 0 > 2900)
    #expect(try await pages("freelist_count") > (full - before) / 2)
    try await fill(2)
    #expect(try await pages("page_count") < full + (full - before) / 2)
    // The control: without it the file grows as much again.
    try await fill(3)
    #expect(try await pages("page_count") > full + (full - before) / 2)
  }
}
