internal import Agent
internal import ArgumentParser
internal import Base
internal import Foundation
internal import Journal
internal import JournalSQLite
internal import Models
internal import Pipeline
internal import Tools
internal import Work
internal import Workspace

/// The command `arborist agent`.
struct AgentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agent",
    abstract: "Give a model a task on a private copy of what is checked out.",
    discussion: """
      The model works in a closed cell on the commit that is checked out; changes that are not committed are not seen. \
      Nothing is written to the repository: what differs in the end is a patch, kept beside the journal and written \
      where --patch says. A run that was interrupted goes on with 'arborist resume RUN'.

      Example: OPENAI_API_KEY=… arborist agent --repo . --task 'make the tests pass' --model openai/gpt-5.5 --patch out
      """)

  @Option(help: "The repository, or a directory in it.")
  var repo = "."

  @Option(help: "The branch whose instructions and settings count. Default: the configured base.")
  var base: String?

  @Option(help: "What is to be done; - reads it from standard input.")
  var task: String

  @Option(help: "The model, as PROVIDER/NAME: openai, openai-chat, anthropic or deepseek.")
  var model: String?

  @Option(help: "The tools it gets: openai, openai-json, anthropic, deepseek, gemini or generic. Default: by its name.")
  var profile: String?

  @Option(help: "How much it thinks: off, low, medium or high.")
  var thinking: ThinkingChoice = .medium

  @Option(
    parsing: .unconditional,
    help: "The most US dollars it may cost, or none for no limit. Default: 'budget' of .arborist.yml.")
  var usd: String?

  @Option(parsing: .unconditional, help: "The most minutes it may take.")
  var minutes: Int?

  @Option(parsing: .unconditional, help: "The most answers it may give.")
  var steps: Int?

  @Option(help: "A host that its commands may reach by HTTPS; may be given again. Default: none.")
  var host: [String] = []

  @Option(help: "Where the changes are written as a patch; where nothing differs, a file that is there is emptied.")
  var patch: String?

  @Flag(help: "Run it also where a wall of the cell is missing: what it runs is then trusted as you are.")
  var trusted = false

  @Flag(help: "Ask the model's server anew what the model can do; otherwise that is asked once and kept.")
  var probe = false

  @Flag(help: "Show what the model would be told, why, and what it costs in tokens; ask no model.")
  var explain = false

  @Option(help: "How the result is written: text or json.")
  var format: OutputFormat = .text

  func run() async throws {
    let order = try order()
    if explain {
      let cells = CellMaker(isTrusted: trusted) { Terminal.note("warning: \($0)") }
      return try explain(try await AgentExplanation(order, cells: cells))
    }
    let place = try patch.map(PatchFile.init)
    let session = try await AgentSessions.open(isTrusted: trusted)
    let result = try await AgentSessions.untilCancelled { try await session.start(order) }
    try AgentReport(result).write(format, patch: place)
  }

  private func order() throws -> AgentOrder {
    var text = task
    if task == "-" { text = String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self) }
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw CommandFailure(.usage, "--task is empty: say what is to be done")
    }
    var order = AgentOrder(repository: repo, task: text, environment: ProcessInfo.processInfo.environment)
    order.base = base
    order.model = try model.map { text throws(InvalidModelName) in try ModelName(text) }
    if let profile {
      guard let chosen = ToolProfile(rawValue: profile) else {
        let names = ToolProfile.allCases.map(\.rawValue).joined(separator: ", ")
        throw CommandFailure(.usage, "--profile '\(DisplayText.line(profile.utf8))' is none of \(names)")
      }
      order.profile = chosen
    }
    order.thinking = thinking.value
    order.isUnlimited = usd == "none"
    if let usd, usd != "none" {
      guard let amount = Dollars(usd), amount > .zero else {
        throw CommandFailure(
          .usage, "--usd '\(DisplayText.line(usd.utf8))' is no amount above 0, such as 0.50, and not 'none'")
      }
      order.dollars = amount
    }
    for (name, value) in [("minutes", minutes), ("steps", steps)] {
      if let value, !(1...1_000_000).contains(value) {
        throw CommandFailure(.usage, "--\(name) must be between 1 and 1000000")
      }
    }
    order.seconds = minutes.map { $0 * 60 }
    order.steps = steps
    order.asksAnew = probe
    order.hosts = host
    return order
  }

  private func explain(_ explanation: AgentExplanation) throws {
    switch format {
    case .json: try Terminal.result(JSONDocument.encode(ExplanationDocument(explanation), schema: "arborist.explain/1"))
    case .text: try Terminal.result(ExplanationText(explanation).text)
    }
  }
}

/// How much a model thinks, as a word of the command line.
enum ThinkingChoice: String, ExpressibleByArgument, CaseIterable {
  case off
  case low
  case medium
  case high

  var value: ModelSettings.Thinking {
    switch self {
    case .off: .off
    case .low: .low
    case .medium: .medium
    case .high: .high
    }
  }
}

/// The command `arborist resume`.
struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Go on with a run of 'agent', 'fix', 'resolve', 'review' or 'undo' that was interrupted.",
    discussion: """
      The run goes on at the same next request. What a call did that was under way when the run was interrupted, nobody \
      knows; the model is told so. Background processes and the shell's variables are gone.

      Example: arborist resume 3f2a
      """)

  @Argument(help: "The run, or the beginning of its name.")
  var run: String

  @Option(help: "Where the changes are written as a patch; where nothing differs, a file that is there is emptied.")
  var patch: String?

  @Flag(help: "Run it also where a wall of the cell is missing: what it runs is then trusted as you are.")
  var trusted = false

  @Option(help: "How the result is written: text or json.")
  var format: OutputFormat = .text

  func run() async throws {
    let place = try patch.map(PatchFile.init)
    let session = try await AgentSessions.open(isTrusted: trusted)
    let summary = try await session.journal.run(named: run)
    if summary.job.kind != .agent {
      return try await HandReport.write(format, remote: nil) { try await HandRuns(session).resume(summary) }
    }
    let result = try await AgentSessions.untilCancelled { try await session.resume(run) }
    try AgentReport(result).write(format, patch: place)
  }
}
