internal import Base
internal import Broker
internal import Forges
internal import Foundation
internal import Glibc
internal import Journal
internal import Logging
internal import Memory
internal import Pipeline
internal import Secrets
internal import ServiceLifecycle
internal import Settings
internal import Work
internal import Workspace

/// A worker on a shared journal, with its broker.
struct ServiceWorker: Service {
  let places: ServicePlaces
  let journal: any JournalStore
  let logger: Logger
  /// Whether it ends when its standard input does.
  let isSupervised: Bool

  func run() async throws {
    try places.make()
    let log: @Sendable (String) -> Void = { [logger] line in logger.info("\(line)") }
    let broker = Broker(try places.brokerLaunch())
    let forges = Dictionary(
      try await broker.forges().map { ($0.name, $0 as any Forge) }, uniquingKeysWith: { first, _ in first })
    let id = WorkerID("\(Self.host)-\(getpid())-\(RunID(random: .random(in: .min ... .max)).text.prefix(8))")
    var session = AgentSession(
      directories: places.directories, journal: journal, worker: id,
      environment: places.environment,
      cells: CellMaker(
        paths: places.settings.sandbox.paths, bytes: places.settings.sandbox.size, isTrusted: false,
        isByHand: false, warn: log),
      log: log)
    if session.environment[ConfiguredSigner.variable] != nil { session.signer = broker.signer }
    let venue = ForgeVenue(
      forges: forges, mirrors: broker, journal: journal, workDirectory: places.workspaces, identity: .standard,
      session: session, secrets: secrets, places: places.own, log: log)
    let worker = ForgeWorker(
      journal: journal, venue: venue, id: id, forges: forges.keys.sorted { $0.rawValue < $1.rawValue },
      settings: WorkerSettings(
        jobs: max(1, places.settings.workers), leaseSeconds: places.settings.leaseSeconds),
      log: log)
    let reconciler = Reconciler(
      journal: journal, forges: forges, interval: interval, tips: { try await broker.tips(of: $0, $1) },
      commands: { CommandParser.words(in: $0) }, log: log)
    let relay = FigureRelay(broker: broker, journal: journal, logger: logger)
    await withTaskGroup { group in
      group.addTask { await cancelled { await worker.run() } }
      group.addTask { await cancelled { await sweep(reconciler) } }
      group.addTask { await cancelled { await relay.run() } }
      group.addTask { await cancelled { await clear(as: id) } }
      if isSupervised { group.addTask { await Self.waitForEndOfInput() } }
      // Whichever ends first ends all.
      await group.next()
      group.cancelAll()
    }
    // In a task that nobody has cancelled.
    await Task { await relay.carry() }.value
    await broker.stop()
    log("ended; what was held is given back")
  }

  /// Does something until the service is to end.
  private func cancelled(_ body: @escaping @Sendable () async -> Void) async {
    await cancelWhenGracefulShutdown { await body() }
  }

  /// How often a repository is swept.
  private var interval: Duration { .seconds(places.settings.sweepSeconds) }

  private func sweep(_ reconciler: Reconciler) async {
    // The worker of `serve` begins when the receiver does: deliveries were lost while there was none.
    var wasAway = isSupervised
    while !Task.isCancelled {
      var pause = interval
      do {
        let sweep = try await reconciler.sweep(afterAbsence: wasAway)
        wasAway = false
        if sweep.found > 0 { logger.info("\(sweep.found) reports were found that no delivery had told") }
        if sweep.isPartial {
          logger.warning(
            "the sweep for lost deliveries was partial: the next one looks again",
            metadata: ["unread": "\(sweep.unread)"])
        }
        // Soon behind the end of another worker's turn, who may be dead; not for each repository by itself.
        if let next = sweep.next { pause = min(pause, max(next, interval / 10)) }
      } catch {
        logger.warning("the sweep for lost deliveries failed", metadata: ["error": "\(error)"])
      }
      try? await Task.sleep(for: pause)
    }
  }

  /// Takes out what is older than the settings keep, now and once an hour; one that keeps all only waits for the end.
  private func clear(as id: WorkerID) async {
    let retention = places.settings.keep.duration.map { Retention(journal: journal, age: $0, writer: id.text) }
    while !Task.isCancelled {
      do {
        if let removed = try await retention?.pass(), removed > 0 {
          logger.info("what \(removed) old reports held was taken out of the journal")
        }
      } catch {
        logger.warning("old reports could not be taken out of the journal", metadata: ["error": "\(error)"])
      }
      try? await Task.sleep(for: .seconds(3600))
    }
  }

  /// What nothing may hold that leaves, as far as this process knows it; the broker looks for its own.
  private var secrets: KnownSecrets {
    var entries = places.settings.secrets.enumerated().map { number, secret in
      KnownSecrets.Entry(name: "settings-\(number + 1)", value: Array(secret.reveal().utf8))
    }
    for name in ServicePlaces.keys(in: places.environment).sorted() {
      guard let value = places.environment[name], !value.isEmpty else { continue }
      entries.append(KnownSecrets.Entry(name: name, value: Array(value.utf8)))
    }
    return KnownSecrets(entries)
  }

  private static func waitForEndOfInput() async {
    // A thread waits for it, which nobody can cancel; the task that waits for the thread can be.
    let (ends, ended) = AsyncStream.makeStream(of: Void.self)
    DispatchQueue(label: "arborist.lifeline").async {
      var byte: UInt8 = 0
      while read(STDIN_FILENO, &byte, 1) > 0 {}
      ended.finish()
    }
    for await _ in ends {}
  }

  private static var host: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "host" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
