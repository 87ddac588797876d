import Base
import Journal
import JournalSQLite
import Work

/// What the tests put into a journal.
enum Samples {
  /// A pull request was opened, and is to be attended to.
  static func opened(
    _ number: Int, id: String, forge: ForgeName = .github, path: String = "octo/tree", time: Timestamp
  ) throws -> (Event, Job) {
    let repository = try unwrap(ForgeRepository(forge: forge, id: 7, path: path))
    let happening = ForgeHappening(
      repository: repository, actor: ForgeActor(id: 1, login: "ada", isBot: false),
      kind: .change(ChangeNotice(action: .opened, number: number, head: nil)))
    let event = Event(id: id, repository: repository.name, actor: "ada", time: time, kind: .forge(happening))
    return (event, Job(attendingTo: happening, event: event))
  }

  static let worker = WorkerID("host-1-abc")

  /// A job of a kind on a pull request.
  static func job(_ kind: JobKind, number: Int, path: String = "octo/tree", time: Timestamp) throws -> (Event, Job) {
    var (event, job) = try opened(number, id: "github:\(kind.rawValue)-\(number)", path: path, time: time)
    job.kind = kind
    job.head = try unwrap(ObjectID(hex: String(repeating: "a1", count: 20).utf8))
    job.pullRequest.branch = try RefName(branch: Array("feature/leaf".utf8))
    event.actor = "ada"
    return (event, job)
  }

  /// Begins a run of such a job.
  static func start(
    _ kind: JobKind, number: Int, run: UInt64, path: String = "octo/tree", request: String? = nil,
    in journal: SQLiteJournal
  ) async throws -> (RunID, ClaimedJob) {
    var (event, job) = try job(kind, number: number, path: path, time: Timestamp(seconds: 1_800_000_000))
    if let request { (job.request, event.id) = (request, "\(event.id) \(request)") }
    _ = try await journal.accept(delivery: event.id, events: [event], jobs: [job])
    let claimed = try unwrap(try await journal.claim(worker: worker, leaseSeconds: 600))
    let id = RunID(random: run)
    try await journal.startRun(id, of: claimed)
    return (id, claimed)
  }

  /// What a model's answer looks like in the journal.
  struct Answer: Encodable {
    struct Body: Encodable { var turn: Turn }
    struct Turn: Encodable {
      var text: String
      var calls: [Call]
      var stop = "end"
    }
    struct Call: Encodable {
      var id = "c1"
      var name: String
      var input: [String: [String: String]]
      var isTruncated = false
    }
    var number: Int
    var answer: Body
    var cost: Int64
  }

  struct Request: Encodable {
    var number: Int
    var purpose = "turn"
    var tokens = 1200
  }

  struct Done: Encodable {
    struct Result: Encodable {
      var call = "c1"
      var name: String
      var text: String
      var isError = false
      var isFreeText = false
    }
    var result: Result
    var standing = "executed"
  }

  struct Setup: Encodable {
    var task: String
    var model = "openai/gpt"
    var system: String
    var opening = "Begin."
    var tools: [String] = []
  }

  static func request(_ number: Int) throws -> RunNote { try .agent(.modelRequest, Request(number: number)) }

  static func answer(_ number: Int, _ text: String, cost: Int64, call: (String, String)? = nil) throws -> RunNote {
    let calls = call.map { [Answer.Call(name: $0.0, input: ["json": ["_0": $0.1]])] } ?? []
    return try .agent(
      .modelAnswer, Answer(number: number, answer: .init(turn: .init(text: text, calls: calls)), cost: cost))
  }

  static func tool(_ name: String, _ text: String, isError: Bool = false) throws -> RunNote {
    try .agent(.toolDone, Done(result: .init(name: name, text: text, isError: isError)))
  }

  /// A task that a run gives to a model, which is asked once and answers; it is over.
  static func task(
    of parent: RunID, _ asker: Job, run: UInt64, cost: Int64, in journal: SQLiteJournal
  ) async throws -> RunID {
    var job = asker
    (job.kind, job.request, job.event) = (.agent, "task \(run)", Job.event(ofTaskOf: parent))
    let id = RunID(random: run)
    let claim = try await journal.beginByHand(
      job, run: id, worker: worker, notes: [try request(1), try answer(1, "I have looked at it.", cost: cost)])
    try await journal.decide(
      .failed(reason: "no more is needed"), publication: Publication(), of: id, under: claim)
    try await journal.finish(id, Closing(verdict: .completed, summary: "the task is done"), under: claim)
    return id
  }

  /// Ends a run so, with nothing to publish.
  static func close(
    _ run: RunID, _ claimed: ClaimedJob, _ verdict: Closing.Verdict, in journal: SQLiteJournal
  ) async throws {
    try await journal.decide(.failed(reason: "-"), publication: Publication(), of: run, under: claimed.claim)
    try await journal.finish(run, Closing(verdict: verdict, summary: "so it ended"), under: claimed.claim)
  }

  /// Decides and ends a run with these effects done.
  static func finish(
    _ run: RunID, _ claimed: ClaimedJob, _ outcome: Outcome, effects: [Effect] = [], in journal: SQLiteJournal
  ) async throws {
    try await journal.decide(outcome, publication: Publication(effects: effects), of: run, under: claimed.claim)
    for index in effects.indices {
      _ = try await journal.markIntended(effect: index, of: run, under: claimed.claim)
      try await journal.markDone(effect: index, result: "written", of: run, under: claimed.claim)
    }
    try await journal.finish(run, Closing(of: outcome), under: claimed.claim)
  }
}
