internal import Base
internal import Glibc
internal import Logging
internal import Server

/// The log of a service: lines of JSON on standard error, without the secrets that are known.
struct ServiceLog {
  let logger: Logger
  private let sink: LogSink

  /// For how long the end of a service waits for somebody to read its last lines.
  private static let patience = Duration.seconds(2)

  init(_ label: String, hiding secrets: [Secret]) {
    let sink = LogSink(descriptor: STDERR_FILENO)
    let filter = SecretFilter(secrets)
    self.sink = sink
    logger = Logger(label: label) { label in
      JSONLogHandler(label: label, sink: sink, filter: filter, clock: .system)
    }
  }

  /// Does something and then waits until all that was logged is written, as far as somebody reads it.
  ///
  /// - Throws: what it throws.
  func writing(_ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch {
      await sink.flush(for: Self.patience)
      throw error
    }
    await sink.flush(for: Self.patience)
  }
}
