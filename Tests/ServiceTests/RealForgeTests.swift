import Base
import FileSystem
import Forges
import Foundation
import HTTP
import TestForge
import TestSupport
import Testing
import Work

/// What speaks to forges, and then the whole service, beside a Gitea or Forgejo that runs somewhere.
///
/// `FORGE_URL` is its address as people see it, and `FORGE_TOKEN` a token of somebody who may make repositories, with
/// read and write on repository, issue and user. `FORGE_BOT_TOKEN` is one of the account that Arborist is to write as;
/// without it that is the same person, whose commands are not obeyed then, and no command is given. A repository of a new
/// name is made, and removed at the end. The forge's hooks go to this machine's loopback address; whether they arrived is
/// said, and where they do not, what happens is found by asking.
@Suite(
  "A real forge",
  .enabled(if: RealForge.address != nil && RealForge.token != nil, "FORGE_URL and FORGE_TOKEN are not set"))
struct RealForgeTests {
  @Test("A pull request is read, commented, summed up, answered, settled and given a status; each once")
  func client() async throws {
    try await ClientCycle.run(at: try #require(RealForge.address), token: try #require(RealForge.token))
  }

  @Test("A pull request is reviewed, a command answered, a conflict resolved and taken back")
  func service() async throws {
    let token = try #require(RealForge.token)
    try await ServiceCycle.run(
      at: try #require(RealForge.address), person: token, bot: RealForge.environment["FORGE_BOT_TOKEN"] ?? token)
  }
}

/// The same drivers beside our own forge, so that they cannot rot.
@Suite("What drives a real forge", .enabled(if: ServiceScene.isPossible, "nginx-light and fcgiwrap are not installed"))
struct RealForgeDriverTests {
  @Test(arguments: [TestForge.Options.Gitea.old, .forgejo15])
  func client(version: TestForge.Options.Gitea) async throws {
    try await beside(version) { forge, address in
      try await ClientCycle.run(at: address, token: try await forge.addToken(for: "ada"))
    }
  }

  @Test(arguments: [true, false])
  func service(hasBot: Bool) async throws {
    try await beside(hasBot ? .old : .forgejo15) { forge, address in
      _ = try await forge.addAccount("bot", isBot: true)
      let person = try await forge.addToken(for: "ada")
      try await ServiceCycle.run(
        at: address, person: person, bot: hasBot ? try await forge.addToken(for: "bot") : person)
      #expect(forge.sent.contains { $0.status == 202 })
    }
  }

  private func beside(
    _ version: TestForge.Options.Gitea, _ body: (TestForge, String) async throws -> Void
  ) async throws {
    let directory = try TemporaryDirectory()
    var options = TestForge.Options()
    options.gitea = version
    let forge = try await TestForge.start(.gitea, in: directory.path, options: options)
    let front = try await GitFrontend.start(for: forge)
    _ = try await forge.addAccount("ada")
    do { try await body(forge, front.address) } catch { Issue.record("\(error)") }
    #expect(forge.breaches.isEmpty)
    // Made and removed.
    #expect(forge.writes["repository"] == 2)
    #expect(try Directory.names(Array((directory.path + "/ada").utf8)).isEmpty)
    await front.stop()
    await forge.stop()
  }
}

/// What speaks to forges does each thing once.
struct ClientCycle {
  static func run(at address: String, token: String) async throws {
    let real = try await RealForge.start(at: address, token: token)
    let outcome: Result<Void, any Error>
    do {
      try await ClientCycle().play(real)
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    try await real.remove()
    try outcome.get()
  }

  private func play(_ real: RealForge) async throws {
    let number = try await real.openPullRequest()
    let forge = real.forge
    let account = try await forge.account()
    #expect(account.login == real.owner)
    let known = try #require(ForgeRepository(forge: .gitea, id: 0, path: "\(real.owner)/\(real.name)"))
    let repository = try await forge.repository(known)
    #expect(repository.repository.id > 0 && repository.defaultBranch.shortDisplay == "main")
    // A name that is another's by now is found by the number.
    let renamed = ForgeRepository(forge: .gitea, id: repository.repository.id, path: "\(real.owner)/\(real.name)-old")
    #expect(try await forge.repository(try #require(renamed)).repository == repository.repository)
    let place = ForgePlace(repository: repository.repository, number: number)
    let pull = try await forge.pullRequest(place)
    #expect(pull.isOpen && pull.branch.shortDisplay == "change" && pull.base.shortDisplay == "main")
    #expect(try await forge.openPullRequests(of: place.repository, into: pull.base).map(\.head) == [pull.head])
    #expect(try await forge.permission(of: account, on: place.repository) == .admin)
    try await write(on: place, head: pull.head, forge)
    try await check(place, head: pull.head, forge)
    try await real.pushAgain()
    let late = try await forge.carryOut(
      .comments([try comment("late/1", 30)], head: pull.head), on: place, trial: trial())
    guard case .overtaken = late else {
      Issue.record("a comment on an old head: \(late)")
      return
    }
  }

  private func write(on place: ForgePlace, head: ObjectID, _ forge: any Forge) async throws {
    let comments = [try comment("a/1", 30), try comment("a/2", 28, pair: 28)]
    for _ in 0..<2 {
      _ = try await forge.carryOut(.comments(comments, head: head), on: place, trial: trial())
      _ = try await forge.carryOut(.summary(body: "One"), on: place, trial: trial())
    }
    let rewritten = try await forge.carryOut(.summary(body: "Two"), on: place, trial: trial())
    #expect(rewritten == .done("the summary was written anew"))
    let first = try #require(try await forge.comments(on: place).first { HiddenMarker.key(in: $0.body) == "a/1" })
    #expect(first.path?.display == "file.txt" && first.thread != nil)
    let answer = Answer(key: "r/1", thread: first.thread, comment: first.id, body: "Yes")
    for _ in 0..<2 { _ = try await forge.carryOut(.answer(answer), on: place, trial: trial()) }
    let settled = try await forge.carryOut(.settle(keys: ["a/1"]), on: place, trial: trial())
    if forge.capabilities.settlesThreads {
      #expect(settled == .done("1 thread settled"))
    } else {
      #expect(settled == .done("not settled: this forge cannot settle threads for a program"))
    }
    let all = try await forge.comments(on: place)
    #expect(all.compactMap { HiddenMarker.key(in: $0.body) }.sorted() == ["a/1", "a/2", "r/1", "summary"])
    #expect(all.first { HiddenMarker.key(in: $0.body) == "r/1" }?.thread == first.thread)
    #expect(
      all.filter { $0.thread == nil }.map { HiddenMarker.isSame($0.body, "<!-- arborist:summary -->\nTwo") } == [true])
    if forge.capabilities.settlesThreads {
      #expect(all.first { HiddenMarker.key(in: $0.body) == "a/1" }?.isSettled == true)
    }
  }

  private func check(_ place: ForgePlace, head: ObjectID, _ forge: any Forge) async throws {
    for state in CheckReport.State.allCases {
      let report = CheckReport(name: "arborist/review", head: head, state: state, title: "T", summary: "S")
      let first = try await forge.carryOut(.check(report), on: place, trial: trial())
      guard case .done = first else {
        Issue.record("\(state): \(first)")
        continue
      }
      let second = try await forge.carryOut(.check(report), on: place, trial: trial(isRetry: true))
      #expect(second == .done("the status is there already"))
    }
  }

  private func comment(_ key: String, _ line: Int, pair: Int? = nil) throws -> LineComment {
    LineComment(
      key: key,
      anchor: LineAnchor(
        path: try #require(RepositoryPath("file.txt")), side: .head, startLine: line, endLine: line, startPair: pair,
        endPair: pair), body: "About \(key)")
  }

  private func trial(isRetry: Bool = false) -> EffectTrial {
    let now = WallClock.system.now()
    // The last try has been answered, so nothing of it can be under way.
    return EffectTrial(intended: now, isRetry: isRetry, latest: Timestamp(milliseconds: 0))
  }
}
