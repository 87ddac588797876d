import Base
import Git
import Policy
import Review
import Testing
import Work

/// No token stands in this file as a whole: each is put together when the tests run, from a seed.
@Suite struct SecretTests {
  /// A provider's shape: literal parts, and runs written as `{set,count}`.
  struct Shape: Sendable, CustomTestStringConvertible {
    var name: String
    var parts: [String]

    init(_ name: String, _ parts: String...) {
      self.name = name
      self.parts = parts
    }

    var testDescription: String { name }

    /// A token of the shape with random letters.
    func token(seed: UInt64) -> String {
      var random = SplitMix64(seed: seed)
      return parts.map { part in
        guard part.hasPrefix("{"), let comma = part.firstIndex(of: ","),
          let count = Int(part[part.index(after: comma)...].dropLast())
        else { return part }
        let set = Array(Self.sets[String(part[part.index(after: part.startIndex)..<comma])] ?? "?")
        return String((0..<count).compactMap { _ in set.randomElement(using: &random) })
      }.joined()
    }

    private static let sets = [
      "hex": "0123456789abcdef", "HEX": "0123456789ABCDEF", "num": "0123456789",
      "alnum": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
      "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "lower": "abcdefghijklmnopqrstuvwxyz0123456789",
      "alpha": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
      "url": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_",
      "b64": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    ]
  }

  static let shapes: [Shape] = [
    Shape("AWS", "AK", "IA", "{upper,16}"), Shape("AWS, temporary", "AS", "IA", "{upper,16}"),
    Shape("AWS secret", "aws_secret_access_key = \"", "{b64,40}", "\""),
    Shape("GitHub", "gh", "p_", "{alnum,36}"), Shape("GitHub, installation", "gh", "s_", "{alnum,36}"),
    Shape(
      "GitHub, installation by JWT", "gh", "s_", "{num,7}", "_e", "yJ", "{url,40}", ".e", "yJ", "{url,60}", ".",
      "{url,80}"),
    Shape("GitHub, fine-grained", "github", "_pat_", "{alnum,22}", "_", "{alnum,59}"),
    Shape("GitLab", "gl", "pat-", "{alnum,20}"), Shape("Slack", "xo", "xb-", "{num,11}", "-", "{alnum,24}"),
    Shape("Slack webhook", "https://hooks.slack", ".com/services/T", "{upper,9}", "/B", "{upper,9}", "/", "{alnum,24}"),
    Shape("Stripe", "sk", "_live_", "{alnum,24}"), Shape("Google", "AI", "za", "{alnum,35}"),
    Shape("Google OAuth", "GOC", "SPX-", "{alnum,28}"),
    Shape("Azure storage", "DefaultEndpointsProtocol=https;AccountKey=", "{b64,86}", "=="),
    Shape("Azure client", "{alnum,3}", "8Q", "~", "{alnum,34}"), Shape("npm", "np", "m_", "{alnum,36}"),
    Shape("PyPI", "py", "pi-AgEIcHlwaS5vcmc", "{alnum,80}"),
    Shape("OpenAI", "s", "k-", "{alnum,20}", "T3Blbk", "FJ", "{alnum,20}"),
    Shape("OpenAI project", "sk", "-proj-", "{alnum,64}"), Shape("Anthropic", "sk", "-ant-api03-", "{alnum,93}", "AA"),
    Shape("DeepSeek", "s", "k-", "{hex,32}"), Shape("SendGrid", "S", "G.", "{alnum,22}", ".", "{alnum,43}"),
    Shape("Twilio", "TWILIO_AUTH_TOKEN=\"", "{hex,32}", "\""), Shape("Telegram", "{num,9}", ":A", "A", "{alnum,33}"),
    Shape("Discord bot", "DISCORD_TOKEN: \"", "{alpha,24}", ".", "{alnum,6}", ".", "{alnum,27}", "\""),
    Shape("Discord webhook", "https://discord", ".com/api/webhooks/", "{num,18}", "/", "{alnum,68}"),
    Shape("JSON Web Token", "ey", "J", "{alnum,30}", ".ey", "J", "{alnum,60}", ".", "{alnum,43}"),
    Shape(
      "Heroku", "HEROKU_API_KEY=\"", "{hex,8}", "-", "{hex,4}", "-", "{hex,4}", "-", "{hex,4}", "-", "{hex,12}", "\""),
    Shape("DigitalOcean", "do", "p_v1_", "{hex,64}"), Shape("Hugging Face", "h", "f_", "{alpha,34}"),
    Shape("Databricks", "da", "pi", "{hex,32}"), Shape("Shopify", "shp", "at_", "{hex,32}"),
    Shape("Square", "sq0", "atp-", "{alnum,22}"), Shape("Mailgun", "ke", "y-", "{hex,32}"),
    Shape("Mailchimp", "{hex,32}", "-u", "s12"), Shape("Doppler", "dp", ".pt.", "{alnum,43}"),
    Shape("Linear", "lin", "_api_", "{alnum,40}"), Shape("Postman", "PM", "AK-", "{hex,24}", "-", "{hex,34}"),
    Shape("Pulumi", "pu", "l-", "{hex,40}"), Shape("RubyGems", "ruby", "gems_", "{hex,48}"),
    Shape("Grafana", "gl", "sa_", "{alnum,32}", "_", "{hex,8}"), Shape("New Relic", "NR", "AK-", "{upper,27}"),
    Shape("Vault", "hv", "s.", "{alnum,90}"), Shape("Terraform", "{alnum,14}", ".atlas", "v1.", "{alnum,64}"),
    Shape("Docker Hub", "dckr", "_pat_", "{alnum,27}"), Shape("Atlassian", "ATA", "TT3", "{alnum,180}"),
    Shape("Figma", "fi", "gd_", "{alnum,40}"), Shape("Airtable", "pa", "t", "{alnum,14}", ".", "{hex,64}"),
    Shape("Dynatrace", "dt", "0c01.", "{upper,24}", ".", "{upper,64}"), Shape("Groq", "gs", "k_", "{alnum,52}"),
    Shape("Supabase", "sb", "p_", "{hex,40}"), Shape("Sentry", "sntr", "yu_", "{hex,64}"),
    Shape("password in a URL", "postgres://app:", "{alnum,12}", "7aQ", "@db.internal.acme.io/main"),
    Shape("named password", "db_password = \"", "{alnum,9}", "7aQ!", "\""),
    Shape("named key", "api_key = \"", "{alnum,30}", "77b2", "\""),
  ]

  static func review(_ lines: [String], path: String = "src/app.py") -> ReviewOutcome {
    Reviewer.review(Fixture("file \(path)\n@@ 10\n" + lines.map { "+" + $0 }.joined(separator: "\n")).input())
  }

  @Test(arguments: shapes) func isFound(_ shape: Shape) {
    for seed: UInt64 in 1...5 {
      let token = shape.token(seed: seed)
      let bare = Self.review(["value = '\(token)'"])
      #expect(bare.findings.contains { $0.source == "secret" && $0.startLine == 10 }, "seed \(seed)")
    }
  }

  @Test(arguments: shapes) func isShownInNoForm(_ shape: Shape) {
    let token = shape.token(seed: 9)
    // Something else is wrong with the line too, and a linter repeats it.
    let diff = Fixture("file src/app.py\n@@ 10\n+print('DEBUG', '\(token)'); breakpoint()")
    let sarif = """
      {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "leaks"}}, "results": [{"ruleId": "r",
        "message": {"text": "found \(token.replacing("\"", with: "\\\"")) here"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": "src/app.py"}, "region": {"startLine": 10}}}]}]}]}
      """
    guard let document = try? SARIFDocument.parse(Array(sarif.utf8)) else {
      Issue.record("the document is good")
      return
    }
    let outcome = Reviewer.review(diff.input(linters: [document]))
    #expect(Set(outcome.findings.map(\.source)).isSuperset(of: ["secret", "debug-leftover", "leaks/r"]))
    // The end of the token is the secret's own in every shape.
    let kernel = String(
      token.split { "\"@=".contains($0) }.filter { $0.count > 8 }.map(String.init).last?.suffix(10) ?? "")
    for format in ReviewFormat.allCases {
      let text = String(
        decoding: format.render(outcome, terminal: TextTerminal(width: 1_000), version: "1"), as: UTF8.self)
      if shape.name == "password in a URL" {
        #expect(!text.contains("7aQ@"), "\(format)")
      } else {
        #expect(!text.contains(kernel), "\(format)")
      }
    }
  }

  /// Without the redaction the test above would find the token: the line does reach the quote.
  @Test func theRestOfTheLineIsShown() {
    let outcome = Self.review(["connect('\(Self.shapes[3].token(seed: 3))', retries)"])
    #expect(outcome.findings.first?.quote == "connect('ghp_…[40 characters]', retries)")
  }

  @Test(arguments: [
    "AWS_KEY = 'AKIAIOSFODNN7EXAMPLE'", "token = 'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'",
    "password = '${DB_PASSWORD}'", "password = 'changeme'", "api_key = '<your key here>'",
    "password: 'correct horse'", "token = os.environ['TOKEN']", "secret_name = 'projects/p/secrets/a1b2c3d4e5f6g7'",
    "url = 'postgres://user:password@localhost/db'", "url = 'postgres://postgres:postgres@db.acme.io/x'",
    "url = 'https://user:${TOKEN}@host.acme.io/x'", "next_token = 'Zm9vYmFyMTIzNDU2Nzg5MDEyMzQ'",
    "integrity = 'sha512-Zm9vYmFyMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkw=='",
    "id = '3f2b8c1e-9a4d-4f6b-8e2a-1c3d5e7f9a0b'",
    "commit = '9daeafb9864cf43055ae93beb0afd6c7d144bfa4'", "password_hash = '$2b$12$KIXQ1f9mZ0n8yT'",
    "mask-image: url(data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ)",
    "risk-free-task-abcdefabcdef",
    "key = '-----BEGIN RSA PRIVATE KEY-----'", "csrf_token = 'a8f5f167f44f4964e6c998dee827110c'",
    "password = request.form['password1A!']", "-----BEGIN PUBLIC KEY-----",
  ])
  func isNoSecret(_ line: String) {
    #expect(Self.review([line]).findings.isEmpty)
  }

  /// The base64 of a key, by a seed.
  private static let keyLines = (0..<4).map { Shape("", "{b64,64}").token(seed: $0 + 50) }
  private static func begin(_ kind: String) -> String { "-----BEGIN " + kind + " KEY-----" }

  @Test(arguments: ["RSA PRIVATE", "PRIVATE", "OPENSSH PRIVATE", "EC PRIVATE", "ENCRYPTED PRIVATE"])
  func aPrivateKeyIsOneFinding(_ kind: String) {
    let outcome = Self.review([Self.begin(kind)] + Self.keyLines + ["-----END \(kind) KEY-----"], path: "deploy/key")
    #expect(outcome.findings.map(\.source) == ["secret"])
    #expect(outcome.findings.first?.startLine == 10)
    #expect(outcome.findings.first?.endLine == 14)
    #expect(outcome.findings.first?.severity == .error)
  }

  @Test func aKeyInOneLineOfJSON() {
    let outcome = Self.review(
      ["\"private_key\": \"" + Self.begin("PRIVATE") + "\\n" + Self.keyLines.joined(separator: "\\n") + "\","])
    #expect(outcome.findings.map(\.title) == ["A private key stands in the file"])
  }

  @Test func noLinterQuotesTheInsideOfAKey() throws {
    let text = ([Self.begin("RSA PRIVATE")] + Self.keyLines).map { "+" + $0 }.joined(separator: "\n")
    let sarif = """
      {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [{"message": {"text": "m"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": "k"}, "region": {"startLine": 2}}}]}]}]}
      """
    let document = try SARIFDocument.parse(Array(sarif.utf8))
    let outcome = Reviewer.review(Fixture("file k\n" + text).input(linters: [document]))
    #expect(outcome.findings.count == 2)
    #expect(!outcome.findings.contains { $0.quote.contains(Self.keyLines[0].prefix(12)) })
  }

  @Test func onlyCertainShapesCountInTests() {
    let weak = Self.shapes.first { $0.name == "named key" }?.token(seed: 4) ?? ""
    let certain = Self.shapes[3].token(seed: 4)
    #expect(Self.review(["\(weak)"], path: "tests/test_a.py").findings.isEmpty)
    #expect(Self.review(["\(weak)"], path: "src/a.py").findings.map(\.severity) == [.warning])
    #expect(Self.review(["x = '\(certain)'"], path: "tests/test_a.py").findings.map(\.severity) == [.warning])
    #expect(Self.review(["x = '\(certain)'"], path: "src/a.py").findings.map(\.severity) == [.error])
  }

  @Test func valuesWithoutQuotesCountWhereTheyAreUsual() {
    let value = Shape("", "{alnum,30}", "77b2").token(seed: 8)
    #expect(Self.review(["API_KEY=" + value], path: ".env").findings.count == 1)
    #expect(Self.review(["API_KEY=" + value], path: ".env.example").findings.isEmpty)
    #expect(Self.review(["api_key=" + value], path: "src/a.py").findings.isEmpty)
  }

  @Test func atLeastThirtyFiveProviders() {
    #expect(Self.shapes.count >= 35)
  }
}

/// A small generator with a seed (Steele, Lea and Flood, 2014).
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
