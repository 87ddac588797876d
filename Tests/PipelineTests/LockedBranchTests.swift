import Base
import FileSystem
import Git
import Journal
import Synchronization
import TestSupport
import Testing
import Work

@testable import Pipeline

@Suite("Somebody else's lock is waited for and left alone; one that our dead left is nobody's")
struct LockedBranchTests {
  let directory: TemporaryDirectory
  let repository: TestRepository
  let head: ObjectID

  init() throws {
    directory = try TemporaryDirectory()
    repository = try TestRepository(named: "tree", in: directory)
    let root = try repository.commit("main", parents: [], changes: [.write("file", "one\n")])
    head = try repository.commit("topic", parents: [root], .write("file", "two\n"))
    try repository.git("checkout", "--quiet", "--force", "main")
  }

  private var lock: String { repository.path + "/.git/refs/heads/topic.lock" }

  /// Moves the branch by a commit; what is done in each pause is said, and none is waited for.
  private func land(_ pausing: @escaping @Sendable (Int) -> Void) async throws -> (LandingOutcome, ObjectID) {
    var request = HandRequest(repository: repository.path)
    request.branch = "topic"
    var local = try await LocalBranch.read(request, to: "test")
    let count = Mutex(0)
    local.patience.sleep = { _ in
      pausing(
        count.withLock { count in
          count += 1
          return count
        })
    }
    let (path, objects, head) = (directory.path + "/private", local.objects, head)
    let actor = try await RepositoryActor.open { () throws(GitError) in
      try PrivateRepository.create(at: path, borrowing: [objects])
    }
    let signature = Signature(name: "Bot", email: "bot@example.com", time: Timestamp(seconds: 1_700_000_100))
    let commit = try await actor.perform { repository throws(GitError) in
      try repository.writeCommit(
        tree: repository.tree(of: head), parents: [head], author: signature, committer: signature,
        message: Array("next\n".utf8))
    }
    return (try await local.land(commit, onto: local.branch, from: head, in: actor), commit)
  }

  @Test("A lock that goes away meanwhile costs some pauses")
  func isWaitedFor() async throws {
    try Files.write([], to: lock)
    let pauses = Mutex(0)
    let lock = lock
    let (outcome, commit) = try await land { number in
      pauses.withLock { $0 = number }
      if number == 3 { Files.remove(lock) }
    }
    #expect(outcome == .landed)
    #expect(pauses.withLock { $0 } == 3)
    #expect(try repository.id("topic") == commit)
  }

  @Test("A lock that stays is told in one line that says what to do, and is still there")
  func isTold() async throws {
    try Files.write([], to: lock)
    let pauses = Mutex(0)
    do {
      _ = try await land { number in pauses.withLock { $0 = number } }
      Issue.record("the branch moved under somebody else's lock")
    } catch let error as LandingError {
      #expect(
        error.description == "cannot move 'refs/heads/topic': another process holds its lock; try again, and if no git "
          + "runs there, remove '\(lock)'")
    }
    #expect(pauses.withLock { $0 } == LockPatience().pauses.count)
    #expect(Files.exists(lock))
    #expect(try repository.id("topic") == head)
  }

  @Test("A lock that a killed process left costs no pause")
  func isRemoved() async throws {
    try Files.write(Array("\(head.hex)\n".utf8), to: lock, mode: 0o1644)
    let pauses = Mutex(0)
    let (outcome, commit) = try await land { number in pauses.withLock { $0 = number } }
    #expect(outcome == .landed && pauses.withLock { $0 } == 0)
    #expect(try repository.id("topic") == commit)
    #expect(!Files.exists(lock))
  }

  @Test("A worker goes on over what a killed one left on a branch and on the notes")
  func worker() async throws {
    let house = try House()
    let conflict = try Conflict(in: house)
    let refs = [conflict.side, "refs/notes/devtools/discuss", "refs/notes/devtools/reviews"]
    for ref in refs {
      try Files.write(
        Array("\(conflict.main.hex)\n".utf8), to: "\(house.repository.path)/\(ref).lock", mode: 0o1644)
    }
    try await house.work()
    #expect(try await house.closings(.resolve).map(\.?.verdict) == [.resolved])
    #expect(try house.repository.id(conflict.side) != conflict.topic)
    #expect(try house.note(.reviews, of: conflict.topic).count == 1)
    for ref in refs { #expect(!Files.exists("\(house.repository.path)/\(ref).lock")) }
    #expect(!house.lines.contains { $0.contains("tried again") })
  }
}
