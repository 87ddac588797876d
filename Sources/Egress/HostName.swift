/// The fully qualified name of a host on the public internet, in lower case.
///
/// Only what DNS calls a host name (RFC 952, RFC 1123) is one: labels of ASCII letters, digits and hyphens, at least two
/// of them, the last made of letters. So no notation of an address can be taken for a name, whether `127.0.0.1`,
/// `2130706433`, `0x7f.1` or `::1`. An international name is given as it travels, with `xn--` (RFC 5890).
package struct HostName: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The name in lower case; only letters, digits, hyphens and dots, so it is safe wherever it is written.
  package let text: String

  /// The host of this name.
  ///
  /// - Throws: ``InvalidHostName`` where it is no name of a host that may be on the public internet.
  package init(_ text: String) throws(InvalidHostName) {
    try self.init(Array(text.utf8))
  }

  /// The host of this name.
  ///
  /// - Throws: ``InvalidHostName`` where it is no name of a host that may be on the public internet.
  package init(_ bytes: some Collection<UInt8>) throws(InvalidHostName) {
    guard !bytes.isEmpty else { throw .empty }
    guard bytes.count <= Self.lengthLimit else { throw .tooLong }
    let name = bytes.map(Self.lowerCased)
    if let fault = Self.faultOfCharacters(in: name) { throw fault }
    let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    if labels.last?.isEmpty == true { throw .trailingDot }
    if labels.allSatisfy(Self.looksNumeric) { throw .address }
    for label in labels {
      if let fault = Self.fault(inLabel: label) { throw fault }
    }
    guard let top = labels.last, labels.count > 1 else {
      throw name.elementsEqual("localhost".utf8) ? .reserved : .singleLabel
    }
    // The URL standard takes a name whose last label is a number for an IPv4 address; so do many resolvers.
    if Self.looksNumeric(top) { throw .address }
    guard top.allSatisfy(Self.isLetter) || top.starts(with: "xn--".utf8) else { throw .badLabel }
    if Self.reservedTops.contains(String(decoding: top, as: UTF8.self)) { throw .reserved }
    text = String(decoding: name, as: UTF8.self)
  }

  package var description: String { text }

  package static func < (left: HostName, right: HostName) -> Bool { left.text < right.text }

  /// The most bytes of a name in text form (RFC 1035: 255 on the wire).
  private static let lengthLimit = 253

  /// Top-level names that are not delegated or mean something local.
  ///
  /// From RFC 2606, 6761, 6762, 7686, 8375 and 9476; `internal` of ICANN; and what networks of companies and homes are
  /// called. `arpa` holds `home.arpa` and the names of addresses.
  private static let reservedTops: Set<String> = [
    "alt", "arpa", "corp", "example", "home", "internal", "intranet", "invalid", "lan", "local", "localdomain",
    "localhost", "mail", "onion", "private", "test",
  ]

  private static func faultOfCharacters(in name: [UInt8]) -> InvalidHostName? {
    if name.contains(UInt8(ascii: "*")) { return .wildcard }
    if name.contains(UInt8(ascii: "@")) { return .userInformation }
    if name.contains(where: { ":[]%".utf8.contains($0) }) { return .address }
    if name.contains(where: { $0 >= 0x80 }) { return .notASCII }
    return name.allSatisfy { isLetter($0) || isDigit($0) || "-.".utf8.contains($0) } ? nil : .badCharacter
  }

  private static func fault(inLabel label: ArraySlice<UInt8>) -> InvalidHostName? {
    let hyphen = UInt8(ascii: "-")
    guard !label.isEmpty, label.count <= 63, label.first != hyphen, label.last != hyphen else { return .badLabel }
    // Two hyphens in the third and fourth place are kept for encodings, of which there is one.
    guard label.dropFirst(2).starts(with: "--".utf8) else { return nil }
    return label.starts(with: "xn--".utf8) && label.count > 4 ? nil : .badLabel
  }

  /// Whether `inet_aton` would read the label as a number: decimal, octal, or hexadecimal after `0x`.
  private static func looksNumeric(_ label: ArraySlice<UInt8>) -> Bool {
    if label.starts(with: "0x".utf8) { return label.dropFirst(2).allSatisfy(isHexadecimal) }
    return !label.isEmpty && label.allSatisfy(isDigit)
  }

  private static func lowerCased(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }

  private static func isLetter(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "f"))
  }
}

/// What is wrong with a name of a host.
package enum InvalidHostName: String, Error, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  case empty
  case tooLong
  /// It is an address, in whatever notation.
  case address
  case trailingDot
  case userInformation
  case wildcard
  case notASCII
  case badCharacter
  case badLabel
  case singleLabel
  case reserved

  package var description: String {
    switch self {
    case .empty: "the name of the host is empty"
    case .tooLong: "the name of the host is longer than 253 bytes"
    case .address: "it is an address; give the name of the host"
    case .trailingDot: "the name of the host ends with a dot; leave it out"
    case .userInformation: "there is a user before the name of the host"
    case .wildcard: "the name has a wildcard; name each host"
    case .notASCII: "the name is not ASCII; write it with 'xn--'"
    case .badCharacter:
      "it has a character that no name of a host has; give the name alone, with no scheme, port or path"
    case .badLabel: "a part of the name is none: empty, too long, or with a hyphen or a digit where none may be"
    case .singleLabel: "the name has one part only; names of the public internet have two or more"
    case .reserved: "the name is reserved for local use"
    }
  }
}
