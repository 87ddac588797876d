internal import ArgumentParser
internal import Base
internal import Evaluation
internal import FileSystem
internal import Glibc
internal import Merging
internal import Replay
internal import Resolve

/// The command `arborist eval merges`.
struct EvalMergesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merges",
    abstract: "Replay merges of real histories and compare what the resolvers make with what people committed.",
    discussion: """
      Every merge commit of two parents is merged again, as 'arborist resolve' would; nothing is written. Each file \
      that git leaves in conflict is held against the file that people committed: equal, equal but for white space, \
      equal but for the order of added lines, different, or left.

      The same words on the same history give the same bytes on standard output. How long files took differs from \
      run to run: it goes to standard error, and into JSON only with --times.

      Example: arborist eval merges --repo ~/src/project --show different --limit 5
      """)

  enum Tier: String, ExpressibleByArgument, CaseIterable {
    case auto
    case all
  }

  @Option(help: "A repository whose merges are replayed; may be given several times. Default: the current directory.")
  var repo: [String] = []

  @Option(help: "Only merges from this day on (2026-01-31, UTC), or those that are not in this revision.")
  var since: String?

  @Option(help: "At most so many merges of each repository, and of the list, evenly spread. Default: all.")
  var sample: Int?

  @Option(
    help: "A list of conflicted files: columns repo, merge, path, type, base_oid, ours_oid, theirs_oid, human_oid.")
  var list: String?

  @Option(help: "Where the repositories of the list are: OWNER/NAME as the bare repository OWNER+NAME/repo.")
  var repositories: String?

  @Option(help: "How the result is written: text or json.")
  var format: OutputFormat = .text

  @Option(
    help: ArgumentHelp(
      "Show hunks: equal, white-space, order, different, unknown or left; with :RESOLVER only of that resolver.",
      valueName: "class"))
  var show: String?

  @Option(help: "How many hunks to show at most.")
  var limit = 10

  @Option(help: "Which hunks come first; another number gives others.")
  var seed: UInt64 = 1

  @Option(help: "Ask only this resolver, whatever its tier; may be given several times.")
  var resolver: [String] = []

  @Option(help: "Which resolvers are asked: those of the tier 'auto', or 'all'.")
  var tier: Tier?

  @Flag(help: "Ask each resolver alone as well, whatever its tier; --show then shows what it made alone.")
  var alone = false

  @Option(help: "A table of differing hunks that somebody has read: repo, merge, path, line, resolver, verdict, note.")
  var verdicts: String?

  @Flag(help: "Show no hunk that has a verdict.")
  var unread = false

  @Option(help: "Write the records of all resolvers, each measured alone, to this Swift file. Needs --verdicts.")
  var writeRecord: String?

  @Option(help: "How many merges to replay side by side. Default: one for each processor.")
  var jobs: Int?

  @Flag(help: "Put into JSON how long files took.")
  var times = false

  func run() async throws {
    let plan = try EvalMergesPlan(self)
    let sources = try await plan.sources()
    let scratch = try ScratchDirectory()
    defer { scratch.remove() }
    let replay = Replay(sources, settings: plan.settings)
    let count = replay.count
    let result = try await replay.run(scratch: scratch.path, jobs: plan.jobs) {
      Terminal.progress("replaying merges: \($0) of \(count)")
    }
    Terminal.progress(nil)
    try writeRecord(of: result.evaluation, plan)
    try Terminal.result(output(result.evaluation, plan))
    note(result, plan)
  }

  private func output(_ evaluation: MergeEvaluation, _ plan: EvalMergesPlan) throws -> [UInt8] {
    let resolvers = plan.settings.resolvers.map(\.name)
    let alone = plan.measuresAlone ? plan.settings.alone.map(\.name) : nil
    switch format {
    case .json:
      let document = EvaluationDocument(
        evaluation, tier: resolver.isEmpty ? (tier ?? .auto).rawValue : "named", resolvers: resolvers, alone: alone,
        showing: show == nil ? nil : { DisplayLines.of($0) }, hasTimes: times)
      return try JSONDocument.encode(document, schema: "arborist.eval-merges/1")
    case .text:
      var text = EvaluationReport(evaluation, resolvers: resolvers, alone: alone).text
      for hunk in evaluation.shown.hunks { text += "\n" + HunkReport.text(hunk) }
      return Array(text.utf8)
    }
  }

  private func writeRecord(of evaluation: MergeEvaluation, _ plan: EvalMergesPlan) throws {
    guard let writeRecord else { return }
    let text = ResolverTableSource.text(evaluation.records(of: plan.settings.alone.map(\.name)))
    let path = Array(writeRecord.utf8)
    try File.replace(path, with: Array(text.utf8), mode: 0o644, temporary: path + Array(".new-\(getpid())".utf8))
  }

  /// What is not part of the result: times, what could not be read, verdicts that fit nothing.
  private func note(_ result: Replay.Result, _ plan: EvalMergesPlan) {
    let evaluation = result.evaluation
    for fault in result.faults.prefix(5) { Terminal.note("cannot replay \(fault)") }
    if result.faults.count > 5 { Terminal.note("and \(result.faults.count - 5) more merges cannot be replayed") }
    for (index, entry) in plan.verdicts.entries.enumerated() where !evaluation.verdictsMet.contains(index) {
      Terminal.note(
        "\(verdicts ?? ""):\(entry.tableLine): no differing hunk of '\(entry.resolver)' begins at line \(entry.line) "
          + "of \(entry.place.path) any more; the verdict does not count")
    }
    if verdicts != nil {
      for name in plan.settings.alone.map(\.name) {
        guard let tally = evaluation.alone[name], tally.read < tally.likeness[.different] else { continue }
        Terminal.note("\(name): \(tally.read) of \(tally.likeness[.different]) differing hunks have a verdict")
      }
    }
    let sorted = evaluation.sortedDurations
    guard let middle = MergeEvaluation.percentile(50, of: sorted), let worst = sorted.last,
      let high = MergeEvaluation.percentile(95, of: sorted)
    else { return }
    Terminal.note(
      "time per file: p50 \(Self.milliseconds(middle)), p95 \(Self.milliseconds(high)), worst "
        + "\(Self.milliseconds(worst)) (\(worst.place.repository) \(worst.place.merge.prefix(8)) \(worst.place.path))")
  }

  private static func milliseconds(_ duration: FileDuration) -> String {
    let micro = duration.nanoseconds / 1000
    let rest = String(micro % 1000)
    return "\(micro / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest) ms"
  }
}
