internal import Base
package import Work

/// Which jobs a newer head makes pointless.
///
/// An event that moves a branch supersedes the jobs of that branch whose head is another one, as long as they have not
/// begun to publish; the branch's deletion supersedes all of them. Deliveries arrive late and out of order, so "newer"
/// is decided by what the events say and not by when they came.
package enum Supersession {
  /// A job that may be superseded: it waits or runs, and has not begun to publish.
  package struct Candidate: Sendable, Hashable {
    package var job: Job
    /// The event that started it, where it is known.
    package var event: Event?
    /// Whether a worker has it.
    package var isRunning: Bool

    package init(job: Job, event: Event?, isRunning: Bool = false) {
      self.job = job
      self.event = event
      self.isRunning = isRunning
    }
  }

  /// Why the event makes the job pointless; `nil` where it does not.
  package static func reason(for candidate: Candidate, after event: Event) -> String? {
    if case .forge(let happening) = event.kind { return reason(for: candidate, after: happening, event) }
    guard let update = update(of: event, onBranchOf: candidate.job), update.new != candidate.job.head else {
      return nil
    }
    if let earlier = candidate.event {
      guard follows(event, earlier) else { return nil }
    } else if event.time < candidate.job.time {
      return nil
    }
    let branch = update.ref.shortDisplay
    return update.isDeletion
      ? "branch '\(branch)' was deleted" : "branch '\(branch)' moved on to \(update.new.short)"
  }

  /// Why a job is pointless from the beginning, given the newest event of its branch that is known.
  ///
  /// Only a job that a push to its own branch started can be that: for any other the head was read when the job was
  /// made, which may be later than the event.
  package static func reason(againstNew job: Job, startedBy event: Event, latest: Event) -> String? {
    guard update(of: event, onBranchOf: job) != nil else { return nil }
    return reason(for: Candidate(job: job, event: event), after: latest)
  }

  /// Whether a job may be pointless from the beginning, because a push to its own branch started it.
  static func canBePointless(_ job: Job, startedBy event: Event) -> Bool {
    update(of: event, onBranchOf: job) != nil
  }

  /// The reason for which a job ends that a person told to stop: the same request does not begin it again, but where
  /// the pull request is opened again (``resumesStopped(_:)``).
  package static let stopped = "somebody said stop"

  /// Whether what a person stopped begins again for an event: where the pull request was opened again, somebody wants
  /// it looked at.
  static func resumesStopped(_ event: Event) -> Bool {
    guard case .forge(let happening) = event.kind, case .change(let notice) = happening.kind else { return false }
    return notice.action == .reopened
  }

  /// Whether one event happened after another.
  ///
  /// The time decides, and the event's name where the times are equal. Where both moved the same reference within
  /// ``clockStep`` and one began where the other ended, that decides instead: a clock that was set back between two
  /// pushes loses nothing. Further apart it does not, because a branch may have been at the same commit twice.
  package static func follows(_ later: Event, _ earlier: Event) -> Bool {
    switch (later.kind, earlier.kind) {
    case (.push(let new), .push(let old)) where new.ref == old.ref && later.repository == earlier.repository:
      let forward = new.old == old.new && !new.old.isZero
      let backward = old.old == new.new && !old.old.isZero
      let distance = (later.time.milliseconds - earlier.time.milliseconds).magnitude
      if forward != backward, distance <= UInt64(clockStep) { return forward }
    default: break
    }
    return (later.time, later.id) > (earlier.time, earlier.id)
  }

  /// How far a clock is thought to be set back at most, in milliseconds: ten minutes.
  package static let clockStep: Int64 = 600_000

  /// The move of the job's branch that the event is; a check that failed moves nothing.
  private static func update(of event: Event, onBranchOf job: Job) -> RefUpdate? {
    switch event.kind {
    case .push(let update):
      guard event.repository == job.pullRequest.repository, update.ref == job.pullRequest.branch else { return nil }
      return update
    case .failed, .forge: return nil
    }
  }

  /// How much attending to a report leads to: what asks for less never stands in for what asks for more.
  private static func weight(of action: ChangeNotice.Action) -> Int {
    switch action {
    case .closed: 3
    case .opened, .reopened, .ready: 2
    case .updated, .retargeted: 1
    case .drafted, .labelled, .unlabelled: 0
    }
  }

  /// Why a forge's report makes the job pointless; `nil` where it does not.
  ///
  /// Whoever attends to a report asks the forge how things stand, so of several that wait one is enough. Work on a head
  /// ends only where the forge, asked, names another: what reports say of heads may be old.
  private static func reason(
    for candidate: Candidate, after happening: ForgeHappening, _ event: Event
  ) -> String? {
    guard event.repository == candidate.job.pullRequest.repository, event.lane == candidate.job.lane,
      candidate.job.event != event.id
    else { return nil }
    switch happening.kind {
    case .change(let notice):
      guard candidate.job.kind == .attend, !candidate.isRunning,
        case .forge(let earlier)? = candidate.event?.kind, case .change(let covered) = earlier.kind,
        weight(of: notice.action) >= weight(of: covered.action)
      else { return nil }
      return "a later report of #\(notice.number) asks for the same"
    case .head(let number, let head):
      guard candidate.job.kind != .attend, candidate.job.head != head,
        candidate.job.time <= event.time
      else { return nil }
      return head.isZero ? "work on #\(number) was ended" : "#\(number) moved on to \(head.short)"
    case .stop:
      guard candidate.job.kind != .attend, candidate.job.time <= event.time else { return nil }
      return stopped
    case .branch, .command, .reply, .failed, .rerun, .untold: return nil
    }
  }
}
