internal import Base
internal import Work

/// Reading rows of a database that somebody may have changed: a value of the wrong type is an error, never a trap.
extension SQLRow {
  /// The value of a column that is never empty.
  package func value<Value: SQLReadable>(_ column: String) throws -> Value {
    guard let value: Value = try optional(column) else {
      throw JournalError.corrupt("column '\(column)' is empty")
    }
    return value
  }

  /// The value of a column, `nil` where it is empty.
  package func optional<Value: SQLReadable>(_ column: String) throws -> Value? {
    guard let stored = self[column] else { throw JournalError.corrupt("there is no column '\(column)'") }
    if stored == .null { return nil }
    guard let value = Value(stored) else {
      throw JournalError.corrupt("column '\(column)' does not hold a \(Value.self)")
    }
    return value
  }

  func time(_ column: String) throws -> Timestamp { Timestamp(milliseconds: try value(column)) }

  func run(_ column: String) throws -> RunID {
    guard let run = RunID(try value(column)) else { throw JournalError.corrupt("column '\(column)' names no run") }
    return run
  }

  func digest(_ column: String) throws -> Digest {
    let data: [UInt8] = try value(column)
    guard let digest = Digest(bytes: data) else { throw JournalError.corrupt("column '\(column)' holds no hash") }
    return digest
  }

  /// The value whose JSON a column of text holds.
  func json<Value: Decodable>(_ column: String, in place: String) throws -> Value {
    let text: String = try value(column)
    return try CanonicalJSON(stored: Array(text.utf8)).require(Value.self, in: place)
  }

  func runEvent() throws -> RunEvent {
    let run = try run("run")
    let sequence: Int = try value("sequence")
    let name: String = try value("kind")
    guard let kind = RunEvent.Kind(rawValue: name) else {
      throw JournalError.corrupt("event \(sequence) of run \(run) is of the unknown kind '\(name)'")
    }
    let payload: [UInt8] = try value("payload")
    return RunEvent(
      run: run, sequence: sequence, time: try time("time"), kind: kind,
      payload: CanonicalJSON(stored: payload), previous: try digest("previous"), hash: try digest("hash"))
  }

  func ledgerEntry() throws -> LedgerEntry {
    LedgerEntry(
      position: try value("position"), run: try run("run"), count: try value("count"), head: try digest("head"),
      time: try time("time"), previous: try digest("previous"), hash: try digest("hash"))
  }

  func outboxEntry() throws -> OutboxEntry {
    let position: Int = try value("position")
    let intended: Int64? = try optional("intended")
    let state: OutboxEntry.State
    if let result: String = try optional("result") {
      state = .done(result: result)
    } else if let intended {
      state = .intended(since: Timestamp(milliseconds: intended))
    } else {
      state = .waiting
    }
    return OutboxEntry(position: position, effect: try json("body", in: "effect \(position) of a run"), state: state)
  }

  /// A run joined with its job; `job_state` is the job's.
  func runSummary() throws -> RunSummary {
    let run = try run("id")
    let state: RunSummary.State
    if let finished: Int64 = try optional("finished") {
      let name: String = try value("verdict")
      guard let verdict = Closing.Verdict(rawValue: name) else {
        throw JournalError.corrupt("run \(run) has the unknown verdict '\(name)'")
      }
      let closing = Closing(verdict: verdict, summary: try value("summary"))
      state = .finished(closing, at: Timestamp(milliseconds: finished))
    } else {
      let job: String = try value("job_state")
      state = job == "running" ? .running : .waiting
    }
    return RunSummary(run: run, job: try json("body", in: "table jobs"), state: state, started: try time("started"))
  }
}
