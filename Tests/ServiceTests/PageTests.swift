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

      let signed = try await scene.post("/login", "token=a-token-of-the-page")
      let cookie = try #require(signed.head["set-cookie"]?.split(separator: ";").first.map(String.init))
      let list = String(decoding: try await scene.get("/", ["cookie": cookie]).body, as: UTF8.self)
      var (run, page) = ("", "")
      // Reports are runs too, which nobody stops.
      for part in list.split(separator: "/runs/").dropFirst() where !page.contains("/\(run)/stop") {
        run = String(part.prefix(16))
        page = try await scene.page(of: run, cookie)
      }
      let word = try #require(page.split(separator: "name=\"csrf\" value=\"").dropFirst().first?.prefix { $0 != "\"" })
      #expect(page.contains("/runs/\(run)/stop") && !page.contains("/runs/\(run)/undo"))

      // Nobody else, and no other site's page.
      let refused: [(String, [String: String])] = [
        ("csrf=\(word)", [:]), ("", ["cookie": cookie]), ("csrf=\(word)x", ["cookie": cookie]),
        ("csrf=\(word)", ["cookie": cookie, "sec-fetch-site": "cross-site"]),
        ("csrf=\(word)", ["cookie": cookie, "origin": "https://elsewhere.example"]),
        ("", ["authorization": "Bearer a-token-of-the-page"]),
      ]
      for (form, headers) in refused {
        #expect(try await scene.post("/runs/\(run)/stop", form, headers).head.status == 403, "\(headers)")
      }
      #expect(try await scene.waitingJobs() > 0)
      #expect(try await scene.check("review", at: head) == .running)

      #expect(try await scene.post("/runs/\(run)/stop", "csrf=\(word)", ["cookie": cookie]).head.status == 303)
      try await scene.until("the run ends") { try await scene.page(of: run, cookie).contains("/\(run)/resume") }
      scene.forge.release()
      try await scene.settled()
      #expect(try await scene.check("review", at: head) == .neutral)
      #expect(try await scene.own(number).isEmpty)
      #expect(try await scene.post("/runs/\(run)/resume", "csrf=\(word)", ["cookie": cookie]).head.status == 303)
      try await scene.settled()
      #expect(try await scene.findings(number).count == 1)
      // What is over is not stopped.
      #expect(try await scene.post("/runs/\(run)/stop", "csrf=\(word)", ["cookie": cookie]).head.status == 409)
    }
  }
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

  fileprivate func page(of run: String, _ cookie: String) async throws -> String {
    String(decoding: try await get("/runs/\(run)", ["cookie": cookie]).body, as: UTF8.self)
  }

  private func address(_ path: String) throws -> String {
    guard let port = service.withLock({ $0?.port }), port > 0 else { throw ServiceFailure("no service runs") }
    return "http://127.0.0.1:\(port)\(path)"
  }
}
