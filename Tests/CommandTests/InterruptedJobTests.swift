import Base
import FileSystem
import Glibc
import ScriptedModel
import TestSupport
import Testing

/// What of `fix` and `resolve` waits for better times, and goes on with `resume`.
@Suite("A repair or a merge that is interrupted")
struct InterruptedJobTests {
  private static let words = ["fix", "--branch", "feature", "--model", "openai/gpt-5.5", "--test", FixSetting.command]

  /// What `runs` says: the names and the states of the runs of a kind.
  private func listed(_ kind: String, _ setting: FixSetting) async throws -> [(run: String, state: String)] {
    let rows = try await setting.run("runs").lines.map { $0.split(separator: " ").map(String.init) }
    return rows.filter { $0.count > 5 && $0[2] == kind }.map { ($0[0], $0[5]) }
  }

  @Test("goes on with the very conversation, however it was interrupted", arguments: [SIGINT, SIGTERM, SIGKILL])
  func interrupted(signal: Int32) async throws {
    var scenario = FixSetting.repair
    scenario.faults = [Fault(.silence, at: 1, times: 1)]
    let setting = try FixSetting(scenario)
    let errors = setting.home.path + "/err"
    let process = try Command.start(
      [Arborist.program()] + Self.words, in: setting.repository.path, errors: errors, adding: setting.environment)
    _ = try await setting.model.request(1)
    // The control: nothing but the signal interrupts it.
    #expect(try await listed("fix", setting).map(\.state) == ["running"])
    kill(process, signal)
    #expect(try await offPool { Command.wait(for: process) } == (signal == SIGKILL ? 128 + SIGKILL : 4))
    let run = try #require(try await listed("fix", setting).first).run
    #expect(try await listed("fix", setting).map(\.state) == ["interrupted"])
    #expect(try await listed("agent", setting).map(\.state) == ["interrupted"])
    if signal != SIGKILL {
      let last = String(decoding: try Files.read(errors), as: UTF8.self).split(separator: "\n").last
      #expect(last == "arborist: run \(run) was interrupted; 'arborist resume \(run)' goes on with it")
    }
    let task = try #require(try await listed("agent", setting).first).run
    expectFailure(try await setting.run("resume", task), 2, "it is a task of run \(run)")
    let resumed = try FixAnswer(try await setting.run("resume", run, "--format", "json"))
    #expect(resumed.status == 0 && resumed.outcome == "fixed", "\(resumed)")
    #expect(resumed.list("attempts").count == 1, "\(resumed)")
    let requests = setting.model.requests
    #expect(requests.count == 3 && requests[1].body == requests[2].body, "\(requests.count)")
    #expect(try await listed("agent", setting).map(\.state) == ["completed"])
    #expect(setting.id("feature")?.hex == resumed["commit"])
    try setting.expectSound()
  }

  @Test("says what it found although the vendor wants to be paid first, and goes on when that was done")
  func unreachable() async throws {
    var scenario = FixSetting.repair
    scenario.faults = [Fault(.quota, at: 0, times: 1)]
    let setting = try FixSetting(scenario)
    let answer = try await setting.fix()
    #expect(answer.status == 4 && answer.outcome == "infrastructure", "\(answer)")
    #expect(answer["culprit"].contains("calc.py") && answer["commit"].isEmpty, "\(answer)")
    #expect(answer.errors.contains("openai/gpt-5.5 could not be asked"), "\(answer)")
    #expect(answer.errors.hasSuffix("'arborist resume \(answer.run)' goes on with it\n"), "\(answer)")
    #expect(try await listed("fix", setting).map(\.state) == ["interrupted"])
    #expect(setting.id("feature") == setting.head)
    let resumed = try FixAnswer(try await setting.run("resume", answer.run, "--format", "json"))
    #expect(resumed.status == 0 && resumed.outcome == "fixed", "\(resumed)")
    #expect(try await listed("agent", setting).map(\.state) == ["completed"])
    try setting.expectSound()
  }

  @Test("leaves a merge open whose model cannot be reached, and tells it from one that could not tell")
  func unreachableMerge() async throws {
    let repository = try TestRepository.withConflict(isHard: true)
    let home = try TemporaryDirectory()
    var scenario = FixSetting.nothing
    scenario.faults = [Fault(.quota, at: 0, times: 1)]
    let model = try ScriptedModel.start(scenario)
    let environment = [
      "HOME": home.path, "OPENAI_API_KEY": "key-of-a-test", "OPENAI_BASE_URL": model.baseURL + "/v1",
      "ARBORIST_DATABASE": "", "XDG_STATE_HOME": "", "XDG_CONFIG_HOME": "",
    ]
    let path = repository.path
    func run(_ words: String...) async throws -> CommandResult {
      try await offPool { try Arborist.run(words, in: path, adding: environment) }
    }
    let result = try await run("resolve", "--model", "openai/gpt-5.5")
    #expect(result.status == 4 && result.output.isEmpty, "\(result.text)\(result.errorText)")
    #expect(result.errorText.contains("openai/gpt-5.5 could not be asked"), "\(result.errorText)")
    let open = try #require(try await run("runs").lines.first { $0.contains(" resolve ") })
    #expect(open.contains("interrupted"))
    let resumed = try await run("resume", String(open.prefix { $0 != " " }))
    #expect(resumed.status == 1, "\(resumed.errorText)")
    #expect(resumed.text.contains("could not tell"), "the control: \(resumed.text)")
  }

  @Test("does not even begin where the key or the price of the model is missing")
  func beforehand() async throws {
    let setting = try FixSetting(FixSetting.repair)
    let path = setting.repository.path
    for (model, lacking, status) in [("gpt-5.5", ["OPENAI_API_KEY", "OPENAI_BASE_URL"], Int32(2)), ("odd-zz", [], 3)] {
      var environment = setting.environment
      for name in lacking { environment[name] = "" }
      let given = environment
      let words = ["fix", "--branch", "feature", "--model", "openai/\(model)", "--test", FixSetting.command]
      let result = try await offPool { try Arborist.run(words, in: path, adding: given) }
      expectFailure(result, status, lacking.first ?? "no price is known")
      let runs = try await setting.run("runs")
      #expect(runs.text == "No run yet.", "\(model): \(runs.text)\(runs.errorText)")
    }
    // The control.
    #expect(try await setting.fix().outcome == "fixed")
  }

  @Test("works on a branch whose name cannot be shown", arguments: ["fix\\342\\200\\257it", "caf\\351", "plain"])
  func oddName(octal: String) async throws {
    let setting = try FixSetting(FixSetting.repair)
    let git = "git branch -m feature \"$(printf '\(octal)')\" && git checkout -q \"$(printf '\(octal)')\""
    #expect(try Command.run(["sh", "-c", git], in: setting.repository.path).status == 0)
    let answer = try FixAnswer(
      try await setting.run("fix", "--format", "json", "--model", "openai/gpt-5.5", "--test", FixSetting.command))
    #expect(answer.status == 0 && answer.outcome == "fixed", "\(answer)")
    let branches = try setting.repository.git("for-each-ref", "--format=%(objectname)", "refs/heads/arborist")
    #expect(branches == answer["commit"])
  }

  @Test("says why no model was asked")
  func withoutModel() async throws {
    let setting = try FixSetting()
    #expect(try await setting.fix(isModelAsked: false).list("notes").contains { $0.hasSuffix("(--no-model)") })
    let words = ["fix", "--branch", "feature", "--format", "json", "--test", FixSetting.command]
    let unnamed = try FixAnswer(try await setting.run(words))
    #expect(unnamed.list("notes").contains { $0.hasSuffix("none is configured") })
  }

  @Test("takes no secret along into a commit")
  func secrets() async throws {
    let token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    let test = FixSetting.check.replacing(
      "self.assertEqual(add(1, 2), 3)", with: "self.assertEqual(add(1, 2), 3, '\(token)'[::1])")
    let setting = try FixSetting(
      FixSetting.repair, branch: [.write("calc.py", FixSetting.bad), .write("test_calc.py", test)])
    let answer = try await setting.fix(command: "API_TOKEN=\(token) \(FixSetting.command)")
    #expect(answer.outcome == "fixed", "\(answer)")
    let message = try setting.repository.git("log", "-1", "--format=%B", "feature")
    #expect(message.contains("API_TOKEN=ghp_…[40 characters]") && !message.contains(token), "\(message)")
    #expect(!message.contains("a1B2c3D4"), "\(message)")
  }
}
