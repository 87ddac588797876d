import Base
import Journal
import Testing
import Work

@Suite("What those who watch are told")
struct StatisticsTests {
  private struct Answer: Encodable {
    var answer: String
    var cost: Int64
    var number = 1
  }

  private func watched(_ journal: any JournalStore) throws -> any JournalStatistics {
    try #require(journal as? any JournalStatistics)
  }

  @Test("The queue by kind and state, with its oldest", arguments: StoreKind.allCases)
  func queue(kind: StoreKind) async throws {
    let journal = try await kind.make().open()
    let statistics = try watched(journal)
    #expect(try await statistics.queueFigures().isEmpty)
    for (index, kind) in [JobKind.review, .review, .fix].enumerated() {
      let event = try push("e\(index)", "branch\(index)", to: index + 1, at: Int64(1000 + index))
      _ = try await journal.accept(delivery: event.id, events: [event], jobs: [job(kind, for: event)])
    }
    _ = try await journal.claim(worker: worker, leaseSeconds: 60)
    let figures = try await statistics.queueFigures()
    #expect(
      Set(figures) == [
        QueueFigure(kind: .review, isRunning: true, count: 1, oldest: Timestamp(milliseconds: 1000)),
        QueueFigure(kind: .review, isRunning: false, count: 1, oldest: Timestamp(milliseconds: 1001)),
        QueueFigure(kind: .fix, isRunning: false, count: 1, oldest: Timestamp(milliseconds: 1002)),
      ])
    try await statistics.checkWritable()
  }

  @Test("What requests to forges came to adds up, whoever adds it", arguments: StoreKind.allCases)
  func forgeFigures(kind: StoreKind) async throws {
    let database = try kind.make()
    let (one, other) = (try await database.open(), try await database.open())
    #expect(try await watched(one).forgeFigures() == [])
    var expected: [ForgeFigure.Series: ForgeFigure] = [:]
    for (index, store) in [one, other, one, other].enumerated() {
      var figures: [ForgeFigure] = []
      for operation in ForgeFigure.Operation.allCases {
        let series = ForgeFigure.Series(.github, operation, .done)
        var figure = ForgeFigure(series)
        figure.record(milliseconds: Int64(index) * 40)
        figures.append(figure)
        expected[series, default: ForgeFigure(series)].record(milliseconds: Int64(index) * 40)
      }
      try await store.add(figures.shuffled())
    }
    try await one.add([ForgeFigure(.init(.gitea, .read, .done))])
    let found = try await watched(other).forgeFigures()
    #expect(Set(found) == Set(expected.values))
    // What is new since a look, and what began anew.
    var later = try #require(found.first)
    let earlier = later
    later.record(milliseconds: 7)
    #expect(later.since(earlier).total == 1 && later.since(earlier).milliseconds == 7)
    #expect(earlier.since(later) == earlier && later.since(nil) == later)
  }

  @Test("Looks at reports can be left out, and a run has its tasks", arguments: StoreKind.allCases)
  func kinds(kind: StoreKind) async throws {
    let journal = try await kind.make().open()
    let statistics = try watched(journal)
    let repository = try #require(ForgeRepository(forge: .github, id: 1, path: "o/r"))
    for number in 1...2 {
      let happening = ForgeHappening(
        repository: repository, actor: nil, kind: .change(ChangeNotice(action: .opened, number: number, head: nil)))
      let event = Event(
        id: "e\(number)", repository: repository.name, actor: "", time: Timestamp(milliseconds: Int64(number)),
        kind: .forge(happening))
      _ = try await journal.accept(delivery: event.id, events: [event], jobs: [job(for: event)])
    }
    try await journal.acceptReview("push", to: 1, at: 3)
    #expect(try await statistics.pendingWork(limit: 1).map(\.job.kind) == [.review])
    #expect(try await journal.pending(limit: 9).count == 3)
    var runs: [RunID] = []
    for _ in 1...3 { runs.append(try await journal.carryOut(journal.claimed())) }
    #expect(try await statistics.runs(before: nil, limit: 9, withReports: false).map(\.run) == [runs[2]])
    #expect(try await statistics.runs(before: nil, limit: 9, withReports: true).count == 3)

    #expect(try await statistics.tasks(of: runs[2], limit: 9).isEmpty)
    var task = job(for: try push("push", to: 1, at: 3))
    (task.kind, task.event) = (.agent, Job.event(ofTaskOf: runs[2]))
    for number in 1...2 {
      task.request = "task \(number)"
      let claim = try await journal.beginByHand(task, run: RunID(random: UInt64(number)), worker: worker)
      let answer = try RunNote.agent(.modelAnswer, Answer(answer: "", cost: 40))
      try await journal.append(answer, to: RunID(random: UInt64(number)), under: claim)
      try await journal.decide(
        reviewOutcome, publication: Publication(), of: RunID(random: UInt64(number)), under: claim)
      try await journal.finish(
        RunID(random: UInt64(number)), Closing(verdict: .completed, summary: ""), under: claim)
    }
    let tasks = try await statistics.tasks(of: runs[2], limit: 9)
    #expect(Set(tasks.map(\.run)) == [RunID(random: 1), RunID(random: 2)])
    #expect(tasks.allSatisfy { $0.job.parent == runs[2] })
    #expect(try await statistics.tasks(of: runs[2], limit: 1).count == 1)
    #expect(try await statistics.tasks(of: runs[1], limit: 9).isEmpty)
  }

  @Test("Runs, what they cost, and what they hold in parts", arguments: StoreKind.allCases)
  func runs(kind: StoreKind) async throws {
    let journal = try await kind.make().open()
    let statistics = try watched(journal)
    #expect(try await statistics.finishedCount() == 0)
    var runs: [RunID] = []
    for index in 1...3 {
      let event = try push("e\(index)", "branch\(index)", to: index, at: Int64(1000 + index))
      _ = try await journal.accept(delivery: event.id, events: [event], jobs: [job(for: event)])
      let claimed = try #require(try await journal.claim(worker: worker, leaseSeconds: 60))
      let run = RunID(random: UInt64(index))
      try await journal.startRun(run, of: claimed)
      let notes: [RunNote] = [
        try .agent(.modelRequest, ["number": 1]),
        try .agent(.modelAnswer, Answer(answer: "its \"cost\":99, it says", cost: Int64(index) * 1000)),
        try .agent(.modelFailure, Answer(answer: "\\", cost: 5)), try .note("\"cost\":7"),
      ]
      try await journal.append(notes, to: run, under: claimed.claim, surviving: .machine)
      runs.append(run)
      if index == 3 { break }
      let effect = Effect.note(.discuss, object: commit(1), lines: ["x"])
      try await journal.decide(
        .failed(reason: "no"), publication: Publication(effects: [effect]), of: run, under: claimed.claim)
      _ = try await journal.markIntended(effect: 0, of: run, under: claimed.claim)
      try await journal.markDone(effect: 0, result: "done", of: run, under: claimed.claim)
      try await journal.finish(run, Closing(of: .failed(reason: "no")), under: claimed.claim)
    }
    #expect(try await statistics.finishedCount() == 2)
    let finished = try await statistics.finishedRuns(after: 0, limit: 10)
    #expect(finished.map(\.cost) == [1005, 2005] && finished.map(\.position) == [1, 2])
    #expect(finished.allSatisfy { $0.verdict == .failed && $0.kind == .review && $0.modelMilliseconds.count == 1 })
    #expect(finished.allSatisfy { $0.effects.map(\.name) == ["note"] })
    #expect(try await statistics.finishedRuns(after: 1, limit: 10).map(\.position) == [2])
    #expect(try await statistics.finishedRuns(after: 0, limit: 1).map(\.position) == [1])

    #expect(try await statistics.cost(of: runs[2], after: 0) == RunCost(nano: 3005, through: 4))
    #expect(try await statistics.cost(of: runs[2], after: 3) == RunCost(nano: 5, through: 4))
    #expect(try await statistics.cost(of: runs[2], after: 4) == RunCost(nano: 0, through: 4))

    // All began within the same moment or not: each stands there once, and nothing is left out.
    var seen: [RunID] = []
    var cursor: RunCursor?
    while true {
      let page = try await statistics.runs(before: cursor, limit: 1, withReports: true)
      guard let run = page.first else { break }
      seen.append(run.run)
      cursor = RunCursor(started: run.started, run: run.run)
    }
    #expect(seen.count == 3 && Set(seen) == Set(runs))

    #expect(try await statistics.eventCount(of: runs[2]) == 5)
    #expect(try await statistics.eventCount(of: RunID(random: 99)) == 0)
    let parts = try await statistics.eventParts(of: runs[2], after: 2, limit: 2, payload: 10)
    #expect(parts.map(\.sequence) == [3, 4] && parts.map(\.kind) == [.modelAnswer, .modelFailure])
    #expect(parts.allSatisfy { $0.payload.count == 10 && $0.size > 10 && !$0.isWhole })
    let whole = try #require(try await statistics.payload(of: runs[2], sequence: 3))
    #expect(whole.bytes.count == parts[0].size && whole.bytes.starts(with: parts[0].payload))
    #expect(try await statistics.payload(of: runs[2], sequence: 77) == nil)
  }
}
