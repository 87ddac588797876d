import Base
import FileSystem
import Forges
import Glibc
import HTTP
import JSON
import TestSupport
import Testing
import Work

/// `arborist serve` beside a Gitea or Forgejo, and a pull request there from its opening to its conflict.
struct ServiceCycle {
  private let real: RealForge
  private let service: LoneService
  private let place: ForgePlace
  private let hasBot: Bool
  private let head: String

  /// Runs the cycle in a repository of its own.
  ///
  /// - Parameters:
  ///   - address: The forge's.
  ///   - person: The token of somebody who may make repositories.
  ///   - bot: That of the account that Arborist writes as; the same where there is no other.
  /// - Throws: What went wrong; the repository is removed and the service ended in any case.
  static func run(at address: String, person: String, bot: String) async throws {
    let real = try await RealForge.start(at: address, token: person)
    let service = try LoneService(forge: address, token: bot)
    let outcome: Result<Void, any Error>
    do {
      try await begin(real, service, hasBot: bot != person)
      outcome = .success(())
    } catch {
      outcome = .failure(ServiceFailure("\(error)\n\(service.log)"))
    }
    #expect(await service.stop() == 0)
    try await real.remove()
    try outcome.get()
  }

  private static func begin(_ real: RealForge, _ service: LoneService, hasBot: Bool) async throws {
    if hasBot { try await real.invite(try await service.login()) }
    let configuration = "on: { opened: [review, resolve], updated: [review, resolve] }\nunverified: head\n"
    try await real.write(".arborist.yml", configuration, to: "main")
    let file = try await real.write("package.json", version("1.0.0"), to: "main")
    try await service.start()
    try await real.report(to: service.hooks, secret: service.secret)
    try await real.write("package.json", version("1.1.0"), over: file.blob, from: "main", to: "change")
    let head = try await real.write("new.py", "x = 1\nbreakpoint()\n", to: "change").commit
    let pull = try await real.open("change")
    let number = try #require(pull["number"]?.integer)
    let (repository, person) = try await real.about()
    let id = Int64(try #require(repository["id"]?.integer))
    let known = try #require(ForgeRepository(forge: .gitea, id: id, path: "\(real.owner)/\(real.name)"))
    // Where the forge may not reach this machine, the service has to be told once that there is a repository.
    try await service.deliver([
      "action": "opened", "number": .number(Double(number)), "pull_request": pull, "repository": repository,
      "sender": person,
    ])
    let cycle = ServiceCycle(
      real: real, service: service, place: ForgePlace(repository: known, number: number), hasBot: hasBot, head: head)
    try await cycle.review()
    if hasBot { try await cycle.command() }
    try await cycle.resolve(over: file.blob)
    let came = try await service.deliveries()
    print("\(came - 1) deliveries came from the forge itself\(came > 1 ? "" : ": it may not reach this machine")")
  }

  private static func version(_ text: String) -> String {
    "{\n  \"name\": \"app\",\n  \"version\": \"\(text)\"\n}\n"
  }

  private func review() async throws {
    try await ended("review", at: head)
    try await ended("resolve", at: head)
    #expect(try await real.status("arborist/review", at: head) == "warning")
    #expect(try await real.status("arborist/resolve", at: head) == "success")
    let written = try await keys()
    #expect(written.count == 2 && written.contains("summary") && written.contains { $0.hasPrefix("finding/") })
    let comments = try await real.forge.comments(on: place)
    let finding = comments.first { HiddenMarker.key(in: $0.body)?.hasPrefix("finding/") == true }
    #expect(finding?.path?.display == "new.py" && finding?.thread != nil)
  }

  private func command() async throws {
    let help = try await real.comment(place.number, "/arborist help")
    try await service.until("the command is answered") { try await keys().contains("answer/\(help)") }
  }

  private func resolve(over blob: String) async throws {
    let base = try await real.write("package.json", Self.version("1.2.0"), over: blob, to: "main").commit
    try await service.until("the base is merged") { try await real.tip("change").commit != head }
    let merge = try await real.tip("change")
    #expect(merge.parents == [head, base])
    try await ended("review", at: merge.commit)
    #expect(try await real.status("arborist/resolve", at: head) == "success")
    #expect(try await keys().count { $0 == "summary" || $0.hasPrefix("finding/") } == 2)
    guard hasBot else { return }
    let undo = try await real.comment(place.number, "/arborist undo")
    try await service.until("the merge is taken back") { try await real.tip("change").commit != merge.commit }
    let after = try await real.tip("change")
    #expect(after.parents == [merge.commit])
    try await service.until("the command is answered") { try await keys().contains("answer/\(undo)") }
    try await ended("review", at: after.commit)
    #expect(try await keys().count == Set(try await keys()).count)
    #expect(try await real.tip("main").commit == base)
  }

  /// What Arborist has written, by its keys.
  private func keys() async throws -> [String] {
    try await real.forge.comments(on: place).compactMap { HiddenMarker.key(in: $0.body) }
  }

  private func ended(_ kind: String, at commit: String) async throws {
    try await service.until("arborist/\(kind) ends at \(commit)") {
      let state = try await real.status("arborist/\(kind)", at: commit)
      return state != nil && state != "pending"
    }
  }
}

/// `arborist serve` for one forge that is none of ours.
final class LoneService: Sendable {
  let secret = "a-secret-of-\(CanaryTests.random())"
  private let directory: TemporaryDirectory
  private let client: HTTPClient
  private let site: ForgeSite
  private let token: String
  private let running = Lock((process: pid_t(0), port: 0))

  init(forge address: String, token: String) throws {
    directory = try TemporaryDirectory()
    client = try HTTPClient()
    site = ForgeSite(.gitea, web: try ForgeAddress(address, allowsPlain: true))
    self.token = token
    let configuration = """
      listen: 127.0.0.1:0
      database: journal.sqlite
      forges:
        gitea: { url: "\(address)", webhookSecret: { file: hook }, token: { file: token } }
      sweep: 1
      """
    Files.makeDirectory(directory.path + "/home")
    for (name, text) in [("token", token), ("hook", secret), ("server.yml", configuration)] {
      try Files.write(text.utf8, to: "\(directory.path)/\(name)", mode: 0o600)
    }
  }

  deinit { if let process = process { kill(process, SIGKILL) } }

  private var process: pid_t? { running.withLock { $0.process > 0 ? $0.process : nil } }

  /// Where the forge's hooks go.
  var hooks: String { "http://127.0.0.1:\(running.withLock { $0.port })/webhooks/gitea" }

  /// The end of what it has logged.
  var log: String {
    let bytes = (try? Files.read(directory.path + "/serve.log")) ?? []
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(60).joined(separator: "\n")
  }

  /// The account that it writes as.
  func login() async throws -> String {
    let request = HTTPRequest(
      .get, site.api.text + "/user", headers: [HTTPHeader("Authorization", "token \(token)")])
    return try #require(try JSONValue.parse(try await client.send(request).body)["login"]?.string)
  }

  func start() async throws {
    let started = try Command.start(
      [try ServiceScene.program(), "serve", "--config", directory.path + "/server.yml"], in: directory.path,
      errors: directory.path + "/serve.log", adding: ["HOME": directory.path + "/home"])
    running.withLock { $0.process = started }
    try await until("the service listens") {
      guard let port = ServiceScene.port(inLog: directory.path + "/serve.log") else { return false }
      running.withLock { $0.port = port }
      return true
    }
  }

  /// Tells it to end, and waits for it.
  ///
  /// - Returns: Its status; 0 where it was never started.
  func stop() async -> Int32 {
    guard let process else { return 0 }
    kill(process, SIGTERM)
    let status = await ServiceScene.status(of: process)
    running.withLock { $0.process = 0 }
    return status
  }

  /// Sends it a delivery as the forge does.
  func deliver(_ body: JSONValue) async throws {
    let bytes = body.compact()
    let signed = try Command.run(["openssl", "dgst", "-sha256", "-hmac", secret], in: "/", input: bytes)
    let signature = try #require(signed.text.split(separator: " ").last.map(String.init))
    var request = HTTPRequest(.post, hooks)
    request.headers = [
      HTTPHeader("Content-Type", "application/json"), HTTPHeader("X-Gitea-Event", "pull_request"),
      HTTPHeader("X-Gitea-Event-Type", "pull_request"), HTTPHeader("X-Gitea-Delivery", CanaryTests.random()),
      HTTPHeader("X-Gitea-Signature", signature),
    ]
    request.body = bytes
    let answer = try await client.send(request)
    try #require(answer.head.status == 202, "\(String(decoding: answer.body, as: UTF8.self))")
  }

  /// How many deliveries it has taken.
  func deliveries() async throws -> Int {
    let address = hooks.replacing("/webhooks/gitea", with: "/metrics")
    let text = String(decoding: try await client.send(HTTPRequest(.get, address)).body, as: UTF8.self)
    return text.split(separator: "\n").filter {
      $0.hasPrefix("arborist_deliveries_total{") && ($0.contains("\"accepted\"") || $0.contains("\"ignored\""))
    }.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0) { $0 + Int($1) }
  }

  /// Waits until something holds, for as long as that takes.
  ///
  /// - Throws: ``ServiceFailure`` after so many minutes that it must hang.
  func until(_ what: String, _ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(600)
    while try await !condition() {
      if ContinuousClock.now > end { throw ServiceFailure("it never comes that \(what)") }
      try await Task.sleep(for: .milliseconds(100))
    }
  }
}
