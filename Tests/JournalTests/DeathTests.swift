import Base
import Foundation
import GRDB
import Glibc
import Journal
import JournalSQLite
import Testing
import Work

/// One run, step by step, on a file.
private struct Story {
  static let steps = 9
  static let run = RunID(random: 0x0123_4567_89ab_cdef)

  /// Does the steps up to this one, each confirmed by the store.
  static func tell(_ store: any JournalStore, steps: Int) async throws {
    var claimed: ClaimedJob?
    for step in 0..<steps {
      if step == 0 {
        try await store.acceptReview("e1", to: 1, at: 1)
        continue
      }
      if step == 1 {
        claimed = try await store.claimed()
        continue
      }
      let claimed = try #require(claimed)
      switch step {
      case 2: try await store.startRun(run, of: claimed)
      case 3: try await store.decide(reviewOutcome, publication: publication(2), of: run, under: claimed.claim)
      case 4, 6: _ = try await store.markIntended(effect: (step - 4) / 2, of: run, under: claimed.claim)
      case 5, 7: try await store.markDone(effect: (step - 5) / 2, result: "done", of: run, under: claimed.claim)
      default: try await store.finish(run, Closing(of: reviewOutcome), under: claimed.claim)
      }
    }
  }

  /// What a worker that comes after finds: how many steps are in the journal, and what is to be done next.
  static func found(_ store: any JournalStore) async throws -> (steps: Int, next: RunState.Step?) {
    let runs = try await store.runs(RunFilter())
    guard let summary = runs.first else {
      return (try await store.pending(limit: 9).count, nil)
    }
    let events = try await store.events(of: summary.run)
    #expect(try await store.auditFaults() == [])
    let state = try RunState.replay(events)
    // What the outbox says is what the events say.
    let done = try await store.outbox(of: summary.run).filter { if case .done = $0.state { true } else { false } }
    #expect(done.count == events.filter { $0.kind == .effectDone }.count)
    return (events.count + 2, state.next)
  }

  /// What is to be done next after so many steps.
  static func next(after steps: Int) -> RunState.Step? {
    switch steps {
    case 0...2: nil
    case 3: .decide
    case 4: .begin(effect: 0)
    case 5: .repeatEffect(0)
    case 6: .begin(effect: 1)
    case 7: .repeatEffect(1)
    case 8: .finish
    default: RunState.Step.none
    }
  }

  /// Takes up what is there and brings it to its end.
  static func goOn(_ store: any JournalStore) async throws {
    _ = try await store.recoverAbandoned(.heldByOthers(than: otherWorker))
    guard let claimed = try await store.claim(worker: otherWorker, leaseSeconds: 600) else { return }
    if try await store.openRun(for: claimed.claim) == nil { try await store.startRun(run, of: claimed) }
    while let open = try await store.openRun(for: claimed.claim) {
      switch open.state.next {
      case .decide:
        try await store.decide(reviewOutcome, publication: publication(2), of: open.run, under: claimed.claim)
      case .begin(let effect): _ = try await store.markIntended(effect: effect, of: open.run, under: claimed.claim)
      case .repeatEffect(let effect):
        try await store.markDone(effect: effect, result: "done", of: open.run, under: claimed.claim)
      case .finish, .none: return try await store.finish(open.run, Closing(of: reviewOutcome), under: claimed.claim)
      }
    }
  }
}

@Suite("Death of the process")
struct DeathTests {
  private func open(_ path: String) async throws -> SQLiteJournal {
    try await SQLiteJournal.open(path: path, access: .readWrite(mode: 0o600))
  }

  private func checkEnd(_ store: SQLiteJournal) async throws {
    try await Story.goOn(store)
    let runs = try await store.runs(RunFilter())
    #expect(runs.map(\.closing?.verdict) == [.clean])
    let kinds = try await store.events(of: Story.run).map(\.kind)
    #expect(
      kinds == [
        .started, .outcome, .effectIntended, .effectDone, .effectIntended, .effectDone, .finished,
      ])
    #expect(try await store.ledger().entries.map(\.run) == [Story.run])
    #expect(try await store.auditFaults() == [])
    #expect(try await store.integrityFaults() == [])
  }

  /// A copy of the file and its log while both are open is what a kill leaves behind.
  @Test("A file left at any step goes on with the next", arguments: 0...Story.steps)
  func left(at step: Int) async throws {
    let directory = try TestDirectory()
    let store = try await open(directory.database)
    try await Story.tell(store, steps: step)
    let copy = directory.path + "/copy"
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: directory.database + suffix, toPath: copy + suffix)
    }
    let after = try await open(copy)
    let found = try await Story.found(after)
    #expect(found.next == Story.next(after: step))
    if step > 2 { #expect(found.steps == step) }
    if step > 0 { try await checkEnd(after) }
  }

  @Test("A process killed at any step leaves every confirmed step", arguments: 1...Story.steps)
  func killed(at step: Int) async throws {
    let directory = try TestDirectory()
    let path = directory.database
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, step = step as Int] in
      let store = try await SQLiteJournal.open(path: path, access: .readWrite(mode: 0o600))
      try await Story.tell(store, steps: step)
      kill(getpid(), SIGKILL)
    }
    let after = try await open(path)
    let found = try await Story.found(after)
    #expect(found.next == Story.next(after: step))
    if step > 2 { #expect(found.steps == step) }
    try await checkEnd(after)
  }

  /// What the loss of power can leave: the log, written in order, ends anywhere.
  @Test("A log torn off anywhere leaves the steps before, whole")
  func torn() async throws {
    let directory = try TestDirectory()
    let store = try await open(directory.database)
    // The tables go into the main file, so that the log holds the story alone.
    try await DatabaseQueue(path: directory.database).writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    let main = try Data(contentsOf: URL(fileURLWithPath: directory.database))
    try await Story.tell(store, steps: Story.steps)
    let log = try Data(contentsOf: URL(fileURLWithPath: directory.database + "-wal"))
    try #require(log.count > 50_000)
    var steps = 0
    for part in 0...40 {
      let length = part == 40 ? log.count : log.count * part / 40 + part * 7
      let copy = directory.path + "/torn\(part)"
      try main.write(to: URL(fileURLWithPath: copy))
      try log.prefix(length).write(to: URL(fileURLWithPath: copy + "-wal"))
      let after = try await open(copy)
      #expect(try await after.integrityFaults() == [])
      let found = try await Story.found(after)
      if found.steps > 2 { #expect(found.next == Story.next(after: found.steps)) }
      #expect(found.steps >= steps)
      steps = found.steps
      if found.steps > 0 { try await checkEnd(after) }
    }
    #expect(steps == Story.steps)
  }
}
