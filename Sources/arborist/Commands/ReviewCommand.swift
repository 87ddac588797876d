internal import ArgumentParser
internal import Base
internal import FileSystem
internal import Git
internal import Journal
internal import Pipeline
internal import Policy
internal import Review
internal import Work
internal import Workspace

/// The command `arborist review`.
struct ReviewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review",
    abstract: "Review a change with the built-in checks, linters and, where one is named, a model.",
    discussion: """
      Looks at the lines that HEAD changes against its common ancestor with the base, and at nothing else. \
      'arborist checks' lists the checks. The linters that 'review.sarif' of .arborist.yml names are run on HEAD in a \
      closed cell, behind 'setup'; what they find on these lines joins in. A model, where --model or 'models' of \
      .arborist.yml names one, reads the change once; what it finds is told where what it quotes stands in a changed \
      line or next to one. A review with a model that was interrupted goes on with 'arborist resume RUN'. One that is over is \
      written again, in any format and without asking anybody, with --run RUN.

      Example: arborist review --base origin/main --sarif swiftlint.sarif --format markdown
      """)

  @Option(help: "The repository, or a directory in it.")
  var repo = "."

  @Option(help: "What the change is held against. Default: the configured base, or the remote's default branch.")
  var base: String?

  @Option(help: "The last commit of the change. Default: what is checked out.")
  var head: String?

  @Option(help: "A SARIF 2.1.0 file whose findings on changed lines join in. Can be repeated.")
  var sarif: [String] = []

  @Option(help: "How the result is written: text, json, sarif or markdown.")
  var format: ReviewFormat = .text

  @Option(help: "A review that is over, or the beginning of its name: it is written again, and nobody is asked.")
  var run: String?

  @Flag(help: "Run linters also where a wall of the cell is missing: what they run is then trusted as you are.")
  var trusted = false

  @OptionGroup var models: ModelOptions
  @OptionGroup var limits: LimitOptions

  func run() async throws {
    if let run { return try await write(run) }
    var request = HandRequest(repository: repo)
    (request.base, request.head, request.models) = (base, head, try models.names())
    if !sarif.isEmpty {
      request.sarif = try sarif.map { String(decoding: try File.absolute(Array($0.utf8)), as: UTF8.self) }
    }
    try limits.apply(to: &request)
    let (repo, base, head, files) = (repo, base, head, sarif)
    let actor = try await RepositoryActor.open { () throws(GitError) in try Repository.discover(at: repo) }
    let (facts, tip, ancestor, linters) = try await actor.perform { repository in
      let facts = try RepositoryFacts(reading: repository, base: base)
      let tip = try head.map { try repository.resolve($0) } ?? Self.checkedOut(in: repository)
      guard let baseTip = facts.baseTip else {
        throw CommandFailure(.usage, "the base \(facts.baseName) has no commit: give another with --base")
      }
      guard let ancestor = try repository.mergeBase(baseTip, tip) else {
        let names = "\(facts.baseName) and \(head ?? "HEAD")"
        throw CommandFailure(.usage, "\(names) have no common ancestor\(repository.shallowHint)")
      }
      return (facts, tip, ancestor, try LinterFiles.read(files, root: repository.workTree))
    }
    if HandRuns.asksModels(request, facts.configuration) {
      return try await review(request, "\(head ?? "HEAD") (\(tip.short)) against \(facts.baseName)")
    }
    let named = try await named(in: facts.configuration, on: tip, of: actor)
    let (outcome, title) = try await actor.perform { repository in
      let outcome = try ReviewStage.review(
        in: repository, from: ancestor, to: tip, configuration: facts.configuration, linters: linters, named: named)
      return (outcome, "\(head ?? Self.name(of: repository)) (\(tip.short)) against \(facts.baseName)")
    }
    try format.write(outcome, title: title)
    try outcome.checkNothingIsLeft()
  }

  /// Writes a review that is over as it was decided.
  private func write(_ name: String) async throws {
    guard base == nil, head == nil, sarif.isEmpty, models.model.isEmpty, !models.noModel else {
      throw CommandFailure(.usage, "--run shows a review that is over: leave --base, --head, --sarif and --model out")
    }
    let (journal, summary) = try await JournalPlace.open(holding: name, repository: repo, state: nil)
    let decision = try await journal.events(of: summary.run).last { $0.kind == .outcome }?.payload
      .decode(Decision.self)
    guard case .review(let outcome)? = decision?.outcome else {
      throw CommandFailure(.usage, "run \(summary.run) is no review that is over: 'arborist log' shows what it is")
    }
    try format.write(outcome, title: "run \(summary.run) (\(summary.job.head.short))")
    try outcome.checkNothingIsLeft()
  }

  /// The same with a model, as a run of the person's journal.
  private func review(_ request: HandRequest, _ title: String) async throws {
    let session = try await AgentSessions.open(isTrusted: trusted)
    let result: HandResult
    do {
      result = try await AgentSessions.untilCancelled { try await HandRuns(session).review(request) }
    } catch let waits as RunWaits {
      throw CommandFailure(.surroundings, waits.description)
    }
    try HandReport(result, remote: nil).write(format, title: title)
  }

  /// What the linters say that the configuration names.
  private func named(
    in configuration: RepositoryConfiguration, on tip: ObjectID, of actor: RepositoryActor<Repository>
  ) async throws -> LinterReport {
    guard !configuration.review.sarif.isEmpty else { return LinterReport() }
    let scratch = try ScratchDirectory()
    defer { scratch.remove() }
    let cells = CellMaker(isTrusted: trusted) { Terminal.note("warning: \($0)") }
    let (objects, branch) = try await actor.perform { ($0.objectsDirectory, try $0.head().branch) }
    return try await AgentSessions.untilCancelled {
      let workspace = try await RunWorkspace.make(
        for: RunID(random: .random(in: .min ... .max)), under: scratch.path, borrowing: [objects])
      return try await LinterWork(
        configuration, in: workspace.repository, cells: cells, branch: branch, directory: scratch.path + "/linters",
        log: { Terminal.note($0) }
      ).report(on: tip)
    }
  }

  private static func checkedOut(in repository: Repository) throws -> ObjectID {
    guard let commit = try repository.head().commit else {
      throw CommandFailure(.usage, "nothing is committed yet on the branch that is checked out: commit something first")
    }
    return commit
  }

  private static func name(of repository: Repository) -> String {
    (try? repository.head().branch)?.shortDisplay ?? "HEAD"
  }
}
