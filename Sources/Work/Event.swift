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
    /// A check or a pipeline of a branch came to a bad end.
    case failed(CheckFailure)
    /// A forge reports something.
    case forge(ForgeHappening)
  }

  /// What it moves, by which its newest event is looked up (``Job/lane``); empty where it moves nothing.
  ///
  /// What a report says makes other reports pointless, and what the forge says makes work so.
  package var lane: String {
    switch kind {
    case .push(let update): QuotedPath.encode(update.ref.bytes)
    case .failed: ""
    case .forge(let happening):
      switch happening.kind {
      case .change(let notice): PullRequest.attendLane(ofNumber: notice.number)
      case .head(let number, _), .stop(let number): PullRequest.lane(ofNumber: number)
      case .branch, .command, .reply, .failed, .rerun, .untold: ""
      }
    }
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

/// A check of a branch that failed at a commit.
package struct CheckFailure: Sendable, Hashable, Codable {
  package var branch: RefName
  /// The commit that was checked.
  package var head: ObjectID
  /// What the check calls itself, fit to be shown; empty where it was not said.
  package var check: String

  package init(branch: RefName, head: ObjectID, check: String) {
    self.branch = branch
    self.head = head
    self.check = check
  }

  /// The check as it is spoken of: `a failed check 'NAME' of BRANCH`.
  package var phrase: String {
    "a failed check\(check.isEmpty ? "" : " '\(check)'") of \(branch.shortDisplay)"
  }

  /// The failure that a line of the spool describes: `ID SP REF SP CHECK`, the check quoted as paths are.
  ///
  /// - Throws: ``MalformedDelivery`` where the line is no such description.
  init(spoolLine line: some Collection<UInt8>) throws(MalformedDelivery) {
    let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
    guard fields.count == 3, let head = ObjectID(hex: fields[0]), !head.isZero,
      let check = QuotedPath.decode(Array(fields[2]))
    else {
      throw MalformedDelivery(reason: "'\(DisplayText.escaping(line))' is not 'COMMIT REFERENCE CHECK'")
    }
    do {
      self.init(branch: try RefName(fields[1]), head: head, check: DisplayText.line(check))
    } catch {
      throw MalformedDelivery(reason: error.description)
    }
  }

  /// The line that the spool holds for it, without its end.
  var spoolLine: [UInt8] {
    Array("\(head.hex) ".utf8) + branch.bytes + Array(" \(QuotedPath.encode(Array(check.utf8)))".utf8)
  }
}

/// A delivery that cannot be read.
package struct MalformedDelivery: Error, Hashable, CustomStringConvertible {
  package let reason: String

  package init(reason: String) {
    self.reason = reason
  }

  package var description: String { "unreadable delivery: \(reason)" }
}
