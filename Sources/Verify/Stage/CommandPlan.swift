internal import Base
internal import Sandbox
internal import TestResults

/// How a line of `sh` is run so that its runner also writes a report for programs, where that is possible.
struct CommandPlan: Sendable, Hashable {
  /// The line as it was written.
  var line: String
  /// The line that is run.
  var shell: String
  /// The words for the reader of results.
  var words: [String]
  var environment: [String: String]
  /// Below the work tree; what a run wrote there are reports.
  var patterns: [String]
  /// The words that were added to the command.
  var added: [String]

  /// The plan for a line; `directory` is where reports go, an absolute path in the cell.
  init(for line: String, reportsInto directory: String?) {
    self.line = line
    shell = line
    environment = [:]
    patterns = []
    added = []
    let simple = Self.words(of: line)
    words = simple ?? ["sh", "-c", line]
    guard let directory else { return }
    // What a line of the shell starts is told by the environment alone.
    guard let request = ReportRequest.make(for: simple ?? ["sh"], into: directory) else { return }
    environment = request.environment
    patterns = request.patterns
    if let simple, request.command != simple {
      shell = request.command.map(ShellQuoting.quoted).joined(separator: " ")
      added = request.command.filter { !simple.contains($0) }
    }
  }

  /// Whether the command is given a directory for its reports.
  var wantsDirectory: Bool { !added.isEmpty || !environment.isEmpty }

  /// Whether it prints events of `go test` in place of text.
  var isGoJSON: Bool { added == ["-json"] }

  /// Whether the command failed because its runner does not know what was added to it.
  func isRefused(_ ended: CellShell.Ended) -> Bool {
    guard !added.isEmpty, case .exited(let status) = ended.ending, status != 0 else { return false }
    let options = added.compactMap { $0.hasPrefix("-") ? $0.split(separator: "=").first.map(String.init) : nil }
    let said = ["unrecognized", "unrecognised", "unknown", "invalid", "not defined", "no such option", "bad option"]
    return ended.output.suffix(16 << 10).split(separator: UInt8(ascii: "\n")).contains { line in
      let text = String(decoding: line.prefix(1000), as: UTF8.self).lowercased()
      return said.contains(where: text.contains)
        && options.contains { text.contains($0.lowercased()) || text.contains($0.drop { $0 == "-" }.lowercased()) }
    }
  }

  /// The words of a line in which the shell has nothing to do but to split it at its blanks; `nil` for any other.
  static func words(of line: String) -> [String]? {
    let plain = line.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || " _./:=@%+,-".utf8.contains(byte)
    }
    let words = line.split(separator: " ").map(String.init)
    return plain && !words.isEmpty ? words : nil
  }
}
