internal import Base
internal import Egress
internal import Journal
internal import Work

/// Writes down in a run's journal what its cell asked for on the network, and what became of it, in the order in which it
/// was decided.
///
/// What is taken goes through one stream to one writer. After ``finish()`` everything that was taken before is written,
/// so a run is closed after that.
final class EgressJournal: Sendable {
  private let journal: any JournalStore
  private let records: AsyncStream<EgressRecord>
  private let feed: AsyncStream<EgressRecord>.Continuation
  private let writer = Lock<Task<Void, Never>?>(nil)

  init(_ journal: any JournalStore) {
    self.journal = journal
    (records, feed) = AsyncStream.makeStream()
  }

  /// Writes to the steps of a run that can be written to.
  convenience init(_ journal: any JournalStore, keeping steps: any StepKeeping) {
    self.init(journal)
    let records = records
    writer.withLock { $0 = Task { for await record in records { try? await steps.note(Self.line(record)) } } }
  }

  /// From now on the run can be written to.
  func begin(_ run: RunID, under claim: Claim) {
    writer.withLock { [journal, records] writer in
      if writer != nil { return }
      // Whoever is cancelled may not write, so this is nobody's child.
      writer = Task { await Self.write(records, of: run, under: claim, to: journal) }
    }
  }

  /// Takes a decision, from one thread at a time; a broker allows no more than so many.
  func take(_ record: EgressRecord) { feed.yield(record) }

  /// Takes no more; when this returns, everything is written that the journal takes.
  func finish() async {
    feed.finish()
    await writer.withLock { $0 }?.value
  }

  /// What cannot be written is tried again on the next occasion.
  private static func write(
    _ records: AsyncStream<EgressRecord>, of run: RunID, under claim: Claim, to journal: any JournalStore
  ) async {
    var waiting: [RunNote] = []
    for await record in records {
      // A line of text can always be written as one.
      if let note = try? RunNote.note(line(record)) { waiting.append(note) }
      if await append(waiting, of: run, under: claim, to: journal) { waiting = [] }
    }
    if !waiting.isEmpty { _ = await append(waiting, of: run, under: claim, to: journal) }
  }

  private static func append(
    _ notes: [RunNote], of run: RunID, under claim: Claim, to journal: any JournalStore
  ) async -> Bool {
    do throws(JournalError) {
      try await journal.append(notes, to: run, under: claim, surviving: .process)
      return true
    } catch {
      return false
    }
  }

  /// A decision as one line; it has nothing in it that the cell wrote but the name of a host.
  static func line(_ record: EgressRecord) -> String {
    let host = record.host?.text ?? "no host"
    let what =
      switch record.event {
      case .allowed(let address): "allowed to \(host) at \(address)"
      case .refused(let reason): "refused to \(host): \(reason)"
      case .abandoned: "abandoned"
      case .closed(let ending): "to \(host) closed (\(ending))"
      }
    return "egress: connection \(record.connection) \(what), \(record.uploaded) bytes up, \(record.downloaded) down"
  }
}
