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
    ("Cargo.lock", .lockFile), ("go.sum", .lockFile), ("vite.config.ts", .runner), ("Taskfile.yml", .runner),
    ("go.work", .runner), ("pnpm-workspace.yaml", .runner),
  ])
  func sealsByPath(_ name: String, _ kind: SealKind) throws {
    let seals = Seals(commands: TestCommands(test: [], seconds: 1), tests: [], paths: []) { _ in nil }
    #expect(seals.kind(of: try path(name)) == kind)
  }

  @Test(arguments: [
    "src/latest.py", "src/contest.js", "src/attestation.go", "lib/inspector.rb", "Sources/TestResults/Reader.swift",
    "src/main.rs", "package.json", "pyproject.toml", "Makefile", "README.md", "src/protest.c", "docs/testing.md",
    "src/abtest.py", "go.mod", "b/go.mod", "justfile", "src/tasks.yml",
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
    #expect(split.sealed.map(\.addsOnly) == [false])
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

  private func kinds(
    _ command: String, _ texts: [String: String], of names: String...
  ) throws -> [SealKind?] {
    let files = try Dictionary(uniqueKeysWithValues: texts.map { (try path($0.key), Array($0.value.utf8)) })
    let seals = Seals(
      commands: TestCommands(test: [command], seconds: 1), tests: [], paths: files.keys.sorted(), read: { files[$0] })
    return try names.map { seals.kind(of: try path($0)) }
  }

  @Test(arguments: [
    ("make test", "Makefile", "all:\n\tsh build.sh\n\ntest: check-all\n\ncheck-all:\n\t@sh scripts/all.sh\n"),
    ("just test", "justfile", "test *args:\n    sh scripts/all.sh\n\nbuild:\n    sh build.sh\n"),
    ("npm test", "package.json", "{\"scripts\": {\"test\": \"npm run units\", \"units\": \"sh scripts/all.sh\"}}"),
    ("composer test", "composer.json", "{\"scripts\": {\"test\": [\"sh scripts/all.sh\"]}}"),
    ("tox -q", "tox.ini", "[testenv]\ncommands =\n    sh scripts/all.sh\n"),
  ])
  func sealsWhatARecipeNames(_ command: String, _ manifest: String, _ text: String) throws {
    let files = [manifest: text, "scripts/all.sh": "true\n", "build.sh": "true\n"]
    #expect(try kinds(command, files, of: "scripts/all.sh", "build.sh") == [.runner, nil])
    #expect(try kinds("true", files, of: "scripts/all.sh") == [nil])
  }

  /// A program whose output is looked at is what is tested.
  @Test func leavesOpenWhatARecipeTests() throws {
    let recipe = "test:\n\tsh mul.sh 2 3 | grep -q 6\n\tnode tool.js\n\tnode all.js\n"
    let files = [
      "Makefile": recipe, "mul.sh": "echo 6\n", "tool.js": "console.log(1);\n",
      "all.js": "const assert = require('assert');\nassert(1);\n",
    ]
    #expect(try kinds("make test", files, of: "mul.sh", "tool.js", "all.js") == [nil, nil, .runner])
  }

  private static let companions = [
    "calc.py": "def mean(values):\n    assert values\n    return 0\n",
    "checks.py": "def same(a, b):\n    assert a == b\n", "cases.json": "[]\n", "data/rates.csv": "1\n",
    "test_calc.py":
      "import json\nfrom calc import mean\nfrom checks import same\njson.load(open('cases.json'))\nopen('data/rates.csv')\n",
  ]

  @Test func sealsWhatOnlyTheTestsUse() throws {
    let names = ["cases.json", "data/rates.csv", "checks.py", "calc.py"]
    func found(_ product: String) throws -> [SealKind?] {
      var files = Self.companions
      files["app.py"] = product
      return try kinds("pytest", files, of: names[0], names[1], names[2], names[3])
    }
    #expect(try found("") == [.testData, .testData, .test, nil])
    // The controls: the product may need each of them as well.
    #expect(try found("open('cases.json')\n") == [nil, .testData, .test, nil])
    #expect(try found("import glob\nglob.glob('data/*')\n") == [.testData, nil, .test, nil])
    #expect(try found("from checks import same\n") == [.testData, .testData, nil, nil])
  }

  /// What is a part of a package may be loaded by whoever uses it.
  @Test(arguments: [true, false]) func leavesAModuleOfAPackageOpen(isPackage: Bool) throws {
    var files = [
      "kit/checks.py": "def same(a, b):\n    assert a == b\n",
      "test_kit.py": "from kit.checks import same\nsame(1, 1)\n",
    ]
    if isPackage { files["kit/__init__.py"] = "" }
    #expect(try kinds("pytest", files, of: "kit/checks.py") == [isPackage ? nil : .test])
  }

  @Test func sealsAModuleThatTakesItsFilesOutOfAnother() throws {
    let inner = try path("b/go.mod")
    let text = Array("module example.org/m/b\n".utf8)
    for outer in ["go.mod", "c/go.mod"] {
      let seals = Seals(commands: TestCommands(test: [], seconds: 1), tests: [], paths: [try path(outer)]) { _ in nil }
      let split = seals.split([PatchedFile(path: inner, old: nil, new: .init(content: text))])
      #expect(split.sealed.map(\.kind) == (outer == "go.mod" ? [.runner] : []))
    }
  }

  @Test func sealsTheMembersOfAWorkspace() throws {
    let old = "[workspace]\nmembers = [\n  \"a\",\n  \"b\",\n]\n\n[workspace.dependencies]\nc = \"1\"\n"
    let new = old.replacing("  \"b\",\n", with: "").replacing("c = \"1\"", with: "c = \"2\"")
    #expect(text(try split("Cargo.toml", old, new)) == old.replacing("c = \"1\"", with: "c = \"2\""))
    let json = "{\"workspaces\": [\"a\", \"b\"], \"version\": \"1\"}\n"
    #expect(try split("package.json", json, json.replacing(", \"b\"", with: "")).sealed.map(\.kind) == [.runner])
    #expect(try split("package.json", json, json.replacing("\"1\"", with: "\"2\"")).sealed.isEmpty)
  }

  @Test(arguments: [
    (
      "a_test.py",
      "import os\nfrom unittest import TestCase as Base\n\nLIMIT = 3\n\n\nclass T(Base):\n    def test_a(self):\n        self.x = 1\n\n\nif __name__ == \"__main__\":\n    unittest.main()\n"
    ),
    (
      "a_test.py",
      "import pytest\n\n\n@pytest.mark.parametrize(\n    \"a\", [1, 2]\n)\ndef test_a(a):\n    response = get()\n    response.status = 3\n    assert a\n"
    ),
    (
      "a.test.js",
      "import { a } from './a.js';\nconst b = require('b');\n\ndescribe('a', () => {\n  it('b', () => { a(); });\n});\n"
    ),
  ])
  func takesANewFileThatOnlyDeclares(_ name: String, _ text: String) throws {
    #expect(try split(name, nil, text).sealed.map(\.addsOnly) == [true])
  }

  @Test(arguments: [
    ("a_test.py", "from unittest import TestCase as Base\n\nBase.assertEqual = print\n"),
    ("a_test.py", "import calc\n\n\ndef test_a():\n    calc.mean = len\n"),
    ("a_test.py", "import calc\n\nmodule = calc\n\n\ndef test_a():\n    module.mean: object = len\n"),
    ("a_test.py", "import calc\n\n\ndef test_a():\n    setattr(calc, 'mean', len)\n"),
    ("a_test.py", "def test_a(self):\n    self.__class__.assertEqual = print\n"),
    ("a_test.py", "for name in []:\n    print(name)\n"),
    ("a_test.py", "install()\n"),
    ("a.test.js", "const assert = require('assert');\ntest('a', () => { });\nassert.equal = () => {};\n"),
    ("a.test.js", "import * as all from './all.js';\nObject.assign(all, {});\n"),
  ])
  func knowsANewFileThatDoesMoreThanDeclare(_ name: String, _ text: String) throws {
    #expect(try split(name, nil, text).sealed.map(\.addsOnly) == [false], "\(text)")
  }
}
