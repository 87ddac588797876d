package import Base
internal import JSON
package import Logging

/// Writes each record as one line of JSON: `time`, `level`, `message`, `label`, and what goes with it.
///
/// Secrets that are known never get into a line.
package struct JSONLogHandler: LogHandler {
  package var metadata: Logger.Metadata = [:]
  package var metadataProvider: Logger.MetadataProvider?
  package var logLevel: Logger.Level
  private let label: String
  private let sink: LogSink
  private let filter: SecretFilter
  private let clock: WallClock

  package init(label: String, sink: LogSink, filter: SecretFilter, level: Logger.Level = .info, clock: WallClock) {
    self.label = label
    self.sink = sink
    self.filter = filter
    self.logLevel = level
    self.clock = clock
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
    if let own = event.metadata { all.merge(own) { _, new in new } }
    if let error = event.error { all["error"] = "\(error)" }
    var line: [UInt8] = Array("{\"time\":\"\(Self.time(clock.now()))\",\"level\":\"\(event.level.rawValue)\"".utf8)
    Self.append("label", label, to: &line)
    Self.append("message", "\(event.message)", to: &line)
    for (key, value) in all.sorted(by: { $0.key < $1.key }) where !Self.reserved.contains(key) {
      line.append(UInt8(ascii: ","))
      JSONText.append(key, to: &line)
      line.append(UInt8(ascii: ":"))
      Self.append(value, to: &line)
    }
    line.append(UInt8(ascii: "}"))
    sink.write(filter.clean(line) + [0x0a])
  }

  private static let reserved: Set<String> = ["time", "level", "label", "message"]

  private static func append(_ key: String, _ value: String, to line: inout [UInt8]) {
    line += Array(",\"\(key)\":".utf8)
    JSONText.append(value, to: &line)
  }

  private static func append(_ value: Logger.Metadata.Value, to line: inout [UInt8]) {
    switch value {
    case .string(let text): JSONText.append(text, to: &line)
    case .stringConvertible(let value): JSONText.append("\(value)", to: &line)
    case .array(let values):
      line.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { line.append(UInt8(ascii: ",")) }
        append(value, to: &line)
      }
      line.append(UInt8(ascii: "]"))
    case .dictionary(let members):
      line.append(UInt8(ascii: "{"))
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { line.append(UInt8(ascii: ",")) }
        JSONText.append(member.key, to: &line)
        line.append(UInt8(ascii: ":"))
        append(member.value, to: &line)
      }
      line.append(UInt8(ascii: "}"))
    }
  }

  /// The moment to the millisecond (ISO 8601).
  private static func time(_ moment: Timestamp) -> String {
    let rest = moment.milliseconds - moment.seconds * 1000
    return "\(moment.iso8601.dropLast()).\(rest < 10 ? "00" : rest < 100 ? "0" : "")\(rest)Z"
  }
}
