package import Base

/// What a hook hands over in one file of the spool: everything that one push moved, or the checks that failed.
///
/// The file is text: a line with the format's name and version, then `KEY VALUE` lines, then one `update` line for each
/// reference and one `failed` line for each check. It ends with a line `end`, so that a file cut short is seen to be cut short.
package struct Delivery: Sendable, Hashable {
  /// The repository that was pushed to, as an absolute path.
  package var repository: [UInt8]
  /// Who pushed, as the transport named them; empty where it did not.
  package var actor: [UInt8]
  package var time: Timestamp
  package var updates: [RefUpdate]
  package var failures: [CheckFailure]

  package init(
    repository: [UInt8], actor: [UInt8], time: Timestamp, updates: [RefUpdate], failures: [CheckFailure] = []
  ) {
    self.repository = repository
    self.actor = actor
    self.time = time
    self.updates = updates
    self.failures = failures
  }

  /// What happened, the moves of references first.
  package var happenings: [Event.Kind] { updates.map { .push($0) } + failures.map { .failed($0) } }

  private static let header = "arborist-spool 1"

  /// The file's content.
  package func encoded() -> [UInt8] {
    happenings.reduce(into: Self.head(repository: repository, actor: actor, time: time)) { $0 += Self.line(for: $1) }
      + Self.foot
  }

  /// What the file begins with; for writing it piece by piece.
  package static func head(repository: [UInt8], actor: [UInt8], time: Timestamp) -> [UInt8] {
    var text = Array("\(header)\ntime \(time.milliseconds)\n".utf8)
    text += Array("repository \(QuotedPath.encode(repository))\n".utf8)
    text += Array("actor \(QuotedPath.encode(actor))\n".utf8)
    return text
  }

  /// What the file holds for one thing that happened.
  package static func line(for happening: Event.Kind) -> [UInt8] {
    switch happening {
    case .push(let update): Array("update ".utf8) + update.hookLine + [UInt8(ascii: "\n")]
    case .failed(let failure): Array("failed ".utf8) + failure.spoolLine + [UInt8(ascii: "\n")]
    // What forges report comes over the network, into the journal, and never through a spool.
    case .forge: []
    }
  }

  /// What the file ends with.
  package static let foot = Array("end\n".utf8)

  /// The delivery that the file's content describes.
  ///
  /// - Throws: ``MalformedDelivery`` where it describes none.
  package init(decoding content: [UInt8]) throws(MalformedDelivery) {
    var lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
    guard lines.popFirst().map({ $0.elementsEqual(Self.header.utf8) }) ?? false else {
      throw MalformedDelivery(reason: "the first line is not '\(Self.header)'")
    }
    var fields: [String: [UInt8]] = [:]
    var updates: [RefUpdate] = []
    var failures: [CheckFailure] = []
    var ended = false
    while let line = lines.popFirst(), !ended {
      let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
      let key = String(decoding: parts.first ?? [], as: UTF8.self)
      let value = parts.count == 2 ? Array(parts[1]) : []
      switch key {
      case "update": updates.append(try RefUpdate(hookLine: value))
      case "failed": failures.append(try CheckFailure(spoolLine: value))
      case "end": ended = true
      default: fields[key] = value
      }
    }
    guard ended else { throw MalformedDelivery(reason: "the file ends too early") }
    guard let time = fields["time"].flatMap({ Int64(String(decoding: $0, as: UTF8.self)) }),
      let repository = fields["repository"].flatMap({ QuotedPath.decode($0) }), !repository.isEmpty,
      let actor = fields["actor"].flatMap({ QuotedPath.decode($0) })
    else { throw MalformedDelivery(reason: "the time, the repository or the actor is missing") }
    self.init(
      repository: repository, actor: actor, time: Timestamp(milliseconds: time), updates: updates, failures: failures)
  }
}
