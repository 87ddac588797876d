import Base
import Git
import Pipeline
import TestSupport
import Testing
import Work

@Suite("Whoever takes a merge back is told what git makes of that")
struct UndoneMergeTests {
  @Test("A merge is seen below a repair, and a repair alone is none")
  func isThere() throws {
    let there = try TestRepository(bare: true)
    let start = try there.commit("main", parents: [], changes: [.write("a", "1\n")])
    let base = try there.commit("main", parents: [start], changes: [.write("b", "1\n")])
    let topic = try there.commit("topic", parents: [start], changes: [.write("a", "2\n")])
    let merge = try there.commit("topic", parents: [topic, base], changes: [.write("b", "1\n")])
    let repaired = try there.commit("topic", parents: [merge], changes: [.write("a", "3\n")])
    let repository = try Repository.openBare(at: there.path)
    func isThere(_ head: ObjectID, _ before: ObjectID) throws -> Bool {
      try UndoneMerge.isThere(try job(head, before), in: repository)
    }
    #expect(try isThere(merge, topic))
    #expect(try isThere(repaired, topic))
    // The controls: the merge was there before, or there is none.
    #expect(try !isThere(repaired, merge))
    #expect(try !isThere(topic, start))
    let words = UndoneMerge.warning(of: try job(merge, topic), takenBackBy: repaired)
    #expect(words.contains("git revert \(repaired.short)") && words.contains(topic.short))
  }

  private func job(_ head: ObjectID, _ before: ObjectID) throws -> Job {
    Job(
      kind: .undo,
      pullRequest: PullRequest(
        repository: "/there", branch: try RefName("refs/heads/topic"), base: try RefName("refs/heads/main")),
      head: head, against: before, event: "", time: Timestamp(milliseconds: 0))
  }
}
