package import Base

/// What happened, already authenticated and parsed.
///
/// Nothing downstream sees a raw payload.
package struct Event: Sendable, Hashable, Codable {
  /// Names the event: the delivery and the place in it.
  ///
  /// The same event twice is one.
  package var id: String
  /// Where the repository lives: an absolute path for a bare repository.
  package var repository: String
  /// Who did it, as the transport named them; empty where it did not.
  package var actor: String
  package var time: Timestamp
  package var kind: Kind

  /// The kinds of event.
  package enum Kind: Sendable, Hashable, Codable {
    /// A reference moved from one object to another; ``ObjectID/zero`` stands for "was not there" and "is gone".
    case push(RefUpdate)
  }

  package init(id: String, repository: String, actor: String, time: Timestamp, kind: Kind) {
    self.id = id
    self.repository = repository
    self.actor = actor
    self.time = time
    self.kind = kind
  }
}

/// A reference that moved from one object to another.
package struct RefUpdate: Sendable, Hashable, Codable {
  package var ref: RefName
  package var old: ObjectID
  package var new: ObjectID

  package init(ref: RefName, old: ObjectID, new: ObjectID) {
    self.ref = ref
    self.old = old
    self.new = new
  }

  /// Whether the reference is gone.
  package var isDeletion: Bool { new.isZero }

  /// The update that one line of `pre-receive` or `post-receive` describes: `OLD SP NEW SP REF`.
  ///
  /// - Throws: ``MalformedDelivery`` where the line is no such description.
  package init(hookLine line: some Collection<UInt8>) throws(MalformedDelivery) {
    let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
    guard fields.count == 3, let old = ObjectID(hex: fields[0]), let new = ObjectID(hex: fields[1]) else {
      throw MalformedDelivery(reason: "'\(DisplayText.escaping(line))' is not 'OLD NEW REFERENCE'")
    }
    do {
      self.init(ref: try RefName(fields[2]), old: old, new: new)
    } catch {
      throw MalformedDelivery(reason: error.description)
    }
  }

  /// The line that a hook would print for this update, without its end.
  package var hookLine: [UInt8] { Array("\(old.hex) \(new.hex) ".utf8) + ref.bytes }
}

/// A delivery that cannot be read.
package struct MalformedDelivery: Error, Hashable, CustomStringConvertible {
  package let reason: String

  package init(reason: String) {
    self.reason = reason
  }

  package var description: String { "unreadable delivery: \(reason)" }
}
