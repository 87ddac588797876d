package import Base
internal import FoundationEssentials
internal import JSON

/// Takes secrets that are known out of what is written: as they are, as JSON writes them, percent-encoded and in Base64.
package struct SecretFilter: Sendable {
  /// What is looked for, by its first byte; the longest first.
  private let patterns: [UInt8: [[UInt8]]]

  /// A secret of fewer than six bytes is left where it is: it would be found in ordinary words.
  package init(_ secrets: [Secret]) {
    var found: Set<[UInt8]> = []
    for secret in secrets {
      let text = secret.reveal()
      let bytes = Array(text.utf8)
      guard bytes.count >= 6 else { continue }
      found.insert(bytes)
      found.insert(Array(JSONText.quoted(text).utf8.dropFirst().dropLast()))
      found.insert(Self.percentEncoded(bytes))
      found.insert(Array(Data(bytes).base64EncodedString().utf8))
    }
    patterns = Dictionary(grouping: found.sorted { $0.count > $1.count }, by: { $0[0] })
  }

  /// The bytes with `(secret)` in the place of every secret.
  package func clean(_ bytes: [UInt8]) -> [UInt8] {
    guard !patterns.isEmpty else { return bytes }
    var result: [UInt8] = []
    var index = 0
    var copied = 0
    while index < bytes.count {
      if let hit = patterns[bytes[index]]?.first(where: { bytes[index...].starts(with: $0) }) {
        result += bytes[copied..<index]
        result += Array("(secret)".utf8)
        index += hit.count
        copied = index
      } else {
        index += 1
      }
    }
    return copied == 0 ? bytes : result + bytes[copied...]
  }

  /// The text with `(secret)` in the place of every secret.
  package func clean(_ text: String) -> String {
    String(decoding: clean(Array(text.utf8)), as: UTF8.self)
  }

  private static func percentEncoded(_ bytes: [UInt8]) -> [UInt8] {
    bytes.flatMap { byte -> [UInt8] in
      let isPlain =
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        || "-._~".utf8.contains(byte)
      return isPlain ? [byte] : Array("%\(Hexadecimal.encode([byte]).uppercased())".utf8)
    }
  }
}
