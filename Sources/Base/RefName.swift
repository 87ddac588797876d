/// The full name of a reference, such as `refs/heads/main`, that git would accept.
///
/// The rules are those of `git check-ref-format`; see its manual page.
package struct RefName: Sendable, Hashable {
  /// The bytes of the full name.
  package let bytes: [UInt8]

  /// The reference with this full name.
  ///
  /// - Throws: ``InvalidRefName`` where git would refuse it.
  package init(_ bytes: some Collection<UInt8>) throws(InvalidRefName) {
    let bytes = Array(bytes)
    if let reason = Self.fault(in: bytes) { throw InvalidRefName(name: bytes, reason: reason) }
    self.bytes = bytes
  }

  /// The reference with this full name.
  ///
  /// - Throws: ``InvalidRefName`` where git would refuse it.
  package init(_ text: String) throws(InvalidRefName) {
    try self.init(Array(text.utf8))
  }

  /// The branch of this short name: `refs/heads/` and the name.
  ///
  /// - Throws: ``InvalidRefName`` where git would refuse it.
  package init(branch name: some Collection<UInt8>) throws(InvalidRefName) {
    try self.init(Self.headsPrefix + Array(name))
  }

  /// Where GitHub, Gitea and Forgejo keep the head of a pull request.
  package init(pullRequest number: Int) {
    bytes = Array("refs/pull/\(number)/head".utf8)
  }

  /// Where GitLab keeps the head of a merge request.
  package init(mergeRequest number: Int) {
    bytes = Array("refs/merge-requests/\(number)/head".utf8)
  }

  /// The start of every branch's full name.
  package static let headsPrefix: [UInt8] = Array("refs/heads/".utf8)

  /// Whether this names a branch.
  package var isBranch: Bool { bytes.starts(with: Self.headsPrefix) }

  /// The name without `refs/heads/`, or the full name where it is no branch.
  package var shortBytes: [UInt8] { isBranch ? Array(bytes.dropFirst(Self.headsPrefix.count)) : bytes }

  /// The short name as text that is safe to show.
  package var shortDisplay: String { DisplayText.escaping(shortBytes) }

  /// The full name as text that is safe to show.
  package var display: String { DisplayText.escaping(bytes) }

  /// What git would find wrong with the name; `nil` where it is right.
  private static func fault(in bytes: [UInt8]) -> String? {
    let components = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    if components.count < 2 { return "it has no '/'" }
    if bytes.last == UInt8(ascii: ".") { return "it ends with a dot" }
    for component in components {
      if component.isEmpty { return "it has an empty part" }
      if component.first == UInt8(ascii: ".") { return "a part begins with a dot" }
      if component.reversed().starts(with: ".lock".utf8.reversed()) { return "a part ends with '.lock'" }
    }
    for (index, byte) in bytes.enumerated() {
      if byte < 0x20 || byte == 0x7f { return "it has a control character" }
      if " ~^:?*[\\".utf8.contains(byte) { return "it has a '\(Unicode.Scalar(byte))'" }
      guard index + 1 < bytes.count else { break }
      if byte == UInt8(ascii: "."), bytes[index + 1] == byte { return "it has two dots in a row" }
      if byte == UInt8(ascii: "@"), bytes[index + 1] == UInt8(ascii: "{") { return "it has '@{'" }
    }
    return nil
  }
}

extension RefName: CustomStringConvertible {
  package var description: String { display }
}

extension RefName: Comparable {
  package static func < (left: RefName, right: RefName) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}

/// In JSON a name is written as ``QuotedPath`` writes a path.
extension RefName: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let bytes = QuotedPath.decode(Array(text.utf8)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "broken quoting in a reference name")
    }
    try self.init(bytes)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(QuotedPath.encode(bytes))
  }
}

/// A name that git would refuse for a reference.
package struct InvalidRefName: Error, Hashable, CustomStringConvertible {
  /// The name as it was given.
  package let name: [UInt8]
  /// What is wrong with it.
  package let reason: String

  package var description: String { "'\(DisplayText.escaping(name))' is no name for a reference: \(reason)" }
}
