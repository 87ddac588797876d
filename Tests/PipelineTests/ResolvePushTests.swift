import Base
import Forges
import Git
import Journal
import Pipeline
import TestSupport
import Testing
import Work

@Suite("A pushed branch that conflicts gets its merge, and goes nowhere it may not")
struct ResolvePushTests {
  let house: House

  init() throws { house = try House() }

  /// What the conflict's merge has to be.
  static let merged = Conflict.file(version: "1.3.0", imports: ["os", "pathlib", "re", "sys"])

  @Test("The merge goes to a branch beside, with both parents and every resolution named")
  func side() async throws {
    let conflict = try Conflict(in: house)
    let before = try house.references()
    try await house.work()
    #expect(try await house.verdict(.resolve) == .resolved, "\(house.lines)")
    #expect(try house.moved(since: before) == [conflict.side])
    let merge = try house.repository.id(conflict.side)
    #expect(
      try house.repository.git("show", "-s", "--format=%P", merge.hex) == "\(conflict.topic.hex) \(conflict.main.hex)")
    #expect(try house.repository.git("show", "\(merge.hex):app.py") + "\n" == Self.merged)
    #expect(
      try house.repository.git("show", "-s", "--format=%an <%ae> %cn <%ce>", merge.hex)
        == "Arborist <bot@example.com> Arborist <bot@example.com>")
    let message = try house.repository.git("show", "-s", "--format=%B", merge.hex)
    #expect(
      message
        == """
        Merge main into topic

        Arborist resolved 2 conflicts in 1 file of this merge. No test has confirmed the
        result: read it before you build on it.

        In app.py:
        - line 2: imports: all lines are imports, merged as a set: ours adds 1, theirs adds 1
        - line 13: version: both sides raise the version; ours, 1.3.0, is higher than 1.2.5
          without 1 line that a side added:
          - of theirs: __version__ = "1.2.5", because 1.2.5 gives way to the higher 1.3.0

        No model's answer is in this merge.

        """)
    #expect(try house.repository.git("fsck", "--no-dangling") == "")
    let comments = try house.descriptions(on: conflict.topic, containing: "conflicts with")
    #expect(comments.count == 1)
    #expect(comments.first?.contains("the merge is \(merge.short) on the branch arborist/resolve/topic-") == true)
  }

  @Test("`unverified: head` moves the branch itself, and that is a fast-forward")
  func head() async throws {
    let conflict = try Conflict(in: house, configuration: "unverified: head\n")
    let before = try house.references()
    try await house.work()
    #expect(try await house.verdict(.resolve) == .resolved, "\(house.lines)")
    #expect(try house.moved(since: before) == ["refs/heads/topic"])
    #expect(try house.repository.git("rev-parse", "topic^1") == conflict.topic.hex)
    #expect(try house.repository.git("rev-parse", "topic^2") == conflict.main.hex)
  }

  @Test("`unverified: report` only tells")
  func report() async throws {
    let conflict = try Conflict(in: house, configuration: "unverified: report\n")
    let before = try house.references()
    try await house.work()
    #expect(try await house.verdict(.resolve) == .resolved, "\(house.lines)")
    #expect(try house.moved(since: before) == [])
    #expect(try house.descriptions(on: conflict.topic, containing: "`unverified: report`").count == 1)
  }

  @Test("What cannot be resolved is named, and nothing is committed")
  func left() async throws {
    let body = { (value: Int) in Conflict.file(version: "1.2.0", imports: ["os", "sys"], body: "x = \(value)\n") }
    let conflict = try Conflict(in: house, ours: body(2), theirs: body(3))
    let before = try house.references()
    try await house.work()
    #expect(try await house.verdict(.resolve) == .conflicts)
    #expect(try house.moved(since: before) == [])
    let comments = try house.comments(on: conflict.topic).filter { $0.resolved == false }
    #expect(comments.count == 1)
    #expect(
      comments.first?.description
        == """
        topic conflicts with main (\(conflict.main.short)), and 1 conflict in 1 file left to a person. Nothing was committed.

        `app.py` (content)
        - lines 5 to 5: both sides changed these lines and no resolver is sure what is meant
        """)
    let merges = try house.repository.git("rev-list", "--all", "--merges")
    #expect(merges.isEmpty)
  }

  @Test("All or nothing: one hunk that is left keeps the resolved ones from being committed")
  func allOrNothing() async throws {
    let conflict = try Conflict(
      in: house, ours: Conflict.file(version: "1.3.0", imports: ["os", "sys"], body: "x = 2\n"),
      theirs: Conflict.file(version: "1.2.5", imports: ["os", "sys"], body: "x = 3\n"))
    let before = try house.references()
    try await house.work()
    #expect(try await house.verdict(.resolve) == .conflicts)
    #expect(try house.moved(since: before) == [])
    let comment = try #require(try house.descriptions(on: conflict.topic, containing: "left to a person").first)
    #expect(comment.contains("- line 12 could be resolved: "), "\(comment)")
  }

  @Test("A branch that git merges by itself, and one that has everything, get no merge", arguments: [false, true])
  func nothingToDo(_ isUpToDate: Bool) async throws {
    let root = try house.repository.commit("main", .write("a", "1\n"), .write("b", "1\n"))
    if !isUpToDate { try house.repository.commit("main", .write("b", "2\n")) }
    try house.push("topic", parents: [root], .write("a", "2\n"))
    let before = try house.references()
    try await house.work()
    #expect(try await house.verdict(.resolve) == (isUpToDate ? .upToDate : .mergeable))
    #expect(try house.moved(since: before) == [])
  }

  @Test("A rewritten branch gets a merge of its own; the first one stays")
  func rewritten() async throws {
    let conflict = try Conflict(in: house)
    try await house.work()
    let first = try house.repository.id(conflict.side)
    let again = try house.push(
      "topic", parents: [conflict.root], message: "Another way", .write("app.py", Conflict.ours))
    let before = try house.references()
    try await house.work()
    let second = "refs/heads/arborist/resolve/topic-\(again.short)"
    #expect(again != conflict.topic)
    #expect(try house.moved(since: before) == [second])
    #expect(try house.repository.id(conflict.side) == first)
    #expect(try await house.closings(.resolve).map(\.?.verdict) == [.resolved, .resolved])
  }

  @Test("The side branch and a head of Arborist's own are not resolved again")
  func own() async throws {
    let conflict = try Conflict(in: house)
    try await house.work()
    let merge = try house.repository.id(conflict.side)
    try house.repository.commit("main", .write("app.py", Conflict.file(version: "9.0.0", imports: ["abc"])))
    try house.repository.git("update-ref", "refs/heads/topic", merge.hex)
    let side = String(conflict.side.dropFirst("refs/heads/".count))
    try house.deliver((side, .zero, merge), ("topic", conflict.topic, merge))
    let before = try house.references()
    try await house.work()
    #expect(try await house.closings(.resolve).count == 1)
    #expect(try await house.closings(.review).count == 3)
    #expect(try house.moved(since: before) == [])
  }

  @Test("The same push delivered twice is one job; a deleted branch's jobs are superseded")
  func queue() async throws {
    let conflict = try Conflict(in: house)
    try house.deliver(("topic", conflict.root, conflict.topic))
    let before = try house.references()
    try await house.work()
    #expect(try await house.closings(.resolve).count == 1)
    #expect(try await house.closings(.review).count == 1)
    #expect(try house.moved(since: before) == [conflict.side])
    // Now both deliveries are there before the worker is.
    let old = try house.repository.id("topic")
    let new = try house.push("topic", .write("b", "1\n"))
    try house.repository.git("update-ref", "-d", "refs/heads/topic")
    try house.deliver(("topic", new, .zero))
    let then = try house.references()
    try await house.work()
    #expect(try house.moved(since: then) == [])
    #expect(try await house.closings(.resolve).count == 1, "\(old): a job that never ran has no run")
    #expect(try await house.pending().isEmpty)
  }
}
