import Base
import Foundation
import ScriptedModel
import TestSupport
import Testing

@Suite("Failing tests of a branch")
struct FixCommandTests {
  // MARK: Where it goes

  @Test("come back with what causes it taken back beside, where no model is asked", arguments: ["main", "feature"])
  func withoutModel(checkedOut: String) async throws {
    let setting = try FixSetting(checkedOut: checkedOut)
    let answer = try await setting.fix(isModelAsked: false)
    #expect(answer.status == 1 && answer.outcome == "not_fixed", "\(answer)")
    #expect(answer["offer"] == "partial_revert" && answer["pushed"] == setting.side)
    #expect(setting.id("feature") == setting.head, "the head is never moved by itself")
    #expect(setting.id(setting.side)?.hex == answer["commit"])
    #expect(try setting.repository.id(setting.side + "^") == setting.head)
    #expect(try setting.show("calc.py", of: setting.side) == FixSetting.good)
    #expect(try setting.show("more.py", of: setting.side) == "more = 1\n")
    #expect(answer["culprit"].contains("calc.py"))
    #expect(setting.model.exchanges.isEmpty)
    try setting.expectSound()
    let listed = try await setting.run("runs")
    #expect(listed.text.contains(answer.run.prefix(8)) && listed.text.contains("not_fixed"))
    #expect(try await setting.run("log", answer.run, "--verify").text.contains("verified: "))
    expectFailure(try await setting.run("resume", answer.run), 2, "it is over")
  }

  @Test("are repaired on the branch itself, where it is not checked out")
  func onTheBranch() async throws {
    let setting = try FixSetting(FixSetting.repair)
    let answer = try await setting.fix()
    #expect(answer.status == 0 && answer.outcome == "fixed", "\(answer)")
    #expect(answer["pushed"] == "refs/heads/feature" && setting.id("feature")?.hex == answer["commit"])
    #expect(try setting.repository.id("feature^") == setting.head)
    #expect(try setting.show("calc.py", of: "feature") == FixSetting.good)
    #expect(try setting.repository.git("log", "-1", "--format=%an %cn", "feature") == "Arborist Arborist")
    let message = try setting.repository.git("log", "-1", "--format=%B", "feature")
    #expect(message.contains("Assisted-by: arborist:openai/gpt-5.5") && !message.contains("Signed-off-by"))
    #expect(message.contains("test_add") && message.contains("3 of 3"))
    #expect(message.split(separator: "\n").allSatisfy { $0.count <= 100 }, "\(message)")
    #expect(setting.id(setting.side) == nil)
    try setting.expectSound()
    let listed = try await setting.run("runs").lines
    #expect(listed.contains { $0.contains("  agent  ") && $0.contains("  for \(answer.run): ") }, "\(listed)")
    #expect(listed.contains { $0.hasPrefix(answer.run) && !$0.contains("  for ") }, "the control")
    // Once more there is nothing to do.
    let again = try await setting.fix()
    #expect(again.status == 0 && again.outcome == "nothing_to_fix")
    #expect(setting.id("feature")?.hex == answer["commit"])
  }

  @Test("are repaired beside the branch, where it is checked out or the configuration says so")
  func beside() async throws {
    for (checkedOut, base) in [
      ("feature", []), ("main", [TestRepository.Change.write(".arborist.yml", "push: side\n")]),
    ] {
      let setting = try FixSetting(FixSetting.repair, base: base, checkedOut: checkedOut)
      let answer = try await setting.fix()
      #expect(answer.status == 0 && answer.outcome == "fixed" && answer["pushed"] == setting.side, "\(answer)")
      #expect(setting.id("feature") == setting.head)
      #expect(try setting.show("calc.py", of: setting.side) == FixSetting.good)
      try setting.expectSound()
      // The same inputs give the same commit, which is there already.
      let again = try await setting.fix()
      #expect(again.status == 0 && again.outcome == "fixed", "\(again)")
      #expect(again["pushed"] == setting.side && again["commit"] == answer["commit"], "\(again)")
      #expect(setting.id(setting.side)?.hex == answer["commit"])
    }
  }

  @Test("that a change to the tests made green are for a person, with that change first")
  func cheated() async throws {
    let setting = try FixSetting(FixSetting.cheat)
    let result = try await setting.run(
      "fix", "--branch", "feature", "--test", FixSetting.command, "--model", "openai/gpt-5.5")
    #expect(result.status == 1, "\(result.errorText)")
    #expect(setting.id("feature") == setting.head)
    #expect(try setting.show("test_calc.py", of: setting.side).contains("-1"))
    let text = result.text
    #expect(text.hasPrefix("Tests of feature: fixed_with_test_change."), "\(text)")
    let change = try #require(text.range(of: "+        self.assertEqual(add(1, 2), -1)"))
    let red = try #require(text.range(of: "What was red:"))
    #expect(change.lowerBound < red.lowerBound)
    #expect(text.contains("a person has to decide on the change to tests"))
  }

  @Test("are not repaired by what cannot be built, and that is no fault of the machine")
  func notBuilt() async throws {
    let broken = Scenario(turns: [
      Turn(text: "I mend it.", calls: [.edit(path: "calc.py", old: "    return a - b", new: "    return a + (b")]),
      Turn(text: "It adds now."),
      Turn(text: "I mend it.", calls: [.edit(path: "calc.py", old: "    return a - b", new: "    return a + b")]),
      Turn(text: "It is whole now."),
    ])
    let setup = TestRepository.Change.write(".arborist.yml", "setup: ['python3 -m py_compile calc.py']\n")
    let setting = try FixSetting(broken, base: [setup])
    let answer = try await setting.fix()
    #expect(answer.status == 0 && answer.outcome == "fixed", "\(answer)")
    let attempts = answer.list("attempts")
    #expect(attempts.count == 2 && attempts.first?.contains("not_fixed") == true, "\(attempts)")
    #expect(attempts.first?.contains("with the patch, setup: ") == true, "\(attempts)")
    let logs = setting.home.path + "/.local/state/arborist/runs/\(answer.run)/logs"
    #expect(
      try Command.run(["cat", logs + "/attempt-1-setup.log"], in: "/").lines.contains { $0.contains("SyntaxError") })
  }

  @Test("are honestly not repaired where the command writes what it compares", arguments: [false, true])
  func goldenFiles(isRunByModel: Bool) async throws {
    let command = "sh p.sh a > tests/a.txt; sh p.sh b > tests/b.txt; git diff --exit-code -- tests"
    let edit = Call.edit(path: "p.sh", old: "a) echo X;; b) echo B", new: "a) echo A;; b) echo Z")
    let turns = [
      Turn(text: "I mend it.", calls: [edit] + (isRunByModel ? [.shell(command)] : [])), Turn(text: "Done."),
    ]
    func program(_ a: String) -> TestRepository.Change {
      .write("p.sh", "case $1 in a) echo \(a);; b) echo B;; esac\n")
    }
    let setting = try FixSetting(
      FixSetting.again(turns), base: [program("A"), .write("tests/a.txt", "A\n"), .write("tests/b.txt", "B\n")],
      branch: [program("X")])
    let answer = try await setting.fix(command: command)
    #expect(answer.status == 1 && answer.outcome == "not_fixed", "\(answer)")
  }

  @Test("are left where no attempt comes through, and each is told")
  func notFixed() async throws {
    // Who changes nothing and says why is not asked again.
    let setting = try FixSetting(FixSetting.nothing)
    let answer = try await setting.fix()
    #expect(answer.status == 1 && answer.outcome == "not_fixed" && answer.list("attempts").count == 1, "\(answer)")
    #expect(answer["offer"] == "partial_revert")
  }

  @Test("are repaired without a trace, where it is only tried")
  func dryRun() async throws {
    let setting = try FixSetting(FixSetting.repair)
    let references = try setting.repository.references()
    let before = try contents(of: setting.repository.path)
    let answer = try await setting.fix("--dry-run")
    #expect(answer.status == 0 && answer.outcome == "fixed" && answer["pushed"] == "", "\(answer)")
    #expect(try setting.repository.references() == references)
    #expect(try contents(of: setting.repository.path) == before)
    // The control.
    #expect(try await setting.fix()["pushed"] == "refs/heads/feature")
    #expect(try setting.repository.references() != references)
  }

  @Test("are pushed to a remote where that is asked for")
  func remote() async throws {
    let setting = try FixSetting(FixSetting.repair, checkedOut: "feature")
    let remote = try TestRepository(bare: true, named: "remote.git", in: setting.repository.directory)
    try setting.repository.git("remote", "add", "origin", remote.path)
    try setting.repository.git("push", "--quiet", "origin", "main", "feature")
    let answer = try await setting.fix("--push", "origin")
    #expect(answer.status == 0 && answer["pushed"] == "refs/heads/feature", "\(answer)")
    #expect(try remote.id("feature").hex == answer["commit"])
    #expect(setting.id("feature") == setting.head, "what is here stays")
    // It is taken back where it was pushed to.
    let undone = try await setting.run("undo", answer.run)
    #expect(undone.status == 0, "UNDO \(undone.errorText)")
    #expect(try remote.git("rev-parse", "feature^{tree}") == setting.repository.git("rev-parse", "feature^{tree}"))
    #expect(try remote.id("feature^").hex == answer["commit"])
  }

  // MARK: What is refused

  @Test("of a protected branch are not touched")
  func protected() async throws {
    let setting = try FixSetting(FixSetting.repair, base: [.write(".arborist.yml", "protect: [feat*]\n")])
    let references = try setting.repository.references()
    let refused = try await setting.run(
      "fix", "--branch", "feature", "--test", FixSetting.command, "--model", "openai/gpt-5.5")
    expectFailure(refused, 3, "may not be written to")
    expectFailure(try await setting.run("fix", "--branch", "main", "--test", FixSetting.command), 3, "it is the base")
    #expect(try setting.repository.references() == references && setting.model.exchanges.isEmpty)
    // The control: it can be tried all the same.
    #expect(try await setting.fix("--dry-run").outcome == "fixed")
  }

  @Test("need a command, a branch and a base")
  func usage() async throws {
    let setting = try FixSetting()
    expectFailure(try await setting.run("fix", "--branch", "feature"), 2, "nobody says how the tests are run")
    expectFailure(
      try await setting.run("fix", "--branch", "none", "--test", "true"), 2, "there is no such local branch")
    expectFailure(try await setting.run("fix", "--branch", "feature", "--base", "no", "--test", "true"), 2, "no")
    expectFailure(
      try await setting.run("fix", "--branch", "feature", "--push", "no", "--test", "true"), 2, "no such remote")
    expectFailure(
      try await setting.run("fix", "--branch", "feature", "--test", "true", "--model", "a/b", "--no-model"), 2,
      "opposite")
    #expect(setting.model.exchanges.isEmpty)
    // The control.
    #expect(try await setting.fix(command: "true").outcome == "nothing_to_fix")
  }

  @Test("are left to a person who pushes in between")
  func raced() async throws {
    let repository = Shared<TestRepository?>(nil)
    var scenario = FixSetting.repair
    scenario.turns.insert(
      .custom { _ in
        _ = try? repository.value?.commit("feature", message: "By a person", .write("person.txt", "1\n"))
        return .turn(Turn(text: "I look.", calls: [.read(path: "calc.py")]))
      }, at: 0)
    let setting = try FixSetting(scenario)
    repository.value = setting.repository
    let answer = try await setting.fix()
    // Nothing is pushed there; what was made is beside, as where the branch is checked out.
    #expect(answer.status == 0 && answer.outcome == "fixed" && answer["pushed"] == setting.side, "\(answer)")
    #expect(answer.list("delivery").contains { $0.contains("feature is at") }, "\(answer)")
    #expect(try setting.repository.git("log", "-1", "--format=%s", "feature") == "By a person")
    #expect(try setting.repository.id(setting.side + "^") == setting.head)
    #expect(try setting.show("calc.py", of: setting.side) == FixSetting.good)
    // It is taken back as what it is.
    let undone = try await setting.run("undo", answer.run)
    #expect(undone.status == 1 && undone.text.contains("git branch -D arborist/fix/"), "\(undone.text)")
  }

  @Test("go out for one failure twice and not more")
  func twice() async throws {
    let setting = try FixSetting(FixSetting.repair)
    for number in 1...3 {
      let answer = try await setting.fix()
      #expect(answer.outcome == "fixed", "\(answer)")
      #expect((answer["pushed"] == "refs/heads/feature") == (number < 3), "\(number): \(answer)")
      guard number < 3 else {
        #expect(answer.status == 1 && answer.list("delivery").contains { $0.contains("a person should look") })
        #expect(try String(decoding: Files.read(answer["patch"]), as: UTF8.self).contains("+    return a + b"))
        break
      }
      #expect(answer.status == 0 && answer["patch"] == "")
      try setting.repository.commit("feature", message: "Again", .write("calc.py", FixSetting.bad))
    }
    // The control: another failure is another one.
    try setting.repository.commit(
      "feature", message: "Other",
      .write("test_calc.py", FixSetting.check.replacing("test_add", with: "test_other")))
    #expect(try await setting.fix()["pushed"] == "refs/heads/feature")
  }
}

/// Something that is set before it is used by another thread.
final class Shared<Value: Sendable>: @unchecked Sendable {
  // Unchecked: `lock` is held wherever `held` is touched.
  private var held: Value
  private let lock = Lock(())

  init(_ value: Value) { held = value }

  var value: Value {
    get { lock.withLock { _ in held } }
    set { lock.withLock { _ in held = newValue } }
  }
}
