internal import ByteText

/// A secret in a line.
package struct SecretMatch: Sendable, Hashable {
  /// Where the secret itself stands in the line.
  package var range: Range<Int>
  /// Whose secret it is.
  package var name: String
  package var strength: Strength

  /// How sure the shape of the secret makes one.
  package enum Strength: Sendable, Hashable {
    /// The shape belongs to one provider.
    case certain
    /// The shape is certain, but such tokens are common where they do no harm.
    case commonInTests
    /// Only the name, or the place, speaks for it.
    case weak
  }
}

/// Finds secrets in single lines of bytes.
///
/// A line is walked once; at each byte only the shapes that begin with it are tried, anchored there.
package enum SecretScanner {
  /// All secrets in the line, in order and apart from each other.
  ///
  /// Where `unquoted` is set, a value without quotes can be a secret too, as in an environment file.
  package static func matches(in line: [UInt8], unquoted: Bool) -> [SecretMatch] {
    guard line.count >= 12 else { return [] }
    var found = tokens(in: line)
    found += infixTokens(in: line)
    found += urlPasswords(in: line)
    found += assignments(in: line, unquoted: unquoted)
    // Where two overlap the one that is surer of itself stays: they were found in that order.
    var kept: [SecretMatch] = []
    for match in found where !kept.contains(where: { $0.range.overlaps(match.range) }) { kept.append(match) }
    return kept.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  /// The line with every secret cut down to its beginning and its length.
  package static func redacting(_ line: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    for match in matches(in: line, unquoted: true) {
      result += line[index..<match.range.lowerBound]
      result += redaction(of: line[match.range])
      index = match.range.upperBound
    }
    return result + line[index...]
  }

  /// A text of any number of lines, with every secret cut down likewise.
  package static func redacting(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String(decoding: redacting(Array($0.utf8)), as: UTF8.self) }.joined(separator: "\n")
  }

  /// What is shown of a secret: four characters at most, and no more than a quarter of it.
  static func redaction(of secret: ArraySlice<UInt8>) -> [UInt8] {
    Array(secret.prefix(min(4, secret.count / 4))) + Array("…[\(secret.count) characters]".utf8)
  }

  // MARK: Tokens with a shape of their own

  private static func tokens(in line: [UInt8]) -> [SecretMatch] {
    var result: [SecretMatch] = []
    var index = 0
    let table = SecretRules.byFirstByte
    scan: while index < line.count {
      let candidates = table[Int(line[index])]
      if !candidates.isEmpty, isTokenStart(index, in: line) {
        for (prefix, rule) in candidates where line.matches(prefix, at: index) {
          guard let end = rule.end(in: line, from: index + prefix.count) else { continue }
          guard !Placeholder.isExample(line[index..<end]) else { continue }
          result.append(
            SecretMatch(
              range: index..<end, name: rule.name, strength: rule.isCommonInTests ? .commonInTests : .certain))
          index = end
          continue scan
        }
      }
      index += 1
    }
    return result
  }

  /// Whether no letter or digit stands before; the letter of an escape such as `\n` does not count.
  private static func isTokenStart(_ index: Int, in line: [UInt8]) -> Bool {
    guard index > 0, ASCII.isWord(line[index - 1]) else { return true }
    return index > 1 && line[index - 2] == UInt8(ascii: "\\") && "nrt".utf8.contains(line[index - 1])
  }

  private static func infixTokens(in line: [UInt8]) -> [SecretMatch] {
    InfixSecretRule.all.flatMap { rule in
      var result: [SecretMatch] = []
      var from = 0
      while let index = line.firstIndex(of: rule.infix, from: from) {
        from = index + rule.infix.count
        guard let range = range(of: rule, at: index, in: line) else { continue }
        result.append(SecretMatch(range: range, name: rule.name, strength: .certain))
        from = range.upperBound
      }
      return result
    }
  }

  private static func range(of rule: InfixSecretRule, at index: Int, in line: [UInt8]) -> Range<Int>? {
    var start = index
    while start > 0, index - start < rule.beforeLength.upperBound, rule.before.contains(line[start - 1]) { start -= 1 }
    guard rule.beforeLength.contains(index - start), start == 0 || !ASCII.isAlphanumeric(line[start - 1]),
      let end = SecretRule.end(of: rule.after, in: line, from: index + rule.infix.count),
      !Placeholder.isExample(line[start..<end])
    else { return nil }
    return start..<end
  }

  // MARK: URLs

  /// The passwords in addresses such as `scheme://user:password@host`.
  private static func urlPasswords(in line: [UInt8]) -> [SecretMatch] {
    var result: [SecretMatch] = []
    var start = 0
    while let index = line.firstIndex(of: Array("://".utf8), from: start) {
      start = index + 3
      guard index > 0, ASCII.isLetter(line[index - 1]) else { continue }
      let rest = line[start...]
      let authority = rest.prefix { !ASCII.isBlank($0) && !"/?#\"'`<>\\)".utf8.contains($0) }
      guard let at = authority.lastIndex(of: UInt8(ascii: "@")),
        let colon = authority.firstIndex(of: UInt8(ascii: ":")), colon < at
      else { continue }
      let user = authority[..<colon]
      let password = authority[(colon + 1)..<at]
      let host = authority[(at + 1)...].prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ",") }
      guard password.count >= 5, !password.elementsEqual(user), !isLocal(host), !Placeholder.isPlain(password),
        !isMadeUp(user), Placeholder.entropy(password) >= 2.3
      else { continue }
      result.append(
        SecretMatch(range: password.startIndex..<password.endIndex, name: "password in a URL", strength: .weak))
    }
    return result
  }

  private static func isMadeUp(_ user: ArraySlice<UInt8>) -> Bool {
    user.contains { "${}<>%".utf8.contains($0) }
  }

  /// A host that is only reached from where it runs, or that is only written about.
  private static func isLocal(_ host: ArraySlice<UInt8>) -> Bool {
    let name = host.lowercased()
    return !name.contains(UInt8(ascii: ".")) || name.hasPrefix("127.") || name.hasPrefix("0.0.0.0")
      || name.contains(text: "example") || name.hasSuffix(".test") || name.hasSuffix(".local")
      || name.hasSuffix(".invalid") || name.hasSuffix("host.com") || name.hasSuffix("domain.com")
      || name.contains { "${}<>%".utf8.contains($0) }
  }

  // MARK: Values with a telling name

  private static func assignments(in line: [UInt8], unquoted: Bool) -> [SecretMatch] {
    var result: [SecretMatch] = []
    var index = 0
    // Looked up at the first name, and then once for the line.
    var providers: [NamedSecretRule]?
    while index < line.count {
      let byte = line[index]
      index += 1
      guard byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":") else { continue }
      guard let name = SecretName(endingBefore: index - 1, in: line) else { continue }
      let rules = providers ?? providersNamed(in: line)
      providers = rules
      guard name.isTelling || !rules.isEmpty, let value = value(after: index, in: line) else { continue }
      if let match = named(value, in: line, before: index, by: rules) {
        result.append(match)
      } else if name.isTelling, value.isQuoted || unquoted, isSecret(line[value.range], for: name) {
        result.append(SecretMatch(range: value.range, name: name.words, strength: .weak))
      } else {
        continue
      }
      index = value.range.upperBound
    }
    return result
  }

  /// The rules whose words all stand in the line.
  private static func providersNamed(in line: [UInt8]) -> [NamedSecretRule] {
    guard line.count >= 24 else { return [] }
    let lowered = line.lowercased()
    return NamedSecretRule.all.filter { $0.words.allSatisfy { lowered.contains($0) } }
  }

  private struct Value {
    var range: Range<Int>
    var isQuoted: Bool
  }

  private static func value(after index: Int, in line: [UInt8]) -> Value? {
    var start = index
    while start < line.count, ASCII.isBlank(line[start]) || line[start] == UInt8(ascii: ">") || line[start] == 0x3d {
      start += 1
    }
    guard start < line.count else { return nil }
    // No secret is longer; a line without blanks may be as long as it likes.
    let rest = line[start..<min(line.count, start + 4_096)]
    let quote = line[start]
    if quote == 0x22 || quote == 0x27 || quote == 0x60 {
      guard let end = rest.dropFirst().firstIndex(of: quote) else { return nil }
      return Value(range: start + 1..<end, isQuoted: true)
    }
    let end = rest.firstIndex { ASCII.isBlank($0) || "\"'`,;)".utf8.contains($0) } ?? rest.endIndex
    return Value(range: start..<end, isQuoted: false)
  }

  /// A value whose shape belongs to a provider that the line names before it.
  private static func named(
    _ value: Value, in line: [UInt8], before index: Int, by rules: [NamedSecretRule]
  ) -> SecretMatch? {
    guard value.range.count >= 16, !rules.isEmpty else { return nil }
    let context = line[max(0, index - 80)..<index].lowercased()
    for rule in rules where rule.words.allSatisfy({ context.contains($0) }) {
      guard SecretRule.end(of: rule.parts, in: line, from: value.range.lowerBound) == value.range.upperBound,
        !Placeholder.isExample(line[value.range]), Placeholder.entropy(line[value.range]) >= 2.8
      else { continue }
      return SecretMatch(range: value.range, name: rule.name, strength: .certain)
    }
    return nil
  }

  /// Whether the value looks made by a machine, or like a password that somebody chose.
  private static func isSecret(_ value: ArraySlice<UInt8>, for name: SecretName) -> Bool {
    guard (8...200).contains(value.count), !Placeholder.isPlain(value) else { return false }
    let digits = value.count(where: ASCII.isDigit)
    let letters = value.count(where: ASCII.isLetter)
    guard digits > 0, letters > 0 else { return false }
    let entropy = Placeholder.entropy(value)
    // A password that a person chose has a sign in it, or both cases; a name or a version has not.
    if name.isPassword {
      let mixed = value.contains(where: ASCII.isUpper) && value.contains(where: ASCII.isLower)
      let signs = value.contains { !ASCII.isAlphanumeric($0) && !"-_.:/".utf8.contains($0) }
      return entropy >= 2.8 && (mixed || signs)
    }
    // Words joined by signs are names.
    let longest = value.split { !ASCII.isAlphanumeric($0) }.map(\.count).max() ?? 0
    return value.count >= 16 && longest >= 12 && digits >= 3 && entropy >= 3.4
  }
}

/// The name that a value is given to.
struct SecretName {
  /// What kind of secret the name promises, for a title.
  let words: String
  let isPassword: Bool
  let isTelling: Bool

  /// The name that ends before the index, quotes and blanks aside; `nil` where there is none.
  init?(endingBefore index: Int, in line: [UInt8]) {
    var end = index
    while end > 0, ASCII.isBlank(line[end - 1]) || "\"'`:]".utf8.contains(line[end - 1]) { end -= 1 }
    var start = end
    while start > 0, end - start < 60, ASCII.isWord(line[start - 1]) || "-.".utf8.contains(line[start - 1]) {
      start -= 1
    }
    guard end - start >= 3 else { return nil }
    let name = line[start..<end].lowercased().filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
    let password = Self.passwordWords.contains { name.hasSuffix($0) }
    let key = Self.keyWords.contains { name.hasSuffix($0) }
    isPassword = password
    isTelling = (password || key) && !Self.harmless.contains { name.contains(text: $0) }
    words = password ? "password" : "secret with a telling name"
  }

  private static let passwordWords = ["password", "passwd", "pwd", "passphrase", "passwort"]
  private static let keyWords = [
    "secret", "token", "apikey", "accesskey", "secretkey", "privatekey", "authkey", "encryptionkey", "signingkey",
    "credential", "credentials", "masterkey",
  ]
  private static let harmless = [
    "public", "csrf", "xsrf", "nexttoken", "pagetoken", "cancel", "placeholder", "syntaxtoken", "hash", "digest",
    "checksum", "test", "mock", "fake", "example", "dummy", "pagination", "continuation", "cursor",
  ]
}
