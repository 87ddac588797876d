import Base
import Foundation
import Git
import TestResults
import TestSupport
import Testing
import Verify
import Work

@testable import Fix

/// Steps in memory, that may end the process after one of them was kept.
actor KeptSteps: StepKeeping {
  private(set) var kept: [(name: String, value: Data)] = []
  private(set) var notes: [String] = []
  private var left: Int?

  /// - Parameters:
  ///   - kept: What an earlier process left.
  ///   - left: After how many more steps the process dies; `nil` for never.
  init(_ kept: [(name: String, value: Data)] = [], dyingAfter left: Int? = nil) {
    self.kept = kept
    self.left = left
  }

  struct Died: Error {}

  func recall<Value: Codable & Sendable>(_ step: String, as type: Value.Type) throws -> Value? {
    try kept.first { $0.name == step }.map { try JSONDecoder().decode([Value].self, from: $0.value)[0] }
  }

  func record<Value: Codable & Sendable>(_ step: String, _ value: Value) throws {
    if left == 0 { throw Died() }
    guard !kept.contains(where: { $0.name == step }) else { return }
    // As a journal, which refuses whoever is cancelled.
    try Task.checkCancellation()
    kept.append((step, try JSONEncoder().encode([value])))
    if let left {
      self.left = left - 1
      if left == 1 { throw Died() }
    }
  }

  func note(_ line: String) { notes.append(line) }

  func names() -> [String] { kept.map(\.name) }
}

/// What the tests of a tree tell, as a function of its files and of how often it was asked.
typealias Rule = @Sendable (_ files: [String: String], _ turn: Int) async throws -> TestExecution

/// Stages whose tests are a rule.
actor RuleGround: FixGround {
  static let elsewhere = "(elsewhere)"

  private let repository: RepositoryActor<PrivateRepository>
  private let rule: Rule
  private(set) var ran: [ObjectID] = []
  private(set) var opened = 0
  private(set) var open = 0
  private(set) var logs: [String] = []
  /// How much time the commands of each run got.
  private(set) var limits: [Duration?] = []
  private(set) var patches: [String: String] = [:]
  /// Why no stage can be opened.
  private var refusal: StageFailure?

  init(_ repository: RepositoryActor<PrivateRepository>, _ rule: @escaping Rule) {
    self.repository = repository
    self.rule = rule
  }

  func refuse(_ failure: StageFailure) { refusal = failure }

  func stage(of commit: ObjectID, parallel: Int) throws -> any OpenStage {
    if let refusal { throw refusal }
    opened += 1
    open += 1
    return Stage(ground: self)
  }

  func keep(_ log: [UInt8], as name: String) { logs.append(name) }

  func keep(patch: [UInt8], as name: String) { patches[name] = String(decoding: patch, as: UTF8.self) }

  fileprivate func close() { open -= 1 }

  fileprivate func note(_ limit: Duration?) { limits.append(limit) }

  fileprivate func run(_ tree: ObjectID, in surroundings: TestSurroundings = .usual) async throws -> TestExecution {
    ran.append(tree)
    let turn = ran.count { $0 == tree }
    let files = try await RuleProbing(repository: repository) { _ in TestStanding() }.files(of: tree)
    // Where somebody else runs them, the rule sees it as it sees a file.
    let told = surroundings == .usual ? files : files.merging([Self.elsewhere: ""]) { $1 }
    var execution = try await rule(told, turn)
    execution.tree = tree
    return execution
  }

  private struct Stage: OpenStage {
    let ground: RuleGround

    func run(_ tree: ObjectID) async throws -> TestExecution { try await run(tree, within: nil) }

    func run(_ tree: ObjectID, in surroundings: TestSurroundings) async throws -> TestExecution {
      try await ground.run(tree, in: surroundings)
    }
    func run(_ tree: ObjectID, within limit: Duration?) async throws -> TestExecution {
      await ground.note(limit)
      return try await ground.run(tree)
    }

    func close() async { await ground.close() }
  }
}

/// A model that leaves given files, attempt by attempt.
actor GivenModel: ModelTaskPerforming {
  /// What an attempt leaves.
  struct Answer: Sendable {
    var files: [String: String?] = [:]
    var changedBack: [String] = []
    var ending = AgentEnding.completed
    var wait: (@Sendable () async throws -> Void)?
  }

  private let repository: RepositoryActor<PrivateRepository>
  private let steps: any StepKeeping
  private let answers: [Answer]
  /// The tasks that a model was really asked, in order.
  private(set) var asked: [ModelTask] = []

  init(_ repository: RepositoryActor<PrivateRepository>, _ steps: any StepKeeping, _ answers: [Answer]) {
    self.repository = repository
    self.steps = steps
    self.answers = answers
  }

  func perform(_ task: ModelTask) async throws -> ModelWork {
    let number = Int(task.name.split(separator: " ").last ?? "") ?? 0
    let answer = answers[(number - 1) % answers.count]
    let edits = answer.files
    let tree = try await repository.perform { repository in
      try repository.writeTree(
        from: try repository.tree(of: task.commit),
        edits.map { path, content in
          let path = try #require(RepositoryPath(path))
          guard let content else { return .remove(path) }
          return .put(path, mode: .regular, blob: try repository.writeBlob(Array(content.utf8)))
        })
    }
    if let work = try await steps.recall("work \(task.name)", as: ModelWork.self) { return work }
    asked.append(task)
    try await answer.wait?()
    let outcome = AgentOutcome(
      ending: answer.ending, reason: "it says so", text: "I did number \(number).", steps: 3, cost: 1000, changed: [])
    let work = ModelWork(
      run: RunID(random: UInt64(number)), model: task.model ?? "", outcome: outcome, tree: tree,
      changedBack: answer.changedBack.compactMap { RepositoryPath($0) })
    try await steps.record("work \(task.name)", work)
    return work
  }
}

/// A branch that breaks the addition and leaves the rest; its test says what is expected.
struct FixBench {
  let repository: TestRepository
  let actor: RepositoryActor<PrivateRepository>
  let ground: RuleGround
  var order: FixOrder

  static let good = "def add(a, b):\n    return a + b\n"
  static let bad = "def add(a, b):\n    return a - b\n"
  static let check = "def test_add():\n    assert add(1, 2) == 3\n"

  init(
    base: [TestRepository.Change] = [.write("calc.py", good)],
    branch: [TestRepository.Change] = [.write("calc.py", bad)],
    rule: @escaping Rule = { files, _ in FixBench.execution(files) }
  ) async throws {
    let repository = try TestRepository()
    let from = try repository.commit(
      "main", changes: [.write("tests/test_calc.py", Self.check), .write("other.py", "fine\n")] + base)
    let head = try repository.commit("feature", parents: [from], message: "Subtract", changes: branch)
    self.repository = repository
    let actor = try await Self.workspace(of: repository)
    self.actor = actor
    ground = RuleGround(actor, rule)
    order = FixOrder(
      branch: try RefName("refs/heads/feature"), head: head, mergeBase: from, base: "main",
      commands: TestCommands(test: ["pytest"], seconds: 60), models: ["openai/one"], seconds: 600,
      identity: BotIdentity(name: "Arborist", email: "bot@example.com"))
  }

  private static func workspace(of repository: TestRepository) async throws -> RepositoryActor<PrivateRepository> {
    let place = repository.directory.path + "/private-\(UInt64.random(in: .min ... .max))"
    return try await RepositoryActor.open { () throws(GitError) in
      try PrivateRepository.create(at: place, borrowing: [repository.gitDirectory + "/objects"])
    }
  }

  /// What pytest would say of these files: one test of the addition, one of the rest, and those that others add.
  static func execution(_ files: [String: String]) -> TestExecution {
    var standing = TestStanding()
    standing.trust = .file
    if files["other.py"] == "fine\n" {
      standing.green.insert(test("other"))
    } else {
      standing.red.insert(.test(test("other")))
    }
    let adds = files["calc.py"]?.contains("a + b") == true || files["calc.py"]?.contains("return 3") == true
    if let check = files["tests/test_calc.py"] {
      if adds || check.contains("== -1") {
        standing.green.insert(test("add"))
      } else {
        standing.red.insert(.test(test("add")))
      }
    }
    for (path, text) in files where path.hasPrefix("tests/test_more") {
      if text.contains("assert True") {
        standing.green.insert(test(path))
      } else {
        standing.red.insert(.test(test(path)))
      }
    }
    standing.executed = standing.green.count + standing.red.count
    return execution(standing)
  }

  static func execution(
    _ standing: TestStanding, ending: CommandExecution.Ending? = nil, changed: [String] = []
  ) -> TestExecution {
    let command = CommandExecution(
      command: "pytest", ending: ending ?? .exited(standing.isGreen ? 0 : 1), elapsed: .milliseconds(5), log: [])
    return TestExecution(
      tree: .zero, standing: standing, reports: [], commands: [command],
      changedTracked: changed.compactMap { RepositoryPath($0) })
  }

  /// Runs the job once, as one process would.
  func run(
    _ answers: [GivenModel.Answer]? = nil, steps: KeptSteps = KeptSteps(), clock: WallClock? = nil,
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> (outcome: FixOutcome, model: GivenModel?) {
    let model = answers.map { GivenModel(actor, steps, $0) }
    let job = FixJob(
      order, in: actor, on: ground, steps: steps, model: model,
      clock: clock ?? WallClock { Timestamp(seconds: 5) }, log: log)
    let outcome = try await job.run()
    #expect(await ground.open == 0, "a stage was left open")
    return (outcome, model)
  }

  /// The content of a file of a commit.
  func file(_ path: String, of commit: ObjectID?) async throws -> String? {
    let commit = try #require(commit)
    return try await RuleProbing(repository: actor) { _ in TestStanding() }
      .files(of: try await actor.perform { try $0.tree(of: commit) })[path]
  }

  func message(of commit: ObjectID?) async throws -> String {
    let commit = try #require(commit)
    return try await actor.perform { String(decoding: try $0.commit(commit).message, as: UTF8.self) }
  }

  func parents(of commit: ObjectID?) async throws -> [ObjectID] {
    let commit = try #require(commit)
    return try await actor.perform { try $0.commit(commit).parents }
  }
}
