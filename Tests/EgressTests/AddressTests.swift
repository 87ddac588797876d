import Egress
import Testing

@Suite("Addresses")
struct AddressTests {
  static func v6(_ groups: UInt16...) -> IPAddress {
    let halves = [groups[..<4], groups[4...]].map { $0.reduce(UInt64(0)) { $0 << 16 | UInt64($1) } }
    return .v6(high: halves[0], low: halves[1])
  }

  static func v4(_ text: String) -> IPAddress {
    .v4(text.split(separator: ".").reduce(0) { $0 << 8 | (UInt32($1) ?? 0) })
  }

  static let open: [IPAddress] = [
    v4("1.1.1.1"), v4("8.8.8.8"), v4("9.255.255.255"), v4("11.0.0.0"), v4("100.63.255.255"), v4("100.128.0.0"),
    v4("126.255.255.255"), v4("128.0.0.0"), v4("169.253.255.255"), v4("169.255.0.0"), v4("172.15.255.255"),
    v4("172.32.0.0"), v4("192.167.255.255"), v4("192.169.0.0"), v4("198.17.255.255"), v4("198.20.0.0"),
    v4("223.255.255.255"), v4("168.63.129.17"), v4("192.0.1.0"), v6(0x2606, 0x4700, 0, 0, 0, 0, 0, 0x1111),
    v6(0x2a00, 0x1450, 0x4001, 0, 0, 0, 0, 1), v6(0x2001, 0x4860, 0, 0, 0, 0, 0, 0x8888),
    // NAT64 of 8.8.8.8.
    v6(0x64, 0xff9b, 0, 0, 0, 0, 0x0808, 0x0808),
  ]

  @Test("Addresses of the public internet are, up to the edges of the ranges beside them", arguments: open)
  func accepts(_ address: IPAddress) throws {
    #expect(try PublicAddress(address).address == address)
  }

  static let closed: [(IPAddress, NonPublicAddress)] = [
    (v4("0.0.0.0"), .unspecified), (v4("0.1.2.3"), .unspecified), (v4("10.0.0.0"), .privateUse),
    (v4("10.255.255.255"), .privateUse), (v4("100.64.0.0"), .sharedCarrier), (v4("100.100.100.200"), .sharedCarrier),
    (v4("100.127.255.255"), .sharedCarrier), (v4("127.0.0.1"), .loopback), (v4("127.255.255.255"), .loopback),
    (v4("169.254.0.0"), .linkLocal), (v4("169.254.169.254"), .linkLocal), (v4("172.16.0.0"), .privateUse),
    (v4("172.31.255.255"), .privateUse), (v4("192.0.0.192"), .protocolAssignment), (v4("192.0.2.1"), .documentation),
    (v4("192.88.99.1"), .tunnel), (v4("192.168.0.0"), .privateUse), (v4("192.168.255.255"), .privateUse),
    (v4("198.18.0.0"), .benchmarking), (v4("198.19.255.255"), .benchmarking), (v4("198.51.100.7"), .documentation),
    (v4("203.0.113.7"), .documentation), (v4("224.0.0.1"), .multicast), (v4("239.255.255.250"), .multicast),
    (v4("240.0.0.1"), .reserved), (v4("255.255.255.255"), .reserved), (v4("168.63.129.16"), .metadata),
    (v6(0, 0, 0, 0, 0, 0, 0, 0), .unspecified), (v6(0, 0, 0, 0, 0, 0, 0, 1), .loopback),
    // ::ffff:8.8.8.8, ::ffff:127.0.0.1, ::ffff:0:127.0.0.1, ::127.0.0.1
    (v6(0, 0, 0, 0, 0, 0xffff, 0x0808, 0x0808), .embeddedVersion4),
    (v6(0, 0, 0, 0, 0, 0xffff, 0x7f00, 1), .embeddedVersion4),
    (v6(0, 0, 0, 0, 0xffff, 0, 0x7f00, 1), .embeddedVersion4), (v6(0, 0, 0, 0, 0, 0, 0x7f00, 1), .embeddedVersion4),
    // NAT64 of 10.0.0.1 and of 169.254.169.254, something else behind its prefix, and its local prefix.
    (v6(0x64, 0xff9b, 0, 0, 0, 0, 0x0a00, 1), .embeddedVersion4),
    (v6(0x64, 0xff9b, 0, 0, 0, 0, 0xa9fe, 0xa9fe), .embeddedVersion4),
    (v6(0x64, 0xff9b, 0, 0, 0, 1, 0x0808, 0x0808), .reserved),
    (v6(0x64, 0xff9b, 1, 0, 0, 0, 0x0808, 0x0808), .embeddedVersion4),
    // 6to4 of 10.0.0.1 and of 8.8.8.8, Teredo, ISATAP of 10.0.0.1.
    (v6(0x2002, 0x0a00, 1, 0, 0, 0, 0, 1), .tunnel), (v6(0x2002, 0x0808, 0x0808, 0, 0, 0, 0, 1), .tunnel),
    (v6(0x2001, 0, 0x4136, 0xe378, 0x8000, 0x63bf, 0x3fff, 0xfdd2), .tunnel),
    (v6(0x2a00, 0x1450, 0, 0, 0, 0x5efe, 0x0a00, 1), .embeddedVersion4),
    (v6(0x2001, 2, 0, 0, 0, 0, 0, 1), .benchmarking), (v6(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), .documentation),
    (v6(0x3fff, 0xfff, 0, 0, 0, 0, 0, 1), .documentation), (v6(0x2001, 0x20, 0, 0, 0, 0, 0, 1), .protocolAssignment),
    (v6(0xfc00, 0, 0, 0, 0, 0, 0, 1), .uniqueLocal), (v6(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), .uniqueLocal),
    (v6(0xfe80, 0, 0, 0, 0, 0, 0, 1), .linkLocal), (v6(0xfebf, 0, 0, 0, 0, 0, 0, 1), .linkLocal),
    (v6(0xfec0, 0, 0, 0, 0, 0, 0, 1), .privateUse), (v6(0xff02, 0, 0, 0, 0, 0, 0, 1), .multicast),
    (v6(0x100, 0, 0, 0, 0, 0, 0, 1), .reserved), (v6(0x4000, 0, 0, 0, 0, 0, 0, 1), .reserved),
    (v6(0x5f00, 0, 0, 0, 0, 0, 0, 1), .reserved),
  ]

  @Test("Addresses of every other range are not", arguments: closed)
  func refuses(_ address: IPAddress, _ range: NonPublicAddress) {
    #expect(throws: range) { try PublicAddress(address) }
  }

  @Test("One address that is not public condemns the whole answer, wherever it stands", arguments: 0..<3)
  func condemns(_ place: Int) throws {
    var answer = [Self.v4("1.1.1.1"), Self.v4("8.8.8.8")]
    #expect(try PublicAddress.checking(answer).map(\.address) == answer)
    answer.insert(Self.v4("10.1.2.3"), at: place)
    #expect(throws: EgressRefusal.address(.privateUse)) { try PublicAddress.checking(answer) }
  }

  @Test("An answer is taken without repetition and not beyond eight; none is a failure")
  func bounds() throws {
    let many = (0..<100).map { IPAddress.v4(0x0808_0000 + UInt32($0) / 2) }
    #expect(try PublicAddress.checking(many).map(\.address) == (0..<8).map { .v4(0x0808_0000 + $0) })
    #expect(throws: EgressRefusal.unresolved(.noAddress)) { try PublicAddress.checking([]) }
  }

  @Test("Addresses are written as one expects")
  func describes() {
    #expect(Self.v4("169.254.0.7").description == "169.254.0.7")
    #expect(Self.v6(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0xff).description == "2001:db8:0:0:0:0:0:ff")
  }

  @Test(
    "The machine's resolver gives addresses as they are",
    arguments: [
      ("8.8.4.1", v4("8.8.4.1")), ("0x7f.1", v4("127.0.0.1")),
      ("2606:4700:1:2:3:4:5:1111", v6(0x2606, 0x4700, 1, 2, 3, 4, 5, 0x1111)),
    ])
  func resolves(_ text: String, _ address: IPAddress) async throws {
    #expect(try await blocking { try SystemResolver.lookUp(text) } == [address])
  }
}
