internal import Base
internal import Egress
internal import Journal
internal import Work

/// Writes down in a run's journal what its cell asked for on the network, and what became of it.
actor EgressJournal {
  private let journal: any JournalStore
  private var place: (run: RunID, claim: Claim)?
  private var waiting: [String] = []

  init(_ journal: any JournalStore) {
    self.journal = journal
  }

  /// From now on the run can be written to.
  func begin(_ run: RunID, under claim: Claim) async {
    place = (run, claim)
    await flush()
  }

  /// Takes a decision; what cannot be written is told on the next occasion.
  func take(_ record: EgressRecord) async {
    waiting.append(Self.line(record))
    await flush()
  }

  private func flush() async {
    guard let place, !waiting.isEmpty else { return }
    let lines = waiting
    waiting = []
    do throws(JournalError) {
      var notes: [RunNote] = []
      for line in lines { notes.append(try .note(line)) }
      try await journal.append(notes, to: place.run, under: place.claim, surviving: .process)
    } catch {
      waiting = lines + waiting
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
