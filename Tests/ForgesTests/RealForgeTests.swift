import Base
import Forges
import Foundation
import HTTP
import JSON
import Testing
import Work

/// The whole cycle against a Gitea or Forgejo that runs somewhere.
///
/// `FORGE_URL` is its address as people see it, and `FORGE_TOKEN` a token of an account that may make repositories, with
/// read and write on repository, issue and user. A repository of a new name is made, and removed at the end.
@Suite(
  "A real forge",
  .enabled(if: RealForge.address != nil && RealForge.token != nil, "FORGE_URL and FORGE_TOKEN are not set"))
struct RealForgeTests {
  @Test("A pull request is read, commented, summed up, answered, settled and given a status; each once")
  func cycle() async throws {
    let real = try await RealForge.start()
    let outcome: Result<Void, any Error>
    do {
      try await run(real)
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    try await real.remove()
    try outcome.get()
  }

  private func run(_ real: RealForge) async throws {
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
      #expect(settled == .refused("this forge cannot settle threads for a program"))
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

/// A repository on a forge that runs somewhere.
struct RealForge: Sendable {
  static let address = ProcessInfo.processInfo.environment["FORGE_URL"]
  static let token = ProcessInfo.processInfo.environment["FORGE_TOKEN"]

  let forge: any ConnectedForge
  let owner: String
  let name: String
  private let site: ForgeSite
  private let http: HTTPClient
  private let secret: String

  static func start() async throws -> RealForge {
    let (address, token) = (try #require(Self.address), try #require(Self.token))
    let site = ForgeSite(.gitea, web: try ForgeAddress(address, allowsPlain: true))
    let http = try HTTPClient()
    let forge = try ForgeConnection.make(
      site, credential: .token(TokenAuthority(site, token: Secret(token))), http: http)
    let real = RealForge(
      forge: forge, owner: try await forge.account().login,
      name: "arborist-trial-\(String(UInt32.random(in: 0 ... .max), radix: 16))", site: site, http: http, secret: token)
    let made: JSONValue = [
      "name": .string(real.name), "auto_init": true, "default_branch": "main", "private": true,
    ]
    _ = try await real.call(.post, "/user/repos", made)
    return real
  }

  private init(
    forge: any ConnectedForge, owner: String, name: String, site: ForgeSite, http: HTTPClient, secret: String
  ) {
    self.forge = forge
    self.owner = owner
    self.name = name
    self.site = site
    self.http = http
    self.secret = secret
  }

  private var path: String { "/repos/\(owner)/\(name)" }

  /// Makes a file of 60 lines, a branch that changes line 30, and a pull request with it.
  func openPullRequest() async throws -> Int {
    var lines = (1...60).map { "line \($0)\n" }
    let made = try await call(
      .post, "\(path)/contents/file.txt",
      ["content": .string(Self.base64(lines.joined())), "message": "Add a file", "branch": "main"])
    let blob = try #require(made["content"]?["sha"]?.string)
    lines[29] = "another line 30\n"
    _ = try await call(
      .put, "\(path)/contents/file.txt",
      [
        "content": .string(Self.base64(lines.joined())), "message": "Change a line", "branch": "main",
        "new_branch": "change", "sha": .string(blob),
      ])
    let pull = try await call(
      .post, "\(path)/pulls", ["head": "change", "base": "main", "title": "A change", "body": "Text"])
    return try #require(pull["number"]?.integer)
  }

  /// Moves the branch on.
  func pushAgain() async throws {
    _ = try await call(
      .post, "\(path)/contents/more.txt",
      ["content": .string(Self.base64("more\n")), "message": "Add more", "branch": "change"])
  }

  func remove() async throws { _ = try await call(.delete, path) }

  private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

  private func call(_ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
    var headers = [HTTPHeader("Authorization", "token \(secret)"), HTTPHeader("Accept", "application/json")]
    if body != nil { headers.append(HTTPHeader("Content-Type", "application/json")) }
    let answer = try await http.send(
      HTTPRequest(method, site.api.text + path, headers: headers, body: body?.compact() ?? []))
    try #require(
      (200..<300).contains(answer.head.status),
      "\(method.rawValue) \(path): \(answer.head.status) \(String(decoding: answer.body.prefix(300), as: UTF8.self))")
    return (try? JSONValue.parse(answer.body)) ?? .null
  }
}
