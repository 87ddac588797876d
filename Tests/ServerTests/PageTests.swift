import Base
import Foundation
import Journal
import JournalSQLite
import Server
import Settings
import Testing
import Work

private let now = WallClock { Timestamp(seconds: 1_800_000_100) }
private let bearer = ("Authorization", "Bearer \(TestServer.adminToken)")

/// Keeps what the buttons ask for.
private final class Orders: RunControl {
  let taken = Lock<[String]>([])
  let refusal: String?

  init(refusal: String? = nil) { self.refusal = refusal }

  func orders(for run: RunSummary) -> Set<RunOrder> {
    if case .finished = run.state { [.undo] } else { [.stop] }
  }

  func take(_ order: RunOrder, for run: RunSummary) async -> RunOrderAnswer {
    if let refusal { return .refused(refusal) }
    taken.withLock { $0.append("\(order.rawValue) \(run.run)") }
    return .taken("done")
  }
}

@Suite("The page")
struct PageTests {
  /// A run that is over, with a hostile text in every place.
  private static func fill(_ journal: SQLiteJournal) async throws {
    let evil = "<script>alert('x')</script>\u{202e}&amp;"
    let (run, claimed) = try await Samples.start(.review, number: 12, run: 1, in: journal)
    let notes = [
      try RunNote.agent(.agentStarted, Samples.Setup(task: evil, system: "SYSTEM \(evil)")),
      try Samples.request(1),
      try Samples.answer(1, evil, cost: 1_234_500_000, call: ("bash", "{\"command\":\"ls <b>\"}")),
      try Samples.tool("bash", "diff --git a/x b/x\n-old <i>\n+new\n@@ -1 +1 @@"), try .note("a note \(evil)"),
    ]
    try await journal.append(notes, to: run, under: claimed.claim, surviving: .machine)
    let outcome = Outcome.review(ReviewOutcome(findings: [], unread: [], overall: "Nothing \(evil)"))
    try await Samples.finish(
      run, claimed, outcome, effects: [.forge(.summary(body: "SUMMARY \(evil)"))], in: journal)
    _ = try await Samples.start(.fix, number: 13, run: 2, in: journal)
  }

  private let finished = RunID(random: 1)
  private let running = RunID(random: 2)

  @Test("Runs stand there with state, pull request, cost and time, and one run with all it did")
  func content() async throws {
    let server = try await TestServer.start(clock: now, prepare: Self.fill)
    let list = try await server.get("/", [bearer])
    #expect(list.status == 200)
    for part in [
      ">clean<", ">running<", "octo/tree #12", "https://github.com/octo/tree/pull/13", "$1.23", "/runs/\(finished)",
    ] { #expect(list.text.contains(part), "\(part)") }
    let one = try await server.get("/runs/\(finished)", [bearer])
    #expect(one.status == 200)
    for part in [
      "Task for a model", "SYSTEM", "The model answered", "$1.23", "command: ls &lt;b&gt;", "Tool bash",
      "class=\"plus\"", "Finished: clean", "SUMMARY", "<details", "a note",
    ] { #expect(one.text.contains(part), "\(part)") }
    try await server.stop()
  }

  @Test("No foreign text becomes markup, and nothing in it stays invisible")
  func escaping() async throws {
    let server = try await TestServer.start(clock: now, prepare: Self.fill)
    for path in ["/", "/runs/\(finished)", "/runs/%3Cscript%3E", "/%3Cscript%3E", "/login?next=%22%3E%3Cscript%3E"] {
      let answer = try await server.get(path, [bearer])
      #expect(!answer.text.contains("<script>"), "\(path)")
      #expect(!answer.text.contains("\u{202e}"), "\(path)")
      let policy = try #require(answer.headers["content-security-policy"])
      #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
      #expect(answer.headers["x-content-type-options"] == "nosniff")
    }
    #expect(try await server.get("/runs/\(finished)", [bearer]).text.contains("&lt;script&gt;"))
    try await server.stop()
  }

  @Test("Without the token nothing of any run is shown")
  func locked() async throws {
    let server = try await TestServer.start(clock: now, prepare: Self.fill)
    for path in ["/", "/runs/\(finished)", "/runs/\(finished)/events/2", "/?before=1-\(finished)"] {
      for headers in [[], [("Authorization", "Bearer wrong")], [("Cookie", "arborist_session=00")]] {
        let answer = try await server.get(path, headers)
        #expect(answer.status == 401, "\(path)")
        #expect(!answer.text.contains("octo") && !answer.text.contains("SYSTEM") && answer.text.contains("Admin token"))
      }
      #expect(try await server.get(path, [bearer]).status == 200)
    }
    try await server.stop()
  }

  @Test("Where no token is set, only somebody on this machine reads, and through no other server")
  func local() async throws {
    let server = try await TestServer.start(
      settings: try TestServer.settings(adminToken: nil), control: Orders(), clock: now, prepare: Self.fill)
    let open = try await server.get("/")
    #expect(open.status == 200 && open.text.contains("octo/tree #12"))
    for header in [
      ("Host", "arborist.example.org"), ("X-Forwarded-For", "1.2.3.4"), ("Forwarded", "for=1.2.3.4"), ("Via", "1.1 x"),
      ("X-Real-IP", "1.2.3.4"), ("X-Forwarded-Proto", "https"), ("Host", "localhost.example.org:80"),
    ] {
      let answer = try await server.get("/", [header])
      #expect(answer.status == 403 && !answer.text.contains("octo"), "\(header)")
    }
    #expect(!(try await server.get("/runs/\(running)").text.contains("<button")))
    #expect(try await server.form("/login", ["token": ""]).status == 403)
    #expect(try await server.form("/runs/\(running)/stop", ["csrf": ""]).status == 403)
    try await server.stop()
  }

  @Test("Who signs in has buttons, and orders need the cookie, the form's own word and our own page")
  func orders() async throws {
    let orders = Orders()
    let server = try await TestServer.start(control: orders, clock: now, prepare: Self.fill)
    let path = "/runs/\(running)/stop"
    #expect(try await server.form(path, ["csrf": "x"]).status == 403)
    let cookie = try await server.signIn()
    let page = try await server.get("/runs/\(running)", [("Cookie", cookie)])
    let token = try unwrap(Self.csrf(in: page.text))
    #expect(page.text.contains("action=\"\(path)\""))
    #expect(try await server.form(path, ["csrf": "wrong"], cookie: cookie).status == 403)
    #expect(try await server.form(path, ["csrf": token]).status == 403)
    let body = Array("csrf=\(token)".utf8)
    for header in [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example.org")] {
      #expect(try await server.post(path, body: body, headers: [("Cookie", cookie), header]).status == 403)
    }
    #expect(try await server.post(path, body: body, headers: [bearer]).status == 403)
    #expect(try await server.form("/runs/\(running)/undo", ["csrf": token], cookie: cookie).status == 409)
    #expect(orders.taken.withLock { $0 }.isEmpty)
    let done = try await server.form(path, ["csrf": token], cookie: cookie)
    #expect(done.status == 303 && done.headers["location"] == "/runs/\(running)?notice=stop")
    #expect(orders.taken.withLock { $0 } == ["stop \(running)"])
    #expect(try await server.form("/logout", ["csrf": token], cookie: cookie).status == 303)
    #expect(try await server.form(path, ["csrf": token], cookie: cookie).status == 403)
    try await server.stop()
  }

  private static func csrf(in page: String) -> String? {
    guard let start = page.firstRange(of: "name=\"csrf\" value=\"")?.upperBound else { return nil }
    return String(page[start...].prefix { $0 != "\"" })
  }

  @Test("The cookie is for this server's pages alone, and the way back stays on this server")
  func cookie() async throws {
    let server = try await TestServer.start(clock: now)
    let answer = try await server.form("/login", ["token": TestServer.adminToken, "next": "/runs/x"])
    let cookie = try unwrap(answer.headers["set-cookie"])
    #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && !cookie.contains("Secure"))
    #expect(answer.headers["location"] == "/runs/x")
    let body = Array("token=\(TestServer.adminToken)&next=%2F%2Fevil.example.org".utf8)
    let secure = try await server.post("/login", body: body, headers: [("X-Forwarded-Proto", "https")])
    #expect(secure.headers["set-cookie"]?.contains("Secure") == true)
    #expect(secure.headers["location"] == "/")
    try await server.stop()
  }

  @Test("Tries to sign in are few, for wrong tokens in a form and in a header")
  func tries() async throws {
    let server = try await TestServer.start(clock: now)
    for _ in 0..<5 { #expect(try await server.form("/login", ["token": "guess"]).status == 401) }
    #expect(try await server.form("/login", ["token": "guess"]).status == 429)
    #expect(try await server.form("/login", ["token": TestServer.adminToken]).status == 429)
    #expect(try await server.get("/", [bearer]).status == 401)
    // Another client, as a server in front names it, has its own tries.
    #expect(try await server.get("/", [bearer, ("X-Forwarded-For", "9.9.9.9")]).status == 200)
    try await server.stop()
  }

  @Test("A run with megabytes of output comes in pages, and a long text on a page of its own")
  func long() async throws {
    let output = String(repeating: "line of output\n", count: 40_000)
    let server = try await TestServer.start(
      clock: now,
      prepare: { journal in
        let (run, claimed) = try await Samples.start(.fix, number: 1, run: 5, in: journal)
        for number in 1...120 {
          let text = number == 3 ? output : "output \(number) \(String(repeating: "x", count: 20_000))"
          try await journal.append(try Samples.tool("bash", text), to: run, under: claimed.claim)
        }
      })
    let run = RunID(random: 5)
    let first = try await server.get("/runs/\(run)", [bearer])
    #expect(first.body.count < 1_000_000)
    #expect(first.text.contains("id=\"e50\"") && !first.text.contains("id=\"e51\""))
    #expect(first.text.contains("after=50") && first.text.contains("after=100"))
    let last = try await server.get("/runs/\(run)?after=100", [bearer])
    #expect(last.text.contains("id=\"e121\"") && !last.text.contains("id=\"e100\""))
    #expect(first.text.contains("/runs/\(run)/events/4"))
    let whole = try await server.get("/runs/\(run)/events/4", [bearer])
    #expect(whole.headers["content-type"] == "text/plain; charset=utf-8")
    #expect(whole.text.split(separator: "\n").count { $0 == "line of output" } >= 40_000)
    #expect(try await server.get("/runs/\(run)/events/999", [bearer]).status == 404)
    #expect(try await server.get("/runs/\(run)?after=-5", [bearer]).text.contains("id=\"e1\""))
    #expect(try await server.get("/runs/\(run)?after=99999999", [bearer]).status == 200)
    try await server.stop()
  }

  @Test("What has not changed is not sent again")
  func unchanged() async throws {
    let server = try await TestServer.start(clock: now, prepare: Self.fill)
    let tag = try unwrap(try await server.get("/", [bearer]).headers["etag"])
    #expect(try await server.get("/", [bearer, ("If-None-Match", tag)]).status == 304)
    _ = try await Samples.start(.resolve, number: 20, run: 9, in: server.journal)
    #expect(try await server.get("/", [bearer, ("If-None-Match", tag)]).status == 200)
    try await server.stop()
  }

  @Test("Older runs are on the next page, each once")
  func paging() async throws {
    let server = try await TestServer.start(
      clock: now,
      prepare: { journal in
        for number in 1...60 {
          let (run, claimed) = try await Samples.start(.review, number: number, run: UInt64(number), in: journal)
          try await Samples.finish(run, claimed, .failed(reason: "no"), in: journal)
        }
      })
    var seen: Set<Substring> = []
    var path = "/"
    for count in [50, 60] {
      let page = try await server.get(path, [bearer]).text
      for match in page.matches(of: /\/runs\/([0-9a-f]{16})/) { seen.insert(match.output.1) }
      #expect(seen.count == count)
      if let older = page.firstMatch(of: /\/\?before=[0-9a-f-]+/) { path = String(older.output) }
    }
    try await server.stop()
  }

  @Test("A run and what it gave to models lead to each other, and it costs what they did")
  func tasks() async throws {
    let (review, plain, fix) = (RunID(random: 21), RunID(random: 22), RunID(random: 23))
    let server = try await TestServer.start(
      clock: now,
      prepare: { journal in
        let (run, claimed) = try await Samples.start(.review, number: 31, run: 21, in: journal)
        _ = try await Samples.task(of: run, claimed.job, run: 41, cost: 1_250_000_000, in: journal)
        _ = try await Samples.task(of: run, claimed.job, run: 42, cost: 2_500_000_000, in: journal)
        try await Samples.close(run, claimed, .clean, in: journal)
        let (other, second) = try await Samples.start(.review, number: 32, run: 22, in: journal)
        try await Samples.close(other, second, .clean, in: journal)
        _ = try await Samples.start(.fix, number: 33, run: 23, in: journal)
      })
    let page = try await server.get("/runs/\(review)", [bearer]).text
    for task in [RunID(random: 41), RunID(random: 42)] {
      #expect(page.contains("<a href=\"/runs/\(task)\">agent"))
      let own = try await server.get("/runs/\(task)", [bearer]).text
      #expect(own.contains("<dt>For run</dt><dd><a href=\"/runs/\(review)\">"))
    }
    #expect(page.contains("<dd>$3.7500</dd>") && page.contains("$1.2500,") && page.contains("$2.5000,"))
    let list = try await server.get("/", [bearer]).text
    #expect(Self.row(of: review, in: list)?.contains(">$3.7500<") == true)
    #expect(Self.row(of: RunID(random: 41), in: list)?.contains("for run <a href=\"/runs/\(review)\">") == true)
    // The control: one without tasks has none, and costs nothing.
    let without = try await server.get("/runs/\(plain)", [bearer]).text
    #expect(!without.contains("Tasks for models") && !without.contains("For run"))
    #expect(Self.row(of: plain, in: list)?.contains("$") == false)

    // What runs is looked at again: what its tasks cost is added while they do.
    #expect(try await !server.get("/runs/\(fix)", [bearer]).text.contains("$0.5000"))
    let (_, job) = try Samples.job(.fix, number: 33, time: Timestamp(seconds: 1_800_000_000))
    _ = try await Samples.task(of: fix, job, run: 43, cost: 500_000_000, in: server.journal)
    #expect(try await server.get("/runs/\(fix)", [bearer]).text.contains("<dd>$0.5000</dd>"))
    try await server.stop()
  }

  /// The row of a run in the list.
  private static func row(of run: RunID, in page: String) -> String? {
    guard let body = page.firstRange(of: "<tbody>") else { return nil }
    return String(page[body.upperBound...]).components(separatedBy: "<tr>")
      .first { $0.contains("data-label=\"Run\"><div><a href=\"/runs/\(run)\">") }
  }

  @Test("What was undone says by which run, and offers it no more")
  func undone() async throws {
    let server = try await TestServer.start(
      control: Orders(), clock: now,
      prepare: { journal in
        let (run, claimed) = try await Samples.start(.resolve, number: 51, run: 61, in: journal)
        try await Samples.close(run, claimed, .resolved, in: journal)
      })
    let (merge, undo) = (RunID(random: 61), RunID(random: 63))
    let cookie = try await server.signIn()
    let button = "action=\"/runs/\(merge)/undo\""
    func page(_ run: RunID) async throws -> String {
      try await server.get("/runs/\(run)", [("Cookie", cookie)]).text
    }
    #expect(try await page(merge).contains(button))
    // One that came to nothing takes nothing back.
    let (failed, first) = try await Samples.start(
      .undo, number: 51, run: 62, request: "page \(merge)", in: server.journal)
    #expect(try await page(merge).contains("It is being undone by <a href=\"/runs/\(failed)\">"))
    try await Samples.close(failed, first, .failed, in: server.journal)
    #expect(try await page(merge).contains(button))
    let token = try unwrap(Self.csrf(in: try await page(merge)))

    let (_, second) = try await Samples.start(
      .undo, number: 51, run: 63, request: "command-9 \(merge)", in: server.journal)
    #expect(try await !page(merge).contains(button))
    try await Samples.close(undo, second, .undone, in: server.journal)
    let after = try await page(merge)
    #expect(after.contains("It was undone by <a href=\"/runs/\(undo)\">") && !after.contains(button))
    #expect(try await page(undo).contains("<dt>Takes back run</dt><dd><a href=\"/runs/\(merge)\">"))
    #expect(try await server.form("/runs/\(merge)/undo", ["csrf": token], cookie: cookie).status == 409)
    try await server.stop()
  }

  @Test("Looks at reports stand there when they are asked for")
  func reports() async throws {
    let server = try await TestServer.start(
      clock: now,
      prepare: { journal in
        for number in 1...60 {
          let (event, job) = try Samples.opened(
            number, id: "github:o\(number)", time: Timestamp(seconds: 1_800_000_000))
          _ = try await journal.accept(delivery: event.id, events: [event], jobs: [job])
          if number > 55 { continue }
          let claimed = try unwrap(try await journal.claim(worker: Samples.worker, leaseSeconds: 600))
          let run = RunID(random: UInt64(number))
          try await journal.startRun(run, of: claimed)
          try await Samples.close(run, claimed, .attended, in: journal)
        }
        let (event, job) = try Samples.job(.review, number: 70, time: Timestamp(seconds: 1_800_000_050))
        _ = try await journal.accept(delivery: event.id, events: [event], jobs: [job])
      })
    let usual = try await server.get("/", [bearer]).text
    #expect(!usual.contains("<strong>attend</strong>") && !usual.contains("/runs/\(RunID(random: 55))"))
    #expect(usual.contains("octo/tree #70") && usual.contains("<span class=\"count\">1</span>"))
    #expect(usual.contains("<a href=\"/?reports=1\">5 reports of forges</a>"))
    #expect(usual.contains("Nothing has run yet"))
    let all = try await server.get("/?reports=1", [bearer]).text
    #expect(all.contains("<strong>attend</strong>") && all.contains("/runs/\(RunID(random: 55))"))
    #expect(all.contains("octo/tree #70") && all.contains("<span class=\"count\">6</span>"))
    #expect(all.contains("<a href=\"/\">Leave them out</a>") && !all.contains("reports of forges</a>"))
    // Older ones are there too, by a link.
    let older = try unwrap(all.firstMatch(of: /href="(\/\?before=[0-9a-f-]+)&amp;reports=1"/)?.output.1)
    let rest = try await server.get("\(older)&reports=1", [bearer]).text
    #expect(rest.contains("/runs/\(RunID(random: 1))") && rest.contains("href=\"/?reports=1\">Newest"))
    try await server.stop()
  }

  @Test("Methods, heads and assets")
  func plumbing() async throws {
    let server = try await TestServer.start(clock: now)
    #expect(try await server.send("DELETE", "/").status == 405)
    #expect(try await server.send("HEAD", "/healthz").status == 200)
    #expect(try await server.get("/assets/page.css").headers["content-type"] == "text/css; charset=utf-8")
    #expect(try await server.get("/assets/../Package.swift").status == 404)
    #expect(try await server.get("/assets/nothing").status == 404)
    #expect(try await server.get("/nothing").status == 404)
    try await server.stop()
  }
}
