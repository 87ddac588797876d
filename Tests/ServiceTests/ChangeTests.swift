import Base
import TestForge
import TestSupport
import Testing

/// What becomes of a pull request besides pushes to it.
@Suite(.enabled(if: ServiceScene.isPossible, "nginx-light and fcgiwrap are not installed"))
struct ChangeTests {
  @Test(arguments: ForgeKind.allCases)
  func draftsWaitAndClosedOnesAreLeftAlone(kind: ForgeKind) async throws {
    var setting = ServiceScene.Setting()
    setting.server += "lease: 3\n"
    try await ServiceScene.play(kind, setting) { scene in
      // A draft waits until it is ready.
      try scene.git.commit("topic", parents: [scene.tip("main")], .write("new.py", "breakpoint()\n"))
      let number = try await scene.forge.openPullRequest(
        in: ServiceScene.path, from: "topic", by: "ada", isDraft: true
      ).number
      try await scene.settled()
      let first = try scene.tip("topic")
      #expect(try await scene.check("review", at: first) == nil)
      #expect(try await scene.own(number).isEmpty)
      try await scene.forge.draft(number, in: ServiceScene.path, by: "ada", false)
      #expect(try await scene.ended("review", at: first) == .neutral)
      try await scene.settled()
      #expect(try await scene.findings(number).count == 1)

      // Work on one that is closed meanwhile says no more than that it ended.
      scene.forge.add(Fault(.held(done: true), method: "POST", path: scene.beginning))
      let second = try await scene.push("topic", .write("new.py", "breakpoint()\nx = 1\n\n\n\n\n\nbreakpoint()\n"))
      try await scene.isHeld()
      scene.forge.removeFaults()
      try await scene.forge.close(number, in: ServiceScene.path, by: "ada")
      await scene.forge.hooksAreSent()
      scene.forge.release()
      try await scene.settled()
      #expect(try await scene.ended("review", at: second) == .neutral)
      #expect(try await scene.findings(number).count == 1)
      let asked = try await scene.comment(number, "/arborist review")
      try await scene.settled()
      #expect(try await scene.answers(number, to: asked).first?.body.contains("closed") == true)
      // Control: it is taken up where it is opened again.
      try await scene.forge.reopen(number, in: ServiceScene.path, by: "ada")
      try await scene.settled()
      #expect(try await scene.findings(number).count == 2)
      #expect(try await scene.summaries(number).count == 1)
    }
  }

  @Test(arguments: ForgeKind.allCases)
  func anotherBaseAndARewrittenBranchAreLookedAtAnew(kind: ForgeKind) async throws {
    try await ServiceScene.play(kind) { scene in
      let main = try scene.tip("main")
      try scene.git.commit("next", parents: [main], .write("next.py", "n = 1\n"))
      let number = try await scene.open(
        "topic", .write("new.py", "x = 1\nbreakpoint()\n"), .write("next.py", "n = 2\n"))
      let first = try scene.tip("topic")
      #expect(try await scene.ended("resolve", at: first) == .success)
      try await scene.settled()
      let finding = try #require(try await scene.findings(number).first)
      try await scene.forge.retarget(number, in: ServiceScene.path, by: "ada", to: "next")
      try await scene.settled()
      #expect(try await scene.check("resolve", at: first) == .failure)
      #expect(try await scene.summaries(number).count == 1)
      #expect(try await scene.findings(number).map(\.id) == [finding.id])

      // The same change on another commit: the thread follows it.
      let tip = try scene.tip("next")
      let second = try scene.git.commit("other", parents: [tip], .write("new.py", "a = 1\nx = 1\nbreakpoint()\n"))
      try scene.git.git("update-ref", "refs/heads/topic", second.hex)
      try await scene.forge.pushed(ServiceScene.path, "topic", from: first.hex, by: "ada")
      #expect(try await scene.ended("resolve", at: second) == .success)
      try await scene.settled()
      #expect(try await scene.findings(number).map(\.id) == [finding.id])
      #expect(try await scene.forge.threads(on: number, in: ServiceScene.path).allSatisfy { !$0.isResolved })
      #expect(try await scene.summaries(number).first?.body.contains(second.short) == true)
    }
  }

  @Test(arguments: ForgeKind.allCases)
  func aThreadThatAPersonSettledStaysSettled(kind: ForgeKind) async throws {
    var setting = ServiceScene.Setting()
    // Gitea tells nothing of what is written on lines; it is found.
    if kind == .gitea { setting.server = "sweep: 1\n" }
    try await ServiceScene.play(kind, setting) { scene in
      let number = try await scene.open("topic", .write("new.py", "x = 1\nbreakpoint()\n"))
      #expect(try await scene.ended("review", at: scene.tip("topic")) == .neutral)
      try await scene.settled()
      let finding = try #require(try await scene.findings(number).first)
      try await scene.forge.settle(try #require(finding.thread), by: "ada")
      // Somebody writes below it, which is no command.
      _ = try await scene.forge.reply(to: finding.id, by: "max", "That is on purpose.")
      let second = try await scene.push("topic", .write("new.py", "y = 1\nx = 1\nbreakpoint()\n"))
      #expect(try await scene.ended("review", at: second) == .neutral)
      try await scene.settled()
      #expect(try await scene.findings(number).map(\.id) == [finding.id])
      let thread = try await scene.forge.threads(on: number, in: ServiceScene.path).first { $0.id == finding.thread }
      #expect(thread?.isResolved == true)
      // In its thread a command is answered.
      let help = try await scene.forge.reply(to: finding.id, by: "max", "/arborist help")
      try await scene.until("the command is answered") { try await !scene.answers(number, to: help.id).isEmpty }
      try await scene.settled()
      let answers = try await scene.answers(number, to: help.id)
      #expect(answers.count == 1)
      #expect(answers.first?.thread == finding.thread)
    }
  }

  @Test(arguments: ForgeKind.allCases)
  func aConfigurationThatCannotBeReadIsTold(kind: ForgeKind) async throws {
    var setting = ServiceScene.Setting()
    setting.configuration = "unverifid: head\n"
    try await ServiceScene.play(kind, setting) { scene in
      let number = try await scene.open("topic", .write("new.py", "x = 1\n"))
      let head = try scene.tip("topic")
      #expect(try await scene.ended("review", at: head) == .failure)
      try await scene.settled()
      #expect(try await scene.summaries(number).first?.body.contains("unverified") == true)
      // Once it is mended, the next push is reviewed as ever.
      try await scene.push("main", .write(".arborist.yml", "on: { opened: [review], updated: [review] }\n"))
      let second = try await scene.push("topic", .write("new.py", "x = 2\n"))
      #expect(try await scene.ended("review", at: second) == .success)
      try await scene.settled()
      #expect(try await scene.summaries(number).count == 1)
    }
  }

  @Test func aCheckIsDoneAgainWhereSomebodyAsks() async throws {
    try await ServiceScene.play(.github) { scene in
      let number = try await scene.open("topic", .write("new.py", "breakpoint()\n"))
      let head = try scene.tip("topic")
      #expect(try await scene.ended("review", at: head) == .neutral)
      try await scene.settled()
      let check = try #require(
        try await scene.forge.checks(at: head.hex).first { $0.name == "arborist/review" })
      #expect(try await scene.runs("review", "findings") == 1)
      try await scene.forge.rerequest(check.id, by: "ada")
      try await scene.settled()
      #expect(try await scene.runs("review", "findings") == 2)
      #expect(try await scene.check("review", at: head) == .neutral)
      #expect(try await scene.findings(number).count == 1)
      #expect(try await scene.summaries(number).count == 1)
    }
  }

  @Test func withATokenGitHubIsTalkedToByStatuses() async throws {
    var setting = ServiceScene.Setting()
    setting.isApp = false
    try await ServiceScene.play(.github, setting) { scene in
      let number = try await scene.open("topic", .write("new.py", "x = 1\n"))
      let head = try scene.tip("topic")
      #expect(try await scene.ended("review", at: head) == .success)
      #expect(try await scene.ended("resolve", at: head) == .success)
      let second = try await scene.push("topic", .write("new.py", "breakpoint()\n"))
      try await scene.settled()
      let status = try await scene.forge.statuses(at: second.hex).last { $0.context == "arborist/review" }
      #expect(status?.state != "success" && status != nil)
      #expect(try await scene.findings(number).count == 1)
      #expect(try await scene.summaries(number).count == 1)
    }
  }
}
