/// How many tokens something will be.
package enum TokenEstimate {
  /// The tokens of a text or of JSON.
  ///
  /// Source code and JSON come to 3.5 bytes a token and seldom to fewer; what is not ASCII to two.
  package static func tokens(in bytes: some Sequence<UInt8>) -> Int {
    var count = 0
    var foreign = 0
    for byte in bytes {
      count += 1
      if byte >= 0x80 { foreign += 1 }
    }
    return tokens(bytes: count - foreign) + (foreign + 1) / 2
  }

  /// The tokens of a text.
  package static func tokens(in text: String) -> Int {
    var text = text
    return text.withUTF8 { tokens(in: $0) }
  }

  /// The tokens of so many bytes that were not looked at.
  package static func tokens(bytes: Int) -> Int { (max(0, bytes) * 2 + 6) / 7 }
}

/// The tokens of the next request of a run, by what the last one was counted at.
///
/// What the vendor has counted is the truth; only what was added since is estimated.
package struct TokenMeter: Sendable, Hashable, Codable {
  private var bytes = 0
  private var tokens: Int?

  package init() {}

  /// Notes what a request of so many bytes was counted at.
  package mutating func record(bytes: Int, usage: TokenUsage) {
    let counted = usage.input + usage.cacheRead + usage.cacheWrite
    guard counted > 0, bytes > 0 else { return }
    self.bytes = bytes
    tokens = counted
  }

  /// The tokens of a request of so many bytes.
  package func estimate(bytes: Int) -> Int {
    guard let tokens else { return TokenEstimate.tokens(bytes: bytes) }
    if bytes >= self.bytes { return tokens + TokenEstimate.tokens(bytes: bytes - self.bytes) }
    // It has become shorter: what is left is taken to be as dense as the whole was, and a little denser.
    return min(tokens, tokens * bytes / max(1, self.bytes) * 11 / 10 + 1)
  }
}
