import Base
import TestForge
import TestSupport
import Testing

/// A service that ends or is killed in the middle of its work, and the one that comes after it.
@Suite(.enabled(if: ServiceScene.isPossible, "nginx-light and fcgiwrap are not installed"))
struct EndTests {
  private static func setting(_ more: String) -> ServiceScene.Setting {
    var setting = ServiceScene.Setting()
    setting.configuration = "on: { opened: [review] }\n"
    setting.server += more
    return setting
  }

  /// Looks whether all of a review is there, once.
  private func expectOneReview(
    _ scene: ServiceScene, _ number: Int, answers: Int = 0, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let head = try scene.tip("topic")
    #expect(try await scene.ended("review", at: head) == .neutral, sourceLocation: sourceLocation)
    try await scene.settled()
    #expect(try await scene.findings(number).count == 1, sourceLocation: sourceLocation)
    #expect(try await scene.summaries(number).count == 1, sourceLocation: sourceLocation)
    #expect(try await scene.own(number).count == 2 + answers, sourceLocation: sourceLocation)
    let checks = try await scene.forge.checks(at: head.hex)
    #expect(checks.count == (scene.forge.kind == .github ? 1 : 0), sourceLocation: sourceLocation)
    #expect(scene.forge.writes["comment", default: 0] == 1 + 2 * answers, sourceLocation: sourceLocation)
  }

  @Test(arguments: ForgeKind.allCases)
  func whatWasGivenBackIsFinishedByTheNext(kind: ForgeKind) async throws {
    // A lease that nobody waits for: what is not given back stays.
    try await ServiceScene.play(kind, Self.setting("lease: 3600\n")) { scene in
      scene.forge.add(Fault(.held(done: true), method: "POST", path: scene.beginning))
      let number = try await scene.open("topic", .write("new.py", "breakpoint()\n"))
      try await scene.isHeld()
      scene.forge.removeFaults()
      #expect(try await scene.stop() == 0)
      scene.forge.release()
      #expect(try await scene.findings(number).isEmpty)
      try await scene.start()
      try await expectOneReview(scene, number)
    }
  }

  @Test(arguments: ForgeKind.allCases)
  func whatADeadOneHadIsFinishedByTheNext(kind: ForgeKind) async throws {
    try await ServiceScene.play(kind, Self.setting("lease: 3\n")) { scene in
      scene.forge.add(Fault(.held(done: true), method: "POST", path: scene.beginning))
      let number = try await scene.open("topic", .write("new.py", "breakpoint()\n"))
      try await scene.isHeld()
      scene.forge.removeFaults()
      await scene.kill()
      scene.forge.release()
      #expect(try await scene.findings(number).isEmpty)
      try await scene.start()
      try await expectOneReview(scene, number)
    }
  }

  @Test(arguments: ForgeKind.allCases)
  func nothingIsLostWhileTheForgeIsDown(kind: ForgeKind) async throws {
    try await ServiceScene.play(kind, Self.setting("")) { scene in
      scene.forge.add(Fault(.status(502), path: kind == .gitlab ? "/api" : "/"))
      let number = try await scene.open("topic", .write("new.py", "breakpoint()\n"))
      let help = try await scene.comment(number, "/arborist help")
      try await scene.until("the forge was asked again and again") { scene.forge.calls.count >= 5 }
      scene.forge.removeFaults()
      scene.forge.add(Fault(.closed, path: kind == .gitlab ? "/api" : "/"))
      let calls = scene.forge.calls.count
      try await scene.until("the forge was asked again") { scene.forge.calls.count >= calls + 2 }
      #expect(try await scene.own(number).isEmpty)
      scene.forge.removeFaults()
      try await expectOneReview(scene, number, answers: 1)
      #expect(try await scene.answers(number, to: help).count == 1)
    }
  }

  @Test(arguments: [ForgeKind.github, .gitea])
  func nothingIsLostWhereNobodyListens(kind: ForgeKind) async throws {
    var setting = Self.setting("")
    setting.configuration = "on: { opened: [review], updated: [review] }\n"
    setting.hasDoor = true
    // A write that was cut off is tried again once the forge cannot be at it any more.
    setting.forge = ", longestRequest: 3"
    try await ServiceScene.play(kind, setting) { scene in
      let door = try #require(scene.door)
      let number = try await scene.open("topic", .write("new.py", "breakpoint()\n"))
      let help = try await scene.comment(number, "/arborist help")
      try await scene.until("both are put off") { scene.logLines(with: "it goes on later") >= 2 }
      #expect(scene.forge.calls.isEmpty)
      door.set(.open)
      try await expectOneReview(scene, number, answers: 1)
      #expect(try await scene.answers(number, to: help).count == 1)

      // A forge that takes connections and never says anything, and is gone then, in the middle of the work.
      scene.forge.add(Fault(.held(done: true), method: "POST", path: scene.beginning))
      let head = try await scene.push("topic", .write("new.py", "x = 1\nbreakpoint()\n\n\n\n\n\n\nbreakpoint()\n"))
      try await scene.isHeld()
      door.set(.silent)
      scene.forge.removeFaults()
      scene.forge.release()
      try await scene.until("nobody answers") { door.waiting > 0 }
      let late = try await scene.comment(number, "/arborist help")
      await scene.forge.hooksAreSent()
      let putOff = scene.logLines(with: "it goes on later")
      door.set(.closed)
      try await scene.until("the work is put off") { scene.logLines(with: "it goes on later") > putOff }
      #expect(try await scene.findings(number).count == 1)
      door.set(.open)
      #expect(try await scene.ended("review", at: head) == .neutral)
      try await scene.settled()
      #expect(try await scene.findings(number).count == 2)
      #expect(try await scene.summaries(number).count == 1)
      try await scene.until("the late command is answered") { try await !scene.answers(number, to: late).isEmpty }
      #expect(try await scene.answers(number, to: late).count == 1)
      #expect(try await scene.own(number).count == 5)
    }
  }
}
