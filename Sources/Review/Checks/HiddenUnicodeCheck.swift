internal import Base
internal import ByteText
internal import Merging
package import Work

/// `hidden-unicode`: characters that a reader does not see and a compiler or a model does.
///
/// The attack on readers is described in "Trojan Source: Invisible Vulnerabilities" (Boucher and Anderson, 2021); which
/// characters are direction controls and which are ignorable is in the Unicode Character Database.
package struct HiddenUnicodeCheck: Check {
  package let id = "hidden-unicode"
  package let title = "Invisible or direction-changing character"
  package let defaultSeverity = Severity.warning

  package init() {}

  package func findings(in change: Change) -> [CheckFinding] {
    change.texts.flatMap { file in
      file.addedLines.compactMap { line in finding(line, in: file) }
    }
  }

  private func finding(_ line: NumberedLine, in file: ChangedFile) -> CheckFinding? {
    guard line.bytes.contains(where: { $0 >= 0x80 }) else { return nil }
    // Samples for tests can be bytes that only look like text.
    if file.place.isTest, !DisplayText.isUTF8(line.bytes) || line.bytes.contains(where: { $0 < 9 }) { return nil }
    let scalars = Self.scalars(of: line.bytes)
    let isRightToLeft = scalars.contains(where: Self.isRightToLeft)
    var worst: (Kind, Unicode.Scalar)?
    for index in scalars.indices {
      guard let kind = Self.kind(at: index, of: scalars, lineNumber: line.number, isRightToLeft: isRightToLeft) else {
        continue
      }
      if worst == nil || kind.severity > (worst?.0.severity ?? .note) { worst = (kind, scalars[index]) }
    }
    guard let (kind, scalar) = worst ?? mixedIdentifier(scalars, in: file) else { return nil }
    let code = "U+" + String(scalar.value, radix: 16, uppercase: true)
    return CheckFinding(
      path: file.path, startLine: line.number, line: line.bytes, title: "\(kind.words) (\(code))",
      severity: kind.severity)
  }

  /// What is wrong with a character.
  private enum Kind {
    case direction
    case tag
    case invisible
    case mixed

    var severity: Severity {
      switch self {
      case .direction, .tag: .error
      case .invisible, .mixed: .warning
      }
    }

    var words: String {
      switch self {
      case .direction: "A character that turns the direction of text"
      case .tag: "Text hidden in tag characters"
      case .invisible: "An invisible character"
      case .mixed: "A name that mixes Latin letters with letters that look like them"
      }
    }
  }

  private static func scalars(of bytes: [UInt8]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    var index = 0
    while index < bytes.count {
      if let (scalar, length) = DisplayText.scalar(in: bytes, at: index) {
        result.append(scalar)
        index += length
      } else {
        // A byte that is not UTF-8 is not our business here, but it parts what stands at its sides.
        result.append("\u{FFFD}")
        index += 1
      }
    }
    return result
  }

  private static func kind(at index: Int, of text: [Unicode.Scalar], lineNumber: Int, isRightToLeft: Bool) -> Kind? {
    let scalar = text[index]
    let before = index > 0 ? text[index - 1] : nil
    let after = index + 1 < text.count ? text[index + 1] : nil
    switch scalar.value {
    case 0..<0x80: return nil
    case 0x202a...0x202e, 0x2066...0x2069: return .direction
    case 0x200e, 0x200f, 0x061c:
      // The marks only steer what stands beside them. In text of a right-to-left script they are in their place.
      return isRightToLeft ? nil : .invisible
    case 0xfeff: return index == 0 && lineNumber == 1 ? nil : .invisible
    case 0x200c, 0x200d: return joins(before, after) ? nil : .invisible
    case 0xe0020...0xe007f: return isFlag(text, at: index) ? nil : .tag
    case 0xe0000...0xe001f: return .tag
    case 0xfe0e, 0xfe0f: return before.map(takesVariation) == true ? nil : .invisible
    case 0xfe00...0xfe0d, 0xe0100...0xe01ef:
      return before.map { !$0.isASCII && !isVariationSelector($0) } == true ? nil : .invisible
    case 0x00ad: return before.map(isProse) == true || after.map(isProse) == true ? nil : .invisible
    case 0x180b...0x180f: return before?.value ?? 0 >= 0x1800 && before?.value ?? 0 < 0x18b0 ? nil : .invisible
    case 0x200b:
      // Documents in Markdown use it to show backticks; lines are broken at it in scripts that write no spaces.
      if before == "`" || after == "`" { return nil }
      return before.map(isProse) == true && after.map(isProse) == true ? nil : .invisible
    case 0x115f, 0x1160, 0x3164, 0xffa0, 0x2060...0x2065, 0x206a...0x206f, 0x17b4, 0x17b5, 0x034f, 0x1d173...0x1d17a:
      return .invisible
    default: return nil
    }
  }

  /// Whether a joiner stands where the Unicode standard wants it: within an emoji or between letters of a script that
  /// shapes its letters.
  private static func joins(_ before: Unicode.Scalar?, _ after: Unicode.Scalar?) -> Bool {
    guard let before else { return false }
    if before.properties.isEmoji || before.value == 0xfe0f || (0x1f3fb...0x1f3ff).contains(before.value) {
      return after?.properties.isEmoji == true && !(after?.isASCII ?? true)
    }
    return isShaped(before)
  }

  /// Arabic and its neighbours, the Indic scripts, Mongolian.
  private static func isShaped(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0600...0x08ff, 0x0900...0x0dff, 0x0f00...0x109f, 0x1780...0x18af, 0xa840...0xabff, 0xfb50...0xfdff,
      0xfe70...0xfeff, 0x1a00...0x1aff, 0x11000...0x11fff:
      true
    default: false
    }
  }

  private static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0590...0x05ff, 0x0600...0x08ff, 0xfb1d...0xfdff, 0xfe70...0xfefc, 0x10800...0x10fff, 0x1e800...0x1efff: true
    default: false
    }
  }

  private static func isProse(_ scalar: Unicode.Scalar) -> Bool {
    !scalar.isASCII && scalar.properties.isAlphabetic
  }

  private static func isVariationSelector(_ scalar: Unicode.Scalar) -> Bool {
    (0xfe00...0xfe0f).contains(scalar.value) || (0xe0100...0xe01ef).contains(scalar.value)
  }

  /// Whether a selector of text or emoji style is at home behind the character: symbols, digits and emoji.
  private static func takesVariation(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.properties.isEmoji { return true }
    switch scalar.properties.generalCategory {
    case .otherSymbol, .mathSymbol, .modifierSymbol, .otherPunctuation, .dashPunctuation: return !scalar.isASCII
    default: return false
    }
  }

  /// Whether the tag character belongs to the flag of a region: a black flag, tags, and the tag that ends them.
  private static func isFlag(_ text: [Unicode.Scalar], at index: Int) -> Bool {
    var start = index
    while start > 0, index - start < 7, (0xe0020...0xe007f).contains(text[start].value) { start -= 1 }
    return text[start].value == 0x1f3f4
  }

  /// A name in code that holds Latin letters and Cyrillic or Greek ones that look the same.
  private func mixedIdentifier(_ scalars: [Unicode.Scalar], in file: ChangedFile) -> (Kind, Unicode.Scalar)? {
    guard file.language.family == .braces || file.language.name == "Python" || file.language.name == "Ruby" else {
      return nil
    }
    var latin = false
    var lookalike: Unicode.Scalar?
    var others = false
    for scalar in scalars + [" "] {
      if scalar.isASCII ? ASCII.isWord(UInt8(scalar.value)) : scalar.properties.isAlphabetic {
        if scalar.isASCII, scalar.properties.isAlphabetic { latin = true }
        if Self.lookalikes.contains(scalar) { lookalike = scalar } else if !scalar.isASCII { others = true }
      } else {
        if latin, !others, let lookalike { return (.mixed, lookalike) }
        (latin, lookalike, others) = (false, nil, false)
      }
    }
    return nil
  }

  /// Letters that cannot be told from Latin ones in common fonts.
  ///
  /// A word with other letters of the script is a word.
  private static let lookalikes = Set("АВЕЅІЈКМНОРСТХУаеорсухіјѕԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧο".unicodeScalars)
}
