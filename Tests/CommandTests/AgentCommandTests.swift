import FileSystem
import ScriptedModel
import TestSupport
import Testing

@Suite("A task for a model")
struct AgentCommandTests {
  private static let repair = Scenario(
    turns: [
      Turn(text: "I look.", calls: [.read(path: "calc.py"), .shell("cat calc.py; echo x > a.log")]),
      Turn(
        text: "I mend it.",
        calls: [.edit(path: "calc.py", old: "    return a - b", new: "    return a + b")]),
      Turn(calls: [.shell("python3 -c 'import calc; print(calc.add(1, 2))'")]),
    ], final: Turn(text: "It adds now."))

  @Test(
    "is carried out in a cell, and the result is a patch",
    arguments: ["openai/gpt-5.5", "openai-chat/some-model", "anthropic/claude-opus-4-8"])
  func carriedOut(model: String) async throws {
    let bench = try AgentBench(Self.repair)
    let before = try contents(of: bench.path)
    let result = try await bench.run(
      "agent", "--task", "make it add", "--model", model, "--usd", model.hasSuffix("some-model") ? "none" : "2",
      "--patch", bench.home.path + "/out.patch")
    #expect(result.status == 0, "\(result.errorText)")
    #expect(result.text.hasPrefix("It adds now.\n\ncompleted: "), "\(result.text)")
    #expect(result.text.contains("1 file differs: calc.py"))
    // Nothing was written to the repository; the patch can be applied to it.
    #expect(try contents(of: bench.path) == before)
    try bench.repository.git("apply", bench.home.path + "/out.patch")
    #expect(try String(decoding: Files.read(bench.path + "/calc.py"), as: UTF8.self).contains("a + b"))
    #expect(!Files.exists(bench.path + "/a.log"))
    // The key went to the server and nowhere else.
    let text = String(decoding: result.output + result.errors, as: UTF8.self)
    #expect(!text.contains("key-of-a-test"))
  }

  @Test("comes out the same from its journal, and is listed and verified")
  func replayed() async throws {
    let bench = try AgentBench(Self.repair)
    #expect(try await bench.run("agent", "--task", "make it add", "--model", "openai/gpt-5.5").status == 0)
    let runs = try await bench.run("runs")
    #expect(runs.lines.count == 2 && runs.text.contains("completed"))
    let run = String(runs.lines[1].prefix { $0 != " " })
    let replay = try await bench.run("log", run, "--replay")
    #expect(replay.status == 0 && replay.text.contains("5 of 5 requests come out as they were sent"))
    #expect(try await bench.run("log", run, "--verify").text.contains("verified: "))
    expectFailure(try await bench.run("resume", run), 2, "it is over")
  }

  @Test(
    "ends with the status that its ending calls for",
    arguments: [
      (Fault.Kind.unauthorized, Int32(4), "unauthorized"), (.quota, 4, "quota_spent"),
      (.unknownModel, 4, "unknown_model"), (.refusal, 1, "refused"), (.unknownTool, 1, "malformed_calls"),
      (.empty, 1, "empty_answers"),
    ])
  func endings(fault: Fault.Kind, status: Int32, ending: String) async throws {
    var scenario = Scenario.steps(3, command: "echo {i}")
    scenario.faults = [Fault(fault, at: nil, times: nil)]
    let bench = try AgentBench(scenario)
    let result = try await bench.run(
      "agent", "--task", "make it add", "--model", "anthropic/claude-opus-4-8", "--format", "json")
    #expect(result.status == status, "\(result.text)\n\(result.errorText)")
    #expect(result.text.contains("\"outcome\" : \"\(ending)\"") || result.text.contains("\"outcome\":\"\(ending)\""))
    #expect(bench.model.requests.count <= 10)
  }

  @Test("ends when its answers are used up")
  func steps() async throws {
    let bench = try AgentBench(Scenario.steps(20, command: "echo {i}"))
    let result = try await bench.run(
      "agent", "--task", "count", "--model", "openai/gpt-5.5", "--steps", "5", "--format", "json")
    #expect(result.status == 3 && result.text.contains("steps_spent"))
  }

  @Test("is explained without asking anybody")
  func explained() async throws {
    let bench = try AgentBench(
      Self.repair, .write("AGENTS.md", "Use tabs. <!-- hidden -->\n"),
      .write(
        ".agents/skills/release/SKILL.md", "---\nname: release\ndescription: How to make a release.\n---\nDo it.\n"))
    let result = try await bench.run("agent", "--task", "make it add", "--model", "openai/gpt-5.5", "--explain")
    #expect(result.status == 0, "\(result.errorText)")
    #expect(result.text.contains("Use tabs.") && !result.text.contains("hidden"))
    #expect(result.text.contains("- release: How to make a release. (/tmp/skills/release/SKILL.md)"))
    #expect(bench.model.requests.isEmpty)
  }

  @Test("finds the maintainers' skills in its cell")
  func skills() async throws {
    let bench = try AgentBench(
      Scenario(turns: [Turn(calls: [.shell("cat /tmp/skills/release/SKILL.md /tmp/skills/release/more/a.txt")])]),
      .write(".agents/skills/release/SKILL.md", "---\ndescription: How to make a release.\n---\nTag it.\n"),
      .write(".agents/skills/release/more/a.txt", "And push.\n"))
    #expect(try await bench.run("agent", "--task", "release", "--model", "openai/gpt-5.5").status == 0)
    let last = String(decoding: try #require(bench.model.requests.last).body, as: UTF8.self)
    #expect(last.contains("Tag it.") && last.contains("And push."))
  }

  @Test("is refused with words that say what to do")
  func refusals() async throws {
    let bench = try AgentBench(Self.repair)
    expectFailure(try await bench.run("agent", "--task", "x"), 2, "no model is named")
    expectFailure(try await bench.run("agent", "--task", " ", "--model", "openai/a"), 2, "--task is empty")
    expectFailure(try await bench.run("agent", "--task", "x", "--model", "a"), 2, "PROVIDER/NAME")
    expectFailure(try await bench.run("agent", "--task", "x", "--model", "deepseek/a"), 2, "DEEPSEEK_API_KEY")
    expectFailure(
      try await bench.run("agent", "--task", "x", "--model", "openai/a", "--host", "127.0.0.1"), 2, "cannot be opened")
    for amount in ["no", "-1", "0"] {
      let result = try await bench.run("agent", "--task", "x", "--model", "openai/a", "--usd", amount)
      expectFailure(result, 2, "no amount above 0")
    }
    for words in [["--minutes", "99999999999999999"], ["--steps", "9223372036854775807"], ["--steps", "0"]] {
      let result = try await bench.run(["agent", "--task", "x", "--model", "openai/a"] + words)
      expectFailure(result, 2, "between 1 and 1000000")
    }
    expectFailure(try await bench.run("resume", "abcd"), 2, "abcd")
  }

  @Test("asks once what a model can do, and again where it is told to; a server that fails is asked by the next run")
  func probed() async throws {
    var scenario = Scenario(turns: [], final: Turn(text: "Nothing to do."))
    scenario.models = ["some-model"]
    let bench = try AgentBench(scenario)
    let words = ["agent", "--task", "x", "--model", "openai-chat/some-model", "--usd", "none"]
    func generated() -> Int { bench.model.requests.count }
    #expect(try await bench.run(words).status == 0)
    let first = generated()
    let log = try await bench.run(
      "log", try #require(try await bench.run("runs").lines.last?.split(separator: " ").first.map(String.init)))
    #expect(log.text.contains("model-probe"))
    #expect(try await bench.run(words).status == 0)
    let second = generated() - first
    #expect(second == 1 && first > 1)
    #expect(try await bench.run(words + ["--probe"]).status == 0)
    #expect(generated() - first - second == first)
  }

  @Test("is refused where its limit of money cannot be kept, before anything is sent")
  func noPrice() async throws {
    let bench = try AgentBench(Scenario(turns: [], final: Turn(text: "Nothing to do.")))
    let words = ["agent", "--task", "x", "--model", "openai-chat/some-model"]
    for limit in [[], ["--usd", "5"]] {
      let refused = try await bench.run(words + limit)
      expectFailure(refused, 3, "no price is known for openai-chat/some-model")
      #expect(refused.errorText.contains("prices.json") && refused.errorText.contains("--usd none"))
    }
    #expect(bench.model.exchanges.isEmpty)
    let free = try await bench.run(words + ["--usd", "none"])
    #expect(free.status == 0 && free.text.contains("cost not known"))
    #expect(free.errorText.contains("note: no price is known"))
    // The control: one's own price is a price.
    try Files.write(Array(#"{"openai-chat/*": {"input": "0", "output": "0"}}"#.utf8), to: bench.home.path + "/prices")
    let priced = try await bench.run(words, ["ARBORIST_PRICES": bench.home.path + "/prices"])
    #expect(priced.status == 0 && priced.text.contains("$0.000000"))
  }

  @Test("says which variable holds an address that cannot be used, and what one looks like")
  func address() async throws {
    let bench = try AgentBench(Scenario(turns: [], final: Turn(text: "Nothing to do.")))
    for (address, reason) in [("http://127.0.0.1:99999/v1", "port"), ("htp://x", "http://")] {
      let result = try await bench.run(
        ["agent", "--task", "x", "--model", "openai/gpt-5.5"], ["OPENAI_BASE_URL": address])
      expectFailure(result, 2, "OPENAI_BASE_URL")
      #expect(result.errorText.contains(reason) && result.errorText.contains("https://api.openai.com/v1"))
    }
  }

  @Test("ends with a patch of what git takes, and names what it does not")
  func refusedNames() async throws {
    let bench = try AgentBench(
      Scenario(turns: [Turn(calls: [.shell("echo a > 'git~1'; mkdir .git.; echo b > .git./x; echo ok > good.txt")])]))
    let out = bench.home.path + "/out.patch"
    let result = try await bench.run(
      "agent", "--task", "x", "--model", "openai/gpt-5.5", "--format", "json", "--patch", out)
    #expect(result.status == 0, "\(result.errorText)")
    let patch = try String(decoding: Files.read(out), as: UTF8.self)
    #expect(patch.contains("good.txt") && !patch.contains("git~1"))
    #expect(result.text.contains("git~1") && result.text.contains("notInPatch"))
    #expect(try await bench.run("runs").text.contains("completed"))
  }

  @Test("hides nothing behind rules that lie outside of the repository")
  func rulesOutside() async throws {
    let outside = try TemporaryDirectory()
    try Files.write(Array("secretname\n".utf8), to: outside.path + "/rules")
    let scenario = Scenario(turns: [Turn(calls: [.shell("echo 1 > secretname; echo 2 > other")])])
    // The control: the same rules as a file of the repository's.
    for (mode, content, isHidden) in [("120000", outside.path + "/rules", false), ("100644", "secretname\n", true)] {
      let bench = try AgentBench(scenario, .write(".gitignore", content, mode: mode))
      let result = try await bench.run("agent", "--task", "x", "--model", "openai/gpt-5.5")
      #expect(result.status == 0, "\(result.errorText)")
      #expect(result.text.contains("secretname") != isHidden)
      #expect(result.text.contains("other"))
    }
  }

  @Test("leaves out new files by the ignore rules as the run leaves them, and says how many")
  func ignoredFiles() async throws {
    let work = """
      mkdir -p cache d && echo '*' > cache/.gitignore && echo 0 > cache/a && echo 0 > cache/b
      echo made.o >> d/.gitignore && echo 1 > d/made.o && echo 2 > d/kept
      echo 3 > build.log && echo 4 > tracked.log && rm old/.gitignore && echo 5 > old/x
      """
    // The control: without any rules at the end, all of them are in the patch.
    for (command, ignored) in [(work, 5), (work + "\nrm .gitignore d/.gitignore cache/.gitignore", 0)] {
      let bench = try AgentBench(
        Scenario(turns: [Turn(calls: [.shell(command)])]), .write("tracked.log", "1\n"), .write("old/.gitignore", "x\n")
      )
      let out = bench.home.path + "/out.patch"
      let arguments = ["agent", "--task", "x", "--model", "openai/gpt-5.5", "--patch", out]
      let result = try await bench.run(arguments + ["--format", "json"])
      #expect(result.status == 0, "\(result.errorText)")
      #expect(result.text.contains("\"ignored\":\(ignored),"), "\(result.text)")
      let patch = try String(decoding: Files.read(out), as: UTF8.self)
      for name in ["cache/a", "cache/b", "d/made.o", "build.log"] {
        #expect(patch.contains("+++ b/\(name)") == (ignored == 0), "\(name)")
      }
      for name in ["tracked.log", "old/x", "d/kept"] { #expect(patch.contains("+++ b/\(name)"), "\(name)") }
    }
  }

  @Test("is refused where its patch could not be written, before anything is asked")
  func patchPlace() async throws {
    let bench = try AgentBench(Self.repair)
    for (path, reason) in [("/none/out", "there is no directory"), ("/.", "is a directory"), ("/n/", "no directory")] {
      for words in [["agent", "--task", "x", "--model", "openai/gpt-5.5"], ["resume", "abcd"]] {
        let result = try await bench.run(words + ["--patch", bench.home.path + path])
        expectFailure(result, 2, "--patch '\(bench.home.path)")
        #expect(result.errorText.contains(reason), "\(result.errorText)")
      }
    }
    #expect(bench.model.exchanges.isEmpty)
    // The control: looked at is not made, and a name beside where one is goes.
    expectFailure(try await bench.run("resume", "abcd", "--patch", "out"), 2, "abcd")
    #expect(!Files.exists(bench.path + "/out"))
    let result = try await bench.run("agent", "--task", "x", "--model", "openai/gpt-5.5", "--patch", "out")
    #expect(result.status == 0 && result.text.contains("The patch is at out\n"), "\(result.text)")
    #expect(try String(decoding: Files.read(bench.path + "/out"), as: UTF8.self).contains("+    return a + b"))
  }

  @Test("shows its result where the patch cannot be written, and writes the patch where the result cannot be shown")
  func fullDisk() async throws {
    let bench = try AgentBench(Self.repair)
    let words = ["agent", "--task", "x", "--model", "openai/gpt-5.5", "--format", "json", "--patch"]
    let lost = try await bench.run(words + ["/dev/full"])
    #expect(lost.status == 4 && lost.text.contains("completed") && lost.errorText.contains("it is kept at"))
    #expect(lost.text.contains("changes.patch"))
    for (place, errors) in [("out", 1), ("/dev/full", 2)] {
      let bench = try AgentBench(Self.repair)
      let (path, environment) = (bench.path, bench.environment)
      let silent = try await offPool {
        try Arborist.shell(
          "$arborist \(words.joined(separator: " ")) \(place) >/dev/full", in: path, adding: environment)
      }
      #expect(silent.status == 4 && silent.errorText.contains("the output cannot be written"), "\(silent.errorText)")
      #expect(silent.errorText.split(separator: "\n").count { $0.contains("cannot be written") } == errors)
      #expect(Files.exists(bench.path + "/out") == (errors == 1))
      if errors == 1 { try bench.repository.git("apply", "--check", "out") }
    }
  }

  @Test("leaves no patch of an earlier run where nothing differs, and makes no file")
  func noPatch() async throws {
    let idle = try AgentBench(Scenario(turns: [], final: Turn(text: "Nothing to do.")))
    let out = idle.home.path + "/out"
    let words = ["agent", "--task", "x", "--model", "openai/gpt-5.5", "--patch", out]
    #expect(try await idle.run(words).status == 0)
    #expect(!Files.exists(out))
    try Files.write(Array("an earlier one".utf8), to: out)
    #expect(try await idle.run(words).status == 0)
    #expect(try Files.read(out).isEmpty)
  }

  @Test("names what git keeps out of a commit as repositories within this one, but where rules ignore it")
  func innerRepositories() async throws {
    let work = "for d in sub kept.log; do mkdir $d; (cd $d; git init -q; echo 1 > x); done; echo 2 > .GIT; echo 3 > ok"
    let bench = try AgentBench(Scenario(turns: [Turn(calls: [.shell(work)])]))
    let result = try await bench.run(
      "agent", "--task", "x", "--model", "openai/gpt-5.5", "--format", "json", "--patch", "out")
    #expect(result.status == 0, "\(result.errorText)")
    #expect(result.text.contains(#""notInPatch":[".GIT","sub/.git"]"#), "\(result.text)")
    #expect(result.text.contains(#""ignored":2,"#), "\(result.text)")
    try bench.repository.git("apply", "out")
    #expect(Files.exists(bench.path + "/sub/x") && Files.exists(bench.path + "/ok"))
  }

  @Test("is listed in one short line, however much there is to say of its end")
  func longSummary() async throws {
    var scenario = Scenario(turns: [], final: Turn(text: "Done."))
    scenario.faults = [Fault(.unknownModel, at: nil, times: nil)]
    let bench = try AgentBench(scenario)
    let name = String(repeating: "long-", count: 100)
    let words = ["agent", "--task", "x", "--model", "openai/\(name)1", "--usd", "none"]
    #expect(try await bench.run(words).status == 4)
    let runs = try await bench.run("runs")
    #expect(runs.lines.count == 2 && runs.lines[1].hasSuffix("…"), "\(runs.text)")
    #expect(runs.lines.allSatisfy { $0.count < 200 }, "\(runs.text)")
    // The control: a program gets all of it.
    #expect(try await bench.run("runs", "--format", "json").text.contains(name))
  }

  @Test("has no runs where what began has died before it wrote anything")
  func noRuns() async throws {
    let bench = try AgentBench(Self.repair)
    let state = bench.home.path + "/.local/state/arborist"
    try Command.run(["mkdir", "-p", state], in: "/")
    try Files.write([], to: state + "/journal.sqlite")
    #expect(try await bench.run("runs").text == "No run yet.")
    expectFailure(try await bench.run("log", "abcd"), 2, "nothing has run yet")
  }

  @Test("may be what a doctor is asked for")
  func doctor() async throws {
    let bench = try AgentBench(Self.repair)
    let result = try await bench.run("doctor", "--format", "json")
    #expect(result.text.contains("arborist.doctor/1") && result.text.contains("Landlock"))
    #expect(result.status == 0 || result.status == 4)
  }
}
