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
      let now = try await takeTurn(at: thing, as: writer, for: window + forge.longestRequest)
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

  /// Takes a turn; tells a moment at which it had not begun yet.
  private func takeTurn(at thing: String, as writer: String, for time: Duration) async throws -> Timestamp {
    var held: Duration?
    for _ in 0..<Self.looks {
      let now = WallClock.system.now()
      held = try await journal.takeTurn(at: thing, by: writer, for: time)
      guard held != nil else { return now }
      try await Task.sleep(for: Self.pause)
    }
    throw ForgeError(
      .unavailable, "an earlier request for the same check may still be under way",
      retryAfter: Int(held?.components.seconds ?? 0) + 1)
  }

  package func tell(_ closing: Closing, of job: Job, run: RunID) async {
    guard ![.attend, .ask].contains(job.kind), let (forge, place) = try? forge(of: job) else { return }
    let end = UntoldEnd(
      number: place.number, kind: job.kind, head: job.head, verdict: closing.verdict.rawValue,
      words: closing.summary)
    do {
      guard let check = try await check(of: end, forge, place) else { return }
      _ = try await report(check, on: place, forge)
    } catch {
      await leaveWord(of: end, job, run)
    }
  }

  /// Asks for a check to be told its end later, because the forge cannot be told now.
  private func leaveWord(of end: UntoldEnd, _ job: Job, _ run: RunID) async {
    guard let place = job.pullRequest.forge else { return }
    let untold = ForgeHappening(repository: place.repository, actor: nil, kind: .untold(end))
    let event = Event(
      id: "untold:\(run):\(end.kind.rawValue):\(end.head.hex)", repository: job.pullRequest.repository, actor: "",
      time: WallClock.system.now(), kind: .forge(untold))
    // Where this fails, the run cannot be ended either, and whoever takes it up tells it anew.
    _ = try? await journal.accept(
      delivery: event.id, events: [event], jobs: [Job(attendingTo: untold, event: event)])
  }

  /// What a check says that could not be told before.
  func tell(_ end: UntoldEnd, on place: ForgePlace, _ forge: any Forge) async throws -> Decision {
    let check = try await check(of: end, forge, place)
    return Decision(
      outcome: .attended(AttendOutcome(planned: [], ignored: [])),
      publication: Publication(effects: check.map { [.forge(.check($0))] } ?? []))
  }

  /// Why a check is not told the end of work that somebody else saw: another run of the same kind and head has told it,
  /// or will; `nil` where it is to be told.
  ///
  /// It is asked at the last moment, since the same head may be the pull request's again.
  ///
  /// - Throws: ``ForgeError`` where that run has not come to its end, which is about to be written down.
  func later(than check: CheckReport, for job: Job) async throws -> String? {
    guard let event = try await journal.event(named: job.event), case .forge(let happening) = event.kind,
      let place = job.pullRequest.forge, let kind = CheckName.kind(of: check.name)
    else { return nil }
    // A report may be about several pull requests, and a check is the commit's.
    let runs = try await journal.runs(RunFilter(repository: place.repository.name, limit: 1000))
    guard let last = runs.first(where: { $0.job.kind == kind && $0.job.head == check.head }) else { return nil }
    var told: Set<String> = [Closing.Verdict.superseded.rawValue, Closing.Verdict.stopped.rawValue]
    if case .untold(let end) = happening.kind { told = [end.verdict] }
    if let closing = last.closing {
      return told.contains(closing.verdict.rawValue) ? nil : "a later run says how the check stands"
    }
    guard case .untold = happening.kind else { return "the run that is under way says how the check stands" }
    throw ForgeError(.unavailable, "run \(last.run) has not come to its end yet", retryAfter: 2)
  }

  /// How a check ends that came to no outcome; `nil` where the forge gives its pages no address.
  private func check(
    of end: UntoldEnd, _ forge: any Forge, _ place: ForgePlace
  ) async throws -> CheckReport? {
    let state = try await forge.repository(place.repository)
    guard let pages = pages(of: place.repository, state) else { return nil }
    return try ForgeWords.closing(end, under: pages.rules, secrets)
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

  /// For what nothing else depends on: what the forge refuses is left out, and the rest is written.
  var orGoingOn: EffectResult {
    switch self {
    case .refused(let reason), .overtaken(let reason), .withheld(let reason): .done("left out: \(reason)")
    case .done, .unfinished: self
    }
  }
}
