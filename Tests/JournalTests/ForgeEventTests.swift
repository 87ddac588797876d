import Base
import Foundation
import Journal
import Testing
import Work

/// A report about a pull request of a forge, and the job that attends to it.
private func report(_ id: String, _ kind: ForgeHappening.Kind, at time: Int64, of path: String = "o/r") throws -> Event
{
  let repository = try #require(ForgeRepository(forge: .github, id: 1, path: path))
  return Event(
    id: id, repository: repository.name, actor: "", time: Timestamp(milliseconds: time),
    kind: .forge(ForgeHappening(repository: repository, actor: nil, kind: kind)))
}

private func change(
  _ id: String, _ action: ChangeNotice.Action, at time: Int64, number: Int = 7
) throws -> Event {
  try report(id, .change(ChangeNotice(action: action, number: number, head: nil)), at: time)
}

private func planned(_ kind: JobKind, head: Int, for event: Event, number: Int = 7) throws -> Job {
  let attend = job(for: event)
  let forge = try #require(attend.pullRequest.forge)
  return Job(
    kind: kind,
    pullRequest: PullRequest(
      repository: event.repository, branch: try ref("topic"), base: try ref("main"),
      forge: ForgePlace(repository: forge.repository, number: number)),
    head: commit(head), against: commit(1000), event: event.id, time: event.time)
}

@Suite("Contract of a store: what forges report")
struct ForgeEventTests {
  @Test("Of several reports of one pull request that wait, the last is attended to", arguments: StoreKind.allCases)
  func coalescing(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    for number in 1...15 {
      let event = try change("e\(number)", .updated, at: Int64(number))
      let acceptance = try await store.accept(delivery: "d\(number)", events: [event], jobs: [job(for: event)])
      #expect(acceptance.superseded.count == (number == 1 ? 0 : 1))
    }
    #expect(try await store.pending(limit: 100).map(\.job.event) == ["e15"])
    // The control: another pull request's waits beside it.
    let other = try change("other", .updated, at: 20, number: 8)
    _ = try await store.accept(delivery: "other", events: [other], jobs: [job(for: other)])
    #expect(try await store.pending(limit: 100).count == 2)
  }

  @Test("What asks for less never stands in for what asks for more", arguments: StoreKind.allCases)
  func weights(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    for (place, action) in [ChangeNotice.Action.opened, .labelled, .updated].enumerated() {
      let event = try change(action.rawValue, action, at: Int64(place))
      _ = try await store.accept(delivery: action.rawValue, events: [event], jobs: [job(for: event)])
    }
    #expect(try await store.pending(limit: 100).map(\.job.event) == ["opened", "updated"])
    let closed = try change("closed", .closed, at: 9)
    _ = try await store.accept(delivery: "closed", events: [closed], jobs: [job(for: closed)])
    #expect(try await store.pending(limit: 100).map(\.job.event) == ["closed"])
  }

  @Test("A report that is being attended to is not taken away", arguments: StoreKind.allCases)
  func running(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let first = try change("first", .updated, at: 1)
    _ = try await store.accept(delivery: "first", events: [first], jobs: [job(for: first)])
    let claimed = try await store.claimed()
    let second = try change("second", .updated, at: 2)
    let acceptance = try await store.accept(delivery: "second", events: [second], jobs: [job(for: second)])
    #expect(acceptance.superseded.isEmpty && acceptance.queued.count == 1)
    _ = try await store.renew(claimed.claim, leaseSeconds: 60)
    // And the second waits for the first.
    #expect(try await store.claim(worker: otherWorker, leaseSeconds: 60) == nil)
  }

  @Test("A command is attended to once, however it was found, and is not coalesced", arguments: StoreKind.allCases)
  func commands(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let command = CommentCommand(number: 7, word: .review, comment: 55)
    let hook = try report("hook", .command(command), at: 1)
    let sweep = try report("sweep", .command(command), at: 2)
    let other = try report("other", .command(CommentCommand(number: 7, word: .review, comment: 56)), at: 3)
    for event in [hook, sweep, other] {
      _ = try await store.accept(delivery: event.id, events: [event], jobs: [job(for: event)])
    }
    let update = try change("update", .updated, at: 4)
    _ = try await store.accept(delivery: "update", events: [update], jobs: [job(for: update)])
    #expect(try await store.pending(limit: 100).map(\.job.event) == ["hook", "other", "update"])
  }

  @Test("Each command of a comment is attended to once, however the comment was found", arguments: StoreKind.allCases)
  func severalCommands(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let command = CommentCommand(number: 7, word: .review, comment: 55, rest: [.stop, .fix])
    for (place, id) in ["hook", "sweep"].enumerated() {
      var next: Event? = try report(id, .command(command), at: Int64(place))
      while let event = next {
        _ = try await store.accept(delivery: event.id, events: [event], jobs: [job(for: event)])
        next = event.nextCommand
      }
    }
    let waiting = try await store.pending(limit: 100).map(\.job)
    #expect(waiting.map(\.event) == ["hook", "hook#2", "hook#2#3"])
    #expect(waiting.map(\.request) == ["comment-55", "comment-55.2", "comment-55.3"])
    var words: [CommentCommand.Word] = []
    for job in waiting {
      guard case .forge(let happening) = try await store.event(named: job.event)?.kind,
        case .command(let command) = happening.kind
      else { continue }
      words.append(command.word)
    }
    #expect(words == [.review, .stop, .fix])
  }

  @Test("A command that was written before comments could hold several is read")
  func olderCommand() throws {
    let json = #"{"number":7,"word":{"review":{}},"comment":55}"#
    let command = try JSONDecoder().decode(CommentCommand.self, from: Data(json.utf8))
    #expect(command == CommentCommand(number: 7, word: .review, comment: 55) && command.next == nil)
  }

  @Test("A head that the forge names ends all work on another", arguments: StoreKind.allCases)
  func heads(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let event = try change("e", .updated, at: 1)
    let jobs = [try planned(.review, head: 1, for: event), try planned(.resolve, head: 2, for: event)]
    _ = try await store.accept(delivery: "d", events: [event], jobs: jobs)
    let claimed = try await store.claimed()
    let head = try report("head", .head(number: 7, commit(2)), at: 5)
    let acceptance = try await store.accept(delivery: "head", events: [head], jobs: [])
    #expect(acceptance.superseded == [jobs[0].key])
    let error = await #expect(throws: JournalError.self) { try await store.renew(claimed.claim, leaseSeconds: 60) }
    guard case .superseded = error else { return #expect(Bool(false), "\(String(describing: error))") }
    #expect(try await store.pending(limit: 100).map(\.job.kind) == [.review, .resolve])
    // The zero id ends everything.
    let end = try report("end", .head(number: 7, .zero), at: 6)
    #expect(try await store.accept(delivery: "end", events: [end], jobs: []).superseded == [jobs[1].key])
  }

  @Test("A report is attended to beside the work that it may be to end", arguments: StoreKind.allCases)
  func beside(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let event = try change("e", .updated, at: 1)
    let jobs = [try planned(.review, head: 1, for: event), try planned(.fix, head: 1, for: event)]
    _ = try await store.accept(delivery: "d", events: [event], jobs: jobs)
    let work = try await store.claimed()
    let stop = try report("stop", .command(CommentCommand(number: 7, word: .stop, comment: 5)), at: 2)
    _ = try await store.accept(delivery: "stop", events: [stop], jobs: [job(for: stop)])
    let attending = try await store.claimed()
    #expect(attending.job.kind == .attend && work.job.kind != .attend)
    // The control: a second work on the same pull request waits.
    #expect(try await store.claim(worker: otherWorker, leaseSeconds: 60) == nil)
  }

  @Test("Reports can be asked for alone, before work that has waited for longer", arguments: StoreKind.allCases)
  func reportsAlone(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let event = try change("e", .updated, at: 1)
    let work = try planned(.review, head: 1, for: event)
    _ = try await store.accept(delivery: "d", events: [event], jobs: [work])
    #expect(try await store.claim(worker: worker, leaseSeconds: 60, of: .reports) == nil)
    let stop = try report("stop", .command(CommentCommand(number: 7, word: .stop, comment: 5)), at: 2)
    _ = try await store.accept(delivery: "stop", events: [stop], jobs: [job(for: stop)])
    #expect(try await store.claim(worker: worker, leaseSeconds: 60, of: .reports)?.job == job(for: stop))
    // The control: the work is given to whoever asks for any.
    #expect(try await store.claimed(by: otherWorker).job == work)
  }

  @Test("What somebody stopped begins again only where it is asked for anew", arguments: StoreKind.allCases)
  func stopped(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let event = try change("e", .updated, at: 1)
    let jobs = [try planned(.review, head: 1, for: event), try planned(.resolve, head: 1, for: event)]
    _ = try await store.accept(delivery: "d", events: [event], jobs: jobs)
    let claimed = try await store.claimed()
    let run = try await store.startOrResume(claimed)
    let stop = try report("stop", .stop(number: 7), at: 5)
    #expect(Set(try await store.accept(delivery: "stop", events: [stop], jobs: []).superseded) == Set(jobs.map(\.key)))
    // A sweep asks for the same while the worker has not seen it yet.
    #expect(try await store.accept(delivery: "sweep", events: [], jobs: jobs).queued.isEmpty)
    let error = await #expect(throws: JournalError.self) { try await store.renew(claimed.claim, leaseSeconds: 60) }
    guard case .superseded(let reason) = error else { return #expect(Bool(false), "\(String(describing: error))") }
    try await store.finish(run, Closing(endedBecause: reason), under: claimed.claim)
    #expect(try await store.run(named: run.text).closing?.verdict == .stopped)
    #expect(try await store.accept(delivery: "later", events: [], jobs: jobs).queued.isEmpty)
    // Opened again it is looked at again: what ran, and what waited and never ran.
    let reopened = try change("reopened", .reopened, at: 5)
    let again = jobs.map { job in
      var job = job
      (job.event, job.time) = (reopened.id, reopened.time)
      return job
    }
    #expect(try await store.accept(delivery: "reopened", events: [reopened], jobs: again).queued == jobs.map(\.key))
    let stopAgain = try report("stop again", .stop(number: 7), at: 6)
    let running = try await store.claimed()
    let second = try await store.startOrResume(running)
    #expect(try await store.accept(delivery: "stop again", events: [stopAgain], jobs: []).superseded.count == 2)
    // The control: any other event of the kind begins nothing.
    let updated = try change("updated", .updated, at: 7)
    let same = again.map { job in
      var job = job
      job.event = updated.id
      return job
    }
    #expect(try await store.accept(delivery: "updated", events: [updated], jobs: same).queued.isEmpty)
    // It is opened again before its worker has seen that it was stopped.
    #expect(try await store.accept(delivery: "once more", events: [], jobs: again).queued == jobs.map(\.key))
    try await store.finish(second, Closing(endedBecause: Supersession.stopped), under: running.claim)
    #expect(try await store.pending(limit: 9).map(\.job.key) == jobs.map(\.key))
    for _ in jobs {
      let claimed = try await store.claimed()
      try await store.carryOut(claimed)
    }
    // What came to its end is over, however often it is opened again.
    #expect(try await store.accept(delivery: "for ever", events: [], jobs: again).queued.isEmpty)
    var asked = jobs[0]
    asked.request = "comment-9"
    #expect(try await store.accept(delivery: "asked", events: [], jobs: [asked]).queued == [asked.key])
    // The control: what a head made pointless begins again with its head.
    let head = try report("head", .head(number: 7, commit(2)), at: 6)
    #expect(try await store.accept(delivery: "head", events: [head], jobs: []).superseded == [asked.key])
    #expect(try await store.accept(delivery: "back", events: [], jobs: [asked]).queued == [asked.key])
  }

  @Test(
    "What was stopped while it waited for another try begins again for nobody", arguments: StoreKind.allCases,
    [true, false])
  func stoppedBehindFailure(_ kind: StoreKind, isStopped: Bool) async throws {
    let store = try await kind.make().open()
    let event = try change("e", .updated, at: 1)
    let review = try planned(.review, head: 1, for: event)
    _ = try await store.accept(delivery: "d", events: [event], jobs: [review])
    let claimed = try await store.claimed()
    let run = try await store.startOrResume(claimed)
    try await store.finish(run, Closing(verdict: .failed, summary: "no"), under: claimed.claim)
    #expect(try await store.accept(delivery: "again", events: [], jobs: [review]).queued == [review.key])
    if isStopped {
      let stop = try report("stop", .stop(number: 7), at: 5)
      #expect(try await store.accept(delivery: "stop", events: [stop], jobs: []).superseded == [review.key])
    } else {
      // The control: what failed once more is done again.
      let claimed = try await store.claimed()
      let run = try await store.startOrResume(claimed)
      try await store.finish(run, Closing(verdict: .failed, summary: "no"), under: claimed.claim)
    }
    #expect(
      try await store.accept(delivery: "sweep", events: [], jobs: [review]).queued == (isStopped ? [] : [review.key]))
    // Opened again it is looked at again.
    let reopened = try change("reopened", .reopened, at: 6)
    var again = review
    (again.event, again.time) = (reopened.id, reopened.time)
    let acceptance = try await store.accept(delivery: "reopened", events: [reopened], jobs: [again])
    #expect(acceptance.queued == (isStopped ? [review.key] : []))
    #expect(try await store.pending(limit: 9).map(\.job.key) == [review.key])
  }

  @Test("What was wanted again before somebody said stop is stopped", arguments: StoreKind.allCases, [true, false])
  func stoppedBehindWish(_ kind: StoreKind, isStopped: Bool) async throws {
    let store = try await kind.make().open()
    let event = try change("e", .updated, at: 1)
    let review = try planned(.review, head: 1, for: event)
    _ = try await store.accept(delivery: "d", events: [event], jobs: [review])
    let claimed = try await store.claimed()
    let run = try await store.startOrResume(claimed)
    let moved = try report("moved", .head(number: 7, commit(2)), at: 2)
    #expect(try await store.accept(delivery: "moved", events: [moved], jobs: []).superseded == [review.key])
    // The head is back before its worker has seen that it was gone.
    #expect(try await store.accept(delivery: "back", events: [], jobs: [review]).queued == [review.key])
    if isStopped {
      let stop = try report("stop", .stop(number: 7), at: 5)
      #expect(try await store.accept(delivery: "stop", events: [stop], jobs: []).superseded == [review.key])
    }
    let reason = isStopped ? Supersession.stopped : "#7 moved on"
    try await store.finish(run, Closing(endedBecause: reason), under: claimed.claim)
    // The control: where nobody said stop, it waits again.
    #expect(try await store.pending(limit: 9).map(\.job.key) == (isStopped ? [] : [review.key]))
  }

  @Test("What is pointless is not given back, but ended by whoever has it", arguments: StoreKind.allCases)
  func pointlessRelease(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let event = try change("e", .updated, at: 1)
    let review = try planned(.review, head: 1, for: event)
    let soon = Timestamp(milliseconds: 0)
    for (place, release) in [Release.handedBack, .postponed(notBefore: soon), .failed(reason: "x", notBefore: soon)]
      .enumerated()
    {
      _ = try await store.accept(delivery: "d\(place)", events: [event], jobs: [review])
      // The control: what is not pointless waits again.
      try await store.release(store.claimed().claim, release)
      let claimed = try await store.claimed()
      let run = try await store.startOrResume(claimed)
      let moved = try report("moved \(place)", .head(number: 7, commit(2)), at: 2)
      _ = try await store.accept(delivery: "moved \(place)", events: [moved], jobs: [])
      let reason = "#7 moved on to \(commit(2).short)"
      await #expect(throws: JournalError.superseded(reason: reason)) { try await store.release(claimed.claim, release) }
      #expect(try await store.pending(limit: 9).map(\.worker) == [worker])
      try await store.finish(run, Closing(endedBecause: reason), under: claimed.claim)
      #expect(try await store.pending(limit: 9).isEmpty)
    }
  }

  @Test("What is postponed keeps its tries", arguments: StoreKind.allCases)
  func postponed(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let event = try change("e", .updated, at: 1)
    _ = try await store.accept(delivery: "d", events: [event], jobs: [job(for: event)])
    for _ in 0..<20 {
      let claimed = try await store.claimed()
      #expect(claimed.attempt == 1)
      _ = try await store.startOrResume(claimed)
      try await store.release(claimed.claim, .postponed(notBefore: Timestamp(milliseconds: 0)))
    }
    // The control: what failed does not.
    let claimed = try await store.claimed()
    try await store.release(claimed.claim, .failed(reason: "x", notBefore: Timestamp(milliseconds: 0)))
    #expect(try await store.claimed().attempt == 2)
  }

  @Test(
    "The runs of a pull request are found by its number, whatever its branch is called", arguments: StoreKind.allCases)
  func runs(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let event = try change("e", .updated, at: 1)
    let jobs = [try planned(.fix, head: 1, for: event), try planned(.fix, head: 1, for: event, number: 8)]
    _ = try await store.accept(delivery: "d", events: [event], jobs: jobs)
    for _ in jobs { _ = try await store.startOrResume(try await store.claimed()) }
    let filter = RunFilter(repository: event.repository, lane: jobs[0].pullRequest.lane)
    #expect(try await store.runs(filter).map(\.job) == [jobs[0]])
    // The control: both have a branch of the same name, and without the number both are found.
    #expect(try await store.runs(RunFilter(repository: event.repository)).count == 2)
  }

  @Test("The repositories of forges are known by their events", arguments: StoreKind.allCases)
  func repositories(_ kind: StoreKind) async throws {
    let store = try await kind.make().open()
    let local = try push("local", to: 1, at: 1)
    _ = try await store.accept(delivery: "local", events: [local], jobs: [])
    for (place, path) in ["o/b", "o/a", "o/b"].enumerated() {
      let event = try report(
        "\(place)", .change(ChangeNotice(action: .updated, number: 1, head: nil)), at: Int64(place), of: path)
      _ = try await store.accept(delivery: "\(place)", events: [event], jobs: [])
    }
    #expect(try await store.forgeRepositories().map(\.path) == ["o/a", "o/b"])
    #expect(try await store.event(named: "2")?.repository == "github:o/b")
    #expect(try await store.event(named: "none") == nil)
  }
}

extension JournalStore {
  /// Begins a run of the job, or takes up the one that is open.
  fileprivate func startOrResume(_ claimed: ClaimedJob) async throws -> RunID {
    if let open = try await openRun(for: claimed.claim) { return open.run }
    let run = RunID(random: .random(in: .min ... .max))
    try await startRun(run, of: claimed)
    return run
  }
}
