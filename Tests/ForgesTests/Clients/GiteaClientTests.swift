import Base
import Forges
import HTTP
import JSON
import Testing
import Work

@Suite("Gitea's and Forgejo's client")
struct GiteaClientTests {
  private let clock = TestClock()
  private let place: ForgePlace
  private let notes = "GET /repos/o/r/issues/5/comments"
  private let reviews = "GET /repos/o/r/pulls/5/reviews?limit=50"
  private let review = "POST /repos/o/r/pulls/5/reviews"
  private let pull = "GET /repos/o/r/pulls/5"

  init() throws { place = ForgePlace(repository: try repository(.gitea), number: 5) }

  private func make(
    _ replies: [String: [Reply]], version: String = "1.22.0+dev-1-gabc"
  ) throws -> (GiteaForge, ScriptedTransport) {
    let site = try site(.gitea)
    var replies = replies
    replies["GET /version"] = [.json(#"{"version":"\#(version)"}"#)]
    replies["GET /user"] = [.json(#"{"id":9,"login":"bot"}"#)]
    replies[pull] = replies[pull] ?? [.json(pullJSON(number: 5))]
    replies[notes] = replies[notes] ?? [.json("[]")]
    replies[reviews] = replies[reviews] ?? [.json("[]")]
    let script = ScriptedTransport(site, replies)
    let token = TokenAuthority(site, token: Secret(secretToken))
    return (GiteaForge(site, token: token, http: script, clock: clock.clock), script)
  }

  private func note(_ id: Int, _ body: String, user: Int = 9, more: String = "") -> String {
    #"{"id":\#(id),"body":\#(JSONText.quoted(body)),"user":{"id":\#(user),"login":"u"},"created_at":"2023-11-14T23:13:\#(10 + id)+01:00"\#(more)}"#
  }

  private func first() -> EffectTrial { EffectTrial(intended: clock.now, isRetry: false) }

  private func anchor(_ line: Int, side: Finding.Side = .head) throws -> LineAnchor {
    LineAnchor(path: try #require(RepositoryPath("a.c")), side: side, startLine: line - 1, endLine: line)
  }

  @Test("A repository and a pull request are read as they stand")
  func reading() async throws {
    let draft = pullJSON(number: 5).replacing(#""draft":false,"title":"T","#, with: #""title":"wip: T","#)
    let (forge, script) = try make([
      "GET /repos/o/r": [.json(#"{"id":8,"full_name":"o/r","default_branch":"main"}"#)],
      "GET /repositories/7": [.json(#"{"id":7,"full_name":"o/new","default_branch":"main"}"#)],
      "GET /repos/o/new/branch_protections": [
        .json(#"[{"rule_name":"rel/**","branch_name":""},{"rule_name":"","branch_name":"main"}]"#), .status(403),
      ],
      pull: [
        .json(draft.replacing(#""mergeable":null"#, with: #""mergeable":false"#)),
        .json(pullJSON(number: 5).replacing(#""mergeable":null"#, with: #""mergeable":true"#)),
      ],
      "GET /repos/o/r/pulls?state=open&limit=50": [
        .json("[\(pullJSON(number: 5))]", [("Link", #"<http://inner/api/v1/x?page=2>; rel="next""#)])
      ],
      "GET /repos/o/r/pulls?state=open&limit=50&page=2": [.json("[\(pullJSON(number: 6))]")],
    ])
    let state = try await forge.repository(place.repository)
    #expect(state.protected == ["rel/**", "main"] && state.gitAddress == "https://gitea.example/o/new.git")
    #expect(try await forge.repository(place.repository).protected == nil)
    let busy = try await forge.pullRequest(place)
    // Gitea says no while it is still looking.
    #expect(busy.isDraft && busy.isMergeable == nil && busy.baseTip?.hex == headB)
    #expect(try await forge.pullRequest(place).isMergeable == true)
    let main = try RefName("refs/heads/main")
    #expect(try await forge.openPullRequests(of: place.repository, into: main).map(\.place.number) == [5, 6])
    #expect(try await forge.openPullRequests(of: place.repository, into: try RefName("refs/heads/x")).isEmpty)
    #expect(script.unknown == [] && script.breaches == [])
  }

  @Test("A permission is asked by name and held against the number; 403 is an error")
  func permission() async throws {
    func answer(_ id: Int, _ permission: String) -> Reply {
      .json(#"{"permission":"\#(permission)","user":{"id":\#(id),"login":"x"}}"#)
    }
    let (forge, script) = try make([
      "GET /repos/o/r/collaborators/ann/permission": [
        answer(3, "owner"), answer(3, "write"), answer(66, "owner"), .status(403),
      ],
      "GET /users/search?uid=3": [.json(#"{"ok":true,"data":[{"id":3,"login":"ann2"}]}"#)],
      "GET /repos/o/r/collaborators/ann2/permission": [answer(3, "read")],
    ])
    let ann = ForgeActor(id: 3, login: "ann", isBot: false)
    #expect(try await forge.permission(of: ann, on: place.repository) == .admin)
    #expect(try await forge.permission(of: ann, on: place.repository) == .write)
    #expect(try await forge.permission(of: ann, on: place.repository) == .read)
    let error = await forgeError { () async throws(ForgeError) in
      try await forge.permission(of: ann, on: place.repository)
    }
    #expect(error?.code == .forbidden && script.unknown == [] && script.breaches == [])
  }

  private func threadReplies() -> [String: [Reply]] {
    [
      notes: [.json("[\(note(4, "four"))]")],
      reviews: [.json(#"[{"id":20,"comments_count":2},{"id":21,"comments_count":0},{"id":22,"comments_count":1}]"#)],
      "GET /repos/o/r/pulls/5/reviews/20/comments": [
        .json(
          "[\(note(1, "<!-- arborist:a/1 -->\nB", more: #","path":"a.c","position":3,"original_position":0"#)),\(note(2, "two", more: #","path":"a.c","position":0,"original_position":3,"resolver":{"id":1,"login":"x"}"#))]"
        )
      ],
      "GET /repos/o/r/pulls/5/reviews/22/comments": [
        .json("[\(note(3, "three", user: 4, more: #","path":"a.c","position":3,"original_position":0"#))]")
      ],
    ]
  }

  @Test("Comments on one line are one thread")
  func comments() async throws {
    let (forge, script) = try make(threadReplies())
    let comments = try await forge.comments(on: place)
    #expect(comments.map(\.id) == [1, 2, 3, 4] && comments.map(\.thread) == ["1", "2", "1", nil])
    #expect(comments.map(\.isSettled) == [false, true, false, nil])
    #expect(script.unknown == [] && script.breaches == [])
  }

  @Test("Comments go out as one review, on their last lines")
  func posting() async throws {
    let (forge, script) = try make([review: [.json("{}")]])
    let comments = [
      LineComment(key: "a/1", anchor: try anchor(4), body: "B", suggestion: ["x"]),
      LineComment(key: "a/2", anchor: try anchor(9, side: .base), body: "B"),
    ]
    let result = try await forge.carryOut(.comments(comments, head: try oid("a")), on: place, trial: first())
    #expect(result == .done("2 comments posted"))
    #expect(
      try script.body(review)
        == [
          "event": "COMMENT", "commit_id": .string(headA),
          "comments": [
            ["path": "a.c", "new_position": 4, "body": "<!-- arborist:a/1 -->\nB\n\n```\nx\n```"],
            ["path": "a.c", "old_position": 9, "body": "<!-- arborist:a/2 -->\nB"],
          ],
        ])
    #expect(script.unknown == [] && script.breaches == [] && !forge.capabilities.checksAnchors)
  }

  @Test("An answer stands on the line of its thread, by a second review or by the reply that newer ones have")
  func answers() async throws {
    let reply = "POST /repos/o/r/pulls/5/comments/1/replies"
    let answer = ForgeEffect.answer(Answer(key: "r/1", thread: "1", comment: 3, body: "Hi"))
    var replies = threadReplies()
    replies[review] = [.json("{}")]
    replies[reply] = [.json("{}"), .status(405)]
    let (old, script) = try make(replies)
    #expect(try await old.carryOut(answer, on: place, trial: first()) == .done("answered in the thread"))
    #expect(
      try script.body(review)["comments"]
        == [["path": "a.c", "new_position": 3, "body": "<!-- arborist:r/1 -->\nHi"]])
    let (new, newScript) = try make(replies, version: "1.27.0")
    #expect(try await new.carryOut(answer, on: place, trial: first()) == .done("answered in the thread"))
    #expect(newScript.writes == [reply])
    _ = try await new.carryOut(answer, on: place, trial: first())
    #expect(newScript.writes == [reply, reply, review] && newScript.breaches == [] && script.breaches == [])
  }

  @Test(
    "What a version lacks is said and not tried",
    arguments: [
      ("1.22.0+dev", false), ("1.25.9", false), ("1.26.0", true), ("1.27.3", true), ("15.0.1+gitea-1.22.0", false),
      ("2.0.0", true),
    ])
  func settling(_ version: String, settles: Bool) async throws {
    let call = "POST /repos/o/r/pulls/comments/1/resolve"
    var replies = threadReplies()
    replies[call] = [.status(204)]
    let (forge, script) = try make(replies, version: version)
    let result = try await forge.carryOut(.settle(keys: ["a/1"]), on: place, trial: first())
    #expect(forge.capabilities.settlesThreads == settles && script.breaches == [])
    if settles {
      #expect(result == .done("1 thread settled") && script.writes == [call])
      // The version promised what the server does not have.
      script.set(call, .status(405))
      // The thread stays open, and nothing fails for it.
      let refused = try await forge.carryOut(.settle(keys: ["a/1"]), on: place, trial: first())
      guard case .done(let line) = refused, line.hasPrefix("not settled: ") else {
        Issue.record("405 was taken for a success")
        return
      }
      #expect(!forge.capabilities.settlesThreads)
    } else {
      #expect(
        result == .done("not settled: this forge cannot settle threads for a program") && script.writes == [])
    }
  }

  @Test("The summary is written anew in its place, and what is there twice is swept")
  func summary() async throws {
    let (forge, script) = try make([
      notes: [
        .json("[]"), .json("[\(note(2, "<!-- arborist:summary -->\nA")),\(note(1, "<!-- arborist:summary -->\nA"))]"),
      ],
      "POST /repos/o/r/issues/5/comments": [.json("{}")], "PATCH /repos/o/r/issues/comments/1": [.json("{}")],
      "DELETE /repos/o/r/issues/comments/2": [.status(204)],
    ])
    _ = try await forge.carryOut(.summary(body: "A"), on: place, trial: first())
    _ = try await forge.carryOut(.summary(body: "B"), on: place, trial: first())
    #expect(
      script.writes == [
        "POST /repos/o/r/issues/5/comments", "DELETE /repos/o/r/issues/comments/2",
        "PATCH /repos/o/r/issues/comments/1",
      ])
    #expect(script.unknown == [] && script.breaches == [])
  }

  @Test("A status that was not judged is a warning, and each is told once")
  func statuses() async throws {
    let list = "GET /repos/o/r/commits/\(headA)/statuses?sort=recentupdate&limit=50"
    let post = "POST /repos/o/r/statuses/\(headA)"
    let (forge, script) = try make([list: [.json("[]")], post: [.json("{}", status: 201)]])
    func report(_ state: CheckReport.State) async throws -> ForgeResult {
      let check = CheckReport(name: "arborist/review", head: try oid("a"), state: state, title: "T", summary: "S")
      return try await forge.carryOut(.check(check), on: place, trial: first())
    }
    let states: [(CheckReport.State, String)] = [
      (.pending, "pending"), (.success, "success"), (.failure, "failure"), (.neutral, "warning"),
    ]
    for (state, word) in states {
      #expect(try await report(state) == .done("the status says \(word)"))
      let text: JSONValue = state == .neutral ? "T: S" : "T"
      #expect(try script.body(post) == ["state": .string(word), "context": "arborist/review", "description": text])
    }
    script.set(
      list,
      .json(
        #"[{"id":1,"context":"arborist/review","status":"success","description":"T","creator":{"id":9}},{"id":2,"context":"arborist/review","status":"warning","description":"T: S","creator":{"id":9}}]"#
      ))
    #expect(try await report(.neutral) == .done("the status is there already"))
    #expect(try await report(.success) == .done("the status says success"))
    #expect(script.unknown == [] && script.breaches == [])
  }
}
