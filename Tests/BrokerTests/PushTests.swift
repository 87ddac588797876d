import Base
import Broker
import Forges
import Git
import Glibc
import TestSupport
import Testing
import Work

@Suite("A push moves one branch from one place, where it may, and once")
struct PushTests {
  @Test("A commit is pushed, and pushed again it is there already")
  func pushes() async throws {
    let scene = try await Scene()
    _ = try await scene.broker.mirror(scene.repository)
    let work = try scene.work()
    #expect(try await scene.broker.push(scene.order(work)) == .pushed)
    #expect(try scene.there.id("feature") == work.1)
    #expect(try scene.there.git("fsck", "--no-dangling") == "")
    #expect(try await scene.broker.push(scene.order(work)) == .alreadyThere)
    // The same work done anew makes the same commit.
    let again = try scene.work("again")
    #expect(again.1 == work.1)
    #expect(try await scene.broker.push(scene.order(again)) == .alreadyThere)
    #expect(try scene.there.id("main") == scene.base)
  }

  @Test("A person's push in between wins")
  func raced() async throws {
    let scene = try await Scene()
    _ = try await scene.broker.mirror(scene.repository)
    let work = try scene.work()
    let person = try scene.there.commit("feature", .write("person", "1\n"))
    #expect(try await scene.broker.push(scene.order(work)) == .raced(actual: person))
    #expect(try scene.there.id("feature") == person)
  }

  @Test("A hook's refusal is handed on with its words, and a person who is quicker than the push is seen")
  func refused() async throws {
    let scene = try await Scene()
    _ = try await scene.broker.mirror(scene.repository)
    let work = try scene.work()
    let hook = scene.there.path + "/hooks/pre-receive"
    try Files.write("#!/bin/sh\necho 'protected by policy 7' >&2\nexit 1\n".utf8, to: hook, mode: 0o755)
    guard case .refused(let words) = try await scene.broker.push(scene.order(work)) else {
      Issue.record("not refused")
      return
    }
    #expect(words.contains("hook declined") && words.contains("protected by policy 7"), "\(words)")
    #expect(try scene.there.id("feature") == scene.base)
    // The person's push comes after the references were named.
    let person = try scene.there.commit("person", parents: [scene.base], .write("person", "1\n"))
    try Files.write(
      "#!/bin/sh\nunset GIT_QUARANTINE_PATH\ngit update-ref refs/heads/feature \(person.hex)\n".utf8, to: hook,
      mode: 0o755)
    #expect(try await scene.broker.push(scene.order(work)) == .raced(actual: person))
    Files.remove(hook)
    try scene.there.git("update-ref", "refs/heads/feature", scene.base.hex)
    #expect(try await scene.broker.push(scene.order(work)) == .pushed)
  }

  @Test("A fork's branch is moved in the fork, and only where it is allowed")
  func forks() async throws {
    let scene = try await Scene()
    _ = try await scene.broker.mirror(scene.repository)
    let work = try scene.work()
    guard case .refused(let words) = try await scene.broker.push(scene.order(work, number: 6)) else {
      Issue.record("not refused")
      return
    }
    #expect(words.contains("does not let"))
    #expect(try await scene.broker.push(scene.order(work, number: 5)) == .pushed)
    #expect(try scene.fork.id("feature") == work.1)
    #expect(try scene.there.id("feature") == scene.base)
  }

  @Test("A branch beside is made once and never moved")
  func beside() async throws {
    let scene = try await Scene()
    _ = try await scene.broker.mirror(scene.repository)
    let work = try scene.work()
    let name = "arborist/fix/feature-12345678"
    let first = try scene.order(work, branch: name, target: .beside, old: .zero)
    #expect(try await scene.broker.push(first) == .pushed)
    #expect(try scene.there.id(name) == work.1)
    #expect(try await scene.broker.push(first) == .alreadyThere)
    let other = try scene.work("other", text: "three\n")
    #expect(
      try await scene.broker.push(scene.order(other, branch: name, target: .beside, old: .zero))
        == .raced(actual: work.1))
    let moved = try await scene.broker.push(scene.order(other, branch: name, target: .beside, old: work.1))
    guard case .refused = moved else {
      Issue.record("not refused")
      return
    }
  }

  @Test("What the forge closes stays closed, whatever the sender says")
  func closed() async throws {
    let scene = try await Scene { _, settings in
      settings.repositories[0].protected = ["release/*"]
      settings.repositories[0].defaultBranch =
        (try? RefName("refs/heads/trunk")) ?? settings.repositories[0].defaultBranch
    }
    _ = try await scene.broker.mirror(scene.repository)
    let work = try scene.work()
    func isRefused(_ order: PushOrder, _ words: String) async throws {
      let result = try await scene.broker.push(order)
      guard case .refused(let reason) = result else {
        Issue.record("\(order.branch): \(result)")
        return
      }
      #expect(reason.contains(words), "\(reason)")
    }
    for branch in ["trunk", "release/1"] {
      try await isRefused(scene.order(work, branch: branch, target: .beside, old: .zero), "protects it")
    }
    // Not the pull request's branch, no such workspace, no pull request.
    try await isRefused(scene.order(work, branch: "other"), "branch is 'feature'")
    var elsewhere = try scene.order(work)
    elsewhere.workspace = scene.mirror
    try await isRefused(elsewhere, "no workspace")
    elsewhere.workspace = scene.directory.path + "/workspaces/../mirrors"
    try await isRefused(elsewhere, "no workspace")
    try await isRefused(scene.order(work, number: 0), "no pull request")
    // A sender that knows of no rule at all.
    var open = try scene.order(work, base: "nothing")
    open.branch = try RefName("refs/heads/main")
    open.target = .beside
    open.old = .zero
    try await isRefused(open, "never feature branches")
    // The control.
    #expect(try await scene.broker.push(scene.order(work)) == .pushed)
  }

  @Test(
    "Where the list of protected branches cannot be read, the branch itself tells, and what tells nothing is closed",
    arguments: [
      (["feature": true], "protects 'feature'"), (nil, "neither can that of 'feature': 403"),
      (["other": false], "neither can that of 'feature': it is not found"), (["feature": false], nil),
    ] as [([String: Bool]?, String?)])
  func marked(_ marked: [String: Bool]?, _ words: String?) async throws {
    let scene = try await Scene { _, settings in
      for index in settings.repositories.indices { settings.repositories[index].protected = nil }
      settings.marked = marked
    }
    _ = try await scene.broker.mirror(scene.repository)
    let work = try scene.work()
    // In the repository, and in a fork.
    for number in [4, 5] {
      let result = try await scene.broker.push(scene.order(work, number: number))
      if case .refused(let reason) = result {
        #expect(words.map(reason.contains) == true, "\(reason)")
      } else {
        #expect(words == nil, "\(result)")
      }
    }
    // A branch that is made anew cannot be marked.
    let beside = try scene.order(work, branch: "arborist/fix/feature-12345678", target: .beside, old: .zero)
    let result = try await scene.broker.push(beside)
    #expect((result == .pushed) == (marked != nil), "\(result)")
  }

  @Test("A branch that rulesets close is refused, its own and beside it, in the repository and in a fork")
  func ruled() async throws {
    let beside = "arborist/fix/feature-12345678"
    let scene = try await Scene { _, settings in settings.closed = ["feature", beside] }
    _ = try await scene.broker.mirror(scene.repository)
    let work = try scene.work()
    for order in [
      try scene.order(work), try scene.order(work, number: 5),
      try scene.order(work, branch: beside, target: .beside, old: .zero),
    ] {
      let result = try await scene.broker.push(order)
      guard case .refused(let reason) = result else {
        Issue.record("\(order.branch): \(result)")
        continue
      }
      #expect(reason == "a ruleset closes '\(order.branch.shortDisplay)'")
    }
    #expect(try scene.there.id("feature") == scene.base && scene.fork.id("feature") == scene.base)
    // The control.
    let open = try scene.order(work, branch: "arborist/fix/feature-87654321", target: .beside, old: .zero)
    #expect(try await scene.broker.push(open) == .pushed)
  }

  @Test(
    "Whoever is killed in the middle of a push has pushed once or not at all, and the next try finds out which",
    arguments: [("broker", true), ("broker", false), ("broker-git", true), ("broker-git", false)])
  func killed(_ role: String, _ accepts: Bool) async throws {
    let scene = try await Scene()
    _ = try await scene.broker.mirror(scene.repository)
    let work = try scene.work()
    let order = try scene.order(work)
    try scene.there.git("config", "core.logAllRefUpdates", "always")
    let (hook, door) = (scene.there.path + "/hooks/pre-receive", scene.directory.path + "/door")
    _ = try Command.run(["mkfifo", door], in: "/")
    try Files.write(
      "#!/bin/sh\n: > '\(door).reached'\nread answer < '\(door)'\n: > '\(door).passed'\nexit $answer\n".utf8, to: hook,
      mode: 0o755)
    let waiting = Task { await failure { () throws(ForgeError) in try await scene.broker.push(order) } }
    while !Files.exists(door + ".reached") { try await Task.sleep(for: .milliseconds(10)) }
    for process in scene.processes(role) { kill(process, SIGKILL) }
    #expect(await waiting.value?.code == .unavailable)
    // The server knows nothing of that and goes on.
    _ = try Command.run(["sh", "-c", "echo \(accepts ? 0 : 1) > '\(door)'"], in: "/")
    while !Files.exists(door + ".passed") { try await Task.sleep(for: .milliseconds(10)) }
    Files.remove(hook)
    if accepts {
      while try scene.there.id("feature") != work.1 { try await Task.sleep(for: .milliseconds(10)) }
    }
    #expect(try await scene.broker.push(order) == (accepts ? .alreadyThere : .pushed))
    #expect(try scene.there.id("feature") == work.1)
    let log = try Files.read(scene.there.path + "/logs/refs/heads/feature")
    #expect(log.count(where: { $0 == UInt8(ascii: "\n") }) == 1)
  }

  @Test("Passwords and statuses are told apart for pushes too")
  func failures() async throws {
    let scene = try await Scene(password: "another")
    let mirror = try MirrorPlace(
      under: scene.directory.path + "/mirrors", name: "github-127.0.0.1-\(scene.server.port)-12")
    let address = try RemoteAddress(scene.there.path)
    _ = try mirror.change { mirror throws(GitError) in try mirror.mirror(address, heads: []) }
    let work = try scene.work()
    let order = try scene.order(work)
    let error = await failure { () throws(ForgeError) in try await scene.broker.push(order) }
    #expect(error?.code == .unauthenticated && error?.message.contains(Scene.token) == false)
    #expect(try scene.there.id("feature") == scene.base)
  }
}
