internal import Agent
package import Base
package import Git
internal import Journal
internal import Models
package import Policy
package import Review
package import Work
internal import Workspace

/// A change that is to be reviewed, wherever it came from.
package struct ReviewOrder: Sendable {
  /// The run of the job.
  package var run: RunID
  package var pullRequest: PullRequest
  /// The commit that the change starts from; `nil` for the empty tree.
  package var from: ObjectID?
  package var head: ObjectID
  /// The commit whose `AGENTS.md` counts, and what it is called: of the default branch or of a base that it protects,
  /// and never of any other; `nil` for none.
  package var rules: ObjectID?
  package var rulesName: String
  /// How the repository wants to be reviewed, out of the trusted base.
  package var configuration: RepositoryConfiguration
  /// The models that may be asked, as `PROVIDER/NAME`, each where those before it cannot be asked; none for a review
  /// without a model.
  package var models: [String]
  package var isUnlimited = false
  /// Whether a person asked for it, who can be told to take it up again.
  package var isByHand = false
  /// What linters found, already parsed, and what came of those that the configuration names.
  package var linters: [SARIFDocument] = []
  package var named: LinterReport?
  /// What the author wrote on the pull request, its title and its words: evidence, and never an instruction.
  package var evidence: [ReviewWords.Evidence] = []

  package init(
    run: RunID, pullRequest: PullRequest, from: ObjectID?, head: ObjectID, rules: ObjectID?, rulesName: String,
    configuration: RepositoryConfiguration, models: [String]
  ) {
    self.run = run
    self.pullRequest = pullRequest
    self.from = from
    self.head = head
    self.rules = rules
    self.rulesName = rulesName
    self.configuration = configuration
    self.models = models
  }
}

/// Reviews a change: the built-in checks, what linters found, and one pass of a model where one may be asked.
package struct ReviewWork: Sendable {
  private let order: ReviewOrder
  private let session: AgentSession?
  private let repository: RepositoryActor<PrivateRepository>

  /// - Parameters:
  ///   - order: What is to be reviewed.
  ///   - session: What asks models; `nil` to ask none.
  ///   - repository: A private repository that sees the commits.
  package init(
    _ order: ReviewOrder, session: AgentSession?, repository: RepositoryActor<PrivateRepository>
  ) {
    self.order = order
    self.session = session
    self.repository = repository
  }

  /// What the review found; with the same steps it is the same, and no model is asked twice.
  ///
  /// - Throws: What keeps the repository or the steps from being read; by hand also what keeps the model from being
  ///   asked at all, and ``ModelOutOfReach``; `CancellationError`.
  package func outcome(_ steps: any StepKeeping) async throws -> ReviewOutcome {
    guard let session, !order.models.isEmpty else { return try await outcome(with: nil) }
    var usable = UsableModels(models: order.models, faults: [])
    if !order.isByHand {
      let limit = order.isUnlimited ? nil : order.configuration.budget.nanodollars
      usable = try await steps.once(UsableModels.step) { UsableModels(of: order.models, limit: limit, session) }
    }
    try session.directories.make()
    let models = try usable.models.map { name throws(InvalidModelName) in try ModelName(name) }
    let faults = usable.faults.map { "A model was not asked: \($0)." }
    // A base that moves on while the run waits must not make other questions of it.
    let rules = try await steps.once("base of the review") { [order.rules].compactMap { $0 } }
    let (reading, words) = try await read(rules.first)
    guard let first = models.first else {
      var review = ModelReview(notes: faults, faults: faults, shortfall: reading.files.isEmpty ? nil : .surroundings)
      review.unread = reading.unread
      return try await outcome(with: review)
    }
    let questions = ModelReviewQuestions(
      session,
      on: .init(
        run: order.run, pullRequest: order.pullRequest, head: order.head, budget: order.configuration.budget,
        isUnlimited: order.isUnlimited, isByHand: order.isByHand), steps: steps)
    // What is learned of the model while it is asked must not deal the change out otherwise when the run is taken up.
    let limit = try await steps.once("tokens of a part") {
      let sizes = try await questions.sizes(of: first)
      return try Self.limit(sizes, words)
    }
    let plan = ReviewPlan(reading, limit: limit)
    var passes = ReviewPass(
      models: models, questions: questions, plan: plan, reading: reading, words: words, session: session)
    var assembly = ModelReviewAssembly(plan, of: reading, floor: order.configuration.review.confidence)
    for (part, asked) in try await passes.all() { assembly.take(asked, of: part) }
    session.progress(nil)
    return try await outcome(
      with: assembly.review(runs: await questions.runs, faults: faults, cost: await questions.cost))
  }

  /// What a model says to a question about the change, shown as much of it as one request can show.
  ///
  /// - Parameters:
  ///   - question: What was asked, as somebody wrote it.
  ///   - login: Who asks.
  ///   - steps: What the run has done already; a question is asked once.
  /// - Returns: The answer.
  /// - Throws: ``JobFailure`` where no model could be asked, or none answered.
  func answer(to question: String, from login: String, _ steps: any StepKeeping) async throws -> AskOutcome {
    guard let session, !order.models.isEmpty else { throw JobFailure("no model is configured for reviews") }
    let usable = try await steps.once(UsableModels.step) {
      UsableModels(of: order.models, limit: order.configuration.budget.nanodollars, session)
    }
    try session.directories.make()
    let models = try usable.models.map { name throws(InvalidModelName) in try ModelName(name) }
    let (reading, words) = try await read(order.rules)
    let questions = ModelReviewQuestions(
      session,
      on: .init(
        run: order.run, pullRequest: order.pullRequest, head: order.head, budget: order.configuration.budget,
        isUnlimited: order.isUnlimited, isByHand: order.isByHand), steps: steps)
    var reason = usable.faults.joined(separator: "; ")
    for model in models {
      let limit = try Self.limit(try await questions.sizes(of: model), words)
      let plan = ReviewPlan(reading, limit: limit)
      let parts = plan.parts
      let brief = try ReviewBrief(
        of: parts.first ?? ReviewPart(), number: (1, max(1, parts.count)), in: reading, words: words)
      let asked = try ReviewBrief(asking: question, by: login, about: brief)
      let answer = try await questions.ask(
        model, asked, about: "a question about the change", isLast: model == models.last)
      if !answer.text.isEmpty, !answer.ending.mayPass {
        let unread = parts.dropFirst().flatMap { plan.left(of: $0) }.map { "\($0.0.display) \($0.1)" }
        return AskOutcome(text: answer.text, model: "\(model)", run: answer.run, unread: unread)
      }
      reason = answer.reason
      if let exhausted = await questions.exhaustion {
        reason = exhausted
        break
      }
    }
    throw JobFailure("no model answered: \(reason)")
  }

  private func outcome(with model: ModelReview?) async throws -> ReviewOutcome {
    let order = order
    return try await repository.perform { repository in
      var outcome = try ReviewStage.review(
        in: repository, from: order.from, to: order.head, configuration: order.configuration, linters: order.linters,
        named: order.named, model: model)
      outcome.run = order.run
      return outcome
    }
  }

  /// The change, and the words that go with it.
  private func read(_ rules: ObjectID?) async throws -> (ChangeReading, ReviewWords) {
    let order = order
    return try await repository.perform { repository in
      let reading = try ReviewStage.reading(
        in: repository, from: order.from, to: order.head, configuration: order.configuration)
      var words = ReviewWords(confidence: order.configuration.review.confidence)
      if let rules {
        let texts = try TrustedTexts(at: rules, called: order.rulesName, in: repository)
        words.instructions = texts.instructions.map { .init(source: $0.source, text: $0.text) }
      }
      words.instructions += order.configuration.review.instructions.map {
        .init(source: ".arborist.yml", text: $0.text, paths: $0.paths)
      }
      words.evidence = order.evidence.map { Self.plain($0.source, Array($0.text.utf8)) }
      let commits = try repository.commits(
        of: order.head, notIn: [order.from].compactMap { $0 }, limit: Self.commitLimit)
      for id in commits {
        let commit = try repository.commit(id)
        // A merge says what came in from elsewhere.
        if commit.parents.count < 2 { words.evidence.append(Self.plain("commit \(id.short)", commit.message)) }
      }
      words.evidence.removeAll { $0.text.isEmpty }
      return (reading, words)
    }
  }

  private static let commitLimit = 200

  /// An author's words without comments and characters that nobody sees.
  private static func plain(_ source: String, _ text: [UInt8]) -> ReviewWords.Evidence {
    .init(source: source, text: InstructionText(source: source, content: text).text)
  }

  /// The most tokens of lines that one request shows.
  ///
  /// More than this makes a model no better: whatever its window, it looks less closely at each line.
  private static let most = 24_000

  /// What fits into a window beside the answer and the words around; estimates err by a fifth.
  private static func limit(_ sizes: (window: Int, output: Int), _ words: ReviewWords) throws -> Int {
    let empty = try ReviewBrief(
      of: ReviewPart(), number: (1, 1), in: ChangeReading(), words: ReviewWords())
    let around = TokenEstimate.tokens(in: empty.system) + TokenEstimate.tokens(in: empty.opening)
    let told = words.instructions.reduce(0) { $0 + TokenEstimate.tokens(in: $1.text) } + 2500
    let room = sizes.window - min(sizes.output, sizes.window / 3) - around - told
    return max(500, min(most, room * 4 / 5))
  }
}
