/// The parts of a text literal that are code: `{name}`, `${name}`, `\(name)`, `#{name}`, `$name`.
enum HolesInText {
  /// What opens a hole in a language's literals, as far as it is known.
  private static func openers(of language: Language, _ bytes: [UInt8], _ range: Range<Int>) -> [StaticString] {
    let before = range.lowerBound > 0 ? bytes[range.lowerBound - 1] : 0x20
    switch language.name {
    case "Swift": return ["\\("]
    case "Python": return "fF".utf8.contains(before) || isRawFormat(bytes, range.lowerBound) ? ["{"] : []
    case "JavaScript", "TypeScript": return bytes[range.lowerBound] == UInt8(ascii: "`") ? ["${"] : []
    case "Ruby": return ["#{"]
    case "Rust": return ["{"]
    case "C#": return before == UInt8(ascii: "$") ? ["{"] : []
    case "Shell": return bytes[range.lowerBound] == UInt8(ascii: "'") ? [] : ["$"]
    case "PHP", "Kotlin", "Groovy", "Dart", "Scala": return ["$"]
    default: return []
    }
  }

  /// `rf"…"`, `fr"…"`.
  private static func isRawFormat(_ bytes: [UInt8], _ start: Int) -> Bool {
    start > 1 && "rR".utf8.contains(bytes[start - 1]) && "fF".utf8.contains(bytes[start - 2])
  }

  static func of(_ language: Language, _ bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
    let openers = openers(of: language, bytes, range)
    if openers.isEmpty { return [] }
    var holes: [Range<Int>] = []
    var index = range.lowerBound
    while index < range.upperBound {
      guard let opener = openers.first(where: { bytes.matches($0, at: index) }) else {
        index += 1
        continue
      }
      let start = index
      index += opener.utf8CodeUnitCount
      let isBare = opener.utf8CodeUnitCount == 1 && bytes[start] == UInt8(ascii: "$")
      if isBare, index < range.upperBound, !"{(".utf8.contains(bytes[index]) {
        while index < range.upperBound, isNameByte(bytes[index]) { index += 1 }
      } else {
        if isBare { index += 1 }
        var depth = 1
        while index < range.upperBound, depth > 0 {
          if "({[".utf8.contains(bytes[index]) { depth += 1 }
          if ")}]".utf8.contains(bytes[index]) { depth -= 1 }
          index += 1
        }
      }
      holes.append(start..<min(index, range.upperBound))
    }
    return holes
  }
}
