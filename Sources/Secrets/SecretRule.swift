internal import ByteText

/// The shape of one provider's tokens: how they begin and what follows.
///
/// The shapes are facts that the providers publish or that their tokens show.
struct SecretRule: Sendable {
  /// A part of a token behind its beginning.
  enum Part: Sendable {
    /// So many bytes of a set; as many as there are.
    case run(ByteSet, ClosedRange<Int>)
    case literal([UInt8])
  }

  /// Whose token it is, for a title: `Secret in the file: …`.
  var name: String
  /// The ways such a token begins.
  var prefixes: [[UInt8]]
  var parts: [Part]
  /// Whether such a token is common where it does no harm, as in tests and examples.
  var isCommonInTests: Bool

  init(_ name: String, _ prefixes: [String], _ parts: Part..., isCommonInTests: Bool = false) {
    self.name = name
    self.prefixes = prefixes.map { Array($0.utf8) }
    self.parts = parts
    self.isCommonInTests = isCommonInTests
  }

  /// Where a token ends whose beginning ends at `index`; `nil` where what follows has another shape.
  func end(in line: [UInt8], from index: Int) -> Int? {
    Self.end(of: parts, in: line, from: index)
  }

  /// Where the parts end that begin at `index`; the byte behind them belongs to none of their last set.
  static func end(of parts: [Part], in line: [UInt8], from index: Int) -> Int? {
    var cursor = index
    for part in parts {
      switch part {
      case .literal(let bytes):
        guard line.matches(bytes, at: cursor) else { return nil }
        cursor += bytes.count
      case .run(let set, let length):
        let start = cursor
        while cursor < line.count, cursor - start < length.upperBound, set.contains(line[cursor]) { cursor += 1 }
        if cursor - start < length.lowerBound { return nil }
      }
    }
    if case .run(let set, _) = parts.last, cursor < line.count, set.contains(line[cursor]) { return nil }
    return cursor
  }
}

extension SecretRule.Part {
  static func exactly(_ count: Int, _ set: ByteSet) -> Self { .run(set, count...count) }
  static func from(_ least: Int, to most: Int = 400, _ set: ByteSet) -> Self { .run(set, least...most) }
  static func text(_ text: String) -> Self { .literal(Array(text.utf8)) }
}
