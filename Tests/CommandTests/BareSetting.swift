import Base
import Foundation
import ScriptedModel
import TestSupport
import Testing

/// A bare repository with a worker, a person who pushes to it, a model, and a home of the test's own.
struct BareSetting {
  let bare: TestRepository
  let person: TestRepository
  let home: TemporaryDirectory
  let model: ScriptedModel
  /// What `ARBORIST_DATABASE` says.
  var database = ""

  /// The person has `main`, with the configuration and these files, and has pushed it.
  init(
    _ scenario: Scenario = FixSetting.nothing, configuration: String, _ files: TestRepository.Change...
  ) throws {
    person = try TestRepository()
    try person.commit("main", changes: files + [.write(".arborist.yml", configuration)])
    bare = try TestRepository(bare: true, named: "bare.git", in: person.directory)
    home = try TemporaryDirectory()
    model = try ScriptedModel.start(scenario)
    try person.git("push", "--quiet", bare.path, "main")
    let result = try Arborist.run(["init", "--repo", bare.path, "--service"])
    #expect(result.status == 0, "\(result.errorText)")
  }

  var environment: [String: String] {
    [
      "HOME": home.path, "OPENAI_API_KEY": "key-of-a-test", "OPENAI_BASE_URL": model.baseURL + "/v1",
      "ARBORIST_DATABASE": database, "XDG_STATE_HOME": "", "XDG_CONFIG_HOME": "", "ANTHROPIC_API_KEY": "",
      "ANTHROPIC_BASE_URL": "",
    ]
  }

  /// Makes a commit on a branch of the person's, and pushes it.
  @discardableResult
  func push(
    _ branch: String, parents: [ObjectID]? = nil, message: String = "A change", _ changes: TestRepository.Change...
  ) throws -> ObjectID {
    let commit = try person.commit(branch, parents: parents, message: message, changes: changes)
    try person.git("push", "--quiet", "--force", bare.path, "\(branch):\(branch)")
    return commit
  }

  /// Pushes a branch as it is anew: it is deleted and comes back.
  func pushAgain(_ branch: String) throws {
    try person.git("push", "--quiet", bare.path, ":\(branch)")
    try person.git("push", "--quiet", bare.path, "\(branch):\(branch)")
  }

  func run(_ words: String...) async throws -> CommandResult {
    let (environment, path) = (environment, bare.path)
    return try await offPool { try Arborist.run(words, in: path, adding: environment) }
  }

  /// One worker's whole life.
  func work() async throws {
    let worker = try await run("worker", "--repo", bare.path)
    #expect(worker.status == 0 && worker.output == [], "\(worker.errorText)")
  }

  /// The runs of jobs, the last one first: name, kind and state.
  func runs() async throws -> [(run: String, kind: String, state: String)] {
    let result = try await run("runs", "--repo", bare.path, "--format", "json")
    let document = try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any]
    let runs = try #require(document?["runs"] as? [[String: Any]])
    return runs.filter { $0["kind"] as? String != "agent" }.map { run in
      (run["run"] as? String ?? "", run["kind"] as? String ?? "", run["state"] as? String ?? "")
    }
  }

  func lastRun() async throws -> (run: String, kind: String, state: String) { try #require(try await runs().first) }

  /// Every comment on what was pushed.
  func comments() throws -> String {
    try bare.git("notes", "--ref", "devtools/discuss", "list").split(separator: "\n").map { line in
      let object = line.split(separator: " ").last.map(String.init) ?? ""
      return try bare.git("notes", "--ref", "devtools/discuss", "show", object)
    }.joined(separator: "\n")
  }

  /// The branches, sorted.
  func branches() throws -> [String] {
    try bare.git("for-each-ref", "--format=%(refname:short)", "refs/heads").split(separator: "\n").map(String.init)
  }

  func tree(_ revision: String) throws -> String { try bare.git("rev-parse", "\(revision)^{tree}") }

  func expectSound(sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(try bare.attempt(["fsck", "--strict"]).status == 0, sourceLocation: sourceLocation)
    #expect(
      try Command.run(["ls", "-A", bare.path + "/arborist/work"], in: "/").text == "", sourceLocation: sourceLocation)
    let left = try Command.run(
      ["find", bare.path + "/arborist/runs", "-mindepth", "2", "-maxdepth", "2"], in: "/"
    ).lines.compactMap { $0.split(separator: "/").last }
    #expect(left.allSatisfy { $0 == "logs" || $0 == "lock" }, "\(left)", sourceLocation: sourceLocation)
  }
}
