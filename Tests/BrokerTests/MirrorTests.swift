import Base
import Broker
import Forges
import Git
import Glibc
import TestSupport
import Testing
import Work

@Suite("Mirrors are fetched by a child with a token, and end well whatever the server or a signal does to it")
struct MirrorTests {
  private func references(_ scene: Scene) throws -> [String: ObjectID] {
    let mirror = try PrivateRepository.reopen(at: scene.mirror)
    return try mirror.references().reduce(into: [:]) { result, reference in
      if case .direct(let id) = reference.target { result[reference.name.display] = id }
    }
  }

  @Test("A mirror is made, brought up to date, and has the heads that are asked for")
  func fetches() async throws {
    let scene = try await Scene()
    let first = try await scene.broker.mirror(scene.repository, numbers: [4, 9])
    #expect(first.directory == scene.mirror)
    #expect(first.report.missing == [try RefName("refs/pull/9/head")])
    #expect(
      try references(scene)
        == ["refs/heads/main": scene.base, "refs/heads/feature": scene.base, "refs/pull/4/head": scene.base])
    let next = try scene.there.commit("main", .write("a", "two\n"))
    try scene.there.git("branch", "-D", "feature")
    let second = try await scene.broker.mirror(scene.repository)
    #expect(second.report.moved == 1 && second.report.removed == 1)
    #expect(try references(scene) == ["refs/heads/main": next, "refs/pull/4/head": scene.base])
    #expect(try Command.run(["git", "fsck", "--strict"], in: scene.mirror).status == 0)
  }

  @Test("Many who ask at once share fetches, and each sees what was pushed before it asked")
  func coalesces() async throws {
    let scene = try await Scene()
    let states = await withTaskGroup { group in
      for _ in 0..<40 {
        group.addTask { try? await scene.broker.mirror(scene.repository) }
      }
      return await group.reduce(into: [MirrorState?]()) { $0.append($1) }
    }
    #expect(states.count == 40 && states.allSatisfy { $0?.directory == scene.mirror })
    // Each fetch asks once for the references with the token.
    let fetches = scene.server.events.count { $0.path?.contains("info/refs") == true && $0.status == 200 }
    #expect((1...10).contains(fetches), "\(fetches)")
  }

  @Test("Two brokers of a machine share a mirror and take turns")
  func shares() async throws {
    let scene = try await Scene()
    let other = try scene.patient()
    async let first = scene.broker.mirror(scene.repository)
    async let second = other.mirror(scene.repository)
    #expect(try await first.directory == second.directory)
    #expect(try Command.run(["git", "fsck", "--strict"], in: scene.mirror).status == 0)
  }

  @Test(
    "What the server says is told apart",
    arguments: [
      ("denied", ForgeError.Code.unauthenticated), ("forbidden", .forbidden), ("missing", .notFound),
      ("broken", .unavailable), ("garbage", .unavailable), ("away", .unavailable),
    ])
  func failures(_ kind: String, _ code: ForgeError.Code) async throws {
    let scene = try await Scene(kind)
    let error = await failure { () throws(ForgeError) in try await scene.broker.mirror(scene.repository) }
    #expect(error?.code == code, "\(error.map(\.message) ?? "")")
    #expect(error?.message.contains(Scene.token) == false)
    if kind == "away" {
      // Nobody was followed, so nobody else was asked.
      #expect(scene.server.events.allSatisfy { $0.path?.hasPrefix("/auth/") != true })
    }
  }

  @Test("A wrong password is told, and the right one works")
  func passwords() async throws {
    let scene = try await Scene(password: "another")
    let error = await failure { () throws(ForgeError) in try await scene.broker.mirror(scene.repository) }
    #expect(error?.code == .unauthenticated, "\(error.map(\.message) ?? "")")
  }

  @Test("An address on another host, or of another repository, gets no token")
  func addresses() async throws {
    for address in [
      "http://localhost:1/auth/owner/name.git", "http://127.0.0.1:1/auth/owner/name.git",
      "http://example.com/owner/name",
      "/srv/owner/name.git",
    ] {
      let scene = try await Scene { _, settings in settings.repositories[0].gitAddress = address }
      let error = await failure { () throws(ForgeError) in try await scene.broker.mirror(scene.repository) }
      #expect(error?.code == .malformed, "\(address)")
    }
    let scene = try await Scene { _, settings in
      settings.repositories[0].gitAddress = settings.repositories[1].gitAddress
    }
    let error = await failure { () throws(ForgeError) in try await scene.broker.mirror(scene.repository) }
    #expect(error?.code == .malformed && scene.server.events.count == 1)
  }

  @Test("A server that stops in the middle of a pack is given up after a while, and the next fetch is whole")
  func deadline() async throws {
    let scene = try await Scene("hang") { configuration, _ in configuration.mirrorSeconds = 2 }
    let error = await failure { () throws(ForgeError) in try await scene.broker.mirror(scene.repository) }
    #expect(error?.code == .unavailable && error?.message.contains("longer than 2 s") == true)
    try await scene.areGone("broker-git")
    scene.server.goOn()
    await recovers(scene, with: try scene.patient())
  }

  @Test("A server that says nothing more is given up long before its time is over, and the next fetch is whole")
  func silence() async throws {
    let scene = try await Scene("hang") { configuration, _ in configuration.silentSeconds = 1 }
    let error = await failure { () throws(ForgeError) in try await scene.broker.mirror(scene.repository) }
    #expect(error?.code == .unavailable && error?.message.contains("said nothing for 1 s") == true)
    try await scene.areGone("broker-git")
    scene.server.goOn()
    await recovers(scene, with: try scene.patient())
  }

  @Test(
    "A child, or the broker, that is killed in the middle of a pack leaves nothing that harms",
    arguments: [false, true])
  func killed(_ broker: Bool) async throws {
    let scene = try await Scene("hang")
    for round in 1...3 {
      let waiting = Task {
        await failure { () throws(ForgeError) in try await scene.broker.mirror(scene.repository) }
      }
      try await scene.server.hasStopped(times: round)
      for process in scene.processes(broker ? "broker" : "broker-git") { kill(process, SIGKILL) }
      #expect(await waiting.value?.code == .unavailable)
      try await scene.areGone("broker-git")
    }
    scene.server.goOn()
    await recovers(scene)
  }

  @Test("When nobody waits any more the fetch is ended")
  func givenUp() async throws {
    let scene = try await Scene("hang")
    let waiting = [1, 2].map { _ in
      Task { await failure { () throws(ForgeError) in try await scene.broker.mirror(scene.repository) } }
    }
    try await scene.server.hasStopped()
    for task in waiting { task.cancel() }
    for task in waiting { #expect(await task.value?.code == .cancelled) }
    try await scene.areGone("broker-git")
  }

  private func recovers(_ scene: Scene, with broker: Broker? = nil) async {
    do {
      _ = try await (broker ?? scene.broker).mirror(scene.repository)
      #expect(try references(scene) == ["refs/heads/main": scene.base, "refs/heads/feature": scene.base])
      #expect(try Command.run(["git", "fsck", "--strict"], in: scene.mirror).status == 0)
      let left = try Command.run(
        ["find", scene.mirror, "-name", "*.lock", "-o", "-name", "*_git2_*", "-o", "-name", "tmp_*"], in: "/")
      #expect(left.text == "")
    } catch {
      Issue.record(error)
    }
  }
}
