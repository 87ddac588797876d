import Secrets
import TestSupport
import Testing

@Suite("Our own secrets, however they are written")
struct KnownSecretsTests {
  /// Three shapes of token: an old one of GitHub, one that holds a signed token, one with signs; made up.
  static let tokens = [
    "ghs_" + "16C7e42F292c6912E7710c838347Ae178B4a",
    "ghs_1234567_eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9"
      + ".eyJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMzYwMCwiaXNzIjoiMTIzNDU2NyIsIm4iOiJrUTd4In0"
      + ".dQw4w9WgXcQ-kJ8vN2mR5tY7uI0oP3aS6dF9gH1jK4lZ_xC7vB0nM3qW6eR",
    "glpat-Xy7+Kq/3_Zr9=Lm2Vb8Nw4",
  ]

  private func known(_ token: String) -> KnownSecrets {
    KnownSecrets([KnownSecrets.Entry(name: "the token", value: Array(token.utf8))])
  }

  /// The part that no other token has.
  private static func core(_ token: String) -> [UInt8] {
    let parts = token.split(separator: ".")
    return parts.count == 3 ? Array(parts[2].utf8) : Array(token.utf8)
  }

  @Test("It is found in every writing", arguments: 0..<SecretWritings.all.count)
  func writings(_ index: Int) {
    let writing = SecretWritings.all[index]
    for token in Self.tokens {
      let known = known(token)
      let text = "Here is what I found (" + writing.write(Self.core(token)) + "), which is odd.\n"
      #expect(known.hit(in: text)?.name == "the token", "\(writing.name): \(text)")
      let other = writing.write(Array("nothing-of-ours/but+long_enough=to1be2looked3at4WITH5care".utf8))
      #expect(known.hit(in: other) == nil, "\(writing.name): \(other)")
    }
  }

  @Test("Eleven letters of it are not a find, twelve are")
  func run() {
    let token = "Zk3vQ9xT7bLm2Rw8"
    #expect(known(token).hit(in: "a \(token.prefix(11)) b") == nil)
    #expect(known(token).hit(in: "a \(token.prefix(12)) b") != nil)
  }

  @Test("What was found is named, and neither the find nor the finder shows it")
  func silence() throws {
    let token = Self.tokens[0]
    let known = known(token)
    let hit = try #require(known.hit(in: token))
    var dumped = ""
    dump(known, to: &dumped)
    for text in ["\(hit)", "\(known)", String(reflecting: known), dumped, String(reflecting: hit)] {
      #expect(!text.contains(token.prefix(6)))
    }
    #expect("\(hit)" == "the token, as it is")
  }

  @Test("A secret that is too short is named, one of eight letters is found as a whole, and none is no matter")
  func lengths() {
    let entries = [("a", "short"), ("b", "Xk3vQ9zT")].map { KnownSecrets.Entry(name: $0.0, value: Array($0.1.utf8)) }
    let known = KnownSecrets(entries)
    #expect(known.tooShort == ["a"])
    #expect(known.hit(in: "short, and Xk3vQ9z") == nil)
    #expect(known.hit(in: "short, and X.k.3.v.Q.9.z.T")?.name == "b")
    #expect(KnownSecrets([]).hit(in: "anything") == nil && KnownSecrets([]).isEmpty)
  }

  @Test("What all keys and all signed tokens share is not taken for ours; the rest of a key is")
  func beginnings() {
    let lines = (0..<12).map { line in String((0..<64).map { Array("Qk7vXz3Lm9Rw2Tb8Yp5Ns")[($0 * 7 + line * 5) % 21] })
    }
    let shared = "MIIEpAIBAAKCAQEA"
    let body = ([shared + lines[0].dropFirst(16)] + lines.dropFirst()).joined(separator: "\n")
    let key = "-----BEGIN RSA PRIVATE KEY-----\n\(body)\n-----END RSA PRIVATE KEY-----\n"
    let known = known(key)
    #expect(known.hit(in: "-----BEGIN RSA PRIVATE KEY-----\n\(shared)0000\n-----END RSA PRIVATE KEY-----") == nil)
    #expect(known.hit(in: "the key has \(lines[5].prefix(20)) in it") != nil)
    #expect(known.hit(in: key.split(separator: "\n").joined(separator: "\\n")) != nil)
    let header = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3MDAwMDAwMDAsImV4cCI6"
    #expect(self.known(Self.tokens[1]).hit(in: "a token looks like ghs_…_\(header)…") == nil)
  }

  @Test("Ordinary text holds none of them")
  func ordinary() throws {
    // Sources, and what looks more like secrets than they do: numbers, names of objects, base64.
    var text = String(decoding: try Self.ownSources(), as: UTF8.self)
    var state: UInt64 = 7
    for _ in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      text += String(state >> 20, radix: state % 3 == 0 ? 10 : state % 3 == 1 ? 16 : 36) + (state % 7 == 0 ? "\n" : "")
    }
    #expect(text.utf8.count > 200_000)
    for token in Self.tokens {
      let known = known(token)
      #expect(known.hit(in: text) == nil)
      #expect(known.hit(in: text + token.suffix(14)) != nil)
    }
  }

  /// Swift by people: the larger sources of this package.
  private static func ownSources() throws -> [UInt8] {
    let tests = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let root = "/" + tests.split(separator: "/").dropLast().joined(separator: "/")
    let names = [
      "Merging/Resolvers/ResolverTable", "Merging/Structure/SourceScanner", "Secrets/SecretRules",
      "Secrets/SecretScanner", "Review/Reviewer", "Git/DiffReading", "Work/Outcome", "Work/FixOutcome",
    ]
    return try names.flatMap { try Files.read("\(root)/Sources/\($0).swift") }
  }
}

/// Ways to write a secret.
private enum SecretWritings {
  private static func base64(_ bytes: [UInt8], isURL: Bool = false) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\(isURL ? "-_" : "+/")")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = Array(bytes[start..<min(start + 3, bytes.count)])
      let value = (0..<3).reduce(0) { $0 << 8 | ($1 < group.count ? Int(group[$1]) : 0) }
      for place in 0...group.count { text.append(alphabet[value >> (18 - 6 * place) & 63]) }
      if !isURL { text += String(repeating: "=", count: 3 - group.count) }
    }
    return text
  }

  private static func base32(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    let bits = bytes.flatMap { byte in (0..<8).map { Int(byte >> UInt8(7 - $0) & 1) } }
    return String(
      stride(from: 0, to: bits.count, by: 5).map { start in
        alphabet[(start..<(start + 5)).reduce(0) { $0 << 1 | ($1 < bits.count ? bits[$1] : 0) }]
      })
  }

  private static func joined(_ bytes: [UInt8], _ separator: String = "", _ each: (UInt8) -> String) -> String {
    bytes.map(each).joined(separator: separator)
  }

  private static func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

  private static func character(_ byte: UInt8) -> String { String(Unicode.Scalar(byte)) }

  private static func rotated(_ byte: UInt8) -> String {
    switch byte {
    case 0x41...0x5a: character((byte - 0x41 + 13) % 26 + 0x41)
    case 0x61...0x7a: character((byte - 0x61 + 13) % 26 + 0x61)
    default: character(byte)
    }
  }

  /// Each way to write a secret, by name.
  static let all: [(name: String, write: @Sendable ([UInt8]) -> String)] = [
    ("plain", { String(decoding: $0, as: UTF8.self) }),
    ("upper case", { String(decoding: $0, as: UTF8.self).uppercased() }),
    ("reversed", { String(decoding: $0.reversed(), as: UTF8.self) }),
    ("base64, first alignment", { base64($0) }),
    ("base64, second alignment", { base64([0x3a] + $0) }),
    ("base64, third alignment", { base64([0x3a, 0x20] + $0) }),
    ("base64 for addresses", { base64([0x78] + $0, isURL: true) }),
    ("base64 in lines", { joined(Array(base64($0).utf8)) { character($0) + ($0 % 5 == 0 ? "\n> " : "") } }),
    ("base64 twice", { base64(Array(base64([0x3a] + $0).utf8)) }),
    ("base64 of it reversed", { base64($0.reversed()) }),
    ("base32", { base32([0x78] + $0) }),
    ("hexadecimal", { joined($0, "", hex) }),
    ("hexadecimal, upper case", { joined($0, "", hex).uppercased() }),
    ("hexadecimal with colons", { joined($0, ":", hex) }),
    ("hexadecimal as C writes it", { joined($0, ", ") { "0x" + hex($0) } }),
    ("decimal numbers", { joined($0, ", ") { String($0) } }),
    ("octal numbers", { joined($0) { "\\" + (String($0, radix: 8).count < 3 ? "0" : "") + String($0, radix: 8) } }),
    ("percent-encoded", { joined($0) { "%" + hex($0) } }),
    ("percent-encoded twice", { joined($0) { "%25" + hex($0) } }),
    ("percent-encoded here and there", { joined($0) { $0 % 3 == 0 ? "%" + hex($0) : character($0) } }),
    ("with dashes", { joined($0, "-", character) }),
    ("with dots and blanks", { joined($0, " . ", character) }),
    ("with what nobody sees", { joined($0, "\u{200b}", character) }),
    ("over lines", { joined($0, "\n", character) }),
    ("in quoted lines", { joined($0) { character($0) + ($0 % 4 == 0 ? "\r\n> + " : "") } }),
    ("escaped as JSON", { joined($0) { "\\u00" + hex($0) } }),
    ("escaped as JSON here and there", { joined($0) { $0 % 2 == 0 ? "\\u00" + hex($0) : character($0) } }),
    ("in JSON over lines", { joined($0) { character($0) + ($0 % 4 == 0 ? "\\n" : "") } }),
    ("escaped as C", { joined($0) { "\\x" + hex($0) } }),
    ("HTML, decimal", { joined($0) { "&#\($0);" } }),
    ("HTML, hexadecimal", { joined($0) { "&#x\(hex($0))" } }),
    ("HTML in code", { joined($0) { "&amp;#\($0);" } }),
    ("quoted-printable", { joined($0) { "=" + hex($0).uppercased() } }),
    ("rotated", { joined($0, "", rotated) }),
    ("wide letters", { joined($0) { String(Unicode.Scalar(UInt32($0) + 0xfee0) ?? " ") } }),
    ("the first twelve", { String(decoding: $0.prefix(12), as: UTF8.self) }),
    ("the last twelve", { String(decoding: $0.suffix(12), as: UTF8.self) }),
    ("twelve from the middle, in base64", { base64([0x78] + $0.dropFirst(7).prefix(12)) }),
    ("twelve from the middle, in hexadecimal", { joined(Array($0.dropFirst(9).prefix(12)), "", hex) }),
  ]
}
