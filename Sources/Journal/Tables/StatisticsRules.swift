internal import Base
package import Work

/// Reading for those who watch: each question is one transaction.
extension SQLJournal {
  package func queueFigures() async throws(JournalError) -> [QueueFigure] {
    try await read { try $0.queueFigures() }
  }

  package func finishedCount() async throws(JournalError) -> Int {
    try await read { try $0.ledgerHead().count }
  }

  package func finishedRuns(after position: Int, limit: Int) async throws(JournalError) -> [FinishedRunFigures] {
    try await read { try $0.finishedRuns(after: position, limit: limit) }
  }

  package func runs(before cursor: RunCursor?, limit: Int) async throws(JournalError) -> [RunSummary] {
    try await read { try $0.runs(before: cursor, limit: limit) }
  }

  package func costs(of runs: [RunID]) async throws(JournalError) -> [RunID: Int64] {
    try await read { try $0.costs(of: runs) }
  }

  package func eventCount(of run: RunID) async throws(JournalError) -> Int {
    try await read { try $0.eventCount(of: run) }
  }

  package func eventParts(
    of run: RunID, after sequence: Int, limit: Int, payload: Int
  ) async throws(JournalError) -> [RunEventPart] {
    try await read { try $0.eventParts(of: run, after: sequence, limit: limit, payload: payload) }
  }

  package func payload(of run: RunID, sequence: Int) async throws(JournalError) -> CanonicalJSON? {
    try await read { try $0.payload(of: run, sequence: sequence) }
  }

  package func checkWritable() async throws(JournalError) {
    let takenBack = JournalError.outOfOrder("a trial that is taken back")
    do throws(JournalError) {
      try await write(surviving: .machine) { transaction in
        try transaction.execute("UPDATE journal SET name = name", [])
        throw takenBack
      }
    } catch takenBack {
      return
    }
  }
}

/// Reading for those who watch, inside one transaction.
extension JournalTransaction {
  func queueFigures() throws -> [QueueFigure] {
    try rows(
      """
      SELECT \(member("kind", of: "body")) AS kind, state, count(*) AS number, min(time) AS oldest
      FROM jobs WHERE state IN ('queued', 'running') GROUP BY 1, 2
      """
    ).map { row in
      let state: String = try row.value("state")
      return QueueFigure(
        kind: try row.jobKind("kind"), isRunning: state == "running", count: try row.value("number"),
        oldest: try row.time("oldest"))
    }
  }

  func finishedRuns(after position: Int, limit: Int) throws -> [FinishedRunFigures] {
    let found = try rows(
      """
      SELECT ledger.position, runs.id, runs.started, runs.finished, runs.verdict,
      \(member("kind", of: "jobs.body")) AS kind
      FROM ledger JOIN runs ON runs.id = ledger.run JOIN jobs ON jobs.id = runs.job
      WHERE ledger.position > ? ORDER BY ledger.position LIMIT ?
      """, [position, limit])
    return try found.map { row in
      let run = try row.run("id")
      let name: String = try row.value("verdict")
      guard let verdict = Closing.Verdict(rawValue: name) else {
        throw JournalError.corrupt("run \(run) has the unknown verdict '\(name)'")
      }
      let models = try modelFigures(of: run)
      return FinishedRunFigures(
        position: try row.value("position"), kind: try row.jobKind("kind"), verdict: verdict,
        started: try row.time("started"), finished: try row.time("finished"), cost: models.cost,
        modelMilliseconds: models.times, effects: try effectFigures(of: run))
    }
  }

  /// What models cost in the run, and how long each answer took from its request on.
  private func modelFigures(of run: RunID) throws -> (cost: Int64, times: [Int64]) {
    var cost: Int64 = 0
    var times: [Int64] = []
    var asked: Int64?
    let events = try rows(
      """
      SELECT kind, time, \(number("cost", inBytesOf: "payload")) AS cost FROM run_events
      WHERE run = ? AND kind IN ('model-request', 'model-answer', 'model-failure', 'model-probe') ORDER BY sequence
      """, [run.text])
    for event in events {
      let kind: String = try event.value("kind")
      let time: Int64 = try event.value("time")
      if kind == RunEvent.Kind.modelRequest.rawValue {
        asked = time
      } else {
        cost = cost.addingReportingOverflow(try event.optional("cost") ?? 0).partialValue
        if let begin = asked { times.append(max(0, time - begin)) }
        asked = nil
      }
    }
    return (cost, times)
  }

  private func effectFigures(of run: RunID) throws -> [EffectFigure] {
    try rows(
      "SELECT body, intended, done FROM outbox WHERE run = ? AND done IS NOT NULL ORDER BY position", [run.text]
    ).map { row in
      let effect: Effect = try row.json("body", in: "an effect of run \(run)")
      let (intended, done): (Int64, Int64) = (try row.value("intended"), try row.value("done"))
      return EffectFigure(name: effect.figureName, milliseconds: max(0, done - intended))
    }
  }

  func runs(before cursor: RunCursor?, limit: Int) throws -> [RunSummary] {
    let place: [any SQLStorable] = cursor.map { [$0.started, $0.run.text] } ?? []
    return try rows(
      """
      SELECT runs.id, runs.started, runs.finished, runs.verdict, runs.summary, jobs.body, jobs.state AS job_state
      FROM runs JOIN jobs ON jobs.id = runs.job
      \(cursor == nil ? "" : "WHERE (runs.started, runs.id) < (?, ?)")
      ORDER BY runs.started DESC, runs.id DESC LIMIT ?
      """, place + [limit]
    ).map { try $0.runSummary() }
  }

  func costs(of runs: [RunID]) throws -> [RunID: Int64] {
    var result: [RunID: Int64] = [:]
    for run in runs {
      let found = try row(
        """
        SELECT CAST(sum(\(number("cost", inBytesOf: "payload"))) AS BIGINT) AS cost FROM run_events
        WHERE run = ? AND kind IN ('model-answer', 'model-failure', 'model-probe')
        """, [run.text])
      if let cost: Int64 = try found?.optional("cost") { result[run] = cost }
    }
    return result
  }

  func eventCount(of run: RunID) throws -> Int {
    try row("SELECT max(sequence) AS last FROM run_events WHERE run = ?", [run.text])?.optional("last") ?? 0
  }

  func eventParts(of run: RunID, after sequence: Int, limit: Int, payload: Int) throws -> [RunEventPart] {
    try rows(
      """
      SELECT sequence, time, kind, substr(payload, 1, ?) AS part, length(payload) AS size FROM run_events
      WHERE run = ? AND sequence > ? ORDER BY sequence LIMIT ?
      """, [payload, run.text, sequence, limit]
    ).map { row in
      let name: String = try row.value("kind")
      let number: Int = try row.value("sequence")
      guard let kind = RunEvent.Kind(rawValue: name) else {
        throw JournalError.corrupt("event \(number) of run \(run) is of the unknown kind '\(name)'")
      }
      let part: [UInt8] = try row.value("part")
      return RunEventPart(
        sequence: number, time: try row.time("time"), kind: kind, payload: part, size: try row.value("size"))
    }
  }

  func payload(of run: RunID, sequence: Int) throws -> CanonicalJSON? {
    let found = try row("SELECT payload FROM run_events WHERE run = ? AND sequence = ?", [run.text, sequence])
    guard let data: [UInt8] = try found?.value("payload") else { return nil }
    return CanonicalJSON(stored: data)
  }
}

extension SQLRow {
  fileprivate func jobKind(_ column: String) throws -> JobKind {
    let name: String = try value(column)
    guard let kind = JobKind(rawValue: name) else { throw JournalError.corrupt("there is a job of kind '\(name)'") }
    return kind
  }
}
