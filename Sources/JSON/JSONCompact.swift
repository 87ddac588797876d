extension JSONValue {
  /// The document in as few bytes as it takes, with sorted keys: the same value gives the same bytes.
  ///
  /// Only what RFC 8259 demands is escaped.
  package func compact() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(512)
    appendCompact(to: &bytes)
    return bytes
  }

  /// Appends what ``compact()`` gives.
  package func appendCompact(to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes += "null".utf8
    case .bool(let value): bytes += (value ? "true" : "false").utf8
    case .number(let value):
      bytes += (Int(exactly: value).map(String.init) ?? (value.isFinite ? "\(value)" : "null")).utf8
    case .string(let text): Self.appendCompact(text, to: &bytes)
    case .array(let list):
      bytes.append(UInt8(ascii: "["))
      for (index, value) in list.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        value.appendCompact(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        Self.appendCompact(member.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.appendCompact(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func appendCompact(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    // Most texts have nothing to escape, and are copied whole.
    let isPlain = text.utf8.withContiguousStorageIfAvailable { utf8 in
      for byte in utf8 where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return false }
      bytes.append(contentsOf: utf8)
      return true
    }
    if isPlain != true { for byte in text.utf8 { escape(byte, to: &bytes) } }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func escape(_ byte: UInt8, to bytes: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
    case 10: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
    case 13: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
    case 9: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
    case 0..<0x20:
      bytes += "\\u00".utf8
      bytes += [byte >> 4, byte & 15].map { $0 < 10 ? 0x30 + $0 : 0x57 + $0 }
    default: bytes.append(byte)
    }
  }
}
