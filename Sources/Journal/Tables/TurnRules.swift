internal import Base

/// Turns at things outside of the journal, inside one transaction.
extension JournalTransaction {
  func takeTurn(at thing: String, by writer: String, for time: Duration) throws -> Duration? {
    // Who asks again in the same turn has it; a transaction may be carried out twice.
    let taken = try row(
      """
      INSERT INTO turns (thing, writer, held_until) VALUES (?, ?, ?)
      ON CONFLICT (thing) DO UPDATE SET writer = excluded.writer, held_until = excluded.held_until
      WHERE turns.held_until <= ? OR turns.writer = excluded.writer
      RETURNING writer
      """, [thing, writer, now.adding(time), now])
    if taken != nil { return nil }
    let until: Int64? = try row("SELECT held_until FROM turns WHERE thing = ?", [thing])?.value("held_until")
    return .milliseconds(max(1, (until ?? 0) - now.milliseconds))
  }

  func leaveTurn(at thing: String, by writer: String) throws {
    try execute("DELETE FROM turns WHERE thing = ? AND writer = ?", [thing, writer])
  }
}
