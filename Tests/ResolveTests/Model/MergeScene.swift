import Base
import Foundation
import Git
import Resolve
import Synchronization
import TestSupport
import Testing
import Verify
import Work

/// A small project with a conflict that resolvers leave, and its right answer.
struct MergeScene: Sendable, CustomTestStringConvertible {
  var testDescription: String { name }

  typealias Change = TestRepository.Change

  var name: String
  var base: [Change]
  var ours: [Change]
  var theirs: [Change]
  /// What finds errors in it.
  var commands = ["python3 -m unittest discover -v -s tests -t ."]
  /// The files that are in conflict, with their right content.
  var right: [String: String]
  /// What the model must say of its right answer, made of the names of the places.
  var words: @Sendable (ScriptedEdit) -> String = { _ in "Done." }
}

/// A scene with its repository and a stage for its tests, for one or several merges.
final class MergeStage: Sendable {
  let scene: MergeScene
  let repository: TestRepository
  let work: RepositoryActor<PrivateRepository>
  let ours: ObjectID
  let theirs: ObjectID
  let stage: LocalStage

  init(_ scene: MergeScene) async throws {
    self.scene = scene
    let repository = try TestRepository(bare: true)
    self.repository = repository
    let root = try repository.commit("main", parents: [], changes: scene.base)
    ours = try repository.commit("topic", parents: [root], changes: scene.ours)
    theirs = try repository.commit("main", parents: [root], changes: scene.theirs)
    let directory = repository.directory.path
    let objects = repository.path + "/objects"
    work = try await RepositoryActor.open { () throws(GitError) in
      try PrivateRepository.create(at: directory + "/work", borrowing: [objects])
    }
    stage = LocalStage(
      gitDirectory: directory + "/work", directory: directory + "/stage", commands: scene.commands)
  }

  /// Merges with a scripted model.
  func resolve(
    verifies: Bool = true, in other: (any TestStaging)? = nil, regenerator: (any TreeRegenerating)? = nil,
    journal: any StepKeeping = NoSteps(),
    _ script: (@Sendable (ModelTask, inout ScriptedEdit) -> Void)?
  ) async throws -> (outcome: ResolveOutcome, tasks: [ModelTask]) {
    let model = script.map { ScriptedModelTasks(work, $0) }
    let outcome = try await ModelResolve(
      merge: BranchMerge(
        branch: RefName("refs/heads/topic"), base: "main", ours: ours, theirs: theirs,
        identity: BotIdentity(name: "Bot", email: "bot@example.com")),
      context: .init(commands: verifies ? TestCommands(test: scene.commands, seconds: 60) : nil), repository: work,
      model: model, stage: verifies ? other ?? stage : nil, regenerator: regenerator, journal: journal
    ).run()
    return (outcome, model?.tasks ?? [])
  }

  /// The right answer, in the scripted model's hands.
  func answerRight(_ edit: inout ScriptedEdit) {
    edit.text = scene.words(edit)
    for (path, content) in scene.right { edit.files[path] = content }
  }

  func content(_ path: String, in id: ObjectID) async throws -> String? {
    try await work.perform { repository in
      guard let path = RepositoryPath(path), let entry = try repository.entry(at: path, in: id) else { return nil }
      return String(decoding: try repository.content(of: entry.id, limit: 1 << 24), as: UTF8.self)
    }
  }

  func message(of commit: ObjectID) async throws -> String {
    try await work.perform { String(decoding: try $0.commit(commit).message, as: UTF8.self) }
  }
}

/// Writes steps down in memory.
final class MemoryJournal: StepKeeping {
  private let steps = Mutex<[String: Data]>([:])

  var kept: [String] { steps.withLock { $0.keys.sorted() } }

  func names() async throws -> [String] { kept }

  func note(_ line: String) async throws {}

  func recall<Value: Codable & Sendable>(_ step: String, as type: Value.Type) async throws -> Value? {
    try steps.withLock { $0[step] }.map { try JSONDecoder().decode(Value.self, from: $0) }
  }

  func record<Value: Codable & Sendable>(_ step: String, _ value: Value) async throws {
    let data = try JSONEncoder().encode(value)
    steps.withLock { $0[step] = data }
  }
}
