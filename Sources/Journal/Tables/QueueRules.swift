package import Base
package import Work

/// The queue of jobs inside one transaction.
extension JournalTransaction {
  // MARK: Accepting

  package func accept(_ request: AcceptRequest) throws -> Acceptance {
    try lock(request.lanes)
    let added = try execute(
      "INSERT INTO deliveries (id, received) VALUES (?, ?) ON CONFLICT DO NOTHING", [request.delivery, now])
    if added == 0 { return Acceptance(isNew: false) }
    announceWork()
    var acceptance = Acceptance(isNew: true)
    for event in request.events where try record(event, of: request.delivery) {
      acceptance.superseded += try supersede(after: event.value)
    }
    for job in request.jobs { try enqueue(job, of: request, into: &acceptance) }
    return acceptance
  }

  /// Records an event.
  ///
  /// - Returns: whether it was unknown.
  private func record(_ written: AcceptRequest.Written<Event>, of delivery: String) throws -> Bool {
    let event = written.value
    let added = try execute(
      """
      INSERT INTO events (id, delivery, repository, ref, time, body) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
      """,
      [event.id, delivery, event.repository, event.lane, event.time, written.json.text])
    return added == 1
  }

  /// Ends the waiting jobs that the event makes pointless, and marks the running ones.
  private func supersede(after event: Event) throws -> [JobKey] {
    guard !event.lane.isEmpty else { return [] }
    let candidates = try rows(
      """
      SELECT \(Self.jobColumns) FROM jobs WHERE repository = ? AND branch = ? AND state IN ('queued', 'running')
      AND publishing = 0 AND by_hand = 0 AND superseded_because IS NULL ORDER BY time, id\(rowLock)
      """, [event.repository, event.lane])
    var superseded: [JobKey] = []
    for row in candidates {
      let queued = try queuedJob(row)
      let candidate = Supersession.Candidate(
        job: queued.job, event: try self.event(queued.job.event), isRunning: queued.state == "running")
      guard let reason = Supersession.reason(for: candidate, after: event) else { continue }
      if queued.state == "running" {
        // Whoever wanted it again did so before this.
        try execute("UPDATE jobs SET superseded_because = ?, wanted_again = 0 WHERE id = ?", [reason, queued.id])
      } else {
        try end(queued, Closing(endedBecause: reason))
      }
      superseded.append(queued.job.key)
    }
    return superseded
  }

  func event(_ id: String) throws -> Event? {
    try row("SELECT body FROM events WHERE id = ? AND body <> ''", [id])?.json("body", in: "table events")
  }

  /// The repositories on forges, by their latest event; each is looked up once, however many events it has.
  func forgeRepositories() throws -> [ForgeRepository] {
    let latest = try rows(
      """
      WITH RECURSIVE names (name) AS (
        SELECT min(repository) FROM events
        UNION ALL SELECT (SELECT min(repository) FROM events WHERE repository > name) FROM names WHERE name IS NOT NULL
      )
      SELECT (
        SELECT body FROM events WHERE repository = name AND body <> '' ORDER BY ref DESC, time DESC LIMIT 1
      ) AS body
      FROM names WHERE name IS NOT NULL AND substr(name, 1, 1) <> '/'
      """)
    let events: [Event] = try latest.filter { $0["body"] != .null }.map { try $0.json("body", in: "table events") }
    return events.sorted { $0.time < $1.time }.compactMap { event in
      if case .forge(let happening) = event.kind { happening.repository } else { nil }
    }
  }

  /// Why the job is pointless already; `nil` where it is not.
  private func pointless(_ job: Job, of request: AcceptRequest) throws -> String? {
    let own = request.events.first { $0.value.id == job.event }?.value
    // Most jobs cannot be, and nothing is looked up for them.
    if let own, !Supersession.canBePointless(job, startedBy: own) { return nil }
    guard let event = try own ?? event(job.event) else { return nil }
    let branch = job.pullRequest
    let latest: Event? = try row(
      """
      SELECT body FROM events WHERE repository = ? AND ref = ? AND body <> '' ORDER BY time DESC, id DESC LIMIT 1
      """,
      [branch.repository, job.lane])?.json("body", in: "table events")
    return latest.flatMap { Supersession.reason(againstNew: job, startedBy: event, latest: $0) }
  }

  private func enqueue(
    _ written: AcceptRequest.Written<Job>, of request: AcceptRequest, into acceptance: inout Acceptance
  ) throws {
    let job = written.value
    let reason = try pointless(job, of: request)
    if try insert(written, supersededBecause: reason) {
      if reason == nil { acceptance.queued.append(job.key) } else { acceptance.superseded.append(job.key) }
      return
    }
    guard reason == nil,
      let known = try row(
        "SELECT \(Self.jobColumns) FROM jobs WHERE key = ?\(rowLock)", [job.key.text])
    else { return }
    let queued = try queuedJob(known)
    switch queued.state {
    case "superseded",
      "finished" where try queued.state == "superseded" || mayBeDoneAgain(queued, for: job, of: request):
      try execute(
        """
        UPDATE jobs SET state = 'queued', event = ?, time = ?, body = ?, attempts = 0, not_before = 0, publishing = 0,
        superseded_because = NULL WHERE id = ?
        """, [job.event, job.time, written.json.text, queued.id])
      acceptance.queued.append(job.key)
    case "running"
    where try queued.supersededBecause.map {
      try $0 != Supersession.stopped || asksForStopped(job, of: request)
    } ?? false:
      // Its worker may have seen that it was pointless and be about to end it: then it waits again.
      try execute("UPDATE jobs SET superseded_because = NULL, wanted_again = 1 WHERE id = ?", [queued.id])
      acceptance.queued.append(job.key)
    default: break
    }
  }

  /// Whether a job that is over is done again where it is wanted again: one that was stopped last is where the event is of
  /// the kind that takes that back, and of the others one that failed last.
  private func mayBeDoneAgain(_ job: QueuedJob, for wanted: Job, of request: AcceptRequest) throws -> Bool {
    // One that waited when it was stopped has no run of that time, and perhaps one that failed before.
    if job.supersededBecause == Supersession.stopped { return try asksForStopped(wanted, of: request) }
    let run = try row(
      "SELECT verdict FROM runs WHERE job = ? AND finished IS NOT NULL ORDER BY finished DESC, started DESC LIMIT 1",
      [job.id])
    let verdict: String? = try run?.optional("verdict")
    if verdict == Closing.Verdict.failed.rawValue { return true }
    return try verdict == Closing.Verdict.stopped.rawValue && asksForStopped(wanted, of: request)
  }

  /// Whether what was stopped begins again for the event that asks for the job.
  private func asksForStopped(_ job: Job, of request: AcceptRequest) throws -> Bool {
    let own = request.events.first { $0.value.id == job.event }?.value
    return try (own ?? event(job.event)).map(Supersession.resumesStopped) ?? false
  }

  /// Puts a job into the queue, or among the superseded.
  ///
  /// - Returns: whether its key was unknown.
  private func insert(
    _ written: AcceptRequest.Written<Job>, supersededBecause reason: String?
  ) throws -> Bool {
    let job = written.value
    let added = try execute(
      """
      INSERT INTO jobs (key, repository, branch, event, time, body, state, superseded_because)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
      """,
      [
        job.key.text, job.pullRequest.repository, job.lane, job.event, job.time, written.json.text,
        reason == nil ? "queued" : "superseded", reason,
      ])
    return added == 1
  }

  // MARK: Claiming

  package func claim(worker: WorkerID, leaseSeconds: Int, of share: JobShare) throws -> ClaimedJob? {
    let expires = lease(leaseSeconds)
    let (condition, arguments) = Self.condition(for: share)
    let claimed = try row(
      """
      UPDATE jobs SET state = 'running', fence = fence + 1, attempts = attempts + 1, worker = ?, lease_expires = ?
      WHERE id = (
        SELECT id FROM jobs AS waiting WHERE state = 'queued' AND not_before <= ?\(condition) AND NOT EXISTS (
          SELECT 1 FROM jobs WHERE state = 'running' AND by_hand = 0 AND repository = waiting.repository
            AND branch = waiting.branch)
        ORDER BY attempts, time, id LIMIT 1\(rowLockSkipping))
      RETURNING \(Self.jobColumns)
      """, [worker.text, expires, now] + arguments)
    return try claimed.map { row in
      let queued = try queuedJob(row)
      return ClaimedJob(
        claim: Claim(job: queued.id, fence: queued.fence), job: queued.job, worker: worker, attempt: queued.attempts,
        leaseExpires: expires)
    }
  }

  /// What stands in a question for jobs of a share alone.
  private static func condition(for share: JobShare) -> (sql: String, arguments: [any SQLStorable]) {
    switch share {
    case .all: ("", [])
    case .repository(let name): (" AND repository = ?", [name])
    case .forges: (" AND substr(repository, 1, 1) <> '/'", [])
    case .reports: (" AND substr(branch, 1, 1) = ?", [PullRequest.attendMark])
    case .work:
      (" AND substr(repository, 1, 1) <> '/' AND substr(branch, 1, 1) <> ?", [PullRequest.attendMark])
    case .on(let forge, let share):
      narrowed(condition(for: share), to: forge)
    }
  }

  private static func narrowed(
    _ condition: (sql: String, arguments: [any SQLStorable]), to forge: ForgeName
  ) -> (sql: String, arguments: [any SQLStorable]) {
    let mark = forge.repositoryMark
    return (
      condition.sql + " AND substr(repository, 1, \(mark.utf8.count)) = ?", condition.arguments + [mark]
    )
  }

  package func renew(_ claim: Claim, leaseSeconds: Int) throws -> Timestamp {
    let job = try job(under: claim)
    if let reason = job.supersededBecause, !job.isPublishing { throw JournalError.superseded(reason: reason) }
    let expires = lease(leaseSeconds)
    try execute("UPDATE jobs SET lease_expires = ? WHERE id = ?", [expires, job.id])
    return expires
  }

  private func lease(_ seconds: Int) -> Timestamp {
    Timestamp(milliseconds: now.milliseconds + Int64(seconds) * 1000)
  }

  // MARK: By hand

  package func beginByHand(_ job: Job, _ run: RunID, by worker: WorkerID) throws -> Claim {
    let inserted = try row(
      """
      INSERT INTO jobs (key, repository, branch, event, time, body, state, attempts, fence, worker, lease_expires, by_hand)
      VALUES (?, ?, ?, ?, ?, ?, 'running', 1, 1, ?, ?, 1) RETURNING id
      """,
      [
        job.key.text, job.pullRequest.repository, job.lane, job.event,
        job.time, try CanonicalJSON(job).text, worker.text, now,
      ])
    guard let inserted else { throw JournalError.corrupt("a job was inserted and is not there") }
    let claim = Claim(job: try inserted.value("id"), fence: 1)
    try begin(run, of: try self.job(under: claim))
    return claim
  }

  package func takeUp(_ run: RunID, by worker: WorkerID) throws -> Claim {
    let taken = try row(
      """
      UPDATE jobs SET fence = fence + 1, attempts = attempts + 1, worker = ?
      WHERE by_hand = 1 AND state = 'running' AND id = (SELECT job FROM runs WHERE id = ? AND finished IS NULL)
      RETURNING \(Self.jobColumns)
      """, [worker.text, run.text])
    guard let taken else {
      throw JournalError.outOfOrder("run \(run) cannot be resumed by hand: it is over, or a worker's")
    }
    let queued = try queuedJob(taken)
    let claim = Claim(job: queued.id, fence: queued.fence)
    try append(.resumed(attempt: queued.attempts, by: worker), to: run, under: claim)
    return claim
  }

  // MARK: Giving back

  package func release(_ claim: Claim, _ release: Release) throws {
    let job = try job(under: claim)
    if let reason = job.supersededBecause, !job.isPublishing { throw JournalError.superseded(reason: reason) }
    // Whoever has the job has ended what it did for it.
    try execute(
      """
      UPDATE outbox SET writing_until = ? WHERE done IS NULL AND writing_until > ?
      AND run = (SELECT id FROM runs WHERE job = ? AND finished IS NULL)
      """, [now, now, job.id])
    switch release {
    case .handedBack:
      try execute("UPDATE jobs SET attempts = attempts - 1 WHERE id = ?", [job.id])
      _ = try putBack(job, mayRetry: true, because: "the worker ended", notBefore: now)
    case .postponed(let notBefore):
      try execute("UPDATE jobs SET attempts = attempts - 1 WHERE id = ?", [job.id])
      _ = try putBack(job, mayRetry: true, because: "it was postponed", notBefore: notBefore)
    case .failed(let reason, let notBefore):
      _ = try putBack(job, mayRetry: Attempts.mayRetry(after: job.attempts), because: reason, notBefore: notBefore)
    }
  }

  private func heldByOthers(than worker: WorkerID, of share: JobShare) throws -> [SQLRow] {
    let (condition, arguments) = Self.condition(for: share)
    return try rows(
      """
      SELECT \(Self.jobColumns) FROM jobs WHERE state = 'running' AND by_hand = 0 AND worker <> ?\(condition)
      ORDER BY time, id\(rowLockSkipping)
      """, [worker.text] + arguments)
  }

  package func recoverAbandoned(_ abandonment: Abandonment) throws -> Recovery {
    let abandoned: [SQLRow] =
      switch abandonment {
      case .heldByOthers(let worker, let share):
        try heldByOthers(than: worker, of: share)
      case .leaseExpired:
        try rows(
          """
          SELECT \(Self.jobColumns) FROM jobs WHERE state = 'running' AND by_hand = 0 AND lease_expires <= ?
          ORDER BY time, id\(rowLockSkipping)
          """, [now])
      }
    var recovery = Recovery()
    for row in abandoned {
      let job = try queuedJob(row)
      let reason = "its worker ended without a word"
      switch try putBack(
        job, mayRetry: Attempts.mayRetryAfterDeath(after: job.attempts), because: reason, notBefore: now)
      {
      case .requeued: recovery.requeued.append(job.job)
      case .givenUp: recovery.givenUp.append(job.job)
      case .superseded: recovery.superseded.append(job.job)
      }
    }
    return recovery
  }

  fileprivate func putBack(_ job: QueuedJob, mayRetry: Bool, because reason: String, notBefore: Timestamp) throws
    -> Fate
  {
    announceWork()
    if let superseded = job.supersededBecause, !job.isPublishing {
      try end(job, Closing(endedBecause: superseded))
      return .superseded
    }
    guard mayRetry else {
      if try openRun(of: job.id) == nil { try begin(RunID(random: .random(in: .min ... .max)), of: job) }
      try end(job, Attempts.givingUp(after: job.attempts, because: reason))
      return .givenUp
    }
    try execute(
      """
      UPDATE jobs SET state = 'queued', worker = NULL, lease_expires = NULL, not_before = ?, wanted_again = 0
      WHERE id = ?
      """, [notBefore, job.id])
    return .requeued
  }

  /// Ends a job, and its open run where it has one.
  func end(_ job: QueuedJob, _ closing: Closing) throws {
    // Its lane is free.
    announceWork()
    if let run = try openRun(of: job.id) {
      try close(run, closing)
      try endTasks(of: run)
    }
    let isSuperseded = closing.verdict == .superseded
    let wasStopped = closing == Closing(endedBecause: Supersession.stopped)
    if isSuperseded || wasStopped, job.isWantedAgain {
      try execute(
        """
        UPDATE jobs SET state = 'queued', worker = NULL, lease_expires = NULL, attempts = 0, publishing = 0,
        superseded_because = NULL, wanted_again = 0 WHERE id = ?
        """, [job.id])
    } else {
      try execute(
        """
        UPDATE jobs SET state = ?, worker = NULL, lease_expires = NULL, wanted_again = 0, superseded_because = ?
        WHERE id = ?
        """, [isSuperseded ? "superseded" : "finished", isSuperseded || wasStopped ? closing.summary : nil, job.id])
    }
  }

  /// Ends what a run gave to models and did not wait for: nobody comes back to it.
  private func endTasks(of run: RunID) throws {
    let left = try rows(
      "SELECT \(Self.jobColumns) FROM jobs WHERE by_hand = 1 AND state = 'running' AND event = ?\(rowLock)",
      [Job.event(ofTaskOf: run)])
    for row in left {
      try end(
        try queuedJob(row),
        Closing(verdict: .stopped, summary: "the job that it was for came to its end without it"))
    }
  }

  package func pending(limit: Int, withReports: Bool = true) throws -> [PendingJob] {
    let condition = withReports ? "" : " AND substr(branch, 1, 1) <> ?"
    let arguments: [any SQLStorable] = withReports ? [limit] : [PullRequest.attendMark, limit]
    return try rows(
      """
      SELECT \(Self.jobColumns), not_before FROM jobs WHERE state IN ('queued', 'running')\(condition)
      ORDER BY time, id LIMIT ?
      """, arguments
    ).map { row in
      let queued = try queuedJob(row)
      return PendingJob(
        job: queued.job, worker: queued.worker, attempts: queued.attempts, notBefore: try row.time("not_before"))
    }
  }
}

/// What became of a job that its worker no longer has.
private enum Fate { case requeued, givenUp, superseded }
