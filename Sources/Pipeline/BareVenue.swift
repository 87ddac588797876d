package import Base
internal import FileSystem
internal import Forges
package import Git
package import Journal
package import Memory
internal import Policy
internal import Publish
package import Work
internal import Workspace

/// Work on a bare repository that lives on this machine.
///
/// The repository itself is opened to read its references and to land on them. The work is done in a private workspace
/// that borrows its objects, so nothing that its configuration says holds there.
package actor BareVenue: Venue {
  private let source: RepositoryActor<Repository>
  private let location: String
  private let workDirectory: String
  private let identity: BotIdentity
  private let recorded: [RefName]
  private let memory: MemoryFile?
  /// What runs commands and models; `nil` where neither is to be run.
  private let session: AgentSession?
  private var workspaces: [RunID: RunWorkspace] = [:]

  /// - Parameters:
  ///   - source: The bare repository.
  ///   - location: Its absolute path.
  ///   - workDirectory: Where workspaces are made.
  ///   - identity: The name under which Arborist commits and comments.
  ///   - recorded: The branches that `init` wrote down; they stay closed whatever happens.
  ///   - memory: Where resolutions are remembered; `nil` to use none.
  ///   - session: What runs commands and models; `nil` to run neither.
  package init(
    _ source: RepositoryActor<Repository>, location: String, workDirectory: String, identity: BotIdentity,
    recorded: [RefName], memory: MemoryFile? = nil, session: AgentSession? = nil
  ) {
    self.source = source
    self.location = location
    self.workDirectory = workDirectory
    self.identity = identity
    self.recorded = recorded
    self.memory = memory
    self.session = session
  }

  package func decide(_ job: Job, run: RunID, steps: any StepKeeping) async throws -> Decision {
    do {
      return try await work(on: job, run, steps)
    } catch let failure as JobFailure {
      await tell(failure.description, of: job, run)
      throw failure
    }
  }

  private func work(on job: Job, _ run: RunID, _ steps: any StepKeeping) async throws -> Decision {
    let facts = try await facts(for: job)
    guard let baseTip = facts.baseTip else {
      throw JobFailure("the base \(facts.rules.base.shortDisplay) has no commit")
    }
    let workspace = try await workspace(of: run)
    let outcome = try await outcome(of: job, run, steps, facts, baseTip, in: workspace)
    let context = try await context(for: job, baseTip: baseTip, facts, outcome, in: workspace)
    return Decision(outcome: outcome, publication: try Composer(context).publication(for: outcome))
  }

  package func carryOut(
    _ effect: Effect, _ attempt: EffectAttempt, of job: Job, run: RunID, steps: any StepKeeping
  ) async throws -> EffectResult {
    let workspace = try await workspace(of: run)
    switch effect {
    case .push(let name, let old, let new):
      let result = try await push(name, from: old, to: new, of: job, run, steps, in: workspace)
      if case .refused(let reason) = result { await tell(reason, of: job, run) }
      return result
    case .note(let notes, let object, let lines):
      return try await append(lines, to: object, in: notes, of: job, workspace)
    case .forge: return .refused("a bare repository has no forge")
    }
  }

  /// Leaves a comment on why a run ends without a result: silence would look like consent.
  ///
  /// The journal has the reason in any case, so where the comment cannot be written the run ends all the same.
  private func tell(_ reason: String, of job: Job, _ run: RunID) async {
    do {
      let workspace = try await workspace(of: run)
      let line = try FailureComment.line(on: job, because: reason, by: identity)
      let base = job.pullRequest.base
      let tip = try await source.perform { try BranchFinder($0).tip(of: base)?.commit }
      let first = try await workspace.repository.perform { repository in
        try repository.commits(of: job.head, notIn: [tip].compactMap { $0 }, oldestFirst: true, limit: .max).first
      }
      _ = try await append([line], to: first ?? job.head, in: .discuss, of: job, workspace)
    } catch {
      return
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

  private func workspace(of run: RunID) async throws -> RunWorkspace {
    if let workspace = workspaces[run] { return workspace }
    let objects = await source.perform { $0.objectsDirectory }
    let workspace = try await RunWorkspace.make(
      for: run, under: workDirectory, borrowing: [objects], signer: session?.signer)
    workspaces[run] = workspace
    return workspace
  }
}

// MARK: - Deciding

extension BareVenue {
  /// The repository's facts, where the job's branch may be worked on and still is where the job found it.
  private func facts(for job: Job) async throws -> RepositoryFacts {
    let recorded = recorded
    let branch = job.pullRequest.branch
    do {
      return try await source.perform { repository in
        let facts = try RepositoryFacts(reading: repository, recorded: recorded)
        _ = try FeatureBranch(branch.bytes, under: facts.rules)
        let tip = try repository.reference(branch)?.target
        guard tip == .direct(job.head) else {
          throw JobSuperseded(Self.moved(branch, tip, from: job.head))
        }
        return facts
      }
    } catch let error as BranchRefusal {
      throw JobFailure(error.description)
    } catch let error as ConfigurationError {
      throw JobFailure(error.description)
    } catch let error as NoBase {
      throw JobFailure(error.description)
    }
  }

  private static func moved(_ branch: RefName, _ tip: Reference.Target?, from head: ObjectID) -> String {
    switch tip {
    case .direct(let id): "\(branch.shortDisplay) has moved on from \(head.short) to \(id.short)"
    case .symbolic: "\(branch.shortDisplay) is another name for a branch by now"
    case nil: "\(branch.shortDisplay) is gone"
    }
  }

  private func outcome(
    of job: Job, _ run: RunID, _ steps: any StepKeeping, _ facts: RepositoryFacts, _ baseTip: ObjectID,
    in workspace: RunWorkspace
  ) async throws -> Outcome {
    switch job.kind {
    case .ask, .attend: throw JobFailure("a bare repository has no forge that reports anything")
    case .undo: throw JobFailure("what a run did is taken back by hand, with 'arborist undo'")
    case .review, .resolve, .fix, .agent:
      try await BranchJobs(source: source, identity: identity, memory: memory, session: session)
        .outcome(of: job, run, steps, facts, baseTip, in: workspace)
    }
  }

  private func context(
    for job: Job, baseTip: ObjectID, _ facts: RepositoryFacts, _ outcome: Outcome, in workspace: RunWorkspace
  ) async throws -> PublicationContext {
    let (location, identity) = (location, identity)
    var earlier = 0
    if case .fix(let fix) = outcome, let session {
      earlier = try await EarlierPushes(journal: session.journal).count(
        of: fix.signature, repository: job.pullRequest.repository, lane: job.pullRequest.lane)
    }
    let pushes = earlier
    let number = try await freeSide(of: job, for: outcome.commit)
    return try await workspace.repository.perform { repository in
      // git-appraise keeps a review on the oldest commit that the base has not.
      let commits = try repository.commits(of: job.head, notIn: [baseTip], oldestFirst: true)
      let first = commits.first ?? job.head
      // Notes that cannot be read keep nothing from being done; writing to them will say what is wrong.
      let request = try? NoteReading.note(of: first, in: .reviews, at: location, through: repository)
      let comments = try? NoteReading.note(of: first, in: .discuss, at: location, through: repository)
      return PublicationContext(
        job: job, baseTip: baseTip, firstCommit: first,
        subject: DisplayText.line(try repository.commit(job.head).summary), hasRequest: request != nil,
        comments: Appraise.comments(in: comments ?? []), identity: identity,
        unverified: facts.configuration.unverified, push: facts.configuration.push, earlierPushes: pushes,
        sideNumber: number)
    }
  }

  /// Which of the branches beside the job's head a commit may take; what an earlier run left at one stays there.
  private func freeSide(of job: Job, for commit: ObjectID?) async throws -> Int {
    guard let commit else { return 1 }
    return try await SidePlaces(job).free(for: commit) { name in
      try await source.perform { repository in
        switch try repository.reference(name)?.target {
        case .direct(let tip): tip
        case .symbolic: .zero
        case nil: nil
        }
      }
    }
  }
}

// MARK: - Carrying out

extension BareVenue {
  private func push(
    _ name: RefName, from old: ObjectID, to new: ObjectID, of job: Job, _ run: RunID, _ steps: any StepKeeping,
    in workspace: RunWorkspace
  ) async throws -> EffectResult {
    // A worker that died over it may have left a lock, whatever comes of the push now.
    let directory = location
    await source.perform { _ in AbandonedLock.remove(of: name, to: new, in: directory) }
    // The rules are those of this moment: the default branch may have moved since the merge was made.
    let recorded = recorded
    let rules: BranchRules
    let branch: FeatureBranch
    do {
      rules = try await source.perform { try RepositoryFacts(reading: $0, recorded: recorded).rules }
      branch = try FeatureBranch(name.bytes, under: rules)
    } catch let error as BranchRefusal {
      return .refused(error.description)
    } catch let error as ConfigurationError {
      return .refused(error.description)
    }
    let tip = try await source.perform { try $0.reference(job.pullRequest.branch)?.target }
    // A worker that died behind the push has left the branch at the merge.
    guard tip == .direct(job.head) || (name == job.pullRequest.branch && tip == .direct(new)) else {
      return .overtaken(Self.moved(job.pullRequest.branch, tip, from: job.head))
    }
    if try await !workspace.repository.perform({ try $0.contains(new) }) {
      // The workspace of the worker that made the merge is gone; the same merge has the same name.
      let facts = try await self.facts(for: job)
      let again = try await outcome(of: job, run, steps, facts, facts.baseTip ?? .zero, in: workspace)
      guard again.commit == new else { return .refused("the commit \(new.short) cannot be made again") }
    }
    let location = location
    return try await workspace.repository.perform { repository in
      do {
        return switch try repository.land(new, onto: branch, expecting: old, at: location) {
        case .landed: .done("\(branch) is \(new.hex)")
        case .alreadyThere: .done("\(branch) was \(new.hex) already")
        case .raced(let actual):
          .overtaken("\(branch) is at \(actual.isZero ? "no commit" : actual.short) by now; nothing was pushed")
        }
      } catch let error as LandingError {
        return try Self.refused(error)
      }
    }
  }

  private func append(
    _ lines: [String], to object: ObjectID, in notes: NotesRef, of job: Job, _ workspace: RunWorkspace
  ) async throws -> EffectResult {
    let (location, identity) = (location, identity)
    let signature = Signature(name: identity.name, email: identity.email, time: job.time)
    do {
      return try await workspace.repository.perform { repository in
        // Somebody else may write to the same notes; what they wrote is kept, and ours goes behind it.
        for _ in 0..<20 {
          let tip = try NoteReading.tip(of: notes, at: location)
          // Where the lines are there already, nothing lands that would do it.
          AbandonedLock.remove(of: try notes.refName(), to: tip ?? .zero, in: location)
          guard let commit = try repository.append(lines, toNoteOf: object, in: tip, by: signature), commit != tip
          else { return .done("\(notes.rawValue): nothing new on \(object.hex)") }
          switch try repository.land(commit, onto: notes, expecting: tip ?? .zero, at: location) {
          case .landed, .alreadyThere: return .done("\(notes.rawValue): \(commit.hex)")
          case .raced: continue
          }
        }
        throw GitError(.locked, operation: "append to \(notes.rawValue)", message: "somebody else keeps writing to it")
      }
    } catch let error as LandingError {
      return try Self.refused(error)
    } catch let error as GitError where [.tooLarge, .wrongType, .invalid, .corrupt].contains(error.code) {
      return .refused("the notes \(notes.rawValue) cannot be written to: \(error)")
    }
  }

  /// A refusal that no further try would change.
  ///
  /// - Throws: The error itself, where another try may succeed.
  private static func refused(_ error: LandingError) throws -> EffectResult {
    switch error.reason {
    case .locked, .failed: throw error
    case .symbolic, .notFastForward, .checkedOut, .blocked, .rejected, .hooks: .refused(error.description)
    }
  }
}

/// Reads the notes of a repository through a private one that sees its objects.
private enum NoteReading {
  /// The commit that the notes are at; `nil` where there are none.
  static func tip(of notes: NotesRef, at location: String) throws(GitError) -> ObjectID? {
    guard case .direct(let tip) = try Repository.openBare(at: location).reference(notes.refName())?.target else {
      return nil
    }
    return tip
  }

  static func note(
    of object: ObjectID, in notes: NotesRef, at location: String, through repository: Repository
  ) throws(GitError) -> [UInt8]? {
    guard let tip = try tip(of: notes, at: location) else { return nil }
    return try repository.note(of: object, in: tip)
  }
}
