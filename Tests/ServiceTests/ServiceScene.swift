import Base
import Glibc
import HTTP
import ScriptedModel
import TestForge
import TestSupport
import Testing

/// A forge with a repository behind nginx and git, and `arborist serve` that listens to it.
///
/// `ada` owns the repository, `max` may write, `eve` may read. Arborist is an app on GitHub and the account `bot`
/// elsewhere.
final class ServiceScene: Sendable {
  /// How the scene is to be.
  struct Setting: Sendable {
    /// `.arborist.yml` on the default branch.
    var configuration = "on: { opened: [review, resolve], updated: [review, resolve] }\n"
    /// The files on the default branch, besides that.
    var files: [String: String] = ["app.py": ServiceScene.functions()]
    /// Further lines of the server's configuration.
    var server = "sweep: 86400\n"
    var workers = 2
    /// Further keys of the forge in it, each with a comma before it.
    var forge = ""
    /// Whether Arborist is an app on GitHub; otherwise it has an account's token there too.
    var isApp = true
    var options = TestForge.Options()
    /// Variables of the service, and the model that they name, which is kept.
    var environment: [String: String] = [:]
    var model: ScriptedModel?

    /// Has the service ask this model, by the name `openai/gpt-5.5`.
    mutating func ask(_ model: ScriptedModel, key: String = "a-key-of-the-model") {
      self.model = model
      environment["OPENAI_API_KEY"] = key
      environment["OPENAI_BASE_URL"] = model.baseURL + "/v1"
    }
  }

  /// The repository on the forge.
  static let path = "ada/app"

  let directory: TemporaryDirectory
  let forge: TestForge
  let front: GitFrontend
  /// The bare repository on the forge.
  let git: TestRepository
  /// The number of the account that Arborist writes as.
  let bot: Int
  let client: HTTPClient
  let setting: Setting
  let service = Lock(ServiceProcess?.none)
  /// How often the service was started.
  let starts = Lock(0)

  /// Whether the programs are there that a forge is made of.
  static let isPossible = GitFrontend.isPossible

  private init(
    directory: TemporaryDirectory, forge: TestForge, front: GitFrontend, git: TestRepository, bot: Int,
    client: HTTPClient, setting: Setting
  ) {
    self.setting = setting
    self.directory = directory
    self.forge = forge
    self.front = front
    self.git = git
    self.bot = bot
    self.client = client
  }

  /// Sets the scene, plays it, and looks whether anybody did what no client may do.
  ///
  /// - Throws: What the play throws; where something hangs, ``ServiceFailure`` with the end of the service's log.
  static func play(
    _ kind: ForgeKind, _ setting: Setting = Setting(), sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (ServiceScene) async throws -> Void
  ) async throws {
    await turns.take()
    do {
      let scene = try await make(kind, setting)
      do {
        try await scene.start()
        try await body(scene)
        let status = try await scene.stop()
        #expect(status == 0, "the service did not end well:\n\(scene.logs)", sourceLocation: sourceLocation)
      } catch {
        await scene.kill()
        Issue.record("\(error)\n\(scene.logs)", sourceLocation: sourceLocation)
      }
      scene.forge.release()
      #expect(scene.forge.breaches.isEmpty, sourceLocation: sourceLocation)
      #expect(scene.forge.checksBodies || ServiceScene.lacksData, sourceLocation: sourceLocation)
      await scene.front.stop()
      await scene.forge.stop()
    } catch {
      await turns.give()
      throw error
    }
    await turns.give()
  }

  /// Whether there are no descriptions of the forges to hold bodies against.
  static let lacksData = getenv("ARBORIST_TEST_DATA") == nil

  private static let turns = Turns(6)

  private static func make(_ kind: ForgeKind, _ setting: Setting) async throws -> ServiceScene {
    let directory = try TemporaryDirectory()
    for name in ["repositories", "home"] { Files.makeDirectory("\(directory.path)/\(name)") }
    let forge = try await TestForge.start(kind, in: directory.path + "/repositories", options: setting.options)
    let front = try await GitFrontend.start(for: forge)
    for login in ["ada", "max", "eve"] { _ = try await forge.addAccount(login) }
    let repository = try await forge.addRepository(path, protected: ["main"])
    try await forge.grant(.write, to: "max", on: path)
    try await forge.grant(.read, to: "eve", on: path)
    let git = TestRepository(existing: repository.directory, bare: true, in: directory)
    let files = setting.files.sorted { $0.key < $1.key }.map { TestRepository.Change.write($0.key, $0.value) }
    try git.commit("main", changes: [.write(".arborist.yml", setting.configuration)] + files)

    let bot: Int
    let access: String
    if kind == .github, setting.isApp {
      let keys = try TestForge.makeKeys()
      let permissions = ["metadata": "read", "contents": "write", "pull_requests": "write", "checks": "write"]
      let app = try await forge.addApp("arborist", permissions: permissions, publicKey: keys.publicKey)
      _ = try await forge.install(app, on: [path])
      bot = app.bot
      try Files.write(keys.privateKey.utf8, to: directory.path + "/key.pem", mode: 0o600)
      access = "app: { id: \(app.id), keyFile: key.pem }"
    } else {
      bot = try await forge.addAccount("bot", isBot: true).id
      // Only who administers a repository may ask Gitea what somebody may do.
      try await forge.grant(kind == .gitea ? .admin : .write, to: "bot", on: path)
      try Files.write(try await forge.addToken(for: "bot").utf8, to: directory.path + "/token", mode: 0o600)
      access = "token: { file: token }"
    }
    let configuration = """
      listen: 127.0.0.1:0
      database: journal.sqlite
      forges:
        \(kind.rawValue): { url: "\(front.address)", webhookSecret: { file: hook }, \(access)\(setting.forge) }
      adminToken: { file: admin }
      workers: \(setting.workers)
      \(setting.server)
      """
    try Files.write("a-secret-of-the-hooks".utf8, to: directory.path + "/hook", mode: 0o600)
    try Files.write("a-token-of-the-page".utf8, to: directory.path + "/admin", mode: 0o600)
    try Files.write(configuration.utf8, to: directory.path + "/server.yml", mode: 0o600)
    try await forge.addHook("http://127.0.0.1:1/", secret: "a-secret-of-the-hooks")
    return ServiceScene(
      directory: directory, forge: forge, front: front, git: git, bot: bot, client: try HTTPClient(), setting: setting)
  }

  /// A program of ten functions; `changing` gives some of them another body.
  static func functions(changing bodies: [Int: String] = [:]) -> String {
    (0..<10).map { "def f\($0)():\n    \(bodies[$0] ?? "return \($0)")\n\n\n" }.joined()
  }
}

/// What a scene could not do.
struct ServiceFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Lets only so many play at once: each starts a forge, nginx and four processes of the service.
private actor Turns {
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ free: Int) { self.free = free }

  func take() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func give() {
    if waiting.isEmpty {
      free += 1
    } else {
      waiting.removeFirst().resume()
    }
  }
}
