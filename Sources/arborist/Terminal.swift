internal import Base
internal import Glibc

/// What a command prints, and where to.
///
/// Results go to standard output, everything else to standard error.
enum Terminal {
  /// Whether standard output is a terminal that wants colours; `NO_COLOR` and `TERM=dumb` say that it does not.
  static var wantsColour: Bool {
    isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
      && getenv("TERM").map { String(cString: $0) != "dumb" } ?? false
  }

  /// How many columns standard output has; 100 where it is no terminal.
  static var width: Int { columns(of: STDOUT_FILENO) }

  private static func columns(of descriptor: Int32) -> Int {
    var size = winsize()
    guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
    return Int(size.ws_col)
  }

  /// Writes a result.
  ///
  /// - Throws: ``CommandFailure`` where nobody takes it.
  static func result(_ bytes: [UInt8]) throws {
    try write(bytes, to: STDOUT_FILENO)
  }

  /// Writes a result.
  ///
  /// - Throws: ``CommandFailure`` where nobody takes it.
  static func result(_ text: String) throws {
    try write(Array(text.utf8), to: STDOUT_FILENO)
  }

  /// Writes a line about what is going on; it stays one line and harmless, whatever words of a person are in it.
  static func note(_ line: String) {
    // It takes the place of what was shown of a progress, which its next step shows again.
    let start = isatty(STDERR_FILENO) == 1 ? "\r\u{1B}[K" : ""
    try? write(Array("\(start)arborist: \(DisplayText.line(line.utf8))\n".utf8), to: STDERR_FILENO)
  }

  /// Shows how far a command is on the last line of the terminal, where somebody watches; `nil` clears it.
  static func progress(_ text: String?) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    let line = text.map { "arborist: \(DisplayText.line($0.utf8))" } ?? ""
    // What goes on in a second line could not be taken back.
    let shown = line.prefix(max(1, columns(of: STDERR_FILENO) - 1))
    try? write(Array("\r\u{1B}[K\(shown)".utf8), to: STDERR_FILENO)
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 {
        if errno == EINTR { continue }
        throw CommandFailure(.surroundings, "the output cannot be written: \(String(cString: strerror(errno)))")
      }
      rest = rest.dropFirst(written)
    }
  }
}
