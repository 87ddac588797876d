import Base
import TestForge
import TestSupport
import Testing

/// What people ask for in comments.
@Suite(.enabled(if: ServiceScene.isPossible, "nginx-light and fcgiwrap are not installed"))
struct CommandTests {
  @Test(arguments: ForgeKind.allCases)
  func commandsAreAnsweredOnceAndObeyedFromWhoMayGiveThem(kind: ForgeKind) async throws {
    try await ServiceScene.play(kind) { scene in
      let number = try await scene.open("topic", .write("new.py", "def f():\n    return 1\n"))
      let head = try scene.tip("topic")
      #expect(try await scene.ended("review", at: head) == .success)
      try await scene.settled()

      // Everybody who reads may ask for help; all else is refused, once for each person.
      let help = try await scene.comment(number, by: "eve", "/arborist help")
      let refused = try await scene.comment(number, by: "eve", "Please:\n\n/arborist review")
      let again = try await scene.comment(number, by: "eve", "/arborist undo")
      try await scene.settled()
      #expect(try await scene.answers(number, to: help).count == 1)
      let polite = try await scene.own(number).filter { ServiceScene.key($0).hasPrefix("refused/") }
      #expect(polite.count == 1)
      #expect(polite.first?.body.split(separator: "\n").count == 2)
      #expect(polite.first?.body.contains("Thank you") == true)
      #expect(try await scene.answers(number, to: refused).isEmpty)
      #expect(try await scene.answers(number, to: again).isEmpty)
      let before = try await scene.forge.comments(on: number, in: ServiceScene.path).count

      // A quotation is no command, nor is what another program writes, where the forge tells it as one.
      _ = try await scene.forge.addAccount("robot", isBot: true)
      try await scene.forge.grant(.write, to: "robot", on: ServiceScene.path)
      _ = try await scene.comment(number, "> /arborist help")
      if kind == .github { _ = try await scene.comment(number, by: "robot", "/arborist help") }
      let unknown = try await scene.comment(number, "/arborist dance")
      let asked = try await scene.comment(number, "/arborist ask why?")
      let nothing = try await scene.comment(number, "/arborist stop")
      let undo = try await scene.comment(number, "/arborist undo")
      try await scene.settled()
      for (comment, words) in [
        (unknown, "no command `dance`"), (asked, "No model is configured"), (nothing, "Nothing is at work"),
        (undo, "nothing to take back"),
      ] {
        let answers = try await scene.answers(number, to: comment)
        #expect(answers.count == 1)
        #expect(answers.first?.body.contains(words) == true, "\(answers.map(\.body))")
      }
      let after = try await scene.forge.comments(on: number, in: ServiceScene.path).count
      #expect(after == before + (kind == .github ? 6 : 5) + 4)

      let review = try await scene.comment(number, "/arborist review")
      try await scene.settled()
      #expect(try await scene.answers(number, to: review).count == 1)
      #expect(try await scene.runs("review", "clean") == 2)

      // Several of one comment are obeyed, each with an answer.
      let several = try await scene.comment(number, "/arborist dance\n/arborist review\n/arborist ask\n")
      try await scene.settled()
      let keys = try await scene.own(number).map(ServiceScene.key).filter { $0.hasPrefix("answer/\(several)") }
      #expect(keys == ["answer/\(several)", "answer/\(several).2/begun", "answer/\(several).3"])
      #expect(try await scene.runs("review", "clean") == 3)
    }
  }

  @Test(arguments: ForgeKind.allCases)
  func workThatIsUnderWayIsStopped(kind: ForgeKind) async throws {
    var setting = ServiceScene.Setting()
    setting.server += "lease: 3\n"
    // The only one is busy with what is to be stopped.
    setting.workers = 1
    setting.configuration = "on: { opened: [review] }\n"
    try await ServiceScene.play(kind, setting) { scene in
      scene.forge.add(Fault(.held(done: true), method: "POST", path: scene.beginning))
      let number = try await scene.open("topic", .write("new.py", "def f():\n    breakpoint()\n"))
      let head = try scene.tip("topic")
      try await scene.isHeld()
      scene.forge.removeFaults()
      let stop = try await scene.comment(number, "/arborist stop")
      try await scene.until("the command is answered") { try await !scene.answers(number, to: stop).isEmpty }
      #expect(try await scene.answers(number, to: stop).first?.body.contains("Stopped") == true)
      scene.forge.release()
      try await scene.settled()
      // Where a slow machine lost the lease it is told behind the end of the job.
      #expect(try await scene.ended("review", at: head) == .neutral)
      #expect(try await scene.findings(number).isEmpty)
      #expect(try await scene.summaries(number).isEmpty)
      // It is looked at again where the pull request is opened again, and where somebody asks for it.
      try await scene.forge.close(number, in: ServiceScene.path, by: "ada")
      try await scene.settled()
      #expect(try await scene.findings(number).isEmpty)
      try await scene.forge.reopen(number, in: ServiceScene.path, by: "ada")
      try await scene.settled()
      #expect(try await scene.findings(number).count == 1)
      #expect(try await scene.runs("review", "findings") == 1)
      _ = try await scene.comment(number, "/arborist review")
      try await scene.settled()
      #expect(try await scene.findings(number).count == 1)
      #expect(try await scene.runs("review", "findings") == 2)
    }
  }

  @Test(arguments: ForgeKind.allCases)
  func whoeverCannotBeAskedAboutIsToldSoAndObeyedLater(kind: ForgeKind) async throws {
    var setting = ServiceScene.Setting()
    setting.configuration = "on: { opened: [review] }\n"
    try await ServiceScene.play(kind, setting) { scene in
      let number = try await scene.open("topic", .write("new.py", "def f():\n    return 1\n"))
      try await scene.settled()
      scene.forge.add(
        Fault(.status(503), method: "GET", path: kind == .gitlab ? "/members/all/" : "/collaborators/"))
      let first = try await scene.comment(number, "/arborist review")
      try await scene.settled()
      #expect(try await scene.runs("review", "clean") == 1)
      let own = try await scene.own(number).filter { ServiceScene.key($0).hasPrefix("unasked/") }
      #expect(own.count == 1)
      #expect(own.first?.body.contains("did not say") == true && own.first?.body.contains("try again") == true)
      #expect(try await scene.answers(number, to: first).isEmpty)
      scene.forge.removeFaults()
      let second = try await scene.comment(number, "/arborist review")
      try await scene.settled()
      #expect(try await scene.answers(number, to: second).first?.body.contains("begins") == true)
      #expect(try await scene.runs("review", "clean") == 2)
      // Nobody was told that he may not.
      #expect(try await scene.own(number).allSatisfy { !ServiceScene.key($0).hasPrefix("refused/") })
      // Control: who may not is told so.
      _ = try await scene.comment(number, by: "eve", "/arborist review")
      try await scene.settled()
      #expect(try await scene.own(number).count { ServiceScene.key($0).hasPrefix("refused/") } == 1)
    }
  }
}

extension ServiceScene {
  /// What the path holds of the call that says that work begins.
  var beginning: String { forge.kind == .github ? "/check-runs" : "/statuses/" }
}
