internal import ArgumentParser
internal import Review
internal import Templates
internal import Work

/// The command `arborist checks`.
struct ChecksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checks",
    abstract: "List the built-in checks, or explain one.",
    discussion: """
      'arborist checks' lists them with their severities; 'arborist checks ID --help' is the page of one. Severities \
      are set, and checks switched off, in .arborist.yml under 'review: checks:'.

      Example: arborist checks secret --help
      """)

  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("The check to explain.", valueName: "check"))
  var words: [String] = []

  func run() throws {
    let isHelp = { (word: String) in word == "--help" || word == "-h" }
    let names = words.filter { !isHelp($0) }
    guard let name = names.first else {
      if words.isEmpty { return try Terminal.result(Self.list) }
      throw CleanExit.helpRequest(Self.self)
    }
    guard names.count == 1, let page = CheckPages.page(name) else {
      throw CommandFailure(.usage, "there is no check '\(names.joined(separator: " "))': 'arborist checks' lists them")
    }
    try Terminal.result(page)
  }

  private static var list: String {
    let checks = BuiltInChecks.all
    let idWidth = checks.map(\.id.count).max() ?? 0
    let severityWidth = checks.map(\.defaultSeverity.rawValue.count).max() ?? 0
    func padded(_ text: String, to width: Int) -> String { text + String(repeating: " ", count: width - text.count) }
    let lines = checks.map { check in
      let severity = padded(check.defaultSeverity.rawValue, to: severityWidth)
      return "\(padded(check.id, to: idWidth))  \(severity)  \(check.title)\n"
    }
    return lines.joined() + "\nThe page of one: arborist checks ID --help\n"
  }
}
