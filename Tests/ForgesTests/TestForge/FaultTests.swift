import HTTP
import JSON
import TestForge
import Testing

/// What goes wrong goes wrong as it was said.
@Suite struct ForgeFaultTests {
  private func comment(_ scene: ForgeScene) async throws -> Int {
    try await scene.repo(.post, "/issues/1/comments", ["body": "Hello"]).status
  }

  private func stored(_ scene: ForgeScene) async throws -> Int {
    try await scene.forge.comments(on: 1, in: "ada/app").count
  }

  @Test func anErrorBeforeNothingIsStored() async throws {
    let scene = try await ForgeScene.start(.github)
    scene.forge.add(Fault(.status(503), method: "POST", path: "/comments", calls: 2...2))
    #expect(try await comment(scene) == 201)
    #expect(try await comment(scene) == 503)
    #expect(try await stored(scene) == 1)
    #expect(try await comment(scene) == 201)
    #expect(try await stored(scene) == 2)
  }

  @Test func storedAndYetRefused() async throws {
    let scene = try await ForgeScene.start(.github)
    scene.forge.add(Fault(.storedButBadGateway, method: "POST", calls: 1...1))
    #expect(try await comment(scene) == 502)
    #expect(try await stored(scene) == 1)
    #expect(scene.forge.calls.last?.fault == "stored but 502")
  }

  @Test func storedAfterTheAnswer() async throws {
    let scene = try await ForgeScene.start(.github)
    scene.forge.add(Fault(.storedLater(milliseconds: 20), method: "POST", calls: 1...1))
    #expect(try await comment(scene) == 502)
    while try await stored(scene) == 0 { await Task.yield() }
    #expect(scene.forge.writes["comment"] == 1)
  }

  @Test func connectionsAreClosedBeforeAndAfter() async throws {
    let scene = try await ForgeScene.start(.github)
    scene.forge.add(Fault(.closed, method: "POST", calls: 1...1))
    scene.forge.add(Fault(.storedButClosed, method: "POST", calls: 1...1))
    await #expect(throws: HTTPError.self) { _ = try await comment(scene) }
    #expect(try await stored(scene) == 0)
    await #expect(throws: HTTPError.self) { _ = try await comment(scene) }
    #expect(try await stored(scene) == 1)
    #expect(try await comment(scene) == 201)
  }

  @Test func answersAreCutAndTokensRefusedOnce() async throws {
    let scene = try await ForgeScene.start(.gitea)
    scene.forge.add(Fault(.malformed, path: "/pulls/1", calls: 1...1))
    scene.forge.add(Fault(.unauthorized, path: "/issues/", calls: 1...1))
    #expect(try await scene.repo(.get, "/pulls/1").json == .null)
    #expect(try await scene.repo(.get, "/pulls/1").json["number"]?.integer == 1)
    #expect(try await comment(scene) == 401)
    #expect(try await comment(scene) == 201)
  }

  @Test func aRateIsTheSameForTheSameSeed() async throws {
    func run(_ seed: UInt64) async throws -> [Int] {
      let scene = try await ForgeScene.start(.github)
      scene.forge.add(Fault(.status(500), rate: 500, seed: seed))
      var all: [Int] = []
      for _ in 0..<20 { all.append(try await scene.repo().status) }
      return all
    }
    let first = try await run(7)
    #expect(first.contains(500) && first.contains(200))
    #expect(try await run(7) == first)
  }

  @Test func limitsRefuseAndWatchWhoAsksAgain() async throws {
    let scene = try await ForgeScene.start(.github)
    scene.forge.limit(calls: 1, retryAfter: 3600, status: 429)
    let refused = try await scene.repo()
    #expect(refused.status == 429)
    #expect(refused.head["Retry-After"] == "3600")
    #expect(scene.forge.breaches.isEmpty)
    #expect(try await scene.repo().status == 200)
    #expect(scene.forge.breaches.count == 1)
  }

  @Test func thePrimaryLimitIsToldInHeaders() async throws {
    let scene = try await ForgeScene.start(.github)
    scene.forge.limit(left: 1, resetsIn: 600)
    let last = try await scene.repo()
    #expect(last.status == 200)
    #expect(last.head["X-RateLimit-Remaining"] == "0")
    #expect(try await scene.repo().status == 403)
    scene.forge.setClock(ahead: 601)
    #expect(try await scene.repo().status == 200)
  }
}
