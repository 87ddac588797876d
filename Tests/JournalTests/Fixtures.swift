import Base
import Foundation
import GRDB
import Journal
import JournalPostgres
import JournalSQLite
import TestSupport
import Testing
import Work

/// A directory that goes away with the value.
final class TestDirectory: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/journal-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var database: String { path + "/journal.sqlite" }

  /// The names of a table's columns.
  func columns(of table: String) throws -> [String] {
    try DatabaseQueue(path: database).read { try $0.columns(in: table).map(\.name) }
  }
}

/// The stores that the contract is run against.
enum StoreKind: String, CaseIterable, Sendable {
  case sqlite
  case postgres

  /// PostgreSQL is a package that the tests need; where it is missing, ``PostgresPresenceTests`` says so.
  static let allCases: [StoreKind] = PostgresCluster.isPossible ? [.sqlite, .postgres] : [.sqlite]

  /// A new, empty database.
  func make() throws -> TestDatabase {
    switch self {
    case .sqlite: TestDatabase(place: .directory(try TestDirectory()))
    case .postgres: TestDatabase(place: .server(try PostgresCluster.shared.get().newDatabase()))
    }
  }
}

extension PostgresCluster {
  /// The address of a new, empty database.
  func newDatabase() throws -> PostgresAddress {
    let name = "test_" + UUID().uuidString.replacing("-", with: "").lowercased()
    return try #require(PostgresAddress(try database(name)))
  }
}

/// One database of a test; each handle is what another process would have.
struct TestDatabase: Sendable {
  enum Place: Sendable {
    case directory(TestDirectory)
    case server(PostgresAddress)
  }

  let place: Place

  func open() async throws -> any JournalStore {
    switch place {
    case .directory(let directory):
      try await SQLiteJournal.open(path: directory.database, access: .readWrite(mode: 0o600))
    case .server(let address): try await PostgresJournal.open(address, access: .readWrite, patience: .seconds(60))
    }
  }

  /// Carries out statements behind the journal's back, with the guards off: those that keep rows as they are, and those
  /// that keep them consistent.
  func tamper(_ statements: [String]) async throws {
    switch place {
    case .directory(let directory):
      var configuration = Configuration()
      configuration.foreignKeysEnabled = false
      try await DatabaseQueue(path: directory.database, configuration: configuration).write { database in
        for table in ["run_events", "ledger"] {
          try database.execute(sql: "DROP TRIGGER \(table)_no_update")
          try database.execute(sql: "DROP TRIGGER \(table)_no_delete")
        }
        let before = database.totalChangesCount
        for statement in statements { try database.execute(sql: statement) }
        try #require(database.totalChangesCount > before)
      }
    case .server(let address):
      // As a replica, on which neither kind of trigger acts.
      let lines = ["SET search_path TO arborist; SET session_replication_role = replica"] + statements
      try PostgresCluster.sql(lines.map { "\($0);\n" }.joined(), at: address.secret.reveal())
    }
  }
}

/// Numbers that look random and are the same each time (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: Int) { state = UInt64(seed) }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

let worker = WorkerID("worker-1")
let otherWorker = WorkerID("worker-2")

func commit(_ number: Int) -> ObjectID {
  ObjectID(bytes: Array(repeating: UInt8(0), count: 12) + (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) })
    ?? .zero
}

func ref(_ name: String) throws -> RefName { try RefName("refs/heads/\(name)") }

/// A push that moves a branch; a commit of zero is "not there".
func push(
  _ id: String, _ branch: String = "topic", from old: Int = 0, to new: Int, at time: Int64, repository: String = "/r"
) throws -> Event {
  Event(
    id: id, repository: repository, actor: "someone", time: Timestamp(milliseconds: time),
    kind: .push(RefUpdate(ref: try ref(branch), old: commit(old), new: commit(new))))
}

/// The job that the event starts on the branch that it moved.
func job(_ kind: JobKind = .review, for event: Event, request: String = "") -> Job {
  switch event.kind {
  case .push(let update):
    job(kind, branch: update.ref, head: update.new, event: event, request: request)
  case .failed(let failure):
    job(kind, branch: failure.branch, head: failure.head, event: event, request: request)
  case .forge(let happening):
    Job(attendingTo: happening, event: event)
  }
}

func job(_ kind: JobKind, branch: RefName, head: ObjectID, event: Event, request: String = "") -> Job {
  let base = try? RefName("refs/heads/main")
  return Job(
    kind: kind, pullRequest: PullRequest(repository: event.repository, branch: branch, base: base ?? branch),
    head: head, against: commit(1_000_000), request: request, event: event.id, time: event.time)
}

let reviewOutcome = Outcome.review(ReviewOutcome(findings: [], unread: [], overall: "nothing to say"))

func publication(_ count: Int) throws -> Publication {
  var effects: [Effect] = []
  for index in 0..<count {
    effects.append(
      index == 0
        ? .push(branch: try ref("arborist/resolve/topic"), from: .zero, to: commit(77))
        : .note(.discuss, object: commit(5), lines: ["{\"v\":0,\"n\":\(index)}"]))
  }
  return Publication(effects: effects)
}

extension JournalStore {
  /// Accepts one push with a review of it.
  @discardableResult
  func acceptReview(_ id: String, branch: String = "topic", to head: Int, at time: Int64) async throws -> Job {
    let event = try push(id, branch, to: head, at: time)
    let job = job(for: event)
    _ = try await accept(delivery: "delivery of \(id)", events: [event], jobs: [job])
    return job
  }

  func claimed(by worker: WorkerID = worker) async throws -> ClaimedJob {
    try #require(try await claim(worker: worker, leaseSeconds: 600))
  }

  /// Begins a run of the claimed job.
  func begun(_ claimed: ClaimedJob, _ number: UInt64 = .random(in: .min ... .max)) async throws -> RunID {
    let run = RunID(random: number)
    try await startRun(run, of: claimed)
    return run
  }

  /// Carries a claimed job through to its end.
  @discardableResult
  func carryOut(_ claimed: ClaimedJob, effects: Int = 1) async throws -> RunID {
    let run = try await begun(claimed)
    try await append(.step("diff", ["files": 3]), to: run, under: claimed.claim)
    try await decide(reviewOutcome, publication: publication(effects), of: run, under: claimed.claim)
    for effect in 0..<effects {
      _ = try await markIntended(effect: effect, of: run, under: claimed.claim)
      try await markDone(effect: effect, result: "did \(effect)", of: run, under: claimed.claim)
    }
    try await finish(run, Closing(of: reviewOutcome), under: claimed.claim)
    return run
  }
}
