internal import Agent
internal import ArgumentParser
internal import Base
internal import Foundation
internal import Journal
internal import Pipeline
internal import Work

/// The command `arborist log`.
struct LogCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "Show the journal of one run.",
    discussion: """
      Every event of a run carries the hash of the one before it; --verify computes them again and looks the run up in \
      the ledger of finished runs. What that shows, and what it cannot, is in Docs/Architecture.md. Each event is one \
      line; --format json has all of it. Of a review, what a model found and nobody is told as a finding stands below, \
      with why. 'arborist review --run RUN' shows the review itself.

      Example: arborist log 3f2a --verify
      """)

  @Argument(help: "The run, or the beginning of its name.")
  var run: String

  @Option(help: "The bare repository.")
  var repo = "."

  @Option(help: "The state directory, where it is not the repository's own.")
  var state: String?

  @Flag(help: "Check that nothing was changed; exit status 1 where something was.")
  var verify = false

  @Flag(
    help: """
      Make every request to the model again from the journal, with no network, and compare it with what was sent; exit \
      status 1 where one differs. Of a run that gave tasks to a model, those of its tasks.
      """)
  var replay = false

  @Option(help: "How the result is written: text or json.")
  var format: OutputFormat = .text

  func run() async throws {
    let (journal, summary) = try await JournalPlace.open(holding: run, repository: repo, state: state)
    if replay { return try await replay(summary, journal) }
    let verification = verify ? try await journal.verify(summary.run) : nil
    // A damaged journal is what --verify is for: it must say so and not stumble over it.
    let events: [RunEvent]
    do {
      events = try await journal.events(of: summary.run)
    } catch {
      guard case .broken(let reason)? = verification else { throw error }
      Terminal.note("the journal was changed: \(reason)")
      throw ExitCode(ExitStatus.somethingLeft.rawValue)
    }
    switch format {
    case .text:
      let standing = await RunStanding(repository: repo, state: state)
      try Terminal.result(text(summary, events, verification, standing))
    case .json:
      try Terminal.result(JSONDocument.encode(LogDocument(summary, events, verification), schema: "arborist.log/1"))
    }
    if case .broken = verification { throw ExitCode(ExitStatus.somethingLeft.rawValue) }
  }

  private func replay(_ summary: RunSummary, _ journal: any JournalStore) async throws {
    var replayed: [(run: RunID, request: AgentReplay.Request)] = []
    if let own = try AgentReplay.requests(of: try await journal.events(of: summary.run)) {
      replayed = own.map { (summary.run, $0) }
    } else {
      let tasks = try await tasks(of: summary, journal)
      for task in tasks {
        let requests = try AgentReplay.requests(of: try await journal.events(of: task)) ?? []
        replayed += requests.map { (task, $0) }
      }
      if tasks.isEmpty {
        throw CommandFailure(.usage, "run \(summary.run) asked no model, so there is nothing to replay")
      }
    }
    let requests = replayed.map(\.request)
    switch format {
    case .json:
      try Terminal.result(JSONDocument.encode(ReplayDocument(summary.run, replayed), schema: "arborist.replay/1"))
    case .text:
      var lines = replayed.map { run, request in
        (run == summary.run ? "" : "run \(run), ")
          + "request \(request.number), event \(request.sequence), \(request.size) bytes: "
          + (request.isEqual ? "the same" : "DIFFERENT: \(request.recorded) was sent, \(request.computed) comes out")
      }
      let equal = requests.count { $0.isEqual }
      lines.append("\(equal) of \(requests.count.counted("request")) come out as they were sent")
      try Terminal.result(lines.joined(separator: "\n") + "\n")
    }
    if requests.contains(where: { !$0.isEqual }) { throw ExitCode(ExitStatus.somethingLeft.rawValue) }
  }

  /// The tasks that a run gave to a model, in the order in which they began.
  private func tasks(of summary: RunSummary, _ journal: any JournalStore) async throws -> [RunID] {
    let filter = RunFilter(
      repository: summary.job.pullRequest.repository, lane: summary.job.pullRequest.lane, limit: 10_000)
    return try await journal.runs(filter).filter { $0.job.parent == summary.run }.map(\.run).reversed()
  }

  private func text(
    _ summary: RunSummary, _ events: [RunEvent], _ verification: RunVerification?, _ standing: RunStanding
  ) -> String {
    var lines = [
      "run \(summary.run): \(summary.job.kind.rawValue) of \(summary.job.subject) at "
        + "\(summary.job.head.short): \(standing.word(for: summary))"
    ]
    for event in events {
      let place = String(event.sequence)
      lines.append(
        "\(String(repeating: " ", count: max(0, 3 - place.count)))\(place)  \(event.time.iso8601)  "
          + "\(event.kind.rawValue)  \(LogWords(event).text)")
    }
    let decision = events.last { $0.kind == .outcome }?.payload.decode(Decision.self)
    if case .review(let review)? = decision?.outcome {
      for finding in review.dropped ?? [] {
        let place = finding.path + (finding.line.map { ":\($0)" } ?? "")
        lines.append(DisplayText.line("dropped: \(place): \(finding.title) (\(finding.why))".utf8))
      }
    }
    switch verification {
    case nil: break
    case .verified(let count, let head, let ledger):
      lines.append("verified: \(count) events, head \(head), ledger at \(ledger.count) \(ledger.hash)")
    case .broken(let reason):
      lines.append("CHANGED: \(reason)")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Job {
  /// What it is about, for a person: the branch, or where none but the base is known, as of a head without a branch, a
  /// commit that was not on it.
  var subject: String {
    let isNamed = kind != .review || pullRequest.branch != pullRequest.base
    return isNamed ? pullRequest.branch.shortDisplay : "a commit without a branch"
  }
}

/// The replay of a run as programs read it: the document `arborist.replay/1`.
struct ReplayDocument: Encodable {
  private let run: RunID
  private let requests: [Request]

  private struct Request: Encodable {
    /// The run that sent it.
    var run: RunID
    var number: Int
    var event: Int
    var bytes: Int
    var recorded: String
    var computed: String
    var equal: Bool
  }

  init(_ run: RunID, _ requests: [(run: RunID, request: AgentReplay.Request)]) {
    self.run = run
    self.requests = requests.map { run, request in
      Request(
        run: run, number: request.number, event: request.sequence, bytes: request.size,
        recorded: "\(request.recorded)", computed: "\(request.computed)", equal: request.isEqual)
    }
  }
}

/// The journal of a run as programs read it: the document `arborist.log/1`.
struct LogDocument: Encodable {
  private let run: RunID
  private let events: [Event]
  private let verified: Bool?
  private let fault: String?

  private struct Event: Encodable {
    var sequence: Int
    var time: String
    var kind: String
    var payload: JSONText
    var previous: String
    var hash: String
  }

  init(_ summary: RunSummary, _ events: [RunEvent], _ verification: RunVerification?) {
    run = summary.run
    self.events = events.map {
      Event(
        sequence: $0.sequence, time: $0.time.iso8601, kind: $0.kind.rawValue, payload: JSONText($0.payload.bytes),
        previous: "\($0.previous)", hash: "\($0.hash)")
    }
    switch verification {
    case nil: (verified, fault) = (nil, nil)
    case .verified: (verified, fault) = (true, nil)
    case .broken(let reason): (verified, fault) = (false, reason)
    }
  }
}

/// JSON that is put into other JSON as it is.
enum JSONText: Codable {
  case object([String: JSONText])
  case array([JSONText])
  case text(String)
  case whole(Int64)
  case number(Double)
  case flag(Bool)
  case null

  /// The value behind the bytes; a text where they are no JSON.
  init(_ bytes: [UInt8]) {
    self = (try? JSONDecoder().decode(JSONText.self, from: Data(bytes))) ?? .text(DisplayText.line(bytes))
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .whole(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSONText].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONText].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .object(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .whole(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .flag(let value): try container.encode(value)
    case .null: try container.encodeNil()
    }
  }
}
