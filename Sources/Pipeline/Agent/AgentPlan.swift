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
  package var seconds: Int?
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
  /// What the model is given the files of.
  let files: ObjectID
  /// Run in the cell before the model begins.
  let setup: [String]
  /// The commit of the base whose instructions and skills count.
  let rules: ObjectID?
  /// The git directory that names the repository in the journal.
  package let directory: String
  package let objects: String
  /// Where the cell reads the history; `nil` where it has none.
  let history: ObjectDirectories?
  let skills: [TrustedTexts.FoundSkill]
  let hosts: [HostName]
  /// The hosts that `setup` alone may reach.
  let setupHosts: [HostName]
  /// What a person should know before it begins.
  package let warnings: [String]

  /// Reads everything that the order needs, for what is checked out.
  ///
  /// - Throws: ``GitError``, ``ConfigurationError``, ``NoBase``, ``NoModel``, ``InvalidModelName``, or ``InvalidHost``.
  package init(_ order: AgentOrder, in repository: Repository, history: ObjectDirectories?) throws {
    let branch: RefName?
    let commit: ObjectID
    switch try repository.head() {
    case .branch(let name, let tip): (branch, commit) = (name, tip)
    case .detached(let tip): (branch, commit) = (nil, tip)
    case .unborn(let name):
      throw GitError(
        .unbornBranch, operation: "work on '\(name.shortDisplay)'", message: "it has no commit yet; make one first")
    }
    let facts = try RepositoryFacts(reading: repository, base: order.base)
    let scene = AgentScene(
      commit: commit, branch: branch, base: facts.rules.base, rules: facts.baseTip, rulesName: facts.baseName,
      directory: repository.commonDirectory, budget: facts.configuration.budget,
      model: facts.configuration.models["agent"]?.first)
    try self.init(order, on: scene, in: repository, history: history)
  }

  /// Reads everything that the order needs.
  ///
  /// - Throws: ``GitError``, ``NoModel``, ``InvalidModelName``, or ``InvalidHost``.
  init(_ order: AgentOrder, on scene: AgentScene, in repository: Repository, history: ObjectDirectories?) throws {
    self.history = history
    (commit, branch, base, rules) = (scene.commit, scene.branch, scene.base, scene.rules)
    files = scene.tree ?? scene.commit
    setup = scene.setup
    if let asked = order.model {
      model = asked
    } else {
      guard let configured = scene.model else { throw NoModel() }
      model = try ModelName(configured)
    }
    profile = order.profile ?? ToolProfile(for: model)
    thinking = order.thinking
    directory = scene.directory
    objects = repository.objectsDirectory
    hosts = try HostName.opened(order.hosts)
    setupHosts = try HostName.opened(scene.setupHosts)
    let texts = try scene.rules.map { tip throws(GitError) in
      try TrustedTexts(at: tip, called: scene.rulesName, in: repository)
    }
    skills = texts?.skills ?? []
    let limits = scene.budget
    let money = order.dollars?.nano ?? limits.nanodollars
    budget = AgentBudget(
      money: order.isUnlimited ? nil : money, seconds: order.seconds ?? limits.seconds,
      steps: order.steps ?? limits.steps)
    tools = profile.declarations(for: model.dialect)
    facts = PromptFacts(
      task: order.task, profile: profile.rawValue, planTool: profile.planTool,
      toolAdvice: profile.advice, commit: commit, hasHistory: history != nil, hosts: hosts.map(\.text),
      programs: Self.programs(),
      instructions: texts?.instructions ?? [],
      skills: skills.map(\.skill), allowsParallelCalls: ModelFamilies.capabilities(of: model).acceptsParallelCalls,
      budget: budget)
    prompt = try AssembledPrompt(facts)
    warnings =
      scene.rules == nil
      ? ["the base '\(scene.rulesName)' has no commit, so there are no instructions of its own"] : []
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
}

/// What a task stands on, whoever gives it.
struct AgentScene: Sendable {
  /// The commit to work on, and the branch that it is the tip of.
  var commit: ObjectID
  var branch: RefName?
  /// The files that the model finds, where they are not the commit's.
  var tree: ObjectID?
  var base: RefName
  /// The commit of the base whose instructions and skills count, and what it is called.
  var rules: ObjectID?
  var rulesName: String
  /// What names the repository in the journal.
  var directory: String
  var budget: RepositoryConfiguration.Budget
  /// The model that is configured, as `PROVIDER/NAME`.
  var model: String?
  /// Run in the cell before the model begins.
  var setup: [String] = []
  /// The hosts that are open as long as it runs.
  var setupHosts: [String] = []
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
