import Base
import Forges
import Foundation
import HTTP
import JSON
import TestForge
import TestSupport
import Testing
import Work

/// The clients against a forge that behaves as real ones do, over real connections.
@Suite("Clients against the test forge")
struct ClientsOnTestForgeTests {
  private let path: RepositoryPath

  init() throws { path = try #require(RepositoryPath("file.txt")) }

  private func site(_ scene: ForgeScene) throws -> ForgeSite {
    let name: ForgeName =
      switch scene.forge.kind {
      case .github: .github
      case .gitlab: .gitlab
      case .gitea: .gitea
      }
    return ForgeSite(
      name, web: try ForgeAddress(scene.forge.address), api: try ForgeAddress(scene.forge.apiAddress),
      graphQL: try ForgeAddress(scene.forge.graphQLAddress))
  }

  /// A client with the token of `rob`, that waits for little.
  private func client(_ scene: ForgeScene, quarantine: Duration = .milliseconds(400)) throws -> any ConnectedForge {
    let site = try site(scene)
    return try ForgeConnection.make(
      site, credential: .token(TokenAuthority(site, token: Secret(scene.token))),
      http: try HTTPClient(HTTPClientOptions(proxy: .none)),
      patience: ForgePatience(longestRequest: quarantine))
  }

  private func app(_ scene: ForgeScene, ahead: Lock<Int64> = Lock(0)) async throws -> any ConnectedForge {
    let made = try await scene.app([
      "metadata": "read", "contents": "write", "pull_requests": "write", "checks": "write",
    ])
    return try ForgeConnection.make(
      try site(scene), credential: .app(try GitHubApp(id: made.app.clientID, pem: Secret(made.privateKey))),
      http: try HTTPClient(HTTPClientOptions(proxy: .none)),
      clock: ForgeClock(
        now: { WallClock.system.now().adding(.seconds(ahead.withLock { $0 })) },
        sleep: { duration in try await Task.sleep(for: duration) }),
      patience: ForgePatience(longestRequest: .milliseconds(400)))
  }

  private func place(_ scene: ForgeScene) throws -> ForgePlace {
    let repository = ForgeRepository(
      forge: try site(scene).name, id: Int64(scene.pull.repository), path: ForgeScene.repository)
    return ForgePlace(repository: try #require(repository), number: scene.pull.number)
  }

  private func comment(_ key: String, _ line: Int, pair: Int? = nil, side: Finding.Side = .head) -> LineComment {
    LineComment(
      key: key,
      anchor: LineAnchor(path: path, side: side, startLine: line, endLine: line, startPair: pair, endPair: pair),
      body: "About \(key)")
  }

  private func trial(_ isRetry: Bool = false) -> EffectTrial {
    EffectTrial(intended: WallClock.system.now(), isRetry: isRetry)
  }

  /// All of them.
  static let kinds = ForgeKind.allCases

  @Test("A pull request is read, commented, summed up, answered, settled and checked", arguments: kinds)
  func cycle(_ kind: ForgeKind) async throws {
    let scene = try await ForgeScene.start(kind, access: .admin)
    let (forge, place) = (try client(scene), try place(scene))
    let head = try #require(ObjectID(hex: scene.head))
    let account = try await forge.account()
    #expect(account.login == "rob")
    let repository = try await forge.repository(place.repository)
    #expect(repository.defaultBranch.shortDisplay == "main" && repository.repository == place.repository)
    let pull = try await forge.pullRequest(place)
    #expect(pull.head == head && pull.isOpen && pull.base.shortDisplay == "main" && pull.place == place)
    #expect(try await forge.openPullRequests(of: place.repository, into: pull.base).map(\.head) == [head])
    let author = try #require(pull.author)
    #expect(try await forge.permission(of: account, on: place.repository) == .admin)
    _ = author
    // Line 30 is changed, line 28 is there on both sides.
    let comments = [comment("a/1", 30), comment("a/2", 28, pair: 28)]
    for _ in 0..<2 {
      _ = try await forge.carryOut(.comments(comments, head: head), on: place, trial: trial())
      _ = try await forge.carryOut(.summary(body: "One"), on: place, trial: trial())
    }
    _ = try await forge.carryOut(.summary(body: "Two"), on: place, trial: trial())
    let posted = try await forge.comments(on: place)
    let first = try #require(posted.first { HiddenMarker.key(in: $0.body) == "a/1" })
    let answer = Answer(key: "r/1", thread: first.thread, comment: first.id, body: "Yes")
    for _ in 0..<2 { _ = try await forge.carryOut(.answer(answer), on: place, trial: trial()) }
    if forge.capabilities.settlesThreads {
      _ = try await forge.carryOut(.settle(keys: ["a/1", "a/2"]), on: place, trial: trial())
    }
    let all = try await forge.comments(on: place)
    #expect(all.compactMap { HiddenMarker.key(in: $0.body) }.sorted() == ["a/1", "a/2", "r/1", "summary"])
    #expect(all.first { HiddenMarker.key(in: $0.body) == "r/1" }?.thread == first.thread)
    #expect(all.contains { HiddenMarker.key(in: $0.body) == "summary" && $0.body.contains("Two") })
    if forge.capabilities.settlesThreads {
      #expect(all.filter { $0.thread != nil }.allSatisfy { $0.isSettled == true })
    }
    for state in CheckReport.State.allCases {
      let check = CheckReport(name: "arborist/review", head: head, state: state, title: "T", summary: "S")
      for _ in 0..<2 { _ = try await forge.carryOut(.check(check), on: place, trial: trial()) }
    }
    // GitLab changes a status that waits, and puts a new one behind one that is done.
    let statuses = try await scene.forge.statuses(at: scene.head)
    #expect(statuses.count == (kind == .gitlab ? 3 : 4))
    // What was not judged is at its end, and not green.
    #expect(statuses.last?.state == [.github: "error", .gitlab: "skipped", .gitea: "warning"][kind])
    #expect(statuses.last?.description == "T: S")
    #expect(scene.forge.breaches == [])
  }

  @Test("A comment that lies outside of the hunks is left out and told, and the others are there", arguments: kinds)
  func outside(_ kind: ForgeKind) async throws {
    let scene = try await ForgeScene.start(kind)
    let forge = try client(scene)
    let head = try #require(ObjectID(hex: scene.head))
    let result = try await forge.carryOut(
      .comments([comment("a/1", 30), comment("a/2", 999), comment("a/3", 32)], head: head), on: try place(scene),
      trial: trial())
    guard case .done(let line) = result else {
      Issue.record("\(result)")
      return
    }
    let count = try await scene.forge.comments(on: scene.pull.number, in: ForgeScene.repository).count
    // Gitea takes a comment on any line, which is why nobody may rely on it.
    #expect(line.contains("a/2 at file.txt:999") == forge.capabilities.checksAnchors)
    #expect(count == (forge.capabilities.checksAnchors ? 2 : 3))
    #expect(scene.forge.breaches == [])
  }

  @Test("A comment on several lines stands on all of them where the forge has that, else on the last", arguments: kinds)
  func ranges(_ kind: ForgeKind) async throws {
    let scene = try await ForgeScene.start(kind)
    let (forge, place) = (try client(scene), try place(scene))
    let head = try #require(ObjectID(hex: scene.head))
    // An unchanged line to a changed one, two unchanged ones, and on the base an unchanged one to a removed one.
    let comments = [
      LineAnchor(
        path: path, side: .head, startLine: 28, endLine: 30, startPair: 28, startBeside: 28, endBeside: 31),
      LineAnchor(
        path: path, side: .head, startLine: 28, endLine: 29, startPair: 28, endPair: 29, startBeside: 28, endBeside: 29),
      LineAnchor(
        path: path, side: .base, startLine: 29, endLine: 30, startPair: 29, startBeside: 29, endBeside: 30),
    ].enumerated().map { LineComment(key: "a/\($0)", anchor: $1, body: "B", suggestion: nil) }
    let result = try await forge.carryOut(.comments(comments, head: head), on: place, trial: trial())
    #expect(result == .done("3 comments posted"))
    let posted = try await scene.forge.comments(on: scene.pull.number, in: ForgeScene.repository)
    #expect(posted.map(\.anchor?.line) == [30, 29, 30])
    #expect(posted.map(\.anchor?.startLine) == (forge.capabilities.hasRanges ? [28, 28, 29] : [nil, nil, nil]))
    #expect(scene.forge.breaches == [])
  }

  @Test("A range whose ends are not what GitLab counts is refused")
  func wrongRange() async throws {
    let scene = try await ForgeScene.start(.gitlab)
    let (forge, place) = (try client(scene), try place(scene))
    let head = try #require(ObjectID(hex: scene.head))
    let anchor = LineAnchor(
      path: path, side: .head, startLine: 28, endLine: 30, startPair: 28, startBeside: 28, endBeside: 30)
    let comment = LineComment(key: "a/1", anchor: anchor, body: "B", suggestion: nil)
    let result = try await forge.carryOut(.comments([comment], head: head), on: place, trial: trial())
    guard case .done(let line) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(line.hasPrefix("0 comments posted, 1 refused where they belong: a/1 at file.txt:30"))
  }

  static let faults: [Fault.Kind] = [
    .storedButBadGateway, .storedButClosed, .storedLater(milliseconds: 100),
    .malformed, .status(500), .closed,
  ]

  @Test(
    "Whatever happens to a write, the next try leaves it there once", arguments: kinds, Array(faults.indices))
  func once(_ kind: ForgeKind, index: Int) async throws {
    let scene = try await ForgeScene.start(kind)
    // Long enough for a machine that is slow, where it matters.
    let quarantine = Duration.milliseconds(Self.faults[index] == .storedLater(milliseconds: 100) ? 3000 : 10)
    let (forge, place) = (try client(scene, quarantine: quarantine), try place(scene))
    let head = try #require(ObjectID(hex: scene.head))
    let effects: [ForgeEffect] = [
      .comments([comment("a/1", 30)], head: head), .summary(body: "One"),
      .answer(Answer(key: "r/1", thread: nil, comment: nil, body: "Yes")),
    ]
    for effect in effects {
      scene.forge.add(Fault(Self.faults[index], method: "POST", path: "/", calls: 1...1))
      var isRetry = false
      for _ in 0..<4 {
        let error = await forgeError { () async throws(ForgeError) in
          try await forge.carryOut(
            effect, on: place, trial: EffectTrial(intended: WallClock.system.now(), isRetry: isRetry))
        }
        if error == nil { break }
        isRetry = true
      }
      scene.forge.removeFaults()
    }
    let comments = try await scene.forge.comments(on: scene.pull.number, in: ForgeScene.repository)
    #expect(comments.compactMap { HiddenMarker.key(in: $0.body) }.sorted() == ["a/1", "r/1", "summary"])
    #expect(comments.count == 3 && scene.forge.breaches == [])
  }

  @Test("Among many effects with many faults, each is there once")
  func many() async throws {
    let count = ProcessInfo.processInfo.environment["ARBORIST_EFFECTS"].flatMap { Int($0) } ?? 40
    let scene = try await ForgeScene.start(.gitea)
    let (forge, place) = (try client(scene, quarantine: .milliseconds(10)), try place(scene))
    let faults: [Fault.Kind] = [.storedButBadGateway, .storedButClosed, .malformed, .status(500), .closed]
    for (seed, kind) in faults.enumerated() {
      scene.forge.add(Fault(kind, path: "/issues/", rate: 40, seed: UInt64(seed + 7)))
    }
    var tries = 0
    for index in 0..<count {
      let effect = ForgeEffect.answer(Answer(key: "r/\(index)", thread: nil, comment: nil, body: "Yes"))
      var isRetry = false
      while true {
        tries += 1
        let error = await forgeError { () async throws(ForgeError) in
          try await forge.carryOut(
            effect, on: place, trial: EffectTrial(intended: WallClock.system.now(), isRetry: isRetry))
        }
        if error == nil { break }
        isRetry = true
      }
    }
    let comments = try await scene.forge.comments(on: scene.pull.number, in: ForgeScene.repository)
    #expect(comments.compactMap { HiddenMarker.key(in: $0.body) }.sorted() == (0..<count).map { "r/\($0)" }.sorted())
    // Where no fault has come of it, the test shows nothing.
    #expect(comments.count == count && tries > count && scene.forge.breaches == [])
  }

  @Test("Limits are kept: nothing is asked before the time that the forge has named", arguments: kinds)
  func limits(_ kind: ForgeKind) async throws {
    let scene = try await ForgeScene.start(kind)
    let (forge, place) = (try client(scene), try place(scene))
    scene.forge.limit(calls: 2, retryAfter: 1)
    _ = try await forge.pullRequest(place)
    #expect(scene.forge.breaches == [])
    // Where no time is named, a minute is too long to wait for here.
    scene.forge.limit(calls: 1, retryAfter: 3600, status: 429)
    let error = await forgeError { () async throws(ForgeError) in try await forge.pullRequest(place) }
    #expect(error?.code == .limited && scene.forge.breaches == [])
  }

  @Test("An App mints tokens that do what is needed, and its checks hold more than fifty annotations")
  func apps() async throws {
    let scene = try await ForgeScene.start(.github)
    let ahead = Lock<Int64>(0)
    let (forge, place) = (try await app(scene, ahead: ahead), try place(scene))
    let head = try #require(ObjectID(hex: scene.head))
    #expect(try await forge.account().login == "arborist[bot]")
    #expect(try await forge.repository(place.repository).defaultBranch.shortDisplay == "main")
    var check = CheckReport(name: "arborist/review", head: head, state: .pending, title: "T", summary: "S")
    _ = try await forge.carryOut(.check(check), on: place, trial: trial())
    check.state = .neutral
    check.annotations = (1...120).map { comment("k\($0)", $0) }
    for _ in 0..<2 { _ = try await forge.carryOut(.check(check), on: place, trial: trial()) }
    let checks = try await scene.forge.checks(at: scene.head)
    #expect(checks.map(\.conclusion) == ["neutral"] && checks.first?.annotations.count == 120)
    _ = try await forge.carryOut(.comments([comment("a/1", 30)], head: head), on: place, trial: trial())
    _ = try await forge.carryOut(.summary(body: "One"), on: place, trial: trial())
    _ = try await forge.carryOut(.settle(keys: ["a/1"]), on: place, trial: trial())
    // An hour later for all, every token is too old.
    scene.forge.setClock(ahead: 3700)
    ahead.withLock { $0 = 3700 }
    #expect(try await forge.pullRequest(place).head == head)
    #expect(try await forge.permission(of: try await forge.account(), on: place.repository) >= .none)
    #expect(try await forge.gitCredential(for: place.repository, access: .write).user == "x-access-token")
    #expect(scene.forge.breaches == [])
  }

  @Test("A branch tells whether it is protected to whom the list says nothing", arguments: kinds)
  func marks(_ kind: ForgeKind) async throws {
    let scene = try await ForgeScene.start(kind)
    let (forge, place) = (try client(scene), try place(scene))
    func mark(_ name: String) async throws -> BranchProtection {
      try await forge.protection(of: try RefName(branch: Array(name.utf8)), in: place.repository)
    }
    try scene.git.git("branch", "release-a/b", "main")
    try await scene.forge.protect("release-a/*", in: ForgeScene.repository)
    #expect(try await mark("main") == .protected)
    #expect(try await mark("release-a/b") == .protected)
    #expect(try await mark("change") == .open)
    #expect(try await mark("nowhere") == .absent)
    scene.forge.add(Fault(.status(403), method: "GET", path: "/branches/"))
    guard case .unknown = try await mark("change") else {
      Issue.record("it is known")
      return
    }
    #expect(scene.forge.breaches == [])
  }

  @Test("Rulesets close branches that no protection names, and only those that they speak of")
  func rulesets() async throws {
    let scene = try await ForgeScene.start(.github)
    let (forge, place) = (try client(scene), try place(scene))
    try await scene.forge.rule("non_fast_forward", over: "*", in: ForgeScene.repository)
    try await scene.forge.rule("pull_request", over: "arborist/*/*", in: ForgeScene.repository)
    #expect(try await forge.pullRequest(place).allowsPush)
    let beside = try RefName(branch: Array("arborist/fix/change-12345678".utf8))
    #expect(try await forge.closure(of: beside, in: place.repository)?.contains("pull_request") == true)
    try await scene.forge.rule("update", over: "change", in: ForgeScene.repository)
    let closed = try await forge.pullRequest(place)
    #expect(!closed.allowsPush && closed.isOpen)
    let other = try RefName(branch: Array("change2".utf8))
    #expect(try await forge.closure(of: other, in: place.repository) == nil)
    // The list of protected branches says nothing of it.
    #expect(try await forge.repository(place.repository).protected == ["main"])
    #expect(scene.forge.breaches == [])
  }

  @Test("A new head gets no comment of the old one", arguments: kinds)
  func overtaken(_ kind: ForgeKind) async throws {
    let scene = try await ForgeScene.start(kind)
    let (forge, place) = (try client(scene), try place(scene))
    let old = try #require(ObjectID(hex: scene.head))
    let new = try scene.git.commit("change", parents: [old], .write("more.txt", "more\n"))
    try await scene.forge.pushed(ForgeScene.repository, "change", from: scene.head, by: "ada")
    for effect in [
      ForgeEffect.comments([comment("a/1", 30)], head: old), .summary(body: "One", heads: [old]),
    ] {
      let result = try await forge.carryOut(effect, on: place, trial: trial())
      guard case .overtaken = result else {
        Issue.record("\(result)")
        return
      }
    }
    #expect(try await scene.forge.comments(on: scene.pull.number, in: ForgeScene.repository).isEmpty)
    // What the work itself has made of it is no other head.
    let result = try await forge.carryOut(.summary(body: "One", heads: [old, new]), on: place, trial: trial())
    #expect(result == .done("the summary was posted"))
  }
}
