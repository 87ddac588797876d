/// A set of bytes.
package struct ByteSet: Sendable {
  private var members: (UInt64, UInt64)

  /// The set of these ASCII characters; anything else is left out.
  init(_ characters: String) {
    members = (0, 0)
    for byte in characters.utf8 where byte < 0x80 {
      if byte < 64 { members.0 |= 1 << UInt64(byte) } else { members.1 |= 1 << UInt64(byte - 64) }
    }
  }

  /// Whether the byte is in the set.
  package func contains(_ byte: UInt8) -> Bool {
    if byte < 64 { return members.0 >> UInt64(byte) & 1 == 1 }
    return byte < 128 && members.1 >> UInt64(byte - 64) & 1 == 1
  }

  private static let digits = "0123456789"
  private static let lower = "abcdefghijklmnopqrstuvwxyz"
  private static let upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

  static let digit = ByteSet(digits)
  static let hex = ByteSet(digits + "abcdef")
  static let hexAnyCase = ByteSet(digits + "abcdefABCDEF")
  static let uuid = ByteSet(digits + "abcdefABCDEF-")
  static let lowerOrDigit = ByteSet(lower + digits)
  static let upperOrDigit = ByteSet(upper + digits)
  static let letter = ByteSet(lower + upper)
  static let alphanumeric = ByteSet(lower + upper + digits)
  static let word = ByteSet(lower + upper + digits + "_")
  static let base64URL = ByteSet(lower + upper + digits + "_-")
  static let base64URLPadded = ByteSet(lower + upper + digits + "_-=")
  static let base64 = ByteSet(lower + upper + digits + "+/")
  /// What base64 is made of, with its padding.
  package static let base64Padded = ByteSet(lower + upper + digits + "+/=")
  static let dotted = ByteSet(lower + upper + digits + "_-.=")
  static let percent = ByteSet(lower + upper + digits + "%+/_-")
  static let azure = ByteSet(lower + upper + digits + "_~.-")
}
