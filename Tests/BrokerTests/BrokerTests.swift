import Base
import Broker
import Forges
import Git
import Glibc
import TestSupport
import Testing
import Work

@Suite("The broker is asked and answers, and neither its death nor its parent's is the end of anything else")
struct BrokerTests {
  let trial = EffectTrial(intended: Timestamp(seconds: 1), isRetry: false)

  @Test("Every question gets its own answer, however many are under way")
  func answers() async throws {
    let scene = try await Scene()
    let forge = try #require(try await scene.broker.forges().first)
    #expect(forge.name == .github && forge.capabilities.hasChecks)
    #expect(try await forge.account() == ForgeActor(id: 7, login: "bot", isBot: true))
    #expect(try await forge.repository(scene.repository).defaultBranch == RefName("refs/heads/main"))
    #expect(try await forge.pullRequest(scene.place()).head == scene.base)
    #expect(try await forge.openPullRequests(of: scene.repository, into: nil).count == 3)
    #expect(try await forge.comments(on: scene.place()).isEmpty)
    let missing = await failure { () throws(ForgeError) in try await forge.pullRequest(scene.place(77)) }
    #expect(missing == ForgeError(.notFound, "there is no #77"))
    let permissions = await withTaskGroup { group in
      for id in 0..<300 {
        group.addTask {
          let actor = ForgeActor(id: Int64(id), login: "x", isBot: false)
          return (id, try? await forge.permission(of: actor, on: scene.repository))
        }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    #expect(
      permissions.count == 300 && permissions.allSatisfy { $0.value == ($0.key == 1 ? .write : ForgePermission.none) })
    #expect(try await forge.carryOut(.summary(body: "hello"), on: scene.place(), trial: trial) == .done("hello"))
    guard case .signature(let signature) = try await scene.broker.ask(.sign(content: [1, 2, 3])) else {
      Issue.record("no signature")
      return
    }
    #expect(signature == [3, 2, 1])
  }

  @Test("Commits are signed with the key that the broker has")
  func signs() async throws {
    let scene = try await Scene()
    let path = scene.directory.path + "/workspaces/signed"
    let (objects, base, signer) = (scene.there.path + "/objects", scene.base, scene.broker.signer)
    let workspace = try await RepositoryActor.open { () throws(GitError) -> PrivateRepository in
      let repository = try PrivateRepository.create(at: path, borrowing: [objects])
      repository.signer = signer
      return repository
    }
    let signature = Signature(name: "Bot", email: "bot@example.com", time: Timestamp(seconds: 1_700_000_100))
    let commit = try await workspace.perform { repository throws(GitError) in
      try repository.writeCommit(
        tree: base, parents: [base], author: signature, committer: signature, message: Array("x\n".utf8))
    }
    let text = try Command.run(["git", "cat-file", "commit", commit.hex], in: path).text
    #expect(text.contains("\ngpgsig ") && text.contains("eert"), "\(text)")
  }

  @Test("Whoever gives up is not kept waiting, and what he asked for is given up too")
  func cancels() async throws {
    let scene = try await Scene()
    let forge = try #require(try await scene.broker.forges().first)
    let place = scene.place()
    let waiting = Task { [trial] () -> ForgeError? in
      await failure { () throws(ForgeError) in
        try await forge.carryOut(.summary(body: "wait"), on: place, trial: trial)
      }
    }
    while try log(scene) != "first wait\n" { try await Task.sleep(for: .milliseconds(10)) }
    waiting.cancel()
    #expect(await waiting.value?.code == .cancelled)
    while try log(scene) != "first wait\ncancelled\n" { try await Task.sleep(for: .milliseconds(10)) }
    #expect(try await forge.account().id == 7)
  }

  private func log(_ scene: Scene) throws -> String {
    let path = scene.directory.path + "/log"
    return Files.exists(path) ? String(decoding: try Files.read(path), as: UTF8.self) : ""
  }

  @Test("A killed broker fails what is under way, is started again, and a write is repeated by whoever intended it")
  func killed() async throws {
    let scene = try await Scene()
    let forge = try #require(try await scene.broker.forges().first)
    let place = scene.place()
    for round in 1...3 {
      let waiting = Task { [trial] () -> ForgeError? in
        await failure { () throws(ForgeError) in
          try await forge.carryOut(.summary(body: "wait"), on: place, trial: trial)
        }
      }
      while try log(scene).count(where: { $0 == "\n" }) < round * 2 - 1 { try await Task.sleep(for: .milliseconds(10)) }
      let running = scene.processes("broker")
      #expect(running.count == 1)
      for process in running { kill(process, SIGKILL) }
      #expect(await waiting.value?.code == .unavailable)
      // Nothing was repeated by the broker itself.
      #expect(try log(scene).count(where: { $0 == "\n" }) == round * 2 - 1)
      let again = EffectTrial(intended: trial.intended, isRetry: true)
      #expect(try await forge.carryOut(.summary(body: "wait"), on: place, trial: again) == .done("wait"))
      #expect(scene.processes("broker").count == 1 && scene.processes("broker") != running)
    }
  }

  @Test("The pauses before it is started again grow up to a limit")
  func pauses() {
    let pauses = (0...40).map { Broker.pause(afterFailures: $0) }
    #expect(pauses[0] == .zero && pauses[1] > .zero)
    #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 <= $1 } && pauses[40] == .seconds(30))
  }

  @Test("A broker that cannot be started, or whose settings are wrong, says so")
  func misconfigured() async throws {
    let nowhere = Broker(
      Broker.Launch(
        command: ["/nonexistent/arborist", "broker"],
        configuration: BrokerConfiguration(settings: "/x", mirrors: "/x", workspaces: [])))
    #expect(await failure { () throws(ForgeError) in try await nowhere.forges() }?.code == .unavailable)
    let scene = try await Scene { configuration, _ in configuration.settings = "/nonexistent/settings" }
    let error = await failure { () throws(ForgeError) in try await scene.broker.forges() }
    #expect(error?.message.contains("/nonexistent/settings") == true)
  }

  @Test("When its parent is killed the broker ends, and so does what it has under way")
  func orphaned() async throws {
    let scene = try await Scene("hang")
    let parent = try Command.start(
      [try Scene.driver(), "parent", scene.directory.path + "/configuration.json", scene.tag], in: "/")
    try await scene.server.hasStopped()
    #expect(scene.processes("broker").count == 1 && scene.processes("broker-git").count == 1)
    kill(parent, SIGKILL)
    _ = Command.wait(for: parent)
    try await scene.areGone("broker")
    try await scene.areGone("broker-git")
  }

  @Test("Nobody of its user can read its memory, and it has no descriptors but its own")
  func secluded() async throws {
    let scene = try await Scene()
    _ = try await scene.broker.forges()
    let process = try #require(scene.processes("broker").first)
    let status = String(decoding: try Files.read("/proc/\(process)/status"), as: UTF8.self)
    #expect(status.contains("NoNewPrivs:\t1"))
    let limits = String(decoding: try Files.read("/proc/\(process)/limits"), as: UTF8.self)
    #expect(limits.split(separator: "\n").contains { $0.hasPrefix("Max core file size        0") })
    // What belongs to root though the process does not, or has the mode for it, cannot be dumped.
    if geteuid() == 0 {
      let attempt = try Command.run(
        ["setpriv", "--reuid", "65534", "--clear-groups", "cat", "/proc/\(process)/environ"], in: "/")
      #expect(attempt.status != 0)
    }
    let environment = try Files.read("/proc/\(process)/environ")
    #expect(!String(decoding: environment, as: UTF8.self).contains("PATH="))
  }
}
