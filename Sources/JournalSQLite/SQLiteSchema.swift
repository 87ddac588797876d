internal import GRDB

/// The tables, as numbered steps: one that was released never changes, a new version adds one.
enum SQLiteSchema {
  /// Marks a database file as Arborist's journal (`PRAGMA application_id`): the bytes of "Arbo".
  static let applicationID: Int32 = 0x4172_626f

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 first tables", foreignKeyChecks: .immediate) { database in
      try database.execute(sql: "PRAGMA application_id = \(applicationID)")
      try database.execute(sql: queue)
      try database.execute(sql: runs)
      try database.execute(sql: guards)
      try database.execute(sql: "INSERT INTO journal (id, name) VALUES (1, lower(hex(randomblob(16))))")
    }
    migrator.registerMigration("2 runs by hand", foreignKeyChecks: .immediate) { database in
      try database.execute(sql: byHand)
    }
    migrator.registerMigration("3 indices", foreignKeyChecks: .immediate) { database in
      try database.execute(sql: indices)
    }
    migrator.registerMigration("4 the last request", foreignKeyChecks: .immediate) { database in
      try database.execute(sql: lastRequest)
    }
    migrator.registerMigration("5 figures of forges", foreignKeyChecks: .immediate) { database in
      try database.execute(sql: forgeFigures)
    }
    migrator.registerMigration("6 turns", foreignKeyChecks: .immediate) { database in
      try database.execute(sql: turns)
    }
    migrator.registerMigration("7 retention", foreignKeyChecks: .immediate) { database in
      try database.execute(sql: retention)
    }
    return migrator
  }

  /// The tables of the queue.
  ///
  /// Times are milliseconds since 1970. `body` is the whole value as JSON; the columns beside it are what is asked for.
  private static let queue = """
    CREATE TABLE journal (id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL) STRICT;

    CREATE TABLE deliveries (id TEXT PRIMARY KEY NOT NULL, received INTEGER NOT NULL) STRICT;

    CREATE TABLE events (
      id TEXT PRIMARY KEY NOT NULL,
      delivery TEXT NOT NULL REFERENCES deliveries (id),
      repository TEXT NOT NULL,
      ref TEXT NOT NULL,
      time INTEGER NOT NULL,
      body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX events_by_ref ON events (repository, ref, time, id);

    CREATE TABLE jobs (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      key TEXT NOT NULL UNIQUE,
      repository TEXT NOT NULL,
      branch TEXT NOT NULL,
      event TEXT NOT NULL,
      time INTEGER NOT NULL,
      body TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'finished', 'superseded')),
      attempts INTEGER NOT NULL DEFAULT 0,
      fence INTEGER NOT NULL DEFAULT 0,
      worker TEXT,
      lease_expires INTEGER,
      not_before INTEGER NOT NULL DEFAULT 0,
      publishing INTEGER NOT NULL DEFAULT 0,
      superseded_because TEXT,
      wanted_again INTEGER NOT NULL DEFAULT 0,
      CHECK ((state = 'running') = (worker IS NOT NULL AND lease_expires IS NOT NULL))
    ) STRICT;
    CREATE INDEX jobs_queued ON jobs (time, id) WHERE state = 'queued';
    CREATE UNIQUE INDEX jobs_one_running ON jobs (repository, branch) WHERE state = 'running';
    CREATE INDEX jobs_open ON jobs (repository, branch) WHERE state IN ('queued', 'running');
    """

  private static let runs = """
    CREATE TABLE runs (
      id TEXT PRIMARY KEY NOT NULL,
      job INTEGER NOT NULL REFERENCES jobs (id),
      started INTEGER NOT NULL,
      finished INTEGER,
      verdict TEXT,
      summary TEXT,
      CHECK ((finished IS NULL) = (verdict IS NULL) AND (finished IS NULL) = (summary IS NULL))
    ) STRICT;
    CREATE UNIQUE INDEX runs_one_open ON runs (job) WHERE finished IS NULL;
    CREATE INDEX runs_by_start ON runs (started);

    CREATE TABLE run_events (
      run TEXT NOT NULL REFERENCES runs (id),
      sequence INTEGER NOT NULL,
      time INTEGER NOT NULL,
      kind TEXT NOT NULL,
      payload BLOB NOT NULL,
      previous BLOB NOT NULL,
      hash BLOB NOT NULL,
      PRIMARY KEY (run, sequence)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE outbox (
      run TEXT NOT NULL REFERENCES runs (id),
      position INTEGER NOT NULL,
      body TEXT NOT NULL,
      intended INTEGER,
      done INTEGER,
      result TEXT,
      PRIMARY KEY (run, position),
      CHECK ((done IS NULL) = (result IS NULL) AND (done IS NULL OR intended IS NOT NULL))
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE ledger (
      position INTEGER PRIMARY KEY NOT NULL,
      run TEXT NOT NULL UNIQUE REFERENCES runs (id),
      count INTEGER NOT NULL,
      head BLOB NOT NULL,
      time INTEGER NOT NULL,
      previous BLOB NOT NULL,
      hash BLOB NOT NULL
    ) STRICT;
    """

  /// Jobs that a person asked for: they run beside each other on one branch, and no worker is given them.
  private static let byHand = """
    ALTER TABLE jobs ADD COLUMN by_hand INTEGER NOT NULL DEFAULT 0;
    DROP INDEX jobs_one_running;
    CREATE UNIQUE INDEX jobs_one_running ON jobs (repository, branch) WHERE state = 'running' AND by_hand = 0;
    """

  /// Jobs in the order in which they are given out, and the runs of a job.
  private static let indices = """
    DROP INDEX jobs_queued;
    CREATE INDEX jobs_queued ON jobs (attempts, time, id) WHERE state = 'queued';
    CREATE INDEX jobs_leased ON jobs (lease_expires) WHERE state = 'running' AND by_hand = 0;
    CREATE INDEX runs_by_job ON runs (job);
    """

  /// After this moment no request is begun for an effect by those who tried it so far.
  private static let lastRequest = "ALTER TABLE outbox ADD COLUMN writing_until INTEGER"

  /// What requests to forges came to: how many fell into which bucket, and their milliseconds (bucket -1).
  private static let forgeFigures = """
    CREATE TABLE forge_figures (
      series TEXT NOT NULL,
      bucket INTEGER NOT NULL,
      value INTEGER NOT NULL,
      PRIMARY KEY (series, bucket)
    ) STRICT, WITHOUT ROWID
    """

  /// Who writes at a thing outside of the journal, and until when it may still arrive; and the tasks of a run.
  private static let turns = """
    CREATE TABLE turns (
      thing TEXT PRIMARY KEY NOT NULL,
      writer TEXT NOT NULL,
      held_until INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX jobs_by_hand ON jobs (event) WHERE by_hand = 1 AND state = 'running';
    """

  /// What events hold may be taken out, and nothing else of them be changed; what is still to be looked at for that, and
  /// the jobs of an event.
  private static let retention = """
    CREATE INDEX events_held ON events (time, id) WHERE body <> '';
    CREATE INDEX jobs_by_event ON jobs (event);
    DROP TRIGGER events_no_update;
    CREATE TRIGGER events_no_update BEFORE UPDATE ON events
    WHEN NOT (
      NEW.body = '' AND NEW.rowid = OLD.rowid AND NEW.id = OLD.id AND NEW.delivery = OLD.delivery
      AND NEW.repository = OLD.repository AND NEW.ref = OLD.ref AND NEW.time = OLD.time)
    BEGIN SELECT RAISE (ABORT, 'events is only appended to'); END
    """

  /// What is appended is not changed by mistake; against intent only the hashes help.
  private static let guards = ["run_events", "ledger", "events", "deliveries"].map { table in
    """
    CREATE TRIGGER \(table)_no_update BEFORE UPDATE ON \(table)
    BEGIN SELECT RAISE (ABORT, '\(table) is only appended to'); END;
    CREATE TRIGGER \(table)_no_delete BEFORE DELETE ON \(table)
    BEGIN SELECT RAISE (ABORT, '\(table) is only appended to'); END;
    """
  }.joined(separator: "\n")
}
