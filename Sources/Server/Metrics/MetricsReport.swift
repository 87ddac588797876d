internal import Base
internal import Glibc
internal import Journal
internal import Work

/// Adds up the figures when somebody asks for them.
actor MetricsReport {
  private let metrics: ServerMetrics
  private let journal: any JournalStatistics
  private let budget: BodyBudget
  private let clock: WallClock
  private let started: Timestamp
  /// The place in the ledger up to which runs were counted; `nil` before the first look.
  private var counted: Int?
  private var isCounting = false

  init(metrics: ServerMetrics, journal: any JournalStatistics, budget: BodyBudget, clock: WallClock) {
    self.metrics = metrics
    self.journal = journal
    self.budget = budget
    self.clock = clock
    started = clock.now()
  }

  /// So many runs are looked at in one transaction, which keeps writers waiting, and so many times before an answer.
  private static let batch = 20
  private static let mostBatches = 100

  /// Counts from here on what is entered in the ledger.
  func begin() async {
    if counted == nil { counted = try? await journal.finishedCount() }
  }

  /// All figures in the text format of Prometheus.
  func text() async -> String {
    var journalFault = false
    var queue: [QueueFigure] = []
    var forges: [ForgeFigure] = []
    do {
      try await countRuns()
      queue = try await journal.queueFigures()
      forges = try await journal.forgeFigures()
    } catch {
      journalFault = true
    }
    var exposition = Exposition()
    metrics.registry.write(to: &exposition)
    exposition.family("arborist_journal_up", .gauge, "Whether the journal could be read just now.")
    exposition.sample("arborist_journal_up", [], journalFault ? 0 : 1)
    if !journalFault {
      write(queue, to: &exposition)
      write(forges, to: &exposition)
    }
    exposition.family("arborist_body_bytes", .gauge, "Bytes of deliveries that are being read and stored.")
    exposition.sample("arborist_body_bytes", [], Double(budget.bytes))
    write(ProcessFigures.now(), to: &exposition)
    return exposition.text
  }

  private func countRuns() async throws(JournalError) {
    // Of two who ask at once one counts; the other has the figures from before.
    if isCounting { return }
    isCounting = true
    defer { isCounting = false }
    var place: Int
    if let counted { place = counted } else { place = try await journal.finishedCount() }
    for _ in 0..<Self.mostBatches {
      let runs = try await journal.finishedRuns(after: place, limit: Self.batch)
      for run in runs {
        metrics.finished(run)
        place = run.position
      }
      counted = place
      if runs.count < Self.batch { break }
    }
  }

  private func write(_ queue: [QueueFigure], to exposition: inout Exposition) {
    let now = clock.now()
    exposition.family("arborist_queue_jobs", .gauge, "Jobs that wait or run, by kind.")
    for figure in queue {
      exposition.sample("arborist_queue_jobs", Self.labels(figure), Double(figure.count))
    }
    exposition.family("arborist_queue_oldest_seconds", .gauge, "Age of the event of the oldest such job.")
    for figure in queue {
      exposition.sample("arborist_queue_oldest_seconds", Self.labels(figure), now.seconds(since: figure.oldest))
    }
  }

  private func write(_ figures: [ForgeFigure], to exposition: inout Exposition) {
    if figures.isEmpty { return }
    exposition.family("arborist_forge_seconds", .histogram, "Requests of all workers to forges.")
    for figure in figures {
      let (series, bounds) = (figure.series, ForgeFigure.bounds)
      exposition.histogram(
        "arborist_forge_seconds",
        [
          ("forge", series.forge.rawValue), ("operation", series.operation.rawValue),
          ("result", series.result.rawValue),
        ], HistogramValues(bounds: bounds, counts: figure.counts, sum: Double(figure.milliseconds) / 1000))
    }
  }

  private static func labels(_ figure: QueueFigure) -> [(String, String)] {
    [("kind", figure.kind.rawValue), ("state", figure.isRunning ? "running" : "waiting")]
  }

  private func write(_ process: ProcessFigures, to exposition: inout Exposition) {
    exposition.family("process_resident_memory_bytes", .gauge, "Resident memory.")
    exposition.sample("process_resident_memory_bytes", [], Double(process.residentBytes))
    exposition.family("process_cpu_seconds_total", .counter, "Processor time, of the program and of the system for it.")
    exposition.sample("process_cpu_seconds_total", [], process.cpuSeconds)
    exposition.family("process_start_time_seconds", .gauge, "When the process began, since 1970.")
    exposition.sample("process_start_time_seconds", [], Double(started.milliseconds) / 1000)
  }
}

/// What the kernel knows of this process.
package struct ProcessFigures: Sendable, Hashable {
  package var residentBytes: Int
  package var cpuSeconds: Double

  /// The figures of now.
  ///
  /// It reads a file of the kernel's, which never waits for a disk.
  package static func now() -> ProcessFigures {
    var usage = rusage()
    _ = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let seconds = { (time: timeval) in Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return ProcessFigures(
      residentBytes: resident(), cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime))
  }

  private static func resident() -> Int {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return 0 }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = read(descriptor, &buffer, buffer.count)
    guard count > 0 else { return 0 }
    let fields = buffer[..<count].split(separator: UInt8(ascii: " "))
    guard fields.count > 1, let pages = Int(String(decoding: fields[1], as: UTF8.self)) else { return 0 }
    return pages * sysconf(Int32(_SC_PAGESIZE))
  }
}
