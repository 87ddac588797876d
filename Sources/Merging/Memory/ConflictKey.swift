/// What a conflict is known by when it comes again: its three sides without line endings and trailing white space.
///
/// The two changed sides are kept in the order of their bytes, so a conflict and its mirror image have the same key.
package struct ConflictKey: Sendable, Hashable {
  package let base: [UInt8]
  package let first: [UInt8]
  package let second: [UInt8]

  /// The key of a conflict with these sides.
  package init(base: [UInt8], ours: [UInt8], theirs: [UInt8]) {
    self.base = Self.normalised(base)
    let (ours, theirs) = (Self.normalised(ours), Self.normalised(theirs))
    (first, second) = theirs.lexicographicallyPrecedes(ours) ? (theirs, ours) : (ours, theirs)
  }

  package init(_ conflict: Conflict) {
    self.init(base: conflict.base, ours: conflict.ours, theirs: conflict.theirs)
  }

  /// A key of sides that are normalised and in order already; `nil` where they are not.
  init?(base: [UInt8], first: [UInt8], second: [UInt8]) {
    self.init(base: base, ours: first, theirs: second)
    guard self.base == base, self.first == first, self.second == second else { return nil }
  }

  /// How many bytes the three sides have together.
  package var size: Int { base.count + first.count + second.count }

  /// A number to search by; equal numbers do not mean equal keys.
  package var hash: UInt64 {
    var hash = FowlerNollVo()
    for side in [base, first, second] {
      hash.add(UInt64(side.count))
      hash.add(side)
    }
    return hash.value
  }

  /// The text with every line ended by a line feed alone and without white space before it.
  package static func normalised(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + 1)
    var lineStart = 0
    func trim() {
      while result.count > lineStart, let last = result.last, isBlankByte(last) || last == 0x0D { result.removeLast() }
    }
    for byte in bytes {
      if byte == 0x0A {
        trim()
        result.append(byte)
        lineStart = result.count
      } else {
        result.append(byte)
      }
    }
    if bytes.last != 0x0A, !bytes.isEmpty {
      trim()
      result.append(0x0A)
    }
    return result
  }
}

/// The FNV-1a hash of 64 bits (draft-eastlake-fnv): enough to search by and to notice damage, no defence against intent.
struct FowlerNollVo {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }

  mutating func add(_ number: UInt64) {
    add((0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) })
  }
}
