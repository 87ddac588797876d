internal import ArgumentParser
internal import Base
internal import Glibc
internal import Logging
internal import Server
internal import ServiceLifecycle
internal import Settings
internal import UnixSignals

/// The command `arborist serve`.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Receive what forges report, and show what came of it.",
    discussion: """
      It takes the webhooks of GitHub, GitLab, Gitea and Forgejo, keeps them, and shows runs, figures and the queue. The \
      work itself is done by workers: one is started beside it unless the configuration says 'workers: 0', and more can \
      be started with 'arborist worker --config FILE', on other machines too where the database is PostgreSQL.

      Example: arborist serve --config /etc/arborist.yml
      """)

  @Option(help: "The configuration. Default: what ARBORIST_CONFIG names.")
  var config: String?

  @Option(help: "Where to listen, as ADDRESS:PORT, in place of what the configuration says.")
  var listen: String?

  func run() async throws {
    let places = try ServicePlaces(config, for: .server)
    var settings = places.settings
    if let listen {
      guard let address = ListenAddress(listen) else {
        throw CommandFailure(.usage, "--listen '\(listen)' is not ADDRESS:PORT with a numeric address")
      }
      settings.listen = address
    }
    for warning in settings.warnings { Terminal.note("warning: \(warning)") }
    try await places.checkCredentials()
    let log = try ServiceLog("serve", hiding: settings.secrets)
    try await log.writing { try await serve(places, settings, log.logger) }
  }

  private func serve(_ places: ServicePlaces, _ settings: ServerSettings, _ logger: Logger) async throws {
    let journal = try await places.journal()
    let metrics = ServerMetrics()
    metrics.bootstrap()
    let server = ArboristServer(
      settings: settings, journal: journal, reading: WebhookDeliveries(settings: settings),
      control: JournalControl(journal: journal), metrics: metrics,
      logger: logger, version: Arborist.version)
    var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
      .init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)
    ]
    if settings.workers > 0 {
      let child = WorkerChild(
        arguments: ["worker", "--supervised", "--config", places.file], hidden: places.settings.variables.all,
        logger: logger)
      services.append(.init(service: child))
    }
    let group = ServiceGroup(
      configuration: .init(
        services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    try await group.run()
  }
}
