/// A path inside a repository, relative to its root, as the bytes that git stores.
///
/// No encoding is assumed. A value is never empty, never absolute, and has no empty, `.` or `..` component and no NUL,
/// so it cannot name anything outside of the repository.
package struct RepositoryPath: Sendable, Hashable {
  /// The bytes of the path, components separated by `/`.
  package let bytes: [UInt8]

  /// The path with these bytes; `nil` where they are no path inside a repository.
  package init?(_ bytes: some Collection<UInt8>) {
    guard !bytes.isEmpty, !bytes.contains(0) else { return nil }
    for component in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      if component.isEmpty || component.elementsEqual(".".utf8) || component.elementsEqual("..".utf8) { return nil }
    }
    self.bytes = Array(bytes)
  }

  /// The path with the UTF-8 of this text; `nil` where it is no path inside a repository.
  package init?(_ text: String) {
    self.init(Array(text.utf8))
  }

  /// The last component.
  package var name: ArraySlice<UInt8> {
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return bytes[...] }
    return bytes[(slash + 1)...]
  }

  /// Everything before the last component, without the `/`; empty for a path at the root.
  package var directory: ArraySlice<UInt8> {
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return bytes[..<0] }
    return bytes[..<slash]
  }

  /// The components from the root on.
  package var components: [ArraySlice<UInt8>] { bytes.split(separator: UInt8(ascii: "/")) }

  /// What stands behind the last dot of the name, in lower case; empty where there is none.
  package var fileExtension: [UInt8] {
    let name = name
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else { return [] }
    return name[(dot + 1)...].map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }
  }

  /// The path as text that is safe to show; see ``DisplayText``.
  package var display: String { DisplayText.escaping(bytes) }
}

extension RepositoryPath: Comparable {
  package static func < (left: RepositoryPath, right: RepositoryPath) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}

extension RepositoryPath: CustomStringConvertible {
  package var description: String { display }
}

/// In JSON a path is its text where it is plain UTF-8, and otherwise quoted as git quotes it; see ``QuotedPath``.
extension RepositoryPath: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let bytes = QuotedPath.decode(Array(text.utf8)), let path = RepositoryPath(bytes) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a path inside a repository")
    }
    self = path
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(QuotedPath.encode(bytes))
  }
}

/// The C-style quoting that git uses for paths which plain text cannot carry (`core.quotePath`).
package enum QuotedPath {
  /// The path as one line of text, quoted only where it is not UTF-8, has a control character or begins with a double
  /// quote.
  package static func encode(_ bytes: [UInt8]) -> String {
    let plain = bytes.first != UInt8(ascii: "\"") && bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    if plain, let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = "\""
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += "\\" + String(Unicode.Scalar(byte))
      case 0x20..<0x7f: text += String(Unicode.Scalar(byte))
      default:
        let octal = String(byte, radix: 8)
        text += "\\" + String(repeating: "0", count: 3 - octal.count) + octal
      }
    }
    return text + "\""
  }

  /// The bytes behind a path as ``encode(_:)`` writes it; `nil` where the quoting is broken.
  package static func decode(_ text: [UInt8]) -> [UInt8]? {
    guard text.first == UInt8(ascii: "\"") else { return text }
    guard text.count >= 2, text.last == UInt8(ascii: "\"") else { return nil }
    var bytes: [UInt8] = []
    var index = 1
    while index < text.count - 1 {
      guard text[index] == UInt8(ascii: "\\") else {
        bytes.append(text[index])
        index += 1
        continue
      }
      guard index + 1 < text.count - 1 else { return nil }
      let escaped = text[index + 1]
      if escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\") {
        bytes.append(escaped)
        index += 2
      } else {
        guard index + 3 < text.count - 1,
          let byte = UInt8(String(decoding: text[(index + 1)...(index + 3)], as: UTF8.self), radix: 8)
        else { return nil }
        bytes.append(byte)
        index += 4
      }
    }
    return bytes
  }
}
