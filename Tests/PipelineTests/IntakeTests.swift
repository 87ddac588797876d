import Base
import Git
import Pipeline
import TestSupport
import Testing
import Work

@Suite("A delivery becomes events and jobs, read off the repository as it is now")
struct IntakeTests {
  let repository: TestRepository

  init() throws { repository = try TestRepository(bare: true) }

  private func plan(
    _ updates: [(ref: String, new: ObjectID)], recorded: [String] = []
  ) async throws -> Intake.Plan {
    let location = repository.path
    let source = try await RepositoryActor.open { () throws(GitError) in try Repository.openBare(at: location) }
    let intake = Intake(source, location: location, identity: House.bot, recorded: try recorded.map { try RefName($0) })
    let delivery = Delivery(
      repository: Array(location.utf8), actor: Array("a\u{1B}da".utf8), time: Timestamp(seconds: 7),
      updates: try updates.map { RefUpdate(ref: try RefName($0.ref), old: .zero, new: $0.new) })
    return try await intake.plan(delivery, named: "d")
  }

  @Test("A failed check counts for the commit where the branch still is")
  func failedCheck() async throws {
    let root = try repository.commit(
      "main", .write(".arborist.yml", "on: { failed: [fix] }\n"), .write("a", "1\n"))
    let checked = try repository.commit("one", parents: [root], .write("b", "1\n"))
    func plan() async throws -> Intake.Plan {
      let location = repository.path
      let source = try await RepositoryActor.open { () throws(GitError) in try Repository.openBare(at: location) }
      let failure = CheckFailure(branch: try RefName("refs/heads/one"), head: checked, check: "")
      let delivery = Delivery(
        repository: Array(location.utf8), actor: [], time: Timestamp(seconds: 7), updates: [], failures: [failure])
      return try await Intake(source, location: location, identity: House.bot, recorded: []).plan(delivery, named: "d")
    }
    let first = try await plan()
    #expect(first.jobs.map(\.kind) == [.fix] && first.jobs.map(\.head) == [checked] && first.ignored == [])
    #expect(first.events.map(\.id) == ["d#0"])
    try repository.commit("one", .write("b", "2\n"))
    let later = try await plan()
    #expect(
      later.jobs == [] && later.ignored == ["a failed check of one at \(checked.short): the branch is elsewhere by now"]
    )
    try repository.git("update-ref", "-d", "refs/heads/one")
    #expect(try await plan().jobs == [])
  }

  private func bot(_ branch: String, on parent: ObjectID) throws -> ObjectID {
    let tree = try repository.git("rev-parse", "\(parent.hex)^{tree}")
    let id = try repository.git(
      "commit-tree", tree, "-p", parent.hex, "-m", "by the bot",
      adding: ["GIT_COMMITTER_EMAIL": "bot@example.com"])
    try repository.git("update-ref", "refs/heads/\(branch)", id)
    return try repository.id(branch)
  }

  @Test("Every update of a push is an event, and each feature branch gets its jobs")
  func wholePush() async throws {
    let root = try repository.commit("main", .write("a", "1\n"))
    let tip = try repository.commit("main", .write("a", "2\n"))
    let one = try repository.commit("one", parents: [root], .write("b", "1\n"))
    let own = try bot("two", on: root)
    try repository.git("tag", "v1", root.hex)
    let plan = try await plan([
      ("refs/heads/main", tip), ("refs/heads/one", one), ("refs/heads/two", own), ("refs/tags/v1", root),
      ("refs/heads/gone", .zero), ("refs/heads/lost", Fixed.commit(7)),
    ])
    #expect(plan.events.map(\.id) == (0..<6).map { "d#\($0)" })
    #expect(plan.events.allSatisfy { $0.actor == #"a\u{1B}da"# && $0.repository == repository.path })
    #expect(plan.jobs.map(\.kind) == [.review, .resolve, .review])
    #expect(plan.jobs.map(\.head) == [one, one, own])
    #expect(plan.jobs.map(\.against) == [root, tip, root])
    #expect(plan.jobs.map(\.event) == ["d#1", "d#1", "d#2"])
    #expect(
      plan.ignored == [
        "main is the base",
        "resolve of two: Arborist made this head itself", "refs/tags/v1 is not a branch", "gone was deleted",
        "lost at 07070707 is no longer in the repository",
      ])
  }

  @Test("A repository whose base has no commit, and a branch that shares none with it")
  func withoutAncestor() async throws {
    let alone = try repository.commit("topic", parents: [], .write("a", "1\n"))
    let unborn = try await plan([("refs/heads/topic", alone)])
    #expect(unborn.jobs.isEmpty && unborn.ignored == ["the base main has no commit yet"])
    let main = try repository.commit("main", parents: [], .write("b", "1\n"))
    let unrelated = try await plan([("refs/heads/topic", alone)])
    #expect(unrelated.jobs.map(\.against) == [.zero, main])
  }

  @Test("A branch that `init` recorded stays closed when HEAD has moved away from it")
  func recorded() async throws {
    let root = try repository.commit("main", .write("a", "1\n"))
    let trunk = try repository.commit("trunk", parents: [root], .write("a", "2\n"))
    let open = try await plan([("refs/heads/trunk", trunk)])
    #expect(open.jobs.count == 2)
    let closed = try await plan([("refs/heads/trunk", trunk)], recorded: ["refs/heads/trunk"])
    #expect(closed.jobs.isEmpty && closed.ignored.count == 1)
  }

  @Test("A broken configuration plans the jobs, so that their runs say what is wrong")
  func brokenConfiguration() async throws {
    let root = try repository.commit("main", .write(".arborist.yml", "on: [\n"))
    let topic = try repository.commit("topic", parents: [root], .write("b", "1\n"))
    let plan = try await plan([("refs/heads/topic", topic)])
    #expect(plan.jobs.map(\.kind) == [.review, .resolve])
  }

  @Test("A push of what is no commit, and a repository with a detached HEAD, stop nobody's delivery")
  func oddities() async throws {
    let root = try repository.commit("main", .write("a", "1\n"))
    let topic = try repository.commit("topic", parents: [root], .write("b", "1\n"))
    let blob = try repository.id("main:a")
    try repository.git("update-ref", "refs/tags/blob", blob.hex)
    let plan = try await plan([("refs/tags/blob", blob), ("refs/heads/topic", topic)])
    #expect(plan.jobs.count == 2)
    try repository.git("update-ref", "--no-deref", "HEAD", root.hex)
    let detached = try await self.plan([("refs/heads/topic", topic), ("refs/heads/topic", topic)])
    #expect(detached.jobs.isEmpty && detached.ignored.count == 2)
  }
}
