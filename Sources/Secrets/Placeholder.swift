internal import ByteText
internal import Glibc

/// Tells a secret from what people write in its place.
enum Placeholder {
  /// The Shannon entropy of the bytes, in bits for each byte.
  static func entropy(_ bytes: some Collection<UInt8>) -> Double {
    guard !bytes.isEmpty else { return 0 }
    var counts = [Int](repeating: 0, count: 256)
    for byte in bytes { counts[Int(byte)] += 1 }
    let total = Double(bytes.count)
    return counts.reduce(0) { sum, count in
      count == 0 ? sum : sum - Double(count) / total * log2(Double(count) / total)
    }
  }

  /// Whether a token of a known shape is an example.
  static func isExample(_ token: ArraySlice<UInt8>) -> Bool {
    let lowered = token.lowercased()
    if exampleWords.contains(where: { lowered.contains($0) }) { return true }
    if hasRun(lowered, of: 6) || hasSequence(lowered, of: 8) { return true }
    if published.contains(where: { token.contains($0) }) { return true }
    return token.count >= 20 && entropy(token) < 3
  }

  /// Whether a value is what people write where a secret would stand, or a word, a name, a path or an expression.
  static func isPlain(_ value: ArraySlice<UInt8>) -> Bool {
    let lowered = value.lowercased()
    if exampleWords.contains(where: { lowered.contains($0) }) { return true }
    if plainWords.contains(where: { lowered.contains($0) }) { return true }
    if hasRun(lowered, of: 4) || hasSequence(lowered, of: 5) { return true }
    if lowered.contains(where: { "${}<>()[]|\\ \t,;*`\u{7f}".utf8.contains($0) || $0 >= 0x80 }) { return true }
    if lowered.contains(text: "://") || lowered.first == UInt8(ascii: "/") || lowered.hasPrefix("./") { return true }
    if lowered.first == UInt8(ascii: "%") || lowered.first == UInt8(ascii: "@") { return true }
    return false
  }

  private static func hasRun(_ text: [UInt8], of length: Int) -> Bool {
    var count = 1
    for index in text.indices.dropFirst() {
      count = text[index] == text[index - 1] ? count + 1 : 1
      if count >= length { return true }
    }
    return false
  }

  /// `12345678`, `abcdefgh`.
  private static func hasSequence(_ text: [UInt8], of length: Int) -> Bool {
    var count = 1
    for index in text.indices.dropFirst() {
      count = text[index] == text[index - 1] &+ 1 ? count + 1 : 1
      if count >= length { return true }
    }
    return false
  }

  private static let exampleWords: [[UInt8]] = [
    "example", "placeholder", "redacted", "dummy", "changeme", "change_me", "change-me", "your-", "your_", "yourkey",
    "yourtoken", "sample", "notreal", "not-real", "insert", "replace", "fake", "xxxx", "....", "deadbeef", "lorem",
    "foobar", "removed", "hidden", "secretsecret", "invalid",
  ].map { Array($0.utf8) }

  private static let plainWords: [[UInt8]] = [
    "password", "passwd", "secret", "token", "test", "demo", "admin", "qwerty", "letmein", "hunter2", "default",
    "local", "none", "null", "undefined", "true", "false", "todo", "abc123", "123abc", "my-", "my_", "some-", "some_",
    "foo", "bar", "baz", "mock", "stub", "getenv", "process.env", "config", "string", "input", "field", "required",
    "username", "user", "login", "pass", "guest", "temp", "value", "env.", "vault", "key",
  ].map { Array($0.utf8) }

  /// Tokens that vendors print in their own documents.
  private static let published: [[UInt8]] = [
    "16C7e42F292c6912E7710c838347Ae178B4a", "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c", "eyJzdWIiOiIxMjM0NTY3ODkw",
    "AIzaSyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe", "4eC39HqLyjWDarjtT1zdp7dc",
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw",
    "SAMPLEKEY", "TEST",
  ].map { Array($0.utf8) }
}
