import Base
import Broker
import Forges
import FoundationEssentials
import Git
import TestForge
import TestSupport
import Testing
import Work

@Suite("A forge's client reads, writes, fetches and pushes through the broker, as in a worker")
struct WholeWayTests {
  @Test("GitHub, with an account's token")
  func github() async throws {
    let directory = try TemporaryDirectory()
    let there = try TestRepository(bare: true, named: "repos/owner/name.git", in: directory)
    let base = try there.commit("main", .write("a", "one\n"))
    let head = try there.commit("feature", parents: [base], .write("b", "one\n"))
    let forge = try await TestForge.start(.github, in: directory.path + "/repos")
    let made = try await forge.addRepository("owner/name", protected: ["release"])
    for login in ["bot", "ada"] {
      _ = try await forge.addAccount(login)
      try await forge.grant(.write, to: login, on: "owner/name")
    }
    let token = try await forge.addToken(for: "bot", scopes: ["repo"])
    let pull = try await forge.openPullRequest(in: "owner/name", from: "feature", by: "ada")
    let server = try await ScriptedFrontend(
      serving: directory.path + "/repos", user: forge.address, password: token)
    let settings = DriverSettings(
      token: token, repositories: [], log: directory.path + "/log", web: "http://127.0.0.1:\(server.port)")
    try Files.write([UInt8](try JSONEncoder().encode(settings)), to: directory.path + "/settings.json", mode: 0o600)
    Files.makeDirectory(directory.path + "/workspaces")
    let broker = Broker(
      Broker.Launch(
        command: [try Scene.driver(), "broker", "whole"],
        configuration: BrokerConfiguration(
          settings: directory.path + "/settings.json", mirrors: directory.path + "/mirrors",
          workspaces: [directory.path + "/workspaces"])))

    let client = try #require(try await broker.forges().first)
    #expect(client.longestRequest == .seconds(77))
    let repository = try #require(ForgeRepository(forge: .github, id: Int64(made.id), path: "owner/name"))
    let place = ForgePlace(repository: repository, number: pull.number)
    let state = try await client.pullRequest(place)
    #expect(try state.head == head && state.base == RefName("refs/heads/main"))
    let mirror = try await broker.mirror(repository, numbers: [pull.number])
    let copy = try PrivateRepository.reopen(at: mirror.directory)
    #expect(try copy.reference(place.headRef)?.target == .direct(head))

    let workspace = try PrivateRepository.create(
      at: directory.path + "/workspaces/run", borrowing: [mirror.directory + "/objects"])
    let tree = try workspace.writeTree(
      from: head,
      [.put(try #require(RepositoryPath("b")), mode: .regular, blob: workspace.writeBlob(Array("two\n".utf8)))])
    let signature = Signature(name: "Bot", email: "bot@example.com", time: Timestamp(seconds: 1_700_000_100))
    let commit = try workspace.writeCommit(
      tree: tree, parents: [head], author: signature, committer: signature, message: Array("x\n".utf8))
    let rules = BranchRules(base: state.base, defaultBranch: state.base, head: state.base)
    let branch = try FeatureBranch(state.branch.bytes, under: rules)
    let order = PushOrder(
      place: place, target: .head, branch: branch, old: head, new: commit, start: head,
      workspace: directory.path + "/workspaces/run", rules: rules)
    #expect(try await broker.push(order) == .pushed)
    #expect(try there.id("feature") == commit)
    let trial = EffectTrial(intended: Timestamp(seconds: 1_700_000_000), isRetry: false)
    guard case .done = try await client.carryOut(.summary(body: "Done."), on: place, trial: trial) else {
      Issue.record("not done")
      return
    }
    #expect(try await forge.comments(on: pull.number, in: "owner/name").map(\.body).contains { $0.contains("Done.") })
    let figures = Dictionary(
      try await broker.figures().map { ($0.series, $0) }, uniquingKeysWith: { first, _ in first })
    for operation in [ForgeFigure.Operation.read, .write, .fetch, .push] {
      let figure = figures[ForgeFigure.Series(.github, operation, .done)]
      #expect((figure?.total ?? 0) > 0, "\(operation)")
      #expect(operation != .fetch && operation != .push || figure?.total == 1)
    }
    let found = try Command.run(["grep", "-rlF", "--exclude=settings.json", token, directory.path], in: "/")
    #expect(found.text == "")
    await broker.stop()
    await forge.stop()
  }
}
