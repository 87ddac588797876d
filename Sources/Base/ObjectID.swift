/// The name of a git object: the SHA-1 of its type, size and content.
///
/// A value of this type is always twenty whole bytes; a shortened or misspelt name cannot be made into one.
package struct ObjectID: Sendable, Hashable, Comparable {
  private let first: UInt64
  private let second: UInt64
  private let third: UInt32

  /// The name that git uses for "no object", as the old side of a new branch.
  package static let zero = ObjectID(first: 0, second: 0, third: 0)

  private init(first: UInt64, second: UInt64, third: UInt32) {
    self.first = first
    self.second = second
    self.third = third
  }

  /// The object that these twenty bytes name; `nil` for any other count of bytes.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 20 else { return nil }
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt32 = 0
    for (index, byte) in bytes.enumerated() {
      switch index {
      case 0..<8: first = first << 8 | UInt64(byte)
      case 8..<16: second = second << 8 | UInt64(byte)
      default: third = third << 8 | UInt32(byte)
      }
    }
    self.init(first: first, second: second, third: third)
  }

  /// The object that these forty hexadecimal digits name; `nil` for anything else.
  package init?(hex: some Collection<UInt8>) {
    guard hex.count == 40, let bytes = Hexadecimal.decode(hex) else { return nil }
    self.init(bytes: bytes)
  }

  /// The object that these forty hexadecimal digits name; `nil` for anything else.
  package init?(hex: String) {
    self.init(hex: Array(hex.utf8))
  }

  /// The twenty bytes of the name.
  package var bytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(20)
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      result.append(UInt8(truncatingIfNeeded: first >> shift))
    }
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      result.append(UInt8(truncatingIfNeeded: second >> shift))
    }
    for shift in stride(from: UInt32(24), through: 0, by: -8) {
      result.append(UInt8(truncatingIfNeeded: third >> shift))
    }
    return result
  }

  /// The forty hexadecimal digits of the name, in lower case.
  package var hex: String { Hexadecimal.encode(bytes) }

  /// The first eight digits: enough for a person, too few for a program.
  package var short: String { String(hex.prefix(8)) }

  /// Whether this is git's name for "no object".
  package var isZero: Bool { self == .zero }

  package static func < (left: ObjectID, right: ObjectID) -> Bool {
    (left.first, left.second, left.third) < (right.first, right.second, right.third)
  }
}

extension ObjectID: CustomStringConvertible {
  package var description: String { hex }
}

extension ObjectID: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let id = ObjectID(hex: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not forty hexadecimal digits")
    }
    self = id
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }
}

/// Bytes as hexadecimal digits and back.
package enum Hexadecimal {
  private static let digits: [UInt8] = Array("0123456789abcdef".utf8)

  /// Two lower-case digits for each byte.
  package static func encode(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes behind an even count of digits in either case; `nil` for anything else.
  package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    guard text.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2)
    var high: UInt8?
    for character in text {
      guard let digit = value(of: character) else { return nil }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return bytes
  }

  private static func value(of character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
