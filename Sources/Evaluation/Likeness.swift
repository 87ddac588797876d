/// How a merged stretch of text compares with what people committed.
package enum Likeness: Int, Sendable, Hashable, CaseIterable, Comparable {
  /// Byte for byte the same.
  case equal
  /// The same but for white space and blank lines.
  case whiteSpace
  /// The same but for white space and the order of lines that a side added.
  case order
  /// Anything else.
  case different

  package static func < (a: Likeness, b: Likeness) -> Bool { a.rawValue < b.rawValue }

  /// Compares a result with what was committed.
  ///
  /// Lines are compared without any white space, and blank lines not at all. The order of lines may differ only for
  /// lines that the common ancestor does not have: without these, both texts are the same sequence.
  ///
  /// - Parameters:
  ///   - result: What the merge made.
  ///   - committed: What people committed.
  ///   - base: The common ancestor.
  /// - Returns: The closest likeness that holds.
  package static func of(_ result: [UInt8], _ committed: [UInt8], base: [UInt8]) -> Likeness {
    if result == committed { return .equal }
    let (a, b) = (ink(result), ink(committed))
    if a == b { return .whiteSpace }
    guard a.count == b.count, counts(a) == counts(b) else { return joined(a) == joined(b) ? .whiteSpace : .different }
    let known = Set(ink(base))
    return a.filter(known.contains) == b.filter(known.contains) ? .order : .different
  }

  private static func ink(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
      let ink = line.contains(where: isBlank) ? ArraySlice(line.filter { !isBlank($0) }) : line
      return ink.isEmpty ? nil : ink
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  private static func joined(_ lines: [ArraySlice<UInt8>]) -> [UInt8] { Array(lines.joined()) }

  private static func counts(_ lines: [ArraySlice<UInt8>]) -> [ArraySlice<UInt8>: Int] {
    lines.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }
}
