import Egress
import Testing

@Suite("Requests for a connection")
struct RequestTests {
  static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  static let plain = "CONNECT registry.npmjs.org:443 HTTP/1.1\r\nHost: registry.npmjs.org:443\r\n\r\n"

  static let accepted: [String] = [
    plain,
    "CONNECT registry.npmjs.org:443 HTTP/1.0\r\n\r\n",
    "CONNECT Registry.NPMJS.org:443 HTTP/1.1\r\nhost:registry.npmjs.org\r\n\r\n",
    "CONNECT registry.npmjs.org:443 HTTP/1.1\r\nHost: \t REGISTRY.npmjs.org:443 \r\nUser-Agent: curl/8\r\n\r\n",
    "CONNECT registry.npmjs.org:443 HTTP/1.1\r\nProxy-Connection: Keep-Alive\r\nHost: registry.npmjs.org\r\n"
      + "Content-Length: 0\r\nX: \u{fc}\r\nEmpty:\r\n\r\n",
  ]

  @Test("What clients send is read, whatever comes after it", arguments: accepted)
  func accepts(_ text: String) throws {
    let request = ConnectRequest(host: try HostName("registry.npmjs.org"))
    let count = text.utf8.count
    #expect(verdict(onRequest: [Self.bytes(text)]) == .accepted(request, used: count))
    #expect(verdict(onRequest: [Self.bytes(text + "GET / HTTP/1.1\r\n\r\n")]) == .accepted(request, used: count))
    #expect(verdict(onRequest: Self.bytes(text).map { [$0] }) == .accepted(request, used: count))
    #expect(verdict(onRequest: [Self.bytes(text).dropLast()]) == .incomplete)
  }

  static func lines(_ lines: String...) -> String { lines.joined(separator: "\r\n") + "\r\n\r\n" }

  static func asking(_ target: String) -> String { "CONNECT \(target) HTTP/1.1\r\nHost: a.com\r\n\r\n" }

  static func with(_ fields: String) -> String { "CONNECT a.com:443 HTTP/1.1\r\n\(fields)\r\n\r\n" }

  static let refused: [(String, EgressRefusal)] = [
    ("GET http://a.com/ HTTP/1.1\r\nHost: a.com\r\n\r\n", .method),
    ("GET https://a.com/ HTTP/1.1\r\nHost: a.com\r\n\r\n", .method), ("GET / HTTP/1.1\r\nHost: a.com\r\n\r\n", .method),
    ("POST http://169.254.169.254/ HTTP/1.1\r\n\r\n", .method), ("connect a.com:443 HTTP/1.1\r\n\r\n", .method),
    ("OPTIONS * HTTP/1.1\r\n\r\n", .method), ("CONNECTX a.com:443 HTTP/1.1\r\n\r\n", .method),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .malformedRequest(.version)),
    ("CONNECT a.com:443\r\n\r\n", .malformedRequest(.requestLine)),
    ("CONNECT  a.com:443 HTTP/1.1\r\n\r\n", .malformedRequest(.requestLine)),
    (" CONNECT a.com:443 HTTP/1.1\r\n\r\n", .malformedRequest(.requestLine)),
    ("CONNECT a.com:443 HTTP/1.1 \r\n\r\n", .malformedRequest(.requestLine)),
    ("\r\nCONNECT a.com:443 HTTP/1.1\r\n\r\n", .malformedRequest(.requestLine)),
    ("CONNECT\ta.com:443\tHTTP/1.1\r\n\r\n", .malformedRequest(.requestLine)),
    ("CONNECT a.com:443 b.com:443 HTTP/1.1\r\n\r\n", .malformedRequest(.requestLine)),
    ("CONNECT a.com:443 HTTP/2\r\n\r\n", .malformedRequest(.version)),
    ("CONNECT a.com:443 http/1.1\r\n\r\n", .malformedRequest(.version)),
    ("CONNECT a.com:443 HTTP/1.10\r\n\r\n", .malformedRequest(.version)),
    ("\u{16}\u{3}\u{1}", .malformedRequest(.controlCharacter)), ("\u{5}\u{1}\0", .malformedRequest(.controlCharacter)),
    // Targets.
    (asking("a.com"), .malformedRequest(.target)), (asking("a.com:"), .malformedRequest(.target)),
    (asking(":443"), .host(.empty)), (asking("https://a.com:443"), .malformedRequest(.target)),
    (asking("a.com:443/"), .malformedRequest(.target)), (asking("a.com:443?x"), .malformedRequest(.target)),
    (asking("b.com#@a.com:443"), .malformedRequest(.target)), (asking("b.com\\@a.com:443"), .malformedRequest(.target)),
    (asking("a.com:80"), .port), (asking("a.com:22"), .port), (asking("a.com:0443"), .port),
    (asking("a.com:4430"), .port), (asking("a.com:65979"), .port), (asking("a.com:0"), .port),
    (asking("a.com:+443"), .malformedRequest(.target)), (asking("a.com:0x1bb"), .malformedRequest(.target)),
    (asking("a.com:443,b.com:443"), .host(.address)), (asking("a.com:443@b.com:443"), .host(.userInformation)),
    (asking("user@a.com:443"), .host(.userInformation)), (asking("user:secret@a.com:443"), .host(.userInformation)),
    (asking("a.com.:443"), .host(.trailingDot)), (asking("*.com:443"), .host(.wildcard)),
    (asking("127.0.0.1:443"), .host(.address)), (asking("2130706433:443"), .host(.address)),
    (asking("0x7f000001:443"), .host(.address)), (asking("0177.0.0.1:443"), .host(.address)),
    (asking("127.1:443"), .host(.address)), (asking("[::1]:443"), .host(.address)),
    (asking("[::ffff:169.254.169.254]:443"), .host(.address)), (asking("::1:443"), .host(.address)),
    (asking("localhost:443"), .host(.reserved)), (asking("metadata.google.internal:443"), .host(.reserved)),
    (asking("а.com:443"), .host(.notASCII)),
    // Lines.
    ("CONNECT a.com:443 HTTP/1.1\nHost: a.com\n\n", .malformedRequest(.lineEnd)),
    ("CONNECT a.com:443 HTTP/1.1\r\nHost: a.com\n\r\n", .malformedRequest(.lineEnd)),
    ("CONNECT a.com:443\r HTTP/1.1\r\n\r\n", .malformedRequest(.lineEnd)),
    ("CONNECT a.com:443 HTTP/1.1\r\r\n\r\n", .malformedRequest(.lineEnd)),
    ("CONNECT a.com\0.b.com:443 HTTP/1.1\r\n\r\n", .malformedRequest(.controlCharacter)),
    (with("Host: a.com\r\nX: a\0b"), .malformedRequest(.controlCharacter)),
    // Fields.
    (with(""), .malformedRequest(.hostField)), (with("Host: b.com"), .malformedRequest(.hostField)),
    (with("Host: a.com\r\nHost: a.com"), .malformedRequest(.hostField)),
    (with("Host: a.com:80"), .malformedRequest(.hostField)),
    (with("Host: a.com, b.com"), .malformedRequest(.hostField)),
    (with("Host: a.com\r\n folded"), .malformedRequest(.foldedField)),
    (with("Host : a.com"), .malformedRequest(.fieldName)), (with("Host"), .malformedRequest(.fieldName)),
    (with(": a.com"), .malformedRequest(.fieldName)), (with("H\u{e4}: a.com"), .malformedRequest(.fieldName)),
    (with("Host: a.com\r\nContent-Length: 5"), .malformedRequest(.body)),
    (with("Host: a.com\r\nTransfer-Encoding: chunked"), .malformedRequest(.body)),
    // Bombs.
    (with("Host: a.com\r\n" + String(repeating: "A: b\r\n", count: 100)), .requestTooLarge),
    (with("Host: a.com\r\nX: " + String(repeating: "x", count: 9000)), .requestTooLarge),
    (String(repeating: "A", count: 1 << 20), .requestTooLarge),
  ]

  @Test("Everything else is refused, for its first fault, however it is divided", arguments: refused)
  func refuses(_ text: String, _ refusal: EgressRefusal) {
    let bytes = Self.bytes(text)
    #expect(verdict(onRequest: [bytes]) == .refused(refusal))
    #expect(verdict(onRequest: bytes.map { [$0] }) == .refused(refusal))
  }

  @Test(
    "Only the very names of the policy are admitted",
    arguments: [
      ("example.com", true), ("EXAMPLE.com", true), ("evil-example.com", false), ("example.com.evil.org", false),
      ("www.example.com", false), ("xample.com", false), ("example.co", false), ("example.comm", false),
    ])
  func admits(_ name: String, _ isAdmitted: Bool) throws {
    let policy = EgressPolicy(hosts: [try HostName("example.com")])
    let request = ConnectRequest(host: try HostName(name))
    if isAdmitted {
      #expect(try policy.admit(request).text == "example.com")
    } else {
      #expect(throws: EgressRefusal.hostNotAllowed) { try policy.admit(request) }
    }
    #expect(throws: EgressRefusal.hostNotAllowed) { try EgressPolicy(hosts: []).admit(request) }
  }

  @Test("No answer holds anything of the request: what is refused is told in words of ours, in one message")
  func answersSafely() {
    for (_, refusal) in Self.refused {
      let text = refusal.description
      #expect(!text.contains("\r") && !text.contains("\n") && !text.isEmpty)
    }
  }

  @Test("Changed and cut requests give the same verdict however they are divided", arguments: 0..<8)
  func survives(_ seed: Int) {
    var generator = SeededGenerator(seed: seed)
    let seeds = (Self.accepted + Self.refused.map(\.0)).filter { $0.utf8.count < 2000 }.map(Self.bytes)
    for _ in 0..<400 {
      let bytes = mutated(seeds.randomElement(using: &generator) ?? [], using: &generator)
      let whole = verdict(onRequest: [bytes])
      #expect(verdict(onRequest: pieces(of: bytes, using: &generator)) == whole, "\(bytes)")
      guard case .accepted(let request, let used) = whole else { continue }
      // Whatever is accepted was asked for in so many words.
      let head = String(decoding: bytes[..<used], as: UTF8.self).lowercased()
      #expect(head.hasPrefix("connect \(request.host.text):443 http/1."), "\(bytes)")
    }
  }
}
