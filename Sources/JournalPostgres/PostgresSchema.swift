internal import Journal

/// The tables, as numbered steps: one that was released never changes, a new version adds one.
///
/// They are SQLite's, with the same names and columns, in a schema of their own: a database can be shared with other
/// programs, but holds one journal. Texts are compared byte by byte, as SQLite does.
enum PostgresSchema {
  /// The schema; nobody else's tables are in it.
  static let name = "arborist"
  /// Marks the schema as Arborist's journal.
  static let mark = "Arborist's journal"
  /// Where the steps are recorded that were taken.
  static let lock: Int64 = 0x4172_626f

  static let steps: [(title: String, sql: String)] = [
    ("1 first tables", queue + runs + guards + commits),
    ("2 the last request", "ALTER TABLE outbox ADD COLUMN writing_until BIGINT"),
    ("3 figures of forges", forgeFigures),
    ("4 turns", turns),
    ("5 retention", retention),
  ]

  static let guarded = ["run_events", "ledger", "events", "deliveries"]
  static let tables = [
    "journal", "deliveries", "events", "jobs", "runs", "run_events", "outbox", "ledger", "commits", "forge_figures",
    "turns",
  ]

  /// What a session is set to, whoever it belongs to and whatever they are given by default.
  ///
  /// Every question that is asked often has its index, also while the server's statistics still say that a table is
  /// small. Where there is none, what reading a whole table is then said to cost would have the server compile the
  /// query, which takes a hundred times as long as the query.
  static func settings(access: PostgresJournal.Access, statementSeconds: Int) -> String {
    """
    SET search_path TO \(name);
    SET statement_timeout = '\(statementSeconds)s'; SET lock_timeout = '\(max(1, statementSeconds / 2))s';
    SET idle_in_transaction_session_timeout = '\(2 * statementSeconds)s'; SET client_min_messages = error;
    SET default_transaction_isolation = 'read committed';
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
    SET enable_seqscan = off; SET jit = off;
    SET default_transaction_read_only = \(access == .readOnly ? "on" : "off")
    """
  }

  /// The tables of the queue.
  ///
  /// Times are milliseconds since 1970. `body` is the whole value as JSON; the columns beside it are what is asked for.
  private static let queue = """
    CREATE TABLE journal (id BIGINT PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL);
    INSERT INTO journal (id, name) VALUES (1, replace(gen_random_uuid()::text, '-', ''));

    CREATE TABLE deliveries (id TEXT COLLATE "C" PRIMARY KEY, received BIGINT NOT NULL);

    CREATE TABLE events (
      id TEXT COLLATE "C" PRIMARY KEY,
      delivery TEXT COLLATE "C" NOT NULL REFERENCES deliveries (id),
      repository TEXT COLLATE "C" NOT NULL,
      ref TEXT COLLATE "C" NOT NULL,
      time BIGINT NOT NULL,
      body TEXT NOT NULL
    );
    CREATE INDEX events_by_ref ON events (repository, ref, time, id);

    CREATE TABLE jobs (
      id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      key TEXT COLLATE "C" NOT NULL UNIQUE,
      repository TEXT COLLATE "C" NOT NULL,
      branch TEXT COLLATE "C" NOT NULL,
      event TEXT COLLATE "C" NOT NULL,
      time BIGINT NOT NULL,
      body TEXT NOT NULL,
      state TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'running', 'finished', 'superseded')),
      attempts BIGINT NOT NULL DEFAULT 0,
      fence BIGINT NOT NULL DEFAULT 0,
      worker TEXT COLLATE "C",
      lease_expires BIGINT,
      not_before BIGINT NOT NULL DEFAULT 0,
      publishing BIGINT NOT NULL DEFAULT 0,
      superseded_because TEXT,
      wanted_again BIGINT NOT NULL DEFAULT 0,
      by_hand BIGINT NOT NULL DEFAULT 0,
      CHECK ((state = 'running') = (worker IS NOT NULL AND lease_expires IS NOT NULL))
    ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
    CREATE INDEX jobs_queued ON jobs (attempts, time, id) WHERE state = 'queued';
    CREATE UNIQUE INDEX jobs_one_running ON jobs (repository, branch) WHERE state = 'running' AND by_hand = 0;
    CREATE INDEX jobs_leased ON jobs (lease_expires) WHERE state = 'running' AND by_hand = 0;
    CREATE INDEX jobs_open ON jobs (repository, branch) WHERE state IN ('queued', 'running');

    """

  /// `rowid` is what SQLite numbers rows by without being asked to.
  private static let runs = """
    CREATE TABLE runs (
      id TEXT COLLATE "C" PRIMARY KEY,
      rowid BIGINT GENERATED ALWAYS AS IDENTITY,
      job BIGINT NOT NULL REFERENCES jobs (id),
      started BIGINT NOT NULL,
      finished BIGINT,
      verdict TEXT,
      summary TEXT,
      CHECK ((finished IS NULL) = (verdict IS NULL) AND (finished IS NULL) = (summary IS NULL))
    );
    CREATE UNIQUE INDEX runs_one_open ON runs (job) WHERE finished IS NULL;
    CREATE INDEX runs_by_start ON runs (started, rowid);
    CREATE INDEX runs_by_job ON runs (job);

    CREATE TABLE run_events (
      run TEXT COLLATE "C" NOT NULL REFERENCES runs (id),
      sequence BIGINT NOT NULL,
      time BIGINT NOT NULL,
      kind TEXT NOT NULL,
      payload BYTEA NOT NULL,
      previous BYTEA NOT NULL,
      hash BYTEA NOT NULL,
      PRIMARY KEY (run, sequence)
    );

    CREATE TABLE outbox (
      run TEXT COLLATE "C" NOT NULL REFERENCES runs (id),
      position BIGINT NOT NULL,
      body TEXT NOT NULL,
      intended BIGINT,
      done BIGINT,
      result TEXT,
      PRIMARY KEY (run, position),
      CHECK ((done IS NULL) = (result IS NULL) AND (done IS NULL OR intended IS NOT NULL))
    );

    CREATE TABLE ledger (
      position BIGINT PRIMARY KEY,
      run TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES runs (id),
      count BIGINT NOT NULL,
      head BYTEA NOT NULL,
      time BIGINT NOT NULL,
      previous BYTEA NOT NULL,
      hash BYTEA NOT NULL
    );

    """

  /// What is appended is not changed by mistake; against intent only the hashes help.
  private static let guards =
    """
    CREATE FUNCTION only_append() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '% is only appended to', TG_TABLE_NAME; END $$;

    """
    + guarded.map { table in
      """
      CREATE TRIGGER \(table)_rows_only_append BEFORE UPDATE OR DELETE ON \(table)
      FOR EACH ROW EXECUTE FUNCTION only_append();
      CREATE TRIGGER \(table)_only_append BEFORE TRUNCATE ON \(table)
      FOR EACH STATEMENT EXECUTE FUNCTION only_append();

      """
    }.joined()

  /// What requests to forges came to: how many fell into which bucket, and their milliseconds (bucket -1).
  private static let forgeFigures = """
    CREATE TABLE forge_figures (
      series TEXT COLLATE "C" NOT NULL,
      bucket BIGINT NOT NULL,
      value BIGINT NOT NULL,
      PRIMARY KEY (series, bucket)
    );
    """

  /// Who writes at a thing outside of the journal, and until when it may still arrive; and the tasks of a run.
  private static let turns = """
    CREATE TABLE turns (
      thing TEXT COLLATE "C" PRIMARY KEY,
      writer TEXT COLLATE "C" NOT NULL,
      held_until BIGINT NOT NULL
    ) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
    CREATE INDEX jobs_by_hand ON jobs (event) WHERE by_hand = 1 AND state = 'running';
    """

  /// What events hold may be taken out, and nothing else of them be changed; what is still to be looked at for that, and
  /// the jobs of an event.
  private static let retention = """
    CREATE INDEX events_held ON events (time, id) WHERE body <> '';
    CREATE INDEX jobs_by_event ON jobs (event);
    CREATE FUNCTION only_append_or_empty() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' THEN
        IF NEW.body = '' AND (NEW.id, NEW.delivery, NEW.repository, NEW.ref, NEW.time)
          = (OLD.id, OLD.delivery, OLD.repository, OLD.ref, OLD.time) THEN RETURN NEW; END IF;
      END IF;
      RAISE EXCEPTION '% is only appended to', TG_TABLE_NAME;
    END $$;
    DROP TRIGGER events_rows_only_append ON events;
    CREATE TRIGGER events_rows_only_append BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION only_append_or_empty();
    """

  /// The transactions of the last minutes, by a name that their client gave them.
  ///
  /// Where the answer to a COMMIT was lost, it tells whether the transaction happened; SQLite has no such table, because
  /// its answers cannot be lost.
  private static let commits = """
    CREATE TABLE commits (token TEXT COLLATE "C" PRIMARY KEY, attempt BIGINT NOT NULL, time BIGINT NOT NULL)
    WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
    CREATE INDEX commits_by_time ON commits (time);
    """
}

extension PostgresSchema {
  /// What is found of a journal in a database.
  enum Standing: Sendable {
    /// Nothing, or an empty schema.
    case empty
    /// So many steps were taken.
    case steps(Int)
  }

  /// Looks at what is there.
  ///
  /// - Throws: ``JournalError/tooNew(at:)``, ``JournalError/corrupt(_:)`` where the schema is another program's.
  static func standing(_ session: PostgresSession, at place: String) throws -> Standing {
    let found = try session.execute(
      """
      SELECT coalesce(obj_description(oid, 'pg_namespace'), '') AS mark,
      (SELECT count(*) FROM pg_class WHERE relnamespace = pg_namespace.oid) AS tables
      FROM pg_namespace WHERE nspname = ?
      """, [.text(name)])
    guard let row = found.rows.first else { return .empty }
    guard try row.value("mark") == mark else {
      guard try row.value("tables") as Int == 0 else {
        throw JournalError.corrupt("schema '\(name)' of '\(place)' is another program's")
      }
      return .empty
    }
    let taken = try session.execute("SELECT title FROM \(name).steps ORDER BY title", [])
    let titles: [String] = try taken.rows.map { try $0.value("title") }
    guard titles.allSatisfy({ title in steps.contains { $0.title == title } }) else {
      throw JournalError.tooNew(at: place)
    }
    return .steps(titles.count)
  }

  /// Takes the steps that are missing; of several that come at once, one does it.
  static func migrate(_ session: PostgresSession, at place: String) throws {
    if case .steps(steps.count) = try standing(session, at: place) { return }
    try session.query("BEGIN; SELECT pg_advisory_xact_lock(\(lock)); SET LOCAL lock_timeout = 0")
    do {
      var taken = 0
      switch try standing(session, at: place) {
      case .empty:
        try session.query(
          """
          CREATE SCHEMA IF NOT EXISTS \(name); COMMENT ON SCHEMA \(name) IS '\(mark.replacing("'", with: "''"))';
          CREATE TABLE steps (title TEXT COLLATE "C" PRIMARY KEY)
          """)
      case .steps(let count): taken = count
      }
      for step in steps.dropFirst(taken) {
        try session.query(step.sql)
        _ = try session.execute("INSERT INTO steps (title) VALUES (?)", [.text(step.title)])
      }
      try session.query("COMMIT")
    } catch {
      _ = try? session.query("ROLLBACK")
      throw error
    }
  }
}
