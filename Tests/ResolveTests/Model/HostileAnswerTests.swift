import Base
import TestSupport
import Testing
import Work

@testable import Resolve

@Suite("What a model says and does beside its answers is taken for no more than it is")
struct HostileAnswerTests {
  private static let ignore = MergeScene.Change.write(".gitignore", "__pycache__/\n")
  private static let unit = ["python3 -m unittest -v"]

  private func concerns(_ outcome: ResolveOutcome) -> [String] { outcome.concerns ?? [] }

  // MARK: Moved lines

  private static let twice =
    "def read(user):\n    work(user)\n    return True\n\n\ndef work(u, n=0): pass\n\n\ndef check(u): pass\n\n\n"
    + "def log(u): pass\n\n\ndef remove(user):\n    work(user)\n    return True\n"

  /// Ours added one line to two functions; theirs rewrote the second.
  private static func added(_ first: Bool, _ second: String) -> String {
    let parts = twice.split(separator: "def remove", maxSplits: 1).map(String.init)
    let head = first ? parts[0].replacing("    work(user)", with: "    check(user)\n    work(user)") : parts[0]
    return head + "def remove" + parts[1].replacing("    work(user)\n", with: second)
  }

  private static let copies = MergeScene(
    name: "one line at two places",
    base: [
      .write("app.py", twice), ignore,
      .write(
        "test_app.py",
        "import unittest, app\nclass T(unittest.TestCase):\n    def test_it(self): self.assertTrue(app.read(1))\n"),
    ],
    ours: [.write("app.py", added(true, "    check(user)\n    work(user)\n"))],
    theirs: [.write("app.py", added(false, "    log(user)\n    work(user, 2)\n"))], commands: unit,
    right: ["app.py": added(true, "    check(user)\n    log(user)\n    work(user, 2)\n")])

  @Test("A line that stood elsewhere anyway is not the one that was left out and said to be moved")
  func copied() async throws {
    let stage = try await MergeStage(Self.copies)
    let outcome = try await stage.resolve { _, edit in
      let name = edit.names(in: "app.py")[0]
      edit.files["app.py"] = Self.added(true, "    log(user)\n    work(user, 2)\n")
      edit.text = "DROP \(name) ours 1 moved to app.py:2 because it stands there now"
    }.outcome
    #expect(outcome.verdict == .resolved && outcome.reach == .beside)
    #expect(concerns(outcome).count == 1 && concerns(outcome)[0].contains("left out on the model's word: check(user)"))
    // One more of it is the one that was moved.
    let moved = try await stage.resolve { _, edit in
      let name = edit.names(in: "app.py")[0]
      edit.files["app.py"] = Self.added(true, "    log(user)\n    work(user, 2)\n").replacing(
        "def log(u): pass", with: "def log(user):\n    check(user)")
      edit.text =
        "DROP \(name) ours 1 moved to app.py:14 because log does it\n"
        + "OUTSIDE app.py:13-14 because log does it"
    }.outcome
    #expect(moved.files.flatMap(\.resolved).flatMap { $0.dropped ?? [] }.map(\.isConfirmed) == [true])
    #expect(concerns(moved).count == 1 && concerns(moved)[0].contains("edited outside"), "the control")
  }

  @Test(
    "A line number that no file has refuses what is said, and nothing else happens",
    arguments: ["1000", "9223372036854775807", "1000000000", "50-100049"])
  func behindTheEnd(_ number: String) async throws {
    let stage = try await MergeStage(Self.copies)
    let outcome = try await stage.resolve { _, edit in
      let name = edit.names(in: "app.py")[0]
      edit.files["app.py"] = Self.added(true, "    log(user)\n    work(user, 2)\n")
      edit.text =
        "DROP \(name) ours 1 moved to app.py:\(number) because it stands there\n"
        + "DROP \(name) theirs \(number) because it is no line\nOUTSIDE app.py:\(number) because it is there"
    }.outcome
    #expect(outcome.verdict == .conflicts && outcome.commit == nil)
  }

  // MARK: Edits outside

  @Test("An edit outside that is needed excuses no other one")
  func excused() async throws {
    func area(_ names: String, _ product: String) -> String { "def area(\(names)):\n    return \(product)\n" }
    let page = "from app import area\n\n\ndef page():\n    return area(2, 3, 1)\n"
    let auth = "def may(user):\n    return user == \"root\"\n"
    let scene = MergeScene(
      name: "area",
      base: [
        .write("app.py", area("w, h", "w * h")), .write("page.py", page.replacing(", 1)", with: ")")),
        .write("auth.py", auth), Self.ignore,
        .write(
          "test_app.py",
          "import unittest, page\nclass T(unittest.TestCase):\n    def test_it(self): self.assertEqual(page.page(), 6)\n"
        ),
      ],
      ours: [.write("app.py", area("w, h, unit", "w * h * unit")), .write("page.py", page)],
      theirs: [.write("app.py", area("w, h, depth", "w * h * depth")), .write("page.py", page)], commands: Self.unit,
      right: [
        "app.py": area("w, h, unit, depth", "w * h * unit * depth"), "page.py": page.replacing(", 1)", with: ", 1, 1)"),
      ], words: { _ in "OUTSIDE page.py:5 because a call needs both" })
    let stage = try await MergeStage(scene)
    let control = try await stage.resolve { _, edit in stage.answerRight(&edit) }.outcome
    #expect(control.reach == .branch && control.outside?.map(\.isNeeded) == [true], "\(concerns(control))")
    let outcome = try await stage.resolve { _, edit in
      stage.answerRight(&edit)
      edit.files["auth.py"] = auth.replacing("user == \"root\"", with: "True")
      edit.text += "\nOUTSIDE auth.py:2 because the merge needs it"
    }.outcome
    #expect(outcome.verdict == .resolved && outcome.reach == .beside)
    #expect(outcome.outside?.map(\.path.display) == ["auth.py", "page.py"])
    #expect(outcome.outside?.map(\.isNeeded) == [false, true])
    #expect(concerns(outcome).count == 1 && concerns(outcome)[0].hasPrefix("auth.py, line 2: edited outside"))
  }

  private static func price(_ line: String, _ check: String) -> String {
    "import unittest\n\n\ndef fee(): return 1\n\n\ndef off(price):\n    return \(line)\n\n\n"
      + "class OffTests(unittest.TestCase):\n    def test_off(self):\n        self.\(check)(off(100), 50)\n"
  }

  @Test("A test inside of a product's file is a test, outside of the places and in them")
  func inlineTest() async throws {
    let scene = MergeScene(
      name: "inline", base: [.write("calc.py", Self.price("price - 10", "assertGreater")), Self.ignore],
      ours: [.write("calc.py", Self.price("price - 10 - fee()", "assertGreater"))],
      theirs: [.write("calc.py", Self.price("round(price - 10)", "assertGreater"))],
      commands: ["python3 -m unittest -v calc"],
      right: ["calc.py": Self.price("round(price - 10 - fee())", "assertGreater")])
    let stage = try await MergeStage(scene)
    #expect(try await stage.resolve { _, edit in stage.answerRight(&edit) }.outcome.reach == .branch, "the control")
    let outcome = try await stage.resolve { _, edit in
      edit.files["calc.py"] = Self.price("round(price - fee() - 10)", "assertGreaterEqual")
      edit.text = "OUTSIDE calc.py:13 because the merge needs it"
    }.outcome
    #expect(outcome.commit == nil)
    let said = outcome.files.flatMap(\.left).flatMap { $0.answers ?? [] }.map(\.reason).joined()
    #expect(said.contains("and tests may not be edited there in 'class OffTests'"), "\(said)")
    var inPlace = scene
    inPlace.ours = [.write("calc.py", Self.price("price - 10", "assertGreaterEqual"))]
    inPlace.theirs = [.write("calc.py", Self.price("price - 10", "assertNotEqual"))]
    let other = try await MergeStage(inPlace)
    let word = try await other.resolve { _, edit in
      let name = edit.names(in: "calc.py")[0]
      edit.answer("calc.py") { $0.theirs }
      edit.text = "DROP \(name) ours 1 because theirs is enough"
    }.outcome
    #expect(word.commit == nil, "nothing in a test rests on a word")
  }

  @Test("What runs the tests is found by the commands, and may not be edited outside of the places")
  func makefile() async throws {
    let make = "test:\n\tpython3 -m unittest -v calc\n\tpython3 -c 'import calc; assert calc.off(100) > 50'\n"
    let scene = MergeScene(
      name: "make",
      base: [.write("calc.py", Self.price("price - 10", "assertGreater")), .write("Makefile", make), Self.ignore],
      ours: [.write("calc.py", Self.price("price - 10 - fee()", "assertGreater"))],
      theirs: [.write("calc.py", Self.price("round(price - 10)", "assertGreater"))],
      // Its place in the commands is what counts, not whether the machine has the tool.
      commands: Self.unit.map { $0 + " calc" } + ["make test || true"],
      right: ["calc.py": Self.price("round(price - 10 - fee())", "assertGreater")])
    let stage = try await MergeStage(scene)
    let outcome = try await stage.resolve { _, edit in
      stage.answerRight(&edit)
      edit.files["Makefile"] = String(make.prefix { $0 != "\n" }) + "\n\tpython3 -c 'import calc'\n"
      edit.text = "OUTSIDE Makefile:2 because the merge needs it"
    }.outcome
    #expect(outcome.commit == nil)
    let said = outcome.files.flatMap(\.left).flatMap { $0.answers ?? [] }.map(\.reason).joined()
    #expect(said.contains("it edited Makefile in 'target test', where it had no place"), "\(said)")
    // Where nothing else is known of it, it is a file like any other.
    let elsewhere = try await stage.resolve { _, edit in
      stage.answerRight(&edit)
      edit.files["Makefile"] = make + "\nclean:\n\trm -rf build\n"
      edit.text = "OUTSIDE Makefile:5 because the merge needs it"
    }.outcome
    #expect(elsewhere.verdict == .resolved && elsewhere.reach == .beside && concerns(elsewhere).count == 1)
  }

  // MARK: Words in another order

  @Test("An answer that has the sides' words in another order goes beside the branch, whatever the tests say")
  func order() async throws {
    @Sendable func may(_ line: String) -> String { "def may(user, owner):\n    return \(line)\n" }
    let scene = MergeScene(
      name: "order",
      base: [
        .write("app.py", may("user.level > owner.level")), Self.ignore,
        .write(
          "test_app.py",
          "import unittest, app\nclass T(unittest.TestCase):\n    def test_it(self): self.assertTrue(app.may)\n"),
      ],
      ours: [.write("app.py", may("user.level > owner.level and not user.banned"))],
      theirs: [.write("app.py", may("bool(user.level > owner.level)"))], commands: Self.unit,
      right: ["app.py": may("bool(user.level > owner.level and not user.banned)")])
    let stage = try await MergeStage(scene)
    #expect(try await stage.resolve { _, edit in stage.answerRight(&edit) }.outcome.reach == .branch, "the control")
    let outcome = try await stage.resolve { _, edit in
      edit.files["app.py"] = may("bool(not user.level > owner.level and user.banned)")
    }.outcome
    #expect(outcome.reach == .beside && concerns(outcome) == ["app.py, line 2: 'not' does not stand where ours has it"])
    // The words of both sides as they have them, and one more.
    let turned = try await stage.resolve { _, edit in
      edit.files["app.py"] = may("not bool(user.level > owner.level and not user.banned)")
    }.outcome
    #expect(turned.reach == .beside && concerns(turned) == ["app.py, line 2: it negates 'bool', which no side does"])
  }

  @Test("Where more places are left than a model is asked about, the report names the number")
  func limit() async throws {
    func functions(_ line: (Int) -> String) -> String {
      (0..<130).map { "def f\($0)(a):\n    x = \($0)\n    y = x\n    return \(line($0))\n\n\n" }.joined()
    }
    let scene = MergeScene(
      name: "many", base: [.write("app.py", functions { "a + \($0)" })],
      ours: [.write("app.py", functions { "a + \($0) + n\($0)(1)" })],
      theirs: [.write("app.py", functions { "abs(a + \($0))" })], commands: ["true"], right: [:])
    let (outcome, tasks) = try await MergeStage(scene).resolve { _, _ in }
    #expect(tasks.isEmpty)
    #expect(
      outcome.reason.contains(
        "app.py is left in any case: the merge leaves 130 places, more than the 120 that a model is asked about"),
      "\(outcome.reason)")
  }
}
