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

  @Test(arguments: ForgeKind.allCases)
  func whatTheServerLacksIsToldWithoutItsPathsAndOptions(kind: ForgeKind) async throws {
    var setting = ServiceScene.Setting()
    setting.configuration = """
      on: { opened: [review, resolve] }
      models:
        review: [anthropic/claude-opus-4-8, openai-chat/of-our-own]
        resolve: [openai-chat/of-our-own]
      """
    // One model has no key, and of the other nobody knows the price.
    setting.environment = ["OPENAI_API_KEY": "a-key-of-the-model", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"]
    try await ServiceScene.play(kind, setting) { scene in
      let base = try scene.tip("main")
      let number = try await scene.open(
        "topic", .write("app.py", ServiceScene.functions(changing: [2: "return 'ours'"])))
      let head = try scene.tip("topic")
      #expect(try await scene.ended("review", at: head) == .neutral)
      let asked = try await scene.comment(number, "/arborist ask why?")
      try await scene.settled()
      #expect(try scene.tip("main") == base)
      let answer = try #require(try await scene.answers(number, to: asked).first)
      var texts = try await scene.own(number).map(\.body)
      for status in try await scene.forge.statuses(at: head.hex) { texts.append("\(status)") }
      for check in try await scene.forge.checks(at: head.hex) { texts.append("\(check)") }
      #expect(texts.contains { $0.contains("no key for it is set up on the server") })
      #expect(texts.contains { $0.contains("knows no price of it") } && answer.body.contains("knows no price of it"))
      let hidden = ["prices.json", "--usd", "--model", "_API_KEY", "_BASE_URL", "127.0.0.1:9/", scene.directory.path]
      for text in texts {
        for word in hidden { #expect(!text.contains(word), "\(word): \(text)") }
      }
      // The control: whoever runs the server is told.
      let log = String(decoding: try Files.read(scene.directory.path + "/serve-1.log"), as: UTF8.self)
      for word in ["prices.json", "--usd", "ANTHROPIC_API_KEY"] { #expect(log.contains(word), "\(word)") }
    }
  }

  @Test(arguments: ForgeKind.allCases)
  func ofEqualLinesInOneFunctionTheOneThatIsMendedSettlesItsThread(kind: ForgeKind) async throws {
    try await ServiceScene.play(kind) { scene in
      func code(_ lines: String...) -> ServiceScene.Change {
        .write("new.py", "def f():\n" + lines.map { "    \($0)\n" }.joined())
      }
      let number = try await scene.open("topic", code("breakpoint()", "x = 1", "breakpoint()", "return x"))
      #expect(try await scene.ended("review", at: scene.tip("topic")) == .neutral)
      try await scene.settled()
      let findings = try await scene.findings(number)
      #expect(findings.compactMap { $0.anchor?.line }.sorted() == [2, 4])

      // The second is mended, and something is set in above the first.
      let second = try await scene.push("topic", code("y = 2", "breakpoint()", "x = 1", "x += y", "return x"))
      #expect(try await scene.ended("review", at: second) == .neutral)
      try await scene.settled()
      #expect(try await scene.findings(number).map(\.id) == findings.map(\.id))
      for finding in findings {
        let thread = try await scene.forge.threads(on: number, in: ServiceScene.path).first { $0.id == finding.thread }
        #expect(thread?.isResolved == (finding.anchor?.line == 4), "\(finding.anchor?.line ?? 0)")
      }

      // Then the first: the other one stays as it is.
      let third = try await scene.push("topic", code("y = 2", "x = 1", "x += y", "return x"))
      #expect(try await scene.ended("review", at: third) == .success)
      try await scene.settled()
      #expect(try await scene.findings(number).map(\.id) == findings.map(\.id))
      let threads = try await scene.forge.threads(on: number, in: ServiceScene.path)
      for finding in findings { #expect(threads.first { $0.id == finding.thread }?.isResolved == true) }
    }
  }
}
