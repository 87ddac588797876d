import Base
import Foundation
import ScriptedModel
import TestSupport
import Testing

@Suite("What was repaired is never thrown away")
struct DeliveryCommandTests {
  @Test("A branch that is checked out in a linked work tree gets its repair beside", arguments: [false, true])
  func linkedWorkTree(isThere: Bool) async throws {
    let setting = try FixSetting(FixSetting.repair)
    let tree = setting.repository.directory.path + "/tree"
    try setting.repository.git("worktree", "add", "--quiet", tree, "feature")
    let answer = try await setting.fix("--repo", isThere ? tree : setting.repository.path)
    #expect(answer.status == 0 && answer.outcome == "fixed" && answer["pushed"] == setting.side, "\(answer)")
    #expect(answer.list("delivery").first?.contains("feature is checked out") == true)
    #expect(setting.id("feature") == setting.head && setting.id(setting.side)?.hex == answer["commit"])
    // The control: nobody has it checked out any more.
    try setting.repository.git("worktree", "remove", tree)
    #expect(try await setting.fix()["pushed"] == "refs/heads/feature")
  }

  @Test("What can go nowhere is kept as a patch, and all is told")
  func keptAsPatch() async throws {
    let setting = try FixSetting(FixSetting.repair, checkedOut: "feature")
    try setting.repository.git("branch", "arborist", "main")
    let answer = try await setting.fix("--base", "main")
    #expect(answer.status == 3 && answer.outcome == "fixed" && answer["pushed"] == "", "\(answer)")
    #expect(answer.errors.contains("the reference 'refs/heads/arborist' is in the way"))
    try setting.repository.git("apply", answer["patch"])
    #expect(try String(decoding: Files.read(setting.repository.path + "/calc.py"), as: UTF8.self) == FixSetting.good)
    // The control.
    try setting.repository.git("checkout", "--quiet", "calc.py")
    try setting.repository.git("branch", "-D", "arborist")
    let free = try await setting.fix("--base", "main")
    #expect(free.status == 0 && free["pushed"] == setting.side && free["patch"] == "", "\(free)")
  }

  @Test("A branch of Arborist's own never moves")
  func ownBranch() async throws {
    let setting = try FixSetting(FixSetting.repair)
    let own = "arborist/fix/feature-12345678"
    try setting.repository.git("branch", own, "feature")
    let answer = try await setting.fix("--branch", own)
    #expect(answer.status == 0 && answer.outcome == "fixed", "\(answer)")
    #expect(answer["pushed"] == "refs/heads/arborist/fix/\(own)-\(setting.head.short)")
    #expect(setting.id(own) == setting.head)
  }

  @Test("A bare clone with linked work trees is decided on as it was begun")
  func bareWithWorkTrees() async throws {
    let setting = try FixSetting(FixSetting.repair)
    let directory = setting.repository.directory
    try setting.repository.git("clone", "--quiet", "--bare", ".", "../bare")
    let bare = TestRepository(existing: directory.path + "/bare", bare: true, in: directory)
    try bare.git("config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
    // The local main of the clone stays behind.
    try setting.repository.commit("main", message: "Say where", .write(".arborist.yml", "push: side\n"))
    try bare.git("fetch", "--quiet")
    try bare.git("remote", "set-head", "origin", "main")
    let tree = directory.path + "/tree"
    try bare.git("worktree", "add", "--quiet", "--detach", tree, "feature")
    let answer = try await setting.fix("--repo", tree)
    #expect(answer.status == 0 && answer.outcome == "fixed" && answer["pushed"] == setting.side, "\(answer)")
    #expect(try bare.id("feature") == setting.head)
    // The control: in the clone itself nothing says so.
    let control = try await setting.fix("--repo", bare.path)
    #expect(control["pushed"] == "refs/heads/feature", "\(control)")
  }
}

@Suite("A repair that is pushed to a remote")
struct RemoteDeliveryTests {
  /// A bare copy of what is there.
  private func remote(_ setting: FixSetting, named name: String, _ branches: String...) throws -> TestRepository {
    let remote = try TestRepository(bare: true, named: "\(name).git", in: setting.repository.directory)
    try setting.repository.git("remote", "add", name, remote.path)
    _ = try setting.repository.attempt(["push", "--quiet", name] + branches)
    return remote
  }

  @Test("is refused before anything is run where a hook there decides", arguments: ["update", "pre-receive"])
  func hooks(name: String) async throws {
    let setting = try FixSetting(FixSetting.repair)
    let there = try remote(setting, named: "origin", "main", "feature")
    let hook = there.path + "/hooks/\(name)"
    try Files.write("#!/bin/sh\nexit 1\n".utf8, to: hook, mode: 0o755)
    let words = [
      "fix", "--branch", "feature", "--push", "origin", "--test", FixSetting.command, "--model", "openai/gpt-5.5",
    ]
    expectFailure(try await setting.run(words), 3, "a hook (\(name)) that decides on pushes")
    #expect(setting.model.exchanges.isEmpty)
    // The control: git does not run it either.
    try Command.run(["chmod", "-x", hook], in: "/")
    #expect(try await setting.fix("--push", "origin")["pushed"] == "refs/heads/feature")
  }

  @Test("has to be there as it is here, which is found out first")
  func isThere() async throws {
    let setting = try FixSetting(FixSetting.repair)
    _ = try remote(setting, named: "origin", "main")
    let words = [
      "fix", "--branch", "feature", "--push", "origin", "--test", FixSetting.command, "--model", "openai/gpt-5.5",
    ]
    expectFailure(try await setting.run(words), 2, "it is not there: push it first")
    try setting.repository.git("push", "--quiet", "origin", "feature^:refs/heads/feature")
    expectFailure(try await setting.run(words), 4, "fetch or push it first")
    #expect(setting.model.exchanges.isEmpty)
    try setting.repository.git("push", "--quiet", "origin", "feature")
    #expect(try await setting.fix("--push", "origin")["pushed"] == "refs/heads/feature")
  }

  @Test("goes beside where it is checked out there")
  func checkedOutThere() async throws {
    let setting = try FixSetting(FixSetting.repair)
    let there = try remote(setting, named: "origin", "main", "feature")
    try there.git("worktree", "add", "--quiet", setting.repository.directory.path + "/tree", "feature")
    let answer = try await setting.fix("--push", "origin")
    #expect(answer.status == 0 && answer["pushed"] == setting.side, "\(answer)")
    #expect(try there.id("feature") == setting.head && there.id(setting.side).hex == answer["commit"])
  }

  @Test("goes by the rules of that remote, whatever it is called", arguments: ["origin", "upstream"])
  func rules(name: String) async throws {
    let setting = try FixSetting(
      FixSetting.repair, base: [.write(".arborist.yml", "protect: [feat*]\n")], checkedOut: "feature")
    try setting.repository.git("branch", "stable", "main")
    let there = try remote(setting, named: name, "stable", "feature")
    try there.git("symbolic-ref", "HEAD", "refs/heads/stable")
    try setting.repository.git("fetch", "--quiet", name)
    try setting.repository.git("remote", "set-head", name, "stable")
    // What is here says nothing.
    try setting.repository.git("branch", "-D", "stable")
    try setting.repository.git("branch", "-m", "main", "other")
    try setting.repository.git("branch", "develop", "other")
    try setting.repository.commit("develop", message: "No rule", .write(".arborist.yml", "push: head\n"))
    let words = [
      "fix", "--branch", "feature", "--base", "\(name)/stable", "--push", name, "--test", FixSetting.command,
      "--model", "openai/gpt-5.5",
    ]
    expectFailure(try await setting.run(words), 3, "may not be written to")
    // Nor without a push: it is the only one there is.
    expectFailure(try await setting.run(words.filter { $0 != "--push" && $0 != name }), 3, "may not be written to")
    // The control.
    try setting.repository.git("push", "--quiet", name, "develop:stable", "--force")
    let answer = try await setting.fix("--base", "\(name)/stable", "--push", name)
    #expect(answer.outcome == "fixed" && answer["pushed"] == "refs/heads/feature", "\(answer)")
  }

  @Test("goes out for one failure twice and not more, from whatever clone")
  func twice() async throws {
    let setting = try FixSetting(FixSetting.repair)
    let there = try remote(setting, named: "origin", "main", "feature")
    for number in 1...3 {
      let name = "clone-\(number)"
      try setting.repository.git("clone", "--quiet", there.path, "../\(name)")
      let clone = TestRepository(
        existing: setting.repository.directory.path + "/\(name)", bare: false, in: setting.repository.directory)
      try clone.git("branch", "feature", "origin/feature")
      let answer = try await setting.fix("--repo", clone.path, "--push", "origin")
      #expect(answer.outcome == "fixed", "\(answer)")
      #expect((answer["pushed"] == "refs/heads/feature") == (number < 3), "\(number): \(answer)")
      #expect((answer.status == 0) == (number < 3))
      guard number < 3 else { break }
      try there.commit("feature", message: "Again", .write("calc.py", FixSetting.bad))
    }
  }
}

@Suite("A run that is taken back where that needs words")
struct UndoWordsTests {
  @Test("was taken back already, and that is said")
  func twice() async throws {
    let setting = try FixSetting(FixSetting.repair)
    let answer = try await setting.fix()
    let undone = try FixAnswer(try await setting.run("undo", answer.run, "--format", "json"))
    #expect(undone.status == 0 && undone.run == answer.run && undone["pushed"] == "refs/heads/feature", "\(undone)")
    #expect(!undone["undo"].isEmpty && undone["undo"] != answer.run)
    expectFailure(try await setting.run("undo", answer.run), 3, "run \(undone["undo"]) took it back already")
    // That run can be taken back itself, and names its own.
    let again = try await setting.run("undo", undone["undo"])
    #expect(again.status == 0 && again.text.contains("\nrun "), "\(again.text)")
    #expect(try setting.show("calc.py", of: "feature") == FixSetting.good)
  }

  @Test("is taken back at a remote though the branch is not here any more")
  func goneHere() async throws {
    let setting = try FixSetting(FixSetting.repair)
    let remote = try TestRepository(bare: true, named: "remote.git", in: setting.repository.directory)
    try setting.repository.git("remote", "add", "origin", remote.path)
    try setting.repository.git("push", "--quiet", "origin", "main", "feature")
    let answer = try await setting.fix("--push", "origin")
    try setting.repository.git("branch", "-D", "feature")
    let undone = try await setting.run("undo", answer.run)
    #expect(undone.status == 0, "\(undone.errorText)")
    #expect(try remote.id("feature^").hex == answer["commit"])
  }

  @Test("is gone with its branch, or beside one that is gone")
  func gone() async throws {
    let setting = try FixSetting(FixSetting.repair)
    let answer = try await setting.fix()
    let beside = try await setting.fix(isModelAsked: false)
    #expect(beside.outcome == "nothing_to_fix")
    try setting.repository.git("branch", "-D", "feature")
    let undone = try await setting.run("undo", answer.run)
    #expect(undone.status == 1 && undone.text.contains("feature is gone already"), "\(undone.text) \(undone.errorText)")
  }

  @Test("was a merge, and what that means for the next one is said")
  func merge() async throws {
    let setting = try FixSetting()
    let repository = try TestRepository.withConflict()
    try repository.checkOut("main")
    let environment = setting.environment
    func run(_ words: [String]) async throws -> CommandResult {
      try await offPool { try Arborist.run(words, in: repository.path, adding: environment) }
    }
    let head = try repository.id("feature")
    let merged = try await run(["resolve", "--branch", "feature", "--check", "true", "--no-model", "--format", "json"])
    let answer = try FixAnswer(merged)
    #expect(answer.status == 0 && answer["pushed"] == "refs/heads/feature", "\(answer)")
    let undone = try await run(["undo", answer.run])
    #expect(undone.status == 1 && undone.text.contains("git revert"), "\(undone.text) \(undone.errorText)")
    #expect(undone.text.contains("merging feature into main now would remove it there"))
    let message = try repository.git("log", "-1", "--format=%B", "feature")
    #expect(message.contains("would remove it there, without a\nconflict"), "\(message)")
    #expect(try repository.git("rev-parse", "feature^{tree}") == repository.git("rev-parse", "\(head.hex)^{tree}"))
  }
}
