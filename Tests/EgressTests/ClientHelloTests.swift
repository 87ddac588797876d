import Egress
import Testing

@Suite("ClientHellos")
struct ClientHelloTests {
  @Test("The server name is read, however the message is divided", arguments: [1 << 14, 100, 7, 1])
  func reads(_ size: Int) throws {
    let bytes = Hello.to("Registry.npmjs.org", recordsOf: size)
    guard case .accepted(let hello, let used) = verdict(onHello: [bytes + [23, 3, 3, 0, 1, 0]]) else {
      Issue.record("refused")
      return
    }
    #expect(hello.serverName.text == "registry.npmjs.org" && used == bytes.count)
    for place in 0...bytes.count {
      let parts = [Array(bytes[..<place]), Array(bytes[place...])]
      #expect(verdict(onHello: parts) == .accepted(hello, used: used))
      #expect(place == bytes.count || verdict(onHello: [parts[0]]) == .incomplete)
    }
  }

  static let name = Hello.names("a.com")
  static func hello(_ extensions: [UInt8]?) -> [UInt8] { Hello.records(Hello.message(extensions: extensions)) }

  static let refused: [(String, [UInt8], ClientHelloFault)] = [
    ("HTTP", Array("GET / HTTP/1.1\r\nHost: a.com\r\n\r\n".utf8), .notTLS),
    ("SSH", Array("SSH-2.0-x\r\n".utf8), .notTLS),
    ("nothing of the sort", [0], .notTLS), ("a record of data", [23, 3, 3, 0, 1, 0], .notTLS),
    ("an alert", [21, 3, 3, 0, 2, 2, 40], .notTLS), ("DTLS", [22, 0xfe, 0xfd, 0, 0], .notTLS),
    ("SSL 2", [0x80, 0x2e, 1, 3, 1, 0, 0x15], .ssl2), ("TLS 1.4 of the record", [22, 3, 5, 0, 4], .malformed),
    ("an empty record", [22, 3, 1, 0, 0], .malformed), ("a record too long", [22, 3, 1, 0x40, 1], .malformed),
    ("a ServerHello", Hello.records([2, 0, 0, 1, 0]), .malformed),
    ("an empty message", Hello.records([1, 0, 0, 0]), .malformed),
    ("a message too long", Hello.records([1, 0, 0x80, 1]), .tooLarge),
    ("a message of 16 MiB", Hello.records([1, 0xff, 0xff, 0xff]), .tooLarge),
    (
      "records too many",
      Hello.records(Hello.message(extensions: name + Hello.extension(21, Array(repeating: 0, count: 20_000))), of: 1),
      .tooLarge
    ),
    ("no extensions", hello(nil), .noServerName), ("no server name", hello(Hello.others), .noServerName),
    ("no extension at all", hello([]), .noServerName),
    ("two names", hello(Hello.names("a.com", "b.com")), .severalServerNames),
    ("one name twice", hello(Hello.names("a.com", "a.com")), .severalServerNames),
    ("two lists", hello(name + Hello.names("b.com")), .malformed),
    ("an empty list", hello(Hello.extension(0, [0, 0])), .malformed),
    ("no list", hello(Hello.extension(0, [])), .malformed),
    ("another kind of name", hello(Hello.names("a.com", type: 1)), .malformed),
    ("an empty name", hello(Hello.names("")), .serverName(.empty)),
    ("a list with more after it", hello(Hello.extension(0, Hello.serverNames(["a.com"]) + [0])), .malformed),
    ("an address", hello(Hello.names("127.0.0.1")), .serverName(.address)),
    ("a dot at the end", hello(Hello.names("a.com.")), .serverName(.trailingDot)),
    ("a NUL", hello(Hello.names("a.com\0.b.com")), .serverName(.badCharacter)),
    ("a local name", hello(Hello.names("localhost")), .serverName(.reserved)),
    ("ECH", hello(name + Hello.extension(0xfe0d, [0, 1, 2])), .encrypted),
    ("ECH before the name", hello(Hello.extension(0xfe0d, []) + name), .encrypted),
    ("encrypted server name", hello(name + Hello.extension(0xffce, [1])), .encrypted),
    ("an extension twice", hello(name + Hello.extension(16, []) + Hello.extension(16, [])), .malformed),
    ("an extension cut off", hello(name + [0, 16, 0, 9, 1]), .malformed),
    ("bytes after the extensions", Hello.records(Hello.message(extensions: name, after: [0])), .malformed),
    ("a second message in the record", Hello.records(Hello.message(extensions: name) + [1, 0, 0, 0]), .malformed),
    (
      "another record in between", Array(hello(name).prefix(4)) + [4] + [1, 0, 0, 90] + [20, 3, 3, 0, 1, 1], .malformed
    ),
    ("version 2", Hello.records(Hello.message(extensions: name, version: 0x0200)), .malformed),
    (
      "a session too long", Hello.records(Hello.message(extensions: name, session: Array(repeating: 1, count: 33))),
      .malformed
    ),
    ("no cipher", Hello.records(Hello.message(extensions: name, suites: [])), .malformed),
    ("half a cipher", Hello.records(Hello.message(extensions: name, suites: [0x13])), .malformed),
    ("no compression", Hello.records(Hello.message(extensions: name, compression: [])), .malformed),
  ]

  @Test("Everything else is refused, however it is divided", arguments: refused)
  func refuses(_ what: String, _ bytes: [UInt8], _ fault: ClientHelloFault) {
    #expect(verdict(onHello: [bytes]) == .refused(fault))
    #expect(verdict(onHello: bytes.map { [$0] }) == .refused(fault))
  }

  @Test("A name that is not the host's is refused")
  func compares() throws {
    guard case .accepted(let hello, _) = verdict(onHello: [Hello.to("a.com")]) else {
      Issue.record("refused")
      return
    }
    try hello.check(against: HostName("A.com"))
    for other in ["b.com", "www.a.com", "a.com.evil.org", "aa.com"] {
      #expect(throws: EgressRefusal.serverNameDiffers(hello.serverName)) { try hello.check(against: HostName(other)) }
    }
  }

  @Test("Changed and cut ClientHellos give the same verdict however they are divided", arguments: 0..<8)
  func survives(_ seed: Int) {
    var generator = SeededGenerator(seed: seed)
    let seeds = Self.refused.map(\.1).filter { $0.count < 2000 } + [Hello.to("a.com"), Hello.to("a.com", recordsOf: 9)]
    for _ in 0..<400 {
      let bytes = mutated(seeds.randomElement(using: &generator) ?? [], using: &generator)
      let whole = verdict(onHello: [bytes])
      #expect(verdict(onHello: pieces(of: bytes, using: &generator)) == whole, "\(bytes)")
      if case .accepted(_, let used) = whole { #expect(used <= bytes.count) }
    }
  }
}
