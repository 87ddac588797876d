internal import Base
package import Forges
package import Journal
internal import Publish
package import Work

/// What checks say, which several parts of the service write at.
extension ForgeVenue {
  /// How often a check is tried whose turn another one has, which is mostly done at once.
  private static let looks = 20
  private static let pause = Duration.milliseconds(100)

  /// Makes a check say this, as the only one of all workers who writes at it.
  ///
  /// Looking for a check and making it are two requests, and a request outlives the death of whoever sent it: whoever
  /// looks in between finds nothing, and would make another one. So a turn lasts until nothing of it can still arrive.
  ///
  /// - Throws: ``ForgeError`` where the forge fails, or a request of somebody who died may still be under way.
  package func report(
    _ check: CheckReport, on place: ForgePlace, _ forge: any Forge
  ) async throws -> ForgeResult {
    let thing = "check \(place.repository.forge.rawValue) \(place.repository.id) \(check.head.hex) \(check.name)"
    var turn = 0
    while true {
      let writer = RunID(random: .random(in: .min ... .max)).text
      let window = forge.writeWindow(turn)
      try await takeTurn(at: thing, as: writer, for: window + forge.longestRequest)
      let now = WallClock.system.now()
      let trial = EffectTrial(intended: now, isRetry: false, writesUntil: now.adding(window))
      let result: ForgeResult
      do {
        result = try await forge.carryOut(.check(check), on: place, trial: trial)
      } catch {
        if error.hasSentNothing { try await journal.leaveTurn(at: thing, by: writer) }
        // A check comes to its end even where its reason holds what must not leave.
        guard error.code == .withheld, check.isEnd, check.summary != check.title else { throw error }
        var bare = check
        (bare.summary, bare.annotations) = (bare.title, [])
        return try await report(bare, on: place, forge)
      }
      try await journal.leaveTurn(at: thing, by: writer)
      guard result == .unfinished else { return result }
      turn += 1
    }
  }

  private func takeTurn(at thing: String, as writer: String, for time: Duration) async throws {
    for _ in 0..<Self.looks {
      guard try await journal.takeTurn(at: thing, by: writer, for: time) != nil else { return }
      try await Task.sleep(for: Self.pause)
    }
    guard let held = try await journal.takeTurn(at: thing, by: writer, for: time) else { return }
    throw ForgeError(
      .unavailable, "an earlier request for the same check may still be under way",
      retryAfter: Int(held.components.seconds) + 1)
  }

  package func tell(_ closing: Closing, of job: Job, run: RunID) async {
    guard ![.attend, .ask].contains(job.kind), let (forge, place) = try? forge(of: job) else { return }
    do {
      guard let check = try await check(of: closing, job, forge, place) else { return }
      _ = try await report(check, on: place, forge)
    } catch {
      await leaveWord(of: run, closing.summary, job)
    }
  }

  /// Asks for a check to be told its end later, because the forge cannot be told now.
  private func leaveWord(of run: RunID, _ words: String, _ job: Job) async {
    guard let place = job.pullRequest.forge else { return }
    let untold = ForgeHappening(
      repository: place.repository, actor: nil, kind: .untold(number: place.number, run, words: words))
    let event = Event(
      id: "untold:\(run)", repository: job.pullRequest.repository, actor: "", time: WallClock.system.now(),
      kind: .forge(untold))
    // Where this fails, the run cannot be ended either, and whoever takes it up tells it anew.
    _ = try? await journal.accept(
      delivery: event.id, events: [event], jobs: [Job(attendingTo: untold, event: event)])
  }

  /// What a check says whose run could not tell it.
  func tellAgain(_ run: RunID, _ words: String, on place: ForgePlace, _ forge: any Forge) async throws -> Decision {
    let ended = try await journal.run(named: run.text)
    guard let closing = ended.closing else {
      throw ForgeError(.unavailable, "run \(run) has not come to its end yet", retryAfter: 2)
    }
    let runs = try await journal.runs(
      RunFilter(
        repository: ended.job.pullRequest.repository, lane: PullRequest.lane(ofNumber: place.number), limit: 200))
    let last = runs.first { $0.job.kind == ended.job.kind && $0.job.head == ended.job.head }
    guard last?.run == run,
      let check = try await check(of: Closing(verdict: closing.verdict, summary: words), ended.job, forge, place)
    else {
      let outcome = AttendOutcome(planned: [], ignored: ["a later run says how the check stands"])
      return Decision(outcome: .attended(outcome), publication: Publication())
    }
    return Decision(
      outcome: .attended(AttendOutcome(planned: [], ignored: [])),
      publication: Publication(effects: [.forge(.check(check))]))
  }

  /// How a run's check ends that came to no outcome; `nil` where the forge gives its pages no address.
  private func check(
    of closing: Closing, _ job: Job, _ forge: any Forge, _ place: ForgePlace
  ) async throws -> CheckReport? {
    let state = try await forge.repository(place.repository)
    guard let pages = pages(of: place.repository, state) else { return nil }
    return try ForgeWords.closing(closing, of: job, under: pages.rules, secrets)
  }
}

extension ForgeError {
  /// Whether it is certain that the forge carries out nothing of what was asked.
  fileprivate var hasSentNothing: Bool {
    switch code {
    case .unauthenticated, .forbidden, .notFound, .rejected, .limited, .withheld: true
    case .unavailable, .malformed, .cancelled: false
    }
  }
}

extension EffectResult {
  /// What came of an effect on a forge.
  init(_ result: ForgeResult) {
    self =
      switch result {
      case .done(let text): .done(text)
      case .overtaken(let reason): .overtaken(reason)
      case .refused(let reason): .refused(reason)
      case .unfinished: .unfinished
      }
  }
}
