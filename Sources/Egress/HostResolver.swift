internal import Glibc

/// Finds the addresses of a host.
package protocol HostResolver: Sendable {
  /// The addresses of the host in the order in which they are to be tried.
  ///
  /// It is called on a thread that it may block.
  func addresses(of host: HostName) throws(ResolutionError) -> [IPAddress]
}

/// Why a name has no address.
package struct ResolutionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A code of `getaddrinfo`.
  package let code: Int32

  package init(code: Int32) {
    self.code = code
  }

  /// The name is there, but has no address.
  package static let noAddress = ResolutionError(code: EAI_NONAME)
  /// It may go better later.
  static let busy = ResolutionError(code: EAI_AGAIN)

  package var description: String { String(cString: gai_strerror(code)) }
}

/// The resolver of the machine, as `getaddrinfo` has it.
package struct SystemResolver: HostResolver {
  package init() {}

  package func addresses(of host: HostName) throws(ResolutionError) -> [IPAddress] {
    // The dot at the end keeps the machine's search domains out.
    try Self.lookUp(host.text + ".")
  }

  /// What `getaddrinfo` says to any text; blocks.
  package static func lookUp(_ text: String) throws(ResolutionError) -> [IPAddress] {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(text, nil, &hints, &list)
    guard code == 0 else { throw ResolutionError(code: code) }
    defer { freeaddrinfo(list) }
    var found: [IPAddress] = []
    var next = list
    while let entry = next?.pointee {
      if let address = entry.ai_addr.flatMap(IPAddress.init(_:)) { found.append(address) }
      next = entry.ai_next
    }
    return found
  }
}

extension IPAddress {
  /// The address in a socket address of version 4 or 6.
  fileprivate init?(_ pointer: UnsafeMutablePointer<sockaddr>) {
    let raw = UnsafeRawPointer(pointer)
    switch Int32(pointer.pointee.sa_family) {
    case AF_INET:
      self = .v4(UInt32(bigEndian: raw.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr))
    case AF_INET6:
      var bytes = raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
      self = withUnsafeBytes(of: &bytes) { bytes in
        .v6(
          high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
          low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
      }
    default: return nil
    }
  }
}
