import Base
import Forges
import Foundation
import HTTP
import JSON
import Testing
import Work

@Suite("GitLab's client")
struct GitLabClientTests {
  private let clock = TestClock()
  private let place: ForgePlace
  private let base = "/projects/7/merge_requests/5"
  private let discussions = "GET /projects/7/merge_requests/5/discussions?per_page=100"
  private let post = "POST /projects/7/merge_requests/5/discussions"

  init() throws { place = ForgePlace(repository: try repository(.gitlab, path: "g/s/n"), number: 5) }

  private func merge(_ more: String = "", source: String = "7", status: String = "can_be_merged") -> String {
    """
    {"iid":5,"project_id":7,"source_project_id":\(source),"target_project_id":7,"state":"opened","draft":true,
    "title":"T","description":"D","sha":"\(headA)","source_branch":"topic","target_branch":"main","labels":["a"],
    "merge_status":"\(status)","author":{"id":3,"username":"ann"}\(more)}
    """
  }

  private func make(_ replies: [String: [Reply]]) throws -> (GitLabForge, ScriptedTransport) {
    let site = try site(.gitlab)
    var replies = replies
    replies["GET /user"] = [.json(#"{"id":9,"username":"project_7_bot_ab","bot":true}"#)]
    replies["GET \(base)"] = replies["GET \(base)"] ?? [.json(merge())]
    replies[discussions] = replies[discussions] ?? [.json("[]")]
    replies["GET \(base)/versions?per_page=100"] =
      replies["GET \(base)/versions?per_page=100"] ?? [.json("[\(version(2, headA)),\(version(1, headB))]")]
    let script = ScriptedTransport(site, replies)
    let token = TokenAuthority(site, token: Secret(secretToken))
    return (GitLabForge(site, token: token, http: script, clock: clock.clock), script)
  }

  private func version(_ id: Int, _ head: String) -> String {
    #"{"id":\#(id),"head_commit_sha":"\#(head)","base_commit_sha":"\#(headB)","start_commit_sha":"\#(headB)"}"#
  }

  private func note(_ id: Int, _ body: String, user: Int = 9, settled: Bool? = nil) -> String {
    let resolvable = settled.map { #","resolvable":true,"resolved":\#($0)"# } ?? #","resolvable":false"#
    return
      #"{"id":\#(id),"body":\#(JSONText.quoted(body)),"system":false,"author":{"id":\#(user),"username":"u"},"created_at":"2023-11-14T22:13:\#(10 + id).000Z"\#(resolvable)}"#
  }

  private func discussion(_ id: String, individual: Bool = false, _ notes: String...) -> String {
    #"{"id":"\#(id)","individual_note":\#(individual),"notes":[\#(notes.joined(separator: ","))]}"#
  }

  private func first() -> EffectTrial { EffectTrial(intended: clock.now, isRetry: false) }

  @Test("A project and a merge request are read as they stand")
  func reading() async throws {
    let (forge, script) = try make([
      "GET /projects/7": [
        .json(
          #"{"id":7,"path_with_namespace":"g/s/new","default_branch":"main","http_url_to_repo":"https://evil.example"}"#
        )
      ],
      "GET /projects/7/protected_branches?per_page=100": [.json(#"[{"name":"main"},{"name":"rel/*"}]"#), .status(403)],
      "GET \(base)": [
        .json(merge()), .json(merge(#","allow_collaboration":true,"detailed_merge_status":"checking""#, source: "8")),
        .json(merge(#","has_conflicts":true"#, source: "null")), .json(merge(status: "unchecked")),
      ],
      "GET /projects/8": [.json(#"{"id":8,"path_with_namespace":"eve/n"}"#)],
    ])
    let state = try await forge.repository(place.repository)
    #expect(state.repository.path == "g/s/new" && state.protected == ["main", "rel/*"])
    // Where git goes is said by the operator, not by the answer.
    #expect(state.gitAddress == "https://gitlab.example/g/s/new.git")
    #expect(try await forge.repository(place.repository).protected == nil)
    let own = try await forge.pullRequest(place)
    #expect(own.isOpen && own.isDraft && own.head.hex == headA && own.isMergeable == true && own.place == place)
    #expect(own.body == "D" && own.author == ForgeActor(id: 3, login: "ann", isBot: false) && own.baseTip == nil)
    let fork = try await forge.pullRequest(place)
    #expect(fork.place.fork == "eve/n" && fork.allowsPush && fork.isMergeable == nil)
    let gone = try await forge.pullRequest(place)
    #expect(gone.place.fork == "ghost/deleted" && !gone.allowsPush && gone.isMergeable == false)
    #expect(try await forge.pullRequest(place).isMergeable == nil && script.unknown == [])
  }

  @Test(
    "GitLab's own answers are read",
    .enabled(if: APIDescriptions.folder != nil, "ARBORIST_TEST_DATA is not set"))
  func captured() async throws {
    let folder = try #require(APIDescriptions.folder) + "/gitlab/responses"
    let one = try #require(
      String(bytes: FileManager.default.contents(atPath: folder + "/get_merge_request.json") ?? Data(), encoding: .utf8)
    )
    let place = ForgePlace(repository: try repository(.gitlab, id: 278964, path: "gitlab-org/gitlab"), number: 14656)
    let (forge, _) = try make(["GET /projects/278964/merge_requests/14656": [.json(one)]])
    let state = try await forge.pullRequest(place)
    #expect(state.place == place && state.isOpen && state.isDraft && state.base.shortDisplay == "master")
    #expect(state.branch.shortDisplay == "delete-designs-v2" && state.labels.count == 9 && state.isMergeable == false)
    let user = try #require(
      String(bytes: FileManager.default.contents(atPath: folder + "/get_user.json") ?? Data(), encoding: .utf8))
    let site = try site(.gitlab)
    let reader = GitLabForge(
      site, token: TokenAuthority(site, token: Secret(secretToken)),
      http: ScriptedTransport(site, ["GET /user": [.json(user)]]), clock: clock.clock)
    #expect(try await reader.account().isBot == false)
  }

  @Test("A project without a number is asked for by its path")
  func byPath() async throws {
    let (forge, script) = try make([
      "GET /projects/g%2Fs%2Fn": [.json(#"{"id":7,"path_with_namespace":"g/s/n","default_branch":"main"}"#)]
    ])
    _ = try await forge.repository(try repository(.gitlab, id: 0, path: "g/s/n"))
    #expect(script.calls.first == "GET /projects/g%2Fs%2Fn")
  }

  @Test(
    "A permission is the member's level, by number",
    arguments: [
      (50, .admin), (40, .admin), (30, .write), (20, .read), (15, .read), (10, .read), (5, ForgePermission.none),
      (0, ForgePermission.none),
    ] as [(Int, ForgePermission)])
  func permission(_ level: Int, _ permission: ForgePermission) async throws {
    func answer(_ id: Int, _ state: String) -> Reply {
      .json(#"{"id":\#(id),"state":"\#(state)","access_level":\#(level)}"#)
    }
    let (forge, _) = try make([
      "GET /projects/7/members/all/3": [
        answer(3, "active"), answer(3, "blocked"), .status(404), answer(4, "active"), .status(403),
      ]
    ])
    let ann = ForgeActor(id: 3, login: "whoever", isBot: false)
    #expect(try await forge.permission(of: ann, on: place.repository) == permission)
    #expect(try await forge.permission(of: ann, on: place.repository) == ForgePermission.none)
    #expect(try await forge.permission(of: ann, on: place.repository) == ForgePermission.none)
    for code in [ForgeError.Code.malformed, .forbidden] {
      let error = await forgeError { () async throws(ForgeError) in
        try await forge.permission(of: ann, on: place.repository)
      }
      #expect(error?.code == code)
    }
  }

  @Test(
    "Accounts of tokens are known by their names",
    arguments: [
      ("project_7_bot_ab12", true), ("group_12_bot", true), ("project_7_bot1", true), ("ann", false),
      ("project_manager", false), ("project_7_bottle", false),
    ])
  func bots(_ login: String, isBot: Bool) async throws {
    let (forge, _) = try make([
      "GET \(base)": [.json(merge().replacing(#""username":"ann""#, with: #""username":"\#(login)""#))]
    ])
    #expect(try await forge.pullRequest(place).author?.isBot == isBot)
  }

  @Test("Comments come out of discussions, without what the system writes")
  func comments() async throws {
    let system = note(9, "changed").replacing(#""system":false"#, with: #""system":true"#)
    let (forge, _) = try make([
      discussions: [
        .json(
          "[\(discussion("d1", note(2, "two", settled: true), note(4, "four", settled: true))),\(discussion("d2", individual: true, note(1, "one"), system))]"
        )
      ]
    ])
    let comments = try await forge.comments(on: place)
    #expect(comments.map(\.id) == [1, 2, 4] && comments.map(\.thread) == [nil, "d1", "d1"])
    #expect(comments.map(\.isSettled) == [nil, true, true])
  }

  private func comment(_ key: String, _ anchor: LineAnchor, suggestion: [String]? = nil) -> LineComment {
    LineComment(key: key, anchor: anchor, body: "B", suggestion: suggestion)
  }

  @Test("Each comment is a discussion on its last line, with both numbers where the line is unchanged")
  func posting() async throws {
    let (forge, script) = try make([
      post: [
        .json("{}"), .json("{}"), .json("{}"),
        .status(400, #"{"message":"400 Bad request - Note {:line_code=>[\"can't be blank\"]}"}"#),
      ]
    ])
    let path = try #require(RepositoryPath("new.c"))
    let comments = [
      comment(
        "a/1",
        LineAnchor(path: path, side: .head, startLine: 3, endLine: 5, startPair: 2, startBeside: 2, endBeside: 4),
        suggestion: ["x"]),
      comment(
        "a/2",
        LineAnchor(
          path: path, oldPath: RepositoryPath("old.c"), side: .head, startLine: 9, endLine: 9, startPair: 7, endPair: 7)
      ),
      // What was written down before ranges were knows no more than its lines.
      comment("a/3", LineAnchor(path: path, side: .base, startLine: 3, endLine: 4)),
      comment("a/4", LineAnchor(path: path, side: .head, startLine: 400, endLine: 400)),
    ]
    let result = try await forge.carryOut(.comments(comments, head: try oid("a")), on: place, trial: first())
    guard case .done(let line) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(line.hasPrefix("3 comments posted, 1 refused where they belong: a/4 at new.c:400 (400 Bad request - Note"))
    let sent = script.requests.filter { $0.method == .post }.compactMap { try? JSONValue.parse($0.body) }
    func position(_ more: [String: JSONValue], old: JSONValue = "new.c") -> JSONValue {
      .object(
        [
          "position_type": "text", "base_sha": .string(headB), "start_sha": .string(headB), "head_sha": .string(headA),
          "new_path": "new.c", "old_path": old,
        ].merging(more) { $1 })
    }
    #expect(
      sent[0] == [
        "body": "<!-- arborist:a/1 -->\nB\n\n```suggestion:-2+0\nx\n```",
        "position": position([
          "new_line": 5,
          "line_range": [
            "start": [
              "line_code": "1da68bd2e1a2ed6ea59ed1f51b5a5abf57328e27_2_3", "type": "old", "old_line": 2, "new_line": 3,
            ],
            "end": ["line_code": "1da68bd2e1a2ed6ea59ed1f51b5a5abf57328e27_4_5", "type": "new", "new_line": 5],
          ],
        ]),
      ])
    #expect(sent[1]["position"] == position(["new_line": 9, "old_line": 7], old: "old.c"))
    #expect(sent[2]["position"] == position(["old_line": 4]))
    // One a second, as GitLab.com allows.
    #expect(clock.waits == [1000, 1000, 1000] && script.unknown == [])
  }

  @Test("Nothing is posted on a difference that is not made yet")
  func noVersion() async throws {
    for versions in ["[]", "[\(version(1, headB))]"] {
      let (forge, script) = try make(["GET \(base)/versions?per_page=100": [.json(versions)]])
      let path = try #require(RepositoryPath("a"))
      let comments = [comment("a/1", LineAnchor(path: path, side: .head, startLine: 1, endLine: 1))]
      let head = try oid("a")
      let error = await forgeError { () async throws(ForgeError) in
        try await forge.carryOut(.comments(comments, head: head), on: place, trial: first())
      }
      #expect(error?.code == .unavailable && error?.retryAfter == 10 && script.writes == [])
    }
  }

  @Test("A limit in the midst of comments is an error, and the next try posts what is missing")
  func limited() async throws {
    let (forge, script) = try make([post: [.json("{}"), .status(429, "", [("Retry-After", "600")])]])
    let path = try #require(RepositoryPath("a"))
    let comments = (1...3).map { line in
      comment("a/\(line)", LineAnchor(path: path, side: .head, startLine: line, endLine: line))
    }
    let effect = ForgeEffect.comments(comments, head: try oid("a"))
    let error = await forgeError { () async throws(ForgeError) in
      try await forge.carryOut(effect, on: place, trial: first())
    }
    #expect(error?.code == .limited && error?.retryAfter == 600 && script.writes.count == 2)
    clock.advance(seconds: 700)
    script.set(discussions, .json("[\(discussion("d1", note(1, "<!-- arborist:a/1 -->\nB", settled: false)))]"))
    script.set(post, .json("{}"))
    let result = try await forge.carryOut(
      effect, on: place,
      trial: EffectTrial(intended: clock.now, isRetry: true, latest: clock.now.adding(.seconds(-700))))
    #expect(result == .done("2 comments posted, 1 there already") && script.writes.count == 4)
  }

  @Test("A summary that somebody answered, of which GitLab makes a thread, is written anew and not posted twice")
  func answeredSummary() async throws {
    let (forge, script) = try make([
      discussions: [
        .json(
          "[\(discussion("i1", note(3, "<!-- arborist:summary -->\nOne", settled: false), note(4, "Thanks", user: 66)))]"
        )
      ],
      "PUT \(base)/notes/3": [.json("{}")],
    ])
    #expect(
      try await forge.carryOut(.summary(body: "Two"), on: place, trial: first())
        == .done("the summary was written anew"))
    #expect(script.writes == ["PUT \(base)/notes/3"] && script.unknown == [])
  }

  @Test("Summaries, answers, settling and sweeping use notes and discussions")
  func others() async throws {
    let notes = "POST \(base)/notes"
    let (forge, script) = try make([
      notes: [.json("{}")], "PUT \(base)/notes/3": [.json("{}")], "DELETE \(base)/notes/4": [.status(204)],
      "POST \(base)/discussions/d9/notes": [.json("{}")], "PUT \(base)/discussions/d1": [.json("{}")],
    ])
    _ = try await forge.carryOut(.summary(body: "One"), on: place, trial: first())
    #expect(try script.body(notes) == ["body": "<!-- arborist:summary -->\nOne"])
    let answer = Answer(key: "r/1", thread: "d9", comment: 3, body: "Hi")
    #expect(try await forge.carryOut(.answer(answer), on: place, trial: first()) == .done("answered in the thread"))
    script.set(
      discussions,
      .json(
        "[\(discussion("i1", individual: true, note(3, "<!-- arborist:summary -->\nOne"))),\(discussion("i2", individual: true, note(4, "<!-- arborist:summary -->\nOne"))),\(discussion("d1", note(5, "<!-- arborist:a/1 -->\nB", settled: false)))]"
      ))
    #expect(
      try await forge.carryOut(.summary(body: "Two"), on: place, trial: first())
        == .done("the summary was written anew"))
    #expect(
      try await forge.carryOut(.settle(keys: ["a/1"]), on: place, trial: first()) == .done("1 thread settled"))
    #expect(try script.body("PUT \(base)/discussions/d1") == ["resolved": true])
    #expect(
      script.writes == [
        notes, "POST \(base)/discussions/d9/notes", "DELETE \(base)/notes/4", "PUT \(base)/notes/3",
        "PUT \(base)/discussions/d1",
      ])
    #expect(script.unknown == [])
  }

  @Test("A status is told once, and one that was not judged is grey")
  func statuses() async throws {
    let list = "GET /projects/7/repository/commits/\(headA)/statuses?name=arborist%2Freview&per_page=100"
    let post = "POST /projects/7/statuses/\(headA)"
    let (forge, script) = try make([list: [.json("[]")], post: [.json("{}", status: 201)]])
    func report(_ state: CheckReport.State) async throws -> ForgeResult {
      let check = CheckReport(name: "arborist/review", head: try oid("a"), state: state, title: "T", summary: "S")
      return try await forge.carryOut(.check(check), on: place, trial: first())
    }
    let states: [(CheckReport.State, String)] = [
      (.pending, "pending"), (.success, "success"), (.failure, "failed"), (.neutral, "skipped"),
    ]
    for (state, word) in states {
      #expect(try await report(state) == .done("the status says \(word)"))
      let text: JSONValue = state == .neutral ? "T: S" : "T"
      #expect(try script.body(post) == ["state": .string(word), "name": "arborist/review", "description": text])
    }
    // An older GitLab does not know `skipped`.
    script.set(post, .status(400, #"{"error":"state does not have a valid value"}"#), .json("{}"))
    #expect(try await report(.neutral) == .done("the status says canceled"))
    func standing(_ status: String, _ title: String) -> Reply {
      .json(
        #"[{"id":2,"name":"arborist/review","status":"\#(status)","description":"\#(title)","author":{"id":9}},{"id":1,"name":"arborist/review","status":"success","author":{"id":9}}]"#
      )
    }
    script.set(list, standing("pending", "T"))
    let count = script.writes.count
    #expect(try await report(.pending) == .done("the status is there already") && script.writes.count == count)
    // GitLab's states cannot be entered twice.
    script.set(list, standing("pending", "other"))
    script.set(post, .status(400, #"{"message":"Cannot transition status via :enqueue from :pending"}"#))
    #expect(try await report(.pending) == .done("the status says pending already"))
    script.set(post, .status(400, #"{"message":"Cannot transition status via :drop from :success"}"#))
    guard case .refused = try await report(.failure) else {
      Issue.record("a refusal was taken for a success")
      return
    }
  }
}
