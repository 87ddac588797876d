/// Tells from a server's first bytes whether it asks for a second ClientHello (RFC 8446, section 4.1.4).
///
/// The second one travels in the clear as well and could name another server, so it is held to the first one's rule.
struct ServerStart {
  private var bytes: [UInt8] = []

  enum Answer {
    case undecided
    case retry
    /// Whatever else; the handshake goes its way.
    case other
  }

  /// The SHA-256 of `HelloRetryRequest`, which such a message has in place of its random number.
  private static let retryRandom: [UInt8] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
  ]
  /// Record header, message header and version stand before the random number.
  private static let randomOffset = 11

  mutating func read(_ more: some Sequence<UInt8>) -> Answer {
    bytes += more.prefix(Self.randomOffset + Self.retryRandom.count - bytes.count)
    if let type = bytes.first, type != 22 { return .other }
    if bytes.count > 5, bytes[5] != 2 { return .other }
    guard bytes.count == Self.randomOffset + Self.retryRandom.count else { return .undecided }
    return bytes[Self.randomOffset...].elementsEqual(Self.retryRandom) ? .retry : .other
  }
}

/// Reads a client's bytes after its first ClientHello up to the end of the second.
///
/// Before that may come a change of ciphers, which means nothing in TLS 1.3, and early data, which the server will not
/// read any more.
struct SecondHelloReader {
  private var hello = ClientHelloReader()
  private var header: [UInt8] = []
  private var skipping = 0
  private var isInHello = false
  private var count = 0

  /// - Throws: ``ClientHelloFault`` where something else comes, or too much.
  mutating func read(_ bytes: ArraySlice<UInt8>) throws(ClientHelloFault) -> ClientHello? {
    var rest = bytes
    count += bytes.count
    guard count <= 2 * ClientHello.recordsLimit else { throw .tooLarge }
    while let byte = rest.first {
      if isInHello { return try hello.read(rest)?.hello }
      if skipping > 0 {
        let part = min(skipping, rest.count)
        rest = rest.dropFirst(part)
        skipping -= part
        continue
      }
      if header.isEmpty, byte == 22 {
        isInHello = true
        continue
      }
      rest = rest.dropFirst()
      header.append(byte)
      guard [20, 21, 23].contains(header[0]) else { throw .malformed }
      if header.count == 5 {
        skipping = Int(header[3]) << 8 | Int(header[4])
        header.removeAll(keepingCapacity: true)
      }
    }
    return nil
  }
}
