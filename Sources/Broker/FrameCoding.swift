internal import FoundationEssentials

/// Values as JSON in frames.
enum FrameCoding {
  /// The value as bytes; `nil` where it cannot be written, as a number that is none.
  static func encode(_ value: some Encodable) -> [UInt8]? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { [UInt8]($0) }
  }

  /// The value that bytes are; `nil` where they are none.
  static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) -> Value? {
    try? JSONDecoder().decode(type, from: Data(bytes))
  }
}
