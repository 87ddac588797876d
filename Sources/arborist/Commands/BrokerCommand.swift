internal import ArgumentParser
internal import Base
internal import Broker
internal import FileSystem
internal import Forges
internal import HTTP
internal import Pipeline
internal import Settings
internal import Work

/// `arborist broker`: the process that alone holds the credentials of forges; `serve` and `worker` start it.
struct BrokerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "broker", abstract: "Hold the credentials of forges; 'serve' and 'worker' start it.",
    shouldDisplay: false)

  func run() async throws {
    let status = await BrokerMain.run(gitArguments: [BrokerGitCommand.name]) { configuration in
      try BrokerStart.accounts(configuration)
    }
    if status == BrokerMain.notConfigured {
      throw CommandFailure(.usage, "'arborist broker' is started by 'arborist serve' and 'arborist worker'")
    }
    throw ExitCode(status)
  }
}

/// `arborist broker-git`: one network git operation; the broker starts it.
struct BrokerGitCommand: AsyncParsableCommand {
  static let name = "broker-git"

  static let configuration = CommandConfiguration(
    commandName: name, abstract: "Carry out one network git operation; the broker starts it.", shouldDisplay: false)

  func run() async throws {
    throw ExitCode(await GitChildMain.run())
  }
}

/// What a broker is started with, and what it makes of that.
enum BrokerStart {
  /// How to start the broker of this program for a server's settings.
  ///
  /// - Parameters:
  ///   - settings: The path of the settings.
  ///   - mirrors: The directory that holds the mirrors.
  ///   - workspaces: The directories below which commits are pushed from.
  ///   - environment: This process's variables.
  /// - Returns: What ``Broker`` is made with.
  /// - Throws: ``FileError`` where this program's path cannot be told.
  static func launch(
    settings: String, mirrors: String, workspaces: [String], environment: [String: String]
  ) throws(FileError) -> Broker.Launch {
    let key = environment[ConfiguredSigner.variable].flatMap { $0.isEmpty ? nil : $0 }
    return Broker.Launch(
      command: [try OwnProgram.path(), "broker"],
      configuration: BrokerConfiguration(
        settings: settings, signingKey: key, variables: environment[SetAside.Reader.broker.variable], mirrors: mirrors,
        workspaces: workspaces))
  }

  /// The accounts on the forges that the settings name, in the broker.
  ///
  /// - Throws: What is wrong with the settings or with what they refer to.
  static func accounts(_ configuration: BrokerConfiguration) throws -> BrokerAccounts {
    let variables = try configuration.variables.map { try SetAside.read($0) } ?? [:]
    let read = try BrokerSettings.read(
      path: configuration.settings, surroundings: .process(environment: variables))
    let meter = ForgeMeter()
    let client = try HTTPClient(HTTPClientOptions(authorities: configuration.authorities))
    let accounts = try read.settings.forges.sorted { $0.key.rawValue < $1.key.rawValue }.map { name, settings in
      try account(
        on: name, settings, read.tokens[name], MeteredTransport(client, forge: name, meter: meter))
    }
    let key = configuration.signingKey.map { [ConfiguredSigner.variable: $0] } ?? [:]
    var secrets = Array(read.tokens.values) + read.settings.secrets
    for case .app(_, let keyFile) in read.settings.forges.values.map(\.access) {
      // With the lines around it, by which it is known for a key: what begins all keys alike is nobody's secret.
      secrets.append(Secret(String(decoding: try File.read(Array(keyFile.utf8), limit: 1 << 16), as: UTF8.self)))
    }
    return BrokerAccounts(accounts: accounts, signer: try ConfiguredSigner.of(key), secrets: secrets, meter: meter)
  }

  private static func account(
    on name: ForgeName, _ settings: ForgeSettings, _ token: Secret?, _ client: MeteredTransport
  ) throws -> ForgeAccount {
    let site = try site(name, settings.url)
    let credential: ForgeCredential
    switch settings.access {
    case .token:
      guard let token else { throw ForgeError(.unauthenticated, "there is no token for \(name.rawValue)") }
      credential = .token(TokenAuthority(site, token: token))
    case .app(let id, let keyFile):
      let key = try File.read(Array(keyFile.utf8), limit: 1 << 16)
      credential = .app(try GitHubApp(id: id, pem: Secret(String(decoding: key, as: UTF8.self))))
    }
    return ForgeAccount(
      try ForgeConnection.make(
        site, credential: credential, http: client, patience: .outlasting(settings.longestRequest)), site: site)
  }

  /// The addresses of a forge, from the one that the settings name: GitHub's API, the others' own page.
  ///
  /// - Throws: ``InvalidForgeAddress``.
  static func site(_ name: ForgeName, _ url: String) throws(InvalidForgeAddress) -> ForgeSite {
    var web = url
    while web.hasSuffix("/") { web.removeLast() }
    let suffix =
      switch name {
      case .github: "/api/v3"
      case .gitlab: "/api/v4"
      case .gitea: "/api/v1"
      }
    if web.hasSuffix(suffix) { return ForgeSite(name, web: try ForgeAddress(String(web.dropLast(suffix.count)))) }
    guard name == .github else { return ForgeSite(name, web: try ForgeAddress(web)) }
    if web == "https://api.github.com" { return ForgeSite(name, web: try ForgeAddress("https://github.com")) }
    let api = try ForgeAddress(web)
    return ForgeSite(name, web: api, api: api, graphQL: try ForgeAddress(web + "/graphql"))
  }
}
