package import Base

/// A kind of work on one pull request at one head.
package enum JobKind: String, Sendable, Hashable, Codable, CaseIterable {
  case review
  case resolve
  case fix
  /// A task that a person gave to a model.
  case agent
  /// Taking back what another run did.
  case undo
  /// Answering a question about a pull request.
  case ask
  /// Looking at what a forge reported: asking it how things stand now, and planning what is to be done.
  case attend

  /// The kinds that events start; the others are asked for by hand.
  package static let started: [JobKind] = [.review, .resolve, .fix]
}

/// A change that asks to be merged.
///
/// On a bare repository it is a feature branch with a configured base.
package struct PullRequest: Sendable, Hashable, Codable {
  /// Where the repository lives: an absolute path for a bare repository.
  package var repository: String
  /// The branch that holds the change.
  package var branch: RefName
  /// The branch that the change is to be merged into.
  package var base: RefName
  /// Where it is on a forge; `nil` on a bare repository.
  package var forge: ForgePlace?

  package init(repository: String, branch: RefName, base: RefName, forge: ForgePlace? = nil) {
    self.repository = repository
    self.branch = branch
    self.base = base
    self.forge = forge
  }

  /// What only one job at a time works on, within its repository: a branch, or the number of a pull request.
  ///
  /// No branch's name begins as a number's does.
  package var lane: String { forge.map { Self.lane(ofNumber: $0.number) } ?? QuotedPath.encode(branch.bytes) }

  /// The lane of the pull request of this number on a forge.
  package static func lane(ofNumber number: Int) -> String { "#\(number)" }

  /// The lane in which reports on the pull request of this number are attended to.
  ///
  /// It is beside that of the work, which a report may end. No branch's name can have the mark in it.
  package static func attendLane(ofNumber number: Int) -> String { attendMark + lane(ofNumber: number) }

  /// What the lanes begin with in which reports are attended to.
  package static let attendMark = "?"
}

/// One kind of work on one pull request at one head.
package struct Job: Sendable, Hashable, Codable {
  package var kind: JobKind
  package var pullRequest: PullRequest
  /// The commit that the work is about.
  package var head: ObjectID
  /// What the head is held against: the base's tip for `resolve`, the merge base for the others;
  /// ``ObjectID/zero`` where there is no common ancestor.
  package var against: ObjectID
  /// An explicit request's own id; empty where an event started the job.
  package var request: String
  /// The event that started it.
  package var event: String
  /// When the event happened.
  ///
  /// Notes and reverts that the job writes carry this time, so that a second try makes the same; repairs and merges
  /// carry that of the newest commit they stand on.
  package var time: Timestamp

  package init(
    kind: JobKind, pullRequest: PullRequest, head: ObjectID, against: ObjectID, request: String = "", event: String,
    time: Timestamp
  ) {
    self.kind = kind
    self.pullRequest = pullRequest
    self.head = head
    self.against = against
    self.request = request
    self.event = event
    self.time = time
  }

  /// What only one job at a time works on, within its repository (``PullRequest/lane``).
  package var lane: String { kind == .attend ? PullRequest.attendMark + pullRequest.lane : pullRequest.lane }

  /// What makes the job unique: the same key twice is one job.
  package var key: JobKey { JobKey(of: self) }
}

/// What makes a job unique: repository, pull request, kind, head, what the head is held against, and an explicit
/// request's own id.
package struct JobKey: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The parts, one a line; no part can contain a line break.
  package let text: String

  fileprivate init(of job: Job) {
    let request = job.pullRequest
    let parts = [
      QuotedPath.encode(Array(request.repository.utf8)), QuotedPath.encode(request.branch.bytes),
      QuotedPath.encode(request.base.bytes), job.kind.rawValue, job.head.hex, job.against.hex, job.request,
    ]
    // Two forks may have branches of one name.
    text = (parts + (request.forge == nil ? [] : [request.lane])).joined(separator: "\n")
  }

  /// The kind of work; `nil` where an older version made the key.
  package var kind: JobKind? { parts.count > 3 ? JobKind(rawValue: String(parts[3])) : nil }

  /// The commit that the work is about; `nil` where an older version made the key.
  package var head: ObjectID? { parts.count > 4 ? ObjectID(hex: parts[4].utf8) : nil }

  private var parts: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

  package init(from decoder: any Decoder) throws {
    text = try decoder.singleValueContainer().decode(String.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  package var description: String { text }
}

/// Names one execution of a job: 16 lower-case hexadecimal digits.
package struct RunID: Sendable, Hashable, Codable, CustomStringConvertible {
  package let text: String

  /// The run of this name; `nil` where it is no such name.
  package init?(_ text: String) {
    guard text.utf8.count == 16, Hexadecimal.decode(Array(text.utf8)) != nil, text == text.lowercased() else {
      return nil
    }
    self.text = text
  }

  /// A name from eight bytes that the caller drew at random.
  package init(random: UInt64) {
    text = Hexadecimal.encode((0..<8).map { UInt8(truncatingIfNeeded: random >> (56 - 8 * $0)) })
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let id = RunID(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a run's name")
    }
    self = id
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  package var description: String { text }
}

extension Job {
  private static let task = "task of run "

  /// The event of a task that a run gives to a model.
  package static func event(ofTaskOf run: RunID) -> String { task + run.text }

  /// The run that this is a task of; `nil` where it is none.
  package var parent: RunID? {
    kind == .agent && event.hasPrefix(Self.task) ? RunID(String(event.dropFirst(Self.task.count))) : nil
  }

  /// The run that this takes back, which the request ends with; `nil` where it takes back none.
  package var undoes: RunID? { kind == .undo ? request.split(separator: " ").last.flatMap { RunID(String($0)) } : nil }
}
