package import Base
package import Work

/// One finished run in the ledger of a database.
package struct LedgerEntry: Sendable, Hashable {
  /// Its place, counted from one.
  package var position: Int
  package var run: RunID
  /// How many events the run has.
  package var count: Int
  /// The hash of the run's last event.
  package var head: Digest
  package var time: Timestamp
  /// The hash of the entry before it; for the first one, ``Ledger/origin(of:)``.
  package var previous: Digest
  /// The hash over all of the above.
  package var hash: Digest

  package init(
    position: Int, run: RunID, count: Int, head: Digest, time: Timestamp, previous: Digest, hash: Digest
  ) {
    self.position = position
    self.run = run
    self.count = count
    self.head = head
    self.time = time
    self.previous = previous
    self.hash = hash
  }
}

/// Where a ledger ends: how many entries it has, and the hash of the last.
package struct LedgerHead: Sendable, Hashable, Codable {
  package var count: Int
  package var hash: Digest

  package init(count: Int, hash: Digest) {
    self.count = count
    self.hash = hash
  }
}

/// The hash chain over the finished runs of one database, in the order in which they finished.
///
/// It shows that a finished run was removed or cut short, which the run's own ``Chain`` cannot. What is hashed, by
/// ``Digest/init(of:)``: `arborist.ledger/1`, the previous hash, the place (eight bytes), the run's name, its count of
/// events (eight bytes), its last hash, the time in milliseconds (eight bytes). The first entry's previous hash is over
/// `arborist.ledger-origin/1` and the database's own random name. Each run's first event also states the ledger's head
/// of that moment.
///
/// What it does not show: that the last entries were removed together with their runs and with every run that began
/// after them, or that all of it was written anew.
package enum Ledger {
  /// What the first entry of a database's ledger is chained to.
  package static func origin(of database: String) -> Digest {
    Digest(of: [Array("arborist.ledger-origin/1".utf8), Array(database.utf8)])
  }

  /// The entry that comes next.
  package static func entry(
    after last: LedgerHead, run: RunID, count: Int, head: Digest, time: Timestamp
  ) -> LedgerEntry {
    let position = last.count + 1
    return LedgerEntry(
      position: position, run: run, count: count, head: head, time: time, previous: last.hash,
      hash: hash(position: position, run: run, count: count, head: head, time: time, previous: last.hash))
  }

  /// What is wrong with the entries, in their stored order; `nil` where nothing is.
  package static func fault(in entries: [LedgerEntry], of database: String) -> LedgerFault? {
    var previous = origin(of: database)
    for (index, entry) in entries.enumerated() {
      let place = index + 1
      if entry.position != place {
        return LedgerFault(at: place, reason: "entry \(entry.position) stands at place \(place)")
      }
      if entry.previous != previous {
        return LedgerFault(at: place, reason: "the entry does not continue the one before it")
      }
      let expected = hash(
        position: entry.position, run: entry.run, count: entry.count, head: entry.head, time: entry.time,
        previous: entry.previous)
      if entry.hash != expected { return LedgerFault(at: place, reason: "the entry's content is not what was hashed") }
      previous = entry.hash
    }
    return nil
  }

  private static func hash(
    position: Int, run: RunID, count: Int, head: Digest, time: Timestamp, previous: Digest
  ) -> Digest {
    Digest(of: [
      Array("arborist.ledger/1".utf8), previous.bytes, Digest.bigEndian(Int64(position)), Array(run.text.utf8),
      Digest.bigEndian(Int64(count)), head.bytes, Digest.bigEndian(time.milliseconds),
    ])
  }
}

/// What is wrong with a ledger, and where.
package struct LedgerFault: Sendable, Hashable, CustomStringConvertible {
  /// The place, counted from one.
  package let at: Int
  package let reason: String

  package var description: String { "entry \(at) of the ledger: \(reason)" }
}
