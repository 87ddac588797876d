internal import Base

/// A literal in an assertion of a test that failed, and that the failure speaks of.
struct ExpectedLiteral: Sendable, Hashable {
  var path: RepositoryPath
  /// Counted from zero.
  var line: Int
  /// The whole line, without its end: a patch may have moved it.
  var whole: String
  /// Where it stands in the line, in characters.
  var start: Int
  var end: Int
  /// As it is written.
  var text: String
  var literal: Literal
  /// Whether it is a whole line of data that a program's output is compared with.
  var isLine = false

  /// Whether it is a text, of which only a part may be compared.
  var isPart: Bool { literal.kind == .text && !isLine }

  /// Other values that may stand there, in the form in which it is written.
  ///
  /// Of numbers one is near, one far above and one far below, so that a bound fails as well as an equality.
  var others: [String] {
    if isLine { return [text + "~"] }
    return switch literal.kind {
    case .text: texts
    case .number: numbers
    }
  }

  private var texts: [String] {
    guard let quote = text.first, text.count >= 2 else { return [] }
    let inside = text.dropFirst().dropLast()
    // In many languages this is a character and no text.
    if quote == "'", inside.count == 1 { return ["~", "!"].filter { $0 != inside }.map { "'\($0)'" } }
    // What is compared may be the beginning, the end, the length or all of it.
    let middle = Self.otherInTheMiddle(inside).map { ["\(quote)\($0)\(quote)"] } ?? []
    return ["\(quote)\(inside)~\(quote)"] + middle + ["\(quote)~\(inside)\(quote)", "\(quote)\(quote)"]
  }

  /// The text with another letter in its middle; `nil` where none can be exchanged.
  private static func otherInTheMiddle(_ text: Substring) -> String? {
    var letters = Array(text)
    let place = (letters.count / 2..<letters.count).first { index in
      letters[index].isASCII && letters[index].isWordCharacter && (index == 0 || letters[index - 1] != "\\")
    }
    guard let place, letters.count > 2 else { return nil }
    letters[place] = letters[place] == "z" ? "q" : "z"
    return String(letters)
  }

  private static let far = 1_000_003

  private var numbers: [String] {
    let digits = literal.value
    if digits.hasPrefix("0x"), let number = Int(digits.dropFirst(2), radix: 16), number < Int.max - Self.far {
      return ["0x" + String(number + 1, radix: 16), "0x" + String(number + Self.far, radix: 16)]
    }
    if let number = Int(digits), number < Int.max - Self.far {
      return ["\(number + 1)", "\(number + Self.far)", "(-\(number + Self.far))"]
    }
    if let number = Double(digits), number.isFinite, abs(number) < 1e12 {
      return ["\(number + 1.5)", "\(number + Double(Self.far))", "(-\(number + Double(Self.far)))"]
    }
    return []
  }
}
