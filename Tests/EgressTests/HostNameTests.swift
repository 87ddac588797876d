import Egress
import Testing

@Suite("Names of hosts")
struct HostNameTests {
  @Test(
    "A name of the public internet is one, in lower case",
    arguments: [
      ("example.com", "example.com"), ("Registry.NPMJS.org", "registry.npmjs.org"), ("a.b-c.d1.io", "a.b-c.d1.io"),
      ("xn--bcher-kva.example.com", "xn--bcher-kva.example.com"), ("1.2.3.4.com", "1.2.3.4.com"),
      ("example.xn--p1ai", "example.xn--p1ai"), ("0x7f.example.com", "0x7f.example.com"),
      (String(repeating: "a", count: 63) + ".com", String(repeating: "a", count: 63) + ".com"),
      ("local.example.com", "local.example.com"),
    ])
  func accepts(_ text: String, _ expected: String) throws {
    #expect(try HostName(text).text == expected)
  }

  static let refused: [(String, InvalidHostName)] = [
    ("", .empty), (String(repeating: "abcdefg.", count: 32) + "com", .tooLong),
    // Addresses, in every notation that some resolver reads.
    ("127.0.0.1", .address), ("127.1", .address), ("127.0.1", .address), ("2130706433", .address), ("0", .address),
    ("0x7f000001", .address), ("0X7F.0.0.1", .address), ("0x7f.1", .address), ("017700000001", .address),
    ("0177.0.0.01", .address), ("127.0.0.0x1", .address), ("0x", .address), ("10.0.0.1", .address),
    ("169.254.169.254", .address), ("::1", .address), ("[::1]", .address), ("[::ffff:127.0.0.1]", .address),
    ("fe80::1%eth0", .address), ("2606:4700::1111", .address), ("foo.127", .address), ("a.b.0x7f", .address),
    ("example.com:443", .address),
    // Dots.
    ("example.com.", .trailingDot), (".", .trailingDot), (".example.com", .badLabel), ("example..com", .badLabel),
    ("127.0.0.1.", .trailingDot),
    // What is no host at all.
    ("user@example.com", .userInformation), ("example.com@evil.org", .userInformation), ("*.example.com", .wildcard),
    ("*", .wildcard), ("bücher.example.com", .notASCII), ("exаmple.com", .notASCII),
    ("ｅxample.com", .notASCII), ("example。com", .notASCII), ("example.com/evil.org", .badCharacter),
    ("example.com\\.evil.org", .badCharacter), ("exam ple.com", .badCharacter),
    ("example.com\0.evil.org", .badCharacter),
    ("example.com\r\nHost: evil.org", .address), ("exa_mple.com", .badCharacter), ("example.com#", .badCharacter),
    ("%65xample.com", .address), ("example.com?", .badCharacter), ("example.com,evil.org", .badCharacter),
    // Labels.
    ("-a.com", .badLabel), ("a-.com", .badLabel), (String(repeating: "a", count: 64) + ".com", .badLabel),
    ("ab--cd.com", .badLabel), ("xn--.com", .badLabel), ("example.c0m", .badLabel), ("example.-", .badLabel),
    // Local names.
    ("localhost", .reserved), ("LOCALHOST", .reserved), ("a.localhost", .reserved), ("printer.local", .reserved),
    ("metadata.google.internal", .reserved), ("router.home.arpa", .reserved), ("1.0.0.127.in-addr.arpa", .reserved),
    ("a.test", .reserved), ("a.onion", .reserved), ("a.invalid", .reserved), ("a.example", .reserved),
    ("a.lan", .reserved), ("a.corp", .reserved), ("localhost.localdomain", .reserved),
    ("intranet", .singleLabel), ("com", .singleLabel),
  ]

  @Test("Nothing else is one", arguments: refused)
  func refuses(_ text: String, _ fault: InvalidHostName) {
    #expect(throws: fault) { try HostName(text) }
  }
}
