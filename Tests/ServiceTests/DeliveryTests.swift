import Base
import TestForge
import TestSupport
import Testing

/// Deliveries that come in heaps, twice, in any order, or not at all.
@Suite(.enabled(if: ServiceScene.isPossible, "nginx-light and fcgiwrap are not installed"))
struct DeliveryTests {
  @Test(arguments: ForgeKind.allCases)
  func ofFifteenPushesTheLastIsReviewed(kind: ForgeKind) async throws {
    try await ServiceScene.play(kind) { scene in
      let number = try await scene.open("topic", .write("new.py", "x = 0\n"))
      try await scene.settled()
      let before = try await scene.runs("review", "clean")
      var heads: [ObjectID] = []
      for index in 1...15 { heads.append(try await scene.push("topic", .write("new.py", "x = \(index)\n"))) }
      let last = try #require(heads.last)
      #expect(try await scene.ended("review", at: last) == .success)
      try await scene.settled()
      #expect(try await scene.runs("review", "clean") == before + 1)
      for head in heads.dropLast() {
        for kind in ["review", "resolve"] { #expect(try await [nil, .neutral].contains(scene.check(kind, at: head))) }
      }
      #expect(try await scene.check("resolve", at: last) == .success)
      let summaries = try await scene.summaries(number)
      #expect(summaries.count == 1)
      #expect(summaries.first?.body.contains(last.short) == true)
    }
  }

  @Test(arguments: ForgeKind.allCases)
  func whatComesTwiceAndInAnyOrderIsDoneOnce(kind: ForgeKind) async throws {
    var setting = ServiceScene.Setting()
    setting.options.sendsHooks = false
    try await ServiceScene.play(kind, setting) { scene in
      var trouble = HookTrouble()
      (trouble.doubled, trouble.isShuffled, trouble.seed) = (1000, true, 7)
      scene.forge.setTrouble(trouble)
      let number = try await scene.open("topic", .write("new.py", "breakpoint()\n"))
      try await scene.push("topic", .write("new.py", "x = 1\nbreakpoint()\n"))
      let last = try await scene.push("topic", .write("new.py", "x = 2\nbreakpoint()\n"))
      let help = try await scene.comment(number, "/arborist help")
      await scene.forge.sendHooks()
      #expect(scene.forge.sent.count { $0.fate == "again" } >= 4)
      #expect(try await scene.ended("review", at: last) == .neutral)
      try await scene.settled()
      #expect(try await scene.findings(number).count == 1)
      #expect(try await scene.summaries(number).count == 1)
      #expect(try await scene.answers(number, to: help).count == 1)
      #expect(try await scene.runs("review", "findings") == 1)
      for hook in Set(scene.forge.sent.map(\.id)) { await scene.forge.redeliver(hook) }
      await scene.forge.sendHooks()
      try await scene.settled()
      #expect(try await scene.own(number).count == 3)
      #expect(try await scene.runs("review", "findings") == 1)
    }
  }

  @Test(arguments: ForgeKind.allCases)
  func whatWasLostIsFound(kind: ForgeKind) async throws {
    var setting = ServiceScene.Setting()
    setting.server = "sweep: 1\n"
    setting.files["package.json"] = "{\n  \"version\": \"1.0.0\"\n}\n"
    try await ServiceScene.play(kind, setting) { scene in
      // The repository is known by one delivery that came.
      let known = try await scene.open("known", .write("known.py", "x = 1\n"))
      #expect(try await scene.ended("review", at: scene.tip("known")) == .success)
      var trouble = HookTrouble()
      trouble.lost = 1000
      scene.forge.setTrouble(trouble)
      let number = try await scene.open(
        "topic", .write("new.py", "breakpoint()\n"), .write("package.json", "{\n  \"version\": \"1.1.0\"\n}\n"))
      let first = try scene.tip("topic")
      #expect(try await scene.ended("review", at: first) == .neutral)
      #expect(try await scene.ended("resolve", at: first) == .success)
      let second = try await scene.push("topic", .write("new.py", "x = 1\nbreakpoint()\n"))
      #expect(try await scene.ended("review", at: second) == .neutral)
      let help = try await scene.comment(number, "/arborist help")
      try await scene.until("the command is found") { try await !scene.answers(number, to: help).isEmpty }
      try await scene.push("main", .write("package.json", "{\n  \"version\": \"1.2.0\"\n}\n"))
      try await scene.until("the base is seen to have moved") {
        try scene.branches().contains { $0.hasPrefix("arborist/resolve/topic-") }
      }
      let again = try await scene.comment(known, "/arborist help")
      try await scene.until("the next sweep is over") { try await !scene.answers(known, to: again).isEmpty }
      try await scene.settled()
      #expect(try await scene.findings(number).count == 1)
      #expect(try await scene.summaries(number).count == 1)
      #expect(try await scene.answers(number, to: help).count == 1)
      #expect(scene.forge.sent.contains { $0.fate == "lost" })
    }
  }

  @Test func anOpeningThatWasLostIsTakenForOne() async throws {
    var setting = ServiceScene.Setting()
    setting.server = "sweep: 1\n"
    setting.configuration = "on: { opened: [review] }\n"
    try await ServiceScene.play(.gitea, setting) { scene in
      _ = try await scene.open("known", .write("known.py", "x = 1\n"))
      #expect(try await scene.ended("review", at: scene.tip("known")) == .success)
      var trouble = HookTrouble()
      trouble.lost = 1000
      scene.forge.setTrouble(trouble)
      let number = try await scene.open("topic", .write("new.py", "breakpoint()\n"))
      let first = try scene.tip("topic")
      #expect(try await scene.ended("review", at: first) == .neutral)
      // Control: what is no opening starts nothing here, found or told.
      let second = try await scene.push("topic", .write("new.py", "x = 1\nbreakpoint()\n"))
      let help = try await scene.comment(number, "/arborist help")
      try await scene.until("a later sweep is over") { try await !scene.answers(number, to: help).isEmpty }
      try await scene.settled()
      #expect(try await scene.check("review", at: second) == nil)
    }
  }
}
