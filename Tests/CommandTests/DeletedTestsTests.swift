import TestSupport
import Testing

/// What `arborist fix` says of tests that the branch takes away; what is gone cannot fail.
@Suite("A branch that deletes tests")
struct DeletedTestsTests {
  private static func check(_ tests: String) -> TestRepository.Change {
    let head = "import unittest\nfrom calc import add\n\n\nclass Calc(unittest.TestCase):\n"
    return .write("test_calc.py", head + tests)
  }
  private static let add = "    def test_add(self):\n        self.assertEqual(add(1, 2), 3)\n\n"
  private static let zero = "    def test_zero(self):\n        self.assertEqual(add(0, 0), 0)\n\n"
  private static let command = "python3 -B -m unittest discover -v"

  @Test("is told what it takes away, though nothing fails")
  func green() async throws {
    let cases: [([TestRepository.Change], String)] = [
      ([Self.check(Self.add)], "the branch deletes tests: test_zero of 'test_calc.py'"),
      ([.remove("test_calc.py")], "the branch deletes tests: 'test_calc.py' with test_add, test_zero"),
      // A new file of tests is no excuse for another's.
      (
        [.remove("test_calc.py"), .write("test_new.py", "import unittest\n")],
        "the branch deletes tests: 'test_calc.py' with test_add, test_zero"
      ),
    ]
    for (changes, note) in cases {
      let setting = try FixSetting(branch: changes)
      let answer = try await setting.fix(command: Self.command, isModelAsked: false)
      #expect(answer.status == 0 && answer.outcome == "nothing_to_fix" && answer.number("testRuns") == 1, "\(answer)")
      #expect(answer.list("notes").count { $0 == note } == 1, "\(answer)")
      let text = try await setting.run("fix", "--branch", "feature", "--no-model", "--test", Self.command)
      #expect(text.text.contains("  \(note)\n"), "\(text.text)")
    }
  }

  @Test("is told by the names of the runner where the base was run, and not where a test has moved or could not run")
  func red() async throws {
    let bad = TestRepository.Change.write("calc.py", FixSetting.bad)
    let setting = try FixSetting(branch: [bad, Self.check(Self.add)])
    let answer = try await setting.fix(command: Self.command, isModelAsked: false)
    #expect(answer.outcome == "not_fixed", "\(answer)")
    let notes = answer.list("notes").filter { $0.hasPrefix("the branch deletes tests") }
    #expect(
      notes == [
        "the branch deletes tests: test_zero of 'test_calc.py'; 1 test that ran at main is gone at the head: "
          + "'test_calc > Calc > test_zero'"
      ])
    for changes in [
      [bad], [bad, Self.check(Self.zero + Self.add)],
      [bad, .remove("test_calc.py"), .write("test_sum.py", FixSetting.check)],
      [.write("calc.py", "def add(a, b:\n"), Self.check(Self.add + Self.zero + "    x = 1\n")],
    ] {
      let control = try FixSetting(branch: changes)
      let other = try await control.fix(command: Self.command, isModelAsked: false)
      #expect(!other.list("notes").contains { $0.contains("deletes tests") }, "\(other)")
    }
  }

  @Test("is told nothing where tests are only changed, or moved")
  func kept() async throws {
    for changes in [
      [TestRepository.Change.write("more.py", "more = 1\n")],
      [Self.check(Self.zero + Self.add)],
      [.remove("test_calc.py"), .write("test_sum.py", FixSetting.check)],
    ] {
      let setting = try FixSetting(branch: changes)
      let answer = try await setting.fix(command: Self.command, isModelAsked: false)
      #expect(answer.outcome == "nothing_to_fix" && answer.list("notes").isEmpty, "\(answer)")
    }
  }
}
