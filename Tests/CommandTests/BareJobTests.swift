import Base
import ScriptedModel
import TestSupport
import Testing

@Suite("Failing tests that are pushed to a bare repository")
struct BareFixTests {
  /// A worker lets nobody else read what it writes; git in the cell sees the history all the same, or all would fail.
  private static let test = "test: git log -1 && \(FixSetting.command)\n"
  private static let files = [
    TestRepository.Change.write("calc.py", FixSetting.good), .write("test_calc.py", FixSetting.check),
  ]

  private static func setting(_ more: String, _ scenario: Scenario = FixSetting.nothing) throws -> BareSetting {
    try BareSetting(scenario, configuration: "on: { push: [fix] }\n" + test + more, files[0], files[1])
  }

  private static let asked = "models: { fix: [openai/gpt-5.5] }\n"

  @Test("are repaired on the branch, which can be taken back once")
  func repaired() async throws {
    let setting = try Self.setting(Self.asked, FixSetting.repair)
    let head = try setting.push("feature", parents: [setting.person.id("main")], .write("calc.py", FixSetting.bad))
    try await setting.work()
    let (run, _, state) = try await setting.lastRun()
    #expect(state == "fixed")
    let repair = try setting.bare.id("feature")
    #expect(try setting.bare.id("feature^") == head)
    #expect(try setting.tree("feature") == setting.tree("main"))
    let undone = try await setting.run("undo", run, "--repo", setting.bare.path)
    #expect(undone.status == 0, "\(undone.errorText)")
    #expect(try setting.bare.id("feature^") == repair && setting.tree("feature") == setting.tree(head.hex))
    expectFailure(try await setting.run("undo", run, "--repo", setting.bare.path), 3, "took it back already")
    try setting.expectSound()
    // What Arborist made itself starts nothing.
    try await setting.work()
    #expect(try await setting.runs().count == 1)
  }

  @Test(
    "are repaired with a journal on a server that several repositories share",
    .enabled(if: PostgresCluster.isPossible, "needs PostgreSQL"))
  func onServer() async throws {
    let name = "bare_\(UInt64.random(in: .min ... .max))"
    let database = try PostgresCluster.shared.get().database(name)
    var first = try Self.setting(Self.asked, FixSetting.repair)
    var second = try Self.setting(Self.asked, FixSetting.repair)
    (first.database, second.database) = (database, database)
    for setting in [first, second] {
      try setting.push("feature", parents: [setting.person.id("main")], .write("calc.py", FixSetting.bad))
    }
    try await first.work()
    #expect(try await first.runs().map { $0.state } == ["fixed"])
    // The other one's worker has its own to do, and sees the same journal.
    try await second.work()
    #expect(try await second.runs().map { $0.state } == ["fixed", "fixed"])
    for setting in [first, second] {
      let journal = setting.bare.path + "/arborist/journal.sqlite"
      #expect(!Files.exists(journal))
      #expect(try setting.tree("feature") == setting.tree("main"))
    }
    let run = try await first.runs()[1].run
    let log = try await first.run("log", run, "--verify", "--repo", first.bare.path)
    #expect(log.status == 0 && log.text.contains("verified"), "\(log.errorText)")
    let undone = try await first.run("undo", run, "--repo", first.bare.path)
    #expect(undone.status == 0, "\(undone.errorText)")
    #expect(try first.tree("feature") != first.tree("main"))
    // The control: without it, the state directory has the journal.
    var third = try Self.setting(Self.asked, FixSetting.repair)
    third.database = ""
    try third.push("feature", parents: [third.person.id("main")], .write("calc.py", FixSetting.bad))
    try await third.work()
    #expect(Files.exists(third.bare.path + "/arborist/journal.sqlite"))
  }

  @Test("are told with their culprit where the model's key is missing, and no try is made again")
  func noKey() async throws {
    let setting = try Self.setting("models: { fix: [anthropic/claude-opus-4-8] }\n", FixSetting.repair)
    let head = try setting.push("feature", parents: [setting.person.id("main")], .write("calc.py", FixSetting.bad))
    let worker = try await setting.run("worker", "--repo", setting.bare.path)
    #expect(worker.status == 0 && !worker.errorText.contains("it is tried again"), "\(worker.errorText)")
    #expect(try await setting.lastRun().state == "not_fixed")
    let side = "arborist/fix/feature-\(head.short)"
    #expect(try setting.branches() == [side, "feature", "main"] && setting.tree(side) == setting.tree("main"))
    let comment = try setting.comments()
    for part in ["test_add", "calc.py", "taken back", "asked to repair it: anthropic/claude-opus-4-8: no key for "] {
      #expect(comment.contains(part), "\(part): \(comment)")
    }
    // Of several the others are asked.
    let other = try Self.setting("models: { fix: [anthropic/claude-opus-4-8, openai/gpt-5.5] }\n", FixSetting.repair)
    try other.push("feature", parents: [other.person.id("main")], .write("calc.py", FixSetting.bad))
    try await other.work()
    #expect(try await other.lastRun().state == "fixed")
    #expect(try other.comments().contains("left out of the models: anthropic/claude-opus-4-8: no key for "))
  }

  @Test("stay as they are where a person has built on the repair, and where it lies beside")
  func notTakenBack() async throws {
    let setting = try Self.setting(Self.asked, FixSetting.repair)
    try setting.push("feature", parents: [setting.person.id("main")], .write("calc.py", FixSetting.bad))
    try await setting.work()
    let repair = try setting.bare.id("feature")
    let run = try await setting.lastRun().run
    try setting.person.git("fetch", "--quiet", setting.bare.path, "feature:feature")
    let built = try setting.push("feature", .write("by-a-person.txt", "1\n"))
    #expect(try setting.bare.id("feature^") == repair)
    expectFailure(try await setting.run("undo", run, "--repo", setting.bare.path), 3, "builds on")
    #expect(try setting.bare.id("feature") == built)
    // Beside it nothing is moved, and the line that deletes it does.
    let beside = try Self.setting(Self.asked + "push: side\n", FixSetting.repair)
    let head = try beside.push("feature", parents: [beside.person.id("main")], .write("calc.py", FixSetting.bad))
    try await beside.work()
    let side = "arborist/fix/feature-\(head.short)"
    #expect(try beside.branches() == [side, "feature", "main"])
    let offered = try await beside.run("undo", beside.lastRun().run, "--repo", beside.bare.path)
    #expect(offered.status == 1 && offered.text.contains("'git branch -D \(side)' deletes it"), "\(offered.text)")
    try beside.bare.git("branch", "-D", side)
    let gone = try await beside.run("undo", beside.lastRun().run, "--repo", beside.bare.path)
    #expect(gone.status == 1 && gone.text.contains("\(side) is gone already"), "\(gone.text)")
  }

  @Test("are offered twice for one head, each beside the other, and not three times")
  func twice() async throws {
    let setting = try Self.setting("")
    let main = try setting.person.id("main")
    // The base comes nearer each time, so that each push of the same head is another job; and the message of an offer
    // names the command, so that it is another commit.
    func configuration(_ number: Int) -> TestRepository.Change {
      .write(".arborist.yml", "on: { push: [fix] }\ntest: test \(number) = \(number) && \(FixSetting.command)\n")
    }
    let first = try setting.person.commit("feature", parents: [main], configuration(1))
    let second = try setting.person.commit("feature", configuration(2))
    let head = try setting.push("feature", .write("calc.py", FixSetting.bad))
    let side = "arborist/fix/feature-\(head.short)"
    try await setting.work()
    #expect(try setting.branches() == [side, "feature", "main"])
    let offer = try setting.bare.id(side)
    for (base, branches) in [
      (first, [side, side + "-2", "feature", "main"]), (second, [side, side + "-2", "feature", "main"]),
    ] {
      try setting.person.git("push", "--quiet", setting.bare.path, "\(base.hex):main")
      try setting.pushAgain("feature")
      try await setting.work()
      #expect(try await setting.lastRun().state == "not_fixed")
      #expect(try setting.branches() == branches)
    }
    #expect(try setting.bare.id(side) == offer && setting.bare.id(side + "-2^") == head)
    #expect(try await setting.runs().count == 3)
    let comments = try setting.comments()
    #expect(comments.contains("on the branch \(side)-2.") && comments.contains("2 commits went out for this failure"))
    try setting.expectSound()
  }

  @Test("are offered as one commit on one branch, however often the same comes out")
  func sameOffer() async throws {
    let setting = try Self.setting("")
    let main = try setting.person.id("main")
    let nearer = try setting.person.commit("feature", parents: [main], .write("a.py", "a = 1\n"))
    let head = try setting.push("feature", .write("calc.py", FixSetting.bad))
    let side = "arborist/fix/feature-\(head.short)"
    try await setting.work()
    let offer = try setting.bare.id(side)
    try setting.person.git("push", "--quiet", setting.bare.path, "\(nearer.hex):main")
    try setting.pushAgain("feature")
    try await setting.work()
    #expect(try await setting.runs().map(\.state) == ["not_fixed", "not_fixed"])
    #expect(try setting.branches() == [side, "feature", "main"] && setting.bare.id(side) == offer)
    try setting.expectSound()
  }

  @Test("are repaired where a check says that it failed, and not for a head that the branch has left")
  func failedCheck() async throws {
    let setting = try BareSetting(
      FixSetting.repair, configuration: "on: { failed: [fix] }\n" + Self.test + Self.asked, Self.files[0], Self.files[1]
    )
    let head = try setting.push("feature", parents: [setting.person.id("main")], .write("calc.py", FixSetting.bad))
    try await setting.work()
    #expect(try await setting.runs().isEmpty, "a push alone starts nothing here")
    expectFailure(
      try await setting.run("hook", "failed", "--repo", setting.bare.path, "nosuch"), 2, "no branch 'nosuch'")
    expectFailure(try await setting.run("hook", "failed", "--repo", setting.bare.path), 2, "takes a branch")
    let old = try await setting.run("hook", "failed", "--repo", setting.bare.path, "feature", "main")
    #expect(old.status == 0 && old.errorText.contains("nothing comes of it"), "\(old.errorText)")
    try await setting.work()
    #expect(try await setting.runs().isEmpty, "it was checked elsewhere")
    let told = try await setting.run(
      "hook", "failed", "--repo", setting.bare.path, "--check", "unit tests", "feature", head.short)
    #expect(!told.errorText.contains("nothing comes of it"), "the control")
    #expect(told.status == 0 && told.errorText.contains("a failed check 'unit tests' of feature"), "\(told.errorText)")
    try await setting.work()
    #expect(try await setting.lastRun().state == "fixed")
    #expect(try setting.bare.id("feature^") == head)
  }

  @Test("are repaired for two heads of a branch and not for a third")
  func threeHeads() async throws {
    let setting = try Self.setting(Self.asked, FixSetting.repair)
    let main = try setting.person.id("main")
    for number in 1...3 {
      let head = try setting.push(
        "feature", parents: [main], .write("calc.py", FixSetting.bad), .write("n.py", "n = \(number)\n"))
      try await setting.work()
      #expect(try await setting.lastRun().state == "fixed")
      if number < 3 {
        #expect(try setting.bare.id("feature^") == head)
      } else {
        #expect(try setting.bare.id("feature") == head)
      }
    }
    #expect(try setting.comments().contains("2 commits went out for this failure before"))
  }
}

@Suite("A conflict that is pushed to a bare repository")
struct BareMergeTests {
  private static func package(_ version: String) -> TestRepository.Change {
    .write("package.json", "{\n  \"version\": \"\(version)\"\n}\n")
  }

  @Test("becomes a merge that a check confirms, which can be taken back")
  func takenBack() async throws {
    let setting = try BareSetting(configuration: "on: { push: [resolve] }\ntest: 'true'\n", Self.package("1.0.0"))
    let base = try setting.person.id("main")
    let main = try setting.push("main", Self.package("1.2.0"))
    let head = try setting.push("feature", parents: [base], Self.package("1.1.0"))
    try await setting.work()
    let (run, _, state) = try await setting.lastRun()
    #expect(state == "resolved")
    let merge = try setting.bare.id("feature")
    #expect(try setting.bare.git("rev-parse", "feature^1", "feature^2") == "\(head.hex)\n\(main.hex)")
    let undone = try await setting.run("undo", run, "--repo", setting.bare.path)
    // The history is not taken back, which is for a person to know.
    #expect(undone.status == 1 && undone.text.contains("merg"), "\(undone.errorText)")
    #expect(try setting.bare.id("feature^") == merge && setting.tree("feature") == setting.tree(head.hex))
    expectFailure(try await setting.run("undo", run, "--repo", setting.bare.path), 3, "took it back already")
    try setting.expectSound()
  }

  @Test("is told with what is missing where the model's key is, and no try is made again")
  func noKey() async throws {
    let configuration = "on: { push: [resolve] }\nmodels: { resolve: [anthropic/claude-opus-4-8] }\n"
    let setting = try BareSetting(configuration: configuration, .write("text", "one\n"))
    let base = try setting.person.id("main")
    try setting.push("main", .write("text", "two\n"))
    try setting.push("feature", parents: [base], .write("text", "three\n"))
    let worker = try await setting.run("worker", "--repo", setting.bare.path)
    #expect(worker.status == 0 && !worker.errorText.contains("it is tried again"), "\(worker.errorText)")
    #expect(try await setting.lastRun().state == "conflicts")
    #expect(worker.errorText.contains("Not asked: anthropic/claude-opus-4-8: no key for "), "\(worker.errorText)")
    #expect(try setting.comments().contains("text"))
  }

  @Test("that no check confirms lies beside, again where the base has moved on")
  func beside() async throws {
    let setting = try BareSetting(configuration: "on: { push: [resolve] }\n", Self.package("1.0.0"))
    let base = try setting.person.id("main")
    try setting.push("main", Self.package("1.2.0"))
    let head = try setting.push("feature", parents: [base], Self.package("1.1.0"))
    try await setting.work()
    let side = "arborist/resolve/feature-\(head.short)"
    let merge = try setting.bare.id(side)
    let moved = try setting.push("main", Self.package("1.3.0"))
    try setting.pushAgain("feature")
    try await setting.work()
    #expect(try setting.branches() == [side, side + "-2", "feature", "main"])
    #expect(try setting.bare.id(side) == merge && setting.bare.id(side + "-2^2") == moved)
    #expect(try setting.comments().contains("on the branch \(side)-2."))
    try setting.expectSound()
  }

  @Test(
    "is repaired where git merges it and the tests fail, and reported where no model helps", arguments: [true, false])
  func semantic(isRepaired: Bool) async throws {
    let setting = try BareSetting(
      isRepaired ? SemanticConflict.repair : FixSetting.nothing,
      configuration:
        "on: { push: [resolve] }\ntest: \(FixSetting.command)\nmodels: { resolve: [openai/gpt-5.5] }\n",
      .write("calc.py", FixSetting.good), .write("test_calc.py", FixSetting.check))
    let base = try setting.person.id("main")
    let main = try setting.person.commit("main", changes: SemanticConflict.theirs)
    let head = try setting.person.commit("feature", parents: [base], changes: SemanticConflict.ours)
    try setting.person.git("push", "--quiet", setting.bare.path, "main", "feature")
    try await setting.work()
    let (run, _, state) = try await setting.lastRun()
    let comments = try setting.comments()
    if isRepaired {
      #expect(state == "resolved", "\(comments)")
      #expect(
        try setting.bare.git("rev-parse", "feature^^1", "feature^^2") == "\(head.hex)\n\(main.hex)",
        "\(comments)")
      #expect(comments.contains("with the repair of openai/gpt-5.5 on top"))
      // Both commits are taken back at once.
      let undone = try await setting.run("undo", run, "--repo", setting.bare.path)
      // The history is not taken back, which is for a person to know.
      #expect(undone.status == 1 && undone.text.contains("merg"), "\(undone.errorText)")
      #expect(try setting.tree("feature") == setting.tree(head.hex))
    } else {
      #expect(try setting.bare.id("feature") == head && setting.branches() == ["feature", "main"])
      #expect(comments.contains("test_use"), "\(state): \(comments)")
    }
    try setting.expectSound()
  }
}

/// Two branches that git merges without a conflict: one renames what the other begins to use.
enum SemanticConflict {
  static let theirs: [TestRepository.Change] = [
    .write("calc.py", FixSetting.good.replacing("add", with: "plus")),
    .write(
      "test_calc.py", FixSetting.check.replacing("add(", with: "plus(").replacing("import add", with: "import plus")),
  ]
  static let ours: [TestRepository.Change] = [
    .write("use.py", "from calc import add\n\n\ndef twice(a):\n    return add(a, a)\n"),
    .write(
      "test_use.py",
      """
      import unittest
      from use import twice


      class Use(unittest.TestCase):
          def test_use(self):
              self.assertEqual(twice(2), 4)

      """),
  ]
  static let repair = FixSetting.again([
    Turn(
      text: "It has another name now.",
      calls: [.shell("sed -i 's/add/plus/' use.py")]),
    Turn(text: "It uses the new name now."),
  ])
}
