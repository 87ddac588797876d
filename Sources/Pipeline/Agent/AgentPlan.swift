package import Agent
package import Base
internal import Egress
package import Git
internal import Glibc
package import Models
internal import Policy
internal import Templates
package import Tools
internal import Work
package import Workspace

/// A task for a model as a person gives it.
package struct AgentOrder: Sendable {
  /// The repository, or a directory in it.
  package var repository: String
  /// The branch whose instructions and configuration count; `nil` for the configured one.
  package var base: String?
  package var task: String
  package var model: ModelName?
  package var profile: ToolProfile?
  package var thinking: ModelSettings.Thinking
  /// What replaces the repository's budget.
  package var dollars: Dollars?
  /// Whether there is no limit of money, whatever the repository's budget says.
  package var isUnlimited = false
  package var minutes: Int?
  package var steps: Int?
  /// The hosts that the cell may reach.
  package var hosts: [String]
  package var environment: [String: String]
  /// Whether the model's server is asked what the model can do although that was found out before.
  package var asksAnew = false

  package init(repository: String, task: String, environment: [String: String]) {
    self.repository = repository
    self.task = task
    self.environment = environment
    thinking = .medium
    hosts = []
  }
}

/// Everything about a task that is known before a model is asked.
package struct AgentPlan: Sendable {
  package let model: ModelName
  package let profile: ToolProfile
  /// What the model is told.
  package let prompt: AssembledPrompt
  package let facts: PromptFacts
  package let tools: [ToolDeclaration]
  package let budget: AgentBudget
  package let thinking: ModelSettings.Thinking
  /// The commit to work on, and the branch that is checked out at it.
  package let commit: ObjectID
  package let branch: RefName?
  package let base: RefName
  /// The commit of the base whose instructions and skills count.
  let rules: ObjectID?
  /// The git directory that names the repository in the journal.
  package let directory: String
  package let objects: String
  /// Where the cell reads the history; `nil` where it has none.
  let history: ObjectDirectories?
  let skills: [TrustedTexts.FoundSkill]
  let hosts: [HostName]
  /// What a person should know before it begins.
  package let warnings: [String]

  /// Reads everything that the order needs.
  ///
  /// - Throws: ``GitError``, ``ConfigurationError``, ``NoBase``, ``NoModel``, ``InvalidModelName``, or ``InvalidHost``.
  package init(_ order: AgentOrder, in repository: Repository, history: ObjectDirectories?) throws {
    self.history = history
    switch try repository.head() {
    case .branch(let name, let tip): (branch, commit) = (name, tip)
    case .detached(let tip): (branch, commit) = (nil, tip)
    case .unborn(let name):
      throw GitError(
        .unbornBranch, operation: "work on '\(name.shortDisplay)'", message: "it has no commit yet; make one first")
    }
    let facts = try RepositoryFacts(reading: repository, base: order.base)
    let configured = facts.configuration.models["agent"]?.first
    if let asked = order.model {
      model = asked
    } else {
      guard let configured else { throw NoModel() }
      model = try ModelName(configured)
    }
    profile = order.profile ?? ToolProfile(for: model)
    thinking = order.thinking
    base = facts.rules.base
    directory = repository.commonDirectory
    objects = repository.objectsDirectory
    hosts = try HostName.opened(order.hosts)
    rules = facts.baseTip
    let texts = try facts.baseTip.map { tip throws(GitError) in
      try TrustedTexts(at: tip, called: facts.baseName, in: repository)
    }
    skills = texts?.skills ?? []
    let limits = facts.configuration.budget
    let money = order.dollars?.nano ?? limits.nanodollars
    budget = AgentBudget(
      money: order.isUnlimited ? nil : money, seconds: order.minutes.map { $0 * 60 } ?? limits.seconds,
      steps: order.steps ?? limits.steps)
    tools = profile.declarations(for: model.dialect)
    self.facts = PromptFacts(
      task: order.task, profile: profile.rawValue, planTool: profile.planTool,
      toolAdvice: profile.advice, commit: commit, hasHistory: history != nil, hosts: hosts.map(\.text),
      programs: Self.programs(),
      instructions: texts?.instructions ?? [],
      skills: skills.map(\.skill), allowsParallelCalls: ModelFamilies.capabilities(of: model).acceptsParallelCalls,
      budget: budget)
    prompt = try AssembledPrompt(self.facts)
    warnings = Self.warnings(facts, repository)
  }

  /// The programs that a cell sees: those of the machine's own directories.
  private static func programs() -> KnownPrograms {
    func isThere(_ name: String) -> Bool {
      ["/usr/bin", "/usr/local/bin"].contains { access("\($0)/\(name)", X_OK) == 0 }
    }
    return KnownPrograms(
      there: KnownPrograms.names.filter(isThere), missing: KnownPrograms.names.filter { !isThere($0) },
      processors: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  private static func warnings(_ facts: RepositoryFacts, _ repository: Repository) -> [String] {
    facts.baseTip == nil ? ["the base '\(facts.baseName)' has no commit, so there are no instructions of its own"] : []
  }
}

/// Nobody said which model is to be asked.
package struct NoModel: Error, Hashable, CustomStringConvertible {
  package var description: String {
    "no model is named: use --model PROVIDER/NAME, or 'models: { agent: [PROVIDER/NAME] }' in .arborist.yml"
  }
}

/// A text that names no host which a cell may reach.
package struct InvalidHost: Error, Hashable, CustomStringConvertible {
  package let text: String
  package let reason: String

  package var description: String { "'\(DisplayText.line(text.utf8))' cannot be opened: \(reason)" }
}
