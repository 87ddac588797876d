internal import ArgumentParser
internal import Base
internal import FileSystem
internal import Foundation
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
      All or nothing: a merge is committed only where no conflict is left. What resolvers leave, a model may answer, \
      place by place. With 'test' or --check the merge is run beside both of its parents, and where it breaks nothing it \
      goes to the branch ('push: head') or beside it; one that no test has confirmed goes to \
      arborist/resolve/BRANCH-HEAD8, or where 'unverified' says. Nothing that is checked out is touched.

      Example: arborist resolve --repo ~/src/project --branch feature --push origin
      """)

  @Option(help: "The repository, or a directory in it.")
  var repo = "."

  @Option(help: "What is merged. Default: the configured base, or the remote's default branch.")
  var base: String?

  @Option(help: "The branch that receives the merge. Default: what is checked out.")
  var branch: String?

  @Option(
    help: """
      A command that the merge must not break, run in a cell on the merge and on both of its parents; may be given \
      again. Default: 'test' of .arborist.yml.
      """)
  var check: [String] = []

  @Option(help: "The remote that the merge is pushed to. Default: none, it stays in the repository.")
  var push: String?

  @Flag(help: "Show what would come of it and write nothing.")
  var dryRun = false

  @Option(help: "How the result is written: text or json.")
  var format: OutputFormat = .text

  @Flag(help: "Run it also where a wall of the cell is missing: what it runs is then trusted as you are.")
  var trusted = false

  @OptionGroup var models: ModelOptions
  @OptionGroup var limits: LimitOptions

  func run() async throws {
    try ShellCommands.check(check, of: "--check")
    var request = HandRequest(repository: repo)
    request.base = base
    request.branch = branch
    request.remote = push
    request.isDryRun = dryRun
    request.test = check
    request.models = try models.names()
    try limits.apply(to: &request)
    if try await HandRuns.runsCommandsOrModels(request) {
      let asked = request
      let session = try await AgentSessions.open(isTrusted: trusted)
      return try await HandReport.write(format, remote: push) { try await HandRuns(session).resolve(asked) }
    }
    let scratch = try ScratchDirectory()
    defer { scratch.remove() }
    var resolve = LocalResolve(
      repository: repo, base: base, branch: branch, remote: push, isDryRun: dryRun, identity: .standard)
    resolve.signer = try ConfiguredSigner.of(ProcessInfo.processInfo.environment)
    let result = try await resolve.run(
      scratch: scratch.path, keepingIn: try? UserDirectories(environment: ProcessInfo.processInfo.environment))
    if result.outcome.isLeftToTools,
      let session = try? await AgentSessions.open(isTrusted: trusted)
    {
      // Their own tools may write them again, in a cell.
      let asked = request
      return try await HandReport.write(format, remote: push) { try await HandRuns(session).resolve(asked) }
    }
    for warning in result.warnings { Terminal.note(warning) }
    try ResolveOutput(
      outcome: result.outcome, branch: result.branch, base: result.base, pushed: result.pushed, remote: push,
      notes: result.notes, refusal: result.refusal, patch: result.patch, isDryRun: dryRun
    ).write(format)
  }
}

/// What a merge came to, for a person or a program, and as an exit status.
struct ResolveOutput {
  let outcome: ResolveOutcome
  let branch: RefName
  let base: String
  let pushed: RefName?
  let remote: String?
  let notes: [String]
  /// Why it is nowhere, though it was to go somewhere; `nil` where that is not so.
  var refusal: String?
  /// The run that made it; `nil` where it was made without one.
  var run: RunID?
  /// Where it is kept as a patch, because it is on no branch; `nil` where it is not.
  var patch: String?
  /// Whether nothing was to be written.
  let isDryRun: Bool

  /// - Throws: ``CommandFailure`` where the output cannot be written, ``ExitCode`` with what the outcome calls for.
  func write(_ format: OutputFormat) throws {
    let notes = notes + [refusal].compactMap { $0.map { "It was not delivered: \($0)" } }
    switch format {
    case .json:
      try Terminal.result(
        ResolveDocument(outcome, branch: branch, base: base, pushed: pushed, run: run, delivery: notes, patch: patch)
          .encoded())
    case .text:
      var text = ResolveReport(outcome, branch: branch, base: base, isColoured: Terminal.wantsColour).text
      if let pushed, let commit = outcome.commit {
        text += "\nThe merge is \(commit.short) on \(pushed.shortDisplay)\(remote.map { " of \($0)" } ?? "").\n"
      }
      var lines = notes
      if let patch { lines.append("As a patch against the branch it is in \(DisplayText.escaping(patch.utf8))") }
      if let run { lines.append("run \(run)") }
      if !lines.isEmpty { text += "\n" + lines.joined(separator: "\n") + "\n" }
      try Terminal.result(text)
    }
    if let refusal { throw CommandFailure(.refused, (run.map { "run \($0): " } ?? "") + refusal) }
    switch outcome.verdict {
    case .conflicts, .broken, .semanticConflict: throw ExitCode(ExitStatus.somethingLeft.rawValue)
    case .upToDate: return
    // What was asked for beside the merge could not be done.
    case .clean where outcome.confirmation?.verdict == .infrastructure: throw ExitCode(ExitStatus.surroundings.rawValue)
    case .clean: return
    case .resolved: if !isSettled { throw ExitCode(ExitStatus.somethingLeft.rawValue) }
    }
  }

  /// Whether nobody has to look at a merge that could be made: it is on the branch, or its tests passed and it lies where
  /// the repository wants it.
  private var isSettled: Bool {
    isDryRun || pushed == branch || pushed != nil && outcome.reach == .branch
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
