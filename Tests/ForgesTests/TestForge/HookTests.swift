import Crypto
import HTTP
import JSON
import TestForge
import Testing

/// Deliveries are signed as the forges sign them, and go astray as a test wants it.
@Suite struct HookSendingTests {
  private static func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  private static func proof(_ body: [UInt8], _ secret: String) -> String {
    hex(HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Array(secret.utf8))))
  }

  /// Nobody listens there: what is sent is looked at in the forge's own log.
  private let nowhere = "http://127.0.0.1:1/hook"

  private func sent(_ forge: TestForge) async -> [SentHook] {
    await forge.hooksAreSent()
    return forge.sent
  }

  private func json(_ hook: SentHook) -> JSONValue { (try? JSONValue.parse(hook.body)) ?? .null }

  @Test func gitHubSignsWhatItSends() async throws {
    let scene = try await ForgeScene.start(.github)
    try await scene.forge.addHook(nowhere, secret: "s3cret")
    try await scene.forge.label(1, in: "ada/app", by: "ada", "review")
    let hook = try #require(await sent(scene.forge).first)
    #expect(hook.headers["X-GitHub-Event"] == "pull_request")
    #expect(hook.headers["X-Hub-Signature-256"] == "sha256=" + Self.proof(hook.body, "s3cret"))
    #expect(hook.headers["X-Hub-Signature-256"] != "sha256=" + Self.proof(hook.body, "other"))
    #expect(json(hook)["action"] == "labeled")
    #expect(json(hook)["pull_request"]?["head"]?["sha"]?.string == scene.head)
  }

  @Test func gitLabSendsItsTokenAndTheSignedForm() async throws {
    let scene = try await ForgeScene.start(.gitlab)
    // Thirty-two bytes of zero.
    let key = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    try await scene.forge.addHook(nowhere, secret: "plain", signingKey: key)
    _ = try await scene.forge.comment(on: 1, in: "ada/app", by: "ada", "Hello")
    let hook = try #require(await sent(scene.forge).first)
    #expect(hook.headers["X-Gitlab-Event"] == "Note Hook")
    #expect(hook.headers["X-Gitlab-Token"] == "plain")
    let signed = "\(hook.headers["webhook-id"] ?? "").\(hook.headers["webhook-timestamp"] ?? "")."
    let code = HMAC<SHA256>.authenticationCode(
      for: Array(signed.utf8) + hook.body, using: SymmetricKey(data: [UInt8](repeating: 0, count: 32)))
    let sentCode = try #require(hook.headers["webhook-signature"]?.dropFirst(3))
    #expect(sentCode.utf8.count == 44)
    #expect(String(sentCode) == ForgeScene.base64(Array(code)))
    #expect(json(hook)["object_attributes"]?["note"] == "Hello")
  }

  @Test func giteaTellsTheHeadOfTheMomentOfSending() async throws {
    var options = TestForge.Options()
    options.sendsHooks = false
    let scene = try await ForgeScene.start(.gitea, options: options)
    try await scene.forge.addHook(nowhere, secret: "s3cret", events: ["pull_request"])
    var heads = [scene.head]
    for number in 1...3 {
      heads.append(try scene.advance(number))
      try await scene.forge.pushed("ada/app", "change", from: heads[number - 1], by: "ada")
    }
    #expect(scene.forge.sent.isEmpty)
    await scene.forge.sendHooks()
    let told = scene.forge.sent.map { json($0)["pull_request"]?["head"]?["sha"]?.string }
    #expect(told == [heads[3], heads[3], heads[3]])
    let hook = try #require(scene.forge.sent.first)
    #expect(hook.headers["X-Gitea-Event-Type"] == "pull_request_sync")
    #expect(hook.headers["X-GitHub-Event"] == "pull_request")
    #expect(hook.headers["X-Gitea-Signature"] == Self.proof(hook.body, "s3cret"))
  }

  @Test func gitHubTellsTheHeadOfThePush() async throws {
    var options = TestForge.Options()
    options.sendsHooks = false
    let scene = try await ForgeScene.start(.github, options: options)
    try await scene.forge.addHook(nowhere, secret: "s3cret", events: ["pull_request"])
    let next = try scene.advance(1)
    try await scene.forge.pushed("ada/app", "change", from: scene.head, by: "ada")
    _ = try scene.advance(2)
    await scene.forge.sendHooks()
    #expect(scene.forge.sent.map { json($0)["after"]?.string } == [next])
    #expect(scene.forge.sent.map { json($0)["pull_request"]?["head"]?["sha"]?.string } == [next])
  }

  @Test func deliveriesGoAstrayBySeed() async throws {
    func run(_ seed: UInt64) async throws -> [String] {
      var options = TestForge.Options()
      options.sendsHooks = false
      let scene = try await ForgeScene.start(.github, options: options)
      try await scene.forge.addHook(nowhere, secret: "s")
      var trouble = HookTrouble()
      (trouble.lost, trouble.doubled, trouble.isShuffled, trouble.seed) = (300, 300, true, seed)
      scene.forge.setTrouble(trouble)
      for number in 1...20 { _ = try await scene.forge.comment(on: 1, in: "ada/app", by: "ada", "\(number)") }
      await scene.forge.sendHooks()
      return scene.forge.sent.map { "\($0.fate) \(json($0)["comment"]?["body"]?.string ?? "")" }
    }
    let first = try await run(3)
    #expect(first.contains { $0.hasPrefix("lost") } && first.contains { $0.hasPrefix("again") })
    #expect(first.filter { $0.hasPrefix("sent") } != (1...20).map { "sent \($0)" })
    #expect(try await run(3) == first)
  }
}
