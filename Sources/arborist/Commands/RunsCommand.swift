internal import ArgumentParser
internal import Base
internal import FileSystem
internal import Foundation
internal import Journal
internal import Pipeline
internal import Spool
internal import Work

/// The command `arborist runs`.
struct RunsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "List what Arborist has done, newest first.",
    discussion: """
      Reads the journal of a bare repository where 'arborist init' has run, or the one that ARBORIST_DATABASE names, or \
      else that of the runs you started by hand. One of those that is 'interrupted' goes on with 'arborist resume RUN'; one \
      of a bare repository goes on with the next worker.

      Example: arborist runs --repo /srv/git/project.git
      """)

  @Option(help: "The bare repository.")
  var repo = "."

  @Option(help: "The state directory, where it is not the repository's own.")
  var state: String?

  @Option(help: "How many runs at most.")
  var limit = 20

  @Option(help: "How the result is written: text or json.")
  var format: OutputFormat = .text

  func run() async throws {
    guard limit > 0 else { throw CommandFailure(.usage, "--limit \(limit) leaves nothing to show: give 1 or more") }
    let (runs, waiting) = try await read()
    let standing = await RunStanding(repository: repo, state: state)
    switch format {
    case .text: try Terminal.result(text(runs, waiting, standing))
    case .json: try Terminal.result(RunsDocument(runs, standing).encoded())
    }
  }

  private func read() async throws -> (runs: [RunSummary], waiting: [PendingJob]) {
    do {
      let journal = try await JournalPlace.open(repository: repo, state: state)
      let waiting = try await journal.pending(limit: limit).filter { $0.worker == nil }
      return (try await journal.runs(RunFilter(limit: limit)), waiting)
    } catch is NoJournal {
      return ([], [])
    }
  }

  private func text(_ runs: [RunSummary], _ waiting: [PendingJob], _ standing: RunStanding) -> String {
    if runs.isEmpty, waiting.isEmpty { return "No run yet.\n" }
    var rows = runs.map { run in
      [
        run.run.text, run.started.iso8601, run.job.kind.rawValue,
        run.job.subject == run.job.pullRequest.branch.shortDisplay ? run.job.subject : "-",
        run.job.head.short, standing.word(for: run), Self.words(on: run),
      ]
    }
    rows += waiting.map { pending in
      [
        "-", pending.job.time.iso8601, pending.job.kind.rawValue, pending.job.pullRequest.branch.shortDisplay,
        pending.job.head.short, "queued", "",
      ]
    }
    let header = ["RUN", "STARTED", "KIND", "BRANCH", "HEAD", "STATE", ""]
    let widths = (0..<6).map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    return ([header] + rows).map { row in
      let cells = row.prefix(6).enumerated().map { $1 + String(repeating: " ", count: widths[$0] - $1.count) }
      return (cells + [row[6]]).joined(separator: "  ").trimmingSuffix + "\n"
    }.joined()
  }

  /// What came of a run, and which other one it worked for.
  private static func words(on run: RunSummary) -> String {
    let summary = short(run.closing?.summary ?? "")
    guard let parent = run.job.parent else { return summary }
    return summary.isEmpty ? "for \(parent)" : "for \(parent): \(summary)"
  }

  /// The first line of a summary, which may be all that a model has said, as far as it fits beside the rest.
  static func short(_ summary: String) -> String {
    let lines = summary.split(whereSeparator: \.isNewline).filter { $0.contains { !$0.isWhitespace } }
    let shown = DisplayText.line((lines.first ?? "").utf8)
    return lines.count > 1 || shown.count > 100 ? shown.prefix(99) + "…" : shown
  }
}

/// How far runs are, as far as it can be seen from outside of them.
struct RunStanding {
  private let own: OpenRuns?
  /// Whether a worker is at work on the repository; `nil` where that cannot be told.
  private let hasWorker: Bool?

  /// What can be seen of the person's own runs, and of those of a bare repository.
  init(repository: String, state: String?) async {
    let environment = ProcessInfo.processInfo.environment
    own = (try? UserDirectories(environment: environment)).map { OpenRuns($0) }
    // With a database that is named nobody knows whose runs are in it.
    guard JournalPlace.named(in: environment) == nil,
      let directory = try? await JournalPlace.stateDirectory(repository: repository, state: state)
    else {
      hasWorker = nil
      return
    }
    let hasLock = (try? FileStatus(noFollow: directory.workerLock)).flatMap { $0 } != nil
    hasWorker = hasLock ? try? WorkerLock.isHeld(directory) : nil
  }

  /// The state of a run in one word.
  func word(for run: RunSummary) -> String {
    switch run.state {
    case .running: own?.isWorkedOn(run) ?? hasWorker ?? true ? "running" : "interrupted"
    case .waiting: "waiting"
    case .finished(let closing, _): closing.verdict.rawValue
    }
  }
}

extension String {
  /// The text without the spaces at its end.
  fileprivate var trimmingSuffix: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}

/// The runs as programs read them: the document `arborist.runs/1`.
struct RunsDocument: Encodable {
  private let runs: [Run]

  private struct Run: Encodable {
    var run: RunID
    var kind: JobKind
    var repository: String
    var branch: RefName
    var base: RefName
    var head: ObjectID
    /// The run that it worked for.
    var parent: RunID?
    var state: String
    var summary: String?
    var started: String
    var finished: String?
  }

  init(_ runs: [RunSummary], _ standing: RunStanding) {
    self.runs = runs.map { summary in
      var finished: String?
      if case .finished(_, let time) = summary.state { finished = time.iso8601 }
      let request = summary.job.pullRequest
      return Run(
        run: summary.run, kind: summary.job.kind, repository: request.repository, branch: request.branch,
        base: request.base, head: summary.job.head, parent: summary.job.parent, state: standing.word(for: summary),
        summary: summary.closing?.summary, started: summary.started.iso8601, finished: finished)
    }
  }

  /// The document as one line of JSON, with a line end.
  func encoded() throws -> [UInt8] { try JSONDocument.encode(self, schema: "arborist.runs/1") }
}

/// JSON as every command writes it: keys sorted, one line.
enum JSONDocument {
  /// The document, an object with at least one member; the name of its schema stands first.
  static func encode(_ value: some Encodable, schema: String) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let members = Array(try encoder.encode(value)).dropFirst()
    return Array("{\"schema\":\"\(schema)\",".utf8) + members + [UInt8(ascii: "\n")]
  }
}
