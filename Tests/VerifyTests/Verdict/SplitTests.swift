import Base
import Git
import TestSupport
import Testing

@testable import Verify

@Suite struct SplitTests {
  private func path(_ text: String) throws -> RepositoryPath { try #require(RepositoryPath(text)) }

  private func split(_ name: String, _ old: String?, _ new: String?, command: String = "make test") throws -> PatchSplit
  {
    let place = try path(name)
    let seals = Seals(commands: TestCommands(test: [command], seconds: 1), tests: [], paths: [place]) { path in
      path == place ? old.map { Array($0.utf8) } : nil
    }
    let side = { (text: String?) in text.map { PatchedFile.Side(content: Array($0.utf8)) } }
    return seals.split([PatchedFile(path: place, old: side(old), new: side(new))])
  }

  private func text(_ split: PatchSplit) -> String? {
    split.unsealed.first?.new.map { String(decoding: $0.content, as: UTF8.self) }
  }

  @Test(arguments: [
    ("tests/test_a.py", SealKind.test), ("src/a_test.go", .test), ("a/__tests__/b.js", .test), ("a/b.spec.ts", .test),
    ("Tests/ATests/BTests.swift", .test), ("src/test/java/AIT.java", .test), ("FooTest.java", .test), ("t/a.t", .test),
    ("conftest.py", .runner), ("jest.config.js", .runner), (".mocharc.yml", .runner), ("pytest.ini", .runner),
    ("sitecustomize.py", .runner), (".cargo/config.toml", .runner), ("tests/data/a.json", .testData),
    ("pkg/testdata/x.golden", .testData), ("a/__snapshots__/b.snap", .testData),
    (".github/workflows/a.yml", .protected),
    (".arborist.yml", .protected), (".eslintrc.json", .lint), ("ruff.toml", .lint), (".coveragerc", .lint),
    ("Cargo.lock", .lockFile), ("go.sum", .lockFile),
  ])
  func sealsByPath(_ name: String, _ kind: SealKind) throws {
    let seals = Seals(commands: TestCommands(test: [], seconds: 1), tests: [], paths: []) { _ in nil }
    #expect(seals.kind(of: try path(name)) == kind)
  }

  @Test(arguments: [
    "src/latest.py", "src/contest.js", "src/attestation.go", "lib/inspector.rb", "Sources/TestResults/Reader.swift",
    "src/main.rs", "package.json", "pyproject.toml", "Makefile", "README.md", "src/protest.c", "docs/testing.md",
    "src/abtest.py",
  ])
  func leavesTheProductOpen(_ name: String) throws {
    let seals = Seals(commands: TestCommands(test: [], seconds: 1), tests: [], paths: []) { _ in nil }
    #expect(seals.kind(of: try path(name)) == nil)
  }

  @Test func sealsWhatTheCommandNames() throws {
    let script = try path("ci.sh")
    let product = try path("lib/product.sh")
    let helper = try path("lib/run-tests.sh")
    let texts = [script: "sh lib/product.sh\nsh lib/run-tests.sh\n", product: "true\n", helper: "true\n"]
    let seals = Seals(
      commands: TestCommands(test: ["sh ./ci.sh --all"], seconds: 1), tests: [], paths: [script, product, helper]
    ) { texts[$0].map { Array($0.utf8) } }
    #expect(seals.kind(of: script) == .runner)
    #expect(seals.kind(of: helper) == .runner)
    #expect(seals.kind(of: product) == nil)
  }

  @Test func splitsASourceWithTestsInIt() throws {
    let old =
      "fn a() -> i32 {\n  1\n}\n\n#[cfg(test)]\nmod tests {\n  #[test]\n  fn t() { assert_eq!(super::a(), 2); }\n}\n"
    let fixed = old.replacing("  1\n", with: "  2\n")
    #expect(text(try split("src/lib.rs", old, fixed)) == fixed)
    #expect(try split("src/lib.rs", old, fixed).sealed.isEmpty)

    let both = fixed.replacing("assert_eq!(super::a(), 2)", with: "super::a()")
    let split = try split("src/lib.rs", old, both)
    #expect(text(split) == fixed)
    #expect(split.sealed.map(\.kind) == [.test])
    #expect(!split.keepsSeals)
  }

  @Test func keepsATestModuleThatAPatchTakesAway() throws {
    let old = "fn a() {}\n\n#[cfg(test)]\nmod tests {\n  #[test]\n  fn t() {}\n}\n"
    let split = try split("src/lib.rs", old, "fn a() { b() }\n")
    #expect(text(split)?.contains("mod tests") == true)
    #expect(text(split)?.contains("b()") == true)
    #expect(split.sealed.first?.summary == "deleted")
  }

  @Test func splitsManifestsAtTheirKeysAndSections() throws {
    let json = "{\n  \"name\": \"a\",\n  \"scripts\": { \"test\": \"jest\" },\n  \"version\": \"1\"\n}\n"
    let changed = json.replacing("\"jest\"", with: "\"true\"").replacing("\"1\"", with: "\"2\"")
    #expect(text(try split("package.json", json, changed)) == json.replacing("\"1\"", with: "\"2\""))
    #expect(try split("package.json", json, changed).sealed.map(\.part) == ["\"scripts\""])

    let toml = "[project]\nname = \"a\"\n\n[tool.pytest.ini_options]\naddopts = \"-q\"\n\n[tool.other]\nx = 1\n"
    let weaker = toml.replacing("-q", with: "--deselect a").replacing("x = 1", with: "x = 2")
    #expect(text(try split("pyproject.toml", toml, weaker)) == toml.replacing("x = 1", with: "x = 2"))
  }

  @Test func splitsAMakefileAtItsTests() throws {
    let old = "CC = cc\nRUN = sh\n\nall: a\n\na: a.c\n\t$(CC) -o a a.c\n\ntest: a\n\t$(RUN) t.sh\n"
    let new = old.replacing("-o a a.c", with: "-Wall -o a a.c").replacing("$(RUN) t.sh", with: "-$(RUN) t.sh")
    #expect(text(try split("Makefile", old, new)) == old.replacing("-o a a.c", with: "-Wall -o a a.c"))
    #expect(try split("Makefile", old, old.replacing("RUN = sh", with: "RUN = true")).unsealed.isEmpty)
    #expect(text(try split("Makefile", old, old + "\ntest:\n\t@true\n")) == old + "\n")
    #expect(try split("Makefile", old, old.replacing("CC = cc", with: "CC = gcc")).sealed.isEmpty)
  }

  private static let python = "class T(TestCase):\n    def test_a(self):\n        x = f()\n        self.assertTrue(x)\n"

  @Test(arguments: [
    python + "\n    def test_b(self):\n        self.assertFalse(f())\n",
    python + "\n\nclass U(TestCase):\n    def setUp(self):\n        pass\n",
    "import os\n" + python,
    python.replacing(
      "        self.assertTrue(x)\n", with: "        self.assertTrue(x)\n        self.assertEqual(x, 1)\n"),
    python.replacing(
      "class T(TestCase):\n", with: "class T(TestCase):\n    def test_0(self):\n        self.assertTrue(1)\n\n"),
    python + "\n    def test_skips_blanks(self):\n        self.assertFalse(f())\n",
  ])
  func knowsWhatOnlyAddsTests(_ new: String) throws {
    let split = try split("tests/test_a.py", Self.python, new)
    #expect(split.sealed.map(\.addsOnly) == [true])
    #expect(split.unsealed.isEmpty)
  }

  @Test(arguments: [
    python.replacing("        x = f()\n", with: "        return\n        x = f()\n"),
    python.replacing("    def test_a", with: "    @unittest.skip('x')\n    def test_a"),
    python.replacing(
      "        self.assertTrue(x)\n", with: "\n    def test_b(self):\n        x = 1\n        self.assertTrue(x)\n"),
    python + "\n    def test_a(self):\n        pass\n",
    python + "\n\nclass T(TestCase):\n    def test_b(self):\n        pass\n",
    python + "\n    def setUp(self):\n        self.skipTest('x')\n",
    python + "\n    def run(self, result=None):\n        pass\n",
    python + "\nunittest.TestCase.assertTrue = print\n",
    python + "\n    test_a = None\n",
    python + "\ndef load_tests(*a):\n    return None\n",
    python.replacing(
      "        self.assertTrue(x)\n",
      with: "        self.assertTrue(setattr(self, 'assertTrue', print) or 1)\n        self.assertTrue(x)\n"),
    python.replacing("assertTrue(x)", with: "assertTrue(1)"),
  ])
  func knowsWhatDoesMoreThanAddTests(_ new: String) throws {
    let split = try split("tests/test_a.py", Self.python, new)
    #expect(split.sealed.map(\.addsOnly) == [false], "\(new)")
  }

  @Test func doesNotTakeAHookForATest() throws {
    #expect(
      try split("pkg/a_test.go", nil, "package a\n\nfunc TestMain(m *testing.M) { }\n").sealed.map(\.addsOnly) == [
        false
      ])
    #expect(
      try split("pkg/a_test.go", nil, "package a\n\nfunc TestA(t *testing.T) { }\n").sealed.map(\.addsOnly) == [true])
    #expect(try split("conftest.py", nil, "x = 1\n").sealed.map(\.addsOnly) == [false])
    #expect(try split("tests/a.test.js", nil, "test.only('a', () => {});\n").sealed.map(\.addsOnly) == [false])
  }
}
