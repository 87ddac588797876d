internal import ArgumentParser
internal import Base
internal import FileSystem
internal import Glibc
internal import Pipeline
internal import Resolve
internal import Work

/// The command `arborist resolve`.
struct ResolveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve",
    abstract: "Merge the base into a branch, with every conflict settled that can be settled safely.",
    discussion: """
      All or nothing: a merge is committed only where no conflict is left. As no test confirms it yet, it goes to the \
      branch arborist/resolve/BRANCH-HEAD8, or where 'unverified' in .arborist.yml says. Nothing that is checked out \
      is touched.

      Example: arborist resolve --repo ~/src/project --branch feature --push origin
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
  }

  @Option(help: "The repository, or a directory in it.")
  var repo = "."

  @Option(help: "What is merged. Default: the configured base, or the remote's default branch.")
  var base: String?

  @Option(help: "The branch that receives the merge. Default: what is checked out.")
  var branch: String?

  @Option(help: "A command that must succeed on the merge. Refused: it needs the sandbox, which is not there yet.")
  var check: [String] = []

  @Option(help: "The remote that the merge is pushed to. Default: none, it stays in the repository.")
  var push: String?

  @Flag(help: "Show what would come of it and write nothing.")
  var dryRun = false

  @Option(help: "How the result is written: text or json.")
  var format: Format = .text

  @OptionGroup var models: ModelOptions

  func run() async throws {
    try models.refuseModel()
    if let command = check.first {
      throw CommandFailure(
        .refused,
        "--check '\(DisplayText.line(command.utf8))' needs the sandbox, which this version does not have; "
          + "nothing was done")
    }
    let scratch = try ScratchDirectory()
    defer { scratch.remove() }
    let resolve = LocalResolve(
      repository: repo, base: base, branch: branch, remote: push, isDryRun: dryRun, identity: .standard,
      time: WallClock.system.now())
    let result = try await resolve.run(scratch: scratch.path)
    for warning in result.warnings { Terminal.note(warning) }
    try write(result)
    if result.outcome.verdict == .conflicts { throw ExitCode(ExitStatus.somethingLeft.rawValue) }
  }

  private func write(_ result: LocalResolve.Result) throws {
    switch format {
    case .json:
      try Terminal.result(
        ResolveDocument(result.outcome, branch: result.branch, base: result.base, pushed: result.pushed).encoded())
    case .text:
      var text = ResolveReport(
        result.outcome, branch: result.branch, base: result.base, isColoured: Terminal.wantsColour
      ).text
      if let pushed = result.pushed, let commit = result.outcome.commit {
        text += "\nThe merge is \(commit.short) on \(pushed.shortDisplay)\(push.map { " of \($0)" } ?? "").\n"
      }
      if !result.notes.isEmpty { text += "\n" + result.notes.joined(separator: "\n") + "\n" }
      try Terminal.result(text)
    }
  }
}

/// A directory of a command's own, for as long as it runs.
struct ScratchDirectory {
  let path: String

  /// - Throws: ``CommandFailure`` where none can be made.
  init() throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/arborist-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw CommandFailure(
        .surroundings,
        "no directory can be made in '\(DisplayText.escaping(parent.utf8))': \(String(cString: strerror(errno)))")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Removes it with whatever a failure left in it.
  func remove() {
    try? Directory.removeTree(Array(path.utf8))
  }
}
