import Base
import ScriptedModel
import TestSupport
import Testing

@Suite("A repair of what is not as it should be")
struct FixInputTests {
  @Test("is nothing where no test is seen, and says so")
  func noTest() async throws {
    let setting = try FixSetting()
    let answer = try await setting.fix(command: "true", isModelAsked: false)
    #expect(answer.status == 0 && answer.outcome == "nothing_to_fix", "\(answer)")
    #expect(answer["reason"].contains("no test was seen to run"))
    #expect(try await setting.fix(isModelAsked: false).outcome == "not_fixed", "the control")
  }

  @Test("is refused where a command would run nothing")
  func emptyCommand() async throws {
    let setting = try FixSetting()
    for words in [["fix", "--branch", "feature", "--test", " "], ["resolve", "--branch", "feature", "--check", ""]] {
      expectFailure(try await setting.run(words), 2, "is empty: it would run nothing")
    }
  }

  @Test("tells of a branch without a difference, of deleted tests and of a failing base")
  func branches() async throws {
    let empty = try FixSetting(base: [.write("calc.py", FixSetting.bad)], branch: [])
    let same = try await empty.fix(isModelAsked: false)
    #expect(same.status == 1 && "\(same)".contains("the branch changes nothing against main"), "\(same)")
    #expect(same["reason"].contains("fails at main too") && same["commit"] == "")
    let deleted = try FixSetting(branch: [.remove("test_calc.py")])
    let gone = try await deleted.fix(isModelAsked: false)
    #expect("\(gone)".contains("the branch deletes tests: "), "\(gone)")
  }

  @Test("goes by the base as it was when it began")
  func movedBase() async throws {
    let repository = Shared<TestRepository?>(nil)
    var scenario = FixSetting.repair
    scenario.turns.insert(
      .custom { _ in
        _ = try? repository.value?.commit("main", message: "By a person", .write("calc.py", "broken\n"))
        return .turn(Turn(text: "I look.", calls: [.read(path: "calc.py")]))
      }, at: 0)
    let setting = try FixSetting(scenario, checkedOut: "feature")
    repository.value = setting.repository
    let answer = try await setting.fix()
    #expect(try setting.repository.git("log", "-1", "--format=%s", "main") == "By a person")
    #expect(answer.status == 0 && answer.outcome == "fixed" && answer["pushed"] == setting.side, "\(answer)")
  }
}

@Suite("A run that is taken back")
struct UndoCommandTests {
  @Test("is taken back by a commit on top, once")
  func reverted() async throws {
    let setting = try FixSetting(FixSetting.repair)
    let answer = try await setting.fix()
    let undone = try await setting.run("undo", answer.run, "--format", "json")
    #expect(undone.status == 0, "\(undone.errorText)")
    #expect(undone.text.contains("arborist.undo/1"))
    #expect(undone.text.contains("by the commit \(try setting.repository.id("feature").short)."), "\(undone.text)")
    #expect(try setting.repository.id("feature^").hex == answer["commit"])
    #expect(
      try setting.repository.git("rev-parse", "feature^{tree}")
        == setting.repository.git("rev-parse", "\(setting.head.hex)^{tree}"))
    expectFailure(try await setting.run("undo", answer.run), 3, "cannot be taken back")
    try setting.expectSound()
  }

  @Test("is left where somebody has built on it")
  func builtOn() async throws {
    let setting = try FixSetting(FixSetting.repair)
    let answer = try await setting.fix()
    let work = try setting.repository.commit("feature", message: "By a person", .write("person.txt", "1\n"))
    expectFailure(try await setting.run("undo", answer.run), 3, "builds on")
    #expect(setting.id("feature") == work)
  }

  @Test("is named where it lies beside, unless somebody has built on that")
  func beside() async throws {
    let setting = try FixSetting()
    let answer = try await setting.fix(isModelAsked: false)
    let references = try setting.repository.references()
    let undone = try await setting.run("undo", answer.run)
    #expect(undone.status == 1 && undone.text.contains("git branch -D \(setting.side.dropFirst(11))"), "\(undone.text)")
    #expect(try setting.repository.references() == references)
    try setting.repository.commit(String(setting.side.dropFirst(11)), message: "By a person", .write("p", "1\n"))
    expectFailure(try await setting.run("undo", answer.run), 3, "builds on")
    expectFailure(try await setting.run("undo", "ffff"), 2, "ffff")
  }
}

@Suite("A merge that a check is run on")
struct ResolveCheckCommandTests {
  @Test(
    "goes to the branch where the check is good, and nowhere where only the merge fails it", arguments: [true, false])
  func checked(isGood: Bool) async throws {
    let setting = try FixSetting()
    let repository = try TestRepository.withConflict()
    let base = try repository.id("main")
    // Each side is good by itself: what one has, the other must not have.
    let head = try repository.commit("feature", .write("ours", "1\n"))
    let main = try repository.commit("main", .write("theirs", "1\n"))
    try repository.checkOut("main")
    #expect(base != main)
    let check = isGood ? "true" : "test ! -e ours || test ! -e theirs"
    let environment = setting.environment
    let result = try await offPool {
      try Arborist.run(
        ["resolve", "--branch", "feature", "--check", check, "--no-model"], in: repository.path, adding: environment)
    }
    #expect(result.text.contains("run "), "\(result.text) \(result.errorText)")
    #expect(result.status == (isGood ? 0 : 1), "\(result.text)")
    if isGood {
      #expect(try repository.git("rev-parse", "feature^1", "feature^2") == "\(head.hex)\n\(main.hex)")
    } else {
      #expect(try repository.id("feature") == head)
      #expect(try !repository.references().contains("arborist/"))
    }
  }
}
