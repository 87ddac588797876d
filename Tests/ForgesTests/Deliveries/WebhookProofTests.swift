import Base
import DeliveryTrials
import Forges
import Testing
import Work

/// Who is believed, and who is not.
@Suite struct WebhookProofTests {
  private static let secret = "It's a Secret to Everybody"
  private static let push =
    #"{"ref":"refs/heads/main","before":"\#(String(repeating: "a", count: 40))","#
    + #""after":"\#(String(repeating: "b", count: 40))","repository":{"id":7,"full_name":"o/r"},"#
    + #""project":{"id":7,"path_with_namespace":"o/r"},"object_kind":"push","sender":{"id":3,"login":"ada"}}"#

  private static func delivery(_ forge: ForgeName, body: String = push) -> SampleDelivery {
    SampleDelivery(
      name: "", forge: forge, event: forge == .gitlab ? "Push Hook" : "push", body: Array(body.utf8))
  }

  private static func headers(
    _ forge: ForgeName, without: [String] = [], with more: [(String, String)] = []
  ) -> [(String, String)] {
    delivery(forge).headers(secret: secret).filter { !without.contains($0.0) } + more
  }

  /// What is said of the body with these headers; `nil` where it is believed.
  private func refusal(
    _ forge: ForgeName, _ headers: [(String, String)], secrets: [String] = [secret], at time: Timestamp = .trial
  ) -> String? {
    switch Self.delivery(forge).read(headers, secrets: secrets, at: time).outcome {
    case .unauthenticated(let reason): reason
    case .malformed(let reason): "malformed: \(reason)"
    case .event, .ignored: nil
    }
  }

  /// GitHub's own example, from "Validating webhook deliveries".
  @Test func knowsTheSignatureThatGitHubPublishes() {
    let hello = Self.delivery(.github, body: "Hello, World!")
    #expect(hello.hex(Self.secret) == "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
    let published = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    let names = [("X-GitHub-Event", "ping"), ("X-GitHub-Delivery", "1")]
    #expect(
      hello.read(names + [("X-Hub-Signature-256", published)], secrets: [Self.secret]).outcome
        == .malformed(reason: "its body is no JSON: line 1: a value was expected"))
    #expect(
      hello.read(names + [("X-Hub-Signature-256", published)], secrets: ["another"]).outcome
        == .unauthenticated(reason: "the signature is not ours"))
  }

  /// The example of "Standard Webhooks", which GitLab's signed form follows.
  @Test func knowsTheSignatureThatStandardWebhooksPublishes() {
    let example = SampleDelivery(
      name: "", forge: .gitlab, event: "Push Hook", body: Array(#"{"test": 2432232314}"#.utf8))
    let headers = [
      ("X-Gitlab-Event", "Push Hook"), ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
      ("webhook-timestamp", "1614265330"), ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    ]
    let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    let reading = example.read(headers, secrets: [key], at: Timestamp(seconds: 1_614_265_330))
    #expect(reading.outcome == .malformed(reason: "its header and its body contradict each other in what happened"))
    let later = example.read(headers, secrets: [key], at: Timestamp(seconds: 1_614_265_631))
    #expect(
      later.outcome == .unauthenticated(reason: "it was signed 301 seconds ago, outside of the replay window"))
  }

  @Test(arguments: ForgeName.allCases) func believesEitherOfTwoSecrets(forge: ForgeName) {
    let headers = Self.headers(forge)
    #expect(refusal(forge, headers) == nil)
    #expect(refusal(forge, headers, secrets: ["new", Self.secret]) == nil)
    #expect(refusal(forge, headers, secrets: [Self.secret, "new"]) == nil)
    #expect(refusal(forge, headers, secrets: ["new", "newer"])?.hasSuffix("is not ours") == true)
  }

  @Test(arguments: ForgeName.allCases) func noEmptySecretProvesAnything(forge: ForgeName) {
    for secret in ["", " ", "\n", "\t \n"] {
      let headers = Self.delivery(forge).headers(secret: secret)
      #expect(refusal(forge, headers, secrets: [secret]) == "no secret is configured for \(forge.rawValue)")
      #expect(refusal(forge, headers, secrets: [secret, Self.secret])?.contains("not ours") == true)
    }
    #expect(refusal(forge, Self.headers(forge), secrets: []) == "no secret is configured for \(forge.rawValue)")
  }

  @Test func sha1AloneIsNoProof() {
    let sha1 = ("X-Hub-Signature", "sha1=bc85e7f477b34a4e806ef4b0e01997dfbabacf77")
    #expect(
      refusal(.github, Self.headers(.github, without: ["X-Hub-Signature-256"], with: [sha1]))
        == "it is signed with SHA-1 alone")
    #expect(
      refusal(.gitea, Self.headers(.gitea, without: ["X-Hub-Signature-256", "X-Gitea-Signature"], with: [sha1]))
        == "it has no X-Gitea-Signature")
    // Beside a right one it does no harm, whatever it says.
    #expect(refusal(.github, Self.headers(.github, with: [sha1])) == nil)
    #expect(refusal(.gitea, Self.headers(.gitea, with: [sha1])) == nil)
  }

  @Test func signaturesHaveOneForm() {
    let right = Self.delivery(.github).hex(Self.secret)
    for form in [
      "", right, "sha256=", "sha1=\(right)", "sha256=\(right.dropLast())", "sha256=\(right)0",
      "sha256=\(right) ", "sha256=\(right),sha256=\(right)", "SHA256=\(right)", "sha256=g\(right.dropFirst())",
    ] {
      let headers = Self.headers(.github, without: ["X-Hub-Signature-256"], with: [("X-Hub-Signature-256", form)])
      #expect(refusal(.github, headers) == "X-Hub-Signature-256 is no signature with SHA-256", "\(form)")
    }
    let upper = [("X-Hub-Signature-256", "sha256=\(right.uppercased())")]
    #expect(refusal(.github, Self.headers(.github, without: ["X-Hub-Signature-256"], with: upper)) == nil)
  }

  @Test func noHeaderThatCountsStandsTwice() {
    for (forge, name) in [
      (ForgeName.github, "X-Hub-Signature-256"), (.gitea, "X-Gitea-Signature"), (.gitlab, "X-Gitlab-Token"),
    ] {
      let value = Self.headers(forge).first { $0.0 == name }?.1 ?? ""
      for other in [value, "another"] {
        let twice = Self.headers(forge, with: [(name.uppercased(), other)])
        #expect(refusal(forge, twice) == "the header \(name.lowercased()) stands there more than once")
      }
    }
    for (forge, name) in [
      (ForgeName.github, "X-GitHub-Event"), (.gitea, "X-Gitea-Delivery"), (.gitlab, "Idempotency-Key"),
    ] {
      let twice = Self.headers(forge, with: [(name, "push")])
      #expect(
        refusal(forge, twice) == "malformed: the header \(name.lowercased()) stands there more than once")
    }
  }

  @Test func giteasSignaturesHaveToAgree() {
    let other = String(repeating: "0", count: 64)
    let right = Self.delivery(.gitea).hex(Self.secret)
    for name in ["X-Forgejo-Signature", "X-Gogs-Signature"] {
      #expect(refusal(.gitea, Self.headers(.gitea, with: [(name, right)])) == nil)
      #expect(refusal(.gitea, Self.headers(.gitea, with: [(name, other)])) == "its signatures contradict each other")
    }
    #expect(refusal(.gitea, Self.headers(.gitea, without: ["X-Hub-Signature-256"])) == nil)
    #expect(refusal(.gitea, Self.headers(.gitea, without: ["X-Gitea-Signature"])) == nil)
    let forgejo = [
      ("X-Forgejo-Event", "push"), ("X-Forgejo-Delivery", "1"), ("X-Forgejo-Signature", right),
    ]
    #expect(refusal(.gitea, forgejo) == nil)
  }

  @Test func aDeliveryAtTheWrongAddressIsRefusedWhoeverSignedIt() {
    let misdirected = { (forge: ForgeName, other: ForgeName) in
      self.refusal(forge, Self.headers(other))
    }
    #expect(misdirected(.github, .gitea) == "malformed: gitea sent it to the address that github sends to")
    #expect(misdirected(.gitea, .github) == "malformed: github sent it to the address that gitea sends to")
    #expect(misdirected(.gitlab, .github) == "malformed: github sent it to the address that gitlab sends to")
    #expect(misdirected(.github, .gitlab) == "malformed: gitlab sent it to the address that github sends to")
    #expect(
      refusal(.gitlab, Self.headers(.gitlab) + Self.headers(.github))
        == "malformed: it has the headers of more than one forge")
    #expect(refusal(.github, []) == "no header says that github sent it")
    let gogs = Self.headers(.github, with: [("X-Gogs-Event", "push")])
    #expect(refusal(.github, gogs) == "no header says that github sent it")
    #expect(refusal(.gitea, gogs) == "no header says that gitea sent it")
  }

  @Test func eventsThatContradictEachOtherAreRefused() {
    #expect(
      refusal(.gitea, Self.headers(.gitea, with: [("X-Gogs-Event", "issues")]))
        == "malformed: its headers contradict each other in what happened")
    #expect(refusal(.gitea, Self.headers(.gitea, with: [("X-Gogs-Event", "push")])) == nil)
    let note = Self.headers(.gitlab, without: ["X-Gitlab-Event"], with: [("X-Gitlab-Event", "Note Hook")])
    #expect(refusal(.gitlab, note) == "malformed: its header and its body contradict each other in what happened")
    let system = Self.headers(.gitlab, without: ["X-Gitlab-Event"], with: [("X-Gitlab-Event", "System Hook")])
    #expect(refusal(.gitlab, system) == nil)
  }

  @Test(arguments: [
    (ForgeName.github, "X-GitHub-Delivery"), (.gitea, "X-Gitea-Delivery"), (.gitlab, "Idempotency-Key"),
  ])
  func aDeliveryHasAFitName(forge: ForgeName, name: String) {
    #expect(refusal(forge, Self.headers(forge, without: [name]))?.hasPrefix("malformed: it has no ") == true)
    for odd in ["", "a b", "a\u{0}b", "a\nb", "ä", "a/b", String(repeating: "a", count: 129)] {
      let headers = Self.headers(forge, without: [name], with: [(name, odd)])
      #expect(refusal(forge, headers) == "malformed: \(name.lowercased()) is no name of a delivery")
      #expect(Self.delivery(forge).read(headers, secrets: [Self.secret]).delivery == nil)
    }
    let long = String(repeating: "a", count: 128)
    let headers = Self.headers(forge, without: [name], with: [(name, long)])
    let reading = Self.delivery(forge).read(headers, secrets: [Self.secret])
    #expect(reading.delivery?.text == long)
    #expect(reading.event?.id == "\(forge.rawValue):\(long)")
    // Whoever cannot prove anything hears nothing about the name.
    #expect(refusal(forge, Self.headers(forge, without: [name]), secrets: ["x"])?.contains("not ours") == true)
  }

  @Test(arguments: ForgeName.allCases) func oneChangedByteIsNoticed(forge: ForgeName) {
    guard forge != .gitlab else { return }
    let headers = Self.headers(forge)
    for index in stride(from: 0, to: Self.push.utf8.count, by: 17) {
      var changed = Self.delivery(forge)
      changed.body[index] ^= 1
      #expect(
        changed.read(headers, secrets: [Self.secret]).outcome == .unauthenticated(reason: "the signature is not ours"))
    }
    #expect(refusal(forge, headers) == nil)
  }

  @Test func whatIsReadIsTheEvent() throws {
    let event = try #require(Self.delivery(.github).read(Self.headers(.github), secrets: [Self.secret]).event)
    #expect(event.repository == "github:o/r")
    #expect(event.actor == "ada")
    #expect(event.time == .trial)
    guard case .forge(let happening) = event.kind, case .branch(let update) = happening.kind else {
      Issue.record("no branch")
      return
    }
    #expect(happening.actor == ForgeActor(id: 3, login: "ada", isBot: false))
    #expect(happening.repository == ForgeRepository(forge: .github, id: 7, path: "o/r"))
    #expect(update.ref == (try RefName("refs/heads/main")))
    #expect(update.old.hex.hasPrefix("aaaa"))
    #expect(update.new.hex.hasPrefix("bbbb"))
  }

  @Test func bodiesHaveABound() {
    var delivery = Self.delivery(.github)
    delivery.body = [UInt8](repeating: 0x20, count: WebhookReader.longestBody + 1)
    #expect(
      delivery.readSigned().outcome == .malformed(reason: "it is longer than \(WebhookReader.longestBody) bytes"))
    delivery.body.removeLast()
    #expect(
      delivery.readSigned().outcome
        == .malformed(reason: "its body is no JSON: line 1: the document ends too early"))
  }

  @Test func formsAreNamed() {
    let form = Self.headers(
      .github, without: ["Content-Type"],
      with: [
        ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
      ])
    #expect(refusal(.github, form) == "malformed: it is a form: the webhook has to send application/json")
  }
}
