internal import Base
internal import Crypto

/// A SHA-256 digest (FIPS 180-4): thirty-two bytes.
package struct Digest: Sendable, Hashable, CustomStringConvertible {
  /// The thirty-two bytes.
  package let bytes: [UInt8]

  /// The digest with these bytes; `nil` for any other count than thirty-two.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 32 else { return nil }
    self.bytes = Array(bytes)
  }

  /// The digest of fields in their order.
  ///
  /// What is hashed is, for each field, its length as eight bytes, most significant first, and then the field. So no
  /// two different lists of fields are hashed as the same bytes. The first field names what is hashed.
  package init(of fields: [[UInt8]]) {
    var hasher = SHA256()
    for field in fields {
      hasher.update(data: Self.bigEndian(Int64(field.count)))
      hasher.update(data: field)
    }
    bytes = Array(hasher.finalize())
  }

  /// The SHA-256 of the bytes themselves, as any other program computes it.
  package init(ofContent content: [UInt8]) {
    bytes = Array(SHA256.hash(data: content))
  }

  /// The digits, sixty-four of them, in lower case.
  package var hex: String { Hexadecimal.encode(bytes) }

  package var description: String { hex }

  /// A number as eight bytes, most significant first, in two's complement.
  static func bigEndian(_ number: Int64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
  }
}

extension Digest: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let bytes = Hexadecimal.decode(Array(text.utf8)), let digest = Digest(bytes: bytes) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not sixty-four hexadecimal digits")
    }
    self = digest
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }
}
