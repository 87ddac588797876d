import Base
import ScriptedModel
import TestForge
import TestSupport
import Testing

/// A check that fails, and what becomes of the branch.
@Suite(.enabled(if: ServiceScene.isPossible, "nginx-light and fcgiwrap are not installed"))
struct FixCycleTests {
  static let good = "def add(a, b):\n    return a + b\n"
  static let bad = "def add(a, b):\n    return a - b\n"
  static let check = """
    import unittest
    from calc import add


    class Calc(unittest.TestCase):
        def test_add(self):
            self.assertEqual(add(1, 2), 3)

    """

  /// Repairs, each time that it is asked anew.
  static func repair(saying words: String = "It adds now.") -> Scenario {
    let turns = [
      Turn(text: "I mend it.", calls: [.edit(path: "calc.py", old: "    return a - b", new: "    return a + b")]),
      Turn(text: words),
    ]
    return Scenario(turns: (0..<6).flatMap { _ in turns })
  }

  static func setting(_ scenario: Scenario?, key: String = "a-key-of-the-model") throws -> ServiceScene.Setting {
    var setting = ServiceScene.Setting()
    setting.configuration = """
      on: { opened: [review], updated: [review], failed: [fix] }
      test: python3 -B -m unittest -v
      \(scenario == nil ? "" : "models: { fix: openai/gpt-5.5 }")

      """
    setting.files = ["calc.py": good, "test_calc.py": check]
    // The forge tells of statuses by events.
    if let scenario { setting.ask(try ScriptedModel.start(scenario), key: key) }
    return setting
  }

  @Test(arguments: [ForgeKind.github, .gitea])
  func aFailingCheckIsRepairedOnTheBranchAndTwiceAtMost(kind: ForgeKind) async throws {
    try await ServiceScene.play(kind, try Self.setting(Self.repair())) { scene in
      let number = try await scene.open("topic", .write("calc.py", Self.bad))
      try await scene.settled()
      for round in 1...3 {
        let head = try scene.tip("topic")
        try await scene.fail(at: head)
        // Repeated reports of one head are one failure.
        try await scene.fail("other", at: head)
        try await scene.settled()
        let after = try scene.tip("topic")
        #expect((after != head) == (round < 3), "round \(round)")
        #expect(try await scene.check("fix", at: head) == (round < 3 ? .success : .neutral), "round \(round)")
        let summary = try #require(try await scene.summaries(number).first?.body)
        #expect(summary.contains("The repair is") == (round < 3), "round \(round)")
        // What it changes is there to be read, once, and as a patch where it is not pushed any more.
        #expect(summary.ranges(of: "+    return a + b").count == 1, "round \(round)")
        #expect(summary.contains("as a patch") == (round == 3), "round \(round)")
        guard after != head else { break }
        #expect(try scene.git.git("show", "\(after.hex):calc.py").contains("return a + b"))
        #expect(try scene.git.id("topic~1") == head)
        // What Arborist itself pushed is reviewed and never repaired.
        try await scene.fail(at: after)
        try await scene.settled()
        #expect(try scene.tip("topic") == after)
        // The check says what was verified; no other repair was begun.
        #expect(try await scene.check("fix", at: after) == .success)
        #expect(try await scene.check("review", at: after) == .success)
        try await scene.push("topic", .write("calc.py", Self.bad + "# \(round)\n"))
        try await scene.settled()
      }
    }
  }

  @Test func aRepairThatTheForgeRefusesIsToldAsAPatchHoweverOftenTheServiceDies() async throws {
    var setting = try Self.setting(Self.repair())
    setting.server += "lease: 3\n"
    setting.forge = ", longestRequest: 6"
    try await ServiceScene.play(.gitea, setting) { scene in
      _ = try scene.refusePushes(to: "topic")
      let number = try await scene.open("topic", .write("calc.py", Self.bad))
      try await scene.settled()
      let head = try scene.tip("topic")
      // The first thing that is written once the push was refused.
      scene.forge.add(Fault(.held(done: true), method: "PATCH", path: "/comments/"))
      try await scene.fail(at: head)
      try await scene.isHeld()
      await scene.kill()
      scene.forge.removeFaults()
      scene.forge.release()
      try await scene.start()
      try await scene.settled()
      #expect(try scene.tip("topic") == head)
      #expect(try await scene.check("fix", at: head) == .neutral)
      #expect(try await scene.summaries(number).count == 1)
      let summary = try #require(try await scene.summaries(number).first?.body)
      #expect(summary.contains("The push to `topic` was refused") && summary.contains("no merges today"))
      #expect(summary.contains("-    return a - b\n+    return a + b"))
    }
  }

  @Test func withoutAModelTheCulpritIsToldAndTakenBackBeside() async throws {
    try await ServiceScene.play(.gitea, try Self.setting(nil)) { scene in
      let number = try await scene.open("topic", .write("calc.py", Self.bad))
      try await scene.settled()
      let head = try scene.tip("topic")
      try await scene.fail(at: head)
      try await scene.settled()
      #expect(try scene.tip("topic") == head)
      let beside = try scene.tip("arborist/fix/topic-\(head.short)")
      #expect(try scene.git.git("show", "\(beside.hex):calc.py") + "\n" == Self.good)
      #expect(try await scene.check("fix", at: head) == .failure)
      let summary = try #require(try await scene.summaries(number).first?.body)
      #expect(summary.contains("`calc.py` line 2") && summary.contains("First bad commit: `\(head.short)`"))
    }
  }

  @Test(arguments: ForkCase.allCases)
  func aForkGetsAPushOnlyWhereItIsAllowedAndElseAPatch(fork: ForkCase) async throws {
    try await ServiceScene.play(.gitea, try Self.setting(Self.repair())) { scene in
      let there = try await scene.forge.addRepository("eve/app", isPrivate: false, forkOf: ServiceScene.path)
      let repository = TestRepository(existing: there.directory, bare: true, in: scene.directory)
      let main = try scene.tip("main")
      try repository.git("fetch", "--quiet", scene.git.path, "main")
      try repository.git("update-ref", "refs/heads/main", main.hex)
      let head = try repository.commit(
        fork.branch, parents: [main], message: "Break it", changes: [.write("calc.py", Self.bad)])
      let number = try await scene.forge.openPullRequest(
        in: ServiceScene.path, from: fork.branch, fork: "eve/app", by: "eve", allowsMaintainers: fork != .refused
      ).number
      try await scene.settled()
      try await scene.fail(at: head)
      try await scene.settled()
      let after = try repository.id("refs/heads/\(fork.branch)")
      #expect((after != head) == (fork == .allowed))
      #expect(try await scene.check("fix", at: head) == (fork == .allowed ? .success : .neutral))
      let summary = try await scene.summaries(number).first?.body
      #expect(summary?.ranges(of: "+    return a + b").count == 1)
      #expect(summary?.contains("as a patch") == (fork != .allowed))
      // Nothing else moved, here or there.
      #expect(try scene.branches() == ["main"] && scene.tip("main") == main)
      #expect(fork == .main ? true : try repository.id("refs/heads/main") == main)
    }
  }

  enum ForkCase: String, CaseIterable {
    case allowed, refused
    /// The fork's own main branch, which its owner lets maintainers push to.
    case main

    var branch: String { self == .main ? "main" : "topic" }
  }
}

extension ServiceScene {
  /// Has somebody report that a check failed.
  func fail(_ check: String = "ci/test", at head: ObjectID) async throws {
    try await forge.report(check: check, at: head.hex, in: Self.path, by: "max", state: "failure", title: "red")
  }
}
