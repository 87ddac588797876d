internal import Base
internal import Glibc
internal import Logging
internal import Server

/// The log of a service: lines of JSON on standard error, without the secrets that are known.
enum ServiceLog {
  static func logger(_ label: String, hiding secrets: [Secret]) -> Logger {
    let sink = LogSink(descriptor: STDERR_FILENO)
    let filter = SecretFilter(secrets)
    return Logger(label: label) { label in
      JSONLogHandler(label: label, sink: sink, filter: filter, clock: .system)
    }
  }
}
