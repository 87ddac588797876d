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
    /// Further keys of the forge in it, each with a comma before it; what is given up is not waited for long.
    var forge = ", longestRequest: 12"
    /// Whether Arborist is an app on GitHub; otherwise it has an account's token there too.
    var isApp = true
    var options = TestForge.Options()
    /// The address of a PostgreSQL database; a file in the scene's directory otherwise.
    var database: String?
    /// Whether a door stands before the forge, closed at first.
    var hasDoor = false
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
  /// What stands before the forge, where that is wanted.
  let door: Doorway?
  /// The forge's line in the service's configuration.
  let entry: String
  let service: Lock<ServiceProcess?>
  /// The workers that were started beside the service.
  let workers = Lock([pid_t]())
  /// How often the service was started.
  let starts = Lock(0)

  /// Whether the programs are there that a forge is made of.
  static let isPossible = GitFrontend.isPossible

  private init(
    directory: TemporaryDirectory, forge: TestForge, front: GitFrontend, git: TestRepository, bot: Int,
    client: HTTPClient, setting: Setting, door: Doorway?, entry: String, service: Lock<ServiceProcess?>
  ) {
    self.setting = setting
    self.door = door
    self.entry = entry
    self.service = service
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
    try await play([(kind, setting)], sourceLocation) { try await body($0[0]) }
  }

  /// The same with two forges and one service, which is started as the first one's setting says.
  static func play(
    _ kind: ForgeKind, _ setting: Setting, and other: ForgeKind, _ otherSetting: Setting,
    sourceLocation: SourceLocation = #_sourceLocation, _ body: (ServiceScene, ServiceScene) async throws -> Void
  ) async throws {
    try await play([(kind, setting), (other, otherSetting)], sourceLocation) { try await body($0[0], $0[1]) }
  }

  private static func play(
    _ forges: [(kind: ForgeKind, setting: Setting)], _ sourceLocation: SourceLocation,
    _ body: ([ServiceScene]) async throws -> Void
  ) async throws {
    await turns.take()
    do {
      var scenes: [ServiceScene] = []
      for (kind, setting) in forges { scenes.append(try await make(kind, setting, beside: scenes.first)) }
      let first = scenes[0]
      try configure(scenes)
      do {
        try await first.start()
        for scene in scenes.dropFirst() { try await scene.hear() }
        try await body(scenes)
        let status = try await first.stop()
        #expect(status == 0, "the service did not end well:\n\(first.logs)", sourceLocation: sourceLocation)
        for status in await first.stopWorkers() {
          #expect(status == 0, "a worker did not end well:\n\(first.logs)", sourceLocation: sourceLocation)
        }
      } catch {
        await first.kill()
        _ = await first.stopWorkers(SIGKILL)
        Issue.record("\(error)\n\(first.logs)", sourceLocation: sourceLocation)
      }
      for scene in scenes {
        scene.forge.release()
        #expect(scene.forge.breaches.isEmpty, sourceLocation: sourceLocation)
        #expect(scene.forge.checksBodies || ServiceScene.lacksData, sourceLocation: sourceLocation)
        scene.door?.end()
        await scene.front.stop()
        await scene.forge.stop()
      }
    } catch {
      await turns.give()
      throw error
    }
    await turns.give()
  }

  /// Whether there are no descriptions of the forges to hold bodies against.
  static let lacksData = getenv("ARBORIST_TEST_DATA") == nil

  private static let turns = Turns(6)

  private static func make(
    _ kind: ForgeKind, _ setting: Setting, beside first: ServiceScene?
  ) async throws -> ServiceScene {
    let directory = try first?.directory ?? TemporaryDirectory()
    // What the names of the second forge's files begin with.
    let mark = first == nil ? "" : "\(kind.rawValue)-"
    for name in ["\(mark)repositories", "home"] { Files.makeDirectory("\(directory.path)/\(name)") }
    let repositories = "\(directory.path)/\(mark)repositories"
    let forge = try await TestForge.start(kind, in: repositories, options: setting.options)
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
      try Files.write(keys.privateKey.utf8, to: "\(directory.path)/\(mark)key.pem", mode: 0o600)
      access = "app: { id: \(app.id), keyFile: \(mark)key.pem }"
    } else {
      bot = try await forge.addAccount("bot", isBot: true).id
      // Only who administers a repository may ask Gitea what somebody may do.
      try await forge.grant(kind == .gitea ? .admin : .write, to: "bot", on: path)
      let token = try await forge.addToken(for: "bot")
      try Files.write(token.utf8, to: "\(directory.path)/\(mark)token", mode: 0o600)
      access = "token: { file: \(mark)token }"
    }
    let secret = first == nil ? "a-secret-of-the-hooks" : "another-secret-of-the-hooks"
    try Files.write(secret.utf8, to: "\(directory.path)/\(mark)hook", mode: 0o600)
    try await forge.addHook("http://127.0.0.1:1/", secret: secret)
    let door = setting.hasDoor ? try Doorway(before: front.address) : nil
    let url = door?.address ?? front.address
    let entry =
      "\(kind.rawValue): { url: \"\(url)\", webhookSecret: { file: \(mark)hook }, \(access)\(setting.forge) }"
    return ServiceScene(
      directory: directory, forge: forge, front: front, git: git, bot: bot, client: try HTTPClient(), setting: setting,
      door: door, entry: entry, service: first?.service ?? Lock(nil))
  }

  /// Writes the service's configuration.
  private static func configure(_ scenes: [ServiceScene]) throws {
    let (directory, setting) = (scenes[0].directory, scenes[0].setting)
    if let database = setting.database {
      try Files.write(database.utf8, to: directory.path + "/database", mode: 0o600)
    }
    let configuration = """
      listen: 127.0.0.1:0
      database: \(setting.database == nil ? "journal.sqlite" : "{ file: database }")
      forges:
        \(scenes.map(\.entry).joined(separator: "\n  "))
      adminToken: { file: admin }
      workers: \(setting.workers)
      \(setting.server)
      """
    try Files.write("a-token-of-the-page".utf8, to: directory.path + "/admin", mode: 0o600)
    try Files.write(configuration.utf8, to: directory.path + "/server.yml", mode: 0o600)
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
