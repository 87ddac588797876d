import Base
import HTTP
import TestForge
import TestSupport
import Testing

/// Two forges that one service listens and speaks to.
@Suite(.enabled(if: ServiceScene.isPossible, "nginx-light and fcgiwrap are not installed"))
struct TwoForgesTests {
  @Test func eachGetsItsOwn() async throws {
    let setting = MergeCycleTests.setting("unverified: head\n")
    try await ServiceScene.play(.github, setting, and: .gitea, setting) { one, other in
      // The same repository, pull request and commit on both.
      let changes: [ServiceScene.Change] = [
        MergeCycleTests.package("1.1.0"), .write("new.py", "x = 1\nbreakpoint()\n"),
      ]
      var numbers: [Int] = []
      for scene in [one, other] {
        try scene.git.commit("topic", parents: [scene.tip("main")], message: "Change it", changes: changes)
        numbers.append(
          try await scene.forge.openPullRequest(in: ServiceScene.path, from: "topic", by: "ada").number)
      }
      let head = try one.tip("topic")
      #expect(try other.tip("topic") == head && numbers == [1, 1])
      for scene in [one, other] {
        #expect(try await scene.ended("review", at: head) == .neutral)
        #expect(try await scene.ended("resolve", at: head) == .success)
        try await scene.settled()
      }
      for scene in [one, other] {
        #expect(try await scene.findings(1).map { $0.anchor?.line } == [2])
        #expect(try await scene.summaries(1).count == 1)
        #expect(try await scene.own(1).count == 2)
        #expect(Set(scene.forge.calls.map(\.caller)).isSubset(of: [scene.login, "app:arborist", "nobody", ""]))
      }

      // What is asked for on one, and what changes there, is nothing to the other.
      let help = try await other.comment(1, "/arborist help")
      let base = try await one.push("main", MergeCycleTests.package("1.2.0"))
      for scene in [one, other] { try await scene.settled() }
      #expect(try await other.answers(1, to: help).count == 1)
      #expect(try await one.own(1).count == 2)
      let merge = try one.tip("topic")
      #expect(try one.git.git("rev-list", "--parents", "-n1", merge.hex) == "\(merge.hex) \(head.hex) \(base.hex)")
      #expect(one.forge.writes["push"] == 1)
      #expect(other.forge.writes["push"] == nil)
      #expect(try other.tip("topic") == head)
      #expect(try other.branches() == ["main", "topic"])
      #expect(try await one.check("resolve", at: head) == .success)
      #expect(try await other.own(1).count == 3)

      // Nobody signs for the other.
      let delivery = try #require(other.forge.sent.last)
      #expect(try await one.deliver(delivery, to: "/webhooks/gitea").head.status == 202)
      // It has GitHub's headers as well, and without its own is signed with another secret.
      #expect(try await one.deliver(delivery, to: "/webhooks/github").head.status == 400)
      let bare = try await one.deliver(delivery, to: "/webhooks/github") { name in
        name.hasPrefix("X-Gitea") || name.hasPrefix("X-Gogs")
      }
      #expect(bare.head.status == 401)
    }
  }

  /// Each has a head of its own: of one that is the same, one check at a time is written.
  private static func change(_ index: Int) -> ServiceScene.Change { .write("n\(index).py", "breakpoint()\n") }

  @Test(arguments: [Doorway.State.closed, .silent])
  func oneThatIsAwayDoesNotHoldTheOtherUp(state: Doorway.State) async throws {
    var setting = ServiceScene.Setting()
    setting.configuration = "on: { opened: [review], updated: [review] }\n"
    var away = setting
    away.hasDoor = true
    // A write that was cut off is tried again once the forge cannot be at it any more.
    away.forge = ", longestRequest: 3"
    try await ServiceScene.play(.github, setting, and: .gitea, away) { here, there in
      let door = try #require(there.door)
      // Once it is known, so that there is work to be done for it and not only reports.
      door.set(.open)
      let known = try await there.open("known", .write("known.py", "breakpoint()\n"))
      try await there.settled()
      there.forge.add(Fault(.held(done: true), method: "POST", path: there.beginning))
      var numbers: [Int] = []
      for index in 0..<2 { numbers.append(try await there.open("t\(index)", Self.change(index))) }
      try await there.isHeld(2)
      door.set(state)
      there.forge.removeFaults()
      there.forge.release()
      for index in 2..<6 { numbers.append(try await there.open("t\(index)", Self.change(index))) }
      await there.forge.hooksAreSent()
      let later = there.logLines(with: "it goes on later")
      try await there.until("nobody is there") {
        state == .silent ? door.waiting > 0 : there.logLines(with: "it goes on later") > later + 3
      }

      let number = try await here.open("topic", .write("new.py", "breakpoint()\n"))
      let help = try await here.comment(number, "/arborist help")
      #expect(try await here.ended("review", at: here.tip("topic")) == .neutral)
      try await here.until("the command is answered") { try await !here.answers(number, to: help).isEmpty }
      for number in numbers { #expect(try await there.own(number).map(\.body) == []) }
      door.set(.open)
      for scene in [there, here] { try await scene.settled() }
      #expect(try await here.own(number).count == 3)
      for number in numbers + [known] {
        #expect(try await there.findings(number).count == 1)
        #expect(try await there.own(number).count == 2)
      }
    }
  }
}

extension ServiceScene {
  /// The name that Arborist writes under.
  fileprivate var login: String { forge.kind == .github && setting.isApp ? "arborist[bot]" : "bot" }

  /// Sends a delivery once more, to a path of the service.
  fileprivate func deliver(
    _ hook: SentHook, to path: String, without isLeftAway: (String) -> Bool = { _ in false }
  ) async throws -> HTTPResponse {
    guard let port = service.withLock({ $0?.port }), port > 0 else { throw ServiceFailure("no service runs") }
    var request = HTTPRequest(.post, "http://127.0.0.1:\(port)\(path)")
    request.headers = hook.headers.filter { !isLeftAway($0.key) }.map { HTTPHeader($0.key, $0.value) }
    request.body = hook.body
    return try await client.send(request)
  }
}
