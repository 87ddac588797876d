/// The first message of a TLS client (RFC 8446, section 4.1.2, and RFC 5246), as far as it says where it wants to go.
package struct ClientHello: Sendable, Hashable {
  /// The host of its one server name (RFC 6066, section 3).
  package let serverName: HostName

  /// The most bytes of the message, and of the records that carry it.
  static let messageLimit = 32 << 10
  static let recordsLimit = 64 << 10

  /// Decides whether TLS goes to the host for which the connection was admitted.
  ///
  /// - Throws: ``EgressRefusal/serverNameDiffers`` where it goes elsewhere.
  package func check(against host: HostName) throws(EgressRefusal) {
    guard serverName == host else { throw .serverNameDiffers(serverName) }
  }

  /// Reads the body of the message, which must be one from the first byte to the last.
  init(body: ArraySlice<UInt8>) throws(ClientHelloFault) {
    var reader = ByteReader(body)
    guard let version = reader.number(bytes: 2), version >> 8 == 3 else { throw .malformed }
    guard reader.take(32) != nil, let session = reader.vector(lengthBytes: 1), session.count <= 32 else {
      throw .malformed
    }
    guard let suites = reader.vector(lengthBytes: 2), !suites.isEmpty, suites.count.isMultiple(of: 2),
      let compression = reader.vector(lengthBytes: 1), !compression.isEmpty
    else { throw .malformed }
    // Extensions may be left out altogether, and with them the server name.
    if reader.isAtEnd { throw .noServerName }
    guard let extensions = reader.vector(lengthBytes: 2), reader.isAtEnd else { throw .malformed }
    serverName = try Self.serverName(inExtensions: extensions)
  }

  private static func serverName(inExtensions extensions: ArraySlice<UInt8>) throws(ClientHelloFault) -> HostName {
    var reader = ByteReader(extensions)
    var seen: Set<Int> = []
    var list: ArraySlice<UInt8>?
    while !reader.isAtEnd {
      guard let type = reader.number(bytes: 2), let content = reader.vector(lengthBytes: 2),
        seen.insert(type).inserted
      else { throw .malformed }
      switch type {
      case 0: list = content
      // encrypted_client_hello, and encrypted_server_name of earlier drafts.
      case 0xfe0d, 0xffce: throw .encrypted
      default: break
      }
    }
    guard let list else { throw .noServerName }
    return try serverName(inList: list)
  }

  private static func serverName(inList content: ArraySlice<UInt8>) throws(ClientHelloFault) -> HostName {
    var reader = ByteReader(content)
    guard let list = reader.vector(lengthBytes: 2), reader.isAtEnd, !list.isEmpty else { throw .malformed }
    var names = ByteReader(list)
    guard let type = names.number(bytes: 1), type == 0, let name = names.vector(lengthBytes: 2) else {
      throw .malformed
    }
    guard names.isAtEnd else { throw .severalServerNames }
    do throws(InvalidHostName) { return try HostName(name) } catch { throw .serverName(error) }
  }
}

/// What is wrong with what a client sends first.
package enum ClientHelloFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// It is not TLS.
  case notTLS
  /// It is the ClientHello of SSL 2.
  case ssl2
  /// It breaks off before the message is complete.
  case incomplete
  case malformed
  case tooLarge
  case noServerName
  case severalServerNames
  /// The server name is none of a host.
  case serverName(InvalidHostName)
  /// It can hide another server name (ECH), or pretends that it could; the two look the same.
  case encrypted

  package var description: String {
    switch self {
    case .notTLS: "only TLS is let through, and this is not TLS"
    case .ssl2: "SSL 2 is not let through"
    case .incomplete: "the connection ended before TLS had begun"
    case .malformed: "the ClientHello is malformed"
    case .tooLarge: "the ClientHello is too large"
    case .noServerName: "TLS names no server; the client must send the server name (SNI)"
    case .severalServerNames: "TLS names several servers"
    case .serverName(let fault): "the server name of TLS: \(fault)"
    case .encrypted: "an encrypted ClientHello is not let through; switch ECH off in the client"
    }
  }
}

/// Reads a ClientHello as its bytes arrive; the result does not depend on how they are divided, nor on how the message
/// is divided among records.
package struct ClientHelloReader: Sendable {
  private var header: [UInt8] = []
  /// How many bytes of the present record are still to come.
  private var remaining = 0
  private var message: [UInt8] = []
  private var count = 0

  package init() {}

  /// Reads on; returns the message with the number of these bytes that belong to it once it is complete.
  ///
  /// - Throws: ``ClientHelloFault`` where these bytes cannot be, or begin, a ClientHello.
  package mutating func read(
    _ bytes: some Collection<UInt8>
  ) throws(ClientHelloFault) -> (hello: ClientHello, used: Int)? {
    var rest = bytes[...]
    var used = 0
    while let byte = rest.first {
      if remaining == 0 {
        rest.removeFirst()
        used += 1
        try takeHeader(byte)
        continue
      }
      // The first four bytes say how many there are; no more than the message and the record have are taken.
      let wanted = min(remaining, (messageCount ?? 4) - message.count)
      let part = rest.prefix(wanted)
      message += part
      rest = rest.dropFirst(part.count)
      used += part.count
      remaining -= part.count
      guard let messageCount else { continue }
      guard message[0] == 1 else { throw .malformed }
      guard messageCount <= ClientHello.messageLimit else { throw .tooLarge }
      if message.count == messageCount {
        // What follows in the same record would be a second message under the first one's name.
        guard remaining == 0 else { throw .malformed }
        return (try ClientHello(body: message[4...]), used)
      }
    }
    return nil
  }

  /// How long the message is with its header, once that is known.
  private var messageCount: Int? {
    message.count < 4 ? nil : 4 + (Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3]))
  }

  private mutating func takeHeader(_ byte: UInt8) throws(ClientHelloFault) {
    header.append(byte)
    switch header.count {
    case 1:
      guard byte != 22 else { return }
      guard count == 0 else { throw .malformed }
      throw byte >= 0x80 ? .ssl2 : .notTLS
    case 2: guard byte == 3 else { throw count == 0 ? .notTLS : .malformed }
    case 3: guard byte <= 4 else { throw .malformed }
    case 5:
      remaining = Int(header[3]) << 8 | Int(header[4])
      count += 5 + remaining
      header.removeAll(keepingCapacity: true)
      guard remaining > 0, remaining <= 1 << 14 else { throw .malformed }
      guard count <= ClientHello.recordsLimit else { throw .tooLarge }
    default: break
    }
  }
}

/// Reads numbers and vectors as TLS writes them (RFC 8446, section 3).
struct ByteReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
  }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard rest.count >= count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  mutating func number(bytes count: Int) -> Int? {
    take(count)?.reduce(0) { $0 << 8 | Int($1) }
  }

  mutating func vector(lengthBytes: Int) -> ArraySlice<UInt8>? {
    guard let count = number(bytes: lengthBytes) else { return nil }
    return take(count)
  }
}
