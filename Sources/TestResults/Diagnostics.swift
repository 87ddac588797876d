/// Knows lines of a log that matter.
package enum LogLine {
  /// Whether the line says that something went wrong.
  package static func isError(_ line: [UInt8]) -> Bool { Diagnostics.isErrorLine(line[...]) }
}

/// Finds what compilers and loaders say.
enum Diagnostics {
  static let most = 200

  /// `PATH:LINE:COLUMN: message` or `PATH:LINE: message`.
  static func plain(_ line: Bytes) -> BuildDiagnostic? {
    var from = line.startIndex
    while let colon = line[from...].firstIndex(of: UInt8(ascii: ":")) {
      from = colon + 1
      guard colon > line.startIndex, let (number, tail) = line[(colon + 1)...].leadingInteger, number > 0,
        var message = tail.after(":")
      else { continue }
      if let (_, rest) = message.leadingInteger, let behind = rest.after(":") { message = behind }
      guard message.first == 0x20 else { return nil }
      let path = line[..<colon].trimmed
      guard !path.contains(0x20), path.contains(UInt8(ascii: ".")) else { return nil }
      return BuildDiagnostic(path: Array(path), line: number, message: Array(message.trimmed))
    }
    return nil
  }

  /// `PATH(LINE,COLUMN): error CODE: message`.
  private static func parenthesized(_ line: Bytes) -> BuildDiagnostic? {
    guard let (head, message) = line.split(at: "): error "), let (path, place) = head.splitLast(at: "("),
      let (number, _) = place.leadingInteger, !path.isEmpty
    else { return nil }
    return BuildDiagnostic(path: Array(path.trimmed), line: number, message: Array(message))
  }

  /// The errors of compilers in an output, each once.
  static func find(in output: [UInt8]) -> [BuildDiagnostic] {
    var found: [BuildDiagnostic] = []
    var seen: Set<BuildDiagnostic> = []
    var rust: Bytes?
    var python: (path: Bytes, line: Int)?
    LogText.forEachLine(output) { line, _ in
      guard found.count < most else { return }
      var diagnostic: BuildDiagnostic?
      if line.contains(text: "error: "), var plain = plain(line),
        let message = plain.message[...].afterAny(["error: ", "fatal error: "])
      {
        plain.message = Array(message)
        diagnostic = plain
      } else if line.contains(text: "): error ") {
        diagnostic = parenthesized(line)
      } else if line.hasPrefix("error[") || line.hasPrefix("error: ") {
        rust = line.split(at: ": ")?.1
      } else if let message = rust, let place = line.trimmed.after("--> ") {
        if let frame = Frames.find(in: Array(place)).first {
          diagnostic = BuildDiagnostic(path: frame.path, line: frame.line, message: Array(message))
        }
        rust = nil
      } else if let frame = line.trimmed.after("File \""), frame.contains(text: "\", line ") {
        if let found = Frames.find(in: Array(line)).first { python = (found.path[...], found.line) }
      } else if let place = python, line.afterAny(["SyntaxError: ", "IndentationError: ", "TabError: "]) != nil {
        diagnostic = BuildDiagnostic(path: Array(place.path), line: place.line, message: Array(line))
      }
      if let diagnostic, seen.insert(diagnostic).inserted { found.append(diagnostic) }
    }
    return found
  }

  /// Whether the line says that something went wrong, for an output that no reader knows.
  static func isErrorLine(_ line: Bytes) -> Bool {
    for word in ["error", "Error", "ERROR", "FAIL", "Fail", "failed", "fatal", "panic", "Exception", "Traceback"]
    where line.contains(text: word) { return true }
    return line.contains(text: "Segmentation fault") || line.contains(text: "Assertion")
      || line.contains(text: "core dumped")
  }
}
