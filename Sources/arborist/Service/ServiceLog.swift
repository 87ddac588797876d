internal import Base
internal import Foundation
internal import Glibc
internal import Logging
internal import Server

/// The log of a service: lines of JSON on standard error, without the secrets that are known.
struct ServiceLog {
  let logger: Logger
  private let sink: LogSink

  /// For how long the end of a service waits for somebody to read its last lines.
  private static let patience = Duration.seconds(2)

  /// The variable with the level of the least that is written, as swift-log names it.
  private static let variable = "ARBORIST_LOG_LEVEL"

  /// - Throws: ``CommandFailure`` where the environment names a level that there is not.
  init(_ label: String, hiding secrets: [Secret]) throws(CommandFailure) {
    let word = ProcessInfo.processInfo.environment[Self.variable] ?? ""
    guard let level = word.isEmpty ? .info : Logger.Level(rawValue: word) else {
      let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
      throw CommandFailure(.usage, "\(Self.variable) is '\(DisplayText.escaping(word.utf8))', and not one of \(known)")
    }
    let sink = LogSink(descriptor: STDERR_FILENO)
    let filter = SecretFilter(secrets)
    self.sink = sink
    logger = Logger(label: label) { label in
      JSONLogHandler(label: label, sink: sink, filter: filter, level: level, clock: .system)
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
