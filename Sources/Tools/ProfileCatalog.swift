package import Models

/// The tools of a profile: reads calls, and says what is wrong with those that cannot be read.
package struct ProfileCatalog: ToolCatalog {
  package let profile: ToolProfile
  package let declarations: [ToolDeclaration]
  private let shapes: [String: ToolShape]
  private let names: [String]

  /// The catalog of a profile for a model that speaks this dialect.
  package init(_ profile: ToolProfile, dialect: Dialect) {
    self.profile = profile
    declarations = profile.declarations(for: dialect)
    let shapes = profile.shapes
    names = shapes.map(\.name)
    self.shapes = Dictionary(shapes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  package func examine(_ call: ToolCall) -> ExaminedCall {
    ExaminedCall(call: call, verdict: verdict(call))
  }

  private func verdict(_ call: ToolCall) -> ExaminedCall.Verdict {
    if let shape = shapes[call.name] { return shape.examine(call.input) }
    let name = Self.bare(call.name)
    if let shape = shapes[name] ?? shapes.values.first(where: { Self.folded($0.name) == Self.folded(name) }) {
      return shape.examine(call.input)
    }
    // A tool of another profile, or a shell by another name: the same operations stand behind them all.
    let known = Self.olderNames[Self.folded(name)] ?? Self.folded(name)
    if let shape = Self.everything.first(where: { Self.folded($0.name) == known }),
      case .ready(let operation, let isRead) = shape.examine(call.input)
    {
      return .ready(operation, isRead: isRead)
    }
    if Self.shellNames.contains(Self.folded(name)),
      case .ready(let operation, let isRead) = profile.shell.examine(call.input)
    {
      return .ready(operation, isRead: isRead)
    }
    return .malformed(unknown(name))
  }

  private static let everything: [ToolShape] = {
    var seen: Set<String> = []
    return ToolProfile.allCases.flatMap(\.shapes).filter { seen.insert($0.name).inserted }
  }()

  /// What tools were called in earlier versions of the programs that models were trained with, folded.
  private static let olderNames = ["searchfilecontent": "grepsearch", "ls": "listdirectory", "multiedit": "edit"]

  private static let shellNames: Set<String> = [
    "shell", "bash", "sh", "run", "exec", "execute", "terminal", "runcommand", "executecommand", "shellcommand",
    "containerexec", "localshell", "executebash", "runbash", "cmd", "command", "runterminalcmd", "bashtool", "zsh",
  ]

  private static func folded(_ name: String) -> String {
    name.lowercased().filter { $0.isLetter || $0.isNumber }
  }

  /// The name without what models put around it: a namespace before, a channel behind.
  private static func bare(_ name: String) -> String {
    var text = name[...]
    if let mark = text.firstRange(of: "<|") { text = text[..<mark.lowerBound] }
    text = text.prefix { $0 != "(" && $0 != "{" }
    while text.first.map({ $0.isWhitespace || "`\"'".contains($0) }) == true { text = text.dropFirst() }
    while text.last.map({ $0.isWhitespace || "`\"':".contains($0) }) == true { text = text.dropLast() }
    for prefix in ["functions.", "default_api.", "repo_browser.", "tools.", "tool.", "mcp__", "function."]
    where text.hasPrefix(prefix) {
      text = text.dropFirst(prefix.count)
    }
    return String(text)
  }

  private func unknown(_ name: String) -> String {
    let folded = Self.folded(String(name.prefix(64)))
    let nearest = names.map { ($0, Self.distance(folded, Self.folded($0))) }
      .filter { $0.1 * 2 <= max(folded.count, $0.0.count) || !folded.isEmpty && Self.folded($0.0).contains(folded) }
      .min { $0.1 < $1.1 }
    let hint = nearest.map { " Perhaps `\($0.0)` is meant." } ?? ""
    let list = names.map { "`\($0)`" }.joined(separator: ", ")
    return
      "There is no tool `\(name.prefix(64))`, and nothing was done.\(hint) The tools are \(list). "
      + "Commands run with `\(profile.shell.name)`: \(profile.shell.example)"
  }

  /// How many letters must be changed to make one name the other.
  static func distance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left.utf8), Array(right.utf8))
    var row = Array(0...right.count)
    for (index, byte) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let above = row[column + 1]
        row[column + 1] = min(above + 1, row[column] + 1, diagonal + (byte == right[column] ? 0 : 1))
        diagonal = above
      }
    }
    return row[right.count]
  }
}
