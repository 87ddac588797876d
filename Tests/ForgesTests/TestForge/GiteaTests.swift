import HTTP
import JSON
import TestForge
import Testing

/// Each rule of the imitated Gitea refuses once and accepts once.
@Suite struct GiteaTests {
  private func review(_ line: Int, path: String = "file.txt", event: String = "COMMENT") -> JSONValue {
    [
      "event": .string(event), "body": "",
      "comments": [["path": .string(path), "body": "Look", "new_position": .number(Double(line))]],
    ]
  }

  @Test func tokensAndTheirScopes() async throws {
    let scene = try await ForgeScene.start(.gitea)
    #expect(try await scene.repo(token: "").status == 401)
    #expect(try await scene.repo().json["permissions"]?["push"] == true)
    let narrow = try await scene.forge.addToken(for: "rob", scopes: ["read:repository", "write:issue"])
    #expect(try await scene.repo(.get, "/pulls/1", token: narrow).status == 200)
    #expect(try await scene.repo(.post, "/issues/1/comments", ["body": "x"], token: narrow).status == 201)
    #expect(try await scene.repo(.post, "/pulls/1/reviews", review(30), token: narrow).status == 403)
    #expect(scene.forge.breaches.isEmpty)
    #expect(try await scene.repo(.get, "?token=\(scene.token)", token: "").status == 401)
    #expect(scene.forge.breaches.count == 1)
  }

  @Test func anyPlaceIsTaken() async throws {
    let scene = try await ForgeScene.start(.gitea)
    #expect(try await scene.repo(.post, "/pulls/1/reviews", review(999)).status == 200)
    #expect(try await scene.repo(.post, "/pulls/1/reviews", review(1, path: "no/such/file")).status == 200)
    #expect(try await scene.repo(.post, "/pulls/1/reviews", ["event": "COMMENT", "body": ""]).status == 422)
    let ada = try await scene.forge.addToken(for: "ada")
    #expect(try await scene.repo(.post, "/pulls/1/reviews", ["event": "APPROVED"], token: ada).status == 422)
    #expect(try await scene.repo(.post, "/pulls/1/reviews", ["event": "APPROVED"]).status == 200)
    #expect(scene.forge.breaches.isEmpty)
  }

  @Test func anAnswerIsAReviewOnTheSameLine() async throws {
    let scene = try await ForgeScene.start(.gitea)
    let first = try await scene.repo(.post, "/pulls/1/reviews", review(30))
    _ = try await scene.repo(.post, "/pulls/1/reviews", review(30))
    #expect(try await scene.forge.threads(on: 1, in: "ada/app").count == 1)
    let id = first.json["id"]?.integer ?? 0
    let comments = try await scene.repo(.get, "/pulls/1/reviews/\(id)/comments")
    #expect(comments.json.array?.first?["position"]?.integer == 30)
    // Those on lines are edited where the others are, and not listed with them.
    let comment = comments.json.array?.first?["id"]?.integer ?? 0
    #expect(try await scene.repo(.patch, "/issues/comments/\(comment)", ["body": "New"]).status == 200)
    #expect(try await scene.repo(.get, "/issues/1/comments").json.array?.isEmpty == true)
  }

  @Test func onlyAdminsAskForPermissions() async throws {
    let scene = try await ForgeScene.start(.gitea)
    #expect(try await scene.repo(.get, "/collaborators/ada/permission").status == 403)
    #expect(try await scene.repo(.get, "/collaborators/rob/permission").json["permission"] == "write")
    try await scene.forge.grant(.admin, to: "rob", on: "ada/app")
    #expect(try await scene.repo(.get, "/collaborators/ada/permission").json["permission"] == "owner")
  }

  @Test(arguments: [(TestForge.Options.Gitea.old, 404, 404), (.new, 204, 201), (.forgejo15, 405, 404)])
  func whatCanBeSettledDependsOnTheVersion(version: TestForge.Options.Gitea, settled: Int, replied: Int) async throws {
    var options = TestForge.Options()
    options.gitea = version
    let scene = try await ForgeScene.start(.gitea, options: options)
    #expect(try await scene.call(.get, "/version").json["version"]?.string == version.rawValue)
    let comment = try await scene.forge.comment(on: 1, in: "ada/app", by: "ada", "Why?", file: "file.txt", line: 30)
    #expect(try await scene.repo(.post, "/pulls/comments/\(comment.id)/resolve").status == settled)
    #expect(try await scene.forge.threads(on: 1, in: "ada/app").first?.isResolved == (settled == 204))
    let reply = try await scene.repo(.post, "/pulls/1/comments/\(comment.id)/replies", ["body": "So"])
    #expect(reply.status == replied)
  }

  @Test func mergeabilityIsFalseWhileItIsNotKnown() async throws {
    let scene = try await ForgeScene.start(.gitea)
    #expect(try await scene.repo(.get, "/pulls/1").json["mergeable"] == false)
    let second = try await scene.repo(.get, "/pulls/1")
    #expect(second.json["mergeable"] == true)
    #expect(second.head["ETag"] == nil)
    #expect(second.head["X-RateLimit-Limit"] == nil)
    let diff = try await scene.repo(.get, "/pulls/1.diff")
    #expect(String(decoding: diff.body, as: UTF8.self).hasPrefix("diff --git "))
  }

  @Test(.enabled(if: ForgeScene.hasDescriptions, "ARBORIST_TEST_DATA is not set"))
  func bodiesAreHeldAgainstTheDescription() async throws {
    let scene = try await ForgeScene.start(.gitea)
    let wrong = try await scene.repo(.post, "/statuses/\(scene.head)", ["state": "success", "name": "x"])
    #expect(wrong.status == 422)
    #expect(scene.forge.breaches.count == 1)
    let right = try await scene.repo(.post, "/statuses/\(scene.head)", ["state": "success", "context": "x"])
    #expect(right.status == 201)
    #expect(scene.forge.breaches.count == 1)
  }
}
