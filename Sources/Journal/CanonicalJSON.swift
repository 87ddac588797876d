internal import FoundationEssentials

/// A value as JSON in the one form that the journal stores: keys sorted, no white space, slashes not escaped.
///
/// The same value always gives the same bytes, so its hash means something.
package struct CanonicalJSON: Sendable, Hashable {
  /// The text as UTF-8.
  package let bytes: [UInt8]

  /// The value's JSON.
  ///
  /// - Throws: ``JournalError/unstorable(_:)`` where the value has no JSON, such as a number that is not finite.
  package init(_ value: some Encodable) throws(JournalError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      bytes = Array(try encoder.encode(value))
    } catch {
      throw .unstorable("\(type(of: value)) cannot be written as JSON: \(error)")
    }
  }

  /// Bytes that came out of a store; they are not looked at until they are decoded.
  package init(stored bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The text.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The value behind the JSON; `nil` where it describes no such value.
  package func decode<Value: Decodable>(_ type: Value.Type) -> Value? {
    try? JSONDecoder().decode(type, from: Data(bytes))
  }

  /// The value behind the JSON; `place` is what holds it, for the error.
  ///
  /// - Throws: ``JournalError/corrupt(_:)`` where it describes no such value.
  package func require<Value: Decodable>(_ type: Value.Type, in place: String) throws(JournalError) -> Value {
    guard let value = decode(type) else { throw .corrupt("\(place) does not hold a \(type)") }
    return value
  }
}
