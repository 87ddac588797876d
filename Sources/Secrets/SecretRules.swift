/// The token shapes that are looked for, provider by provider.
enum SecretRules {
  /// Tokens that are known by how they begin.
  static let all: [SecretRule] = cloud + forges + messaging + payment + models + services + operations

  /// What is looked for, by the first byte of the beginning.
  static let byFirstByte: [[(prefix: [UInt8], rule: SecretRule)]] = {
    var table = [[(prefix: [UInt8], rule: SecretRule)]](repeating: [], count: 256)
    for rule in all {
      for prefix in rule.prefixes {
        if let first = prefix.first { table[Int(first)].append((prefix, rule)) }
      }
    }
    return table
  }()

  // swift-format-ignore: a table reads better with one row a line
  private static let cloud: [SecretRule] = [
    SecretRule("AWS access key id", ["AKIA", "ASIA", "ABIA", "ACCA"], .exactly(16, .upperOrDigit)),
    SecretRule("AWS Bedrock API key", ["ABSKQmVkcm9ja0FQSUtleS"], .from(100, .base64Padded)),
    SecretRule("Google API key", ["AIza"], .exactly(35, .base64URL)),
    SecretRule("Google OAuth client secret", ["GOCSPX-"], .exactly(28, .base64URL)),
    SecretRule("Google OAuth access token", ["ya29."], .from(60, .base64URL)),
    SecretRule("Firebase server key", ["AAAA"], .exactly(7, .base64URL), .text(":APA91b"), .from(120, .base64URL)),
    SecretRule("Azure storage account key", ["AccountKey="], .exactly(86, .base64), .text("==")),
    SecretRule("Azure shared access key", ["SharedAccessKey="], .exactly(43, .base64), .text("=")),
    SecretRule("Azure DevOps token", ["AzureDevOpsPAT="], .exactly(52, .lowerOrDigit)),
    SecretRule("DigitalOcean token", ["dop_v1_", "doo_v1_", "dor_v1_"], .exactly(64, .hex)),
    SecretRule("Alibaba Cloud access key id", ["LTAI5t"], .exactly(18, .alphanumeric)),
    SecretRule("Heroku API key", ["HRKU-AA"], .exactly(58, .base64URL)),
    SecretRule("Cloudflare origin CA key", ["v1.0-"], .exactly(24, .hex), .text("-"), .exactly(146, .hex)),
    SecretRule("Fly.io token", ["fo1_"], .exactly(43, .base64URL)),
    SecretRule("Fly.io token", ["FlyV1 fm2_", "FlyV1 fm1r_"], .from(80, to: 1_000, .base64Padded)),
    SecretRule("Yandex Cloud API key", ["AQVN"], .exactly(36, .base64URL)),
    SecretRule("Scalingo token", ["tk-us-"], .exactly(48, .base64URL)),
    SecretRule("PlanetScale token", ["pscale_tkn_", "pscale_pw_", "pscale_oauth_"], .from(32, to: 64, .dotted)),
    SecretRule("Supabase token", ["sbp_"], .exactly(40, .hex)),
    SecretRule("Netlify token", ["nfp_"], .exactly(36, .alphanumeric)),
    SecretRule("Vercel Blob token", ["vercel_blob_rw_"], .from(30, .word)),
    SecretRule("Tailscale key", ["tskey-"], .from(3, to: 16, .letter), .text("-"), .from(10, .base64URL)),
    SecretRule("OpenShift token", ["sha256~"], .exactly(43, .base64URL)),
  ]

  // swift-format-ignore: a table reads better with one row a line
  private static let forges: [SecretRule] = [
    SecretRule("GitHub token", ["ghs_"], .from(3, to: 12, .digit), .text("_eyJ"), .from(20, to: 2_000, .dotted)),
    SecretRule("GitHub token", ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], .from(36, to: 255, .alphanumeric)),
    SecretRule(
      "GitHub fine-grained token", ["github_pat_"], .exactly(22, .alphanumeric), .text("_"), .exactly(59, .alphanumeric)
    ),
    SecretRule(
      "GitLab token",
      ["glpat-", "gldt-", "glrt-", "glptt-", "glft-", "glimt-", "glagent-", "gloas-", "glsoat-", "glffct-", "glcbt-"],
      .from(20, to: 300, .dotted)),
    SecretRule("GitLab runner registration token", ["GR1348941"], .from(20, to: 50, .base64URL)),
    SecretRule("Atlassian token", ["ATATT3", "ATCTT3"], .from(150, .base64URLPadded)),
    SecretRule("Bitbucket app password", ["ATBB"], .exactly(32, .alphanumeric)),
    SecretRule("npm token", ["npm_"], .exactly(36, .alphanumeric)),
    SecretRule("npm registry token", ["_authToken="], .from(36, to: 100, .uuid)),
    SecretRule(
      "PyPI token", ["pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"], .from(50, to: 1_000, .base64URL)),
    SecretRule("RubyGems token", ["rubygems_"], .exactly(48, .hex)),
    SecretRule("crates.io token", ["cio"], .exactly(32, .alphanumeric)),
    SecretRule("NuGet API key", ["oy2"], .exactly(43, .lowerOrDigit)),
    SecretRule("Clojars token", ["CLOJARS_"], .exactly(60, .hex)),
    SecretRule("Docker Hub token", ["dckr_pat_", "dckr_oat_"], .from(27, to: 64, .base64URL)),
    SecretRule("Artifactory token", ["AKCp"], .from(69, to: 80, .alphanumeric)),
    SecretRule("Buildkite token", ["bkua_"], .exactly(40, .hex)),
    SecretRule("CircleCI token", ["CCIPAT_", "CCIPRJ_"], .exactly(22, .alphanumeric), .text("_"), .exactly(40, .hex)),
    SecretRule("SonarQube token", ["squ_", "sqp_", "sqa_"], .exactly(40, .hex)),
  ]

  // swift-format-ignore: a table reads better with one row a line
  private static let messaging: [SecretRule] = [
    SecretRule(
      "Slack token", ["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxo-"], .from(10, to: 14, .alphanumeric),
      .text("-"), .from(16, .base64URL)),
    SecretRule("Slack token", ["xoxe-", "xoxe.xoxb-", "xoxe.xoxp-", "xapp-"], .text("1-"), .from(40, .base64URL)),
    SecretRule(
      "Slack webhook", ["hooks.slack.com/services/T", "hooks.slack.com/workflows/T"], .from(8, to: 14, .upperOrDigit),
      .text("/"), .from(8, to: 14, .alphanumeric), .text("/"), .from(20, .word)),
    SecretRule(
      "Discord webhook", ["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"], .from(17, to: 20, .digit),
      .text("/"), .from(60, to: 90, .base64URL)),
    SecretRule(
      "Microsoft Teams webhook", ["webhook.office.com/webhookb2/"],
      .from(36, to: 80, ByteSet("0123456789abcdefABCDEF-@")), .text("/IncomingWebhook/"), .exactly(32, .hex)),
    SecretRule("SendGrid API key", ["SG."], .exactly(22, .base64URL), .text("."), .exactly(43, .base64URL)),
    SecretRule("Brevo API key", ["xkeysib-"], .exactly(64, .hex), .text("-"), .exactly(16, .alphanumeric)),
    SecretRule("Mailgun API key", ["key-"], .exactly(32, .hex)),
    SecretRule("Typeform token", ["tfp_"], .exactly(59, .base64URL)),
    SecretRule("Intercom token", ["dG9rO"], .exactly(55, .base64Padded)),
  ]

  // swift-format-ignore: a table reads better with one row a line
  private static let payment: [SecretRule] = [
    SecretRule("Stripe live key", ["sk_live_", "rk_live_"], .from(24, to: 200, .alphanumeric)),
    SecretRule("Stripe webhook secret", ["whsec_"], .from(32, to: 64, .base64Padded), isCommonInTests: true),
    SecretRule("Square token", ["sq0atp-"], .exactly(22, .base64URL)),
    SecretRule("Square secret", ["sq0csp-"], .exactly(43, .base64URL)),
    SecretRule("Shopify token", ["shpat_", "shpca_", "shppa_", "shpss_"], .exactly(32, .hexAnyCase)),
    SecretRule(
      "PayPal token", ["access_token$production$"], .exactly(16, .lowerOrDigit), .text("$"), .exactly(32, .hex)),
    SecretRule("Plaid token", ["access-production-"], .exactly(36, .uuid)),
    SecretRule("Flutterwave key", ["FLWSECK-"], .exactly(32, .hex), .text("-X")),
    SecretRule("Shippo token", ["shippo_live_"], .exactly(40, .hex)),
    SecretRule("EasyPost key", ["EZAK"], .exactly(54, .alphanumeric)),
    SecretRule("Duffel token", ["duffel_live_"], .exactly(43, .base64URLPadded)),
  ]

  // swift-format-ignore: a table reads better with one row a line
  private static let models: [SecretRule] = [
    SecretRule("Anthropic API key", ["sk-ant-"], .from(5, to: 8, .lowerOrDigit), .text("-"), .from(60, .base64URL)),
    SecretRule("OpenAI API key", ["sk-proj-", "sk-svcacct-", "sk-admin-"], .from(40, .base64URL)),
    SecretRule("OpenAI API key", ["sk-"], .exactly(20, .alphanumeric), .text("T3BlbkFJ"), .exactly(20, .alphanumeric)),
    SecretRule("OpenRouter API key", ["sk-or-v1-"], .exactly(64, .hex)),
    SecretRule("DeepSeek API key", ["sk-"], .exactly(32, .hex)),
    SecretRule("Hugging Face token", ["hf_"], .exactly(34, .letter)),
    SecretRule("Hugging Face token", ["api_org_"], .exactly(34, .letter)),
    SecretRule("Groq API key", ["gsk_"], .exactly(52, .alphanumeric)),
    SecretRule("xAI API key", ["xai-"], .exactly(80, .alphanumeric)),
    SecretRule("Perplexity API key", ["pplx-"], .exactly(48, .alphanumeric)),
    SecretRule("Replicate token", ["r8_"], .exactly(37, .alphanumeric)),
    SecretRule("Pinecone API key", ["pcsk_"], .from(60, to: 80, .word)),
    SecretRule("LangSmith API key", ["lsv2_pt_", "lsv2_sk_"], .exactly(32, .hex), .text("_"), .exactly(10, .hex)),
    SecretRule("Langfuse secret key", ["sk-lf-"], .exactly(36, .uuid)),
    SecretRule("Tavily API key", ["tvly-"], .from(32, to: 60, .base64URL)),
  ]

  // swift-format-ignore: a table reads better with one row a line
  private static let services: [SecretRule] = [
    SecretRule("Airtable token", ["pat"], .exactly(14, .alphanumeric), .text("."), .exactly(64, .hex)),
    SecretRule("Notion token", ["ntn_"], .exactly(46, .alphanumeric)),
    SecretRule("Linear API key", ["lin_api_"], .exactly(40, .alphanumeric)),
    SecretRule("Figma token", ["figd_"], .from(40, to: 60, .base64URL)),
    SecretRule("Postman API key", ["PMAK-"], .exactly(24, .hex), .text("-"), .exactly(34, .hex)),
    SecretRule("Contentful token", ["CFPAT-"], .exactly(43, .base64URL)),
    SecretRule("Mapbox secret token", ["sk.eyJ"], .from(40, .base64URL), .text("."), .from(20, to: 30, .base64URL)),
    SecretRule("Adafruit key", ["aio_"], .exactly(28, .alphanumeric)),
    SecretRule("ReadMe key", ["rdme_"], .exactly(70, .lowerOrDigit)),
    SecretRule("WakaTime key", ["waka_"], .exactly(36, .uuid)),
    SecretRule("Facebook access token", ["EAACEdEose0cBA"], .from(20, .alphanumeric)),
    SecretRule(
      "JSON Web Token", ["eyJ"], .from(8, to: 600, .base64URL), .text(".eyJ"), .from(8, to: 4_000, .base64URL),
      .text("."), .from(16, to: 2_000, .base64URL), isCommonInTests: true),
    SecretRule("age secret key", ["AGE-SECRET-KEY-1"], .exactly(58, .upperOrDigit)),
    SecretRule("1Password service account token", ["ops_eyJ"], .from(200, to: 2_000, .base64URLPadded)),
  ]

  // swift-format-ignore: a table reads better with one row a line
  private static let operations: [SecretRule] = [
    SecretRule("Databricks token", ["dapi"], .exactly(32, .hex)),
    SecretRule("HashiCorp Vault token", ["hvs.", "hvb."], .from(60, .base64URL)),
    SecretRule(
      "Grafana service account token", ["glsa_"], .exactly(32, .alphanumeric), .text("_"), .exactly(8, .hexAnyCase)),
    SecretRule("Grafana Cloud token", ["glc_eyJ"], .from(40, .base64Padded)),
    SecretRule("New Relic key", ["NRAK-"], .exactly(27, .upperOrDigit)),
    SecretRule("New Relic key", ["NRII-"], .exactly(32, .base64URL)),
    SecretRule("Sentry token", ["sntrys_eyJ"], .from(60, .base64Padded)),
    SecretRule("Sentry token", ["sntryu_"], .exactly(64, .hex)),
    SecretRule(
      "Dynatrace token", ["dt0c01.", "dt0s01."], .exactly(24, .upperOrDigit), .text("."), .exactly(64, .upperOrDigit)),
    SecretRule("Doppler token", ["dp.pt.", "dp.st.", "dp.ct.", "dp.sa."], .from(40, to: 60, .dotted)),
    SecretRule("Pulumi token", ["pul-"], .exactly(40, .hex)),
    SecretRule("Prefect key", ["pnu_"], .exactly(36, .alphanumeric)),
    SecretRule("Infracost key", ["ico-"], .exactly(32, .alphanumeric)),
    SecretRule(
      "PuTTY private key", ["PuTTY-User-Key-File-"], .exactly(1, .digit), .text(": "), .from(3, to: 30, .base64URL)),
  ]
}

/// Token shapes that are known by something in their middle.
struct InfixSecretRule: Sendable {
  var name: String
  var infix: [UInt8]
  var before: ByteSet
  /// How many bytes of the set stand before.
  var beforeLength: ClosedRange<Int>
  var after: [SecretRule.Part]

  // swift-format-ignore: a table reads better with one row a line
  static let all: [InfixSecretRule] = [
    InfixSecretRule(
      name: "Telegram bot token", infix: Array(":AA".utf8), before: .digit, beforeLength: 8...10,
      after: [.exactly(33, .base64URL)]),
    InfixSecretRule(
      name: "HCP Terraform token", infix: Array(".atlasv1.".utf8), before: .alphanumeric, beforeLength: 14...14,
      after: [.from(60, to: 70, .base64URLPadded)]),
    InfixSecretRule(
      name: "Azure client secret", infix: Array("Q~".utf8), before: .azure, beforeLength: 4...4,
      after: [.from(31, to: 34, .azure)]),
    InfixSecretRule(
      name: "Mailchimp API key", infix: Array("-us".utf8), before: .hex, beforeLength: 32...32,
      after: [.from(1, to: 2, .digit)]),
  ]
}

/// Values that are secrets because of the name they are given to.
struct NamedSecretRule: Sendable {
  var name: String
  /// All of these stand in the name or before it in the line, in lower case.
  var words: [[UInt8]]
  var parts: [SecretRule.Part]

  init(_ name: String, _ words: [String], _ parts: SecretRule.Part...) {
    self.name = name
    self.words = words.map { Array($0.utf8) }
    self.parts = parts
  }

  // swift-format-ignore: a table reads better with one row a line
  static let all: [NamedSecretRule] = [
    NamedSecretRule("AWS secret access key", ["aws", "secret"], .exactly(40, .base64)),
    NamedSecretRule("AWS secret access key", ["secretaccesskey"], .exactly(40, .base64)),
    NamedSecretRule("AWS session token", ["aws", "session", "token"], .from(100, to: 2_000, .base64Padded)),
    NamedSecretRule("Heroku API key", ["heroku"], .exactly(36, .uuid)),
    NamedSecretRule("Twilio auth token", ["twilio"], .exactly(32, .hex)),
    NamedSecretRule(
      "Mailgun key", ["mailgun"], .exactly(32, .hex), .text("-"), .exactly(8, .hex), .text("-"), .exactly(8, .hex)),
    NamedSecretRule(
      "Discord bot token", ["discord"], .from(24, to: 28, .base64URL), .text("."), .exactly(6, .base64URL), .text("."),
      .from(27, to: 45, .base64URL)),
    NamedSecretRule("Cloudflare token", ["cloudflare", "token"], .exactly(40, .base64URL)),
    NamedSecretRule("Cloudflare key", ["cloudflare", "key"], .exactly(37, .hex)),
    NamedSecretRule("Okta token", ["okta"], .text("00"), .exactly(40, .base64URL)),
    NamedSecretRule("Datadog key", ["datadog"], .from(32, to: 40, .hex)),
    NamedSecretRule("Datadog key", ["dd_api_key"], .exactly(32, .hex)),
    NamedSecretRule("Algolia admin key", ["algolia", "admin"], .exactly(32, .hex)),
    NamedSecretRule("Fastly token", ["fastly"], .exactly(32, .base64URL)),
    NamedSecretRule("Facebook app secret", ["facebook", "secret"], .exactly(32, .hex)),
    NamedSecretRule("LinkedIn secret", ["linkedin", "secret"], .from(16, to: 32, .alphanumeric)),
    NamedSecretRule("Twitter secret", ["twitter", "secret"], .from(35, to: 50, .alphanumeric)),
    NamedSecretRule("Snyk token", ["snyk", "token"], .exactly(36, .uuid)),
    NamedSecretRule("Codecov token", ["codecov", "token"], .exactly(36, .uuid)),
    NamedSecretRule("PagerDuty key", ["pagerduty"], .from(20, to: 32, .base64URL)),
    NamedSecretRule("LaunchDarkly key", ["launchdarkly"], .text("sdk-"), .exactly(36, .uuid)),
    NamedSecretRule("Asana token", ["asana"], .from(32, to: 60, ByteSet("0123456789abcdef/:"))),
    NamedSecretRule("Dropbox token", ["dropbox"], .text("sl."), .from(60, .base64URLPadded)),
    NamedSecretRule("Zendesk token", ["zendesk"], .exactly(40, .alphanumeric)),
    NamedSecretRule("Azure DevOps token", ["azure", "pat"], .exactly(52, .lowerOrDigit)),
  ]
}
