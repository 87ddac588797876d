import Base
import HTTP
import TestForge
import TestSupport
import Testing

/// The buttons of the page.
@Suite(.enabled(if: ServiceScene.isPossible, "nginx-light and fcgiwrap are not installed"))
struct PageTests {
  @Test func whoeverHasTheTokenStopsAndResumesWork() async throws {
    var setting = ServiceScene.Setting()
    setting.configuration = "on: { opened: [review] }\n"
    try await ServiceScene.play(.gitea, setting) { scene in
      scene.forge.add(Fault(.held(done: true), method: "POST", path: scene.beginning))
      let number = try await scene.open("topic", .write("new.py", "breakpoint()\n"))
      let head = try scene.tip("topic")
      try await scene.isHeld()
      scene.forge.removeFaults()

      let visitor = try await scene.signIn(for: "stop")
      let run = visitor.run
      #expect(!visitor.page.contains("/runs/\(run)/undo"))
      try await scene.expectRefused("/runs/\(run)/stop", visitor)
      #expect(try await scene.waitingJobs() > 0)
      #expect(try await scene.check("review", at: head) == .running)

      #expect(try await scene.press("stop", visitor).head.status == 303)
      try await scene.until("the run ends") { try await scene.page(of: run, visitor.cookie).contains("/\(run)/resume") }
      scene.forge.release()
      try await scene.settled()
      #expect(try await scene.check("review", at: head) == .neutral)
      #expect(try await scene.own(number).isEmpty)
      #expect(try await scene.press("resume", visitor).head.status == 303)
      try await scene.settled()
      #expect(try await scene.findings(number).count == 1)
      // What is over is not stopped.
      #expect(try await scene.press("stop", visitor).head.status == 409)
    }
  }

  @Test func whoeverHasTheTokenTakesBackWhatWasPushed() async throws {
    try await ServiceScene.play(.gitlab, MergeCycleTests.setting("unverified: head\n")) { scene in
      let (number, head, base) = try await MergeCycleTests.conflicted(scene)
      let merge = try scene.tip("topic")
      #expect(merge != head)
      let before = try await scene.own(number).count
      let visitor = try await scene.signIn(for: "undo")
      try await scene.expectRefused("/runs/\(visitor.run)/undo", visitor)
      #expect(try await scene.post("/login", "token=a-token-of-the-pagf").head.status == 401)
      try await scene.settled()
      #expect(try scene.tip("topic") == merge)

      #expect(try await scene.press("undo", visitor).head.status == 303)
      try await scene.settled()
      let revert = try scene.tip("topic")
      #expect(try scene.git.git("rev-list", "--parents", "-n1", revert.hex) == "\(revert.hex) \(merge.hex)")
      #expect(
        try scene.git.git("rev-parse", "\(revert.hex)^{tree}") == scene.git.git("rev-parse", "\(head.hex)^{tree}"))
      #expect(try scene.tip("main") == base)
      #expect(try scene.branches() == ["main", "topic"])
      #expect(scene.forge.writes["push"] == 2)
      // What is there now is reviewed, in the same summary; nobody is answered, for nobody wrote.
      #expect(try await scene.check("review", at: revert) == .success)
      #expect(try await scene.summaries(number).map { $0.body.contains(revert.short) } == [true])
      #expect(try await scene.own(number).count == before)
      for commit in [head, merge, revert] {
        for kind in ["review", "resolve", "fix"] { #expect(try await scene.check(kind, at: commit) != .running) }
      }
      // Once is enough.
      #expect(try await scene.press("undo", visitor).head.status == 409)
      try await scene.settled()
      #expect(try scene.tip("topic") == revert)
    }
  }

  @Test func nothingIsTakenBackThatAPersonBuiltOn() async throws {
    try await ServiceScene.play(.github, MergeCycleTests.setting("unverified: head\n")) { scene in
      _ = try await MergeCycleTests.conflicted(scene)
      let visitor = try await scene.signIn(for: "undo")
      let built = try await scene.push("topic", .write("more.py", "y = 1\n"))
      try await scene.settled()
      #expect(try await scene.press("undo", visitor).head.status == 303)
      try await scene.settled()
      #expect(try scene.tip("topic") == built)
      let list = String(decoding: try await scene.get("/", ["cookie": visitor.cookie]).body, as: UTF8.self)
      #expect(list.contains("#1 has moved on from"))
    }
  }
}

/// Somebody who is signed in and looks at a run.
struct Visitor {
  let cookie: String
  let run: String
  let page: String
  /// What the page's forms carry.
  let word: String
}

extension ServiceScene {
  /// Asks the service for a page.
  func get(_ path: String, _ headers: [String: String]) async throws -> HTTPResponse {
    try await client.send(HTTPRequest(.get, try address(path), headers: headers.map { HTTPHeader($0.key, $0.value) }))
  }

  /// Sends a form.
  func post(_ path: String, _ form: String, _ headers: [String: String] = [:]) async throws -> HTTPResponse {
    var request = HTTPRequest(.post, try address(path), headers: headers.map { HTTPHeader($0.key, $0.value) })
    request.headers.append(HTTPHeader("content-type", "application/x-www-form-urlencoded"))
    request.body = Array(form.utf8)
    return try await client.send(request)
  }

  /// Signs in, and opens the newest run that has a button.
  func signIn(for order: String) async throws -> Visitor {
    let signed = try await post("/login", "token=a-token-of-the-page")
    let cookie = try #require(signed.head["set-cookie"]?.split(separator: ";").first.map(String.init))
    let list = String(decoding: try await get("/", ["cookie": cookie]).body, as: UTF8.self)
    for part in list.split(separator: "/runs/").dropFirst() {
      let run = String(part.prefix(16))
      let page = try await page(of: run, cookie)
      guard page.contains("/runs/\(run)/\(order)") else { continue }
      let word = page.split(separator: "name=\"csrf\" value=\"").dropFirst().first?.prefix { $0 != "\"" }
      return Visitor(cookie: cookie, run: run, page: page, word: String(try #require(word)))
    }
    throw ServiceFailure("no run has a button to \(order)")
  }

  /// Presses a button of the run that somebody looks at.
  func press(_ order: String, _ visitor: Visitor) async throws -> HTTPResponse {
    try await post("/runs/\(visitor.run)/\(order)", "csrf=\(visitor.word)", ["cookie": visitor.cookie])
  }

  /// Nobody else presses it, and no other site's page.
  fileprivate func expectRefused(
    _ path: String, _ visitor: Visitor, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let (cookie, word) = (visitor.cookie, visitor.word)
    let refused: [(String, [String: String])] = [
      ("csrf=\(word)", [:]), ("csrf=\(word)", ["cookie": cookie + "0"]), ("", ["cookie": cookie]),
      ("csrf=\(word)x", ["cookie": cookie]),
      ("csrf=\(word)", ["cookie": cookie, "sec-fetch-site": "cross-site"]),
      ("csrf=\(word)", ["cookie": cookie, "origin": "https://elsewhere.example"]),
      ("", ["authorization": "Bearer a-token-of-the-page"]),
    ]
    for (form, headers) in refused {
      let status = try await post(path, form, headers).head.status
      #expect(status == 403, "\(headers)", sourceLocation: sourceLocation)
    }
  }

  fileprivate func page(of run: String, _ cookie: String) async throws -> String {
    String(decoding: try await get("/runs/\(run)", ["cookie": cookie]).body, as: UTF8.self)
  }

  private func address(_ path: String) throws -> String {
    guard let port = service.withLock({ $0?.port }), port > 0 else { throw ServiceFailure("no service runs") }
    return "http://127.0.0.1:\(port)\(path)"
  }
}
