internal import Base
internal import Work

/// What is taken out of the journal, inside one transaction.
extension JournalTransaction {
  /// Empties the events of forges that are old and that nobody needs, of so many from this place on.
  ///
  /// The rows stay: a delivery or an event that comes again is known by its name. Left as they are: what a job is about
  /// that is not over, or that a person may resume or have taken back; the event of each repository that says how it is
  /// reached (``forgeRepositories()``); and bare repositories, whose pushes are held against the last one of the branch.
  func removeContent(
    ofDeliveriesOlderThan age: Duration, after place: RetentionPlace?, limit: Int
  ) throws -> RetentionStep {
    let end = now.adding(.zero - age)
    let first = place ?? RetentionPlace(time: Timestamp(milliseconds: .min), event: "")
    let seen = try rows(
      """
      SELECT time, id FROM events WHERE body <> '' AND time <= ? AND (time, id) > (?, ?) ORDER BY time, id LIMIT ?
      """, [end, first.time, first.event, limit])
    guard let row = seen.last else { return RetentionStep(removed: 0) }
    let last = RetentionPlace(time: try row.time("time"), event: try row.value("id"))
    let kept = Closing.Verdict.allCases.filter { $0.mayBeResumed || $0.mayBeUndone }.map(\.rawValue)
    let marks = kept.map { _ in "?" }.joined(separator: ", ")
    let removed = try rows(
      """
      UPDATE events SET body = ''
      WHERE body <> '' AND (time, id) > (?, ?) AND (time, id) <= (?, ?) AND substr(repository, 1, 1) <> '/'
      AND EXISTS (SELECT 1 FROM deliveries WHERE deliveries.id = events.delivery AND deliveries.received <= ?)
      AND EXISTS (
        SELECT 1 FROM events AS later
        WHERE later.repository = events.repository AND (later.ref, later.time) > (events.ref, events.time))
      AND NOT EXISTS (
        SELECT 1 FROM jobs WHERE jobs.event = events.id AND (
          jobs.state IN ('queued', 'running')
          OR substr(jobs.branch, 1, 1) <> ? AND EXISTS (
            SELECT 1 FROM runs WHERE runs.job = jobs.id AND (runs.finished IS NULL OR runs.verdict IN (\(marks))))))
      RETURNING id
      """,
      [first.time, first.event, last.time, last.event, end, PullRequest.attendMark] + (kept as [any SQLStorable]))
    try repack(events: removed.map { try $0.value("id") })
    return RetentionStep(removed: removed.count, next: seen.count < limit ? nil : last)
  }

  /// Whether an event of this name came, also where what it held was taken out.
  func knowsEvent(_ id: String) throws -> Bool { try row("SELECT 1 FROM events WHERE id = ?", [id]) != nil }
}
