import Glibc
import HTTP
import JSON
import TestForge
import Testing

/// Apps, their tokens, and what only apps may do.
@Suite struct GitHubAppTests {
  // Asked anew for each token: on a busy machine a test takes its time.
  private var now: Int { time(nil) }

  private func bearer(_ token: String) -> [HTTPHeader] { [HTTPHeader("Authorization", "Bearer \(token)")] }

  private func token(
    _ scene: ForgeScene, _ made: (app: App, installation: Installation, privateKey: String), _ body: JSONValue? = nil
  ) async throws -> ForgeScene.Reply {
    let own = try await ForgeScene.appToken(
      String(made.app.id), key: made.privateKey, issued: now - 60, expires: now + 540)
    return try await scene.call(
      .post, "/app/installations/\(made.installation.id)/access_tokens", body, token: "", headers: bearer(own))
  }

  @Test func anAppsTokenIsCheckedWithItsKeyAndItsTimes() async throws {
    let scene = try await ForgeScene.start(.github)
    let made = try await scene.app(["checks": "write"])
    func status(_ issuer: String, _ key: String, _ issued: Int, _ expires: Int) async throws -> Int {
      let token = try await ForgeScene.appToken(issuer, key: key, issued: issued, expires: expires)
      return try await scene.call(.get, "/app", token: "", headers: bearer(token)).status
    }
    let id = String(made.app.id)
    #expect(try await status(id, made.privateKey, now - 60, now + 540) == 200)
    #expect(try await status(made.app.clientID, made.privateKey, now - 60, now + 540) == 200)
    #expect(try await status(id, try TestForge.makeKeys().privateKey, now - 60, now + 540) == 401)
    #expect(try await status("77", made.privateKey, now - 60, now + 540) == 401)
    #expect(try await status(id, made.privateKey, now + 120, now + 540) == 401)
    #expect(try await status(id, made.privateKey, now - 700, now - 100) == 401)
    #expect(try await status(id, made.privateKey, now - 60, now + 900) == 401)
    #expect(scene.forge.breaches.isEmpty)
  }

  @Test func theClockOfTheForgeDecides() async throws {
    let scene = try await ForgeScene.start(.github)
    let made = try await scene.app(["checks": "write"])
    scene.forge.setClock(ahead: -300)
    #expect(try await token(scene, made).status == 401)
    scene.forge.setClock(ahead: 0)
    #expect(try await token(scene, made).status == 201)
  }

  @Test func aTokenReachesNoFurtherThanItWasMadeFor() async throws {
    let scene = try await ForgeScene.start(.github)
    let made = try await scene.app(["checks": "write", "pull_requests": "write", "contents": "read"])
    let other = try await scene.forge.addRepository("ada/other")
    let narrow = try await token(scene, made, ["permissions": ["pull_requests": "read"]])
    let value = try #require(narrow.json["token"]?.string)
    #expect(try await scene.repo(.get, "/pulls/1", token: value).status == 200)
    #expect(try await scene.repo(.post, "/issues/1/comments", ["body": "x"], token: value).status == 403)
    #expect(try await scene.call(.get, "/repos/\(other.path)", token: value).status == 404)
    let wide = try #require(try await token(scene, made).json["token"]?.string)
    #expect(try await scene.repo(.post, "/issues/1/comments", ["body": "x"], token: wide).status == 201)
    #expect(try await scene.forge.comments(on: 1, in: "ada/app").count == 1)
    #expect(try await token(scene, made, ["permissions": ["contents": "write"]]).status == 422)
    #expect(try await token(scene, made, ["repository_ids": [.number(Double(other.id))]]).status == 422)
    scene.forge.setClock(ahead: 3601)
    #expect(try await scene.repo(.get, "/pulls/1", token: wide).status == 401)
  }

  @Test func checksAreForAppsAlone() async throws {
    let scene = try await ForgeScene.start(.github)
    let made = try await scene.app(["checks": "write"])
    let value = try #require(try await token(scene, made).json["token"]?.string)
    let check: JSONValue = ["name": "arborist/review", "head_sha": .string(scene.head), "status": "in_progress"]
    #expect(try await scene.repo(.post, "/check-runs", check).status == 403)
    let created = try await scene.repo(.post, "/check-runs", check, token: value)
    #expect(created.status == 201)
    let id = created.json["id"]?.integer ?? 0
    func finish(_ count: Int) async throws -> Int {
      let annotation: JSONValue = [
        "path": "file.txt", "start_line": 30, "end_line": 30, "annotation_level": "warning", "message": "m",
      ]
      let output: JSONValue = [
        "title": "t", "summary": "s", "annotations": .array(Array(repeating: annotation, count: count)),
      ]
      let body: JSONValue = ["status": "completed", "conclusion": "neutral", "output": output]
      return try await scene.repo(.patch, "/check-runs/\(id)", body, token: value).status
    }
    #expect(try await finish(50) == 200)
    #expect(try await finish(2) == 200)
    #expect(scene.forge.breaches.isEmpty)
    #expect(try await finish(51) == 422)
    let stored = try #require(try await scene.forge.checks(at: scene.head).first)
    #expect(stored.annotations.count == 52)
    #expect(stored.conclusion == "neutral")
    let listed = try await scene.repo(.get, "/commits/\(scene.head)/check-runs", token: value)
    #expect(listed.json["total_count"]?.integer == 1)
  }
}
