import Base
import Broker
import Forges
import Journal
import JournalSQLite
import Pipeline
import Synchronization
import TestSupport
import Testing
import Work

/// A forge that keeps what checks were told, and fails as often as it is meant to.
private final class Board: Forge {
  let name = ForgeName.github
  let capabilities = ForgeCapabilities(
    hasChecks: true, hasNeutral: true, settlesThreads: true, answersThreads: true, hasSuggestions: true,
    reviewsAreWhole: true, checksAnchors: true, hasRanges: true)
  let longestRequest = Duration.seconds(90)
  private let told = Mutex<[CheckReport]>([])
  private let answers: Mutex<[Result<ForgeResult, ForgeError>]>

  /// - Parameter answers: What is answered first, before all goes well.
  init(_ answers: [Result<ForgeResult, ForgeError>] = []) { self.answers = Mutex(answers) }

  /// What checks were told, as far as it was carried out.
  var checks: [CheckReport] { told.withLock { $0 } }

  func account() async throws(ForgeError) -> ForgeActor { ForgeActor(id: 1, login: "bot", isBot: true) }

  func repository(_ repository: ForgeRepository) async throws(ForgeError) -> RepositoryState {
    guard let main = try? RefName("refs/heads/main") else { throw ForgeError(.malformed, "main") }
    return RepositoryState(
      repository: repository, defaultBranch: main, protected: [], gitAddress: "https://forge.test/ada/app.git")
  }

  func carryOut(
    _ effect: ForgeEffect, on place: ForgePlace, trial: EffectTrial
  ) async throws(ForgeError) -> ForgeResult {
    guard case .check(let check) = effect else { throw ForgeError(.malformed, "no check") }
    let answer = answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    if let answer { return try answer.get() }
    told.withLock { $0.append(check) }
    return .done("it says \(check.state.rawValue)")
  }

  private static let unused = ForgeError(.malformed, "nobody asks for this")
  func pullRequest(_ place: ForgePlace) async throws(ForgeError) -> PullRequestState { throw Self.unused }
  func openPullRequests(
    of repository: ForgeRepository, into base: RefName?
  ) async throws(ForgeError) -> [PullRequestState] { throw Self.unused }
  func closure(of branch: RefName, in repository: ForgeRepository) async throws(ForgeError) -> String? {
    throw Self.unused
  }
  func protection(of branch: RefName, in repository: ForgeRepository) async throws(ForgeError) -> BranchProtection {
    throw Self.unused
  }
  func permission(
    of actor: ForgeActor, on repository: ForgeRepository
  ) async throws(ForgeError) -> ForgePermission { throw Self.unused }
  func comments(on place: ForgePlace) async throws(ForgeError) -> [PostedComment] { throw Self.unused }
}

private struct NoMirrors: MirrorKeeping {
  func mirror(_ repository: ForgeRepository, numbers: [Int]) async throws(ForgeError) -> MirrorState {
    throw ForgeError(.unavailable, "there is no mirror")
  }
  func push(_ order: PushOrder) async throws(ForgeError) -> PushResult { .refused("there is no mirror") }
}

@Suite("Checks are written at by one at a time, and come to their end")
struct CheckTurnTests {
  let desk: Desk
  let place: ForgePlace

  init() throws {
    desk = try Desk()
    place = ForgePlace(
      repository: try #require(ForgeRepository(forge: .github, id: 7, path: "ada/app")), number: 3)
  }

  private func venue(_ forge: Board, _ journal: any JournalStore) -> ForgeVenue {
    ForgeVenue(
      forges: [.github: forge], mirrors: NoMirrors(), journal: journal, workDirectory: desk.directory.path,
      identity: House.bot)
  }

  private func review(head: UInt8 = 1, request: String = "") throws -> Job {
    let branch = try RefName("refs/heads/topic")
    return Job(
      kind: .review,
      pullRequest: PullRequest(
        repository: place.repository.name, branch: branch, base: try RefName("refs/heads/main"), forge: place),
      head: Fixed.commit(head), against: Fixed.commit(9), request: request, event: "e1",
      time: Timestamp(milliseconds: 1_600_000_000_000))
  }

  /// A run of the job that is under way.
  private func begin(_ job: Job, _ journal: any JournalStore, as number: UInt64 = 1) async throws -> (RunID, Claim) {
    _ = try await journal.accept(delivery: "begin \(number)", events: [], jobs: [job])
    let claimed = try #require(try await journal.take())
    let run = RunID(random: number)
    try await journal.startRun(run, of: claimed)
    return (run, claimed.claim)
  }

  /// Does the jobs that wait, once each.
  private func work(_ venue: ForgeVenue, _ journal: any JournalStore) async throws -> [Closing?] {
    var closings: [Closing?] = []
    while let claimed = try await journal.take() {
      let machine = RunMachine(journal: journal, venue: venue, clock: desk.clock.clock, log: { _ in })
      closings.append(try await machine.perform(claimed))
    }
    return closings
  }

  @Test("Where the forge is up, a run that ends tells its check at once, and nothing is left to do")
  func toldAtOnce() async throws {
    let (journal, forge) = (try await desk.open(), Board())
    let (run, claim) = try await begin(try review(), journal)
    let closing = Closing(verdict: .superseded, summary: "#3 moved on")
    await venue(forge, journal).tell(closing, of: try review(), run: run)
    try await journal.finish(run, closing, under: claim)
    #expect(forge.checks.map(\.state) == [.neutral])
    #expect(try await journal.pending(limit: 9).isEmpty)
  }

  @Test("Where the forge is down, the check is told its end when it is up again", arguments: [1, 3])
  func toldLater(failures: Int) async throws {
    let journal = try await desk.open()
    let forge = Board(Array(repeating: .failure(ForgeError(.unavailable, "502")), count: failures))
    let venue = venue(forge, journal)
    let (run, claim) = try await begin(try review(), journal)
    let closing = Closing(verdict: .failed, summary: "It did not work.")
    await venue.tell(closing, of: try review(), run: run)
    // Attended to before the run has ended, it waits.
    #expect(try await work(venue, journal) == [nil])
    try await journal.finish(run, closing, under: claim)
    for _ in 0..<8 where forge.checks.isEmpty {
      desk.clock.advance(milliseconds: 3_600_000)
      _ = try await work(venue, journal)
    }
    #expect(forge.checks.map(\.state) == [.failure])
    #expect(forge.checks.first?.summary.contains("It did not work.") == true)
    #expect(try await journal.pending(limit: 9).isEmpty)
  }

  @Test("A check whose run was followed by another one is left to that one")
  func leftToTheNext() async throws {
    let journal = try await desk.open()
    let forge = Board([.failure(ForgeError(.unavailable, "502"))])
    let venue = venue(forge, journal)
    let (run, claim) = try await begin(try review(), journal)
    let closing = Closing(verdict: .failed, summary: "It did not work.")
    await venue.tell(closing, of: try review(), run: run)
    try await journal.finish(run, closing, under: claim)
    let attending = try #require(try await journal.take())
    try await journal.release(attending.claim, .handedBack)
    desk.clock.advance(milliseconds: 60_000)
    let again = try review(request: "comment-5")
    _ = try await journal.accept(delivery: "again", events: [], jobs: [again])
    var next: ClaimedJob?
    while let claimed = try await journal.take() {
      if claimed.job.kind == .review {
        next = claimed
      } else {
        try await journal.release(claimed.claim, .postponed(notBefore: desk.clock.clock.now().adding(.seconds(60))))
      }
    }
    try await journal.startRun(RunID(random: 2), of: try #require(next))
    desk.clock.advance(milliseconds: 3_600_000)
    _ = try await work(venue, journal)
    #expect(forge.checks.isEmpty)
  }

  @Test("Where a request of somebody who died may still arrive, nothing is written before it cannot any more")
  func waitsForTheDead() async throws {
    let (journal, forge) = (try await desk.open(), Board())
    let venue = venue(forge, journal)
    // The forge does not say whether it has carried out what it was asked.
    let dying = Board([.failure(ForgeError(.cancelled, "killed"))])
    let check = CheckReport(
      name: "arborist/review", head: Fixed.commit(1), state: .pending, title: "Begun", summary: "Begun")
    await #expect(throws: ForgeError.self) { try await self.venue(dying, journal).report(check, on: self.place, dying) }
    let refusal = await #expect(throws: ForgeError.self) { try await venue.report(check, on: self.place, forge) }
    #expect(refusal?.code == .unavailable && (refusal?.retryAfter ?? 0) > 60 && forge.checks.isEmpty)
    // Another check, and the same one at another commit, is free.
    var other = check
    other.head = Fixed.commit(2)
    _ = try await venue.report(other, on: place, forge)
    #expect(forge.checks == [other])
    desk.clock.advance(milliseconds: 121_000)
    _ = try await venue.report(check, on: place, forge)
    #expect(forge.checks == [other, check])
  }

  @Test(
    "What was certainly not carried out is waited for by nobody",
    arguments: [ForgeError.Code.limited, .unauthenticated])
  func nothingSent(code: ForgeError.Code) async throws {
    let journal = try await desk.open()
    let forge = Board([.failure(ForgeError(code, "no")), .success(.unfinished), .success(.unfinished)])
    let venue = venue(forge, journal)
    let check = CheckReport(
      name: "arborist/review", head: Fixed.commit(1), state: .success, title: "Good", summary: "All of it")
    await #expect(throws: ForgeError.self) { try await venue.report(check, on: self.place, forge) }
    // A try whose time for writing was over goes on in another one.
    _ = try await venue.report(check, on: place, forge)
    #expect(forge.checks == [check])
  }

  @Test("A check ends without its reason where that must not leave; one that begins does not begin")
  func withheld() async throws {
    let journal = try await desk.open()
    let forge = Board([.failure(ForgeError(.withheld, "a secret"))])
    let check = CheckReport(
      name: "arborist/review", head: Fixed.commit(1), state: .neutral, title: "Ended", summary: "because of S3CRET")
    _ = try await venue(forge, journal).report(check, on: place, forge)
    #expect(forge.checks.map(\.summary) == ["Ended"])
    let other = Board([.failure(ForgeError(.withheld, "a secret"))])
    var begun = check
    begun.state = .pending
    await #expect(throws: ForgeError.self) { try await self.venue(other, journal).report(begun, on: self.place, other) }
  }
}

extension CheckTurnTests {
  @Test("A late end does not stand over what a later run has told, or tells", arguments: [true, false])
  func lateEnd(isFinished: Bool) async throws {
    let journal = try await desk.open()
    let forge = Board([.failure(ForgeError(.unavailable, "502"))])
    let venue = venue(forge, journal)
    let (run, claim) = try await begin(try review(), journal)
    let closing = Closing(verdict: .superseded, summary: "#3 moved on")
    await venue.tell(closing, of: try review(), run: run)
    try await journal.finish(run, closing, under: claim)
    // The end is decided on, and the forge is away when it is to be told.
    let machine = RunMachine(journal: journal, venue: venue, clock: desk.clock.clock, log: { _ in })
    let attending = try #require(try await journal.claim(worker: Fixed.worker, leaseSeconds: 60, of: .reports))
    desk.clock.advance(milliseconds: 1)
    let later = Job(
      kind: .review, pullRequest: try review().pullRequest, head: Fixed.commit(1), against: Fixed.commit(9),
      request: "comment-9", event: "e1", time: desk.clock.clock.now())
    let (again, claimed) = try await begin(later, journal, as: 2)
    if isFinished { try await journal.finish(again, Closing(verdict: .failed, summary: "No."), under: claimed) }
    let end = try await machine.perform(attending)
    #expect(forge.checks.isEmpty)
    // Of one that is under way nobody knows yet whether it is the one that is meant.
    #expect((end != nil) == isFinished)
  }
}
