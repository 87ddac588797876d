internal import Glibc

/// Begins connections to hosts.
package protocol EgressConnector: Sendable {
  /// Begins to connect to an address that was checked, and to no other.
  ///
  /// - Returns: a stream socket that does not block, is closed when another program is started, and whose connection has
  ///   been begun; it belongs to the caller.
  /// - Throws: ``ConnectError`` where it cannot even be begun.
  func begin(to address: PublicAddress, port: UInt16) throws(ConnectError) -> Int32
}

/// Why a connection could not be begun.
package struct ConnectError: Error, Sendable, Hashable {
  /// The value of `errno`.
  package let code: Int32

  package init(code: Int32) {
    self.code = code
  }
}

/// Connects straight to the address.
package struct DirectConnector: EgressConnector {
  package init() {}

  package func begin(to address: PublicAddress, port: UInt16) throws(ConnectError) -> Int32 {
    try Self.begin(to: address.address, port: port)
  }

  /// Begins to connect to any address; what calls this has to have a reason to trust it.
  package static func begin(to address: IPAddress, port: UInt16) throws(ConnectError) -> Int32 {
    let family =
      switch address {
      case .v4: AF_INET
      case .v6: AF_INET6
      }
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(family, kind, 0)
    guard descriptor >= 0 else { throw ConnectError(code: errno) }
    let code = connect(descriptor, to: address, port: port)
    guard code == 0 || code == EINPROGRESS else {
      close(descriptor)
      throw ConnectError(code: code)
    }
    return descriptor
  }

  /// Calls `connect`; returns the value of `errno`, or 0.
  private static func connect(_ descriptor: Int32, to address: IPAddress, port: UInt16) -> Int32 {
    func call<Address>(_ value: Address) -> Int32 {
      withUnsafeBytes(of: value) { bytes in
        guard let base = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress else { return EINVAL }
        return Glibc.connect(descriptor, base, socklen_t(bytes.count)) == 0 ? 0 : errno
      }
    }
    switch address {
    case .v4(let value):
      var target = sockaddr_in()
      target.sin_family = sa_family_t(AF_INET)
      target.sin_port = port.bigEndian
      target.sin_addr.s_addr = value.bigEndian
      return call(target)
    case .v6(let high, let low):
      var target = sockaddr_in6()
      target.sin6_family = sa_family_t(AF_INET6)
      target.sin6_port = port.bigEndian
      withUnsafeMutableBytes(of: &target.sin6_addr) { bytes in
        bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
        bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
      }
      return call(target)
    }
  }
}
