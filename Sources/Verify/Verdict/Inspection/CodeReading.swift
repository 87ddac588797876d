internal import Base
internal import Merging

/// Reads code as its language does: statements over several lines as one, names by what they are given to, and letters
/// that stand for others.
struct CodeReading {
  private let file: SourceView
  private let added: Set<Int>
  /// The lines that go on in the next one.
  private let isContinued: [Bool]
  /// Other names of frameworks and of what belongs to them.
  private let aliases: [String: String]

  init(_ file: SourceView, added: Set<Int>) {
    self.file = file
    self.added = added
    isContinued = (0..<file.count).map { Self.isContinued($0, in: file) }
    aliases = Self.aliases(of: file)
  }

  /// Lines of squeezed code, read so.
  ///
  /// What a statement holds stands on the first of its lines that a patch brings.
  func lines(_ squeezed: [String]) -> [String] {
    var lines = squeezed
    if file.language.name == "Python" { lines = lines.map(Self.folded) }
    var start = 0
    while start < lines.count {
      var end = start
      while end + 1 < lines.count, end - start < 12, isContinued[end] { end += 1 }
      if end > start, let first = (start...end).first(where: added.contains) {
        let parts = lines[start...end].map { $0.hasSuffix("\\") ? String($0.dropLast()) : $0 }
        lines[first] = parts.joined(separator: " ").squeezed
      }
      start = end + 1
    }
    guard !aliases.isEmpty else { return lines }
    return lines.enumerated().map { number, line in added.contains(number) ? expanded(line) : line }
  }

  // MARK: Statements

  private static func isContinued(_ line: Int, in file: SourceView) -> Bool {
    let text = file.code[line].trimmed
    guard let last = text.last, line + 1 < file.count else { return false }
    if last == "\\" { return true }
    switch file.language.name {
    case "Python":
      if text.hasPrefix("from ") || text.hasPrefix("import "), text.contains("("), !text.contains(")") { return true }
      return last == "(" || last == "."
    case "JavaScript", "TypeScript": return last == "(" || last == "."
    case "Rust": return text.hasSuffix("macro_rules!")
    case "C", "C++", "Objective-C":
      // `int`, and the name of a function on the next line.
      return file.indent(of: line) == 0 && text.first?.isLetter ?? false
        && text.allSatisfy { $0.isWordCharacter || $0 == " " || $0 == "*" }
        && file.code[line + 1].trimmed.contains("(")
    default: return false
    }
  }

  // MARK: Names

  private static let python: Set<String> = [
    "unittest", "pytest", "_pytest", "doctest", "builtins", "nose", "hypothesis",
  ]
  private static let script = [
    "assert": "assert", "node:assert": "assert", "assert/strict": "assert", "node:assert/strict": "assert",
    "node:test": "test", "chai": "chai", "expect": "expect", "vitest": "vitest", "@jest/globals": "jest",
  ]

  private static func aliases(of file: SourceView) -> [String: String] {
    switch file.language.name {
    case "Python": pythonAliases(of: file)
    case "JavaScript", "TypeScript": scriptAliases(of: file)
    default: [:]
    }
  }

  private static func pythonAliases(of file: SourceView) -> [String: String] {
    var found: [String: String] = [:]
    var open: String?
    for line in 0..<file.count {
      let text = folded(file.code[line].squeezed)
      if let module = open {
        take(text, of: module, &found)
        if text.contains(")") { open = nil }
      } else if text.hasPrefix("import ") {
        for part in text.dropFirst(7).split(separator: ",") {
          guard let name = String(part).after(" as "), let module = String(part).before(" as ") else { continue }
          if python.contains(String(module.prefix { $0 != "." })) { found[name] = module }
        }
      } else if text.hasPrefix("from "), let list = text.after("import") {
        let module = String(text.dropFirst(5).prefix { $0 != " " })
        guard python.contains(String(module.prefix { $0 != "." })) else { continue }
        take(list, of: module, &found)
        if list.contains("("), !list.contains(")") { open = module }
      } else if let equals = text.firstIndex(of: "="), text[..<equals].allSatisfy(\.isWordCharacter) {
        // `case = unittest.case`
        let value = text[text.index(after: equals)...]
        let root = String(value.prefix(while: \.isWordCharacter))
        guard !root.isEmpty, value.allSatisfy({ $0.isWordCharacter || $0 == "." }) else { continue }
        let whole = (found[root] ?? root) + value.dropFirst(root.count)
        if found[root] != nil || python.contains(root) { found[String(text[..<equals])] = whole }
      }
    }
    return found.filter { $0.key != $0.value }
  }

  private static func take(_ list: String, of module: String, _ found: inout [String: String]) {
    for part in list.split(whereSeparator: { ",()\\".contains($0) }) {
      let name = String(part).trimmed
      if name.isEmpty || name == "*" { continue }
      found[name.after(" as ") ?? name] = "\(module).\(name.before(" as ") ?? name)"
    }
  }

  private static func scriptAliases(of file: SourceView) -> [String: String] {
    var found: [String: String] = [:]
    for line in file.uncommented {
      let text = line.squeezed
      guard text.hasPrefix("import") || text.contains("require(") else { continue }
      let parts = text.split(omittingEmptySubsequences: false) { $0 == "'" || $0 == "\"" }
      guard parts.count > 1, let owner = script[String(parts[1])] else { continue }
      let left = text.hasPrefix("import") ? String(parts[0].dropFirst(6)) : text.before("=") ?? ""
      let outside = left.before("{") ?? left
      for word in outside.words where !["as", "from", "const", "let", "var", "type"].contains(word) {
        found[String(word)] = owner
      }
      guard let inside = left.after("{") else { continue }
      for part in inside.split(whereSeparator: { ",}".contains($0) }) where part != "from" {
        let names = String(part).words.filter { $0 != "as" }
        if let first = names.first, let last = names.last { found[String(last)] = "\(owner).\(first)" }
      }
    }
    return found.filter { $0.key != $0.value }
  }

  /// A line with the names of frameworks in place of others that they were given.
  private func expanded(_ line: String) -> String {
    if line.hasPrefix("import ") || line.hasPrefix("from ") || line.contains("require(") { return line }
    var result = ""
    var word = ""
    func finish(_ result: inout String) {
      result += result.last == "." ? word : aliases[word] ?? word
      word = ""
    }
    for character in line {
      if character.isWordCharacter {
        word.append(character)
      } else {
        finish(&result)
        result.append(character)
      }
    }
    finish(&result)
    return result
  }

  // MARK: Letters

  /// A line with plain letters where Python reads others as such: it takes names in the form NFKC of Unicode.
  static func folded(_ line: String) -> String {
    guard line.utf8.contains(where: { $0 >= 0x80 }) else { return line }
    var result = ""
    for scalar in line.unicodeScalars { result += plain(scalar) ?? String(Character(scalar)) }
    return result
  }

  private static let ligatures = ["ff", "fi", "fl", "ffi", "ffl", "st", "st"]

  private static func plain(_ scalar: Unicode.Scalar) -> String? {
    func ascii(_ value: UInt32) -> String? { Unicode.Scalar(value).map { String(Character($0)) } }
    switch scalar.value {
    // The long s, and the letters that only stand higher or lower.
    case 0x17F: return "s"
    case 0xAA: return "a"
    case 0xBA: return "o"
    case 0xFB00...0xFB06: return ligatures[Int(scalar.value - 0xFB00)]
    // Full width.
    case 0xFF21...0xFF3A, 0xFF41...0xFF5A, 0xFF10...0xFF19, 0xFF3F: return ascii(scalar.value - 0xFEE0)
    // Thirteen alphabets of mathematics, each of capitals and small letters, and five rows of digits.
    case 0x1D400...0x1D6A3:
      let place = (scalar.value - 0x1D400) % 52
      return ascii(place < 26 ? 0x41 + place : 0x61 + place - 26)
    case 0x1D7CE...0x1D7FF: return ascii(0x30 + (scalar.value - 0x1D7CE) % 10)
    case 0x2071: return "i"
    case 0x207F: return "n"
    case 0x2090: return "a"
    case 0x2091: return "e"
    case 0x2092: return "o"
    case 0x2095...0x209C: return String(Array("hklmnpst")[Int(scalar.value - 0x2095)])
    // Letters that mathematics had before it had alphabets.
    case 0x210A: return "g"
    case 0x210B...0x210D: return "H"
    case 0x210E: return "h"
    case 0x2110, 0x2111: return "I"
    case 0x2112: return "L"
    case 0x2113: return "l"
    case 0x2115: return "N"
    case 0x2119: return "P"
    case 0x211A: return "Q"
    case 0x211B...0x211D: return "R"
    case 0x2124, 0x2128: return "Z"
    case 0x212C: return "B"
    case 0x212D: return "C"
    case 0x212F: return "e"
    case 0x2130: return "E"
    case 0x2131: return "F"
    case 0x2133: return "M"
    case 0x2134: return "o"
    case 0x2139: return "i"
    case 0x2145: return "D"
    case 0x2146: return "d"
    case 0x2147: return "e"
    case 0x2148: return "i"
    case 0x2149: return "j"
    default: return nil
    }
  }
}
