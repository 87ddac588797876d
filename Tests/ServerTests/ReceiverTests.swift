import Base
import Journal
import JournalSQLite
import Server
import Settings
import Testing
import Work

@Suite("Deliveries over HTTP")
struct ReceiverTests {
  private func waiting(_ server: TestServer) async throws -> Int {
    try await server.journal.pending(limit: 1000).count
  }

  @Test("A delivery is stored before it is answered, and twice is once")
  func accepted() async throws {
    let server = try await TestServer.start()
    let first = try await server.deliver("opened 12", id: "abc")
    #expect(first.status == 202)
    #expect(
      first.text
        == #"{"delivery":"github:abc","jobs":1,"result":"accepted","schema":"arborist.delivery/1"}"# + "\n")
    #expect(try await waiting(server) == 1)
    let again = try await server.deliver("opened 12", id: "abc")
    #expect(again.status == 202 && again.text.contains(#""result":"repeated""#))
    #expect(try await waiting(server) == 1)
    #expect(try await server.deliver("opened 13", id: "abd").text.contains(#""result":"accepted""#))
    #expect(try await waiting(server) == 2)
    try await server.stop()
  }

  @Test("A wrong or missing signature is 401, what makes no sense 400, and neither is stored")
  func refused() async throws {
    let server = try await TestServer.start()
    #expect(try await server.deliver("opened 1", secret: "another").status == 401)
    #expect(try await server.post("/webhooks/github", body: Array("opened 1".utf8)).status == 401)
    #expect(try await server.deliver("nonsense").status == 400)
    #expect(try await waiting(server) == 0)
    #expect(try await server.deliver("opened 1").status == 202)
    #expect(try await waiting(server) == 1)
    try await server.stop()
  }

  @Test("What is of no use is answered by its name and not stored")
  func ignored() async throws {
    let server = try await TestServer.start()
    let answer = try await server.deliver("ping", id: "p")
    #expect(answer.status == 202)
    #expect(answer.text.contains(#""event":"test ping""#) && answer.text.contains(#""result":"ignored""#))
    #expect(try await waiting(server) == 0)
    try await server.stop()
  }

  @Test("Only forges that are configured have a way in")
  func unconfigured() async throws {
    var settings = try TestServer.settings()
    settings.forges[.gitlab] = nil
    let server = try await TestServer.start(settings: settings)
    #expect(try await server.deliver("opened 1", forge: "gitlab").status == 404)
    #expect(try await server.deliver("opened 1", forge: "bitbucket").status == 404)
    #expect(try await server.deliver("opened 1", forge: "gitea").status == 202)
    #expect(try await server.get("/webhooks/gitea").status == 405)
    try await server.stop()
  }

  @Test("A body beyond the limit is 413, whether its length is told or not, and the connection ends")
  func tooLarge() async throws {
    var limits = ServerLimits()
    limits.bodyBytes = 1000
    limits.lingerMilliseconds = 50
    let server = try await TestServer.start(limits: limits)
    let head = "POST /webhooks/github HTTP/1.1\r\nHost: x\r\n"
    let told = try await server.raw(Array("\(head)Content-Length: 1001\r\n\r\n".utf8))
    #expect(told.status == 413 && told.headers["connection"] == "close")
    let chunk = "3e8\r\n" + String(repeating: "x", count: 1000) + "\r\n"
    let chunked = "\(head)Transfer-Encoding: chunked\r\n\r\n\(chunk)\(chunk)"
    #expect(try await server.raw(Array(chunked.utf8)).status == 413)
    // It is not read on for ever, though the client sends no end.
    let port = server.port
    let ends = try await blocking {
      let socket = try ClientSocket(port: port)
      try socket.write(Array(chunked.utf8))
      _ = try socket.readAnswer()
      return socket.readsEnd()
    }
    #expect(ends)
    let fits = "opened 1 " + String(repeating: "x", count: 900)
    #expect(try await server.deliver(fits).status == 202)
    try await server.stop()
  }

  @Test("Where the journal cannot be written the answer is 503, and the next one is taken again")
  func unavailable() async throws {
    let fault = Lock<JournalError?>(nil)
    let server = try await TestServer.start(store: { FailingJournal(journal: $0, fault: fault) })
    fault.withLock { $0 = .diskFull(at: "/secret/place") }
    let answer = try await server.deliver("opened 1")
    #expect(answer.status == 503 && answer.headers["retry-after"] != nil)
    #expect(!answer.text.contains("/secret/place"))
    let ready = try await server.get("/readyz")
    #expect(ready.status == 503 && ready.text.contains("database: the disk is full"))
    #expect(!ready.text.contains("/secret/place"))
    #expect(try await server.get("/healthz").status == 200)
    fault.withLock { $0 = nil }
    #expect(try await server.deliver("opened 1").text.contains("accepted"))
    #expect(try await server.get("/readyz").text == "{\"missing\":[],\"ready\":true}\n")
    try await server.stop()
  }

  @Test("Headers beyond the limits, broken requests and encodings are refused")
  func broken() async throws {
    let server = try await TestServer.start()
    let long = String(repeating: "h", count: 40_000)
    #expect(try await server.get("/healthz", [("X-Long", long)]).status == 400)
    #expect(try await server.raw(Array("HELLO\r\n\r\n".utf8)).status == 400)
    let encoded = try await server.post("/webhooks/github", body: [1], headers: [("Content-Encoding", "gzip")])
    #expect(encoded.status == 415)
    #expect(try await server.get("/healthz").status == 200)
    try await server.stop()
  }

  @Test("Who sends nothing, or a body byte by byte, is let go")
  func slow() async throws {
    var limits = ServerLimits()
    (limits.idleMilliseconds, limits.bodyMilliseconds) = (200, 300)
    let server = try await TestServer.start(limits: limits)
    let port = server.port
    // Each ends because the server ends it: nothing here has a deadline.
    let silent = try await blocking { try ClientSocket(port: port).readsEnd() }
    #expect(silent)
    let half = try await blocking {
      let socket = try ClientSocket(port: port)
      try socket.write(Array("GET / HTT".utf8))
      return socket.readsEnd()
    }
    #expect(half)
    let dripping = try await blocking {
      let socket = try ClientSocket(port: port)
      try socket.write(Array("POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n".utf8))
      for _ in 0..<100_000 {
        do { try socket.write([0x20]) } catch { return true }
        usleepBriefly()
      }
      return false
    }
    #expect(dripping)
    #expect(try await server.deliver("opened 1").status == 202)
    try await server.stop()
  }

  @Test("Large bodies wait for nobody, and crowd nobody out")
  func crowded() async throws {
    var limits = ServerLimits()
    (limits.largeBodies, limits.smallBody, limits.lingerMilliseconds) = (1000, 100, 50)
    let server = try await TestServer.start(limits: limits)
    let large = "opened 1 " + String(repeating: "x", count: 2000)
    #expect(try await server.deliver(large).status == 503)
    #expect(try await server.deliver("opened 1").status == 202)
    let fits = "opened 2 " + String(repeating: "x", count: 500)
    for id in 2...5 { #expect(try await server.deliver(fits, id: "\(id)").status == 202) }
    try await server.stop()
  }

  @Test("What is under way is answered when the server is told to end")
  func shutdown() async throws {
    let gate = Gate()
    let server = try await TestServer.start(store: { HeldJournal(journal: $0, gate: gate) })
    async let answer = server.deliver("opened 1")
    await gate.waitUntilEntered()
    await server.triggerShutdown()
    gate.open()
    #expect(try await answer.status == 202)
    try await server.ended()
    #expect(try await waiting(server) == 1)
    await #expect(throws: (any Error).self) { try await server.get("/healthz") }
  }

  @Test("Who never sends the rest of a request does not keep the server from ending")
  func stuck() async throws {
    var limits = ServerLimits()
    limits.shutdownMilliseconds = 100
    let server = try await TestServer.start(limits: limits)
    let socket = try ClientSocket(port: server.port)
    try socket.write(Array("POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf".utf8))
    #expect(try await server.get("/healthz").status == 200)
    try await server.stop()
    #expect(socket.readsEnd())
  }

  @Test("Each delivery is one line of the log, and no secret is in any")
  func logging() async throws {
    let server = try await TestServer.start()
    _ = try await server.deliver("opened 1", id: "one")
    _ = try await server.deliver("opened 1", id: TestServer.webhookSecret)
    _ = try await server.deliver("opened 1", secret: "another")
    let lines = await server.log.text().split(separator: "\n").filter { $0.contains(#""message":"delivery""#) }
    #expect(lines.count == 3)
    #expect(lines.first?.contains(#""delivery":"github:one","forge":"github""#) == true)
    #expect(lines.last?.contains(#""result":"unauthenticated""#) == true)
    #expect(lines.allSatisfy { !$0.contains(TestServer.webhookSecret) })
    #expect(lines.count { $0.contains("(secret)") } == 1)
    try await server.stop()
  }

  @Test("Many connections at once are all answered")
  func many() async throws {
    let server = try await TestServer.start()
    try await withThrowingTaskGroup(of: Int.self) { group in
      for id in 0..<60 {
        group.addTask { try await server.deliver("opened \(id % 40)", id: "\(id % 40)").status }
      }
      for try await status in group { #expect(status == 202) }
    }
    #expect(try await waiting(server) == 40)
    try await server.stop()
  }
}
