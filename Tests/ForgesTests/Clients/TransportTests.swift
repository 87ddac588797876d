import Base
import Forges
import HTTP
import JSON
import Testing
import Work

@Suite("Requests to a forge")
struct TransportTests {
  private let clock = TestClock()

  private func make(
    _ name: ForgeName, _ replies: [String: [Reply]]
  ) throws -> (ForgeTransport, ScriptedTransport) {
    let site = try site(name)
    let script = ScriptedTransport(site, replies)
    let authority = TokenAuthority(site, token: Secret(secretToken))
    return (ForgeTransport(site, http: script, authority: authority, clock: clock.clock), script)
  }

  private func scope(_ name: ForgeName) throws -> ForgeScope { .repository(try repository(name)) }

  @Test("A read is what the forge's description says, with the credential in a header alone")
  func request() async throws {
    for (name, header) in [
      (ForgeName.github, HTTPHeader("Authorization", "Bearer \(secretToken)")),
      (.gitlab, HTTPHeader("PRIVATE-TOKEN", secretToken)),
      (.gitea, HTTPHeader("Authorization", "token \(secretToken)")),
    ] {
      let (transport, script) = try make(name, ["GET /user": [.json(#"{"id":1}"#)]])
      _ = try await transport.send(.get("/user", scope: .account))
      let request = try #require(script.requests.first)
      #expect(request.headers.contains(header) && !request.url.contains(secretToken) && !request.needsNewConnection)
      #expect(request.headers.contains { $0.name == "X-GitHub-Api-Version" } == (name == .github))
      #expect(request.deadlines.total != nil && request.body.isEmpty)
    }
  }

  @Test("A read is sent again after a failure that passes, a write never")
  func retries() async throws {
    let failures: [Reply] = [.status(502), .failure(.cut), .json("{}")]
    let (transport, script) = try make(.github, ["GET /user": failures, "POST /x": failures])
    _ = try await transport.send(.get("/user", scope: .account))
    #expect(script.calls.count == 3 && clock.waits == [1000, 2000])
    let error = await forgeError { () async throws(ForgeError) in
      try await transport.send(.write(.post, "/x", .object([:]), scope: .account))
    }
    #expect(error?.code == .unavailable && script.calls.count == 4)
    #expect(script.requests.last?.needsNewConnection == true)
    let second = await forgeError { () async throws(ForgeError) in
      try await transport.send(.write(.post, "/x", .object([:]), scope: .account))
    }
    #expect(second?.code == .unavailable && script.calls.count == 5)
  }

  @Test("A read that keeps failing fails, and says how long to wait where the forge does")
  func failing() async throws {
    let (transport, script) = try make(.github, ["GET /user": [.status(503, "", [("Retry-After", "120")])]])
    let error = await forgeError { () async throws(ForgeError) in
      try await transport.send(.get("/user", scope: .account))
    }
    #expect(error?.code == .unavailable && error?.retryAfter == 120 && script.calls.count == 3)
  }

  @Test(
    "Statuses become codes",
    arguments: [
      (400, .rejected), (401, .unauthenticated), (403, .forbidden), (404, .notFound), (405, .rejected),
      (409, .rejected), (410, .notFound), (422, .rejected), (429, .limited), (500, .unavailable), (301, .notFound),
    ] as [(Int, ForgeError.Code)])
  func statuses(_ status: Int, code: ForgeError.Code) async throws {
    let headers = status == 429 ? [("retry-after", "3600")] : []
    let (transport, _) = try make(.gitlab, ["GET /user": [.status(status, #"{"message":"why"}"#, headers)]])
    let error = await forgeError { () async throws(ForgeError) in
      try await transport.send(.get("/user", scope: .account))
    }
    #expect(error?.code == code && error?.message.contains("GET /user: status \(status): why") == true)
    #expect(error?.retryAfter == (status == 429 ? 3600 : nil))
  }

  @Test("No error holds the credential, whatever the forge repeats")
  func redaction() async throws {
    let echo = #"{"message":"bad token \#(secretToken) \u001b[31m"}"#
    for name in ForgeName.allCases {
      let (transport, _) = try make(name, ["GET /user": [.status(422, echo)]])
      let error = await forgeError { () async throws(ForgeError) in
        try await transport.send(.get("/user", scope: .account))
      }
      let message = try #require(error?.message)
      #expect(!message.contains(secretToken) && message.contains("(secret)") && !message.contains("\u{1b}"))
    }
  }

  @Test("A short refusal is waited for, reads and writes alike; a long one is told")
  func limits() async throws {
    let (transport, script) = try make(
      .github,
      [
        "POST /x": [.status(403, #"{"message":"secondary rate limit"}"#, [("retry-after", "20")]), .json("{}")],
        "GET /long": [.status(403, "", [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1700001000")])],
        "GET /user": [.json("{}")],
      ])
    _ = try await transport.send(.write(.post, "/x", .object([:]), scope: .account))
    #expect(script.calls.count == 2 && clock.waits == [20_000])
    let error = await forgeError { () async throws(ForgeError) in
      try await transport.send(.get("/long", scope: .account))
    }
    #expect(error?.code == .limited && error?.retryAfter == 981)
    // Until then nothing is sent at all.
    let next = await forgeError { () async throws(ForgeError) in
      try await transport.send(.get("/user", scope: .account))
    }
    #expect(next?.code == .limited && script.calls.count == 3)
    clock.advance(seconds: 990)
    _ = try await transport.send(.get("/user", scope: .account))
    #expect(script.calls.count == 4)
  }

  @Test("Writes keep a second apart on GitHub, reads do not")
  func spacing() async throws {
    let (transport, _) = try make(.github, ["POST /x": [.json("{}")], "GET /user": [.json("{}")]])
    for _ in 0..<3 { _ = try await transport.send(.write(.post, "/x", .object([:]), scope: .account)) }
    for _ in 0..<3 { _ = try await transport.send(.get("/user", scope: .account)) }
    #expect(clock.waits == [1000, 1000])
  }

  @Test("A refused credential is renewed once")
  func renewal() async throws {
    let site = try site(.gitea)
    let script = ScriptedTransport(site, ["GET /user": [.status(401), .json("{}")], "POST /x": [.status(401)]])
    let tokens = Lock(["first-token", "first-token", "second-token"])
    let authority = TokenAuthority(site) { () async throws(ForgeError) -> Secret in
      tokens.withLock { list in Secret(list.count > 1 ? list.removeFirst() : list[0]) }
    }
    let transport = ForgeTransport(site, http: script, authority: authority, clock: clock.clock)
    // The token that is there is the one that was refused.
    let error = await forgeError { () async throws(ForgeError) in
      try await transport.send(.write(.post, "/x", .object([:]), scope: .account))
    }
    #expect(error?.code == .unauthenticated && script.calls.count == 1)
    script.set("GET /user", .status(401), .json("{}"))
    tokens.withLock { $0 = ["first-token", "second-token"] }
    _ = try await transport.send(.get("/user", scope: .account))
    #expect(script.requests.suffix(2).map { $0.headers.last?.value } == ["token first-token", "token second-token"])
  }

  @Test("What has not changed is not sent again")
  func entities() async throws {
    let (transport, script) = try make(
      .github,
      ["GET /user": [.json(#"{"id":5}"#, [("ETag", "\"a\"")]), .status(304), .json(#"{"id":6}"#, [("ETag", "\"b\"")])]])
    var ids: [Int64] = []
    for _ in 0..<3 {
      let answer = try await transport.send(.get("/user", scope: .account))
      ids.append(Int64(answer.json?["id"]?.integer ?? 0))
    }
    #expect(ids == [5, 5, 6])
    let tags = script.requests.map { request in request.headers.first { $0.name == "If-None-Match" }?.value }
    #expect(tags == [nil, "\"a\"", "\"a\""])
  }

  @Test("A list is read to its end, and one that does not end is an error")
  func lists() async throws {
    let repository = try repository(.github)
    let list = "GET /repos/o/r/pulls?state=open&per_page=100"
    let pull = pullJSON(number: 1)
    func link(_ page: Int) -> (String, String) {
      ("Link", "<https://api.github.com/repos/o/r/pulls?state=open&per_page=100&page=\(page)>; rel=\"next\"")
    }
    let script = ScriptedTransport(
      try site(.github),
      [
        list: [.json("[\(pull)]", [link(2)])],
        list + "&page=2": [.json("[\(pullJSON(number: 2))]", [link(3)])], list + "&page=3": [.json("[]")],
      ])
    let forge = GitHubForge(
      try site(.github), token: TokenAuthority(try site(.github), token: Secret(secretToken)), http: script,
      clock: clock.clock)
    #expect(try await forge.openPullRequests(of: repository, into: nil).map(\.place.number) == [1, 2])
    #expect(script.unknown == [] && script.breaches == [])
    var endless: [String: [Reply]] = [list: [.json("[]", [link(2)])]]
    for page in 2...300 { endless[list + "&page=\(page)"] = [.json("[]", [link(page + 1)])] }
    let stuck = GitHubForge(
      try site(.github), token: TokenAuthority(try site(.github), token: Secret(secretToken)),
      http: ScriptedTransport(try site(.github), endless), clock: clock.clock)
    let error = await forgeError { () async throws(ForgeError) in
      try await stuck.openPullRequests(of: repository, into: nil)
    }
    #expect(error?.code == .rejected)
    // A page that lies elsewhere would take the credential with it.
    script.set(list, .json("[\(pull)]", [("Link", "<https://evil.example/2>; rel=\"next\"")]))
    let before = script.requests.count
    let foreign = await forgeError { () async throws(ForgeError) in
      try await forge.openPullRequests(of: repository, into: nil)
    }
    #expect(foreign?.code == .malformed && script.requests.count == before + 1)
  }
}
