import Base
import Forges
import HTTP
import JSON
import Testing
import Work

let headA = String(repeating: "a", count: 40)
let headB = String(repeating: "b", count: 40)

func pullJSON(number: Int, head: String = headA, state: String = "open", extra: String = "") -> String {
  """
  {"number":\(number),"state":"\(state)","draft":false,"title":"T","body":null,"mergeable":null,\(extra)
  "head":{"sha":"\(head)","ref":"topic","user":{"login":"o"},"repo":{"id":7,"full_name":"o/r"}},
  "base":{"sha":"\(headB)","ref":"main","repo":{"id":7,"full_name":"o/r"}},
  "user":{"id":3,"login":"ann","type":"User"},"labels":[{"name":"bug"}]}
  """
}

@Suite("GitHub's client")
struct GitHubClientTests {
  private let clock = TestClock()
  private let place: ForgePlace
  private let pull = "GET /repos/o/r/pulls/5"
  private let rules = "GET /repos/o/r/rules/branches/topic?per_page=100"
  private let notes = "GET /repos/o/r/issues/5/comments?per_page=50"
  private let lines = "GET /repos/o/r/pulls/5/comments?per_page=50"

  init() throws { place = ForgePlace(repository: try repository(.github), number: 5) }

  private func make(_ replies: [String: [Reply]]) throws -> (GitHubForge, ScriptedTransport) {
    let site = try site(.github)
    var replies = replies
    replies["GET /user"] = [.json(#"{"id":9,"login":"bot","type":"User"}"#)]
    replies[pull] = replies[pull] ?? [.json(pullJSON(number: 5))]
    replies[rules] = replies[rules] ?? [.json("[]")]
    replies[notes] = replies[notes] ?? [.json("[]")]
    replies[lines] = replies[lines] ?? [.json("[]")]
    let script = ScriptedTransport(site, replies)
    let token = TokenAuthority(site, token: Secret(secretToken))
    return (GitHubForge(site, token: token, http: script, clock: clock.clock), script)
  }

  private func comment(
    _ key: String, line: Int = 3, from start: Int? = nil, side: Finding.Side = .head, suggestion: [String]? = nil
  ) throws -> LineComment {
    LineComment(
      key: key,
      anchor: LineAnchor(
        path: try #require(RepositoryPath("src/a.c")), side: side, startLine: start ?? line, endLine: line),
      body: "B \(key)", suggestion: suggestion)
  }

  private func note(_ id: Int, _ body: String, user: Int = 9, more: String = "") -> String {
    let text = JSONText.quoted(body)
    return
      #"{"id":\#(id),"body":\#(text),"user":{"id":\#(user),"login":"u","type":"Bot"},"created_at":"2023-11-14T22:13:\#(10 + id % 40)Z"\#(more)}"#
  }

  private func first() -> EffectTrial { EffectTrial(intended: clock.now, isRetry: false) }
  private func again() -> EffectTrial { EffectTrial(intended: clock.now, isRetry: true) }

  // MARK: Reading

  @Test("A repository and a pull request are read as they stand")
  func reading() async throws {
    let fork = pullJSON(number: 5).replacing(
      #""repo":{"id":7,"full_name":"o/r"}},\#n"base""#, with: #""repo":{"id":8,"full_name":"eve/r"}},"base""#
    ).replacing(#""mergeable":null,"#, with: #""mergeable":false,"maintainer_can_modify":true,"#)
    let (forge, script) = try make([
      "GET /repos/o/r": [.status(404)],
      "GET /repositories/7": [.json(#"{"id":7,"full_name":"o/new","default_branch":"main"}"#)],
      "GET /repos/eve/r/rules/branches/topic?per_page=100": [.json("[]")],
      "GET /repos/o/new/branches?protected=true&per_page=100": [.json(#"[{"name":"main"},{"name":"rel"}]"#)],
      pull: [
        .json(pullJSON(number: 5)), .json(fork), .json(fork.replacing(#"{"id":8,"full_name":"eve/r"}"#, with: "null")),
      ],
    ])
    let state = try await forge.repository(place.repository)
    #expect(state.repository.path == "o/new" && state.protected == ["main", "rel"])
    #expect(state.gitAddress == "https://github.com/o/new.git" && state.defaultBranch.shortDisplay == "main")
    let own = try await forge.pullRequest(place)
    #expect(own.head.hex == headA && own.baseTip?.hex == headB && own.isOpen && own.isMergeable == nil)
    #expect(
      own.place == place && own.allowsPush && own.labels == ["bug"] && own.author?.login == "ann" && own.body == "")
    let foreign = try await forge.pullRequest(place)
    #expect(foreign.place.fork == "eve/r" && foreign.isMergeable == false && foreign.allowsPush)
    let gone = try await forge.pullRequest(place)
    #expect(gone.place.fork == "o/deleted" && !gone.allowsPush)
    #expect(script.unknown == [] && script.breaches == [])
  }

  @Test("A branch that rulesets close is not pushed to, nor one of which that cannot be found out")
  func closed() async throws {
    func list(_ types: String...) -> Reply {
      .json("[\(types.map { #"{"type":"\#($0)","ruleset_id":1}"# }.joined(separator: ","))]")
    }
    let deep = "GET /repos/o/r/rules/branches/a%2F%C3%A4?per_page=100"
    let upgrade = #"{"message":"Upgrade to GitHub Pro or make this repository public to enable this feature."}"#
    let cases: [(reply: Reply, isOpen: Bool)] = [
      (list(), true), (list("deletion", "non_fast_forward", "required_signatures", "commit_message_pattern"), true),
      (.status(403, upgrade), true), (list("pull_request"), false), (list("deletion", "update"), false),
      (list("required_status_checks"), false), (list("merge_queue"), false), (list("of_tomorrow"), false),
      (.json(#"[{"ruleset_id":1}]"#), false), (.status(403), false), (.status(404), false),
    ]
    let (forge, script) = try make([rules: cases.map(\.reply), deep: [list("update")]])
    for (index, expected) in cases.enumerated() {
      #expect(try await forge.pullRequest(place).allowsPush == expected.isOpen, "case \(index)")
    }
    let branch = try RefName(branch: Array("a/ä".utf8))
    #expect(try await forge.closure(of: branch, in: place.repository)?.hasSuffix("': update") == true)
    // Where nobody knows, nothing is read of the pull request at all.
    script.set(rules, .status(500))
    let error = await forgeError { () async throws(ForgeError) in try await forge.pullRequest(place) }
    #expect(error?.code == .unavailable && script.unknown == [] && script.breaches == [])
  }

  @Test("A permission is the account's, whatever it calls itself now")
  func permission() async throws {
    func answer(_ id: Int, _ permission: String) -> Reply {
      .json(#"{"permission":"\#(permission)","user":{"id":\#(id),"login":"x"}}"#)
    }
    let ask = "GET /repos/o/r/collaborators/ann/permission"
    let renamed = "GET /repos/o/r/collaborators/ann2/permission"
    let (forge, script) = try make([
      ask: [answer(3, "write"), answer(3, "none"), answer(66, "admin"), .status(404), .status(500)],
      renamed: [answer(3, "admin"), answer(67, "admin")],
      "GET /user/3": [.json(#"{"id":3,"login":"ann2"}"#)],
    ])
    let ann = ForgeActor(id: 3, login: "ann", isBot: false)
    #expect(try await forge.permission(of: ann, on: place.repository) == .write)
    #expect(try await forge.permission(of: ann, on: place.repository) == ForgePermission.none)
    // The name is somebody else's by now, and the account has another one.
    #expect(try await forge.permission(of: ann, on: place.repository) == .admin)
    let taken = await forgeError { () async throws(ForgeError) in
      try await forge.permission(of: ann, on: place.repository)
    }
    #expect(taken?.code == .notFound)
    let failed = await forgeError { () async throws(ForgeError) in
      try await forge.permission(of: ann, on: place.repository)
    }
    #expect(failed?.code == .unavailable)
    #expect(script.unknown == [] && script.breaches == [])
  }

  private func threads(_ list: [(String, Int, Bool)]) -> Reply {
    let nodes = list.map {
      #"{"id":"\#($0.0)","isResolved":\#($0.2),"comments":{"nodes":[{"fullDatabaseId":"\#($0.1)"}]}}"#
    }
    return .json(
      #"{"data":{"repository":{"pullRequest":{"reviewThreads":{"pageInfo":{"hasNextPage":false,"endCursor":null},"nodes":[\#(nodes.joined(separator: ","))]}}}}}"#
    )
  }

  @Test("Comments come with their threads, oldest first")
  func comments() async throws {
    let (forge, script) = try make([
      notes: [.json("[\(note(3, "three"))]")],
      lines: [
        .json("[\(note(2, "two", more: #","path":"a","in_reply_to_id":1"#)),\(note(1, "one", more: #","path":"a""#))]")
      ],
      "POST /graphql": [threads([("T1", 1, true)])],
    ])
    let comments = try await forge.comments(on: place)
    #expect(comments.map(\.id) == [1, 2, 3] && comments.map(\.thread) == ["1", "1", nil])
    #expect(comments.map(\.isSettled) == [true, true, nil] && comments[0].path?.display == "a")
    #expect(script.unknown == [] && script.breaches == [])
  }

  // MARK: Comments

  @Test("Comments on lines go out as one review")
  func review() async throws {
    let (forge, script) = try make(["POST /repos/o/r/pulls/5/reviews": [.json(#"{"id":1}"#)]])
    let comments = [
      try comment("a/1", suggestion: ["x"]), try comment("a/2", line: 9, from: 7),
      try comment("a/3", line: 4, side: .base), try comment("a/1"),
    ]
    let result = try await forge.carryOut(.comments(comments, head: try oid("a")), on: place, trial: first())
    #expect(result == .done("3 comments posted") && script.writes == ["POST /repos/o/r/pulls/5/reviews"])
    #expect(
      try script.body("POST /repos/o/r/pulls/5/reviews")
        == [
          "commit_id": .string(headA), "event": "COMMENT",
          "comments": [
            [
              "path": "src/a.c", "line": 3, "side": "RIGHT",
              "body": "<!-- arborist:a/1 -->\nB a/1\n\n```suggestion\nx\n```",
            ],
            [
              "path": "src/a.c", "line": 9, "side": "RIGHT", "start_line": 7, "start_side": "RIGHT",
              "body": "<!-- arborist:a/2 -->\nB a/2",
            ], ["path": "src/a.c", "line": 4, "side": "LEFT", "body": "<!-- arborist:a/3 -->\nB a/3"],
          ],
        ])
    #expect(script.unknown == [] && script.breaches == [])
  }

  @Test("What is there by our own hand is not posted again, and what only looks like it is not counted")
  func adoption() async throws {
    let (forge, script) = try make([
      lines: [
        .json(
          "[\(note(1, "<!-- arborist:a/1 -->\nB")),\(note(2, "<!-- arborist:a/2 -->\nB", user: 66)),\(note(3, "> <!-- arborist:a/2 -->"))]"
        )
      ],
      "POST /repos/o/r/pulls/5/reviews": [.json("{}")],
    ])
    let comments = [try comment("a/1"), try comment("a/2")]
    let result = try await forge.carryOut(.comments(comments, head: try oid("a")), on: place, trial: again())
    #expect(result == .done("1 comment posted, 1 there already"))
    // The forge may have been writing for as long as that.
    #expect(clock.waits.first == 90_000)
    let sent = try script.body("POST /repos/o/r/pulls/5/reviews")["comments"]?.array
    #expect(sent?.count == 1 && sent?[0]["body"]?.string?.contains("arborist:a/2") == true)
    let all = try await forge.carryOut(.comments([comments[0]], head: try oid("a")), on: place, trial: first())
    #expect(all == .done("1 comment there already") && script.writes.count == 1)
  }

  @Test("Stored but answered 502: the second try adopts, and nothing is there twice")
  func storedButFailed() async throws {
    let (forge, script) = try make(["POST /repos/o/r/pulls/5/reviews": [.status(502)]])
    let effect = ForgeEffect.comments([try comment("a/1")], head: try oid("a"))
    let error = await forgeError { () async throws(ForgeError) in
      try await forge.carryOut(effect, on: place, trial: first())
    }
    #expect(error?.code == .unavailable && script.writes.count == 1)
    script.set(lines, .json("[\(note(1, "<!-- arborist:a/1 -->\r\nB"))]"))
    #expect(try await forge.carryOut(effect, on: place, trial: again()) == .done("1 comment there already"))
    #expect(script.writes.count == 1)
    // The control: where it does not show and all waiting is said to be over, it is written again.
    script.set(lines, .json("[]"))
    script.set("POST /repos/o/r/pulls/5/reviews", .json("{}"))
    let waits = clock.waits.count
    let over = EffectTrial(intended: clock.now, isRetry: true, latest: Timestamp(milliseconds: 0))
    #expect(try await forge.carryOut(effect, on: place, trial: over) == .done("1 comment posted"))
    #expect(script.writes.count == 2 && !clock.waits.dropFirst(waits).contains { $0 > 1000 })
  }

  @Test("A second try waits for the rest of the time alone")
  func shortWait() async throws {
    let effect = ForgeEffect.summary(body: "One")
    for (ago, rest) in [(89_000, [1000]), (30_000, [60_000]), (90_000, []), (-20_000, [110_000])] as [(Int64, [Int64])]
    {
      let (forge, script) = try make(["POST /repos/o/r/issues/5/comments": [.json("{}")]])
      let before = clock.waits.count
      let latest = Timestamp(milliseconds: clock.now.milliseconds - ago)
      let trial = EffectTrial(intended: clock.now, isRetry: true, latest: latest)
      #expect(try await forge.carryOut(effect, on: place, trial: trial) == .done("the summary was posted"))
      #expect(clock.waits.dropFirst(before) == rest[...] && script.writes.count == 1)
    }
  }

  @Test("Behind its time a try begins no write; what is left is done by one that goes on")
  func window() async throws {
    let effect = ForgeEffect.comments(
      [try comment("a/1"), try comment("a/2"), try comment("a/3")], head: try oid("a"))
    let single = "POST /repos/o/r/pulls/5/comments"
    let (forge, script) = try make([
      "POST /repos/o/r/pulls/5/reviews": [.status(422, "{}")], single: [.json("{}"), .json("{}"), .json("{}")],
    ])
    func trial(_ milliseconds: Int64) -> EffectTrial {
      let until = Timestamp(milliseconds: clock.now.milliseconds + milliseconds)
      return EffectTrial(intended: clock.now, isRetry: false, writesUntil: until)
    }
    #expect(try await forge.carryOut(effect, on: place, trial: trial(-1)) == .unfinished)
    #expect(script.writes == [])
    // A second lies between two writes.
    #expect(try await forge.carryOut(effect, on: place, trial: trial(1500)) == .unfinished)
    #expect(script.writes.count == 2)
    script.set(lines, .json("[\(note(1, "<!-- arborist:a/1 -->\nB"))]"))
    script.set("POST /repos/o/r/pulls/5/reviews", .json("{}"))
    #expect(
      try await forge.carryOut(effect, on: place, trial: trial(60_000)) == .done("2 comments posted, 1 there already"))
    #expect(script.writes.count == 3)
    // A retry without time waits, and does nothing else.
    let waits = clock.waits.count
    var waiting = trial(-1)
    (waiting.isRetry, waiting.latest) = (true, clock.now)
    #expect(try await forge.carryOut(effect, on: place, trial: waiting) == .unfinished)
    #expect(clock.waits.dropFirst(waits) == [90_000] && script.writes.count == 3)
  }

  @Test("A head that is another one by now, or a closed pull request, gets no comment")
  func overtaken() async throws {
    for reply in [pullJSON(number: 5, head: headB), pullJSON(number: 5, state: "closed")] {
      let (forge, script) = try make([pull: [.json(reply)]])
      let result = try await forge.carryOut(
        .comments([try comment("a/1")], head: try oid("a")), on: place, trial: first())
      guard case .overtaken = result else {
        Issue.record("\(result)")
        continue
      }
      #expect(script.writes == [])
    }
  }

  @Test("One comment that lies wrong does not take the others along")
  func oneByOne() async throws {
    let single = "POST /repos/o/r/pulls/5/comments"
    let (forge, script) = try make([
      "POST /repos/o/r/pulls/5/reviews": [
        .status(422, #"{"message":"Unprocessable Entity","errors":["Line could not be resolved"]}"#)
      ],
      single: [.json("{}"), .status(422, #"{"message":"line must be part of the diff"}"#), .json("{}")],
    ])
    let comments = [try comment("a/1"), try comment("a/2", line: 900), try comment("a/3", line: 9, from: 7)]
    let result = try await forge.carryOut(.comments(comments, head: try oid("a")), on: place, trial: first())
    #expect(
      result
        == .done(
          "2 comments posted, 1 refused where they belong: a/2 at src/a.c:900 (line must be part of the diff)"))
    #expect(
      try script.body(single)
        == [
          "path": "src/a.c", "line": 9, "side": "RIGHT", "start_line": 7, "start_side": "RIGHT",
          "commit_id": .string(headA), "body": "<!-- arborist:a/3 -->\nB a/3",
        ])
    #expect(script.unknown == [] && script.breaches == [])
  }

  @Test("Where comments go one by one, they end when the head moves on")
  func movesMeanwhile() async throws {
    let (forge, script) = try make([
      pull: [.json(pullJSON(number: 5)), .json(pullJSON(number: 5)), .json(pullJSON(number: 5, head: headB))],
      "POST /repos/o/r/pulls/5/reviews": [.status(422)], "POST /repos/o/r/pulls/5/comments": [.json("{}")],
    ])
    let comments = [try comment("a/1"), try comment("a/2")]
    let result = try await forge.carryOut(.comments(comments, head: try oid("a")), on: place, trial: first())
    #expect(result == .overtaken("the head moved on from aaaaaaaa after 1 comment") && script.writes.count == 2)
  }

  @Test("Comments that are there twice are swept, and the oldest stays")
  func sweeping() async throws {
    let (forge, script) = try make([
      lines: [.json("[\(note(5, "<!-- arborist:a/1 -->\nB")),\(note(4, "<!-- arborist:a/1 -->\nB"))]")],
      "DELETE /repos/o/r/pulls/comments/5": [.status(204)],
    ])
    let result = try await forge.carryOut(
      .comments([try comment("a/1")], head: try oid("a")), on: place, trial: first())
    #expect(result == .done("1 comment there already") && script.writes == ["DELETE /repos/o/r/pulls/comments/5"])
    #expect(script.unknown == [] && script.breaches == [])
  }

  // MARK: The summary and answers

  @Test("The summary is one comment, written anew where it changed and not touched where it did not")
  func summary() async throws {
    let post = "POST /repos/o/r/issues/5/comments"
    let patch = "PATCH /repos/o/r/issues/comments/4"
    let (forge, script) = try make([post: [.json("{}")], patch: [.json("{}")]])
    #expect(
      try await forge.carryOut(.summary(body: "One"), on: place, trial: first()) == .done("the summary was posted"))
    #expect(try script.body(post) == ["body": "<!-- arborist:summary -->\nOne"])
    script.set(
      notes,
      .json("[\(note(3, "<!-- arborist:summary -->\nOne", user: 66)),\(note(4, "<!-- arborist:summary -->\r\nOne"))]"))
    #expect(
      try await forge.carryOut(.summary(body: "One\n"), on: place, trial: first())
        == .done("the summary is there already"))
    #expect(script.writes.count == 1)
    #expect(
      try await forge.carryOut(.summary(body: "Two"), on: place, trial: first())
        == .done("the summary was written anew"))
    #expect(try script.body(patch) == ["body": "<!-- arborist:summary -->\nTwo"])
    #expect(script.unknown == [] && script.breaches == [])
  }

  @Test("An answer goes into its thread once, and beside it where the thread is gone")
  func answers() async throws {
    let reply = "POST /repos/o/r/pulls/5/comments/12/replies"
    let post = "POST /repos/o/r/issues/5/comments"
    let (forge, script) = try make([reply: [.json("{}"), .status(404)], post: [.json("{}")]])
    let answer = ForgeEffect.answer(Answer(key: "r/1", thread: "12", comment: 13, body: "Hi"))
    #expect(try await forge.carryOut(answer, on: place, trial: first()) == .done("answered in the thread"))
    #expect(try script.body(reply) == ["body": "<!-- arborist:r/1 -->\nHi"])
    #expect(
      try await forge.carryOut(answer, on: place, trial: first())
        == .done("answered outside of the thread, which takes no answer"))
    script.set(notes, .json("[\(note(30, "<!-- arborist:r/1 -->\nHi"))]"))
    #expect(try await forge.carryOut(answer, on: place, trial: first()) == .done("the answer is there already"))
    #expect(script.writes == [reply, reply, post] && script.unknown == [] && script.breaches == [])
  }

  @Test("A refusal that will stand is a result, a failure that may pass an error")
  func refusals() async throws {
    for (status, isRefused) in [(403, true), (404, true), (410, true), (422, true), (500, false), (401, false)] {
      let (forge, _) = try make(["POST /repos/o/r/issues/5/comments": [.status(status, #"{"message":"no"}"#)]])
      let effect = ForgeEffect.summary(body: "x")
      if isRefused {
        let result = try await forge.carryOut(effect, on: place, trial: first())
        guard case .refused(let line) = result else {
          Issue.record("\(status): \(result)")
          continue
        }
        #expect(line.contains("status \(status): no"))
      } else {
        let error = await forgeError { () async throws(ForgeError) in
          try await forge.carryOut(effect, on: place, trial: first())
        }
        #expect(error != nil)
      }
    }
  }

  @Test("Threads of ours are settled by GraphQL, once")
  func settling() async throws {
    let (forge, script) = try make([
      lines: [
        .json(
          "[\(note(1, "<!-- arborist:a/1 -->\nB")),\(note(2, "<!-- arborist:a/2 -->\nB")),\(note(3, "<!-- arborist:a/3 -->\nB", user: 66))]"
        )
      ],
      "POST /graphql": [
        threads([("T1", 1, false), ("T2", 2, true), ("T3", 3, false)]),
        threads([("T1", 1, false), ("T2", 2, true), ("T3", 3, false)]),
        .json(#"{"data":{"resolveReviewThread":{"thread":{"id":"T1","isResolved":true}}}}"#),
      ],
    ])
    let result = try await forge.carryOut(.settle(keys: ["a/1", "a/2", "a/3"]), on: place, trial: first())
    #expect(result == .done("1 thread settled, 1 settled already, 1 not there"))
    #expect(try script.body("POST /graphql")["variables"] == ["thread": "T1"])
    #expect(script.writes.count == 3 && script.unknown == [] && script.breaches == [])
  }

  @Test("A thread that may not be settled stays open, and nothing fails for it")
  func settlingRefused() async throws {
    let refusal = #"{"data":null,"errors":[{"type":"FORBIDDEN","message":"Resource not accessible by integration"}]}"#
    let (forge, _) = try make([
      lines: [.json("[\(note(1, "<!-- arborist:a/1 -->\nB"))]")],
      "POST /graphql": [threads([("T1", 1, false)]), threads([("T1", 1, false)]), .json(refusal)],
    ])
    let result = try await forge.carryOut(.settle(keys: ["a/1"]), on: place, trial: first())
    guard case .done(let line) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(line.hasPrefix("not settled: "))
  }

  // MARK: Statuses

  @Test("A status is never green for what was not judged, and is told once")
  func statuses() async throws {
    let list = "GET /repos/o/r/commits/\(headA)/statuses?per_page=100"
    let post = "POST /repos/o/r/statuses/\(headA)"
    let (forge, script) = try make([list: [.json("[]")], post: [.json("{}")]])
    let states: [(CheckReport.State, String)] = [
      (.pending, "pending"), (.success, "success"), (.failure, "failure"), (.neutral, "error"),
    ]
    for (state, word) in states {
      let check = CheckReport(name: "arborist/review", head: try oid("a"), state: state, title: "T", summary: "S")
      #expect(try await forge.carryOut(.check(check), on: place, trial: first()) == .done("the status says \(word)"))
      #expect(
        try script.body(post) == [
          "state": .string(word), "context": "arborist/review", "description": state == .neutral ? "T: S" : "T",
        ])
    }
    script.set(
      list,
      .json(#"[{"context":"arborist/review","state":"success","description":"T","creator":{"id":9}}]"#))
    let check = CheckReport(name: "arborist/review", head: try oid("a"), state: .success, title: "T", summary: "S")
    #expect(try await forge.carryOut(.check(check), on: place, trial: again()) == .done("the status is there already"))
    #expect(script.writes.count == 4 && script.unknown == [] && script.breaches == [])
  }
}
