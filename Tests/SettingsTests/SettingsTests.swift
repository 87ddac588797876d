import Base
import FileSystem
import Journal
import Policy
import Settings
import Templates
import TestSupport
import Testing
import Work

/// A configuration's surroundings, without a file system.
private func surroundings(
  _ variables: [String: String] = [:], files: [String: (String, UInt32)] = [:]
) -> SettingsSurroundings {
  let contents = files.mapValues { SettingsFile(content: Array($0.0.utf8), mode: $0.1) }
  return SettingsSurroundings(
    variable: { variables[$0] },
    file: { path in
      contents[path].map { .success($0) } ?? .failure(FileError("open", Array(path.utf8), code: 2))
    },
    mode: { path in
      contents[path].map { .success($0.mode) } ?? .failure(FileError("open", Array(path.utf8), code: 2))
    })
}

/// A forge, for configurations that are about something else.
private let oneForge =
  "forges: { gitea: { url: https://g.example.org, webhookSecret: the-only-secret-of-a-hook, token: its-token } }\n"

private func read(
  _ text: String, mode: UInt32 = 0o600, _ around: SettingsSurroundings = surroundings(),
  for reading: SettingsReading = .server
) throws(ConfigurationError) -> ServerSettings {
  try ServerSettings(
    parsing: Array(text.utf8), mode: mode, file: "/etc/a/server.yml", surroundings: around, for: reading)
}

/// The same as the broker reads it.
private func brokered(
  _ text: String, _ around: SettingsSurroundings = surroundings()
) throws(ConfigurationError) -> BrokerSettings {
  var around = around
  let others = around.file
  around.file = { path in
    path == "/etc/a/server.yml" ? .success(SettingsFile(content: Array(text.utf8), mode: 0o600)) : others(path)
  }
  return try BrokerSettings.read(path: "/etc/a/server.yml", surroundings: around)
}

/// What is wrong with a configuration, a line each: what the server says, and then what the broker says beside it.
private func problems(_ text: String, _ around: SettingsSurroundings = surroundings()) -> [String] {
  var found: [String] = []
  do throws(ConfigurationError) {
    _ = try read(text, around)
  } catch {
    found = error.problems.map(\.description)
  }
  do throws(ConfigurationError) {
    _ = try brokered(text, around)
  } catch {
    found += error.problems.map(\.description).filter { !found.contains($0) }
  }
  return found
}

private let key = "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\n"

@Suite("The server's configuration")
struct ServerSettingsTests {
  @Test("The example is right, and says everything that can be said")
  func example() throws {
    let variables = [
      "GITHUB_WEBHOOK_SECRET": "webhook secret of github", "GITLAB_WEBHOOK_SECRET": "webhook secret of gitlab",
      "GITLAB_TOKEN": "glpat-0123456789",
    ]
    let files: [String: (String, UInt32)] = [
      "/etc/a/github-app.pem": (key, 0o600), "/etc/a/gitea-webhook-new": ("new secret of gitea\n", 0o600),
      "/etc/a/gitea-webhook-old": ("old secret of gitea\n", 0o600), "/etc/a/gitea-token": ("gitea-token\n", 0o600),
      "/etc/a/admin-token": ("0123456789abcdef0123456789abcdef\n", 0o600),
    ]
    let settings = try read(ServerText.example, surroundings(variables, files: files))
    #expect(settings.listen.description == "127.0.0.1:8080")
    #expect(settings.database == .file("/etc/a/journal.sqlite"))
    #expect(settings.forges.count == 3)
    #expect(settings.forges[.github]?.access == .app(id: "123456", keyFile: "/etc/a/github-app.pem"))
    let tokens = try brokered(ServerText.example, surroundings(variables, files: files)).tokens
    #expect(tokens.mapValues { $0.reveal() } == [.gitlab: "glpat-0123456789", .gitea: "gitea-token"])
    #expect(
      settings.forges[.gitea]?.webhookSecrets.map { $0.reveal() } == ["new secret of gitea", "old secret of gitea"])
    #expect(settings.adminToken?.reveal() == "0123456789abcdef0123456789abcdef")
    #expect(settings.workers == 2 && settings.sweepSeconds == 300 && settings.leaseSeconds == 60)
    #expect(settings.keep == .days(30))
    #expect(settings.sandbox == SandboxSettings(paths: ["/usr"], size: 512 << 20))
    #expect(settings.warnings.isEmpty)
    #expect(settings.secrets.count == 5)
  }

  @Test(
    "How long a forge may work on a request",
    arguments: [
      ("2", 2), ("90", 90), ("600", 600), ("1", nil), ("601", nil), ("-5", nil), ("0x9", nil), ("1.5", nil),
      ("9s", nil), ("99999999999999999999", nil),
    ] as [(String, Int?)])
  func longestRequest(text: String, seconds: Int?) throws {
    let forge = "url: https://git.example.org, webhookSecret: 0123456789abcdef, token: t"
    #expect(try read("forges: { gitea: { \(forge) } }").forges[.gitea]?.longestRequest == .seconds(90))
    let given = "forges: { gitea: { \(forge), longestRequest: \(text) } }"
    if let seconds {
      #expect(try read(given).forges[.gitea]?.longestRequest == .seconds(seconds))
    } else {
      let found = problems(given)
      #expect(found.count == 1 && found[0].contains("no whole number of seconds from 2 to 600"), "\(found)")
    }
  }

  @Test("What is not said has a default, and what that means is warned of")
  func defaults() throws {
    let settings = try read(oneForge)
    #expect(settings.listen.isLoopback)
    #expect(settings.database == nil && settings.adminToken == nil)
    #expect(settings.warnings.count == 2 && settings.warnings.contains { $0.contains("no 'adminToken' is set") })
  }

  @Test("A server that could receive nothing is refused; those that receive nothing need no forge")
  func nothingToReceive() throws {
    let complaint = "no forge is configured, so nothing could be received"
    let cases = [
      ("", "server.yml:1:1: forges: "), ("# nothing\n", "server.yml:1:1: forges: "),
      ("listen: 127.0.0.1:80\n", "server.yml:1:1: forges: "), ("workers: 1\nforges: {}\n", "server.yml:2:1: forges: "),
    ]
    for (text, place) in cases {
      let found = problems(text)
      #expect(found.count == 1 && found[0].contains(place + complaint), "\(text): \(found)")
      for reading in [SettingsReading.worker, .broker] { #expect(try read(text, for: reading).forges.isEmpty) }
    }
    // One that is there and wrong is told of as that, and nothing else.
    for text in ["forges: { gitea: {} }", "forges: { githb: {} }", "forges:", "forges: [gitea]"] {
      #expect(!problems(text).isEmpty && !problems(text).contains { $0.contains(complaint) }, "\(text)")
    }
    #expect(problems(oneForge).isEmpty)
  }

  @Test("A lease is a number of seconds", arguments: [2, 60, 3600])
  func lease(seconds: Int) throws {
    #expect(try read("lease: \(seconds)\n" + oneForge).leaseSeconds == seconds)
    for wrong in ["1", "3601", "-5", "5m", "+60"] {
      #expect(
        problems("lease: \(wrong)\n" + oneForge).contains { $0.contains("lease: '\(wrong)' is no whole number from 2") }
      )
    }
  }

  @Test("What deliveries held is kept for a month, unless the file says otherwise")
  func keep() throws {
    #expect(try read(oneForge).keep.duration == .seconds(30 * 86_400))
    for days in [1, 30, 3650] { #expect(try read("keep: \(days)d\n" + oneForge).keep == .days(days)) }
    #expect(try read("keep: all\n" + oneForge).keep.duration == nil)
    for wrong in ["0d", "3651d", "30", "-1d", "1.5d", "30 d", "4w", "never", "99999999999999999999d"] {
      let found = problems("workers: 1\nkeep: \(wrong)\n" + oneForge)
      #expect(found.count == 1, "\(wrong): \(found)")
      #expect(
        found.first?.contains("server.yml:2:7: keep: '\(wrong)' is no number of days from 1d to 3650d") == true)
    }
    #expect(problems("kep: 30d\n" + oneForge).first?.contains("no such key; did you mean 'keep'?") == true)
  }

  @Test("A cell is shown directories of the machine, and none over its own")
  func shown() throws {
    #expect(try read("sandbox: { paths: [/opt/jdk, /usr] }\n" + oneForge).sandbox.paths == ["/opt/jdk", "/usr"])
    for own in ["/", "//", "/proc", "/dev/shm", "/workspace", "/tmp/x", "/home"] {
      #expect(problems("sandbox: { paths: [\(own)] }\n" + oneForge).contains { $0.contains("sandbox.paths") }, "\(own)")
    }
  }

  @Test("Files with secrets are known, whoever reads the configuration", arguments: [SettingsReading.server, .worker])
  func secretFiles(_ reading: SettingsReading) throws {
    let words = "0123456789abcdef"
    let files: [String: (String, UInt32)] = [
      "/etc/a/key.pem": (key, 0o600), "/run/hook": (words, 0o600), "/etc/a/token": (words + "x", 0o600),
      "/etc/a/admin": (words + "y", 0o600), "/etc/a/db": ("postgres://u:p@db/x", 0o600),
    ]
    let text = """
      database: { file: db }
      adminToken: { file: admin }
      forges:
        github: { webhookSecret: { file: /run/hook }, app: { id: 1, keyFile: key.pem } }
        gitlab: { webhookSecret: { env: HOOK }, token: { file: token } }
      """
    let settings = try read(text, surroundings(["HOOK": words + "z"], files: files), for: reading)
    #expect(settings.secretFiles == Set(files.keys))
    #expect(try read("adminToken: \(words)\n" + oneForge).secretFiles.isEmpty)
  }

  @Test("ARBORIST_DATABASE wins over the file")
  func databaseVariable() throws {
    let around = surroundings(["ARBORIST_DATABASE": "postgres://u:p%40ss@db/x"])
    let settings = try read("database: /var/a.sqlite\n" + oneForge, around)
    #expect(settings.database == JournalLocation("postgres://u:p%40ss@db/x"))
    #expect(settings.secrets.contains(Secret("p@ss")))
    #expect(try read("database: /var/a.sqlite\n" + oneForge).database == .file("/var/a.sqlite"))
  }

  @Test("Every mistake is told at once, with its line, its key and the nearest key")
  func allAtOnce() {
    let text = """
      listen: 8080
      worker: 3
      forges:
        githb: {}
        gitea:
          webhookSecret: ""
          toke: x
      adminToken: short
      workers: many
      sandbox: { path: [/usr], size: 3 }
      """
    let found = problems(text)
    let expected = [
      "/etc/a/server.yml:1:9: listen: '8080' is not ADDRESS:PORT",
      "/etc/a/server.yml:2:1: worker: no such key; did you mean 'workers'?",
      "/etc/a/server.yml:4:3: forges.githb: no such key; did you mean 'github'?",
      "forges.gitea: it has no 'url'", "forges.gitea: it has no 'token', and GITEA_TOKEN is not set",
      "/etc/a/server.yml:6:20: forges.gitea.webhookSecret: it has no value",
      "/etc/a/server.yml:7:5: forges.gitea.toke: no such key; did you mean 'token'?",
      "/etc/a/server.yml:8:13: adminToken: it has 5 characters, and at least 16 are needed",
      "/etc/a/server.yml:9:10: workers: 'many' is no whole number",
      "/etc/a/server.yml:10:12: sandbox.path: no such key; did you mean 'paths'?",
      "sandbox.size: '3' is no size",
    ]
    for line in expected { #expect(found.contains { $0.contains(line) }, "\(line) in \(found)") }
    #expect(found.count == expected.count)
    #expect(found.allSatisfy { !$0.contains("\n") })
  }

  @Test(
    "Addresses of forges",
    arguments: [
      ("https://git.example.org", nil), ("https://git.example.org:3000/gitea/", nil), ("http://127.0.0.1:3000", nil),
      ("http://localhost", nil), ("http://[::1]:80", nil), ("http://git.example.org", "write https://"),
      ("http://127.0.0.1.example.org", "write https://"), ("git.example.org", "it is no address"),
      ("ftp://git.example.org", "no way to a forge"), ("https://user:canary@git.example.org", "has no place"),
      ("https://git.example.org?x=1", "no '?'"), ("https://", "is no host"), ("https://a..b", "is no host"),
      ("https://git.example.org:99999", "is no host"),
    ] as [(String, String?)])
  func addresses(url: String, complaint: String?) {
    let text = "forges: { gitea: { url: \"\(url)\", webhookSecret: 0123456789abcdef, token: t } }"
    let found = problems(text)
    if let complaint {
      #expect(found.count == 1 && found[0].contains("forges.gitea.url: ") && found[0].contains(complaint), "\(found)")
      #expect(found.allSatisfy { !$0.contains("canary") })
    } else {
      #expect(found.isEmpty)
    }
  }

  @Test("Secrets that are not there, are twice or are nothing are refused, and never shown")
  func secrets() {
    func gitea(_ secret: String, _ more: String = "") -> String {
      "forges: { gitea: { url: https://g.example.org, webhookSecret: \(secret), token: token-of-gitea } }\n\(more)"
    }
    #expect(problems(gitea("one-secret-for-the-hook")).isEmpty)
    let cases: [(String, String)] = [
      (gitea("{ env: NOT_THERE }"), "the environment has no 'NOT_THERE'"),
      (gitea("{ file: nowhere }"), "cannot open '/etc/a/nowhere'"), (gitea("{ file: empty }"), "is empty"),
      (gitea("{ fle: x }"), "did you mean 'file'?"), (gitea("{ file: x, env: Y }"), "comes from one place"),
      (gitea("[canary-canary, canary-canary]"), "the same secret twice"), (gitea("[]"), "a list of 0"),
      (gitea("[canary-1, canary-2, canary-3]"), "a list of 3"),
      (gitea("canary-canary-canary", "adminToken: canary-canary-canary"), "the same as 'forges.gitea.webhookSecret'"),
      (gitea("token-of-gitea"), "is the same as 'forges.gitea.webhookSecret'"),
      (gitea("{ file: binary }"), "is not one line of text"),
    ]
    let around = surroundings(files: ["/etc/a/empty": ("\n", 0o600), "/etc/a/binary": ("a\u{1}\nb", 0o600)])
    for (text, complaint) in cases {
      let found = problems(text, around)
      #expect(found.count == 1 && found[0].contains(complaint), "\(complaint): \(found)")
      #expect(found.allSatisfy { !$0.contains("canary") })
    }
  }

  @Test("Files and configurations that everybody may read are warned of")
  func openFiles() throws {
    let text =
      "adminToken: { file: token }\nforges: { gitea: { url: https://g.example.org, webhookSecret: inside-the-file-itself, token: { file: key } } }"
    let key: (String, UInt32) = ("t", 0o600)
    let open = surroundings(files: ["/etc/a/token": ("0123456789abcdef", 0o644), "/etc/a/key": key])
    let closed = surroundings(files: ["/etc/a/token": ("0123456789abcdef", 0o640), "/etc/a/key": key])
    #expect(try read(text, mode: 0o644, open).warnings.filter { $0.contains("chmod o-r") }.count == 2)
    #expect(try read(text, mode: 0o600, closed).warnings.isEmpty)
  }

  @Test("An app has an id and a key, and only GitHub has apps")
  func apps() {
    let files: [String: (String, UInt32)] = ["/etc/a/key.pem": (key, 0o600), "/etc/a/other": ("hello", 0o600)]
    func github(_ app: String) -> [String] {
      problems("forges: { github: { webhookSecret: 0123456789abcdef, \(app) } }", surroundings(files: files))
    }
    #expect(github("app: { id: Iv23abc, keyFile: key.pem }").isEmpty)
    #expect(github("app: { id: 1 }").first?.contains("no 'keyFile'") == true)
    #expect(github("app: { id: 1, keyFile: other }").first?.contains("holds no private key") == true)
    #expect(github("app: { id: 1, keyFile: nowhere.pem }").first?.contains("cannot open") == true)
    #expect(github("app: { id: 1, keyFile: key.pem }, token: t").first?.contains("an 'app' and a 'token'") == true)
    #expect(github("token: x, x: 1").count == 1)
    #expect(
      problems("forges: { gitlab: { webhookSecret: 0123456789abcdef, token: t, app: { id: 1 } } }").first?
        .contains("'app' belongs under 'forges.github'") == true)
  }

  @Test("Tokens of the environment are taken where the file names none")
  func tokens() throws {
    let text = "forges: { gitlab: { webhookSecret: 0123456789abcdef } }"
    #expect(problems(text).count == 1)
    let around = surroundings(["GITLAB_TOKEN": "from-outside"])
    #expect(try brokered(text, around).tokens[.gitlab]?.reveal() == "from-outside")
    let settings = try read(text, around)
    #expect(settings.forges[.gitlab]?.url == "https://gitlab.com")
    #expect(settings.forges[.gitlab]?.access == .token(.variable("GITLAB_TOKEN")))
    #expect(settings.variables.tokens == ["GITLAB_TOKEN"])
  }

  @Test("Each process reads the secrets that it needs, and learns of the others where they are")
  func whoReadsWhat() throws {
    let text = """
      forges:
        github: { webhookSecret: { env: HOOK }, app: { id: 1, keyFile: app.pem } }
        gitlab: { webhookSecret: { file: hook }, token: { env: GITLAB } }
        gitea: { url: https://git.example.org, webhookSecret: [{ file: hook-2 }, { env: HOOK_2 }], token: { file: token } }
      adminToken: { env: ADMIN }
      """
    let variables = [
      "HOOK": "canary-hook-of-github", "GITLAB": "canary-token-of-gitlab", "HOOK_2": "canary-hook-2-of-gitea",
      "ADMIN": "canary-admin-of-page",
    ]
    let files: [String: (String, UInt32)] = [
      "/etc/a/app.pem": (key, 0o600), "/etc/a/hook": ("canary-hook-of-gitlab", 0o600),
      "/etc/a/hook-2": ("canary-hook-1-of-gitea", 0o600), "/etc/a/token": ("canary-token-of-gitea", 0o604),
    ]
    /// Keeps a list of what is asked for.
    func watched(_ asked: Lock<Set<String>>) -> SettingsSurroundings {
      var around = surroundings(variables, files: files)
      let (variable, file) = (around.variable, around.file)
      around.variable = { name in
        asked.withLock { _ = $0.insert(name) }
        return variable(name)
      }
      around.file = { path in
        asked.withLock { _ = $0.insert(path) }
        return file(path)
      }
      return around
    }
    let (server, worker, broker) = (Lock<Set<String>>([]), Lock<Set<String>>([]), Lock<Set<String>>([]))
    let served = try read(text, watched(server))
    #expect(server.withLock { $0 } == ["HOOK", "HOOK_2", "ADMIN", "/etc/a/hook", "/etc/a/hook-2", "ARBORIST_DATABASE"])
    #expect(served.forges[.gitlab]?.access == .token(.variable("GITLAB")))
    #expect(served.forges[.gitea]?.access == .token(.file("/etc/a/token")))
    #expect(served.variables.tokens == ["GITLAB"] && served.variables.served == ["HOOK", "HOOK_2", "ADMIN"])
    #expect(served.warnings.count == 1 && served.warnings[0].contains("chmod o-r '/etc/a/token'"))
    let worked = try read(text, watched(worker), for: .worker)
    #expect(worker.withLock { $0 } == ["ARBORIST_DATABASE"])
    #expect(worked.secrets == [] && worked.adminToken == nil && worked.variables == served.variables)
    let around = watched(broker)
    let brokers = try brokered(text, around)
    #expect(
      brokers.tokens.mapValues { $0.reveal() } == [
        .gitlab: "canary-token-of-gitlab", .gitea: "canary-token-of-gitea",
      ])
    #expect(Set(brokers.settings.secrets.map { $0.reveal() }).count == 5)
    #expect(broker.withLock { $0.contains("/etc/a/app.pem") && $0.contains("GITLAB") && $0.contains("HOOK") })
    var dumped = "\(served) \(worked)"
    dump(served, to: &dumped)
    #expect(!dumped.contains("canary"))
  }

  @Test("A token that is not there, or is none, is told of by who reads it; one in the file itself is warned of")
  func missingTokens() throws {
    func gitea(_ token: String) -> String {
      "forges: { gitea: { url: https://git.example.org, webhookSecret: 0123456789abcdef, token: \(token) } }"
    }
    let around = surroundings(files: ["/etc/a/empty": ("\n", 0o600)])
    #expect(throws: ConfigurationError.self) { try read(gitea("{ file: nowhere }"), around) }
    #expect(problems(gitea("{ file: nowhere }"), around).count == 1)
    // The server does not look into it.
    _ = try read(gitea("{ file: empty }"), around)
    #expect(problems(gitea("{ file: empty }"), around).first?.contains("is empty") == true)
    _ = try read(gitea("{ env: NOWHERE }"), around)
    #expect(problems(gitea("{ env: NOWHERE }"), around).first?.contains("has no 'NOWHERE'") == true)
    // A worker elsewhere need not have what the server's deliveries are checked with.
    _ = try read("adminToken: { file: nowhere }", around, for: .worker)
    #expect(throws: ConfigurationError.self) { try read("adminToken: { file: nowhere }", around) }
    let inside = try read(gitea("a-token-inside"), around)
    #expect(inside.forges[.gitea]?.access == .token(.inside))
    #expect(inside.warnings.contains { $0.contains("write { file: PATH }") && !$0.contains("a-token-inside") })
  }

  @Test(
    "Where to listen",
    arguments: [
      ("127.0.0.1:8080", true), ("[::1]:8080", true), ("localhost:0", true), ("0.0.0.0:80", true), ("[::]:80", true),
      ("::1:8080", false), ("example.org:80", false), ("127.0.0.1", false), (":80", false), ("127.0.0.1:65536", false),
      ("127.0.0.1:-1", false), ("127.0.0.1:+1", false), ("[127.0.0.1]:80", false), ("1.2.3:80", false),
    ])
  func listening(text: String, isRight: Bool) {
    #expect((ListenAddress(text) != nil) == isRight)
    if isRight { #expect(ListenAddress(text)?.description == text) }
  }

  @Test("What is loopback")
  func loopback() {
    for host in ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost", "LOCALHOST"] {
      #expect(NetworkAddress.isLoopback(host), "\(host)")
    }
    for host in ["128.0.0.1", "::", "::2", "localhost.example.org", "127.0.0.1.example.org", "", "[::"] {
      #expect(!NetworkAddress.isLoopback(host), "\(host)")
    }
  }

  @Test("A file that is no configuration is one problem, and one that is not there as well")
  func unreadable() {
    #expect(problems("[1, 2]").count == 1)
    #expect(problems("a: b: c").count == 1)
    #expect(throws: ConfigurationError.self) {
      try ServerSettings.read(path: "/nowhere/at/all.yml", surroundings: .process(environment: [:]), for: .server)
    }
  }

  @Test("Files of this machine are read with their rights")
  func process() throws {
    let directory = try TemporaryDirectory()
    try Files.write(Array("0123456789abcdef0123\n".utf8), to: directory.path + "/token", mode: 0o644)
    try Files.write(
      Array(("adminToken: { file: token }\n" + oneForge).utf8), to: directory.path + "/server.yml", mode: 0o600)
    let settings = try ServerSettings.read(
      path: directory.path + "/server.yml", surroundings: .process(environment: [:]), for: .server)
    #expect(settings.adminToken?.reveal() == "0123456789abcdef0123")
    #expect(settings.warnings.contains { $0.contains("chmod o-r") })
  }

  @Test("Nothing that prints settings prints a secret")
  func printing() throws {
    let settings = try read("adminToken: canary-canary-canary\ndatabase: postgres://u:canary@h/d\n" + oneForge)
    #expect(!"\(settings)".contains("canary") && !String(reflecting: settings).contains("canary"))
    var dumped = ""
    dump(settings, to: &dumped)
    #expect(!dumped.contains("canary"))
  }
}
