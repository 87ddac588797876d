import Glibc
import ScriptedModel
import TestSupport
import Testing

/// A repair that somebody interrupts, and takes up again.
@Suite("A repair that is interrupted")
struct InterruptedFixTests {
  /// A repair that runs in the background.
  private struct Running {
    let setting: FixSetting
    let process: pid_t
    /// The end of a queue from which its errors are read.
    private let errors: Int32

    init(_ setting: FixSetting, _ words: [String]) throws {
      self.setting = setting
      let path = setting.home.path + "/err"
      try #require(mkfifo(path, 0o600) == 0)
      // Whoever opens a queue to write waits for its reader, so that one is there first and does not wait.
      errors = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
      try #require(errors >= 0)
      process = try Command.start(
        [Arborist.program(), "fix", "--branch", "feature"] + words, in: setting.repository.path,
        output: setting.home.path + "/out", errors: path, adding: setting.environment)
      _ = fcntl(errors, F_SETFL, 0)
    }

    /// Reads what it says until it ends, and sends it a signal when it has said something.
    func end(with signal: Int32, behind words: String) async throws -> (said: String, status: Int32) {
      let (errors, process) = (errors, process)
      return try await offPool {
        var said: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        var isSent = false
        while true {
          let count = read(errors, &buffer, buffer.count)
          guard count > 0 else { break }
          said += buffer[..<count]
          if !isSent, String(decoding: said, as: UTF8.self).contains(words) {
            isSent = true
            kill(process, signal)
          }
        }
        close(errors)
        return (String(decoding: said, as: UTF8.self), Command.wait(for: process))
      }
    }
  }

  /// What `arborist runs` says of the job's run: its name and its state.
  private func listed(_ setting: FixSetting) async throws -> (run: String, state: String) {
    let lines = try await setting.run("runs").lines.filter { $0.contains("  fix ") }
    let words = try #require(lines.count == 1 ? lines.first : nil).split(separator: " ")
    return (String(words[0]), String(words[5]))
  }

  private func expectToldHow(_ said: String, _ run: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let last = said.split(separator: "\n").last.map(String.init) ?? ""
    let expected = "run \(run) was interrupted; 'arborist resume \(run)' goes on with it"
    #expect(last == "arborist: \(expected)", "\(said)", sourceLocation: sourceLocation)
  }

  @Test("while its tests run ends at once, says how to go on, and goes on", arguments: [SIGINT, SIGTERM])
  func whileTestsRun(signal: Int32) async throws {
    let setting = try FixSetting(
      base: [.write("check.sh", "true\n")],
      branch: [.write("check.sh", "sleep $(cat wait.txt)\nexit 1\n"), .write("wait.txt", "1000\n")])
    let running = try Running(setting, ["--test", "sh check.sh", "--no-model", "--format", "json"])
    let (said, status) = try await running.end(with: signal, behind: "head 1: running the tests")
    #expect(status == 4, "\(said)")
    let (run, state) = try await listed(setting)
    #expect(state == "interrupted")
    expectToldHow(said, run)
    #expect(try setting.repository.id("feature") == setting.head)
    #expect(try !setting.repository.references().contains("arborist/"))
  }

  @Test("while the model is asked goes on with the same question", arguments: [SIGINT, SIGTERM])
  func whileTheModelIsAsked(signal: Int32) async throws {
    var scenario = FixSetting.repair
    scenario.faults = [Fault(.silence, at: 1, times: 1)]
    let setting = try FixSetting(scenario)
    let running = try Running(
      setting, ["--test", FixSetting.command, "--model", "openai/gpt-5.5", "--format", "json"])
    let process = running.process
    async let ended = running.end(with: signal, behind: "nothing that it says")
    _ = try await setting.model.request(1)
    kill(process, signal)
    let (said, status) = try await ended
    #expect(status == 4, "\(said)")
    let (run, state) = try await listed(setting)
    #expect(state == "interrupted")
    expectToldHow(said, run)
    #expect(try setting.repository.id("feature") == setting.head)
    let resumed = try FixAnswer(try await setting.run("resume", run, "--format", "json"))
    #expect(resumed.status == 0 && resumed.outcome == "fixed", "\(resumed)")
    #expect(resumed["pushed"] == "refs/heads/feature" && resumed.list("attempts").count == 1)
    #expect(try setting.show("calc.py", of: "feature") == FixSetting.good)
    // The request that got no answer was sent again, byte for byte, and no other twice.
    let requests = setting.model.requests
    try #require(requests.count == 3)
    #expect(requests[1].body == requests[2].body)
    try setting.expectSound()
    #expect(try await setting.run("log", run, "--verify").text.contains("verified: "))
  }

  @Test("while its tests run for the first time finishes when it is taken up")
  func finishes() async throws {
    let setting = try FixSetting()
    let running = try Running(setting, ["--test", FixSetting.command, "--no-model", "--format", "json"])
    let (said, status) = try await running.end(with: SIGINT, behind: "head 2: running the tests")
    let (run, state) = try await listed(setting)
    #expect(status == 4 && state == "interrupted", "\(said)")
    expectToldHow(said, run)
    let resumed = try await setting.run("resume", run, "--format", "json")
    let answer = try FixAnswer(resumed)
    #expect(answer.status == 1 && answer["offer"] == "partial_revert" && answer["pushed"] == setting.side, "\(answer)")
    // What was run before is not run again.
    #expect(!resumed.errorText.contains("head 1: "), "\(resumed.errorText)")
    try setting.expectSound()
  }
}
