import Base
import Work

/// The rules for single values of a configuration.
///
/// Each says what is wrong and what is right; `nil` means nothing is wrong.
package enum ConfigurationValue {
  /// What a value may not be, as an error.
  struct Problem: Error {
    var message: String
  }

  /// The providers of models that a configuration can name.
  static let providers = ["openai", "openai-chat", "anthropic", "deepseek"]

  /// A value as it is shown in an error: on one line and not too long.
  package static func shown(_ text: String) -> String {
    let whole = DisplayText.line(text.utf8)
    return whole.count > 60 ? whole.prefix(57) + "..." : whole
  }

  static func notOneOf(_ text: String, _ allowed: [String]) -> String {
    let near = Nearest.misspelling(text, among: allowed).map { "; did you mean '\($0)'?" } ?? ""
    return "'\(shown(text))' is not one of \(allowed.joined(separator: ", "))\(near)"
  }

  /// The branch of this name, short or full.
  static func branch(_ text: String) -> Result<RefName, Problem> {
    let name = text.hasPrefix("refs/heads/") ? String(text.dropFirst("refs/heads/".count)) : text
    let quoted = "'\(shown(text))'"
    if name.hasPrefix("refs/") {
      return .failure(Problem(message: "\(quoted) is no branch; write a branch's name, such as main"))
    }
    if name.hasPrefix("-") { return .failure(Problem(message: "\(quoted) begins with '-', which no branch may")) }
    if name.uppercased() == "HEAD" { return .failure(Problem(message: "HEAD is no branch; write the branch's name")) }
    do {
      let ref = try RefName(branch: Array(name.utf8))
      if SideBranch.isOwn(ref) {
        return .failure(Problem(message: "\(quoted) is one of Arborist's own branches; write another"))
      }
      return .success(ref)
    } catch {
      return .failure(Problem(message: "\(quoted) is no branch's name: \(error.reason)"))
    }
  }

  static func branchPatternProblem(_ text: String) -> String? {
    let quoted = "'\(shown(text))'"
    if text.unicodeScalars.contains(where: { $0 == " " || $0.properties.generalCategory == .control }) {
      return "\(quoted) has a space or a control character, which no branch's name has"
    }
    if text.hasPrefix("refs/"), !text.hasPrefix("refs/heads/") {
      return "\(quoted) names no branch; write a pattern such as \"release/*\""
    }
    if text.hasPrefix("!") { return "\(quoted) begins with '!'; a protected branch cannot be taken out again" }
    return patternProblem(text)
  }

  static func globProblem(_ text: String) -> String? {
    let quoted = "'\(shown(text))'"
    if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      return "\(quoted) has a control character"
    }
    if text.hasPrefix("/") { return "\(quoted) begins with '/'; a path begins at the repository's root without it" }
    if text.hasPrefix("!") { return "\(quoted) begins with '!'; there is no exception from a list, write it narrower" }
    if text.hasSuffix("/") { return "\(quoted) is a directory; write \"\(shown(text))**\" for all in it" }
    let components = text.split(separator: "/", omittingEmptySubsequences: false)
    if components.contains(where: { $0 == "." || $0 == ".." || $0.isEmpty }) {
      return "\(quoted) has a part that is empty, '.' or '..'; write the path from the repository's root"
    }
    return patternProblem(text)
  }

  /// What is wrong with the wildcards of a pattern.
  private static func patternProblem(_ text: String) -> String? {
    let quoted = "'\(shown(text))'"
    var isOpen = false
    var escaped = false
    var inSet = 0
    for scalar in text.unicodeScalars {
      if isOpen { inSet += 1 }
      if escaped {
        escaped = false
      } else if scalar == "\\", !isOpen {
        escaped = true
      } else if scalar == "[", !isOpen {
        isOpen = true
        inSet = 0
      } else if scalar == "]", isOpen, inSet > 1 {
        isOpen = false
      } else if scalar == "{" || scalar == "}", !isOpen {
        return "\(quoted) has a brace, which a pattern does not know; write one pattern for each"
      }
    }
    if isOpen { return "\(quoted) has a '[' without its ']'; close it, or write '\\[' for the character itself" }
    return escaped ? "\(quoted) ends with a backslash; write '\\\\' for the character itself" : nil
  }

  static func commandProblem(_ text: String) -> String? {
    let allowed: Set<Unicode.Scalar> = ["\n", "\t"]
    for scalar in text.unicodeScalars where scalar.properties.generalCategory == .control && !allowed.contains(scalar) {
      return "'\(shown(text))' has a control character, which no command needs"
    }
    return nil
  }

  /// A kind of job: one of those that are known, or a skill's name that cannot be taken for one of them.
  static func jobKindProblem(_ text: String) -> String? {
    let known = RepositoryConfiguration.jobKinds
    if known.contains(text) { return nil }
    if let near = Nearest.misspelling(text, among: known) {
      return "'\(shown(text))' is no kind of job; did you mean '\(near)'?"
    }
    let letters = text.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "-") }
    if letters, !text.hasPrefix("-"), !text.hasSuffix("-"), text.utf8.count <= 64 { return nil }
    return
      "'\(shown(text))' is no kind of job; write \(known.joined(separator: ", ")), or a skill's name in lower-case "
      + "letters and dashes"
  }

  static func modelProblem(_ text: String) -> String? {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[1].isEmpty, !parts[1].contains(where: \.isWhitespace) else {
      return "'\(shown(text))' is no model; write PROVIDER/NAME with one of \(providers.joined(separator: ", "))"
    }
    if providers.contains(String(parts[0])) { return nil }
    return "no such provider: \(notOneOf(String(parts[0]), providers))"
  }

  /// A host by its full name, as RFC 1123 allows it: letters, digits and dashes between dots.
  static func hostProblem(_ text: String) -> String? {
    let quoted = "'\(shown(text))'"
    let example = "write the host's name alone, such as registry.npmjs.org"
    if text.contains("*") { return "\(quoted) has a wildcard; each host is named in full" }
    if text.contains("/") || text.contains(":") || text.contains("@") {
      return "\(quoted) is more than a host's name; \(example)"
    }
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    if let last = labels.last, !last.isEmpty, last.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      return "\(quoted) is an address; \(example)"
    }
    if text.lowercased() == "localhost" || text.lowercased().hasSuffix(".localhost") {
      return "\(quoted) is this machine, which no command may reach; \(example)"
    }
    let isName = labels.allSatisfy { label in
      !label.isEmpty && label.utf8.count <= 63 && label.first != "-" && label.last != "-"
        && label.utf8.allSatisfy(isHostByte)
    }
    if !isName || text.utf8.count > 253 { return "\(quoted) is no host's name; \(example)" }
    return labels.count < 2 ? "\(quoted) is not the full name of a host; \(example)" : nil
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: false
    }
  }

  /// A number above zero in plain decimal digits, such as `2`, `2.5` or `.5`.
  static func amount(_ text: String) -> Double? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let digits = parts.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    guard digits, parts.count <= 2, text.utf8.count <= 32, let value = Double(text) ?? Double("0\(text)") else {
      return nil
    }
    return value > 0 && value <= 1_000_000 ? value : nil
  }

  /// A whole number above zero in plain decimal digits.
  static func count(_ text: String) -> Int? {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text) else { return nil }
    return (1...1_000_000).contains(value) ? value : nil
  }
}
