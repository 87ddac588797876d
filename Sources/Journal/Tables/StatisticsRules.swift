internal import Base
package import Work

extension SQLJournal where Self: JournalStatistics {
  package func queueFigures() async throws(JournalError) -> [QueueFigure] {
    try await read { try $0.queueFigures() }
  }

  package func finishedCount() async throws(JournalError) -> Int {
    try await read { try $0.ledgerHead().count }
  }

  package func finishedRuns(after position: Int, limit: Int) async throws(JournalError) -> [FinishedRunFigures] {
    try await read { try $0.finishedRuns(after: position, limit: limit) }
  }

  package func add(_ figures: [ForgeFigure]) async throws(JournalError) {
    let counted = figures.filter { $0.total > 0 }
    if counted.isEmpty { return }
    try await write(surviving: .process) { try $0.add(counted) }
  }

  package func forgeFigures() async throws(JournalError) -> [ForgeFigure] {
    try await read { try $0.forgeFigures() }
  }

  package func runs(
    before cursor: RunCursor?, limit: Int, withReports: Bool
  ) async throws(JournalError) -> [RunSummary] {
    try await read { try $0.runs(before: cursor, limit: limit, withReports: withReports) }
  }

  package func pendingWork(limit: Int) async throws(JournalError) -> [PendingJob] {
    try await read { try $0.pending(limit: limit, withReports: false) }
  }

  package func tasks(of run: RunID, limit: Int) async throws(JournalError) -> [RunSummary] {
    try await read { try $0.tasks(of: run, limit: limit) }
  }

  package func cost(of run: RunID, after sequence: Int) async throws(JournalError) -> RunCost {
    try await read { try $0.cost(of: run, after: sequence) }
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
    try await write(surviving: .machine) { _ = try $0.execute("UPDATE journal SET name = name", []) }
  }
}

/// Reading for those who watch, inside one transaction.
extension JournalTransaction {
  /// The number of the row that holds how long requests took; the others are the buckets.
  private static var sumRow: Int { -1 }

  func add(_ figures: [ForgeFigure]) throws {
    // In one order, so that of two who add at once none waits for the other.
    for figure in figures.sorted(by: { Self.name($0.series) < Self.name($1.series) }) {
      let rows = [(Self.sumRow, figure.milliseconds)] + figure.counts.enumerated().map { ($0, Int64($1)) }
      for (bucket, value) in rows where value > 0 {
        try execute(
          """
          INSERT INTO forge_figures (series, bucket, value) VALUES (?, ?, ?)
          ON CONFLICT (series, bucket) DO UPDATE SET value = forge_figures.value + excluded.value
          """, [Self.name(figure.series), bucket, value])
      }
    }
  }

  func forgeFigures() throws -> [ForgeFigure] {
    var result: [ForgeFigure] = []
    for row in try rows("SELECT series, bucket, value FROM forge_figures ORDER BY series, bucket") {
      // A newer Arborist may count what this one does not know.
      guard let series = Self.series(try row.value("series")) else { continue }
      if result.last?.series != series { result.append(ForgeFigure(series)) }
      let (bucket, value): (Int, Int64) = (try row.value("bucket"), try row.value("value"))
      let last = result.count - 1
      if bucket == Self.sumRow { result[last].milliseconds = value }
      if result[last].counts.indices.contains(bucket) { result[last].counts[bucket] = Int(value) }
    }
    return result
  }

  private static func name(_ series: ForgeFigure.Series) -> String {
    "\(series.forge.rawValue)/\(series.operation.rawValue)/\(series.result.rawValue)"
  }

  private static func series(_ name: String) -> ForgeFigure.Series? {
    let parts = name.split(separator: "/").map(String.init)
    guard parts.count == 3, let forge = ForgeName(rawValue: parts[0]),
      let operation = ForgeFigure.Operation(rawValue: parts[1]), let result = ForgeFigure.Result(rawValue: parts[2])
    else { return nil }
    return ForgeFigure.Series(forge, operation, result)
  }

  func queueFigures() throws -> [QueueFigure] {
    // A kind is looked for in the body: no string in it can hold these quotes.
    let kinds = JobKind.allCases.map { "WHEN body LIKE '%\"kind\":\"\($0.rawValue)\"%' THEN '\($0.rawValue)'" }
    let found = try rows(
      """
      SELECT state, CASE \(kinds.joined(separator: " ")) END AS kind, count(*) AS number, min(time) AS oldest
      FROM jobs WHERE state IN ('queued', 'running') GROUP BY 1, 2 ORDER BY 2, 1
      """)
    return try found.map { row in
      let (state, name): (String, String) = (try row.value("state"), try row.value("kind"))
      guard let kind = JobKind(rawValue: name) else { throw JournalError.corrupt("a job is of no kind") }
      return QueueFigure(
        kind: kind, isRunning: state == "running", count: try row.value("number"), oldest: try row.time("oldest"))
    }
  }

  func finishedRuns(after position: Int, limit: Int) throws -> [FinishedRunFigures] {
    let found = try rows(
      """
      SELECT ledger.position AS position, runs.id AS id, runs.started AS started, runs.finished AS finished,
      runs.verdict AS verdict, runs.summary AS summary, jobs.body AS body, jobs.state AS job_state
      FROM ledger JOIN runs ON runs.id = ledger.run JOIN jobs ON jobs.id = runs.job
      WHERE ledger.position > ? ORDER BY ledger.position LIMIT ?
      """, [position, limit])
    return try found.map { row in
      let summary = try row.runSummary()
      guard case .finished(let closing, let end) = summary.state else {
        throw JournalError.corrupt("run \(summary.run) is in the ledger and not over")
      }
      let models = try modelFigures(of: summary.run)
      return FinishedRunFigures(
        position: try row.value("position"), kind: summary.job.kind, asker: try asker(of: summary.job),
        verdict: closing.verdict, started: summary.started, finished: end, cost: models.cost,
        modelMilliseconds: models.times,
        effects: try effectFigures(of: summary.run))
    }
  }

  /// The kind of the run that gave a task; the job's own where it is none, or its run is not here.
  private func asker(of job: Job) throws -> JobKind {
    guard let parent = job.parent,
      let row = try row(
        "SELECT jobs.body AS body FROM runs JOIN jobs ON jobs.id = runs.job WHERE runs.id = ?", [parent.text])
    else { return job.kind }
    let asking: Job = try row.json("body", in: "table jobs")
    return asking.kind
  }

  /// What models cost in the run, and how long each answer took from its request on.
  private func modelFigures(of run: RunID) throws -> (cost: Int64, times: [Int64]) {
    var cost: Int64 = 0
    var times: [Int64] = []
    var asked: Int64?
    let events = try rows(
      """
      SELECT kind, time, payload FROM run_events
      WHERE run = ? AND kind IN ('model-request', 'model-answer', 'model-failure', 'model-probe') ORDER BY sequence
      """, [run.text])
    for event in events {
      let kind: String = try event.value("kind")
      let time: Int64 = try event.value("time")
      if kind == RunEvent.Kind.modelRequest.rawValue {
        asked = time
      } else {
        cost = cost.addingReportingOverflow(ModelCost.read(try event.value("payload"))).partialValue
        if let begin = asked { times.append(max(0, time - begin)) }
        asked = nil
      }
    }
    return (cost, times)
  }

  private func effectFigures(of run: RunID) throws -> [EffectFigure] {
    let found = try rows(
      "SELECT body, intended, done FROM outbox WHERE run = ? AND done IS NOT NULL ORDER BY position", [run.text])
    return try found.map { row in
      let effect: Effect = try row.json("body", in: "an effect of run \(run)")
      let (intended, done): (Int64, Int64) = (try row.value("intended"), try row.value("done"))
      return EffectFigure(name: effect.figureName, milliseconds: max(0, done - intended))
    }
  }

  private static var summaries: String {
    """
    SELECT runs.id AS id, runs.started AS started, runs.finished AS finished, runs.verdict AS verdict,
    runs.summary AS summary, jobs.body AS body, jobs.state AS job_state FROM runs JOIN jobs ON jobs.id = runs.job
    """
  }

  func runs(before cursor: RunCursor?, limit: Int, withReports: Bool) throws -> [RunSummary] {
    var conditions = ["1 = 1"]
    var arguments: [any SQLStorable] = []
    if let cursor {
      conditions.append("(runs.started, runs.id) < (?, ?)")
      arguments += [cursor.started, cursor.run.text]
    }
    if !withReports {
      conditions.append("substr(jobs.branch, 1, 1) <> ?")
      arguments += [PullRequest.attendMark]
    }
    return try rows(
      """
      \(Self.summaries) WHERE \(conditions.joined(separator: " AND "))
      ORDER BY runs.started DESC, runs.id DESC LIMIT ?
      """, arguments + [limit]
    ).map { try $0.runSummary() }
  }

  func tasks(of run: RunID, limit: Int) throws -> [RunSummary] {
    try rows(
      "\(Self.summaries) WHERE jobs.event = ? ORDER BY runs.started, runs.id LIMIT ?",
      [Job.event(ofTaskOf: run), limit]
    ).map { try $0.runSummary() }
  }

  func cost(of run: RunID, after sequence: Int) throws -> RunCost {
    let found = try rows(
      """
      SELECT sequence, payload FROM run_events
      WHERE run = ? AND sequence > ? AND kind IN ('model-answer', 'model-failure', 'model-probe') ORDER BY sequence
      """, [run.text, sequence])
    var cost = RunCost(nano: 0, through: sequence)
    for row in found {
      cost.nano = cost.nano.addingReportingOverflow(ModelCost.read(try row.value("payload"))).partialValue
      cost.through = try row.value("sequence")
    }
    return cost
  }

  func eventCount(of run: RunID) throws -> Int {
    try row("SELECT max(sequence) AS last FROM run_events WHERE run = ?", [run.text])?.optional("last") ?? 0
  }

  func eventParts(of run: RunID, after sequence: Int, limit: Int, payload: Int) throws -> [RunEventPart] {
    let found = try rows(
      """
      SELECT sequence, time, kind, substr(payload, 1, \(max(0, payload))) AS part, length(payload) AS size
      FROM run_events WHERE run = ? AND sequence > ? ORDER BY sequence LIMIT ?
      """, [run.text, sequence, limit])
    return try found.map { row in
      let name: String = try row.value("kind")
      let number: Int = try row.value("sequence")
      guard let kind = RunEvent.Kind(rawValue: name) else {
        throw JournalError.corrupt("event \(number) of run \(run) is of the unknown kind '\(name)'")
      }
      return RunEventPart(
        sequence: number, time: try row.time("time"), kind: kind, payload: try row.value("part"),
        size: try row.value("size"))
    }
  }

  func payload(of run: RunID, sequence: Int) throws -> CanonicalJSON? {
    let found = try row("SELECT payload FROM run_events WHERE run = ? AND sequence = ?", [run.text, sequence])
    return try found.map { CanonicalJSON(stored: try $0.value("payload")) }
  }
}

/// What an answer of a model cost.
enum ModelCost {
  private static let key = Array("\"cost\":".utf8)

  /// The number behind the key `cost` in the JSON of an answer, a failure or a probe; zero where there is none.
  ///
  /// The rest may be long and is not read. No string can hold the key with its quotes, and nothing else in these events
  /// has it.
  static func read(_ payload: [UInt8]) -> Int64 {
    var index = 0
    while let quote = payload[index...].firstIndex(of: key[0]) {
      index = quote + 1
      guard payload[quote...].starts(with: key) else { continue }
      // A quote that is part of a string has a backslash before it.
      if quote > 0, payload[quote - 1] == UInt8(ascii: "\\") { continue }
      let digits = payload[(quote + key.count)...].prefix { (0x30...0x39).contains($0) }
      return Int64(String(decoding: digits, as: UTF8.self)) ?? 0
    }
    return 0
  }
}
