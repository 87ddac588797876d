package import Base
internal import Glibc
internal import Hummingbird
internal import HummingbirdCore
package import Journal
package import Logging
internal import NIOCore
internal import ServiceLifecycle
package import Settings
internal import Work

/// The server: webhooks in, the page and the figures out.
///
/// It records and shows, and runs no job.
///
/// It ends when its task is cancelled or its service group shuts down: nothing new is taken then, and what is under way
/// is answered first, within ``ServerLimits/shutdownMilliseconds``.
package struct ArboristServer: Service {
  private let settings: ServerSettings
  private let limits: ServerLimits
  private let logger: Logger
  private let site: Site
  private let report: MetricsReport
  private let onListening: @Sendable (Int) async -> Void

  /// - Parameters:
  ///   - settings: Where to listen, for whom, and who may read the page.
  ///   - journal: Where deliveries go, and what the page shows.
  ///   - reading: What makes a forge's request into a delivery; it holds the webhook secrets.
  ///   - control: What the buttons do; `nil` for no buttons.
  ///   - metrics: Where figures are kept; the same for all of a process.
  ///   - limits: What a client may take.
  ///   - clock: What the time of receipt is told by.
  ///   - logger: Where each delivery leaves a line.
  ///   - version: What the page calls the program.
  ///   - onListening: Called with the port once connections are taken.
  package init(
    settings: ServerSettings, journal: any JournalStore & JournalStatistics, reading: any DeliveryReading,
    control: (any RunControl)? = nil, metrics: ServerMetrics = ServerMetrics(), limits: ServerLimits = ServerLimits(),
    clock: WallClock = .system, logger: Logger, version: String = "",
    onListening: @escaping @Sendable (Int) async -> Void = { _ in }
  ) {
    self.settings = settings
    self.limits = limits
    self.logger = logger
    self.onListening = onListening
    let budget = BodyBudget(limits: limits)
    let bodies = BodyReader(limits: limits, budget: budget)
    report = MetricsReport(metrics: metrics, journal: journal, budget: budget, clock: clock)
    let door = DoorKeeper(
      adminToken: settings.adminToken, listen: settings.listen, sessions: Sessions(), tries: TryLimit(), clock: clock)
    let receiver = Receiver(
      journal: journal, reading: reading, configured: Set(settings.forges.keys), bodies: bodies, clock: clock,
      logger: logger, metrics: metrics)
    let pages = PageResponder(
      journal: journal, control: control, door: door, bodies: bodies, links: ForgeLinks(forges: settings.forges),
      costs: RunCosts(journal: journal), clock: clock, logger: logger, metrics: metrics, version: version)
    site = Site(
      receiver: receiver, pages: pages, report: report, readinessCheck: ReadinessCheck(journal: journal),
      logger: logger, metrics: metrics,
      limits: limits)
  }

  package func run() async throws {
    await report.begin()
    // Hummingbird logs each connection that breaks off; only what matters is let through.
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .warning)
    let channel = HTTP1Channel.Configuration(
      idleTimeout: .milliseconds(limits.idleMilliseconds),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: limits.headerField, maxHeaderListSize: limits.headers,
        maxHeaderFieldCount: limits.headerCount))
    let application = Application(
      responder: site, server: .http1(configuration: channel),
      configuration: ApplicationConfiguration(
        address: .hostname(settings.listen.host, port: settings.listen.port),
        availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: quiet)),
      onServerRunning: { [onListening, logger, listen = settings.listen] channel in
        let port = channel.localAddress?.port ?? listen.port
        logger.info("listening", metadata: ["address": "\(listen.host)", "port": "\(port)"])
        await onListening(port)
      },
      logger: quiet)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [listen = settings.listen] in
        do {
          try await application.run()
        } catch let error as IOError {
          throw CannotListen(address: listen, code: error.errnoCode)
        }
      }
      group.addTask { [limits] in
        try await gracefulShutdown()
        try await Task.sleep(for: .milliseconds(limits.shutdownMilliseconds))
      }
      // Whoever has not sent all of a request by the end of that time is not waited for.
      defer { group.cancelAll() }
      try await group.next()
    }
    logger.info("ended")
  }
}

/// The server cannot take connections.
package struct CannotListen: Error, Hashable, CustomStringConvertible {
  package let address: ListenAddress
  /// The system's number of the error.
  package let code: Int32

  package var description: String {
    let what =
      switch code {
      case EADDRINUSE: "another program listens there; end it, or name another port"
      case EACCES: "ports below 1024 are for root; name a higher one and put a web server in front"
      case EADDRNOTAVAIL: "this machine has no such address; name one that it has"
      default: String(cString: strerror(code))
      }
    return "cannot listen at \(address) ('listen' in the configuration): \(what)"
  }
}
