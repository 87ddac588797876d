internal import Base
internal import Forges
internal import Git
internal import Journal
internal import Policy
internal import Publish
internal import Work
internal import Workspace

/// What is written to a forge for what came of a job.
extension ForgeVenue {
  /// What is to be written for the outcome; how things stand is asked after the work and before anything is said.
  func publication(
    of job: Job, _ run: RunID, _ steps: any StepKeeping, _ outcome: Outcome, _ ground: ForgeGround,
    in workspace: RunWorkspace, refusal: PushRefusal? = nil
  ) async throws -> Publication {
    switch outcome {
    case .answered(let answer): return try await answered(job, .answer(answer.text), ground)
    case .undo(let undo):
      var publication = try await answered(job, .undone(undo), ground)
      if let commit = undo.commit {
        publication.effects.insert(.push(branch: job.pullRequest.branch, from: job.head, to: commit), at: 0)
        publication.effects += try await retold(job, undo, takenBackBy: commit, ground, steps)
      }
      return publication
    case .review, .resolve, .fix, .agent, .attended, .failed, .superseded: break
    }
    var context = try await context(for: job, run, outcome, ground, in: workspace)
    context.refusal = refusal
    let made = try ForgeComposer(context).publication(for: outcome)
    for line in made.stopped { try await steps.note(line) }
    return made.publication
  }

  /// The summary, where it says that what is taken back now is on the branch.
  private func retold(
    _ job: Job, _ undo: UndoOutcome, takenBackBy commit: ObjectID, _ ground: ForgeGround, _ steps: any StepKeeping
  ) async throws -> [Effect] {
    let events = try await journal.events(of: undo.run)
    guard let start = events.first?.payload.decode(RunStarted.self),
      let decision = events.last(where: { $0.kind == .outcome })?.payload.decode(Decision.self),
      let pages = ForgePages(of: ground.place.repository, gitAddress: ground.repository.gitAddress)
    else { return [] }
    let account = try await ground.forge.account()
    let context = ForgeContext(
      job: start.job, state: ground.state, pages: pages, capabilities: ground.forge.capabilities, account: account,
      comments: try await ground.forge.comments(on: ground.place), diff: Diff(files: []), secrets: secrets)
    let takenBack = TakenBack(branch: job.pullRequest.branch, commit: job.head, by: commit, left: undo.left)
    let made = try ForgeComposer(context).publication(for: decision.outcome, takenBack: takenBack)
    for line in made.stopped { try await steps.note(line) }
    return made.publication.effects
  }

  /// What is to be written where the job cannot be done.
  func publication(of job: Job, failed reason: String) async throws -> Publication {
    let (forge, place) = try forge(of: job)
    let repository = try await forge.repository(place.repository)
    guard let pages = pages(of: place.repository, repository) else { return Publication() }
    guard JobKind.started.contains(job.kind) else {
      guard let command = try await command(of: job), let actor = command.actor else { return Publication() }
      let replies = CommandReplies(
        pages: pages, account: try await forge.account(), comments: try await forge.comments(on: place),
        secrets: secrets)
      let answer = try replies.answer(.unavailable(reason), to: command.command, by: actor, in: command.event)
      return Publication(effects: answer.map { [.forge($0)] } ?? [])
    }
    let account = try await forge.account()
    let context = ForgeContext(
      job: job, state: try await forge.pullRequest(place), pages: pages, capabilities: forge.capabilities,
      account: account, comments: try await forge.comments(on: place), diff: Diff(files: []),
      secrets: secrets)
    return try ForgeComposer(context).publication(for: .failed(reason: reason)).publication
  }

  /// Makes answers to commands on a pull request.
  func replies(_ forge: any Forge, _ place: ForgePlace) async throws -> CommandReplies {
    let repository = try await forge.repository(place.repository)
    guard let pages = pages(of: place.repository, repository) else {
      throw JobFailure("'\(repository.gitAddress)' is no address of pages")
    }
    return CommandReplies(
      pages: pages, account: try await forge.account(), comments: try await forge.comments(on: place),
      secrets: secrets)
  }

  private func answered(_ job: Job, _ reply: CommandReply, _ ground: ForgeGround) async throws -> Publication {
    guard let command = try await command(of: job), let actor = command.actor else { return Publication() }
    let replies = try await replies(ground.forge, ground.place)
    let answer = try replies.answer(reply, to: command.command, by: actor, in: command.event)
    return Publication(effects: answer.map { [.forge($0)] } ?? [])
  }

  /// The command that asked for a job; `nil` where nothing of the kind did.
  private func command(of job: Job) async throws -> (command: CommentCommand, actor: ForgeActor?, event: Event)? {
    guard let event = try await journal.event(named: job.event), case .forge(let happening) = event.kind,
      case .command(let command) = happening.kind
    else { return nil }
    return (command, happening.actor, event)
  }

  private func context(
    for job: Job, _ run: RunID, _ outcome: Outcome, _ ground: ForgeGround, in workspace: RunWorkspace
  ) async throws -> ForgeContext {
    let (forge, place) = (ground.forge, ground.place)
    guard let pages = pages(of: place.repository, ground.repository) else {
      throw JobFailure("'\(ground.repository.gitAddress)' is no address of pages")
    }
    let (commit, base) = (outcome.commit, ground.facts.baseTip)
    let (diff, offered) = try await workspace.repository.perform { repository in
      let start = try base.flatMap { try repository.mergeBase($0, job.head) }
      return (
        try repository.diff(from: start, to: job.head),
        try commit.map { try repository.diff(from: job.head, to: $0) }
      )
    }
    // Asking for the account is what tells what the forge can do.
    let account = try await forge.account()
    let state = try await forge.pullRequest(place)
    // A run that ends superseded may be wanted again: the pull request may be opened again, or the branch come back.
    if let reason = Self.moved(state, from: job) { throw JobSuperseded(reason) }
    var context = ForgeContext(
      job: job, state: state, pages: pages, capabilities: forge.capabilities,
      account: account, comments: try await forge.comments(on: place), diff: diff, secrets: secrets)
    context.offered = offered
    context.unverified = ground.facts.configuration.unverified
    context.push = ground.facts.configuration.push
    if let commit {
      context.messages = try await workspace.repository.perform {
        try Self.messages(from: job.head, to: commit, in: $0)
      }
      context.isForkClosed = try await isForkClosed(ground, job.pullRequest.branch)
    }
    if let signature = outcome.failureSignature {
      context.earlierPushes = try await EarlierPushes(journal: journal).count(
        of: signature, repository: job.pullRequest.repository, lane: job.pullRequest.lane)
    }
    context.sideNumber = try await freeSide(of: job, for: commit, ground)
    let wanted = ForgeComposer.wantedFiles(for: outcome, context)
    context.contents = try await workspace.repository.perform { repository in
      var contents: [RepositoryPath: [UInt8]] = [:]
      for path in wanted {
        guard let entry = try repository.entry(at: path, in: job.head), [.regular, .executable].contains(entry.mode)
        else { continue }
        contents[path] = try? repository.content(of: entry.id, limit: Self.longestFile)
      }
      return contents
    }
    return context
  }

  /// The messages of the commits that a run put on a head: a merge, a repair, or one on the other.
  private static func messages(
    from head: ObjectID, to commit: ObjectID, in repository: Repository
  ) throws(GitError) -> [[UInt8]] {
    var messages: [[UInt8]] = []
    var next = commit
    while next != head, messages.count < 16 {
      let found = try repository.commit(next)
      messages.append(found.message)
      guard let first = found.parents.first else { break }
      next = first
    }
    return messages
  }

  /// Whether a push to the branch of a fork would be refused here: what was made is then told as a patch, and not lost.
  private func isForkClosed(_ ground: ForgeGround, _ branch: RefName) async throws -> Bool {
    guard let path = ground.place.fork, ground.state.allowsPush else { return false }
    guard let fork = ForgeRepository(forge: ground.place.repository.forge, id: 0, path: path) else { return true }
    let state: RepositoryState
    do {
      state = try await ground.forge.repository(fork)
    } catch {
      // What cannot be looked at is not written to.
      guard [.notFound, .forbidden].contains(error.code) else { throw error }
      return true
    }
    var rules = ground.facts.rules
    rules.protected += (state.protected ?? []).map { BranchPattern($0) }
    rules.protected.append(BranchPattern(exactly: state.defaultBranch))
    return (try? FeatureBranch(branch.bytes, under: rules)) == nil
  }

  /// The longest file that threads and suggestions are looked up in, in bytes.
  private static let longestFile = 4 << 20

  private func freeSide(of job: Job, for commit: ObjectID?, _ ground: ForgeGround) async throws -> Int {
    guard let commit else { return 1 }
    return try await SidePlaces(job).free(for: commit) { name in
      try await ground.source.perform { repository in
        switch try repository.reference(name)?.target {
        case .direct(let tip): tip
        case .symbolic: .zero
        case nil: nil
        }
      }
    }
  }
}
