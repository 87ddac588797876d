import Base
import Git
import Synchronization
import TestResults
import TestSupport
import Testing
import Verify
import Work

@testable import Fix

/// A clock that a test moves.
private final class Hands: Sendable {
  let seconds = Mutex(Int64(5))
  var clock: WallClock { WallClock { Timestamp(seconds: self.seconds.withLock { $0 }) } }
}

private let repair = GivenModel.Answer(files: ["calc.py": FixBench.good])
private let cheat = GivenModel.Answer(files: ["tests/test_calc.py": "def test_add():\n    assert add(1, 2) == -1\n"])
private let nothing = GivenModel.Answer()
/// A model that changes something, and mends nothing by it.
private let useless = GivenModel.Answer(files: ["calc.py": FixBench.bad + "# looked at\n"])

@Suite("A repair, taken to its outcome")
struct FixJobTests {
  @Test("is nothing where nothing fails, after one run of the tests")
  func nothingToFix() async throws {
    let bench = try await FixBench(branch: [.write("calc.py", "# better\n" + FixBench.good)])
    let (outcome, model) = try await bench.run([repair])
    #expect(outcome.verdict == .nothingToFix && outcome.commit == nil && outcome.signature == "")
    #expect(outcome.reason.contains("2 tests passed"))
    #expect(await bench.ground.ran.count == 1)
    #expect(await model?.asked.isEmpty == true)
  }

  @Test("says so where nothing fails and no test was seen")
  func noTests() async throws {
    let bench = try await FixBench { _, _ in FixBench.execution(TestStanding()) }
    let outcome = try await bench.run([repair]).outcome
    #expect(outcome.verdict == .nothingToFix && outcome.reason.contains("no test was seen to run"))
  }

  @Test("names what fails now and then, and repairs none of it")
  func flaky() async throws {
    let bench = try await FixBench { files, turn in
      turn == 2 ? FixBench.execution(files) : FixBench.execution(["tests/test_calc.py": "", "calc.py": "a + b"])
    }
    // Of three runs the first and the last are green for the addition, and red for the rest.
    let (outcome, model) = try await bench.run([repair])
    #expect(outcome.flaky == ["add", "other"])
    #expect(outcome.verdict == .flaky && outcome.red.isEmpty && outcome.commit == nil)
    #expect(await bench.ground.ran.count == 3)
    #expect(await model?.asked.isEmpty == true)
  }

  @Test("leaves what fails at the base too, unless it is asked for", arguments: [false, true])
  func atBase(includesBase: Bool) async throws {
    var bench = try await FixBench(
      base: [.write("calc.py", FixBench.bad)], branch: [.write("note.txt", "more\n")])
    bench.order.policy.includesBase = includesBase
    let (outcome, model) = try await bench.run([repair])
    #expect(outcome.red.map(\.isAtBase) == [true])
    #expect(outcome.verdict == (includesBase ? .fixed : .notFixed))
    #expect(await model?.asked.count == (includesBase ? 1 : 0))
    if !includesBase { #expect(outcome.reason.contains("fails at main too")) }
  }

  @Test("does not try a command again that ran out of its time")
  func timedOut() async throws {
    let bench = try await FixBench { files, _ in
      let execution = FixBench.execution(files)
      guard !execution.standing.isGreen else { return execution }
      var standing = TestStanding()
      standing.red = [.command(0)]
      return FixBench.execution(standing, ending: .timedOut)
    }
    let outcome = try await bench.run().outcome
    #expect(outcome.verdict == .notFixed && outcome.red.map(\.name) == ["the test command"])
    #expect(outcome.notes.first?.contains("did not come to an end in its ") == true)
    let head = try await bench.actor.perform { [order = bench.order] in try $0.tree(of: order.head) }
    #expect(await bench.ground.ran.count { $0 == head } == 1)
  }

  @Test("runs the repair of what hangs as often as any other", arguments: [false, true])
  func repairOfWhatHangs(wavers: Bool) async throws {
    var bench = try await FixBench { files, turn in
      let execution = FixBench.execution(files)
      let isPatched = files["calc.py"]?.hasPrefix("# mended") ?? false
      if execution.standing.isGreen, !(wavers && isPatched && turn == 2) { return execution }
      var standing = TestStanding()
      standing.red = [.command(0)]
      return FixBench.execution(standing, ending: .timedOut)
    }
    bench.order.policy.attempts = 1
    let outcome = try await bench.run([.init(files: ["calc.py": "# mended\n" + FixBench.good])]).outcome
    #expect(outcome.verdict == (wavers ? .flaky : .fixed))
    #expect(outcome.reason.contains("green in 3 of 3 runs") == !wavers)
  }

  @Test(
    "leaves it to a person what is green in its own home alone", arguments: ["no", "patch", "all", "once", "stuck"])
  func elsewhere(isRed: String) async throws {
    var bench = try await FixBench { files, turn in
      let isPatched = files["calc.py"]?.hasPrefix("# mended") ?? false
      if isRed == "stuck", isPatched, files[RuleGround.elsewhere] != nil {
        throw StageFailure(.programMissing, "it lies in the usual home alone")
      }
      let isMeant = isRed == "all" || isPatched && (isRed == "patch" || isRed == "once" && turn == 3)
      guard files[RuleGround.elsewhere] != nil, isMeant else {
        return FixBench.execution(files)
      }
      return FixBench.execution(files.merging(["calc.py": FixBench.bad]) { $1 })
    }
    bench.order.policy.attempts = 1
    let outcome = try await bench.run([.init(files: ["calc.py": "# mended\n" + FixBench.good])]).outcome
    let wanted: [String: FixOutcome.Verdict] = [
      "patch": .fixedWithTestChange, "once": .flaky, "stuck": .fixedWithTestChange,
    ]
    #expect(outcome.verdict == (wanted[isRed] ?? .fixed), "\(outcome.reason)")
    let reasons = outcome.attempts.flatMap(\.reasons)
    #expect(reasons.contains { $0.hasPrefix("it could not be tested under other names: ") } == (isRed == "stuck"))
  }

  @Test("leaves it to a person where no run can show whether the tests still fail", arguments: [false, true])
  func noRoomToTry(isFull: Bool) async throws {
    var bench = try await FixBench { files, _ in
      let isTried = files["tests/test_calc.py"] != FixBench.check
      if isFull, isTried { throw StageFailure(.full, "no room is left") }
      var standing = TestStanding()
      // Nothing is known but a status.
      if isTried || files["calc.py"]?.contains("a + b") != true { standing.red = [.command(0)] }
      return FixBench.execution(standing)
    }
    bench.order.policy.attempts = 1
    let outcome = try await bench.run([repair]).outcome
    #expect(outcome.verdict == (isFull ? .fixedWithTestChange : .fixed), "\(outcome.reason)")
  }

  @Test("holds the runners that setup leaves with a patch against those at the head", arguments: ["1", "2"])
  func otherRunners(digest: String) async throws {
    let bench = try await FixBench { files, _ in
      var execution = FixBench.execution(files)
      let isPatched = files["calc.py"]?.hasPrefix("# mended") ?? false
      execution.runners = RunnerSeal(files: ["/workspace/.venv/bin/python": isPatched ? digest : "1"])
      return execution
    }
    let outcome = try await bench.run([.init(files: ["calc.py": "# mended\n" + FixBench.good])]).outcome
    #expect(outcome.verdict == (digest == "1" ? .fixed : .tampered))
  }

  @Test(
    "is no outcome of the branch's where the tests cannot be run at all",
    arguments: [
      StageFailure.Kind.setup, .programMissing, .wallMissing, .sandbox, .full,
    ])
  func stageFails(kind: StageFailure.Kind) async throws {
    let bench = try await FixBench { _, _ in throw StageFailure(kind, "it cannot be done") }
    let (outcome, model) = try await bench.run([repair])
    #expect(outcome.verdict == .infrastructure && outcome.reason == "It cannot be done.")
    #expect(await model?.asked.isEmpty == true)
    // Whether it is the branch's doing is cheap to know of setup.
    #expect(outcome.notes.contains { $0.hasPrefix("setup comes through at main") } == (kind == .setup))
  }

  @Test("says that setup fails at the base too, and keeps its log")
  func setupFailsAtBase() async throws {
    let bench = try await FixBench()
    let command = CommandExecution(
      command: "make", ending: .exited(2), elapsed: .zero, log: Array("no rule\n".utf8))
    await bench.ground.refuse(StageFailure(.setup, "setup: 'make' ended with 2", command: command))
    let outcome = try await bench.run([repair]).outcome
    #expect(outcome.verdict == .infrastructure)
    #expect(outcome.notes == ["setup fails at main too: setup: 'make' ended with 2"])
    #expect(await bench.ground.logs == ["setup", "base-setup"])
  }

  /// A branch whose setup does not come through with a patch that has `broken` in it, so many times.
  private func built(failing times: Int) async throws -> FixBench {
    var bench = try await FixBench { files, turn in
      // What is tried with other expectations is another tree.
      let isTried = files["tests/test_calc.py"] != FixBench.check
      if files["calc.py"]?.contains("broken") == true, turn <= times, !isTried {
        let command = CommandExecution(
          command: "compile calc.py", ending: .exited(1), elapsed: .zero,
          log: Array("calc.py:1: error: there is no 'broken'\n".utf8))
        throw StageFailure(
          .setup, "setup: 'compile calc.py' ended with 1: calc.py:1: error: there is no 'broken'", command: command)
      }
      return FixBench.execution(files)
    }
    bench.order.commands.setup = ["compile calc.py"]
    return bench
  }

  private static let broken = GivenModel.Answer(files: ["calc.py": FixBench.good + "# broken\n"])

  @Test("counts a patch with which setup fails as no repair, and tells the next attempt what setup said")
  func setupFailsWithPatch() async throws {
    let bench = try await built(failing: .max)
    let (outcome, model) = try await bench.run([Self.broken, repair])
    #expect(outcome.verdict == .fixed && outcome.attempts.map(\.verdict) == [.notFixed, .fixed])
    let asked = try #require(await model?.asked.map(\.text))
    #expect(asked.count == 2 && asked[1].contains("Attempt 1, by openai/one: setup fails with it, so that no test ran"))
    #expect(asked[1].contains("- setup\n    'compile calc.py' ended with status 1\n    calc.py:1: error: there is no"))
    #expect(await bench.ground.logs.contains("attempt-1-setup"))
    // Where no attempt can be built, it is no fault of the machine.
    let none = try await built(failing: .max).run([Self.broken]).outcome
    #expect(none.verdict == .notFixed && none.attempts.count == 2, "\(none.reason)")
    #expect(none.reason.hasPrefix("With the patch, setup: 'compile calc.py' ended with 1"), "\(none.reason)")
    // The control: what fails once and not again is no doing of the patch.
    #expect(try await built(failing: 1).run([Self.broken]).outcome.verdict == .fixed)
  }

  @Test("tells the model of setup, where there is one", arguments: [false, true])
  func toldOfSetup(hasSetup: Bool) async throws {
    var bench = try await built(failing: 0)
    if !hasSetup { bench.order.commands.setup = [] }
    let text = try #require(try await bench.run([repair]).model?.asked.first?.text)
    #expect(text.contains("Before it, setup was run; it is run again with your patch") == hasSetup)
    #expect(text.contains("\n    compile calc.py\n") == hasSetup)
  }

  @Test("goes on without the base where the tests cannot be run there")
  func baseFails() async throws {
    let bench = try await FixBench { files, _ in
      if files["calc.py"] == FixBench.good, files["tests/test_calc.py"] == FixBench.check, files["new.py"] == nil {
        throw StageFailure(.setup, "setup: nothing works here")
      }
      return FixBench.execution(files)
    }
    let outcome = try await bench.run([.init(files: ["calc.py": FixBench.good, "new.py": "x\n"])]).outcome
    #expect(outcome.notes.contains { $0.contains("could not be run at main: setup: nothing works here") })
    #expect(outcome.verdict == .fixed && outcome.red.first?.isAtBase == nil)
  }

  @Test("offers the culprit's lines taken back where no model is asked")
  func culprit() async throws {
    let bench = try await FixBench(
      branch: [.write("calc.py", FixBench.bad), .write("more.py", "a feature\n")])
    let outcome = try await bench.run().outcome
    #expect(outcome.verdict == .notFixed && outcome.offer == .partialRevert)
    #expect(outcome.culprit?.hunks.map(\.path.display) == ["calc.py"])
    #expect(outcome.culprit?.hunks.first?.lines.contains("+     return a - b") == true)
    #expect(outcome.culprit?.firstBad?.subject == "Subtract")
    #expect(try await bench.file("calc.py", of: outcome.commit) == FixBench.good)
    #expect(try await bench.file("more.py", of: outcome.commit) == "a feature\n")
    #expect(try await bench.parents(of: outcome.commit) == [bench.order.head])
    #expect(try await bench.message(of: outcome.commit).contains("calc.py"))
    #expect(outcome.notes.contains { $0.contains("none is configured") })
  }

  @Test(
    "is not said to be one while the tests tell otherwise",
    arguments: [
      (GivenModel.Answer(files: ["calc.py": FixBench.good]), FixOutcome.Verdict.fixed),
      (.init(files: ["calc.py": FixBench.good, "tests/test_more.py": "assert True\n"]), .fixed),
      (cheat, .fixedWithTestChange),
      (.init(files: ["tests/test_calc.py": nil]), .regressed),
      (.init(files: ["calc.py": FixBench.good, "other.py": "broken\n"]), .regressed),
      (.init(files: ["calc.py": "def add(a, b):\n    return a * b\n"]), .notFixed),
      (.init(files: ["calc.py": FixBench.good, "tests/test_more.py": "assert False\n"]), .regressed),
      (.init(files: ["calc.py": FixBench.good], changedBack: ["tests/test_calc.py"]), .tampered),
      (nothing, .notFixed),
    ])
  func verdicts(answer: GivenModel.Answer, verdict: FixOutcome.Verdict) async throws {
    var bench = try await FixBench()
    bench.order.policy.attempts = 1
    let outcome = try await bench.run([answer]).outcome
    #expect(outcome.verdict == verdict, "\(outcome.reason) \(outcome.notes)")
    #expect(outcome.attempts.map(\.verdict) == [verdict])
    switch verdict {
    case .fixed:
      #expect(outcome.offer == .repair)
      // Tests that the repair adds are shown too.
      #expect(outcome.sealedChange.contains("+assert True") == (answer.files.count > 1))
      #expect(try await bench.file("calc.py", of: outcome.commit) == FixBench.good)
      #expect(try await bench.message(of: outcome.commit).contains("Assisted-by: arborist:openai/one"))
      #expect(try await !bench.message(of: outcome.commit).contains("Signed-off-by"))
    case .fixedWithTestChange:
      #expect(outcome.offer == .repair)
      #expect(outcome.sealedChange.contains("+    assert add(1, 2) == -1"))
      #expect(try await bench.message(of: outcome.commit).contains("a person decides"))
    default:
      // What is left is the culprit's lines taken back, which no attempt has touched.
      #expect(outcome.offer == .partialRevert)
      #expect(try await bench.file("calc.py", of: outcome.commit) == FixBench.good)
    }
  }

  @Test("tells the next attempt of the one before, and takes the better one")
  func attempts() async throws {
    let bench = try await FixBench()
    let (outcome, model) = try await bench.run([cheat, repair])
    #expect(outcome.verdict == .fixed && outcome.attempts.map(\.verdict) == [.fixedWithTestChange, .fixed])
    let asked = try #require(await model?.asked)
    #expect(asked.count == 2)
    let told = [
      "Attempt 1, by openai/one: everything passes with it, and it is not taken", "I did number 1.", "Nothing of them",
    ]
    #expect(told.allSatisfy { asked[1].text.contains($0) }, "\(asked[1].text)")
    #expect(asked[1].text.contains("    +    assert add(1, 2) == -1"))
    #expect(!told.contains { asked[0].text.contains($0) })
    #expect(asked.allSatisfy { $0.text.contains("'add'") || $0.text.contains("add") })
    #expect(outcome.cost == 2000)
    // The control: the first that comes through ends it.
    let other = try await FixBench()
    #expect(try await other.run([repair, cheat]).outcome.attempts.count == 1)
  }

  /// A branch that breaks three tests, of which each reads a line of its own; one more is red at the base too.
  private func three() async throws -> FixBench {
    try await FixBench(
      base: [.write("calc.py", "a\nb\nc\n")], branch: [.write("calc.py", "1\n2\n3\n")]
    ) { files, _ in
      var standing = TestStanding()
      standing.trust = .file
      standing.executed = 4
      let lines = Set((files["calc.py"] ?? "").split(separator: "\n").map(String.init))
      for name in ["a", "b", "c", "old"] {
        if lines.contains(name) { standing.green.insert(test(name)) } else { standing.red.insert(.test(test(name))) }
      }
      return FixBench.execution(standing)
    }
  }

  @Test("counts what was repaired without what fails at the base too")
  func leftAtBase() async throws {
    let outcome = try await three().run([.init(files: ["calc.py": "a\nb\nc\n# better\n"])]).outcome
    #expect(outcome.verdict == .fixed)
    #expect(outcome.reason.hasPrefix("3 things that failed are green in 3 of 3 runs"), "\(outcome.reason)")
    #expect(outcome.reason.contains("1 thing fails at main too and was left"), "\(outcome.reason)")
    #expect(outcome.wanted.map(\.name) == ["a", "b", "c"] && outcome.left.map(\.name) == ["old"])
    #expect(!outcome.notes.contains { $0.contains("old") }, "\(outcome.notes)")
    let bench = try await three()
    let message = try await bench.message(
      of: bench.run([.init(files: ["calc.py": "a\nb\nc\n# better\n"])]).outcome.commit)
    #expect(message.hasPrefix("Repair a and 2 more\n") && message.contains("'old' fails at main too, and was left."))
    // The control: what is asked for is counted.
    var all = try await three()
    all.order.policy.includesBase = true
    let whole = try await all.run([.init(files: ["calc.py": "a\nb\nc\nold\n"])]).outcome
    #expect(whole.reason.hasPrefix("4 things that failed are green") && !whole.reason.contains("left"))
    #expect(whole.left.isEmpty)
  }

  @Test("tells of the better attempt, and the next one what the one before came to")
  func betterAttempt() async throws {
    let bench = try await three()
    let answers: [GivenModel.Answer] = [.init(files: ["calc.py": "a\nb\n3\n"]), .init(files: ["calc.py": "a\n2\n3\n"])]
    let (outcome, model) = try await bench.run(answers)
    #expect(outcome.verdict == .notFixed)
    #expect(outcome.reason.hasPrefix("1 of 3 is still red after the better of 2 attempts"), "\(outcome.reason)")
    #expect(outcome.notes.first == "'c' is still red", "\(outcome.notes)")
    let second = try #require(await model?.asked.last?.text)
    #expect(second.contains("Attempt 1, by openai/one: 2 of the 3 that failed pass with it."))
    #expect(second.contains("Red with it:\n- c\n") && second.contains("    +b\n"), "\(second)")
    #expect(second.contains("Green with it, and red before: 'a', 'b'\n"), "\(second)")
    // The control: where nothing became green, nothing is said of it.
    let none = try await three().run([.init(files: ["calc.py": "1\n2\n3\n4\n"])]).model
    #expect(await none?.asked.count == 2)
    #expect(await none?.asked.contains { $0.text.contains("Green with it") } == false)
    // What each of them changed is kept by name.
    #expect(outcome.attempts.map(\.patch) == ["attempt-1.patch", "attempt-2.patch"])
    #expect(await bench.ground.patches["attempt-1.patch"]?.contains("\n+b\n") == true)
    let report = FixReport(outcome, branch: bench.order.branch, base: "x", pushed: nil).text
    #expect(report.contains("what it changed: attempt-1.patch") && report.contains("Red at main too, and left alone:"))
    // The control: of two alike the later one counts, and the other order gives the same.
    let other = try await three().run(answers.reversed()).outcome
    #expect(other.reason == outcome.reason && other.notes.first == "'c' is still red")
  }

  @Test("names a change of the tests alone for what it is")
  func onlyTests() async throws {
    var bench = try await FixBench()
    bench.order.policy.attempts = 1
    let outcome = try await bench.run([cheat]).outcome
    #expect(outcome.reason.hasPrefix("Nothing but the test tests/test_calc.py was changed"), "\(outcome.reason)")
    #expect(try await bench.message(of: outcome.commit).hasPrefix("Change what add expects\n"))
    let side = try RefName("refs/heads/arborist/fix/feature-12345678")
    let report = FixReport(outcome, branch: bench.order.branch, base: "main", pushed: side)
    #expect(report.text.contains("The change is ") && !report.text.contains("The repair is "))
    // The control: one that changes the code as well.
    var other = try await FixBench()
    other.order.policy.attempts = 1
    let both = try await other.run([
      .init(files: [
        "calc.py": FixBench.bad + "# looked at\n",
        "tests/test_calc.py": "def test_add():\n    assert add(1, 2) == -1\n",
      ])
    ]).outcome
    #expect(both.verdict == .fixedWithTestChange && both.onlySealed == nil)
    #expect(try await other.message(of: both.commit).hasPrefix("Repair add\n"))
  }

  /// The test command writes what the program prints over the expected files, and compares these with git.
  @Test("takes what the commands write for their output, whether the model ran them or not", arguments: [false, true])
  func goldenFiles(hasRun: Bool) async throws {
    var bench = try await FixBench(
      base: [.write("calc.py", "good\n"), .write("tests/a.txt", "a\n"), .write("tests/b.txt", "b\n")],
      branch: [.write("calc.py", "bad\n")]
    ) { files, _ in
      var standing = TestStanding()
      let code = files["calc.py"] ?? ""
      var changed: [String] = []
      if code == "bad\n" { changed.append("tests/a.txt") }
      if code != "good\n", code != "bad\n", files["tests/b.txt"] != "new\n" { changed.append("tests/b.txt") }
      // Who is sneaky writes what is compared, and is green by it.
      if !changed.isEmpty, code != "sneaky\n" { standing.red = [.command(0)] }
      return FixBench.execution(standing, changed: changed)
    }
    bench.order.policy.attempts = 1
    func verdict(_ code: String) async throws -> FixOutcome {
      try await bench.run([.init(files: ["calc.py": code].merging(hasRun ? ["tests/b.txt": "new\n"] : [:]) { $1 })])
        .outcome
    }
    let wrong = try await verdict("other\n")
    #expect(wrong.verdict == .notFixed, "\(wrong.reason)")
    #expect(wrong.attempts.first?.reasons == ["the test command still fails"])
    #expect(wrong.notes.contains("tests/b.txt is sealed, and running the tests with the patch changes it"))
    // The control: what is green by it deceives.
    #expect(try await verdict("sneaky\n").verdict == .tampered)
  }

  @Test("says of what there are logs, and that a status alone counts")
  func truth() async throws {
    let lines = Lock<[String]>([])
    let (outcome, _) = try await FixBench().run([useless]) { line in lines.withLock { $0.append(line) } }
    let branch = try RefName("refs/heads/feature")
    let told = FixReport(outcome, branch: branch, base: "main", pushed: nil).logs(in: "/place")
    #expect(told.contains("with each attempt") && told.contains("the patches of all attempts, are in /place"))
    #expect(told.hasSuffix("; the search for the culprit keeps none"))
    #expect(lines.withLock { $0 }.contains { $0.hasPrefix("head 1: 1 red, 1 passed; ") }, "\(lines.withLock { $0 })")
    // The controls: no search and no attempt, and no test that is known.
    let quiet = try await FixBench(branch: [.write("note.txt", "more\n")]) { _, _ in
      FixBench.execution(TestStanding())
    }
    let silent = Lock<[String]>([])
    let nothing = try await quiet.run { line in silent.withLock { $0.append(line) } }.outcome
    let logs = FixReport(nothing, branch: branch, base: "main", pushed: nil).logs(in: "/place")
    #expect(
      logs == "The logs of the test commands at the head and the base, and of a setup that failed, are in /place")
    #expect(silent.withLock { $0 }.contains { $0.hasPrefix("head 1: nothing is red, only the exit status counts; ") })
  }

  @Test("leaves a change of the tests out that nothing needs")
  func needlessTestChange() async throws {
    var bench = try await FixBench()
    bench.order.policy.attempts = 1
    let changed = "def test_add():\n    assert add(2, 2) == 4\n"
    let outcome = try await bench.run([.init(files: ["calc.py": FixBench.good, "tests/test_calc.py": changed])]).outcome
    #expect(outcome.verdict == .fixed && outcome.sealedChange.isEmpty, "\(outcome.reason)")
    #expect(try await bench.file("calc.py", of: outcome.commit) == FixBench.good)
    #expect(try await bench.file("tests/test_calc.py", of: outcome.commit) == FixBench.check)
    #expect(outcome.notes.contains { $0.hasPrefix("left out, because what was red is green without it: tests/test_") })
    #expect(await bench.ground.patches["attempt-1.patch"]?.contains("+    assert add(2, 2) == 4") == true)
    // The controls: a test that is only added goes along, and without the code a change of the tests is left to a person.
    var other = try await FixBench()
    other.order.policy.attempts = 1
    let more = "def test_more():\n    assert True\n"
    let added = try await other.run([.init(files: ["calc.py": FixBench.good, "tests/test_more.py": more])]).outcome
    #expect(added.verdict == .fixed && !added.notes.contains { $0.hasPrefix("left out") })
    #expect(try await other.file("tests/test_more.py", of: added.commit) == more)
    #expect(try await other.run([cheat]).outcome.verdict == .fixedWithTestChange)
  }

  @Test("says where it went, and what to do next")
  func whereItWent() async throws {
    let bench = try await FixBench()
    let outcome = try await bench.run([repair]).outcome
    let (branch, side) = (bench.order.branch, try RefName("refs/heads/arborist/fix/feature-12345678"))
    func text(_ pushed: RefName?, _ remote: String? = nil, hasMoved: Bool = false) -> String {
      FixReport(outcome, branch: branch, base: "main", pushed: pushed, remote: remote, hasMoved: hasMoved).text
    }
    #expect(text(branch).contains(" on feature.\n") && !text(branch).contains("To take it over"))
    #expect(text(branch, "origin").contains(" on feature of origin.\n"))
    #expect(text(branch, "origin").contains("`git pull --ff-only origin feature`"))
    #expect(text(side).contains("on feature: `git merge --ff-only arborist/fix/feature-12345678`"))
    #expect(text(side, "origin").contains("`git pull --ff-only origin arborist/fix/feature-12345678`"))
    #expect(text(side, hasMoved: true).contains("`git merge arborist/fix/feature-12345678`"))
    let odd = try RefName("refs/heads/arborist/fix/a;b$(id)-12345678")
    #expect(text(odd).contains("`git merge --ff-only 'arborist/fix/a;b$(id)-12345678'`"))
    #expect(text(nil).contains("it was not pushed") && !text(nil).contains("git merge"))
    #expect(text(branch).contains("less than 0.01 US dollars"))
  }

  @Test("takes turns with the models, and ends where nobody can be reached")
  func models() async throws {
    var bench = try await FixBench()
    bench.order.models = ["openai/one", "anthropic/two"]
    bench.order.policy.attempts = 3
    let asked = try #require(try await bench.run([nothing]).model)
    #expect(await asked.asked.map(\.model) == ["openai/one", "anthropic/two", "openai/one"])
    let other = try await FixBench()
    let (outcome, model) = try await other.run([.init(ending: .modelUnavailable)])
    #expect(await model?.asked.count == 1)
    #expect(outcome.verdict == .notFixed && outcome.offer == .partialRevert)
    #expect(outcome.notes.contains { $0.contains("it says so") })
  }

  @Test("takes the first of several side by side that comes through, and keeps to it when it is done again")
  func sideBySide() async throws {
    var bench = try await FixBench()
    bench.order.policy = FixPolicy(attempts: 3, parallel: 3)
    // The others work until they are given up.
    let hang = GivenModel.Answer(
      files: ["calc.py": FixBench.good, "late.py": "x\n"], wait: { try await Task.sleep(for: .seconds(3600)) })
    let steps = KeptSteps()
    let (outcome, model) = try await bench.run([hang, repair, hang], steps: steps)
    #expect(outcome.verdict == .fixed && outcome.attempts.map(\.summary) == ["I did number 2."])
    #expect(await model?.asked.allSatisfy { $0.share == 3 } == true)
    let again = try await bench.run([hang, repair, hang], steps: KeptSteps(await steps.kept))
    #expect(again.outcome == outcome)
    #expect(await again.model?.asked.isEmpty == true)
  }

  @Test("ends when its time is over, and keeps what was paid for")
  func timeOver() async throws {
    let hands = Hands()
    var bench = try await FixBench()
    bench.order.policy.attempts = 2
    let slow = GivenModel.Answer(
      files: ["calc.py": FixBench.bad + "# slow\n"], wait: { hands.seconds.withLock { $0 += 3600 } })
    let steps = KeptSteps()
    let (outcome, model) = try await bench.run([slow, repair], steps: steps, clock: hands.clock)
    #expect(await model?.asked.count == 1)
    #expect(outcome.notes.contains { $0.contains("the time was over before every attempt was made") })
    #expect(outcome.offer == .partialRevert)
    // Whoever takes it up has time again, and finds the same.
    let again = try await bench.run([slow, repair], steps: KeptSteps(await steps.kept), clock: hands.clock)
    #expect(again.outcome == outcome)
    // The control: with time there is another attempt.
    let control = try await FixBench()
    #expect(try await control.run([useless, repair]).outcome.verdict == .fixed)
  }

  @Test("does not ask a model again that changed nothing and said so")
  func givenUp() async throws {
    let bench = try await FixBench()
    let (outcome, model) = try await bench.run([nothing, repair])
    #expect(outcome.verdict == .notFixed && outcome.attempts.count == 1)
    #expect(await model?.asked.count == 1)
    // The control: one that tried is asked again.
    #expect(try await bench.run([useless, repair]).outcome.attempts.count == 2)
  }

  @Test(
    "gives a candidate five times the longest of head and base, also where the head ends soon",
    arguments: [(5, 5, 30), (40, 40, 200), (1, 40, 200), (40, 1, 200)])
  func probes(head: Int, base: Int, limit: Int) async throws {
    let hands = Hands()
    let bench = try await FixBench(
      branch: [.write("calc.py", FixBench.bad), .write("more.py", "a feature\n"), .write("text", "x\n")]
    ) { files, _ in
      let seconds = files["calc.py"] == FixBench.bad ? head : base
      hands.seconds.withLock { $0 += Int64(seconds) }
      var execution = FixBench.execution(files)
      execution.commands[0].elapsed = .seconds(seconds)
      return execution
    }
    let outcome = try await bench.run(clock: hands.clock).outcome
    #expect(outcome.culprit?.hunks.isEmpty == false)
    let limits = await bench.ground.limits
    // The head and the base have all of their time.
    #expect(limits.prefix(4).allSatisfy { $0 == nil } && limits.count > 4)
    #expect(limits.dropFirst(4).allSatisfy { $0 == .seconds(limit) }, "\(limits)")
  }

  @Test("finds the same culprit again when the time for the search was over")
  func searchOver() async throws {
    let hands = Hands()
    let lines = (0..<200).map { "line \($0)\n" }
    let changed = (0..<200).map { $0 % 10 == 4 ? ($0 == 94 ? "bad\n" : "new \($0)\n") : "line \($0)\n" }
    let bench = try await FixBench(
      base: [.write("calc.py", FixBench.good), .write("long.txt", lines.joined())],
      branch: [.write("long.txt", changed.joined())]
    ) { files, _ in
      hands.seconds.withLock { $0 += 60 }
      var standing = TestStanding()
      standing.trust = .file
      standing.executed = 1
      if files["long.txt"]?.contains("bad") == true {
        standing.red = [.test(test("add"))]
      } else {
        standing.green = [test("add")]
      }
      return FixBench.execution(standing)
    }
    let steps = KeptSteps()
    let outcome = try await bench.run(steps: steps, clock: hands.clock).outcome
    #expect(outcome.culprit?.explanation.contains("its time was over") == true, "\(outcome)")
    let ran = await bench.ground.ran.count
    let again = try await bench.run(steps: KeptSteps(await steps.kept), clock: hands.clock).outcome
    #expect(again == outcome)
    #expect(await bench.ground.ran.count == ran)
  }

  @Test("is the same wherever it was interrupted, and does nothing twice that was kept", arguments: [1, 3])
  func resumed(parallel: Int) async throws {
    var bench = try await FixBench(
      branch: [.write("calc.py", FixBench.bad), .write("more.py", "a feature\n"), .write("text", "x\n")])
    bench.order.policy = FixPolicy(attempts: 3, parallel: parallel)
    let answers = [cheat, useless, repair]
    let whole = KeptSteps()
    let (outcome, model) = try await bench.run(answers, steps: whole)
    #expect(outcome.verdict == .fixed)
    let (runs, questions) = (await bench.ground.ran.count, await model?.asked.count)
    let count = await whole.kept.count
    #expect(count >= 12)
    for left in 1...count {
      let first = KeptSteps(dyingAfter: left)
      await #expect(throws: KeptSteps.Died.self) { _ = try await bench.run(answers, steps: first) }
      let kept = await first.kept
      let before = await bench.ground.ran.count
      let second = KeptSteps(kept)
      let (again, asked) = try await bench.run(answers, steps: second)
      #expect(again == outcome, "died after \(left) steps")
      let tests = kept.count { $0.name.hasPrefix("tests ") || $0.name.hasPrefix("probe ") }
      let ran = await bench.ground.ran.count - before
      // What the search tests ahead and does not come to is kept nowhere.
      if parallel == 1 { #expect(ran <= runs - tests, "died after \(left) steps") }
      let paid = kept.count { $0.name.hasPrefix("work ") }
      #expect(await asked?.asked.count == (questions ?? 0) - paid)
    }
    let all = await whole.kept
    let before = await bench.ground.ran.count
    #expect(try await bench.run(answers, steps: KeptSteps(all)).outcome == outcome)
    #expect(await bench.ground.ran.count == before)
  }

  @Test("gives the same commit for the same branch, dated as the head and not by the clock")
  func deterministic() async throws {
    let (one, two) = (try await FixBench(), try await FixBench())
    let first = try await one.run([repair]).outcome
    #expect(try await two.run([repair]).outcome == first)
    let (head, commit) = (one.order.head, try #require(first.commit))
    let times = try await one.actor.perform { repository in
      [try repository.commit(head), try repository.commit(commit)].flatMap { [$0.committer.time, $0.author.time] }
    }
    #expect(Set(times).count == 1)
    var named = try await FixBench()
    named.order.identity = BotIdentity(name: "Other", email: "other@example.com")
    let other = try await named.run([repair]).outcome
    #expect(other.commit != first.commit && other.signature == first.signature)
  }

  @Test("tells of a branch that deletes its tests, or changes nothing")
  func oddBranches() async throws {
    let deleted = try await FixBench(
      branch: [.remove("tests/test_calc.py"), .write("other.py", "broken\n")])
    let outcome = try await deleted.run().outcome
    #expect(outcome.notes.contains { $0.contains("the branch deletes tests: 'tests/test_calc.py'") })
    let empty = try await FixBench(base: [.write("calc.py", FixBench.bad)], branch: [])
    let same = try await empty.run([repair]).outcome
    #expect(same.verdict == .notFixed && same.commit == nil)
    #expect(same.notes.contains { $0.contains("the branch changes nothing against main") })
  }

  @Test("says which tracked files the commands change")
  func tracked() async throws {
    let bench = try await FixBench { files, _ in
      var execution = FixBench.execution(files)
      execution.changedTracked = [RepositoryPath("other.py")].compactMap(\.self)
      return execution
    }
    let outcome = try await bench.run().outcome
    #expect(outcome.notes.contains("the commands change tracked files: 'other.py'"))
    #expect(try await FixBench().run().outcome.notes.allSatisfy { !$0.contains("tracked files") })
  }
}
