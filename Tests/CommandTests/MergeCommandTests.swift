import Base
import Foundation
import ScriptedModel
import TestSupport
import Testing

/// A merge by hand, with a model of the test's and a home of its own.
struct MergeSetting {
  let repository: TestRepository
  let home: TemporaryDirectory
  let model: ScriptedModel
  let head: ObjectID
  let main: ObjectID

  init(
    _ scenario: Scenario = FixSetting.nothing, base: [TestRepository.Change], ours: [TestRepository.Change],
    theirs: [TestRepository.Change]
  ) throws {
    repository = try TestRepository()
    let root = try repository.commit("main", changes: base)
    main = try repository.commit("main", changes: theirs)
    head = try repository.commit("feature", parents: [root], changes: ours)
    try repository.checkOut("main")
    home = try TemporaryDirectory()
    model = try ScriptedModel.start(scenario)
  }

  func run(_ words: [String]) async throws -> CommandResult {
    let path = repository.path
    let environment = [
      "HOME": home.path, "OPENAI_API_KEY": "key-of-a-test", "OPENAI_BASE_URL": model.baseURL + "/v1",
      "ARBORIST_DATABASE": "", "XDG_STATE_HOME": "", "XDG_CONFIG_HOME": "",
    ]
    return try await offPool { try Arborist.run(words, in: path, adding: environment) }
  }

  static let asked = ["--model", "openai/gpt-5.5"]

  func resolve(_ words: String...) async throws -> CommandResult {
    try await run(["resolve", "--branch", "feature"] + words)
  }

  /// The document that a merge leaves for programs.
  func document(_ result: CommandResult) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any])
  }

  var side: String { "refs/heads/arborist/resolve/feature-\(head.short)" }

  func expectUntouched(sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(try repository.id("feature") == head, sourceLocation: sourceLocation)
    #expect(try !repository.references().contains("arborist/"), sourceLocation: sourceLocation)
    #expect(try repository.git("status", "--porcelain") == "", sourceLocation: sourceLocation)
  }
}

/// One place that no resolver settles, and a model that is asked about it.
@Suite("A place that a model answers")
struct ModelMergeCommandTests {
  private static func setting(_ turns: Turn...) throws -> MergeSetting {
    try MergeSetting(
      FixSetting.again(turns), base: [.write("colours.txt", "one\n")], ours: [.write("colours.txt", "three\n")],
      theirs: [.write("colours.txt", "two\n")])
  }

  private static let both = [
    Turn(text: "Both.", calls: [.shell("printf 'three\\ntwo\\n' > colours.txt")]), Turn(text: "Both are kept."),
  ]
  private static let check = "grep -q three colours.txt || grep -q two colours.txt"

  @Test("goes to the branch where a check passes, and can be taken back")
  func checked() async throws {
    let setting = try Self.setting(Self.both[0], Self.both[1])
    let result = try await setting.resolve(
      "--check", Self.check, "--model", "openai/gpt-5.5", "--format", "json")
    #expect(result.status == 0, "\(result.text) \(result.errorText)")
    let document = try setting.document(result)
    #expect(document["verified"] as? Bool == true && document["pushed"] as? String == "refs/heads/feature")
    #expect(
      try setting.repository.git("rev-parse", "feature^1", "feature^2") == "\(setting.head.hex)\n\(setting.main.hex)")
    #expect(try setting.repository.git("show", "feature:colours.txt") == "three\ntwo")
    let message = try setting.repository.git("log", "-1", "--format=%B", "feature")
    #expect(message.contains("Assisted-by: arborist:openai/gpt-5.5") && message.contains("colours.txt"), "\(message)")
    let run = try #require(document["run"] as? String)
    let undone = try await setting.run(["undo", run])
    #expect(undone.status == 1 && undone.text.contains("merg"), "\(undone.errorText)")
    #expect(
      try setting.repository.git("rev-parse", "feature^{tree}")
        == setting.repository.git("rev-parse", "\(setting.head.hex)^{tree}"))
    #expect(try setting.repository.git("rev-parse", "feature^^2") == setting.main.hex, "the merge itself stays")
    expectFailure(try await setting.run(["undo", run]), 3, "took it back already")
  }

  @Test("lies beside the branch where nothing checks it, and says so")
  func unchecked() async throws {
    let setting = try Self.setting(Self.both[0], Self.both[1])
    let result = try await setting.resolve("--model", "openai/gpt-5.5")
    #expect(result.status == 1, "\(result.errorText)")
    #expect(try setting.repository.id("feature") == setting.head)
    #expect(try setting.repository.git("show", "\(setting.side):colours.txt") == "three\ntwo")
    #expect(result.text.contains("on a branch of its own"), "\(result.text)")
    let message = try setting.repository.git("log", "-1", "--format=%B", setting.side)
    #expect(message.contains("No test has confirmed"), "\(message)")
    let run = try #require(result.lines.last?.split(separator: " ").last.map(String.init))
    let undone = try await setting.run(["undo", run])
    #expect(undone.status == 1 && undone.text.contains("git branch -D"), "\(undone.text) \(undone.errorText)")
  }

  @Test("goes nowhere where only the merge fails its check")
  func broken() async throws {
    let setting = try Self.setting(Self.both[0], Self.both[1])
    let result = try await setting.resolve(
      "--check", "test $(wc -l < colours.txt) = 1", "--model", "openai/gpt-5.5")
    #expect(result.status == 1, "\(result.text) \(result.errorText)")
    try setting.expectUntouched()
  }

  @Test("is left, with all that a person needs, where the model abstains")
  func abstained() async throws {
    let setting = try Self.setting(Turn(text: "Only a person knows which colour is meant."))
    let result = try await setting.resolve("--check", Self.check, "--model", "openai/gpt-5.5")
    #expect(result.status == 1, "\(result.errorText)")
    try setting.expectUntouched()
    for part in [
      "colours.txt", "one", "two", "three", "Only a person knows which colour is meant.", "feature", "main", "run ",
    ] {
      #expect(result.text.contains(part), "\(part): \(result.text)")
    }
    // The control: the same with an answer.
    let answered = try Self.setting(Self.both[0], Self.both[1])
    #expect(try await answered.resolve("--check", Self.check, "--model", "openai/gpt-5.5").status == 0)
    #expect(try answered.repository.id("feature") != answered.head)
  }
}

@Suite("A merge that git makes and whose tests fail")
struct SemanticConflictCommandTests {
  private static func setting(_ scenario: Scenario) throws -> MergeSetting {
    try MergeSetting(
      scenario, base: [.write("calc.py", FixSetting.good), .write("test_calc.py", FixSetting.check)],
      ours: SemanticConflict.ours, theirs: SemanticConflict.theirs)
  }

  @Test("is repaired in a commit on top of it")
  func repaired() async throws {
    let setting = try Self.setting(SemanticConflict.repair)
    let result = try await setting.resolve("--check", FixSetting.command, "--model", "openai/gpt-5.5")
    #expect(result.status == 0, "\(result.text) \(result.errorText)")
    #expect(
      try setting.repository.git("rev-parse", "feature^^1", "feature^^2")
        == "\(setting.head.hex)\n\(setting.main.hex)", "\(result.text)")
    #expect(try setting.repository.git("show", "feature:use.py").contains("plus(a, a)"))
    #expect(result.text.contains("attempt 1, openai/gpt-5.5: fixed"), "\(result.text)")
  }

  @Test("is reported with the test that it breaks where nobody repairs it")
  func reported() async throws {
    for words in [["--no-model"], ["--model", "openai/gpt-5.5"]] {
      let setting = try Self.setting(FixSetting.nothing)
      let result = try await setting.run(
        ["resolve", "--branch", "feature", "--check", FixSetting.command] + words)
      #expect(result.status == 1, "\(result.text) \(result.errorText)")
      #expect(result.text.contains("test_use"), "\(result.text)")
      try setting.expectUntouched()
    }
  }
}

@Suite("A lock file in conflict")
struct LockFileCommandTests {
  private static func files(_ version: String, _ name: String = "shop") -> [TestRepository.Change] {
    let head = "  \"name\": \"\(name)\",\n  \"version\": \"\(version)\""
    return [
      .write("package.json", "{\n\(head)\n}\n"),
      .write(
        "package-lock.json",
        """
        {
        \(head),
          "lockfileVersion": 3,
          "requires": true,
          "packages": {
            "": {
              "name": "\(name)",
              "version": "\(version)"
            }
          }
        }

        """),
    ]
  }

  private static let hasNPM = (try? Command.run(["/usr/bin/npm", "--version"], in: "/").status) == 0

  @Test("is written again by its own tool, in a cell", .enabled(if: hasNPM, "needs npm below /usr"))
  func npm() async throws {
    let setting = try MergeSetting(base: Self.files("1.0.0"), ours: Self.files("1.1.0"), theirs: Self.files("1.2.0"))
    let result = try await setting.resolve("--check", "grep -q version package-lock.json", "--no-model")
    #expect(result.status == 0, "\(result.text) \(result.errorText)")
    #expect(
      try setting.repository.git("rev-parse", "feature^1", "feature^2") == "\(setting.head.hex)\n\(setting.main.hex)")
    let lock = try setting.repository.git("show", "feature:package-lock.json")
    #expect(lock.contains("1.2.0") && !lock.contains("1.1.0") && !lock.contains("<<<<"), "\(lock)")
    #expect(result.text.contains("npm install --package-lock-only"), "\(result.text)")
  }

  @Test("is left to a person where its tool is not there, with the command")
  func missing() async throws {
    func lock(_ hash: String) -> TestRepository.Change {
      .write("mix.lock", "%{\n  \"a\": {:hex, :a, \"\(hash)\"},\n}\n")
    }
    let setting = try MergeSetting(
      base: [.write("mix.exs", "deps\n"), lock("1")], ours: [lock("2")], theirs: [lock("3")])
    let result = try await setting.resolve("--check", "true", "--no-model")
    #expect(result.status == 1, "\(result.text) \(result.errorText)")
    #expect(result.text.contains("mix.lock") && result.text.contains("mix deps.get"), "\(result.text)")
    try setting.expectUntouched()
  }
}
