package import Base
package import Forges
package import Journal
package import Work

/// Finds what no delivery told, from what forges say themselves.
///
/// Forges do not send a delivery again that was lost, and none of them tells of everything. What is found goes the same
/// way as a delivery, under a name that is the same at every sweep: it is attended to once.
package struct Reconciler: Sendable {
  /// How old a comment may be whose command is still obeyed, in milliseconds: three days.
  private static let longestAge: Int64 = 3 * 24 * 3_600_000

  private let journal: any JournalStore
  private let forges: [ForgeName: any Forge]
  private let clock: WallClock
  /// Where branches are.
  private let tips: @Sendable (ForgeRepository, Set<RefName>) async throws -> [RefName: ObjectID]
  /// Reads the commands in a comment.
  private let commands: @Sendable (String) -> [CommentCommand.Word]
  private let log: @Sendable (String) -> Void

  /// - Parameters:
  ///   - journal: Where what is found goes.
  ///   - forges: What is asked.
  ///   - clock: The present moment.
  ///   - tips: Tells where branches of a repository are now; those that are not there are left out.
  ///   - commands: Reads the commands in a comment.
  ///   - log: Takes one line on what was found or could not be asked.
  package init(
    journal: any JournalStore, forges: [ForgeName: any Forge], clock: WallClock = .system,
    tips: @escaping @Sendable (ForgeRepository, Set<RefName>) async throws -> [RefName: ObjectID],
    commands: @escaping @Sendable (String) -> [CommentCommand.Word], log: @escaping @Sendable (String) -> Void
  ) {
    self.journal = journal
    self.forges = forges
    self.clock = clock
    self.tips = tips
    self.commands = commands
    self.log = log
  }

  /// Looks at every repository once; one that cannot be asked now is left to the next sweep.
  ///
  /// No forge waits for another one.
  ///
  /// - Returns: How many reports were found that no delivery had told.
  /// - Throws: ``JournalError``.
  @discardableResult
  package func sweep() async throws(JournalError) -> Int {
    let all = Dictionary(grouping: try await journal.forgeRepositories(), by: \.forge)
    let counts = await withTaskGroup(of: Result<Int, JournalError>.self) { group in
      for (name, repositories) in all {
        guard let forge = forges[name] else { continue }
        group.addTask { await sweep(repositories, forge) }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    var found = 0
    for count in counts { found += try count.get() }
    return found
  }

  private func sweep(_ repositories: [ForgeRepository], _ forge: any Forge) async -> Result<Int, JournalError> {
    var found = 0
    for repository in repositories {
      do {
        found += try await sweep(repository, forge)
      } catch let error as JournalError {
        return .failure(error)
      } catch {
        log("\(repository.name) cannot be swept: \(error)")
      }
    }
    return .success(found)
  }

  private func sweep(_ repository: ForgeRepository, _ forge: any Forge) async throws -> Int {
    var found = 0
    let own = try await forge.account()
    let states = try await forge.openPullRequests(of: repository, into: nil)
    for state in states {
      let name = "sweep:\(repository.name)#\(state.place.number)@\(state.head.hex):\(state.base.display)"
      let draft = name + ":draft"
      let notice = ChangeNotice(
        action: try await action(for: state, draft: draft), number: state.place.number, head: state.head)
      if try await take(state.isDraft ? draft : name, .change(notice), nil, repository) { found += 1 }
      for comment in try await forge.comments(on: state.place) where comment.author?.id != own.id {
        guard comment.time.milliseconds > clock.now().milliseconds - Self.longestAge,
          let given = CommentCommand(
            number: state.place.number, words: commands(comment.body), comment: comment.id, thread: comment.thread)
        else { continue }
        if try await take("sweep:\(repository.name)/comment-\(comment.id)", .command(given), comment.author, repository)
        {
          found += 1
        }
      }
    }
    let bases = Set(states.map(\.base))
    guard !bases.isEmpty else { return found }
    for (base, tip) in try await tips(repository, bases) {
      let update = RefUpdate(ref: base, old: .zero, new: tip)
      if try await take("sweep:\(repository.name)/\(base.display)@\(tip.hex)", .branch(update), nil, repository) {
        found += 1
      }
    }
    return found
  }

  /// What must have happened to a pull request that is found so: what nobody has attended to is new.
  private func action(for state: PullRequestState, draft: String) async throws -> ChangeNotice.Action {
    let lane = PullRequest.attendLane(ofNumber: state.place.number)
    let earlier = try await journal.runs(RunFilter(repository: state.place.repository.name, lane: lane, limit: 1))
    if earlier.isEmpty { return .opened }
    if !state.isDraft, try await journal.event(named: draft) != nil { return .ready }
    return .updated
  }

  private func take(
    _ id: String, _ kind: ForgeHappening.Kind, _ actor: ForgeActor?, _ repository: ForgeRepository
  ) async throws(JournalError) -> Bool {
    let happening = ForgeHappening(repository: repository, actor: actor, kind: kind)
    let event = Event(
      id: id, repository: repository.name, actor: actor?.login ?? "", time: clock.now(), kind: .forge(happening))
    let job = Job(attendingTo: happening, event: event)
    return try await journal.accept(delivery: id, events: [event], jobs: [job]).isNew
  }
}
