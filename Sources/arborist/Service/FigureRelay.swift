internal import Broker
internal import Forges
internal import Journal
internal import Logging
internal import Work

/// Carries what the broker has counted into the journal, where the server finds what all workers' brokers have.
///
/// What a broker counted since the last time is lost with it.
actor FigureRelay {
  private let broker: Broker
  private let journal: any JournalStore
  private let logger: Logger
  private var carried: [ForgeFigure.Series: ForgeFigure] = [:]

  static let pause = Duration.seconds(10)

  init(broker: Broker, journal: any JournalStore, logger: Logger) {
    self.broker = broker
    self.journal = journal
    self.logger = logger
  }

  /// Carries over from time to time, until the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      try? await Task.sleep(for: Self.pause)
      if !Task.isCancelled { await carry() }
    }
  }

  /// Carries over what is new.
  func carry() async {
    do {
      let now = try await broker.figures()
      try await journal.add(now.map { $0.since(carried[$0.series]) })
      carried = Dictionary(now.map { ($0.series, $0) }, uniquingKeysWith: { first, _ in first })
    } catch {
      logger.debug("the figures of the forges stay where they are", metadata: ["error": "\(error)"])
    }
  }
}
