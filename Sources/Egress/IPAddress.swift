/// An address of the internet protocol, version 4 or 6.
package enum IPAddress: Sendable, Hashable {
  /// The four bytes as a number, the first the highest.
  case v4(UInt32)
  /// The sixteen bytes as two numbers, the first the highest.
  case v6(high: UInt64, low: UInt64)
}

extension IPAddress: CustomStringConvertible {
  /// The address as text; one of version 6 with all eight groups.
  package var description: String {
    switch self {
    case .v4(let value):
      return [24, 16, 8, 0].map { String(value >> $0 & 0xff) }.joined(separator: ".")
    case .v6(let high, let low):
      return [high, low].flatMap { half in [48, 32, 16, 0].map { String(half >> UInt64($0) & 0xffff, radix: 16) } }
        .joined(separator: ":")
    }
  }
}

/// An address of the public internet; there is no other way to have one than to check it.
package struct PublicAddress: Sendable, Hashable, CustomStringConvertible {
  package let address: IPAddress

  /// The address, where it is public.
  ///
  /// - Throws: ``NonPublicAddress`` with the range it is in, where it is not.
  package init(_ address: IPAddress) throws(NonPublicAddress) {
    if let range = NonPublicAddress(containing: address) { throw range }
    self.address = address
  }

  package var description: String { address.description }

  /// The addresses that a name was resolved to, in their order and without repetition, at most eight.
  ///
  /// One that is not public condemns all: a name of the public internet has none, and one that mixes them is made to be
  /// rebound.
  ///
  /// - Throws: ``EgressRefusal`` where one is not public, or there is none.
  package static func checking(_ answer: [IPAddress]) throws(EgressRefusal) -> [PublicAddress] {
    var checked: [PublicAddress] = []
    for address in answer {
      do throws(NonPublicAddress) {
        let address = try PublicAddress(address)
        if !checked.contains(address), checked.count < 8 { checked.append(address) }
      } catch {
        throw .address(error)
      }
    }
    if checked.isEmpty { throw .unresolved(.noAddress) }
    return checked
  }
}

/// A range of addresses that are not of the public internet.
///
/// The ranges are those of IANA's special-purpose registries (RFC 6890 and its successors) and of multicast, and one
/// address of a cloud that looks public and is not.
package enum NonPublicAddress: String, Error, Sendable, Hashable, CaseIterable {
  case unspecified
  case privateUse
  case sharedCarrier
  case loopback
  case linkLocal
  case protocolAssignment
  case documentation
  case benchmarking
  case multicast
  case reserved
  /// Metadata and agent services of clouds that are not in another range.
  case metadata
  /// An address of version 4 in one of version 6 that no host on the internet has as its own.
  case embeddedVersion4
  /// Addresses of tunnels: 6to4, Teredo.
  case tunnel
  case uniqueLocal

  init?(containing address: IPAddress) {
    let found =
      switch address {
      case .v4(let value): Self.range(ofVersion4: value)
      case .v6(let high, let low): Self.range(ofVersion6: high, low)
      }
    guard let found else { return nil }
    self = found
  }

  private static let version4: [(prefix: UInt32, length: UInt32, range: NonPublicAddress)] = [
    (0x0000_0000, 8, .unspecified), (0x0a00_0000, 8, .privateUse), (0x6440_0000, 10, .sharedCarrier),
    (0x7f00_0000, 8, .loopback), (0xa9fe_0000, 16, .linkLocal), (0xac10_0000, 12, .privateUse),
    (0xc000_0000, 24, .protocolAssignment), (0xc000_0200, 24, .documentation), (0xc058_6300, 24, .tunnel),
    (0xc0a8_0000, 16, .privateUse), (0xc612_0000, 15, .benchmarking), (0xc633_6400, 24, .documentation),
    (0xcb00_7100, 24, .documentation), (0xe000_0000, 4, .multicast), (0xf000_0000, 4, .reserved),
    // The host agent of Azure, 168.63.129.16, reachable from every virtual machine there.
    (0xa83f_8110, 32, .metadata),
  ]

  private static func range(ofVersion4 value: UInt32) -> NonPublicAddress? {
    version4.first { value >> (32 - $0.length) == $0.prefix >> (32 - $0.length) }?.range
  }

  /// All lengths are at most 64, so the upper half decides.
  private static let version6: [(prefix: UInt64, length: UInt64, range: NonPublicAddress)] = [
    (0xfc00_0000_0000_0000, 7, .uniqueLocal), (0xfe80_0000_0000_0000, 10, .linkLocal),
    // Site-local, which is no longer in use but still routed by some.
    (0xfec0_0000_0000_0000, 10, .privateUse), (0xff00_0000_0000_0000, 8, .multicast),
    (0x2002_0000_0000_0000, 16, .tunnel), (0x2001_0000_0000_0000, 32, .tunnel),
    (0x2001_0002_0000_0000, 48, .benchmarking), (0x2001_0db8_0000_0000, 32, .documentation),
    (0x3fff_0000_0000_0000, 20, .documentation), (0x2001_0000_0000_0000, 23, .protocolAssignment),
    (0x0064_ff9b_0001_0000, 48, .embeddedVersion4),
  ]

  private static func range(ofVersion6 high: UInt64, _ low: UInt64) -> NonPublicAddress? {
    if high == 0 {
      if low == 0 { return .unspecified }
      if low == 1 { return .loopback }
      // ::ffff:a.b.c.d, ::ffff:0:a.b.c.d and ::a.b.c.d, and whatever else is there.
      return .embeddedVersion4
    }
    // NAT64 (RFC 6052): on a network without version 4 all of the internet's version 4 is behind this prefix.
    if high == 0x0064_ff9b_0000_0000, low >> 32 == 0 {
      return range(ofVersion4: UInt32(truncatingIfNeeded: low)).map { _ in .embeddedVersion4 }
    }
    if let known = version6.first(where: { high >> (64 - $0.length) == $0.prefix >> (64 - $0.length) }) {
      return known.range
    }
    // ISATAP (RFC 5214) has an address of version 4 in the lower half; the router at its network unwraps it.
    if low >> 32 & 0xfcff_ffff == 0x0000_5efe { return .embeddedVersion4 }
    // Only 2000::/3 has been given out as global unicast.
    return high >> 61 == 1 ? nil : .reserved
  }
}
