internal import Base
internal import Git
internal import Journal
package import Policy
internal import Publish
internal import Review
internal import Work
internal import Workspace

/// Reviews a change of a person's own repository; nothing is written to it.
actor ReviewVenue: Venue {
  private let request: HandRequest
  private let session: AgentSession
  private let directory: String
  private var workspace: RunWorkspace?

  init(_ request: HandRequest, _ session: AgentSession, directory: String) {
    self.request = request
    self.session = session
    self.directory = directory
  }

  func decide(_ job: Job, run: RunID, steps: any StepKeeping) async throws -> Decision {
    let ground = try await ReviewGround.read(request)
    let workspace = try await RunWorkspace.make(for: run, under: directory, borrowing: [ground.objects])
    self.workspace = workspace
    let configuration = ground.facts.configuration
    var order = ReviewOrder(
      run: run, pullRequest: job.pullRequest, from: job.against, head: job.head, rules: ground.rules?.commit,
      rulesName: ground.rules?.name ?? "", configuration: configuration, models: request.reviewModels(configuration))
    if let limit = request.nanodollars { order.configuration.budget.usd = Double(limit) / 1_000_000_000 }
    if let minutes = request.minutes { order.configuration.budget.minutes = Double(minutes) }
    if let answers = request.steps { order.configuration.budget.steps = answers }
    order.isUnlimited = request.isUnlimited
    order.isByHand = true
    order.linters = try LinterFiles.read(request.sarif ?? [], root: ground.workTree)
    if !configuration.review.sarif.isEmpty {
      order.named = try await LinterWork(
        configuration, in: workspace.repository, cells: session.cells, branch: ground.branch,
        directory: directory + "/linters", log: session.log
      ).report(on: job.head)
    }
    let outcome = try await ReviewWork(order, session: session, repository: workspace.repository).outcome(steps)
    return Decision(outcome: .review(outcome), publication: Publication())
  }

  func carryOut(
    _ effect: Effect, _ attempt: EffectAttempt, of job: Job, run: RunID, steps: any StepKeeping
  ) async throws -> EffectResult {
    .refused("a review by hand writes nothing")
  }

  func cleanUp(_ run: RunID) async {
    try? workspace?.remove()
    workspace = nil
  }
}

/// What a review by hand stands on, read of the repository.
struct ReviewGround: Sendable {
  var facts: RepositoryFacts
  /// The last commit of the change, and where it came off the base.
  var tip: ObjectID
  var ancestor: ObjectID
  /// What is checked out; `nil` where no branch is.
  var branch: RefName?
  var objects: String
  /// The git directory that all work trees share, and that of the one that the person stood in.
  var directory: String
  var place: String
  var workTree: String?
  /// The commit whose instructions may be believed, and what it is called; `nil` for none.
  var rules: (commit: ObjectID, name: String)?

  /// - Throws: ``GitError``, ``ConfigurationError`` or ``NoBase``.
  static func read(_ request: HandRequest) async throws -> ReviewGround {
    let actor = try await RepositoryActor.open { () throws(GitError) in
      try Repository.discover(at: request.repository)
    }
    return try await actor.perform { repository in
      let facts = try RepositoryFacts(reading: repository, base: request.base)
      let head = try repository.head()
      guard let tip = try request.head.map({ try repository.resolve($0) }) ?? head.commit, let base = facts.baseTip,
        let ancestor = try repository.mergeBase(base, tip)
      else {
        throw GitError(
          .noCommonAncestor, operation: "review \(request.head ?? "HEAD")",
          message: "it has nothing in common with \(facts.baseName)")
      }
      return ReviewGround(
        facts: facts, tip: tip, ancestor: ancestor, branch: head.branch, objects: repository.objectsDirectory,
        directory: repository.commonDirectory, place: repository.gitDirectory, workTree: repository.workTree,
        rules: try facts.trusted(in: repository))
    }
  }
}

extension HandRequest {
  /// The models that a review asks: those that a person named, or else the configured ones; none where none is to be.
  func reviewModels(_ configuration: RepositoryConfiguration) -> [String] {
    models.map { $0.isEmpty ? configuration.models[JobKind.review.rawValue] ?? [] : $0 } ?? []
  }
}

extension HandRuns {
  /// Whether a review that a person asks for asks models.
  package static func asksModels(_ request: HandRequest, _ configuration: RepositoryConfiguration) -> Bool {
    !request.reviewModels(configuration).isEmpty
  }

  /// Reviews a change with a model, as a run that can be taken up again.
  ///
  /// - Throws: What keeps it from beginning, and what may be gone at the next try; the run then stays open.
  package func review(_ request: HandRequest) async throws -> HandResult {
    let ground = try await ReviewGround.read(request)
    var request = request
    let branch = request.head == nil ? ground.branch : nil
    // Whoever takes it up may stand elsewhere, and another branch may be checked out.
    request.repository = ground.place
    request.head = ground.tip.description
    _ = try LinterFiles.read(request.sarif ?? [], root: ground.workTree)
    try checkModels(.review, request, ground.facts.configuration)
    let base = ground.facts.rules.base
    let run = RunID(random: .random(in: .min ... .max))
    let job = Job(
      kind: .review,
      // What is named need not be what is checked out; without a branch the base stands for it.
      pullRequest: PullRequest(repository: ground.directory, branch: branch ?? base, base: base),
      head: ground.tip, against: ground.ancestor, request: run.text, event: "", time: session.clock.now())
    return try await start(job, run, request)
  }
}
