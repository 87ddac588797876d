import FileSystem
import Glibc
import ScriptedModel
import TestSupport
import Testing

/// A task whose model falls silent at one of its answers, so that a test can stop the work exactly there.
private struct SilentBench {
  let bench: AgentBench
  private let process: pid_t

  /// Starts the task and waits until the model was asked for the answer.
  ///
  /// - Parameters:
  ///   - step: The answer, counted from 0.
  ///   - model: Which model is asked.
  /// - Throws: What keeps the task from starting.
  init(silentAt step: Int, model: String) async throws {
    var scenario = Scenario(
      turns: [
        Turn(calls: [.read(path: "calc.py")]),
        Turn(calls: [.edit(path: "calc.py", old: "    return a - b", new: "    return a + b")]),
        Turn(calls: [.shell("cat calc.py; echo done > note.txt")]),
      ], final: Turn(text: "It adds now."))
    scenario.faults = [Fault(.silence, at: step, times: 1)]
    bench = try AgentBench(scenario)
    process = try Command.start(
      [Arborist.program(), "agent", "--task", "make it add", "--model", model], in: bench.path,
      output: bench.home.path + "/out", errors: bench.home.path + "/err", adding: bench.environment)
    _ = try await bench.model.request(step)
  }

  /// Sends a signal and waits for the end.
  ///
  /// - Returns: The exit status.
  func end(with signal: Int32) async throws -> Int32 {
    let process = process
    kill(process, signal)
    return try await offPool { Command.wait(for: process) }
  }

  /// What `arborist runs` says of the only run: its name and its state.
  func listed() async throws -> (run: String, state: String) {
    let lines = try await bench.run("runs").lines
    let words = try #require(lines.count == 2 ? lines.last : nil).split(separator: " ", omittingEmptySubsequences: true)
    return (String(words[0]), String(words[5]))
  }

  func errors() throws -> String { String(decoding: try Files.read(bench.home.path + "/err"), as: UTF8.self) }
}

@Suite("A task that is interrupted")
struct InterruptionTests {
  @Test("ends in its own way when it is asked to end, and what was done is kept", arguments: [SIGINT, SIGTERM])
  func asked(signal: Int32) async throws {
    let silent = try await SilentBench(silentAt: 2, model: "anthropic/claude-opus-4-8")
    // The control: nothing but the signal ends it.
    #expect(try await silent.listed().state == "running")
    #expect(try await silent.end(with: signal) == 1)
    #expect(try silent.errors().contains("what was done until then is kept"))
    let (run, state) = try await silent.listed()
    #expect(state == "stopped")
    let patch = try Files.read(silent.bench.home.path + "/.local/state/arborist/runs/\(run)/changes.patch")
    #expect(String(decoding: patch, as: UTF8.self).contains("+    return a + b"))
    #expect(try await silent.bench.run("log", run, "--verify").text.contains("verified: "))
  }

  @Test("is taken up wherever it was killed, and sends what it would have sent", arguments: 0...3)
  func killed(step: Int) async throws {
    let silent = try await SilentBench(silentAt: step, model: "openai/gpt-5.5")
    #expect(try await silent.listed().state == "running")
    #expect(try await silent.end(with: SIGKILL) == 128 + SIGKILL)
    let (run, state) = try await silent.listed()
    #expect(state == "interrupted")
    let resumed = try await silent.bench.run("resume", run, "--patch", silent.bench.home.path + "/out.patch")
    #expect(resumed.status == 0, "\(resumed.errorText)")
    // The request that got no answer was sent again, byte for byte.
    let requests = silent.bench.model.requests
    #expect(requests.count == 5)
    #expect(requests[step].body == requests[step + 1].body)
    #expect(try await silent.listed().state == "completed")
    try silent.bench.repository.git("apply", silent.bench.home.path + "/out.patch")
    #expect(try String(decoding: Files.read(silent.bench.path + "/calc.py"), as: UTF8.self).contains("a + b"))
    #expect(Files.exists(silent.bench.path + "/note.txt"))
    let replay = try await silent.bench.run("log", run, "--replay")
    #expect(replay.status == 0 && replay.text.contains("6 of 6 requests come out as they were sent"))
    #expect(try await silent.bench.run("log", run, "--verify").text.contains("verified: "))
  }

  @Test("loses nothing to a run that stands in another journal")
  func otherJournal() async throws {
    let silent = try await SilentBench(silentAt: 2, model: "openai/gpt-5.5")
    #expect(try await silent.end(with: SIGKILL) == 128 + SIGKILL)
    let run = try await silent.listed().run
    let other = ["ARBORIST_DATABASE": silent.bench.home.path + "/other.sqlite"]
    let stranger = try await silent.bench.run(["agent", "--task", "x", "--model", "openai/gpt-5.5"], other)
    #expect(stranger.status == 0, "\(stranger.errorText)")
    #expect(try await silent.listed().state == "interrupted")
    #expect(try await silent.bench.run("resume", run).status == 0)
  }

  @Test("goes on under the rules that were there when it began")
  func rules() async throws {
    var scenario = Scenario(turns: [Turn(calls: [.shell("cat /tmp/skills/release/SKILL.md")])])
    scenario.faults = [Fault(.silence, at: 0, times: 1)]
    let bench = try AgentBench(
      scenario, .write(".agents/skills/release/SKILL.md", "---\ndescription: How to release.\n---\nTag it.\n"))
    let process = try Command.start(
      [Arborist.program(), "agent", "--task", "release", "--model", "openai/gpt-5.5"], in: bench.path,
      adding: bench.environment)
    _ = try await bench.model.request(0)
    kill(process, SIGKILL)
    _ = try await offPool { Command.wait(for: process) }
    // Whoever moves the base in between changes nothing in the run, not even with a file that cannot be read.
    try bench.repository.commit(
      "main",
      changes: [
        .write(".agents/skills/release/SKILL.md", "---\ndescription: How to release.\n---\nDo evil.\n"),
        .write(".arborist.yml", "base: [\n"),
      ])
    let run = try #require(try await bench.run("runs").lines.last?.split(separator: " ").first)
    let resumed = try await bench.run("resume", String(run))
    #expect(resumed.status == 0, "\(resumed.errorText)")
    let last = String(decoding: try #require(bench.model.requests.last).body, as: UTF8.self)
    #expect(last.contains("Tag it.") && !last.contains("Do evil."))
    // The control: a run that begins now is refused for the file.
    #expect(try await bench.run("agent", "--task", "release", "--model", "openai/gpt-5.5").status == 2)
  }
}
