package import Journal
package import Models

internal import struct Crypto.SHA256

/// Makes the bodies of a run's requests and their digests, and looks at no byte twice that has not changed.
package struct HashingEncoder: Sendable {
  private var encoder = RequestEncoder()
  /// Over the first bytes of the last body, and how many those are.
  private var hasher = SHA256()
  private var hashed = 0

  package init() {}

  /// The body of a request and the SHA-256 of all of it.
  ///
  /// The caller lets go of the last body before it asks for the next one; else what was kept is copied.
  package mutating func encode(_ request: ModelRequest, capabilities: ModelCapabilities) -> (
    body: [UInt8], hash: Digest
  ) {
    let body = encoder.encode(request, capabilities: capabilities)
    if encoder.kept < hashed { (hasher, hashed) = (SHA256(), 0) }
    return body.withUnsafeBytes { bytes in
      hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[hashed..<encoder.settled]))
      hashed = encoder.settled
      var whole = hasher
      whole.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[hashed...]))
      return (body, Digest(bytes: Array(whole.finalize())) ?? Digest(ofContent: body))
    }
  }
}
