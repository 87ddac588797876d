package import Base
package import Forges
package import Journal
package import Work

/// Finds what no delivery told, from what forges say themselves.
///
/// Forges do not send a delivery again that was lost, and none of them tells of everything. What is found goes the same
/// way as a delivery, under a name that is the same at every sweep: it is attended to once.
package struct Reconciler: Sendable {
  /// What the name of an event begins with that was found so.
  private static let mark = "sweep:"
  /// How old a comment may be whose command is still obeyed, in milliseconds: three days.
  private static let longestAge: Int64 = 3 * 24 * 3_600_000

  private let journal: any JournalStore
  private let forges: [ForgeName: any Forge]
  private let interval: Duration
  private let clock: WallClock
  /// Where branches are.
  private let tips: @Sendable (ForgeRepository, Set<RefName>) async throws -> [RefName: ObjectID]
  /// Reads the commands in a comment.
  private let commands: @Sendable (String) -> [CommentCommand.Word]
  private let log: @Sendable (String) -> Void

  /// - Parameters:
  ///   - journal: Where what is found goes.
  ///   - forges: What is asked.
  ///   - interval: How often a repository is looked at, by all workers on the journal together.
  ///   - clock: The present moment.
  ///   - tips: Tells where branches of a repository are now; those that are not there are left out.
  ///   - commands: Reads the commands in a comment.
  ///   - log: Takes one line on what was found or could not be asked.
  package init(
    journal: any JournalStore, forges: [ForgeName: any Forge], interval: Duration, clock: WallClock = .system,
    tips: @escaping @Sendable (ForgeRepository, Set<RefName>) async throws -> [RefName: ObjectID],
    commands: @escaping @Sendable (String) -> [CommentCommand.Word], log: @escaping @Sendable (String) -> Void
  ) {
    self.journal = journal
    self.forges = forges
    self.interval = interval
    self.clock = clock
    self.tips = tips
    self.commands = commands
    self.log = log
  }

  /// Whether an event was found by a sweep, and told by no delivery.
  static func hasFound(_ event: Event) -> Bool { event.id.hasPrefix(mark) }

  /// Looks at every repository once, but those that some worker has looked at within the interval or looks at now; what
  /// cannot be asked is left to the next sweep.
  ///
  /// No forge waits for another one.
  ///
  /// - Parameter afterAbsence: Whether nobody may have taken deliveries in since the last sweep: then nobody's turn
  ///   counts.
  /// - Returns: What was found, and what could not be read.
  /// - Throws: ``JournalError``.
  @discardableResult
  package func sweep(afterAbsence: Bool = false) async throws(JournalError) -> Sweep {
    let all = Dictionary(grouping: try await journal.forgeRepositories(), by: \.forge)
    let sweeps = await withTaskGroup(of: Result<Sweep, JournalError>.self) { group in
      for (name, repositories) in all {
        guard let forge = forges[name] else { continue }
        group.addTask { await sweep(repositories, forge, afterAbsence) }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    var whole = Sweep()
    for sweep in sweeps { whole.add(try sweep.get()) }
    return whole
  }

  private func sweep(
    _ repositories: [ForgeRepository], _ forge: any Forge, _ afterAbsence: Bool
  ) async -> Result<Sweep, JournalError> {
    var sweep = Sweep()
    for repository in repositories {
      do throws(JournalError) {
        try await take(repository, forge, afterAbsence, &sweep)
      } catch {
        return .failure(error)
      }
    }
    return .success(sweep)
  }

  /// Sweeps a repository where it is nobody else's turn.
  ///
  /// The turn lasts for an interval behind the last pull request, and nobody leaves it: so whoever comes within that time
  /// knows that it has been done, and of one who dies the next takes over when a sweep would have been due anyway. Where
  /// two are at it all the same, each thing is taken once, by its name.
  private func take(
    _ repository: ForgeRepository, _ forge: any Forge, _ afterAbsence: Bool, _ sweep: inout Sweep
  ) async throws(JournalError) {
    let turn = SweepTurn(
      thing: "sweep \(repository.name)", writer: RunID(random: .random(in: .min ... .max)).text)
    if let held = try await journal.takeTurn(at: turn.thing, by: turn.writer, for: interval), !afterAbsence {
      sweep.next = min(sweep.next ?? held, held)
      return
    }
    do {
      try await self.sweep(repository, forge, turn, &sweep)
    } catch {
      // Who is told to end leaves the rest to another worker at once, in a task that nobody has cancelled.
      let journal = journal
      if Task.isCancelled {
        await Task { try? await journal.leaveTurn(at: turn.thing, by: turn.writer) }.value
      }
      if let error = error as? JournalError { throw error }
      sweep.unread += 1
      log("\(repository.name) cannot be swept: \(error)")
    }
  }

  private func sweep(
    _ repository: ForgeRepository, _ forge: any Forge, _ turn: SweepTurn, _ sweep: inout Sweep
  ) async throws {
    let own = try await forge.account()
    let states = try await forge.openPullRequests(of: repository, into: nil)
    for state in states {
      // Where it took so long that another one has the turn by now, both go on: what is begun is soon done.
      _ = try await journal.takeTurn(at: turn.thing, by: turn.writer, for: interval)
      try await reading("#\(state.place.number) of \(repository.name)", &sweep) { sweep in
        try await look(at: state, own, forge, repository, &sweep)
      }
    }
    let bases = Set(states.map(\.base))
    guard !bases.isEmpty else { return }
    try await reading("where branches of \(repository.name) are", &sweep) { sweep in
      for (base, tip) in try await tips(repository, bases) {
        let update = RefUpdate(ref: base, old: .zero, new: tip)
        let name = Self.mark + "\(repository.name)/\(base.display)@\(tip.hex)"
        if try await take(name, .branch(update), nil, repository) { sweep.found += 1 }
      }
    }
  }

  /// Reads one part of a repository; where that fails, the others are read all the same.
  ///
  /// - Throws: what would fail for every other part too.
  private func reading(
    _ part: String, _ sweep: inout Sweep, _ body: (inout Sweep) async throws -> Void
  ) async throws {
    do {
      try await body(&sweep)
    } catch let error as JournalError {
      throw error
    } catch let error as ForgeError where [.limited, .unauthenticated, .cancelled].contains(error.code) {
      throw error
    } catch {
      if Task.isCancelled { throw error }
      sweep.unread += 1
      log("\(part) cannot be read: \(error)")
    }
  }

  private func look(
    at state: PullRequestState, _ own: ForgeActor, _ forge: any Forge, _ repository: ForgeRepository,
    _ sweep: inout Sweep
  ) async throws {
    let number = state.place.number
    let name = Self.mark + "\(repository.name)#\(number)@\(state.head.hex):\(state.base.display)"
    let draft = name + ":draft"
    let notice = ChangeNotice(action: try await action(for: state, draft: draft), number: number, head: state.head)
    if try await take(state.isDraft ? draft : name, .change(notice), nil, repository) { sweep.found += 1 }
    for comment in try await forge.comments(on: state.place) where comment.author?.id != own.id {
      guard comment.time.milliseconds > clock.now().milliseconds - Self.longestAge,
        let given = CommentCommand(
          number: number, words: commands(comment.body), comment: comment.id, thread: comment.thread)
      else { continue }
      let name = Self.mark + "\(repository.name)/comment-\(comment.id)"
      if try await take(name, .command(given), comment.author, repository) { sweep.found += 1 }
    }
  }

  /// What must have happened to a pull request that is found so: what nobody has attended to is new.
  private func action(for state: PullRequestState, draft: String) async throws -> ChangeNotice.Action {
    let lane = PullRequest.attendLane(ofNumber: state.place.number)
    let earlier = try await journal.runs(RunFilter(repository: state.place.repository.name, lane: lane, limit: 1))
    if earlier.isEmpty { return .opened }
    if !state.isDraft, try await journal.knowsEvent(named: draft) { return .ready }
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

/// A worker's turn to sweep a repository.
private struct SweepTurn: Sendable {
  var thing: String
  var writer: String
}

/// What came of a sweep.
package struct Sweep: Sendable, Hashable {
  /// How many reports were found that no delivery had told.
  package var found: Int
  /// How many pull requests and other parts could not be read.
  package var unread: Int
  /// How long it takes until a repository may be swept that was another worker's turn; `nil` where none was.
  package var next: Duration?

  package init(found: Int = 0, unread: Int = 0, next: Duration? = nil) {
    self.found = found
    self.unread = unread
    self.next = next
  }

  /// Whether it left something out.
  package var isPartial: Bool { unread > 0 }

  fileprivate mutating func add(_ other: Sweep) {
    found += other.found
    unread += other.unread
    next = [next, other.next].compactMap { $0 }.min()
  }
}
