internal import Crypto
internal import Foundation

/// A key that commits are signed with: an Ed25519 key as `ssh-keygen -t ed25519` writes it, without a passphrase.
///
/// Sources: PROTOCOL.key and PROTOCOL.sshsig of OpenSSH, RFC 8709. The same content and key give the same signature, so
/// that a commit that is made again has the same id.
package struct SSHSigningKey: Sendable {
  private let key: Curve25519.Signing.PrivateKey

  /// The key in the bytes of a file.
  ///
  /// - Throws: ``SigningKeyError``.
  package init(_ file: [UInt8]) throws(SigningKeyError) {
    let lines = String(decoding: file, as: UTF8.self).split(whereSeparator: \.isNewline)
    guard lines.first == "-----BEGIN OPENSSH PRIVATE KEY-----", lines.last == "-----END OPENSSH PRIVATE KEY-----",
      let data = Data(base64Encoded: lines.dropFirst().dropLast().joined())
    else { throw SigningKeyError("it is no private key of OpenSSH; 'ssh-keygen -t ed25519 -N \"\" -f FILE' makes one") }
    var reader = Reader(Array(data))
    guard reader.take(15) == Array("openssh-key-v1\0".utf8) else { throw SigningKeyError("its form is not known") }
    guard reader.string() == Array("none".utf8) else {
      throw SigningKeyError("it has a passphrase, which nobody could type; use one without for this")
    }
    guard reader.string() != nil, reader.string() != nil, reader.number() == 1, reader.string() != nil,
      let secret = reader.string()
    else { throw SigningKeyError("it is cut off or damaged") }
    var inner = Reader(secret)
    guard let first = inner.number(), first == inner.number() else { throw SigningKeyError("it is damaged") }
    guard inner.string() == Self.algorithm else {
      throw SigningKeyError("it is of another kind than ed25519, which alone is used")
    }
    guard let publicKey = inner.string(), let both = inner.string(), both.count == 64,
      let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: both.prefix(32)),
      Array(key.publicKey.rawRepresentation) == publicKey
    else { throw SigningKeyError("it is damaged") }
    self.key = key
  }

  private static let algorithm = Array("ssh-ed25519".utf8)
  private static let namespace = Array("git".utf8)
  private static let hash = Array("sha512".utf8)

  /// The signature of a commit's content as `git` keeps it in the header `gpgsig`.
  ///
  /// - Throws: ``SigningKeyError`` where the library refuses, for which it has no cause.
  package func signature(of content: [UInt8]) throws(SigningKeyError) -> [UInt8] {
    let magic = Array("SSHSIG".utf8)
    let fields = Self.string(Self.namespace) + Self.string([]) + Self.string(Self.hash)
    let digest = Array(SHA512.hash(data: content))
    guard let signature = try? key.signature(for: magic + fields + Self.string(digest)) else {
      throw SigningKeyError("nothing can be signed with it")
    }
    let publicKey = Self.string(Self.algorithm) + Self.string(Array(key.publicKey.rawRepresentation))
    let made = Self.string(Self.algorithm) + Self.string(Array(signature))
    let blob = magic + [0, 0, 0, 1] + Self.string(publicKey) + fields + Self.string(made)
    let text = Data(blob).base64EncodedString()
    var lines = ["-----BEGIN SSH SIGNATURE-----"]
    var rest = text[...]
    while !rest.isEmpty {
      lines.append(String(rest.prefix(70)))
      rest = rest.dropFirst(70)
    }
    return Array((lines + ["-----END SSH SIGNATURE-----"]).joined(separator: "\n").utf8)
  }

  /// Bytes with their length before them, as four bytes, the most significant first.
  private static func string(_ bytes: [UInt8]) -> [UInt8] {
    let count = UInt32(truncatingIfNeeded: bytes.count)
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + bytes
  }

  /// Reads the fields of a key.
  private struct Reader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
      rest = bytes[...]
    }

    mutating func take(_ count: Int) -> [UInt8]? {
      guard rest.count >= count else { return nil }
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }

    mutating func number() -> UInt32? {
      take(4).map { $0.reduce(0) { $0 << 8 | UInt32($1) } }
    }

    mutating func string() -> [UInt8]? {
      guard let count = number(), let length = Int(exactly: count) else { return nil }
      return take(length)
    }
  }
}

/// A key that cannot be used: one line that says why.
package struct SigningKeyError: Error, Hashable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}
