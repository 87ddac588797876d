internal import Base
internal import Broker
package import Forges
internal import Git
package import Journal
package import Memory
internal import Policy
internal import Publish
package import Secrets
package import Work
internal import Workspace

/// Work on pull requests of forges.
///
/// What a forge says is asked before the work and again before anything is published. The work itself is done as on a
/// bare repository: in a private workspace that borrows the objects of a mirror.
package actor ForgeVenue: Venue {
  let forges: [ForgeName: any Forge]
  let mirrors: any MirrorKeeping
  let journal: any JournalStore
  let workDirectory: String
  let identity: BotIdentity
  let session: AgentSession?
  /// Our own secrets, which nothing may hold that leaves.
  let secrets: KnownSecrets
  /// Paths of this server, which no text that leaves may name.
  private let places: [String]
  let memory: @Sendable (ForgeRepository) -> MemoryFile?
  let log: @Sendable (String) -> Void
  private var workspaces: [RunID: RunWorkspace] = [:]
  /// The repositories of which it was said that nobody tells which of their branches are protected.
  private var unprotected: Set<String> = []

  /// - Parameters:
  ///   - forges: What speaks to each forge.
  ///   - mirrors: The copies of their repositories.
  ///   - journal: Where events and jobs are.
  ///   - workDirectory: Where workspaces are made.
  ///   - identity: The name under which Arborist commits.
  ///   - session: What runs commands and models; `nil` to run neither.
  ///   - secrets: Our own secrets, which nothing may hold that leaves.
  ///   - places: Paths of this server, which no text that leaves may name, besides the directories that are known here.
  ///   - memory: Where a repository's resolutions are remembered; `nil` for none.
  ///   - log: Takes one line on what whoever runs this should know.
  package init(
    forges: [ForgeName: any Forge], mirrors: any MirrorKeeping, journal: any JournalStore, workDirectory: String,
    identity: BotIdentity, session: AgentSession? = nil, secrets: KnownSecrets = KnownSecrets([]),
    places: [String] = [],
    memory: @escaping @Sendable (ForgeRepository) -> MemoryFile? = { _ in nil },
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.forges = forges
    self.mirrors = mirrors
    self.journal = journal
    self.workDirectory = workDirectory
    self.identity = identity
    self.session = session
    self.secrets = secrets
    self.memory = memory
    let directories = session.map { [$0.directories.state, $0.directories.configuration] } ?? []
    self.places = places + directories + [workDirectory]
    self.log = log
  }

  package func decide(_ job: Job, run: RunID, steps: any StepKeeping) async throws -> Decision {
    switch job.kind {
    case .attend: return try await attend(to: job, run)
    case .review, .resolve, .fix, .undo, .ask, .agent: break
    }
    do {
      return try await work(on: job, run, steps)
    } catch let failure as JobFailure {
      // A check that was begun must not stay open, and silence would look like consent.
      let outcome = Outcome.failed(reason: failure.description)
      return Decision(outcome: outcome, publication: try await publication(of: job, failed: failure.publicWords))
    }
  }

  package func cleanUp(_ run: RunID) async {
    // What cannot be removed now is swept when the next worker starts.
    try? workspaces.removeValue(forKey: run)?.remove()
    guard let session, let summary = try? await session.journal.run(named: run.text), summary.closing != nil else {
      return
    }
    try? RunDirectory.tidy("\(session.directories.runs)/\(run.text)")
  }

  /// The pages of a repository, in whose texts no path of this server stands; `nil` where it has none.
  func pages(of repository: ForgeRepository, _ state: RepositoryState) -> ForgePages? {
    ForgePages(of: repository, gitAddress: state.gitAddress, hiding: places)
  }

  func workspace(of run: RunID, borrowing objects: String) async throws -> RunWorkspace {
    if let workspace = workspaces[run] { return workspace }
    let workspace = try await RunWorkspace.make(
      for: run, under: workDirectory, borrowing: [objects], signer: session?.signer)
    workspaces[run] = workspace
    return workspace
  }

  /// The pull request of a job, and what speaks to its forge.
  func forge(of job: Job) throws -> (any Forge, ForgePlace) {
    guard let place = job.pullRequest.forge else { throw JobFailure("the job is about no forge") }
    guard let forge = forges[place.repository.forge] else {
      throw JobFailure("\(place.repository.forge.rawValue) is not configured here any more")
    }
    return (forge, place)
  }
}

// MARK: - How things stand

/// Everything about a pull request that was asked for anew.
struct ForgeGround: Sendable {
  var forge: any Forge
  var place: ForgePlace
  var state: PullRequestState
  var repository: RepositoryState
  var source: RepositoryActor<Repository>
  /// The mirror's path.
  var location: String
  var facts: RepositoryFacts
}

extension ForgeVenue {
  /// How a pull request stands, with an up-to-date mirror.
  ///
  /// - Throws: ``ForgeError``, ``JobFailure`` where its configuration is broken or it has no base, ``GitError``.
  func ground(_ forge: any Forge, _ state: PullRequestState) async throws -> ForgeGround {
    let place = state.place
    let repository = try await forge.repository(place.repository)
    let location = try await mirrors.mirror(place.repository, numbers: [place.number]).directory
    let source = try await RepositoryActor.open { () throws(GitError) in try Repository.openBare(at: location) }
    let base = state.base
    if repository.protected == nil, unprotected.insert(repository.repository.name).inserted {
      log(
        "which branches of \(repository.repository.name) are protected cannot be read with this token: each is asked "
          + "for by itself before it is pushed to")
    }
    let closed = (repository.protected ?? []).map { BranchPattern($0) }
    do {
      let facts = try await source.perform { source in
        var facts = try RepositoryFacts(reading: source, base: base.shortDisplay)
        facts.rules.protected += closed
        return facts
      }
      return ForgeGround(
        forge: forge, place: place, state: state, repository: repository, source: source, location: location,
        facts: facts)
    } catch let error as ConfigurationError {
      throw JobFailure(error.description)
    } catch let error as NoBase {
      throw JobFailure(
        error.description, told: "nothing says what the pull request is to be merged into, so nothing was done")
    }
  }

  /// The same for a job, where the pull request still is what the job is about.
  ///
  /// - Throws: ``JobSuperseded`` where it is not, and as ``ground(_:_:)``.
  func ground(for job: Job) async throws -> ForgeGround {
    let (forge, place) = try forge(of: job)
    let state = try await forge.pullRequest(place)
    if let reason = Self.moved(state, from: job) { throw JobSuperseded(reason) }
    let ground = try await ground(forge, state)
    let ref = place.headRef
    let tip = try await ground.source.perform { try $0.reference(ref)?.target }
    guard tip == .direct(state.head) else {
      throw ForgeError(.unavailable, "\(ref) is not yet where the forge says that #\(place.number) is", retryAfter: 2)
    }
    return ground
  }

  /// Why a pull request is not what a job is about any more; `nil` where it is.
  static func moved(_ state: PullRequestState, from job: Job) -> String? {
    let name = "#\(state.place.number)"
    if !state.isOpen { return "\(name) is closed" }
    if state.head != job.head { return "\(name) has moved on from \(job.head.short) to \(state.head.short)" }
    if state.base != job.pullRequest.base { return "\(name) is to be merged into \(state.base.shortDisplay) by now" }
    return nil
  }
}
