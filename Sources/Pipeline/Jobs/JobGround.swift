internal import Agent
internal import Base
internal import Egress
internal import FileSystem
internal import Git
internal import Journal
internal import Models
internal import Policy
internal import Verify
internal import Work
internal import Workspace

/// Everything that a job with commands and models needs, put together for one run: by hand or behind a push.
struct JobGround: Sendable {
  var run: RunID
  var pullRequest: PullRequest
  /// The branch's head, and where it came off the base.
  var head: ObjectID
  var mergeBase: ObjectID
  /// The base's tip, whose instructions count, and what it is called.
  var baseTip: ObjectID
  var baseName: String
  var configuration: RepositoryConfiguration
  var commands: TestCommands
  /// The models, as `PROVIDER/NAME`; none for what can be done without one.
  var models: [String]
  /// The models that may repair a merge whose tests fail.
  var repairModels: [String]
  var isUnlimited: Bool
  /// Whether a person asked for the job, who can be told to take it up again; what a queue holds comes to its end.
  var isByHand = false
  /// Whether no model is to be asked, whatever is configured.
  var refusesModels = false
  var identity: BotIdentity
  /// The run's own directory, which is there.
  var directory: String

  /// How long one test command may take: a third of all time, so that what hangs leaves time for the rest, and of
  /// little time ten seconds, but never more than there is.
  static func seconds(of budget: RepositoryConfiguration.Budget) -> Int {
    min(budget.seconds, max(10, budget.seconds / 3))
  }

  /// What asks models on one account; `nil` where none is to be asked.
  func tasks(
    _ session: AgentSession, _ steps: any StepKeeping, _ repository: RepositoryActor<PrivateRepository>
  ) throws -> AgentTasks? {
    let models = models.isEmpty ? repairModels : models
    guard !models.isEmpty else { return nil }
    let place = directory + "/tasks"
    if try FileStatus(Array(place.utf8)) == nil { try Directory.make(Array(place.utf8), mode: 0o711) }
    let ground = TaskGround(
      run: run, pullRequest: pullRequest, rules: baseTip, rulesName: baseName, models: models,
      budget: configuration.budget, isUnlimited: isUnlimited, thinking: .medium, hosts: configuration.network,
      directory: place, isByHand: isByHand)
    return AgentTasks(session, on: ground, steps: steps, repository: repository)
  }

  /// What opens workspaces for the commands.
  func stages(
    _ session: AgentSession, _ egress: EgressJournal, _ repository: RepositoryActor<PrivateRepository>
  ) throws -> JobStages {
    RunLogs(runs: session.directories.runs).prune(at: session.clock.now())
    return JobStages(
      repository, commands, cells: session.cells, hosts: try HostName.opened(configuration.network),
      branch: pullRequest.branch, directory: directory, egress: egress, log: session.log)
  }
}

extension RepositoryConfiguration {
  /// The models that may repair a merge whose tests fail: those of `fix`, or else those of `resolve`.
  var repairModels: [String] {
    let own = models[JobKind.fix.rawValue] ?? []
    return own.isEmpty ? models[JobKind.resolve.rawValue] ?? [] : own
  }
}
