internal import Base
internal import Journal
internal import Server
internal import Work

/// What the buttons of the page do: each puts an event or a job into the journal, and a worker does the rest.
struct JournalControl: RunControl {
  let journal: any JournalStore

  func orders(for run: RunSummary) -> Set<RunOrder> {
    guard run.job.pullRequest.forge != nil, run.job.kind != .attend else { return [] }
    switch run.state {
    case .running, .waiting: return [.stop]
    case .finished(let closing, _):
      return closing.verdict.mayBeResumed ? [.resume] : closing.verdict.mayBeUndone ? [.undo] : []
    }
  }

  func take(_ order: RunOrder, for run: RunSummary) async -> RunOrderAnswer {
    do {
      switch order {
      case .stop: return try await stop(run)
      case .resume: return try await resume(run)
      case .undo: return try await undo(run)
      }
    } catch {
      return .refused("\(error)")
    }
  }

  private func name(_ order: RunOrder, _ run: RunSummary) -> String {
    "page:\(order.rawValue):\(run.run):\(RunID(random: .random(in: .min ... .max)))"
  }

  private func stop(_ run: RunSummary) async throws -> RunOrderAnswer {
    guard let place = run.job.pullRequest.forge else { return .refused("only work on forges is stopped here") }
    let name = name(.stop, run)
    let stop = ForgeHappening(repository: place.repository, actor: nil, kind: .stop(number: place.number))
    let event = Event(
      id: name, repository: run.job.pullRequest.repository, actor: "", time: WallClock.system.now(),
      kind: .forge(stop))
    // A worker ends the checks of what waited.
    let acceptance = try await journal.accept(
      delivery: name, events: [event], jobs: [Job(attendingTo: stop, event: event)])
    return acceptance.superseded.isEmpty
      ? .refused("nothing of #\(place.number) could be stopped: what is published already stays")
      : .taken("work on #\(place.number) ends")
  }

  private func resume(_ run: RunSummary) async throws -> RunOrderAnswer {
    var job = run.job
    // What failed is done again where it is asked for again; everything else came to an end, and is a new request.
    if run.closing?.verdict != .failed {
      job.request = "page \(run.run)" + (job.request.split(separator: " ").last.map { " \($0)" } ?? "")
      job.time = WallClock.system.now()
    }
    let acceptance = try await journal.accept(delivery: name(.resume, run), events: [], jobs: [job])
    return acceptance.queued.isEmpty
      ? .refused("it is not done again: another run of it came to its end since, waits, or was stopped")
      : .taken("\(run.job.kind.rawValue) of \(run.job.pullRequest.lane) waits for a worker")
  }

  private func undo(_ run: RunSummary) async throws -> RunOrderAnswer {
    for entry in try await journal.outbox(of: run.run) {
      guard case .push(let branch, let from, let to) = entry.effect, case .done = entry.state, !from.isZero else {
        continue
      }
      var job = run.job
      job.kind = .undo
      job.head = to
      job.against = from
      job.request = "page \(run.run)"
      job.time = WallClock.system.now()
      guard branch == job.pullRequest.branch else { continue }
      let acceptance = try await journal.accept(delivery: name(.undo, run), events: [], jobs: [job])
      return acceptance.queued.isEmpty
        ? .refused("it was asked for before") : .taken("what run \(run.run) did is being taken back")
    }
    return .refused("run \(run.run) moved nobody's branch: there is nothing to take back")
  }
}
