import Base
import TestForge
import TestSupport
import Testing

/// A service that is killed while something is written on the forge.
///
/// Whoever comes after it cannot know whether that was done, and each of it is there once in the end.
@Suite(.enabled(if: ServiceScene.isPossible, "nginx-light and fcgiwrap are not installed"))
struct DeathTests {
  private static func setting() -> ServiceScene.Setting {
    var setting = ServiceScene.Setting()
    setting.server += "lease: 3\n"
    setting.forge = ", longestRequest: 6"
    return setting
  }

  /// Kills the service once a call is held, and starts another one.
  private func kill(_ scene: ServiceScene, done isDone: Bool, _ method: String, _ path: String) async throws {
    let held = scene.forge.calls.count { $0.fault?.hasSuffix("held") == true }
    scene.forge.add(Fault(.held(done: isDone), method: method, path: path))
    if scene.service.withLock({ $0 }) == nil { try await scene.start() }
    try await scene.isHeld(held + 1)
    scene.forge.removeFaults()
    await scene.kill()
    scene.forge.release()
  }

  @Test(arguments: ForgeKind.allCases)
  func commentsAreThereOnce(kind: ForgeKind) async throws {
    var setting = Self.setting()
    setting.configuration = "on: { opened: [review] }\n"
    try await ServiceScene.play(kind, setting) { scene in
      let (lines, whole) =
        switch kind {
        case .github: ("/pulls/1/reviews", "/issues/1/comments")
        case .gitlab: ("/discussions", "/notes")
        case .gitea: ("/pulls/1/reviews", "/issues/1/comments")
        }
      let hold = Task {
        try await kill(scene, done: true, "POST", lines)
      }
      try await scene.until("the fault is set") { scene.forge.hasFaults }
      let number = try await scene.open("topic", .write("new.py", "breakpoint()\nx = 1\n\n\n\n\n\n\n\nbreakpoint()\n"))
      let head = try scene.tip("topic")
      try await hold.value
      try await kill(scene, done: false, "POST", whole)
      try await kill(scene, done: true, "POST", whole)
      #expect(try await scene.summaries(number).count == 1)
      try await scene.start()
      #expect(try await scene.ended("review", at: head) == .neutral)
      try await scene.settled()
      #expect(try await scene.findings(number).count == 2)
      #expect(try await scene.summaries(number).count == 1)
      #expect(try await scene.own(number).count == 3)
      #expect(try await scene.forge.checks(at: head.hex).count == (kind == .github ? 1 : 0))
    }
  }

  @Test(arguments: ForgeKind.allCases)
  func aMergeIsPushedOnce(kind: ForgeKind) async throws {
    var setting = Self.setting()
    setting.configuration = "on: { opened: [resolve], updated: [resolve] }\nunverified: head\n"
    setting.files["package.json"] = "{\n  \"version\": \"1.0.0\"\n}\n"
    try await ServiceScene.play(kind, setting) { scene in
      let base = try scene.tip("main")
      let main = try scene.git.commit("main", .write("package.json", "{\n  \"version\": \"1.2.0\"\n}\n"))
      let head = try scene.git.commit(
        "topic", parents: [base], .write("package.json", "{\n  \"version\": \"1.1.0\"\n}\n"))
      let hold = Task {
        try await kill(scene, done: false, "GIT", "git-receive-pack")
      }
      try await scene.until("the fault is set") { scene.forge.hasFaults }
      let number = try await scene.forge.openPullRequest(in: ServiceScene.path, from: "topic", by: "ada").number
      try await hold.value
      #expect(try scene.tip("topic") == head)
      try await kill(scene, done: true, "GIT", "received")
      let merge = try scene.tip("topic")
      #expect(try scene.git.git("rev-list", "--parents", "-n1", merge.hex) == "\(merge.hex) \(head.hex) \(main.hex)")
      try await scene.start()
      #expect(try await scene.ended("resolve", at: head) == .success)
      try await scene.settled()
      #expect(try scene.tip("topic") == merge)
      #expect(try scene.tip("main") == main)
      #expect(try scene.branches() == ["main", "topic"])
      #expect(try await scene.summaries(number).count == 1)
    }
  }

  @Test(arguments: ForgeKind.allCases)
  func allIsThereOnceThoughTheForgeFailsNowAndThen(kind: ForgeKind) async throws {
    try await ServiceScene.play(kind, Self.setting()) { scene in
      for (seed, kind) in [Fault.Kind.storedButBadGateway, .storedButClosed, .storedLater(milliseconds: 300)]
        .enumerated()
      {
        for method in ["POST", "PUT", "PATCH"] {
          scene.forge.add(Fault(kind, method: method, rate: 150, seed: UInt64(seed + 5)))
        }
      }
      scene.forge.add(Fault(.status(503), method: "GET", rate: 50, seed: 9))
      let number = try await scene.open(
        "topic", .write("new.py", "def f():\n    breakpoint()\n\n\ndef g():\n    breakpoint()\n"))
      let help = try await scene.comment(number, "/arborist help")
      try await scene.settled()
      let head = try await scene.push(
        "topic", .write("new.py", "def f():\n    breakpoint()\n\n\ndef g():\n    return 1\n"))
      try await scene.settled()
      #expect(scene.forge.calls.contains { $0.fault != nil && $0.method != "GET" })
      #expect(try await scene.check("review", at: head) == .neutral)
      #expect(try await scene.check("resolve", at: head) == .success)
      #expect(try await scene.findings(number).count == 2)
      #expect(try await scene.summaries(number).count == 1)
      #expect(try await scene.answers(number, to: help).count == 1)
      #expect(try await scene.own(number).count == 4)
      #expect(try await scene.forge.threads(on: number, in: ServiceScene.path).count { $0.isResolved } == 1)
    }
  }
}
