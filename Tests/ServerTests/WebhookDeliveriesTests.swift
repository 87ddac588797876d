import Base
import Crypto
import Foundation
import Journal
import Server
import Settings
import Testing
import Work

@Suite("Deliveries of forges")
struct WebhookDeliveriesTests {
  private static func body(_ number: Int) -> [UInt8] {
    let sha = String(repeating: "ab", count: 20)
    return Array(
      """
      {"action":"opened","number":\(number),"pull_request":{"number":\(number),"state":"open","head":{"sha":"\(sha)",\
      "ref":"x","repo":{"id":7,"full_name":"octo/tree"}},"base":{"sha":"\(sha)","ref":"main","repo":{"id":7,\
      "full_name":"octo/tree"}}},"repository":{"id":7,"full_name":"octo/tree"},"sender":{"id":1,"login":"ada",\
      "type":"User"}}
      """.utf8)
  }

  private static func headers(_ body: [UInt8], id: String, event: String, secret: String) -> [(String, String)] {
    [
      ("X-GitHub-Event", event), ("X-GitHub-Delivery", id), ("Content-Type", "application/json"),
      ("X-Hub-Signature-256", "sha256=\(SignedReading.sign(body, secret))"),
    ]
  }

  @Test("What GitHub sends becomes an event and one job to attend to it, under either of two secrets")
  func github() async throws {
    var settings = try TestServer.settings()
    settings.forges[.github]?.webhookSecrets = [Secret("the new secret"), Secret("the old secret")]
    let server = try await TestServer.start(settings: settings, reading: WebhookDeliveries(settings: settings))
    let body = Self.body(12)
    for (id, secret, status) in [("a", "the new secret", 202), ("b", "the old secret", 202), ("c", "another", 401)] {
      let headers = Self.headers(body, id: id, event: "pull_request", secret: secret)
      #expect(try await server.post("/webhooks/github", body: body, headers: headers).status == status)
    }
    // The second report asks for the same as the first, so one waits.
    let waiting = try await server.journal.pending(limit: 10)
    #expect(waiting.map(\.job.event) == ["github:b"])
    #expect(waiting.first?.job.kind == .attend)
    #expect(waiting.first?.job.pullRequest.forge?.number == 12)
    #expect(waiting.first?.job.pullRequest.repository == "github:octo/tree")
    let ping = Self.headers(body, id: "p", event: "ping", secret: "the new secret")
    let ignored = try await server.post("/webhooks/github", body: body, headers: ping)
    #expect(ignored.status == 202 && ignored.text.contains(#""event":"github ping"#))
    #expect(try await server.journal.pending(limit: 10).count == 1)
    try await server.stop()
  }

  @Test("An event that names no pull request is attended to for the whole repository")
  func branch() throws {
    let repository = try unwrap(ForgeRepository(forge: .gitlab, id: 3, path: "a/b/c"))
    let update = RefUpdate(ref: try RefName(branch: Array("main".utf8)), old: .zero, new: .zero)
    let happening = ForgeHappening(repository: repository, actor: nil, kind: .branch(update))
    let event = Event(
      id: "gitlab:1", repository: repository.name, actor: "", time: Timestamp(seconds: 5), kind: .forge(happening))
    let job = Job(attendingTo: happening, event: event)
    #expect(job.pullRequest.forge?.number == 0 && job.request == event.id && job.time == event.time)
    #expect(job.key.text.contains("gitlab:1"))
  }
}
