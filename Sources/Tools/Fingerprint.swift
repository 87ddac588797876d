/// 128 bits and a size that tell contents apart; not meant to withstand somebody who looks for two that agree.
package struct Fingerprint: Sendable, Hashable, Codable {
  private let size: Int
  private let first: UInt64
  private let second: UInt64

  /// The fingerprint as text.
  package var text: String {
    "\(String(size, radix: 16)).\(String(first, radix: 16)).\(String(second, radix: 16))"
  }

  /// The fingerprint of these bytes, the same in every process.
  package init(of bytes: [UInt8]) {
    var first: UInt64 = 0x9e37_79b9_7f4a_7c15
    var second: UInt64 = 0xc2b2_ae3d_27d4_eb4f
    var word: UInt64 = 0
    var filled: UInt64 = 0
    for byte in bytes {
      word |= UInt64(byte) << filled
      filled += 8
      guard filled == 64 else { continue }
      Self.mix(word, into: &first, &second)
      word = 0
      filled = 0
    }
    Self.mix(word, into: &first, &second)
    Self.mix(UInt64(bytes.count), into: &first, &second)
    size = bytes.count
    self.first = first
    self.second = second
  }

  /// A multiplication whose two halves meet; each of the two states uses its own factor.
  private static func mix(_ word: UInt64, into first: inout UInt64, _ second: inout UInt64) {
    let left = (first ^ word).multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
    let right = (second &+ word).multipliedFullWidth(by: 0xe703_7ed1_a0b4_28db)
    first = left.high ^ left.low ^ (second << 1)
    second = right.high ^ right.low ^ word
  }
}
