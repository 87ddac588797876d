/// Words as they are written for a shell.
package enum ShellQuoting {
  /// A word as it must be written for the shell to take it as it is.
  package static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || "@%_-+=:,./".utf8.contains(byte)
      }
    if isPlain { return word }
    // By bytes: a quote with a combining character behind it is a quote to the shell.
    let quote = UInt8(ascii: "'")
    let inner = word.utf8.flatMap { $0 == quote ? Array("'\\''".utf8) : [$0] }
    return String(decoding: [quote] + inner + [quote], as: UTF8.self)
  }
}
