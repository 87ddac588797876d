import Base
import TestForge
import TestSupport
import Testing

/// A pull request from its opening on, on each forge.
@Suite(.enabled(if: ServiceScene.isPossible, "nginx-light and fcgiwrap are not installed"))
struct ReviewCycleTests {
  @Test(arguments: ForgeKind.allCases)
  func aPullRequestIsReviewedAndFollowed(kind: ForgeKind) async throws {
    try await ServiceScene.play(kind) { scene in
      let number = try await scene.open(
        "topic",
        .write("app.py", ServiceScene.functions(changing: [2: "breakpoint()", 7: "breakpoint()"])))
      let first = try scene.tip("topic")
      #expect(try await scene.ended("review", at: first) == .neutral)
      #expect(try await scene.ended("resolve", at: first) == .success)
      try await scene.settled()
      let findings = try await scene.findings(number)
      #expect(findings.compactMap { $0.anchor?.line }.sorted() == [10, 30])
      #expect(findings.allSatisfy { $0.anchor?.path == "app.py" && $0.anchor?.commit == first.hex })
      #expect(try await scene.summaries(number).count == 1)

      // One is mended, the other moves with its line, and another one comes.
      var bodies = ServiceScene.functions(changing: [2: "return 2", 7: "breakpoint()", 9: "breakpoint()"])
      bodies = "import os\n\n\n" + bodies
      let second = try await scene.push("topic", .write("app.py", bodies))
      #expect(try await scene.ended("review", at: second) == .neutral)
      try await scene.settled()
      let after = try await scene.findings(number)
      #expect(after.count == 3)
      #expect(Set(after.map(\.id)).isSuperset(of: findings.map(\.id)))
      #expect(Set(after.map { ServiceScene.key($0) }).count == 3)
      let threads = try await scene.forge.threads(on: number, in: ServiceScene.path)
      let mended = try #require(findings.first { $0.anchor?.line == 10 })
      let standing = try #require(findings.first { $0.anchor?.line == 30 })
      #expect(threads.first { $0.id == mended.thread }?.isResolved == true)
      #expect(threads.first { $0.id == standing.thread }?.isResolved == false)
      let summaries = try await scene.summaries(number)
      #expect(summaries.count == 1)
      #expect(summaries.first?.body.contains(second.short) == true)

      // The same head again, though somebody asks: nothing is repeated.
      let asked = try await scene.comment(number, "/arborist review")
      try await scene.settled()
      #expect(try await scene.findings(number).map(\.id) == after.map(\.id))
      #expect(try await scene.summaries(number).map(\.id) == summaries.map(\.id))
      #expect(try await scene.answers(number, to: asked).count == 1)
    }
  }
}
