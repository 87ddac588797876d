internal import ArgumentParser
internal import Base
internal import Foundation
internal import Glibc
internal import Learning
internal import Pipeline
internal import Replay
internal import Work

/// The command `arborist learn`.
struct LearnCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn",
    abstract: "Remember how people settled conflicts, from the repository's own merge commits.",
    discussion: """
      Replays the merges of the base and remembers, for each conflict, what people committed in its place. 'resolve', \
      the worker and the merge driver settle a conflict so again where all three sides are equal. Run it again to read \
      what is new; what came from merges that the base has no more is forgotten, unless --base names another branch. A \
      resolution that people changed soon afterwards, or settled in two ways, is not used.

      Example: arborist learn --repo ~/src/project
      """)

  @Option(help: "The repository, or a directory in it.")
  var repo = "."

  @Option(help: "What is read. Default: the configured base, or the remote's default branch.")
  var base: String?

  @Option(help: "Read only merges of this day or later, as YYYY-MM-DD.")
  var since: String?

  @Option(help: "How many merges at most, the newest first.")
  var limit = 5_000

  @Option(help: "How the result is written: text or json.")
  var format: OutputFormat = .text

  func run() async throws {
    guard limit > 0 else { throw CommandFailure(.usage, "--limit \(limit) leaves nothing to read: give 1 or more") }
    let learn = LocalLearn(
      repository: repo, base: base, since: try since.map(Self.day), limit: limit, identity: .standard)
    let scratch = try ScratchDirectory()
    defer { scratch.remove() }
    let showsProgress = isatty(STDERR_FILENO) == 1
    let result = try await learn.run(scratch: scratch.path) { done, all in
      if showsProgress, done % 25 == 0 || done == all { Terminal.progress("\(done) of \(all) merges read") }
    }
    if showsProgress { Terminal.progress(nil) }
    switch format {
    case .text: try Terminal.result(Self.text(result))
    case .json: try Terminal.result(LearnDocument(result).encoded())
    }
  }

  private static func day(_ text: String) throws -> Timestamp {
    guard let day = Since.day(text) else {
      throw CommandFailure(.usage, "--since '\(DisplayText.line(text.utf8))' is no day: write it as 2025-01-31")
    }
    return day
  }

  private static func text(_ result: LocalLearn.Result) -> String {
    let summary = result.summary
    var text = "Read \(count(summary.merges, "new merge")) of \(result.base), \(summary.conflicted) with conflicts: "
    text += "\(count(summary.conflicts, "conflict")), and of \(summary.told) it can be told how people settled them.\n"
    text += "Remembered \(summary.remembered) more, \(summary.confirmed) were settled so before, "
    text += "\(summary.contradicted) differently; \(summary.revoked) taken back, for people changed them soon after.\n"
    if summary.forgotten > 0 {
      text += "Forgot \(count(summary.forgotten, "conflict")): "
      text += "the history of \(result.base) does not have the merges they were learned from.\n"
    }
    if result.isOther { text += "\(result.base) is not the base: nothing that was learned elsewhere is forgotten.\n" }
    if summary.unreadable > 0 { text += "\(count(summary.unreadable, "merge")) could not be read.\n" }
    text += "In all \(count(summary.entries, "conflict")) remembered, \(summary.usable) of use, "
    return text + "in '\(DisplayText.escaping(result.path))' (\((result.size + 1023) / 1024) KiB).\n"
  }

  private static func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }
}

/// What was learned as programs read it: the document `arborist.learn/1`.
private struct LearnDocument: Encodable {
  private let summary: HistoryLearner.Summary
  private let base: String
  private let path: String
  private let size: Int

  init(_ result: LocalLearn.Result) {
    summary = result.summary
    base = result.base
    path = QuotedPath.encode(result.path)
    size = result.size
  }

  func encoded() throws -> [UInt8] { try JSONDocument.encode(self, schema: "arborist.learn/1") }
}
