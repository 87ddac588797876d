/// Signs what only the server may have written, so that a change shows when it comes back.
///
/// Two FNV-1a sums, not a cryptographic signature: it finds what a harness drops or alters by mistake.
enum Seal {
  static func sign(_ text: String, purpose: String) -> String {
    var bytes = Array(purpose.utf8) + [0]
    bytes += text.utf8
    return "scr" + hex(sum(bytes)) + hex(sum(bytes.reversed())) + "=="
  }

  /// The signature of a thinking block; the number makes those of equal texts differ.
  static func signThinking(_ text: String, number: Int) -> String {
    "\(number)." + sign(text, purpose: "thinking\(number)")
  }

  /// Whether a signature is one that ``signThinking(_:number:)`` gave for this text.
  static func isSignature(_ signature: String, ofThinking text: String) -> Bool {
    guard let number = Int(signature.prefix { $0 != "." }) else { return false }
    return signature == signThinking(text, number: number)
  }

  static func sum(_ bytes: some Sequence<UInt8>, from start: UInt64 = 0xcbf2_9ce4_8422_2325) -> UInt64 {
    var hash = start
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hash
  }

  /// Text that only the server can read: the text in hexadecimal digits behind its seal.
  static func encrypt(_ text: String, for id: String) -> String {
    "enc." + sign(text, purpose: id) + "." + text.utf8.map { String(Int($0) + 256, radix: 16).dropFirst() }.joined()
  }

  /// Whether a text is one that ``encrypt(_:for:)`` gave.
  static func isEncrypted(_ sealed: String, for id: String) -> Bool {
    let parts = sealed.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "enc", parts[2].utf8.count.isMultiple(of: 2) else { return false }
    let digits = Array(parts[2])
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(digits[index...(index + 1)]), radix: 16) else { return false }
      bytes.append(byte)
    }
    return sign(String(decoding: bytes, as: UTF8.self), purpose: id) == parts[1]
  }

  private static func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
