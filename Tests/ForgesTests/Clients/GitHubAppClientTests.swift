import Base
import CryptoExtras
import Forges
import HTTP
import JSON
import JWTKit
import Testing
import Work

@Suite("GitHub's client as an App")
struct GitHubAppClientTests {
  private let clock = TestClock()
  private let place: ForgePlace
  private static let key = Result { try _RSA.Signing.PrivateKey(keySize: .bits2048) }
  private let mint = "POST /app/installations/44/access_tokens"

  init() throws { place = ForgePlace(repository: try repository(.github), number: 5) }

  private func make(_ replies: [String: [Reply]]) throws -> (GitHubForge, ScriptedTransport) {
    let site = try site(.github)
    var replies = replies
    replies["GET /repos/o/r/installation"] = [.json(#"{"id":44}"#)]
    replies[mint] =
      replies[mint] ?? [
        .json(#"{"token":"ghs_first","expires_at":"2030-01-01T00:00:00Z"}"#, status: 201),
        .json(#"{"token":"ghs_second","expires_at":"2030-01-01T00:00:00Z"}"#, status: 201),
      ]
    let script = ScriptedTransport(site, replies)
    let app = try GitHubApp(id: "Iv1.abc", pem: Secret(try Self.key.get().pemRepresentation))
    return (GitHubForge(site, app: app, http: script, clock: clock.clock), script)
  }

  private func bearer(_ request: HTTPRequest) -> String {
    String(request.headers.first { $0.name == "Authorization" }?.value.dropFirst(7) ?? "")
  }

  private struct Claims: JWTPayload {
    var iat: Int64
    var exp: Int64
    var iss: String
    func verify(using algorithm: some JWTAlgorithm) async throws {}
  }

  @Test("The App signs a token for itself, and its installation's is narrowed to the repository")
  func minting() async throws {
    let rules = "GET /repos/o/r/rules/branches/topic?per_page=100"
    let (forge, script) = try make([
      "GET /repos/o/r/pulls/5": [.json(pullJSON(number: 5))], rules: [.json("[]")],
    ])
    _ = try await forge.pullRequest(place)
    #expect(script.calls == ["GET /repos/o/r/installation", mint, "GET /repos/o/r/pulls/5", rules])
    #expect(
      try script.body(mint)
        == [
          "repository_ids": [7],
          "permissions": ["metadata": "read", "contents": "read", "pull_requests": "write", "checks": "write"],
        ])
    #expect(bearer(script.requests[2]) == "ghs_first")
    let keys = JWTKeyCollection()
    await keys.add(
      rsa: try Insecure.RSA.PublicKey(pem: try Self.key.get().publicKey.pemRepresentation), digestAlgorithm: .sha256)
    let claims = try await keys.verify(bearer(script.requests[0]), as: Claims.self)
    #expect(claims.iss == "Iv1.abc" && claims.iat == 1_700_000_000 - 60 && claims.exp == 1_700_000_000 + 540)
    #expect(script.unknown == [] && script.breaches == [])
  }

  @Test("A token is kept for 55 minutes, and made anew once after a 401")
  func renewing() async throws {
    let (forge, script) = try make(["GET /repos/o/r/pulls/5": [.json(pullJSON(number: 5))]])
    _ = try await forge.pullRequest(place)
    clock.advance(seconds: 54 * 60)
    _ = try await forge.pullRequest(place)
    #expect(script.calls.count { $0 == mint } == 1)
    clock.advance(seconds: 61)
    _ = try await forge.pullRequest(place)
    #expect(script.calls.count { $0 == mint } == 2 && script.requests.last.map(bearer) == "ghs_second")
    script.set("GET /repos/o/r/pulls/5", .status(401), .json(pullJSON(number: 5)))
    _ = try await forge.pullRequest(place)
    #expect(script.calls.count { $0 == mint } == 3)
    script.set("GET /repos/o/r/pulls/5", .status(401))
    let error = await forgeError { () async throws(ForgeError) in try await forge.pullRequest(place) }
    #expect(error?.code == .unauthenticated && script.calls.count { $0 == mint } == 4)
  }

  @Test("An App that was taken away and installed anew is found under its new number")
  func reinstalled() async throws {
    let again = "POST /app/installations/45/access_tokens"
    let (forge, script) = try make([
      "GET /repos/o/r/pulls/5": [.json(pullJSON(number: 5))],
      again: [.json(#"{"token":"ghs_new","expires_at":"2030-01-01T00:00:00Z"}"#, status: 201)],
    ])
    _ = try await forge.pullRequest(place)
    clock.advance(seconds: 56 * 60)
    script.set(mint, .status(404))
    script.set("GET /repos/o/r/installation", .json(#"{"id":45}"#))
    _ = try await forge.pullRequest(place)
    #expect(script.calls.contains(again) && script.requests.last.map(bearer) == "ghs_new")
    // A number that was asked for just now and is not there is no reason to ask for ever.
    clock.advance(seconds: 56 * 60)
    script.set(again, .status(404))
    let error = await forgeError { () async throws(ForgeError) in try await forge.pullRequest(place) }
    #expect(error?.code == .notFound)
  }

  @Test("Git gets a token of its own, which reads or writes contents alone")
  func git() async throws {
    let (forge, script) = try make([:])
    let reading = try await forge.gitCredential(for: place.repository, access: .read)
    let writing = try await forge.gitCredential(for: place.repository, access: .write)
    #expect(reading.user == "x-access-token" && reading.password.reveal() == "ghs_first")
    #expect(writing.password.reveal() == "ghs_second" && !"\(writing)".contains("ghs_"))
    #expect(try script.body(mint)["permissions"] == ["metadata": "read", "contents": "write"])
    #expect(script.breaches == [])
  }

  @Test("The App's account is its bot's")
  func account() async throws {
    let (forge, script) = try make([
      "GET /app": [.json(#"{"slug":"arb"}"#)], "GET /app/installations?per_page=100": [.json(#"[{"id":44}]"#)],
      "GET /users/arb%5Bbot%5D": [.json(#"{"id":9,"login":"arb[bot]","type":"Bot"}"#)],
    ])
    #expect(try await forge.account() == ForgeActor(id: 9, login: "arb[bot]", isBot: true))
    let count = script.calls.count
    _ = try await forge.account()
    #expect(script.calls.count == count && script.unknown == [] && script.breaches == [])
  }

  @Test("A key that is none is said so, without a word of it")
  func badKey() async throws {
    let error = await forgeError { () async throws(ForgeError) in
      try GitHubApp(id: "1", pem: Secret("-----BEGIN KEY----- sesame"))
    }
    #expect(error?.code == .unauthenticated && error?.message.contains("sesame") == false)
  }

  // MARK: Checks

  private var list: String {
    "GET /repos/o/r/commits/\(headA)/check-runs?check_name=arborist%2Freview&filter=latest&per_page=100"
  }

  private func check(_ state: CheckReport.State, _ count: Int = 0) throws -> CheckReport {
    let path = try #require(RepositoryPath("a"))
    return CheckReport(
      name: "arborist/review", head: try oid("a"), state: state, title: "T", summary: "S",
      annotations: (0..<count).map { index in
        LineComment(
          key: "k\(index)", anchor: LineAnchor(path: path, side: .head, startLine: index + 1, endLine: index + 1),
          body: "M\(index)")
      })
  }

  private func run(
    _ status: String, _ conclusion: String?, _ annotations: Int, external: String = "arborist:arborist/review"
  ) -> Reply {
    let conclusion = conclusion.map { "\"\($0)\"" } ?? "null"
    return .json(
      #"{"total_count":1,"check_runs":[{"id":8,"external_id":"\#(external)","status":"\#(status)","conclusion":\#(conclusion),"output":{"title":"T","summary":"S","annotations_count":\#(annotations)}}]}"#
    )
  }

  private func report(_ forge: GitHubForge, _ check: CheckReport, isRetry: Bool = false) async throws -> ForgeResult {
    try await forge.carryOut(.check(check), on: place, trial: EffectTrial(intended: clock.now, isRetry: isRetry))
  }

  @Test("A check that another App made under our name is not ours", arguments: ["Iv1.abc", "Iv1.other"])
  func foreign(client: String) async throws {
    let post = "POST /repos/o/r/check-runs"
    let (forge, script) = try make([
      list: [
        .json(
          #"{"total_count":1,"check_runs":[{"id":8,"app":{"id":3,"client_id":"\#(client)"},"external_id":"arborist:arborist/review","status":"completed","conclusion":"success","output":{"title":"T","summary":"S","annotations_count":0}}]}"#
        )
      ],
      post: [.json(#"{"id":9}"#, status: 201)], "PATCH /repos/o/r/check-runs/8": [.json(#"{"id":8}"#)],
    ])
    _ = try await report(forge, try check(.failure))
    let isOwn = client == "Iv1.abc"
    // What is at its end is not changed back but made anew; a foreign one is never touched.
    #expect(script.calls.contains("PATCH /repos/o/r/check-runs/8") == isOwn && script.calls.contains(post) != isOwn)
  }

  @Test("A check is made, then changed; what is said on lines comes fifty at a time")
  func checks() async throws {
    let post = "POST /repos/o/r/check-runs"
    let patch = "PATCH /repos/o/r/check-runs/8"
    let (forge, script) = try make([
      list: [.json(#"{"total_count":0,"check_runs":[]}"#), run("in_progress", nil, 0)],
      post: [.json(#"{"id":8}"#, status: 201)], patch: [.json(#"{"id":8}"#)],
    ])
    #expect(try await report(forge, try check(.pending)) == .done("the check says pending"))
    #expect(
      try script.body(post)
        == [
          "name": "arborist/review", "head_sha": .string(headA), "external_id": "arborist:arborist/review",
          "status": "in_progress", "output": ["title": "T", "summary": "S"],
        ])
    #expect(try await report(forge, try check(.neutral, 120)) == .done("the check says neutral"))
    let sent = script.requests.filter { $0.method == .patch }.compactMap { try? JSONValue.parse($0.body) }
    #expect(sent.map { $0["output"]?["annotations"]?.array?.count } == [50, 50, 20])
    #expect(sent.allSatisfy { $0["conclusion"] == "neutral" && $0["status"] == "completed" })
    #expect(
      sent[0]["output"]?["annotations"]?.array?[0]
        == ["path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "M0"])
    #expect(script.unknown == [] && script.breaches == [])
  }

  @Test("A summary that is longer than GitHub takes is cut, and is still found to be the same")
  func longSummary() async throws {
    let post = "POST /repos/o/r/check-runs"
    let (forge, script) = try make([
      list: [.json(#"{"total_count":0,"check_runs":[]}"#)], post: [.json(#"{"id":8}"#, status: 201)],
    ])
    var long = try check(.success)
    long.summary = String(repeating: "ä", count: 70_000)
    _ = try await report(forge, long)
    let sent = try #require(try script.body(post)["output"]?["summary"]?.string)
    #expect(sent.utf8.count == 65_000 && script.breaches == [])
    script.set(
      list,
      .json(
        #"{"check_runs":[{"id":8,"external_id":"arborist:arborist/review","status":"completed","conclusion":"success","output":{"title":"T","summary":"\#(sent)","annotations_count":0}}]}"#
      ))
    #expect(try await report(forge, long) == .done("the check is there already"))
  }

  @Test("A check that is there is left, and one that was cut off is finished")
  func checksAgain() async throws {
    let post = "POST /repos/o/r/check-runs"
    let patch = "PATCH /repos/o/r/check-runs/8"
    let (forge, script) = try make([
      list: [run("completed", "failure", 120)], post: [.json(#"{"id":9}"#)], patch: [.json("{}")],
    ])
    #expect(try await report(forge, try check(.failure, 120), isRetry: true) == .done("the check is there already"))
    script.set(list, run("completed", "failure", 100))
    #expect(try await report(forge, try check(.failure, 120), isRetry: true) == .done("the check says failure"))
    #expect(try script.body(patch)["output"]?["annotations"]?.array?.count == 20)
    // Annotations cannot be taken back: another run takes its place.
    let count = script.writes.count
    _ = try await report(forge, try check(.success))
    _ = try await report(forge, try check(.pending))
    #expect(script.writes.dropFirst(count).allSatisfy { $0 == post })
    // Somebody else's check of the same name is not touched.
    script.set(list, run("in_progress", nil, 0, external: "other"))
    _ = try await report(forge, try check(.success))
    #expect(script.writes.last == post && script.breaches == [])
  }
}
