internal import Base

/// A number or a text as source code writes it.
struct Literal: Hashable {
  enum Kind: Hashable {
    case number
    case text
  }

  var kind: Kind
  /// A number without separators and without a sign; a text without its quotes.
  var value: String

  /// Whether it stands in so much code that it tells nothing.
  var isTrivial: Bool {
    switch kind {
    case .number: ["0", "1", "2", "0.0", "1.0", "00"].contains(value)
    case .text: value.allSatisfy { !$0.isLetter && !$0.isNumber } && value.count < 2
    }
  }

  /// As a person writes it.
  var display: String { kind == .text ? "\"\(DisplayText.escaping(Array(value.utf8)))\"" : value }

  /// The literals of a line of source, in order, with where each begins.
  ///
  /// - Parameters:
  ///   - text: The line with text literals and without comments.
  ///   - code: The same line with blanks for the inside of text literals.
  /// - Returns: Their places are counted in characters.
  static func all(in text: String, code: String) -> [(literal: Literal, start: Int, end: Int)] {
    let characters = Array(text)
    let masked = Array(code)
    guard characters.count == masked.count else { return [] }
    var found: [(Literal, Int, Int)] = []
    var index = 0
    while index < characters.count {
      let character = masked[index]
      if "\"'`".contains(character) {
        // Up to the next quote that the mask has left: the inside is blank there.
        var end = index + 1
        while end < masked.count, masked[end] != character { end += 1 }
        guard end < masked.count else { break }
        found.append((Literal(kind: .text, value: String(characters[index + 1..<end])), index, end + 1))
        index = end + 1
      } else if character.isNumber, index == 0 || !masked[index - 1].isWordCharacter {
        var end = index
        while end < masked.count, masked[end].isWordCharacter || isPoint(masked, end) { end += 1 }
        found.append((Literal(kind: .number, value: normal(characters[index..<end])), index, end))
        index = end
      } else {
        index += 1
      }
    }
    return found
  }

  private static func isPoint(_ text: [Character], _ index: Int) -> Bool {
    text[index] == "." && index + 1 < text.count && text[index + 1].isNumber
  }

  private static func normal(_ digits: ArraySlice<Character>) -> String {
    var text = String(digits.filter { $0 != "_" })
    // The kind of a number: `10L`, `2.5f`, `7u32`, but not the digits of `0xff`.
    if !text.hasPrefix("0x") {
      let kinds = [
        "u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "usize", "isize", "f32", "f64", "n", "L", "l", "f", "F",
        "d", "u", "U",
      ]
      if let kind = kinds.first(where: { text.hasSuffix($0) }), text.count > kind.count { text.removeLast(kind.count) }
    }
    while text.contains("."), text.hasSuffix("0"), !text.hasSuffix(".0") { text.removeLast() }
    return text
  }
}
