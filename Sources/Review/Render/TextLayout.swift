/// Breaks text into lines that fit a terminal.
enum TextLayout {
  /// The words of the text in lines of at most so many columns.
  ///
  /// A word that is longer stays whole.
  static func wrap(_ text: String, width: Int) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { wrapParagraph($0, width: width) }
  }

  private static func wrapParagraph(_ text: Substring, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    var columns = 0
    for word in text.split(separator: " ") {
      let length = self.columns(of: word)
      if !line.isEmpty, columns + 1 + length > width {
        lines.append(line)
        (line, columns) = ("", 0)
      }
      if !line.isEmpty {
        line += " "
        columns += 1
      }
      line += word
      columns += length
    }
    return line.isEmpty ? lines : lines + [line]
  }

  /// The text cut to fit, with `…` where something is left out.
  static func cut(_ text: String, width: Int) -> String {
    guard columns(of: text) > width else { return text }
    var result = ""
    var used = 0
    for scalar in text.unicodeScalars {
      used += columns(of: scalar)
      if used > width - 1 { break }
      result.unicodeScalars.append(scalar)
    }
    return result + "…"
  }

  /// How many columns the text takes on a terminal.
  static func columns(of text: some StringProtocol) -> Int {
    text.unicodeScalars.reduce(0) { $0 + columns(of: $1) }
  }

  /// Two for wide characters of East Asia and for emoji, none for marks that sit on another character (the standard
  /// annex 11 of Unicode, by its blocks).
  private static func columns(of scalar: Unicode.Scalar) -> Int {
    if scalar.isASCII { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
      0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f900...0x1f9ff, 0x20000...0x3fffd:
      return 2
    default: return 1
    }
  }
}
