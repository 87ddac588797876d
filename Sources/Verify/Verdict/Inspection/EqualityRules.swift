internal import Base

/// Comparisons that say yes to everything.
enum EqualityRules {
  static func look(at file: InspectedFile) -> [PatchSuspicion] {
    let added = Set(file.added)
    var found: [PatchSuspicion] = []
    for line in file.added where alwaysEqual(file.squeezed[line]) {
      found.append(
        PatchSuspicion(
          kind: .frameworkPatched, strength: .strong, path: file.path, line: line + 1, excerpt: file.excerpt(line)))
    }
    for line in file.squeezed.indices {
      guard let other = comparedName(in: file.squeezed[line], language: file.language),
        let body = body(of: file, from: line), !added.isDisjoint(with: body)
      else { continue }
      // The body begins behind the parameters, on the line of the name in some languages.
      let code = body.map { $0 == line ? afterParameters(file.squeezed[line]) : file.squeezed[$0] }
      let words = code.flatMap { $0.words.map(String.init) }
      let refuses = ["NotImplemented", "raise", "throw", "NotImplementedError", "abstract", "super", "unimplemented"]
      let looks = words.contains(other) && !asksOnlyForType(code.joined(separator: " "), other, of: file, at: line)
      let itself = ["\(other)==\(other)", "\(other)is \(other)", "\(other)===\(other)", "\(other) is \(other)"]
      let saysYes = code.contains { code in (always + itself).contains { code.has($0) } }
      guard !words.isEmpty, saysYes || !looks && !words.contains(where: refuses.contains) else { continue }
      // What holds everything is no comparison of two things; it may be meant so.
      let strength: PatchSuspicion.Strength = file.squeezed[line].contains("__contains__") ? .wantsPerson : .strong
      found.append(
        PatchSuspicion(
          kind: .frameworkPatched, strength: strength, path: file.path, line: line + 1, excerpt: file.excerpt(line)))
    }
    return found
  }

  /// What is true whatever stands beside it.
  private static let always = [
    "or True", "or 1", "or not False", "||true", "|true", "|True", "||1", "or true", "or!nil",
  ]

  /// A comparison as a function without a name that does not look at what it is given.
  private static func alwaysEqual(_ code: String) -> Bool {
    // A function that was written for something else.
    let others = ["bool", "any", "id", "callable", "repr", "str", "type", "print", "object"]
    if code.hasPrefix("__eq__="), others.contains(String(code.dropFirst(7))) { return true }
    let names = ["__eq__", "__ne__", "__contains__", "define_method(:==", "overload"]
    guard names.contains(where: code.contains), let start = code[...].firstRange(of: "lambda ")?.upperBound,
      let colon = code[start...].firstIndex(of: ":")
    else { return false }
    let parameters = code[start..<colon].split(separator: ",")
    guard let last = parameters.last, !last.hasPrefix("*") else { return true }
    let name = last.prefix { $0 != "=" }
    return !String(code[colon...]).has(String(name))
  }

  /// What the thing that is compared with is called, where the line declares a comparison.
  private static func comparedName(in code: String, language: String) -> String? {
    let forms: [String] =
      switch language {
      case "Python": ["def __eq__(", "def __ne__(", "def __contains__("]
      case "Ruby": ["def==(", "def ==(", "def eql?(", "def equal?(", "def===("]
      case "Java", "Kotlin", "Scala", "Groovy", "C#": ["boolean equals(", "fun equals(", "bool Equals(", "def equals("]
      case "C++": ["operator==(", "operator!=("]
      case "Swift": ["func==(", "func ==("]
      case "Rust": ["fn eq("]
      case "PHP": ["function equals("]
      case "JavaScript", "TypeScript": ["asymmetricMatch("]
      default: []
      }
    for form in forms where code.contains(form) {
      guard let start = code[...].firstRange(of: form)?.upperBound, let end = code[start...].firstIndex(of: ")") else {
        continue
      }
      let parameters = code[start..<end].split(separator: ",").map(String.init)
      guard let last = parameters.last else { return "\u{0}" }
      // `other: Any`, `Object other`, `&self,other:&Self`: the name stands before a colon, or last.
      let name = last.split(separator: ":").first.map(String.init) ?? last
      return (last.contains(":") ? name.words.last : last.split(separator: "=").first.map(String.init)?.words.last)
        .map(String.init) ?? "\u{0}"
    }
    return nil
  }

  /// Whether a comparison in Python looks at nothing but a type, and that is not its own: `isinstance(other, str)`.
  private static func asksOnlyForType(_ code: String, _ other: String, of file: InspectedFile, at line: Int) -> Bool {
    let form = "isinstance(\(other),"
    guard file.language == "Python", let range = code[...].firstRange(of: form) else { return false }
    let type = String(code[range.upperBound...].prefix { $0.isWordCharacter || $0 == "." })
    let rest = code[..<range.lowerBound] + code[range.upperBound...]
    let indent = file.new.indent(of: line)
    let owner = (0..<line).last { file.new.indent(of: $0) < indent && file.new.code[$0].trimmed.hasPrefix("class ") }
    let isOwn =
      type.hasPrefix("type") || type.hasPrefix("self")
      || owner.map { file.new.code[$0].has(type) && file.new.code[$0].trimmed.hasPrefix("class \(type)") } ?? false
    return !String(rest).has(other) && !isOwn
  }

  private static func afterParameters(_ code: String) -> String {
    guard let end = code.firstIndex(of: ")") else { return "" }
    let rest = code[code.index(after: end)...]
    // What is returned is written before the body.
    guard let open = rest.firstIndex(where: { $0 == "{" || $0 == ":" || $0 == "=" }) else { return "" }
    return String(rest[rest.index(after: open)...])
  }

  private static func body(of file: InspectedFile, from line: Int) -> ClosedRange<Int>? {
    switch file.language {
    case "Python":
      return line...file.new.indentedEnd(from: line)
    case "Ruby":
      let indent = file.new.indent(of: line)
      let end = (line + 1..<max(file.new.count, line + 1)).first {
        file.new.indent(of: $0) == indent && file.new.code[$0].trimmed == "end"
      }
      return line...max(line, (end ?? line) - 1)
    default:
      return file.new.blockEnd(from: line, open: "{", close: "}").map { line...$0 }
    }
  }
}
