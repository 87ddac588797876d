import Base
import Journal
import Pipeline
import TestSupport
import Testing
import Work

@Suite("Only the default branch says how the repository wants to be treated")
struct TrustTests {
  let house: House

  init() throws { house = try House() }

  /// Settings each of which changes what is written.
  private static let settings = [
    "unverified: head\n", "unverified: report\n", "'on': {push: []}\n", "protect: [topic]\n", "base: topic\n",
    "broken: [\n",
  ]

  @Test("A configuration on the feature branch changes nothing", arguments: settings)
  func onFeature(_ text: String) async throws {
    let root = try house.repository.commit("main", .write("app.py", Conflict.base))
    let main = try house.repository.commit("main", .write("app.py", Conflict.theirs))
    let topic = try house.push(
      "topic", parents: [root], .write("app.py", Conflict.ours), .write(".arborist.yml", text))
    let before = try house.references()
    try await house.work()
    #expect(try await house.verdict(.resolve) == .resolved, "\(house.lines)")
    #expect(try house.moved(since: before) == ["refs/heads/arborist/resolve/topic-\(topic.short)"])
    // That it was touched is told: the file is protected.
    #expect(try house.descriptions(on: topic, containing: "[protected-path ").count == 1, "\(main)")
  }

  @Test("The same configuration on main changes what is written", arguments: settings)
  func control(_ text: String) async throws {
    let conflict = try Conflict(in: house, configuration: text)
    let before = try house.references()
    try await house.work()
    #expect(try house.moved(since: before) != [conflict.side])
  }

  @Test("A configuration that cannot be read fails the run, in words that say where")
  func broken() async throws {
    let conflict = try Conflict(in: house, configuration: "unverified: sideways\n")
    let before = try house.references()
    try await house.work()
    // A comment says so, and nothing else is written.
    #expect(try house.moved(since: before) == [])
    #expect(try house.references()["refs/notes/devtools/discuss"] != nil)
    for kind in [JobKind.review, .resolve] {
      let closing = try #require(try await house.closings(kind).last ?? nil)
      #expect(closing.verdict == .failed)
      #expect(closing.summary.contains(".arborist.yml") && closing.summary.contains("sideways"), "\(closing)")
      #expect(!closing.summary.contains("\n"))
    }
    // Mended, the next push is worked on.
    try house.repository.commit("main", .write(".arborist.yml", "unverified: side\n"))
    try house.push("topic", .write("b", "1\n"))
    try await house.work()
    #expect(try await house.verdict(.review) != .failed, "\(conflict.root)")
  }

  @Test("Another base than the default branch is merged where main's configuration names it")
  func otherBase() async throws {
    let root = try house.repository.commit(
      "main", .write("app.py", Conflict.base), .write(".arborist.yml", "base: dev\n"))
    try house.repository.git("branch", "dev", root.hex)
    let dev = try house.repository.commit("dev", .write("app.py", Conflict.theirs))
    let topic = try house.push("topic", parents: [root], .write("app.py", Conflict.ours))
    try house.push("dev", .write("z", "1\n"))
    let tip = try house.repository.id("dev")
    try await house.work()
    let merge = try house.repository.git("rev-parse", "arborist/resolve/topic-\(topic.short)^2")
    #expect(merge == tip.hex, "\(dev)")
    // The base itself starts nothing.
    #expect(try await house.closings(.resolve).count == 1)
  }

  @Test("A protected base with a file of its own, which names no base, stays the base")
  func protectedBase() async throws {
    let root = try house.repository.commit(
      "main", .write("app.py", Conflict.base), .write(".arborist.yml", "base: dev\nprotect: [dev]\n"))
    try house.repository.git("branch", "dev", root.hex)
    try house.repository.commit(
      "dev", .write("app.py", Conflict.theirs), .write(".arborist.yml", "unverified: side\n"))
    let topic = try house.push("topic", parents: [root], .write("app.py", Conflict.ours))
    try await house.work()
    #expect(try await house.verdict(.resolve) == .resolved)
    #expect(try house.descriptions(on: topic, containing: "topic conflicts with dev").count == 1)
    #expect(try house.descriptions(on: topic, containing: "conflicts with main").isEmpty)
  }
}
