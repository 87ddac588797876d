import Base
import TestResults
import TestSupport
import Testing

@testable import Verify

/// What a stage tells of trees, and that each run begins as setup left it.
@Suite struct StageTests {
  private static let suite = """
    import unittest, calc
    class Adds(unittest.TestCase):
        def test_add(self): self.assertEqual(calc.add(2, 2), 4)
        def test_zero(self): self.assertEqual(calc.add(0, 0), 0)
    """

  @Test(arguments: [("curl: (6) Could not resolve host: example.org", true), ("a.c:3:1: error: expected ';'", false)])
  func aSetupThatCannotReachAHostIsToldFromOneThatFails(line: String, isOfNetwork: Bool) {
    let command = CommandExecution(
      command: "make", ending: .exited(2), elapsed: .seconds(1), log: Array("building\n\(line)\n".utf8))
    #expect(StageFailure(.setup, "setup: 'make' ended with 2", command: command).isOfNetwork == isOfNetwork)
    #expect(!StageFailure(.setup, line).isOfNetwork)
  }

  @Test func tellsWhatIsRedAndGreenOnEachTree() async throws {
    let host = try await StageHost()
    let broken = try host.commit(
      .write("calc.py", "def add(a, b):\n    return a - b\n"), .write("test_calc.py", Self.suite))
    let mended = try host.commit(.write("calc.py", "def add(a, b):\n    return a + b\n"))
    let stage = host.stage(broken, "python3 -m unittest -v")
    let red = try await stage.run(try host.tree(broken))
    #expect(red.standing.red.map(\.description) == ["test_calc > Adds > test_add"], "\(red.text)")
    #expect(red.standing.green.count == 1)
    #expect(red.commands.map(\.ending) == [.exited(1)])
    let green = try await stage.run(try host.tree(mended))
    #expect(green.standing.isGreen && green.standing.executed == 2, "\(green.text)")
    let again = try await stage.run(try host.tree(broken))
    #expect(again.standing == red.standing)
    #expect(again.notes == [] && again.hindrances == [] && again.changedTracked == [])
    await stage.close()
  }

  @Test func doesNotTakeWhatPythonCompiledOfAnotherTree() async throws {
    // Python takes a compiled file for that of its source where second and size are the same.
    let host = try await StageHost()
    let broken = try host.commit(
      .write("calc.py", "def add(a, b):\n    return a - b\n"), .write("test_calc.py", Self.suite))
    let mended = try host.commit(.write("calc.py", "def add(a, b):\n    return a + b\n"))
    let stage = host.stage(broken, setup: ["python3 -m compileall -q ."], "python3 -m unittest -v; ls __pycache__")
    // The control: the compiled file is there.
    #expect(try await stage.run(try host.tree(broken)).text.contains("calc.cpython"))
    let text = try await stage.run(try host.tree(mended)).text
    #expect(text.contains("test_add (test_calc.Adds.test_add) ... ok") && text.contains("calc.cpython"), "\(text)")
    await stage.close()
  }

  @Test(arguments: [false, true]) func anotherHomeHasWhatSetupLeft(hasSetup: Bool) async throws {
    let host = try await StageHost()
    let commit = try host.commit(.write("a.txt", "a\n"))
    let look = "echo home=$HOME user=$USER; cat ~/made; touch ~/new && echo written; echo tmp=$TMPDIR"
    let stage = host.stage(commit, setup: hasSetup ? ["echo of-setup > ~/made"] : [], look)
    let usual = try await stage.run(try host.tree(commit)).text
    #expect(usual.contains("home=/home/run user=run") || !usual.contains("home=/home/run"), "\(usual)")
    let other = try await stage.run(try host.tree(commit), in: .other).text
    func value(_ name: String, _ text: String) -> String? {
      text.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix(name + "=") }.map(String.init)
    }
    #expect(value("home", other) != nil && value("home", other) != value("home", usual), "\(other)")
    #expect(value("user", other) != nil && value("user", other) != value("user", usual), "\(other)")
    #expect((value("tmp", other) == value("tmp", usual)) == hasSetup, "\(other)")
    #expect(other.contains("of-setup") == hasSetup && other.contains("written"), "\(other)")
    // And the next is as usual again.
    #expect(try await stage.run(try host.tree(commit)).text == usual)
    await stage.close()
  }

  @Test func nothingOfAnEarlierRunIsLeft() async throws {
    let host = try await StageHost()
    let commit = try host.commit(.write("a.txt", "a\n"), .write("b.txt", "b\n"))
    let look = "ls -A . ~ /tmp /dev/shm; cat a.txt b.txt; pgrep -c sleep"
    let spoil = """
      echo x >> a.txt; rm b.txt; mkdir d; touch d/f ~/h /tmp/t /dev/shm/s .hidden
      python3 -c 'import os,time
      if os.fork() == 0:
          os.setsid()
          os.execvp("sleep", ["sleep", "1000"])'
      """
    // The control: in the same run the next command meets all of it.
    let stage = host.stage(commit, look, spoil, look)
    let tree = try host.tree(commit)
    let first = try await stage.run(tree)
    let logs = first.commands.map { String(decoding: $0.log, as: UTF8.self) }
    #expect(logs[2].contains(".hidden") && logs[2].contains("a\nx\n") && logs[2].hasSuffix("1\n"), "\(logs[2])")
    #expect(logs[0].hasSuffix("a\nb\n0\n") && !logs[0].contains("hidden"), "\(logs[0])")
    let second = try await stage.run(tree)
    #expect(second.text == logs[0])
    #expect(first.changedTracked == [RepositoryPath("a.txt"), RepositoryPath("b.txt")])
    await stage.close()
  }

  @Test func changedTrackedFilesAreNamed() async throws {
    let host = try await StageHost()
    let commit = try host.commit(
      .write("dir/tracked", "1\n"), .write("snap", "1\n"), .write("same", "1\n"), .write("back", "1\n"))
    let other = try host.commit(.write("same", "3\n"), .write("back", "3\n"), .write("run", "", mode: "100755"))
    let stage = host.stage(
      commit, setup: ["echo setup >> snap"],
      "echo 2 > dir/tracked; echo new > dir/untracked; cp same x; cp x same; echo 1 > back; chmod -x run; true")
    // What setup changed and the tests did not, what has the same content, and what is not tracked is not among them.
    let execution = try await stage.run(try host.tree(commit))
    #expect(execution.changedTracked == [RepositoryPath("dir/tracked")])
    let second = try await stage.run(try host.tree(other))
    #expect(second.changedTracked.map(\.description) == ["back", "dir/tracked", "run"])
    await stage.close()
  }

  @Test func setupRunsOnceAndStays() async throws {
    let host = try await StageHost()
    let commit = try host.commit(.write("a", "1\n"))
    let other = try host.commit(.write("a", "2\n"))
    let setup = ["date +%N > made; mkdir -p ~/.cache; cp made ~/.cache/made; sleep 1000 & true"]
    let stage = host.stage(commit, setup: setup, "cat made ~/.cache/made; pgrep -c sleep; echo x > made")
    let runs = [
      try await stage.run(try host.tree(commit)), try await stage.run(try host.tree(commit)),
    ]
    let lines = runs[0].text.split(separator: "\n")
    #expect(lines.count == 3 && lines[0] == lines[1] && lines[2] == "0")
    #expect(runs[1].text == runs[0].text)
    #expect(runs[0].notes.contains { $0.contains("left 1 processes running") }, "\(runs[0].notes)")
    // This setup may read anything, so on another tree it runs again.
    let third = try await stage.run(try host.tree(other))
    #expect(third.text != runs[0].text && third.notes.contains { $0.contains("setup ran again") })
    await stage.close()
  }

  @Test func setupRunsAgainWhereAManifestDiffers() async throws {
    let host = try await StageHost()
    let program = "import os; open(os.path.expanduser('~/made'), 'a').write(open('requirements.txt').read())"
    let commit = try host.commit(
      .write("requirements.txt", "one\n"), .write("code.py", "1\n"),
      .write("tools/pip", "#!/usr/bin/env python3\n\(program)\n", mode: "100755"))
    let code = try host.commit(.write("code.py", "2\n"))
    let manifest = try host.commit(.write("requirements.txt", "two\n"))
    let counting = CountingCells(host.cells)
    let order = host.order(
      commit, TestCommands(setup: ["tools/pip install -r requirements.txt"], test: ["cat ~/made"], seconds: 60))
    let stage = TestStage(order, cells: counting)
    #expect(try await stage.run(try host.tree(commit)).text == "one\n")
    #expect(try await stage.run(try host.tree(code)).text == "one\n")
    #expect(counting.count == 1)
    #expect(try await stage.run(try host.tree(manifest)).text == "two\n")
    #expect(try await stage.run(try host.tree(commit)).text == "one\n")
    #expect(try await stage.run(try host.tree(manifest)).text == "two\n")
    #expect(counting.count == 2)
    await stage.close()
  }

  @Test func buildingCommandsOfSetupSeeEachTree() async throws {
    let host = try await StageHost()
    let commit = try host.commit(.write("src", "one\n"), .write("requirements.txt", ""))
    let other = try host.commit(.write("src", "two\n"))
    let stage = host.stage(
      commit, setup: ["mkdir made", "cat src >> made/built"], "cat made/built; echo x >> made/built")
    for _ in 0..<2 {
      #expect(try await stage.run(try host.tree(commit)).text == "one\n")
      #expect(try await stage.run(try host.tree(other)).text == "two\n")
    }
    await stage.close()
  }

  @Test func failingSetupIsSaid() async throws {
    let host = try await StageHost()
    let commit = try host.commit(.write("a", "1\n"))
    let stage = host.stage(commit, setup: ["true", "echo first; echo 'the last line'; echo; exit 3"], "true")
    let failure = await stageFailure { try await stage.prepare() }
    #expect(failure?.kind == .setup)
    #expect(
      failure?.description
        == "setup: 'echo first; echo 'the last line'; echo; exit 3' ended with 3: first / the last line")
    #expect(failure?.command?.log == Array("first\nthe last line\n\n".utf8))
    #expect(failure?.command?.ending == .exited(3))
    await stage.close()
    let hanging = host.stage(commit, setup: ["echo waits; sleep 1000"], "true", seconds: 5)
    let late = await stageFailure { try await hanging.prepare() }
    #expect(late?.description == "setup: 'echo waits; sleep 1000' did not end within 5 s: waits")
    await hanging.close()
    // The control.
    let good = host.stage(commit, setup: ["true"], "true")
    #expect(await stageFailure { try await good.prepare() } == nil)
    await good.close()
  }

  /// A compiler shows the line of the source below what it says of it, and the words of that line say nothing.
  @Test(arguments: [
    (
      "cc -c a.c\na.c: In function 'f':\na.c:3:9: error: 'g' undeclared\n    3 |         error.x;\n      |         error.\n",
      "a.c:3:9: error: 'g' undeclared"
    ),
    (
      "Traceback (most recent call last):\n    raise ValueError(1)\nImportError: no x\nmore\n", "ImportError: no x"
    ),
    ("warning: an error: of no weight\none\ntwo\n\nthree\n", "one / two / three"),
    ("1\na\nb\nc\nd\ne\n", "a / b / c / d / e"), ("z\na\nb\nc\nd\ne\n", "a / b / c / d / e"), ("", nil),
  ]) func theFirstErrorOfABuildIsItsCause(_ log: String, _ cause: String?) {
    #expect(LogLines.cause(in: Array(log.utf8)) == cause)
  }

  @Test func setupThatLeavesTooMuchIsSaid() async throws {
    let host = try await StageHost()
    let commit = try host.commit(.write("a", "1\n"))
    // A cell has room for 1 GiB, and keeps all of it a second time.
    let stage = host.stage(commit, setup: ["head -c 600M /dev/zero > ~/large"], "true")
    let failure = await stageFailure { try await stage.prepare() }
    #expect(failure?.kind == .full && failure?.description.hasPrefix("what setup leaves cannot be kept") == true)
    await stage.close()
  }

  @Test func setupAloneReachesTheNetwork() async throws {
    let host = try await StageHost()
    let commit = try host.commit(.write("ask.py", CellNetworkTests.ask), .write("a", "1\n"))
    let other = try host.commit(.write("a", "2\n"))
    let stage = host.stage(commit, setup: ["python3 ask.py > answer"], "cat answer; python3 ask.py") {
      $0.hosts = [(try? HostNames.registry)].compactMap { $0 }
    }
    #expect(try await stage.run(try host.tree(commit)).text == "proxy 403\nnone ConnectionRefusedError\n")
    #expect(try await stage.run(try host.tree(other)).text == "proxy 403\nnone ConnectionRefusedError\n")
    await stage.close()
  }

  @Test func whatSetupWasRefusedIsSaidWithItsFailure() async throws {
    let host = try await StageHost()
    let commit = try host.commit(.write("ask.py", CellNetworkTests.ask))
    func failure(_ setup: String...) async -> String? {
      let stage = host.stage(commit, setup: setup, "true") {
        $0.hosts = [(try? HostNames.registry)].compactMap { $0 }
      }
      let failure = await stageFailure { try await stage.prepare() }
      await stage.close()
      return failure?.description
    }
    let refused =
      "; a connection to other.invalid.org was refused: this host is not among those that the run may reach"
    #expect(await failure("python3 ask.py; exit 1")?.hasSuffix("proxy 403\(refused)") == true)
    // The control: what an earlier command asked for says nothing of this one.
    #expect(await failure("python3 ask.py", "echo no; exit 1")?.hasSuffix("ended with 1: no") == true)
  }

  @Test func runsSideBySideOverOneCheckout() async throws {
    let host = try await StageHost()
    let commit = try host.commit(.write("a", "1\n"))
    let other = try host.commit(.write("a", "2\n"))
    let counting = CountingCells(host.cells, together: 2)
    var order = host.order(commit, TestCommands(test: ["echo x >> a; cat a"], seconds: 60))
    order.parallel = 2
    let stage = TestStage(order, cells: counting)
    let (one, two) = (try host.tree(commit), try host.tree(other))
    async let first = stage.run(one)
    async let second = stage.run(two)
    #expect(try await [first.text, second.text] == ["1\nx\n", "2\nx\n"])
    #expect(counting.count == 2)
    // More than may run at once wait, and no cell is made for them.
    let texts = try await withThrowingTaskGroup(of: String.self) { group in
      for number in 0..<6 { group.addTask { try await stage.run(number % 2 == 0 ? one : two).text } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(texts.sorted() == ["1\nx\n", "1\nx\n", "1\nx\n", "2\nx\n", "2\nx\n", "2\nx\n"])
    #expect(counting.count == 2)
    await stage.close()
  }

  @Test func aCancelledRunLeavesTheStageUsable() async throws {
    let host = try await StageHost()
    let commit = try host.commit(.write("wait", "yes"))
    let quick = try host.commit(.write("wait", "no"))
    let stage = host.stage(commit, "if [ $(cat wait) = yes ]; then sleep 1000; fi; echo done")
    try await stage.prepare()
    let tree = try host.tree(commit)
    let task = Task { try await stage.run(tree) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try await stage.run(try host.tree(quick)).text == "done\n")
    await stage.close()
    let late = await stageFailure { _ = try await stage.run(tree) }
    #expect(late?.kind == .sandbox && !Files.exists(stage.directory))
  }

  @Test func findsWhatRunsTheTests() async throws {
    let host = try await StageHost()
    let commit = try host.commit(
      .write("sub/t.sh", "true\n"), .write("gradlew", "#!/bin/sh\n", mode: "100755"), .write("tools/x", "1\n"),
      .write("tools/y", "1\n"), .write("other", "1\n"), .write("bin/tool", "#!/bin/sh\n", mode: "100755"))
    let stage = host.stage(
      commit, "cd sub && sh t.sh", "PATH=$PWD/tools:$PATH python3 -c 'other'", "bin/tool other; no-such")
    let seal = try await stage.runners()
    #expect(
      seal.files.keys.sorted() == [
        "/workspace/bin/tool", "/workspace/gradlew", "/workspace/sub/t.sh", "/workspace/tools/x", "/workspace/tools/y",
      ])
    #expect(seal.programs.keys.sorted() == ["bin/tool", "no-such", "python3", "sh"])
    #expect(
      seal.programs["sh"]?.hasSuffix("/bin/sh") == true && seal.programs["python3"]?.hasSuffix("/python3") == true)
    #expect(seal.programs["bin/tool"] == "bin/tool" && seal.programs["no-such"] == "")
    await stage.close()
  }

  @Test func tellsWhichRunnersChanged() async throws {
    let host = try await StageHost()
    let commit = try host.commit(.write("run.sh", "echo ok\n"), .write("spoil", "no"))
    let spoiled = try host.commit(.write("spoil", "yes"))
    let setup = ["mkdir -p .venv/bin ~/.local/bin; echo tool > .venv/bin/tool; ln -s /usr/bin/python3 .venv/bin/python"]
    let test = "if [ $(cat spoil) = yes ]; then echo x >> .venv/bin/tool; touch ~/.local/bin/python3; rm run.sh; fi"
    let stage = host.stage(commit, setup: setup, "sh run.sh", test)
    let seal = try await stage.runners()
    #expect(seal.files.keys.sorted() == ["/workspace/.venv/bin/tool", "/workspace/run.sh"], "\(seal)")
    #expect(seal.programs["sh"]?.hasSuffix("/bin/sh") == true, "\(seal)")
    let honest = try await stage.run(try host.tree(commit))
    #expect(honest.runnerChanges == [] && honest.runners == seal)
    let cheat = try await stage.run(try host.tree(spoiled))
    #expect(
      cheat.runnerChanges == [
        .added("/home/run/.local/bin/python3"), .changed("/workspace/.venv/bin/tool"), .removed("/workspace/run.sh"),
      ])
    await stage.close()
  }
}

/// The failure of a stage; `nil` where there was none, or another error.
func stageFailure(_ body: () async throws -> Void) async -> StageFailure? {
  do {
    try await body()
    return nil
  } catch {
    return error as? StageFailure
  }
}
