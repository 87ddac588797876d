import Base
import Foundation
import Git
import Merging
import TestSupport
import Testing
import Work

@testable import Resolve

@Suite("A model answers what a merge left, and only what tests confirm goes on")
struct ModelResolveTests {
  @Test("A right answer becomes one commit of two parents, with the tests of both sides", arguments: Scenes.all)
  func right(_ scene: MergeScene) async throws {
    let stage = try await MergeStage(scene)
    let (outcome, tasks) = try await stage.resolve { _, edit in stage.answerRight(&edit) }
    let commit = try #require(outcome.commit, "\(report(outcome))")
    #expect(outcome.verdict == .resolved && outcome.reach == .branch && outcome.concerns == nil)
    #expect(outcome.confirmation?.verdict == .verified && outcome.models == ["scripted/one"])
    #expect(tasks.count == 1)
    for (path, content) in scene.right { #expect(try await stage.content(path, in: commit) == content) }
    let parents = try await stage.work.perform { try $0.commit(commit).parents }
    #expect(parents == [stage.ours, stage.theirs])
    let message = try await stage.message(of: commit)
    #expect(message.hasSuffix("\n\nAssisted-by: arborist:scripted/one\n"))
    #expect(message.contains("the model scripted/one") && !message.contains("No test has confirmed"))
    let makers = outcome.files.flatMap(\.resolved).map(\.maker)
    #expect(makers.contains(.model) && outcome.files.allSatisfy(\.left.isEmpty))
  }

  // MARK: What is left

  @Test("What the model cannot tell is left, with what it said; it is not asked again")
  func abstained() async throws {
    let stage = try await MergeStage(Scenes.twoFiles)
    let (outcome, tasks) = try await stage.resolve { _, edit in
      edit.answer("shop/stock.py") { $0.ours + $0.theirs }
      edit.text = edit.names(in: "shop/report.py").map { "ABSTAIN \($0) because both widths are plausible" }
        .joined(separator: "\n")
    }
    #expect(outcome.verdict == .conflicts && outcome.commit == nil && tasks.count == 1)
    let answers = try #require(outcome.files.first { $0.path.display == "shop/report.py" }?.left.first?.answers)
    #expect(answers.map(\.state) == [.abstained] && answers[0].reason == "both widths are plausible")
    #expect(report(outcome).contains("the model scripted/one could not tell: both widths are plausible"))
  }

  @Test("Without a model the merge is left as it was, and no test runs")
  func noModel() async throws {
    let stage = try await MergeStage(Scenes.prices)
    let outcome = try await stage.resolve(nil).outcome
    #expect(outcome.verdict == .conflicts && outcome.models == nil && stage.stage.runs == 0)
  }

  @Test("Where something is left in any case, the model is not asked")
  func leftInAnyCase() async throws {
    var scene = Scenes.prices
    scene.base.append(.bytes(Array("logo.png".utf8), [0, 1]))
    scene.ours.append(.bytes(Array("logo.png".utf8), [0, 2]))
    scene.theirs.append(.bytes(Array("logo.png".utf8), [0, 3]))
    let stage = try await MergeStage(scene)
    let (outcome, tasks) = try await stage.resolve { _, edit in stage.answerRight(&edit) }
    #expect(outcome.verdict == .conflicts && tasks.isEmpty)
    #expect(outcome.reason.contains("the model was not asked, because logo.png is left in any case"))
  }

  // MARK: Two rounds

  @Test("A refused answer is asked for once more, with the reason; a right one then goes through")
  func secondRound() async throws {
    let stage = try await MergeStage(Scenes.prices)
    let (outcome, tasks) = try await stage.resolve { task, edit in
      if task.name == "merge-1-1" { edit.answer("shop/price.py") { $0.ours } } else { stage.answerRight(&edit) }
    }
    #expect(outcome.verdict == .resolved && outcome.reach == .branch)
    #expect(tasks.map(\.name) == ["merge-1-1", "merge-2-1"])
    let second = try #require(tasks.last?.text)
    #expect(
      second.contains("it leaves out a line that a side added and does not say why: return format(total + SHIPPING"))
    #expect(tasks.first?.text.contains("You answered this before") == false, "the control")
  }

  @Test("An answer that breaks a test is asked for once more, with the test and what it said")
  func brokenRound() async throws {
    let stage = try await MergeStage(Scenes.prices)
    let (outcome, tasks) = try await stage.resolve { task, edit in
      if task.name == "merge-1-1" {
        edit.answer("shop/price.py") { $0.ours + $0.theirs }
      } else {
        stage.answerRight(&edit)
      }
    }
    #expect(outcome.verdict == .resolved && outcome.reach == .branch)
    let second = try #require(tasks.last?.text)
    #expect(
      second.contains("TheirsTests > test_shipping (fails)") && second.contains("AssertionError: '11.' not found"))
    // The places stand in their markers again.
    let tree = try #require(tasks.last?.tree)
    #expect(try await stage.content("shop/price.py", in: tree)?.contains("<<<<<<<<< h") == true)
  }

  @Test("A model that is wrong twice is told of with both answers and the tests that fail")
  func brokenTwice() async throws {
    let stage = try await MergeStage(Scenes.prices)
    let (outcome, tasks) = try await stage.resolve { _, edit in
      edit.answer("shop/price.py") { $0.ours + $0.theirs }
    }
    #expect(outcome.verdict == .broken && outcome.commit == nil && tasks.count == 2)
    let text = report(outcome)
    #expect(text.contains("broken tests > test_theirs > TheirsTests > test_shipping fails, and in neither parent"))
    #expect(text.contains("answered: with it the merge is broken"))
    let document = String(
      decoding: try ResolveDocument(outcome, branch: RefName("refs/heads/topic"), base: "main", pushed: nil).encoded(),
      as: UTF8.self)
    #expect(document.contains("\"outcome\":\"broken\"") && document.contains("\"verified\":false"))
    #expect(document.contains("\"state\":\"accepted\"") && document.contains("test_shipping"))
  }

  // MARK: The same again

  @Test("A run that was killed goes on without asking again, even where the model's files are gone")
  func killed() async throws {
    let stage = try await MergeStage(Scenes.twoFiles)
    let journal = MemoryJournal()
    let first = try await stage.resolve(journal: journal) { _, edit in stage.answerRight(&edit) }
    let runs = stage.stage.runs
    let other = try await MergeStage(Scenes.twoFiles)
    let second = try await other.resolve(journal: journal) { _, edit in edit.files = [:] }
    #expect(first.outcome == second.outcome && first.outcome.commit != nil)
    #expect(second.tasks.isEmpty && other.stage.runs == 0 && runs > 0)
    let third = try await other.resolve { _, edit in edit.files = [:] }
    #expect(third.outcome.commit == nil && third.tasks.count == 2, "the control")
  }

  @Test("The same merge with the same answers is the same commit; one that no test confirmed is another")
  func deterministic() async throws {
    let stage = try await MergeStage(Scenes.parser)
    let one = try await stage.resolve { _, edit in stage.answerRight(&edit) }.outcome
    let other = try await MergeStage(Scenes.parser)
    let two = try await other.resolve { _, edit in other.answerRight(&edit) }.outcome
    #expect(one.commit != nil && one.commit == two.commit)
    let untested = try await stage.resolve(verifies: false) { _, edit in stage.answerRight(&edit) }.outcome
    #expect(untested.commit != nil && untested.commit != one.commit)
  }

  @Test("What an older version wrote down of a merge is read as it was")
  func olderRecord() throws {
    let text = """
      {"verdict":"conflicts","reason":"r","files":[{"path":"a","kind":"content","conflicts":2,"resolved":[{"by":"version",
      "reason":"x","startLine":1,"lines":["a"],"dropped":[{"side":"ours","line":"b","reason":"c"}]}],"left":[{"startLine":3,
      "endLine":4,"reason":"y"}]}]}
      """
    let outcome = try JSONDecoder().decode(ResolveOutcome.self, from: Data(text.utf8))
    #expect(outcome.verdict == .conflicts && outcome.files.first?.left.first?.answers == nil)
    #expect(outcome.files.first?.resolved.first?.maker == nil && outcome.confirmation == nil)
  }

  // MARK: Without tests

  @Test("Without a test a model's merge goes beside the branch, marked")
  func unverified() async throws {
    let stage = try await MergeStage(Scenes.prices)
    let outcome = try await stage.resolve(verifies: false) { _, edit in stage.answerRight(&edit) }.outcome
    #expect(outcome.verdict == .resolved && outcome.reach == .beside && outcome.confirmation?.verdict == .notRun)
    let message = try await stage.message(of: try #require(outcome.commit))
    #expect(message.contains("No test has confirmed the\nresult"))
    #expect(message.contains("build on it.\nWhy: the repository names no 'test'"))
  }

  @Test("Tests that fail in a parent in a way that hides the merge confirm nothing")
  func inconclusive() async throws {
    var scene = Scenes.prices
    scene.commands = ["false"]
    let stage = try await MergeStage(scene)
    let outcome = try await stage.resolve { _, edit in stage.answerRight(&edit) }.outcome
    #expect(outcome.verdict == .resolved && outcome.reach == .beside)
    #expect(outcome.confirmation?.verdict == .inconclusive)
  }

  // MARK: What players stumbled over

  @Test("A line that is in the answer, joined with the other side's, costs nothing where it is said to be left out")
  func needlessDrop() async throws {
    for scene in [Scenes.prices, Scenes.testFile] {
      let stage = try await MergeStage(scene)
      let path = try #require(scene.right.keys.first)
      let outcome = try await stage.resolve { _, edit in
        let names = edit.names(in: path)
        stage.answerRight(&edit)
        edit.text = names.map { "DROP \($0) ours 1 because joined\nDROP \($0) theirs 1 because joined" }
          .joined(separator: "\n")
      }.outcome
      #expect(outcome.verdict == .resolved && outcome.reach == .branch, "\(report(outcome))")
      #expect(outcome.concerns == nil && outcome.files.flatMap(\.resolved).allSatisfy { $0.dropped?.isEmpty != false })
      // A line that is not in it is left out still.
      let control = try await stage.resolve { _, edit in
        let names = edit.names(in: path)
        edit.answer(path) { $0.ours }
        edit.text = names.map { "DROP \($0) theirs 1 because joined" }.joined(separator: "\n")
      }.outcome
      #expect(control.reach != .branch && control.commit == nil, "the control")
    }
  }

  /// A test class to which each side adds a test with the same body in the middle.
  private func interleaved() -> (scene: MergeScene, ours: String, head: String) {
    func method(_ name: String, _ end: String) -> String {
      """
          def test_\(name)(self):
              numbers = [1, 2, 3, 4]
              total = 0
              for number in numbers:
                  total += number
              self.assertGreater(total, 5)
              self.assertEqual(total, \(end))


      """
    }
    let head = "import unittest\n\n\nclass SumTests(unittest.TestCase):\n"
    let tail = "    def test_last(self):\n        self.assertTrue(True)\n"
    let (ours, theirs) = (method("plain", "10"), method("other", "5 + 5"))
    let scene = MergeScene(
      name: "interleaved",
      base: [
        .write("tests/test_sum.py", head + tail), .write("tests/__init__.py", ""),
        .write(".gitignore", "__pycache__/\n"),
      ],
      ours: [.write("tests/test_sum.py", head + ours + tail)],
      theirs: [.write("tests/test_sum.py", head + theirs + tail)],
      right: ["tests/test_sum.py": head + ours + theirs + tail])
    return (scene, ours, head)
  }

  @Test("What the model said last is kept and shown; a refused place is asked for again though another stays open")
  func lastWords() async throws {
    let stage = try await MergeStage(Scenes.twoFiles)
    let (outcome, tasks) = try await stage.resolve { task, edit in
      let names = edit.names(in: "shop/report.py")
      if task.name == "merge-1-1" {
        edit.answer("shop/stock.py") { $0.ours }
      } else {
        edit.files["shop/stock.py"] = stage.scene.right["shop/stock.py"]
      }
      edit.text =
        "The width\u{1B}[2J is a guess.\n"
        + names.map { "ABSTAIN \($0) because both are plausible" }.joined(separator: "\n")
    }
    #expect(tasks.map(\.name) == ["merge-1-1", "merge-2-1"] && outcome.commit == nil)
    #expect(tasks[0].text.contains(": shop/report.py") && !tasks[1].text.contains(": shop/report.py"))
    #expect(outcome.said?.count == 2 && outcome.said?.first?.lines.count == 2)
    let text = report(outcome)
    #expect(text.contains("The model scripted/one said last") && text.contains(" is a guess."))
    #expect(!text.contains("\u{1B}") && text.contains("answered, held back line") && text.contains("left line"))
    // Of two answers to the same places the later one is told; the first brought nothing.
    #expect(text.components(separatedBy: "The model scripted/one said last (nobody has checked it):").count == 2)
    let document = String(
      decoding: try ResolveDocument(outcome, branch: RefName("refs/heads/topic"), base: "main", pushed: nil).encoded(),
      as: UTF8.self)
    #expect(document.contains("\"headCommit\":\"\(stage.ours.hex)\"") && document.contains("\"question\":\"h"))
    #expect(document.contains("\"said\":["))
    let read = try JSONDecoder().decode(ResolveOutcome.self, from: try JSONEncoder().encode(outcome))
    #expect(read == outcome)
  }

  @Test("An answer that is good and was refused for an edit elsewhere is shown as good, with the edit")
  func goodAnswer() async throws {
    let stage = try await MergeStage(Scenes.renamed)
    let (outcome, tasks) = try await stage.resolve { task, edit in
      stage.answerRight(&edit)
      if task.name == "merge-1-1" {
        edit.files["shop/card.py"] = stage.scene.right["shop/card.py"]?.replacing("import names", with: "import  names")
      }
    }
    #expect(outcome.verdict == .resolved && outcome.reach == .branch, "\(report(outcome))")
    #expect(tasks.count == 2)
    let second = tasks.last?.text ?? ""
    #expect(second.contains("these lines are good as they are") && second.contains("'from shop import  names'"))
    // The rename is told of before, and no longer when it is mended.
    #expect(tasks[0].text.contains("renamed full to full_name") && outcome.renames == nil)
    #expect(tasks[0].text.contains("shop/letter.py:5"))
  }

  @Test("A place is shown with what stands behind it, and its lines are numbered in their order")
  func place() async throws {
    let stage = try await MergeStage(Scenes.prices)
    let text = try #require(try await stage.resolve { _, _ in }.tasks.first?.text)
    #expect(text.contains("Directly after the place stands, and stays:\n    | \n"), "\(text)")
    func lines(_ words: String...) -> [UInt8] { Array(words.map { $0 + "\n" }.joined().utf8) }
    let span = LineSpan(start: 0, count: 0)
    let conflict = Conflict(
      base: lines("a", "b", "c"), ours: lines("new", "c", "a", "other", "b", "b"), theirs: lines("c", "x"),
      position: Conflict.Position(base: span, ours: span, theirs: span))
    let stakes = AnswerGate.stakes(of: conflict).map { String(decoding: $0.line, as: UTF8.self) }
    #expect(stakes == ["new", "other", "b", "x"], "\(stakes)")
  }

  @Test("Two new tests with lines in common may both be kept whole; a third one of the kind may not")
  func interleavedTests() async throws {
    let (scene, ours, head) = interleaved()
    let stage = try await MergeStage(scene)
    @Sendable func moved(_ edit: ScriptedEdit) -> String {
      "DROP \(edit.names(in: "tests/test_sum.py")[0]) theirs 1 moved to tests/test_sum.py:13 because it stands there"
    }
    let (outcome, tasks) = try await stage.resolve { _, edit in
      let text = moved(edit)
      stage.answerRight(&edit)
      edit.text = text
    }
    #expect(tasks.count == 1, "a resolver that keeps both would leave nothing to try here")
    #expect(outcome.verdict == .resolved && outcome.reach == .branch, "\(report(outcome))")
    let third = try await stage.resolve { _, edit in
      let text = moved(edit)
      stage.answerRight(&edit)
      edit.text = text
      edit.files["tests/test_sum.py"] = (scene.right["tests/test_sum.py"] ?? "").replacing(
        head, with: head + ours.replacing("plain", with: "other"))
    }.outcome
    #expect(third.commit == nil, "\(report(third))")
  }

  @Test("What tests are compared with may be edited where that is said, and goes beside the branch, told of first")
  func expectations() async throws {
    var scene = Scenes.prices
    scene.base.append(.write("tests/data/lines.txt", "one\ntwo\nthree\n"))
    let stage = try await MergeStage(scene)
    let outcome = try await stage.resolve { _, edit in
      stage.answerRight(&edit)
      edit.files["tests/data/lines.txt"] = "one\n2\nthree\n"
      edit.text += "\nOUTSIDE tests/data/lines.txt:2 because the count is a number now"
    }.outcome
    #expect(outcome.verdict == .resolved && outcome.reach == .beside, "\(report(outcome))")
    #expect(outcome.concerns?.first?.hasPrefix("tests/data/lines.txt, line 2: what tests expect was edited") == true)
    #expect(outcome.outside?.map(\.isNeeded) == [false])
    let silent = try await stage.resolve { _, edit in
      stage.answerRight(&edit)
      edit.files["tests/data/lines.txt"] = "one\n2\nthree\n"
      edit.files["tests/test_other.py"] = "\n"
      edit.text = "OUTSIDE tests/test_other.py:1 because it is shorter"
    }.outcome
    #expect(silent.commit == nil)
    let text = report(silent)
    #expect(text.contains("tests/data/lines.txt at line 2") && text.contains("tests/test_other.py, where"), "all")
  }

  // MARK: More than the places

  @Test(
    "An edit outside that the tests call for is allowed where it was declared, and shown; the merge is the branch's")
  func needed() async throws {
    let stage = try await MergeStage(Scenes.renamed)
    let outcome = try await stage.resolve { _, edit in stage.answerRight(&edit) }.outcome
    #expect(outcome.verdict == .resolved && outcome.reach == .branch, "\(report(outcome))")
    let edit = try #require(outcome.outside?.first)
    #expect(edit.path.display == "shop/letter.py" && edit.isNeeded && edit.line == 5)
    #expect(edit.new == ["    return 'Dear ' + names.full_name(name)"])
    let message = try await stage.message(of: try #require(outcome.commit))
    #expect(message.contains("- shop/letter.py, line 5: full is full_name now"))
    #expect(report(outcome).contains("the tests fail without it"))
    let silent = try await stage.resolve { _, edit in
      stage.answerRight(&edit)
      edit.text = "Done."
    }.outcome
    #expect(silent.commit == nil, "undeclared")
  }

  @Test("A merge that git makes clean and that breaks a test is a semantic conflict")
  func semantic() async throws {
    let stage = try await MergeStage(Scenes.semantic)
    let outcome = try await stage.resolve(nil).outcome
    #expect(outcome.verdict == .semanticConflict && outcome.commit == nil && outcome.tree != nil)
    #expect(outcome.confirmation?.failures.first?.name.contains("test_letter") == true)
    #expect(try await stage.resolve(verifies: false, nil).outcome.verdict == .clean, "the control")
  }

  @Test("A line that uses what the other side took away everywhere may go, when the tree shows it")
  func gone() async throws {
    let stage = try await MergeStage(Scenes.gone)
    let outcome = try await stage.resolve { _, edit in stage.answerRight(&edit) }.outcome
    #expect(outcome.verdict == .resolved && outcome.reach == .branch, "\(report(outcome))")
    #expect(outcome.files.flatMap(\.resolved).flatMap { $0.dropped ?? [] }.map(\.isConfirmed) == [true])
    let word = try await stage.resolve { _, edit in
      stage.answerRight(&edit)
      edit.text = edit.text.replacing(" gone legacy_rate", with: "")
    }.outcome
    #expect(word.reach == .beside && word.concerns?.count == 1, "on its word alone")
  }

  @Test("A file that one side deleted is deleted or kept as the model says, where the tree does not speak against it")
  func deletion() async throws {
    let stage = try await MergeStage(Scenes.deleted)
    @Sendable func id(_ task: ModelTask) -> String {
      String(task.text.split(separator: "\n").first { $0.hasPrefix("== h") }?.dropFirst(3).prefix(7) ?? "")
    }
    let deleted = try await stage.resolve { task, edit in edit.text = "DELETE \(id(task)) because nobody greets" }
      .outcome
    #expect(deleted.verdict == .resolved && deleted.reach == .branch, "\(report(deleted))")
    #expect(try await stage.content("shop/greet.py", in: try #require(deleted.commit)) == nil)
    let kept = try await stage.resolve { task, edit in edit.text = "KEEP \(id(task)) because I like it" }.outcome
    #expect(kept.verdict == .resolved && kept.reach == .beside)
    #expect(try await stage.content("shop/greet.py", in: try #require(kept.commit))?.contains("Hello") == true)
    let silent = try await stage.resolve { _, edit in edit.files["shop/greet.py"] = nil }.outcome
    #expect(silent.verdict == .conflicts && silent.commit == nil)
    // Something refers to it still.
    var used = Scenes.deleted
    used.ours.append(.write("shop/bye.py", "from shop import greet\n\n\ndef bye():\n    return greet.wave()\n"))
    let other = try await MergeStage(used)
    let refused = try await other.resolve { task, edit in edit.text = "DELETE \(id(task)) because nobody greets" }
      .outcome
    #expect(refused.verdict == .conflicts && refused.commit == nil)
    #expect(
      try await other.resolve { task, edit in edit.text = "KEEP \(id(task)) because it is used" }.outcome.reach
        == .branch)
  }

  @Test("What is said of a file by its path counts, and what names no place is told and asked for once more")
  func namesOfPlaces() async throws {
    let stage = try await MergeStage(Scenes.deleted)
    let byPath = try await stage.resolve { _, edit in edit.text = "DELETE shop/greet.py because nobody greets" }
    #expect(byPath.outcome.verdict == .resolved && byPath.tasks.count == 1, "\(report(byPath.outcome))")
    let (outcome, tasks) = try await stage.resolve { _, edit in
      edit.text = "KEEP shop/greets.py because it is used\nDROP h123456 theirs because it is old"
    }
    #expect(outcome.commit == nil && tasks.count == 2)
    let second = tasks[1].text
    #expect(second.contains("'KEEP shop/greets.py' was said, and there is no place of this name"), "\(second)")
    #expect(second.contains("not understood, because behind 'theirs' stand the numbers of the lines"), "\(second)")
    #expect(second.contains("say KEEP h") && !second.contains("did not say whether to keep"))
    #expect(report(outcome).contains("'KEEP shop/greets.py' was said, and there is no place of this name"))
    #expect(!tasks[0].text.contains("was not taken"), "the control")
  }

  @Test("A second task shows what was edited elsewhere the first time, each reason once, and what helps")
  func earlierEdits() async throws {
    let stage = try await MergeStage(Scenes.renamed)
    let (_, tasks) = try await stage.resolve { task, edit in
      stage.answerRight(&edit)
      edit.text = "Done."
    }
    let second = try #require(tasks.last?.text)
    #expect(tasks.count == 2 && second.contains("What you had made of shop/letter.py"), "\(second)")
    #expect(second.contains("    +    return 'Dear ' + names.full_name(name)"), "\(second)")
    #expect(second.components(separatedBy: "has no line 'OUTSIDE").count == 2, "once: \(second)")
    let refused = try await MergeStage(Scenes.prices).resolve { _, edit in
      edit.answer("shop/price.py") { $0.ours.replacing("total", with: "sum_of_all") }
    }
    #expect(refused.tasks.last?.text.contains(" because REASON") == true)
    #expect(tasks[0].text.contains("You answered this merge before") == false, "the control")
  }

  @Test("A use of an old name is left only where its line is still there")
  func renamesLeft() throws {
    let path = try #require(RepositoryPath("a.py"))
    let place = CodePlace(path: path, line: 3, text: "    old(x)", proposal: "    new(x)")
    let rename = RenameReach(kind: .name, side: .theirs, from: "old", to: "new", places: [place])
    #expect(RenameReach.left(of: [rename], in: [path: RenameReach.lines(Array("y\nnew(x)\n".utf8))]) == nil)
    #expect(RenameReach.left(of: [rename], in: [path: RenameReach.lines(Array("  old(x)\n".utf8))]) == [rename])
    #expect(RenameReach.left(of: [rename], in: [:]) == [rename], "nothing is known of the file")
  }

  // MARK: Lock files

  /// Writes a lock file from the names of a manifest.
  private struct ScriptedTool: TreeRegenerating {
    var stage: MergeStage
    var isThere: Bool

    func regenerate(_ regeneration: Regeneration, in tree: ObjectID) async throws -> RegenerationResult {
      guard isThere else { return .notRun("the tool is not there") }
      let prices = try await stage.content("shop/price.py", in: tree) ?? ""
      return .written(Array("# \(regeneration.command)\n\(prices.contains("<<<<") ? "left" : "settled")\n".utf8))
    }
  }

  @Test("A lock file is written again by its tool when the model has answered the rest", arguments: [true, false])
  func lockFile(_ isThere: Bool) async throws {
    var scene = Scenes.prices
    scene.base.append(.write("Cargo.lock", "version = 1\n"))
    scene.ours.append(.write("Cargo.lock", "version = 2\n"))
    scene.theirs.append(.write("Cargo.lock", "version = 3\n"))
    let stage = try await MergeStage(scene)
    let tool = ScriptedTool(stage: stage, isThere: isThere)
    let (outcome, tasks) = try await stage.resolve(regenerator: tool) { _, edit in stage.answerRight(&edit) }
    #expect(tasks.count == 1)
    if isThere {
      #expect(outcome.verdict == .resolved && outcome.reach == .branch, "\(report(outcome))")
      let lock = try await stage.content("Cargo.lock", in: try #require(outcome.commit))
      #expect(lock?.hasSuffix("\nsettled\n") == true)
      #expect(outcome.files.first { $0.path.display == "Cargo.lock" }?.resolved.map(\.maker) == [.tool])
    } else {
      #expect(outcome.verdict == .conflicts && outcome.commit == nil)
    }
    // Without a tool nothing could be committed, so the model is not asked.
    #expect(try await stage.resolve { _, edit in stage.answerRight(&edit) }.tasks.isEmpty)
  }

  private func report(_ outcome: ResolveOutcome) -> String {
    (try? ResolveReport(outcome, branch: RefName("refs/heads/topic"), base: "main").text) ?? outcome.reason
  }
}
