internal import ByteText

/// One way to write a secret, in lower case.
struct SecretForm: Sendable {
  /// The place of the secret among all.
  let owner: Int
  let bytes: [UInt8]
  /// How many of the bytes in a row are a find: what twelve bytes of the secret come to.
  let least: Int
  /// How it is written, in words.
  let writing: String

  /// How many bytes of a secret in a row are too many to let out.
  private static let run = 12
  /// Above this size a secret is not looked for in doubled encodings.
  private static let mostDoubled = 512

  private init(_ owner: Int, _ bytes: [UInt8], least: Int, _ writing: String) {
    self.owner = owner
    self.bytes = bytes.lowercased()
    self.least = min(least, bytes.count)
    self.writing = writing
  }

  // MARK: What tells

  /// The parts of a secret that no other value has: without the armour of a key, and without the beginnings that all
  /// keys and all signed tokens share.
  static func tellingParts(of value: [UInt8]) -> [[UInt8]] {
    let value = Array(value.trimmed())
    if value.hasPrefix("-----BEGIN ") {
      let body = value.lines().filter { !$0.hasPrefix("-----") && !$0.contains(UInt8(ascii: ":")) }
      return [Array(body.joined().filter { !ASCII.isBlank($0) }.dropFirst(64))]
    }
    let start = value.firstIndex(of: Array("eyJ".utf8))
    guard let start, start == 0 || !ASCII.isAlphanumeric(value[start - 1]) else { return [value] }
    let fields = value[start...].split(separator: UInt8(ascii: "."))
    guard fields.count == 3 else { return [value] }
    // A header is the same in all, and so is how the claims begin.
    return [Array(fields[1].dropFirst(32)), Array(fields[2])]
  }

  // MARK: How it can be written

  /// All ways to write these bytes.
  static func all(of value: [UInt8], owner: Int) -> [SecretForm] {
    let plain = value.lowercased()
    var forms: [SecretForm] = []
    func add(_ bytes: [UInt8], _ least: Int, _ writing: String) {
      guard bytes.count >= min(least, KnownSecrets.least) else { return }
      forms.append(SecretForm(owner, bytes, least: least, writing))
    }
    for (text, writing) in [
      (plain, "as it is"), (plain.reversed(), "reversed"), (rotated(plain), "rotated by 13 letters"),
      (rotated(plain).reversed(), "reversed and rotated by 13 letters"),
    ] {
      let letters = text.filter(ASCII.isAlphanumeric)
      add(text, run, writing)
      if letters.count != text.count, letters.count >= KnownSecrets.least { add(letters, run - 1, writing) }
    }
    for (text, way) in [(value, ""), (Array(value.reversed()), " of it reversed")] {
      for encoded in base64(text) { forms += base64Forms(encoded, owner: owner, "in base64" + way) }
      add(digits(text, radix: 16, width: 2), 2 * run, "in hexadecimal digits" + way)
    }
    add(digits(value, radix: 16, width: 2, before: "0x"), 4 * run, "in hexadecimal digits")
    add(digits(value, radix: 10, width: 1), 2 * run, "in decimal numbers")
    add(digits(value, radix: 8, width: 3), 3 * run, "in octal numbers")
    for encoded in base32(value) { add(encoded, 18, "in base32") }
    return forms + doubled(value, owner: owner)
  }

  /// Encodings of encodings.
  private static func doubled(_ value: [UInt8], owner: Int) -> [SecretForm] {
    guard value.count <= mostDoubled else { return [] }
    let hex = digits(value, radix: 16, width: 2)
    var forms: [SecretForm] = []
    for inner in base64(value) {
      for outer in base64(inner) { forms += base64Forms(outer, owner: owner, "in base64 twice") }
      forms.append(SecretForm(owner, digits(inner, radix: 16, width: 2), least: 30, "in base64, in hexadecimal digits"))
    }
    for text in [hex, hex.map { ASCII.isLower($0) ? $0 & 0xdf : $0 }] {
      for outer in base64(text) { forms += base64Forms(outer, owner: owner, "in hexadecimal digits, in base64") }
    }
    return forms
  }

  /// A text in base64 as it is, with the letters of addresses, and without signs.
  private static func base64Forms(_ encoded: [UInt8], owner: Int, _ writing: String) -> [SecretForm] {
    guard encoded.count >= KnownSecrets.least else { return [] }
    let letters = encoded.filter(ASCII.isAlphanumeric)
    var forms = [SecretForm(owner, encoded, least: 15, writing)]
    guard letters.count != encoded.count else { return forms }
    let url = encoded.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? 0x5f : $0 }
    forms.append(SecretForm(owner, url, least: 15, writing))
    if letters.count >= KnownSecrets.least { forms.append(SecretForm(owner, letters, least: 12, writing)) }
    return forms
  }

  // MARK: Encodings

  private static func rotated(_ bytes: [UInt8]) -> [UInt8] {
    bytes.map { ASCII.isLower($0) ? ($0 - 97 + 13) % 26 + 97 : $0 }
  }

  private static func digits(_ bytes: [UInt8], radix: Int, width: Int, before: String = "") -> [UInt8] {
    bytes.flatMap { byte -> [UInt8] in
      let digits = Array(String(byte, radix: radix).utf8)
      return Array(before.utf8) + Array(repeating: 0x30, count: max(0, width - digits.count)) + digits
    }
  }

  /// What every text in base64 holds in which the bytes stand: one for each of the three ways to be aligned.
  private static func base64(_ bytes: [UInt8]) -> [[UInt8]] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    return (0..<3).map { cores(bytes, behind: $0, bits: 6, alphabet) }
  }

  private static func base32(_ bytes: [UInt8]) -> [[UInt8]] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    return (0..<5).map { cores(bytes, behind: $0, bits: 5, alphabet) }
  }

  /// The characters that depend on the bytes alone where so many others stand before them.
  private static func cores(_ bytes: [UInt8], behind before: Int, bits: Int, _ alphabet: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    let first = (before * 8 + bits - 1) / bits
    let end = (before + bytes.count) * 8 / bits
    guard first < end else { return [] }
    for place in first..<end {
      var value = 0
      for bit in (place * bits)..<((place + 1) * bits) {
        let byte = bytes[bit / 8 - before]
        value = value << 1 | Int(byte >> UInt8(7 - bit % 8) & 1)
      }
      result.append(alphabet[value])
    }
    return result
  }
}
