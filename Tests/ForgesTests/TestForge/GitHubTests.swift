import Base
import HTTP
import JSON
import TestForge
import TestSupport
import Testing

/// Each rule of the imitated GitHub refuses once and accepts once.
@Suite struct GitHubTests {
  private func review(_ comments: [JSONValue], event: String = "COMMENT", body: String = "Text") -> JSONValue {
    ["event": .string(event), "body": .string(body), "comments": .array(comments)]
  }

  private func line(_ line: Int, side: String = "RIGHT", start: Int? = nil, path: String = "file.txt") -> JSONValue {
    var comment: [String: JSONValue] = [
      "path": .string(path), "line": .number(Double(line)), "side": .string(side), "body": "Look here",
    ]
    if let start {
      comment["start_line"] = .number(Double(start))
      comment["start_side"] = .string(side)
    }
    return .object(comment)
  }

  @Test func nobodyIsRefused() async throws {
    let scene = try await ForgeScene.start(.github)
    #expect(try await scene.repo(token: "").status == 401)
    #expect(try await scene.repo(token: "ghp_wrong").message == "Bad credentials")
    let answer = try await scene.repo()
    #expect(answer.status == 200)
    #expect(answer.json["full_name"]?.string == "ada/app")
    #expect(answer.json["default_branch"]?.string == "main")
    #expect(scene.forge.breaches.isEmpty)
  }

  @Test func strangersDoNotSeeAPrivateRepository() async throws {
    let scene = try await ForgeScene.start(.github)
    let stranger = try await scene.forge.addToken(for: "eve")
    #expect(try await scene.repo(token: stranger).status == 404)
    try await scene.forge.grant(.read, to: "eve", on: ForgeScene.repository)
    #expect(try await scene.repo(token: stranger).status == 200)
    // Who only reads may comment but not set a status.
    let comment = try await scene.repo(.post, "/issues/1/comments", ["body": "Hello"], token: stranger)
    #expect(comment.status == 201)
    let status = try await scene.repo(.post, "/statuses/\(scene.head)", ["state": "success"], token: stranger)
    #expect(status.status == 403)
    #expect(try await scene.repo(.post, "/statuses/\(scene.head)", ["state": "success"]).status == 201)
  }

  @Test func aReviewOnLinesOfTheDifferenceIsTaken() async throws {
    let scene = try await ForgeScene.start(.github)
    // 27 and 35 are the outermost lines around the change that the difference shows.
    let comments = [line(30), line(27), line(35), line(30, side: "LEFT"), line(32, start: 30)]
    let answer = try await scene.repo(.post, "/pulls/1/reviews", review(comments))
    #expect(answer.status == 200)
    #expect(answer.json["state"]?.string == "COMMENTED")
    let listed = try await scene.repo(.get, "/pulls/1/comments")
    #expect(listed.json.array?.count == 5)
    #expect(listed.json.array?.first?["line"]?.integer == 30)
    #expect(listed.json.array?.first?["diff_hunk"]?.string?.hasPrefix("@@ -27,") == true)
    #expect(try await scene.forge.threads(on: 1, in: "ada/app").count == 5)
    #expect(scene.forge.breaches.isEmpty)
  }

  @Test(arguments: [26, 36, 999]) func oneLineOutsideOfTheHunksRefusesAll(outside: Int) async throws {
    let scene = try await ForgeScene.start(.github)
    let answer = try await scene.repo(.post, "/pulls/1/reviews", review([line(30), line(outside)]))
    #expect(answer.status == 422)
    #expect(answer.json["errors"]?.array == ["Line could not be resolved"])
    #expect(try await scene.forge.comments(on: 1, in: "ada/app").isEmpty)
    #expect(scene.forge.writes["review"] == nil)
  }

  @Test func pathsAndRangesAreChecked() async throws {
    let scene = try await ForgeScene.start(.github)
    let path = try await scene.repo(.post, "/pulls/1/reviews", review([line(1, path: "other.txt")]))
    #expect(path.json["errors"]?.array == ["Path could not be resolved"])
    let same = try await scene.repo(.post, "/pulls/1/reviews", review([line(30, start: 30)]))
    #expect(same.status == 422)
    let outside = try await scene.repo(.post, "/pulls/1/reviews", review([line(30, start: 20)]))
    #expect(outside.status == 422)
    let single: JSONValue = [
      "path": "file.txt", "line": 5, "side": "RIGHT", "body": "x", "commit_id": .string(scene.head),
    ]
    let refused = try await scene.repo(.post, "/pulls/1/comments", single)
    #expect(refused.json["errors"]?.array?.first?["field"]?.string == "pull_request_review_thread.line")
  }

  @Test func reviewsFollowTheRulesOfEvents() async throws {
    let scene = try await ForgeScene.start(.github)
    let ada = try await scene.forge.addToken(for: "ada")
    let own = try await scene.repo(.post, "/pulls/1/reviews", ["event": "APPROVE"], token: ada)
    #expect(own.status == 422)
    #expect(own.json["errors"]?.array == ["Can not approve your own pull request"])
    #expect(try await scene.repo(.post, "/pulls/1/reviews", ["event": "APPROVE"]).json["state"]?.string == "APPROVED")
    #expect(try await scene.repo(.post, "/pulls/1/reviews", ["event": "COMMENT"]).status == 422)
    #expect(try await scene.repo(.post, "/pulls/1/reviews", ["event": "REQUEST_CHANGES"]).status == 422)
    // Without an event it is kept back, and there can be one.
    let pending = try await scene.repo(.post, "/pulls/1/reviews", ["comments": [line(30)]])
    #expect(pending.json["state"]?.string == "PENDING")
    #expect(try await scene.repo(.post, "/pulls/1/reviews", ["comments": [line(30)]]).status == 422)
    #expect(try await scene.repo(.get, "/pulls/1/comments").json.array?.count == 0)
    let id = pending.json["id"]?.integer ?? 0
    let handedIn = try await scene.repo(.post, "/pulls/1/reviews/\(id)/events", ["event": "COMMENT", "body": "Done"])
    #expect(handedIn.json["state"]?.string == "COMMENTED")
    #expect(try await scene.repo(.get, "/pulls/1/comments").json.array?.count == 1)
  }

  @Test func repliesAreForTheFirstCommentOfAThread() async throws {
    let scene = try await ForgeScene.start(.github)
    let first = try await scene.forge.comment(on: 1, in: "ada/app", by: "ada", "Why?", file: "file.txt", line: 30)
    let reply = try await scene.repo(.post, "/pulls/1/comments/\(first.id)/replies", ["body": "Because"])
    #expect(reply.status == 201)
    #expect(reply.json["in_reply_to_id"]?.integer == first.id)
    let again = try await scene.repo(
      .post, "/pulls/1/comments/\(reply.json["id"]?.integer ?? 0)/replies", ["body": "More"])
    #expect(again.status == 422)
    #expect(try await scene.forge.comments(on: 1, in: "ada/app").map(\.thread).allSatisfy { $0 == first.thread })
  }

  @Test func bodiesThatAreTooLongAreRefused() async throws {
    let scene = try await ForgeScene.start(.github)
    let long = JSONValue.string(String(repeating: "x", count: 65_537))
    #expect(try await scene.repo(.post, "/issues/1/comments", ["body": long]).status == 422)
    let fits = JSONValue.string(String(repeating: "x", count: 65_536))
    #expect(try await scene.repo(.post, "/issues/1/comments", ["body": fits]).status == 201)
  }

  @Test func commentsOnLinesAndOnTheWholeAreNotFoundForEachOther() async throws {
    let scene = try await ForgeScene.start(.github)
    let whole = try await scene.forge.comment(on: 1, in: "ada/app", by: "rob", "One")
    let onLine = try await scene.forge.comment(on: 1, in: "ada/app", by: "rob", "Two", file: "file.txt", line: 30)
    #expect(try await scene.repo(.patch, "/issues/comments/\(whole.id)", ["body": "Three"]).status == 200)
    #expect(try await scene.repo(.patch, "/issues/comments/\(onLine.id)", ["body": "Three"]).status == 404)
    #expect(try await scene.repo(.patch, "/pulls/comments/\(onLine.id)", ["body": "Three"]).status == 200)
    #expect(try await scene.forge.comments(on: 1, in: "ada/app").map(\.body) == ["Three", "Three"])
  }

  @Test func mergeabilityIsKnownTheSecondTime() async throws {
    let scene = try await ForgeScene.start(.github)
    #expect(try await scene.repo(.get, "/pulls/1").json["mergeable"] == .null)
    #expect(try await scene.repo(.get, "/pulls/1").json["mergeable"] == true)
    try scene.git.commit("main", .write("file.txt", "all is new\n"))
    #expect(try await scene.repo(.get, "/pulls/1").json["mergeable"] == .null)
    #expect(try await scene.repo(.get, "/pulls/1").json["mergeable"] == false)
  }

  @Test func theHeadIsReadFromGitAndKept() async throws {
    let scene = try await ForgeScene.start(.github)
    #expect(try scene.git.id("refs/pull/1/head").hex == scene.head)
    let next = try scene.git.commit("change", .write("more.txt", "more\n"))
    #expect(try await scene.repo(.get, "/pulls/1").json["head"]?["sha"]?.string == next.hex)
    #expect(try scene.git.id("refs/pull/1/head") == next)
  }

  @Test func pagesAreTurnedByLinks() async throws {
    var options = TestForge.Options()
    options.largestPage = 2
    let scene = try await ForgeScene.start(.github, options: options)
    for number in 1...5 { _ = try await scene.forge.comment(on: 1, in: "ada/app", by: "ada", "Comment \(number)") }
    var seen: [String] = []
    var next: String? = "/repos/ada/app/issues/1/comments?per_page=100"
    while let address = next {
      let answer = try await scene.call(.get, address)
      seen += answer.json.array?.compactMap { $0["body"]?.string } ?? []
      next = answer.head["Link"]?.split(separator: ",").first { $0.contains("rel=\"next\"") }
        .flatMap { $0.split(separator: "<").last?.split(separator: ">").first.map(String.init) }
    }
    #expect(seen == (1...5).map { "Comment \($0)" })
    #expect(scene.forge.breaches.isEmpty)
  }

  @Test func whatDidNotChangeIsNotSentAgain() async throws {
    let scene = try await ForgeScene.start(.github)
    let first = try await scene.repo()
    let mark = try #require(first.head["ETag"])
    let second = try await scene.repo(headers: [HTTPHeader("If-None-Match", mark)])
    #expect(second.status == 304)
    #expect(second.head["X-RateLimit-Used"] == first.head["X-RateLimit-Used"])
    let other = try await scene.repo(headers: [HTTPHeader("If-None-Match", "W/\"other\"")])
    #expect(other.status == 200)
  }

  @Test func unknownPathsAreBreaches() async throws {
    let scene = try await ForgeScene.start(.github)
    #expect(try await scene.repo(.get, "/no/such/thing").status == 404)
    #expect(scene.forge.breaches.count == 1)
    #expect(try await scene.repo(.delete, "/pulls/1").status == 404)
    #expect(scene.forge.breaches.count == 2)
  }

  @Test func differencesOfTooManyFilesAreRefused() async throws {
    let scene = try await ForgeScene.start(.github)
    let accept = [HTTPHeader("Accept", "application/vnd.github.diff")]
    let small = try await scene.repo(.get, "/pulls/1", headers: accept)
    #expect(small.status == 200)
    #expect(String(decoding: small.body, as: UTF8.self).hasPrefix("diff --git "))
    try scene.git.commit("change", changes: (0..<300).map { .write("many/\($0).txt", "x\n") })
    #expect(try await scene.repo(.get, "/pulls/1", headers: accept).status == 406)
    #expect(try await scene.repo(.get, "/pulls/1").json["changed_files"]?.integer == 301)
  }

  @Test func thereIsAnEndOfStatuses() async throws {
    let scene = try await ForgeScene.start(.github)
    func set() async throws -> Int {
      try await scene.repo(.post, "/statuses/\(scene.head)", ["state": "pending", "context": "x"]).status
    }
    for _ in 0..<999 {
      try await scene.forge.report(check: "x", at: scene.head, in: "ada/app", by: "rob", state: "pending")
    }
    #expect(try await set() == 201)
    #expect(try await set() == 422)
  }
}
