import Base
import Fix
import Foundation
import Git
import Merging
import Resolve
import Synchronization
import TestResults
import TestSupport
import Testing
import Verify
import Work

@testable import Pipeline

/// A merge that can be made and whose tests fail goes to the repair, and only what is green again is taken.
@Suite struct MergeRepairTests {
  @Test func aSemanticConflictComesBackRepairedOnTopOfTheMerge() async throws {
    let scene = try await RepairScene()
    let outcome = try await scene.resolve { _ in ["use.txt": "new\n"] }
    #expect(outcome.verdict == .resolved && outcome.reach == .branch, "\(outcome.reason)")
    #expect(outcome.repair?.verdict == .fixed && outcome.confirmation?.verdict == .verified)
    #expect(outcome.reason.contains("fake/one repaired that in a commit on top of the merge"))
    let repair = try #require(outcome.commit)
    let parents = try await scene.parents(of: repair)
    try #require(parents.count == 1)
    #expect(try await scene.parents(of: parents[0]) == [scene.ours, scene.theirs])
    let message = try await scene.message(of: parents[0])
    #expect(message.contains("The merge alone is broken") && !message.contains("No test has confirmed"), "\(message)")
    let report = ResolveReport(outcome, branch: try RefName("refs/heads/topic"), base: "main").text
    #expect(report.contains("attempt 1, fake/one: fixed"), "\(report)")
  }

  @Test func theModelIsToldThatItIsAMergeAndWhatTheOtherSideDid() async throws {
    let scene = try await RepairScene()
    let told = Mutex("")
    let outcome = try await scene.resolve { task in
      told.withLock { $0 = task.text }
      return ["use.txt": "new\n"]
    }
    let text = told.withLock { $0 }
    #expect(text.hasPrefix("A merge is broken: main (\(scene.theirs.short)) was merged into topic"), "\(text)")
    #expect(text.contains("in neither of the two alone") && !text.contains("Tests of the branch"))
    #expect(text.contains("What main changed since the two parted") && text.contains("\n-old\n+new\n"), "\(text)")
    #expect(outcome.repair?.culprit == nil && outcome.repair?.testRuns ?? 99 < 12)
    let message = try await scene.message(of: try #require(outcome.commit))
    #expect(message.hasPrefix("Repair the merge of main into topic\n"), "\(message)")
    #expect(message.contains("and in neither of its parents: it merges\nmain ("), "\(message)")
  }

  @Test func theSameStepsMakeTheSameCommitAndAskNobodyAgain() async throws {
    let scene = try await RepairScene()
    let first = try await scene.resolve { _ in ["use.txt": "new\n"] }
    let (asked, runs) = (scene.asked, scene.runs)
    let second = try await scene.resolve { _ in ["use.txt": "new\n"] }
    #expect(first.commit != nil && second == first)
    #expect(asked == 1 && scene.runs == runs)
    // The control: without what was kept everything is done once more.
    scene.forget()
    #expect(try await scene.resolve { _ in ["use.txt": "new\n"] }.commit == first.commit)
    #expect(scene.runs > runs)
  }

  @Test func whatDoesNotHelpIsToldAndNothingIsCommitted() async throws {
    let scene = try await RepairScene()
    let outcome = try await scene.resolve { _ in ["notes.txt": "done\n"] }
    #expect(outcome.verdict == .semanticConflict && outcome.commit == nil)
    #expect(outcome.repair?.verdict == .notFixed && outcome.repair?.attempts.count == 2)
    #expect(outcome.reason.contains("The repair did not come through"))
  }

  @Test func aRepairThatBreaksSomethingElseIsNotTaken() async throws {
    let scene = try await RepairScene()
    let outcome = try await scene.resolve { _ in ["use.txt": "new\n", "other.txt": "broken\n"] }
    #expect(outcome.verdict == .semanticConflict && outcome.commit == nil)
    #expect(outcome.repair?.verdict == .regressed)
  }

  @Test func whatFailsInAParentTooIsNoReasonToAsk() async throws {
    let scene = try await RepairScene(isBrokenBefore: true)
    let outcome = try await scene.resolve { _ in ["use.txt": "new\n"] }
    #expect(outcome.verdict == .clean && scene.asked == 0 && outcome.repair == nil)
  }

  @Test func namesOfStepsAreNoneOfTheMerges() async throws {
    let steps = KeptInMemory()
    let part = PrefixedSteps(steps, MergeRepair.prefix)
    try await steps.record("tests base", 1)
    try await part.record("tests base", 2)
    #expect(try await steps.recall("tests base", as: Int.self) == 1)
    #expect(try await part.recall("tests base", as: Int.self) == 2)
    #expect(try await part.names() == ["tests base"])
  }
}

/// Two branches that git merges without a conflict, and of which one takes away what the other begins to use.
private final class RepairScene: Sendable {
  let repository: TestRepository
  let work: RepositoryActor<PrivateRepository>
  let ours: ObjectID
  let theirs: ObjectID
  private let steps = Mutex(KeptInMemory())
  private let counts = Mutex((asked: 0, runs: 0))

  init(isBrokenBefore: Bool = false) async throws {
    let repository = try TestRepository(bare: true)
    self.repository = repository
    let root = try repository.commit(
      "main", .write("value.txt", "old\n"), .write("use.txt", "none\n"), .write("other.txt", "good\n"))
    ours = try repository.commit("topic", parents: [root], .write("use.txt", isBrokenBefore ? "odd\n" : "old\n"))
    theirs = try repository.commit("main", parents: [root], .write("value.txt", "new\n"))
    let place = repository.directory.path + "/work"
    let objects = repository.path + "/objects"
    work = try await RepositoryActor.open { () throws(GitError) in
      try PrivateRepository.create(at: place, borrowing: [objects])
    }
  }

  var asked: Int { counts.withLock { $0.asked } }
  var runs: Int { counts.withLock { $0.runs } }

  func forget() { steps.withLock { $0 = KeptInMemory() } }

  func parents(of commit: ObjectID) async throws -> [ObjectID] {
    try await work.perform { try $0.commit(commit).parents }
  }

  func message(of commit: ObjectID) async throws -> String {
    try await work.perform { String(decoding: try $0.commit(commit).message, as: UTF8.self) }
  }

  func resolve(_ edit: @escaping @Sendable (ModelTask) -> [String: String]) async throws -> ResolveOutcome {
    let commands = TestCommands(test: ["prove check.t"], seconds: 60)
    let (steps, branch) = (steps.withLock { $0 }, try RefName("refs/heads/topic"))
    let identity = BotIdentity(name: "Bot", email: "bot@example.com")
    let stage = FakeStage(work) { self.counts.withLock { $0.runs += 1 } }
    let end = try await ModelResolve(
      merge: BranchMerge(branch: branch, base: "main", ours: ours, theirs: theirs, identity: identity),
      context: .init(commands: commands), repository: work, model: nil, stage: stage, journal: steps
    ).end()
    let order = FixOrder(
      branch: branch, head: ours, mergeBase: theirs, base: "main", commands: commands, models: ["fake/one"],
      seconds: 600, identity: identity)
    let model = FakeModel(work, steps, edit) { self.counts.withLock { $0.asked += 1 } }
    return try await MergeRepair(
      order: order, repository: work, ground: FakeGround(stage: stage), stage: stage, steps: steps, model: model,
      clock: .system, log: { _ in }
    ).outcome(of: end)
  }
}

/// Tells of a tree what its files say, as a runner would.
private struct FakeStage: OpenStage {
  let work: RepositoryActor<PrivateRepository>
  let ran: @Sendable () -> Void

  init(_ work: RepositoryActor<PrivateRepository>, ran: @escaping @Sendable () -> Void) {
    self.work = work
    self.ran = ran
  }

  func close() async {}

  func run(_ tree: ObjectID) async throws -> TestExecution {
    ran()
    func word(_ path: String) async throws -> String {
      try await work.perform { repository in
        guard let path = RepositoryPath(path), let entry = try repository.entry(at: path, in: tree) else { return "" }
        return String(decoding: try repository.content(of: entry.id, limit: 100), as: UTF8.self)
      }
    }
    let (value, use, other) = (try await word("value.txt"), try await word("use.txt"), try await word("other.txt"))
    let isRed = use == "odd\n" || (value == "new\n" && use == "old\n")
    let output =
      "TAP version 13\n1..2\n\(isRed ? "not ok" : "ok") 1 - uses\n\(other == "good\n" ? "ok" : "not ok") 2 - other\n"
    let isGood = !output.contains("not ok")
    let report = TestResultReader.read(
      TestEvidence(command: ["prove", "check.t"], status: isGood ? 0 : 1, output: Array(output.utf8)))
    return TestExecution(
      tree: tree, standing: TestStanding(of: [report]), reports: [report],
      commands: [
        CommandExecution(
          command: "prove check.t", ending: .exited(isGood ? 0 : 1), elapsed: .zero, log: Array(output.utf8))
      ])
  }
}

private struct FakeGround: FixGround {
  let stage: FakeStage

  func stage(of commit: ObjectID, parallel: Int) async throws -> any OpenStage { stage }
  func keep(_ log: [UInt8], as name: String) async {}
  func keep(patch: [UInt8], as name: String) {}
}

/// Writes files where a model would, and keeps that it did.
private struct FakeModel: ModelTaskPerforming {
  let work: RepositoryActor<PrivateRepository>
  let steps: KeptInMemory
  let edit: @Sendable (ModelTask) -> [String: String]
  let wasAsked: @Sendable () -> Void

  init(
    _ work: RepositoryActor<PrivateRepository>, _ steps: KeptInMemory,
    _ edit: @escaping @Sendable (ModelTask) -> [String: String], wasAsked: @escaping @Sendable () -> Void
  ) {
    self.work = work
    self.steps = steps
    self.edit = edit
    self.wasAsked = wasAsked
  }

  func perform(_ task: ModelTask) async throws -> ModelWork {
    try await steps.once("work \(task.name)") {
      wasAsked()
      let files = edit(task)
      let tree = try await work.perform { repository in
        var edits: [TreeEdit] = []
        for (path, content) in files {
          guard let path = RepositoryPath(path) else { continue }
          edits.append(.put(path, mode: .regular, blob: try repository.writeBlob(Array(content.utf8))))
        }
        return try repository.writeTree(from: try repository.tree(of: task.commit), edits)
      }
      return ModelWork(
        run: RunID(random: 7), model: "fake/one",
        outcome: AgentOutcome(
          ending: .completed, reason: "as told", text: "Done.", steps: 1, cost: nil, changed: []),
        tree: tree)
    }
  }
}

/// Keeps steps in memory.
private final class KeptInMemory: StepKeeping {
  private let steps = Mutex<[String: Data]>([:])

  func recall<Value: Codable & Sendable>(_ step: String, as type: Value.Type) async throws -> Value? {
    try steps.withLock { $0[step] }.map { try JSONDecoder().decode(Value.self, from: $0) }
  }

  func record<Value: Codable & Sendable>(_ step: String, _ value: Value) async throws {
    let data = try JSONEncoder().encode(value)
    steps.withLock { if $0[step] == nil { $0[step] = data } }
  }

  func note(_ line: String) async throws {}
  func names() async throws -> [String] { steps.withLock { Array($0.keys) } }
}
