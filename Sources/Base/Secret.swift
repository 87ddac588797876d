/// A text that must not be seen: a key, a token.
///
/// What describes it, dumps it or puts it into another text shows only that something is there.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let value: String

  package init(_ value: String) {
    self.value = value
  }

  /// The text itself, for the one place that sends it.
  package func reveal() -> String { value }

  package var description: String { "(secret)" }
  package var debugDescription: String { "(secret)" }
  package var customMirror: Mirror { Mirror(self, children: [:]) }

  /// The text with every occurrence of the secret taken out, as where a server repeats what it was sent.
  ///
  /// A secret of fewer than six characters is left where it is: it would be found in ordinary words.
  package func redacting(_ text: String) -> String {
    guard value.utf8.count >= 6 else { return text }
    let secret = Array(value.utf8)
    let source = Array(text.utf8)
    var result: [UInt8] = []
    var index = 0
    while index < source.count {
      if source[index] == secret[0], source[index...].starts(with: secret) {
        result += Array("(secret)".utf8)
        index += secret.count
      } else {
        result.append(source[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
