import Testing

@testable import Merging

@Suite("imports") struct ImportSetTests {
  let resolver = ImportSet()

  @Test(
    "keeps what both sides added, in order where the imports are sorted",
    arguments: [
      (
        "A.java", "import a.A;\nimport a.M;\n", "import a.A;\nimport a.B;\nimport a.M;\n",
        "import a.A;\nimport a.C;\nimport a.M;\n", "import a.A;\nimport a.B;\nimport a.C;\nimport a.M;\n"
      ),
      (
        "a.kt", "import a.A\nimport a.M\n", "import a.A\nimport a.C\nimport a.M\n",
        "import a.A\nimport a.B\nimport a.M\n", "import a.A\nimport a.B\nimport a.C\nimport a.M\n"
      ),
      (
        "a.swift", "import A\nimport M\n", "import A\n@testable import C\nimport M\n", "import A\nimport B\nimport M\n",
        "import A\nimport B\n@testable import C\nimport M\n"
      ),
      (
        "a.rs", "use a::A;\nuse a::M;\n", "use a::A;\nuse a::B;\nuse a::M;\n", "use a::A;\nuse a::C;\nuse a::M;\n",
        "use a::A;\nuse a::B;\nuse a::C;\nuse a::M;\n"
      ),
      (
        "a.cs", "using A;\nusing M;\n", "using A;\nusing B;\nusing M;\n", "using A;\nusing C;\nusing M;\n",
        "using A;\nusing B;\nusing C;\nusing M;\n"
      ),
      (
        "a.php", "use A\\A;\nuse A\\M;\n", "use A\\A;\nuse A\\B;\nuse A\\M;\n", "use A\\A;\nuse A\\C;\nuse A\\M;\n",
        "use A\\A;\nuse A\\B;\nuse A\\C;\nuse A\\M;\n"
      ),
      (
        "a.dart", "import 'a.dart';\nimport 'm.dart';\n", "import 'a.dart';\nimport 'b.dart';\nimport 'm.dart';\n",
        "import 'a.dart';\nimport 'c.dart';\nimport 'm.dart';\n",
        "import 'a.dart';\nimport 'b.dart';\nimport 'c.dart';\nimport 'm.dart';\n"
      ),
      (
        "a.py", "import os\nfrom m import x\n", "import os\nimport re\nfrom m import x\n",
        "import os\nfrom c import y\nfrom m import x\n", "import os\nimport re\nfrom c import y\nfrom m import x\n"
      ),
    ]
  )
  func sorted(path: String, base: String, ours: String, theirs: String, merged: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs)
    #expect(fixture.resolved(by: resolver) == merged)
    #expect(fixture.swapped.resolved(by: resolver) == merged)
  }

  @Test("keeps our order, and puts theirs behind the neighbour that it follows, where nothing is sorted")
  func unsorted() {
    let fixture = ConflictFixture(
      "a.ts",
      base: "import z from 'z';\nimport a from 'a';\n",
      ours: "import z from 'z';\nimport y from 'y';\nimport a from 'a';\n",
      theirs: "import z from 'z';\nimport q from 'q';\nimport a from 'a';\n"
    )
    let merged = "import z from 'z';\nimport y from 'y';\nimport q from 'q';\nimport a from 'a';\n"
    #expect(fixture.resolved(by: resolver) == merged)
    #expect(
      fixture.resolution(by: resolver)?.reason
        == "all lines are imports, merged as a set: ours adds 1, theirs adds 1"
    )
  }

  @Test("a change to one import stays in its place")
  func inPlace() {
    let fixture = ConflictFixture(
      "a.ts",
      base: "import { b, c } from 'z';\nimport a from 'a';\n",
      ours: "import { b, c } from 'z';\nimport a, { d } from 'a';\n",
      theirs: "import { b } from 'z';\nimport a from 'a';\n"
    )
    #expect(fixture.resolved(by: resolver) == "import { b } from 'z';\nimport a, { d } from 'a';\n")
  }

  @Test("drops what either side removed")
  func removed() {
    let fixture = ConflictFixture(
      "A.java",
      base: "import a.A;\nimport a.B;\n",
      ours: "import a.B;\n",
      theirs: "import a.A;\nimport a.B;\nimport a.C;\n"
    )
    #expect(fixture.resolved(by: resolver) == "import a.B;\nimport a.C;\n")
    #expect(fixture.swapped.resolved(by: resolver) == "import a.B;\nimport a.C;\n")
  }

  @Test("merges the names of one module")
  func names() {
    let python = ConflictFixture(
      "a.py",
      base: "from x import a\n",
      ours: "from x import a, b\n",
      theirs: "from x import a, c\n"
    )
    #expect(python.resolved(by: resolver) == "from x import a, b, c\n")
    let script = ConflictFixture(
      "a.js",
      base: "import { a, b } from 'x';\n",
      ours: "import { a, b, d } from 'x';\n",
      theirs: "import { a, c } from 'x';\n"
    )
    #expect(script.resolved(by: resolver) == "import { a, c, d } from 'x';\n")
    let rust = ConflictFixture(
      "a.rs",
      base: "use x::{a, m};\n",
      ours: "use x::{a, b, m};\n",
      theirs: "use x::{a, c, m};\n"
    )
    #expect(rust.resolved(by: resolver) == "use x::{a, b, c, m};\n")
  }

  @Test(
    "abstains",
    arguments: [
      // The same thing in two ways.
      ("a.py", "import a\n", "import a as b\n", "import a as c\n"),
      ("a.js", "import a from 'x';\n", "import * as a from 'x';\n", "import { a } from 'x';\n"),
      ("a.py", "from x import a\n", "from x import *\n", "from x import a, b\n"),
      // A name that would be there twice.
      ("A.java", "", "import a.List;\n", "import b.List;\n"),
      ("a.js", "", "import x from 'a';\n", "const x = require('b');\n"),
      // One side removed what the other changed.
      ("a.py", "from x import a\n", "", "from x import a, b\n"),
      ("a.js", "import s from 's';\n", "", "import { t } from 's';\n"),
      ("a.ts", "import { a } from '$root/a.js';\n", "", "import { a } from '../../a.js';\n"),
      // A change of every path, which the added import would have to follow.
      (
        "a.ts", "import { a } from './a';\n", "import { a } from './a.js';\n",
        "import { a } from './a';\nimport { b } from './b';\n"
      ),
      (
        "a.ts", "import { a } from './a';\n", "import { a } from '../../a';\n",
        "import { a } from './a';\nimport { b } from './b';\n"
      ),
      ("a.rb", "require 'a'\n", "require_relative 'a'\n", "require 'a'\nrequire 'b'\n"),
      // A whole module that one side dropped.
      ("a.swift", "import Core\n", "", "import Bits\nimport Core\n"),
      // Lines that are no imports, or hold more than one.
      ("a.py", "import a\n", "import a\nx = 1\n", "import a\nimport b\n"),
      ("a.py", "import a\n", "import a  # for x\n", "import a\nimport b\n"),
      ("A.java", "import a.A;\n", "import a.A; import a.B;\n", "import a.A;\nimport a.C;\n"),
      ("a.cs", "using (var a = b) {\n", "using (var a = c) {\n", "using (var a = d) {\n"),
      ("a.rs", "mod a;\n", "mod a;\nmod b;\n", "mod a;\nmod c;\n"),
      ("a.php", "  use SomeTrait;\n", "  use SomeTrait;\n  use B;\n", "  use SomeTrait;\n  use C;\n"),
      // Different scopes.
      ("a.py", "import a\n", "import a\nimport b\n", "import a\n    import c\n"),
      // An unknown language.
      ("a.txt", "import a\n", "import a\nimport b\n", "import a\nimport c\n"),
      // An order that carries meaning, turned by one side.
      (
        "a.c", "#include \"a.h\"\n#include \"b.h\"\n", "#include \"b.h\"\n#include \"a.h\"\n#include \"c.h\"\n",
        "#include \"a.h\"\n#include \"b.h\"\n#include \"d.h\"\n"
      ),
    ]
  )
  func abstains(path: String, base: String, ours: String, theirs: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs)
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }

  @Test(
    "resolves what is like the conflicts above but for the reason to abstain",
    arguments: [
      ("A.java", "", "import a.List;\n", "import b.Map;\n", "import a.List;\nimport b.Map;\n"),
      (
        "a.ts", "import { a } from './a';\n", "import { a } from './a.js';\n",
        "import { a } from './a';\nimport { b } from './b.js';\n",
        "import { a } from './a.js';\nimport { b } from './b.js';\n"
      ),
      (
        "a.rb", "require 'a'\n", "require 'a'\nrequire 'c'\n", "require 'a'\nrequire 'b'\n",
        "require 'a'\nrequire 'c'\nrequire 'b'\n"
      ),
      (
        "a.swift", "import Core\n", "import Core\nimport Data\n", "import Bits\nimport Core\n",
        "import Bits\nimport Core\nimport Data\n"
      ),
      ("a.php", "use A;\n", "use A;\nuse B;\n", "use A;\nuse C;\n", "use A;\nuse B;\nuse C;\n"),
      (
        "a.c", "#include \"a.h\"\n#include \"b.h\"\n", "#include \"a.h\"\n#include \"b.h\"\n#include \"c.h\"\n",
        "#include \"a.h\"\n#include \"b.h\"\n#include \"d.h\"\n",
        "#include \"a.h\"\n#include \"b.h\"\n#include \"c.h\"\n#include \"d.h\"\n"
      ),
    ]
  )
  func controls(path: String, base: String, ours: String, theirs: String, merged: String) {
    #expect(ConflictFixture(path, base: base, ours: ours, theirs: theirs).resolved(by: resolver) == merged)
  }

  @Test("takes Go's imports within their block alone")
  func goBlock() {
    let sides = (base: "\t\"a\"\n\t\"m\"\n", ours: "\t\"a\"\n\t\"b\"\n\t\"m\"\n", theirs: "\t\"a\"\n\t\"c\"\n\t\"m\"\n")
    let block = ConflictFixture(
      "a.go",
      base: sides.base,
      ours: sides.ours,
      theirs: sides.theirs,
      before: "package x\n\nimport (\n",
      after: ")\n\nvar y = a.b(c.m)\n"
    )
    #expect(block.resolved(by: resolver) == "\t\"a\"\n\t\"b\"\n\t\"c\"\n\t\"m\"\n")
    let list = ConflictFixture(
      "a.go",
      base: sides.base,
      ours: sides.ours,
      theirs: sides.theirs,
      before: "var x = f(\n",
      after: ")\n"
    )
    #expect(list.resolved(by: resolver) == nil)
  }

  @Test("abstains where the other side has the import elsewhere in its file")
  func elsewhere() {
    let fixture = ConflictFixture(
      "A.java",
      base: "",
      ours: "import a.B;\n",
      theirs: "import a.C;\n",
      after: "\nimport a.D;\n"
    )
    #expect(fixture.resolved(by: resolver) == "import a.B;\nimport a.C;\n")
    let twice = ConflictFixture(
      "A.java",
      base: "",
      ours: "import a.B;\n",
      theirs: "import a.C;\n",
      after: "\nimport a.C;\n"
    )
    #expect(twice.resolved(by: resolver) == nil)
  }

  @Test("abstains where one side removed what the other side's new code uses")
  func removedButUsed() {
    var fixture = ConflictFixture(
      "A.java",
      base: "import a.A;\nimport a.Set;\n",
      ours: "import a.A;\nimport a.B;\n",
      theirs: "import a.A;\nimport a.Set;\nimport a.Z;\n"
    )
    #expect(fixture.resolved(by: resolver) == "import a.A;\nimport a.B;\nimport a.Z;\n")
    fixture.context = ResolverContext(
      path: fixture.context.path, base: fixture.context.base, ours: fixture.context.ours,
      theirs: fixture.context.theirs + Array("Set<A> all;\n".utf8))
    #expect(fixture.resolved(by: resolver) == nil)
  }

  @Test(
    "takes what a side added only where the merged file uses it",
    arguments: [
      ("use(B.a); use(C.a);\n", "use(B.a); use(C.a);\n", "use(B.a); use(C.a);\n", true),
      ("x();\n", "use(B.a);\n", "x();\n", true),
      ("x();\n", "use(B.a);\n", "y();\n", false),
      ("use(C.a);\nx();\n", "use(C.a);\nx();\n", "x();\n", false),
      ("x();\n", "y();\n", "z();\n", false),
    ])
  func usedAdditions(base: String, ours: String, theirs: String, acts: Bool) {
    var fixture = ConflictFixture(
      "A.java", base: "import a.A;\n", ours: "import a.A;\nimport a.B;\n", theirs: "import a.A;\nimport a.C;\n")
    func file(_ head: [UInt8], _ tail: String, _ use: String) -> [UInt8] {
      head + Array(("\n" + tail + "1;\n2;\n3;\n4;\n5;\n" + use).utf8)
    }
    // What theirs added is used where ours did not touch it; what ours added is used as the arguments say.
    fixture.context = ResolverContext(
      path: fixture.context.path,
      base: file(fixture.context.base, base, "f\n"),
      ours: file(fixture.context.ours, ours, "f\n"),
      theirs: file(fixture.context.theirs, theirs, "C.f\n")
    )
    let merged = "import a.A;\nimport a.B;\nimport a.C;\n"
    #expect(fixture.resolved(by: resolver) == (acts ? merged : nil))
    #expect(fixture.swapped.resolved(by: resolver) == (acts ? "import a.A;\nimport a.C;\nimport a.B;\n" : nil))
  }

  @Test("abstains where one side moved an import to another place in the file")
  func movedImport() {
    func fixture(_ moved: String) -> ConflictFixture {
      var fixture = ConflictFixture(
        "A.java",
        base: "import a.A;\nimport a.S;\n",
        ours: "import a.A;\n",
        theirs: "import a.A;\nimport a.S;\nimport a.T;\n"
      )
      fixture.context = ResolverContext(
        path: fixture.context.path,
        base: fixture.context.base + Array("\nclass X { T t; }\n".utf8),
        ours: fixture.context.ours + Array("\n\(moved)class X { T t; }\n".utf8),
        theirs: fixture.context.theirs + Array("\nclass X { T t; }\n".utf8)
      )
      return fixture
    }
    #expect(fixture("import a.S;\n").resolved(by: resolver) == nil)
    #expect(fixture("import a.S;\n").swapped.resolved(by: resolver) == nil)
    #expect(fixture("import a.R;\n").resolved(by: resolver) == "import a.A;\nimport a.T;\n")
  }

  @Test(
    "abstains where the sides import a thing and a part of it",
    arguments: [
      ("a.php", "use N\\T;\n", "use N\\T\\A;\n", "T A"), ("A.java", "import n.t.*;\n", "import n.t.A;\n", "A"),
      ("a.py", "from n import t\n", "from n.t import A\n", "t A"),
    ]
  )
  func partOfOther(path: String, whole: String, part: String, uses: String) {
    let fixture = ConflictFixture(path, base: "", ours: whole, theirs: part, after: "\nx(\(uses));\n")
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
    let elsewhere = part.replacing("n.", with: "m.").replacing("N\\", with: "M\\")
    let apart = ConflictFixture(
      path, base: "", ours: whole, theirs: elsewhere, after: "\nx(\(uses));\n")
    #expect(apart.resolved(by: resolver) == whole + elsewhere)
  }

  @Test(
    "abstains where headers moved",
    arguments: [
      // The same header, in two ways.
      ("", "#include \"a.h\"\n", "#include \"io/a.h\"\n"),
      // One side gave headers their directories, and the other added one without.
      ("#include \"a.h\"\n", "#include \"a.h\"\n#include \"b.h\"\n", "#include \"io/a.h\"\n"),
      // One side took all of them away.
      ("#include \"a.h\"\n", "#include \"a.h\"\n#include \"b.h\"\n", ""),
    ]
  )
  func movedHeaders(base: String, ours: String, theirs: String) {
    let fixture = ConflictFixture("a.cc", base: base, ours: ours, theirs: theirs)
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }

  @Test("takes headers that both sides added beside one that a side removed")
  func addedHeaders() {
    let fixture = ConflictFixture(
      "a.cc",
      base: "#include \"a.h\"\n#include \"k.h\"\n",
      ours: "#include \"a.h\"\n#include \"k.h\"\n#include \"b.h\"\n",
      theirs: "#include \"k.h\"\n#include \"io/c.h\"\n"
    )
    #expect(fixture.resolved(by: resolver) == "#include \"k.h\"\n#include \"b.h\"\n#include \"io/c.h\"\n")
  }

  @Test("keeps groups that blank lines part")
  func groups() {
    let fixture = ConflictFixture(
      "a.py",
      base: "import os\n\nfrom m import x\n",
      ours: "import os\nimport re\n\nfrom m import x\n",
      theirs: "import os\n\nfrom m import x\nfrom n import y\n"
    )
    #expect(fixture.resolved(by: resolver) == "import os\nimport re\n\nfrom m import x\nfrom n import y\n")
    let newGroup = ConflictFixture(
      "a.py",
      base: "import os\n",
      ours: "import os\nimport re\n",
      theirs: "import os\n\nfrom n import y\n"
    )
    #expect(newGroup.resolved(by: resolver) == nil)
  }

  @Test("abstains within a literal that spans lines")
  func withinText() {
    let sides = (base: "import a\n", ours: "import a\nimport b\n", theirs: "import a\nimport c\n")
    let within = ConflictFixture(
      "a.py",
      base: sides.base,
      ours: sides.ours,
      theirs: sides.theirs,
      before: "x = \"\"\"\n",
      after: "\"\"\"\n"
    )
    #expect(within.resolved(by: resolver) == nil)
    let code = ConflictFixture(
      "a.py", base: sides.base, ours: sides.ours, theirs: sides.theirs, before: "a = b = c = \"\"\n")
    #expect(code.resolved(by: resolver) == "import a\nimport b\nimport c\n")
  }

  @Test("writes line endings as ours has them, and never glues two lines together")
  func lineEndings() {
    let windows = ConflictFixture(
      "a.py",
      base: "import a\r\n",
      ours: "import a\r\nimport b\r\n",
      theirs: "import a\nimport c\n"
    )
    #expect(windows.resolved(by: resolver) == "import a\r\nimport b\r\nimport c\r\n")
    let unfinished = ConflictFixture("a.py", base: "import a", ours: "import a\nimport b", theirs: "import a\nimport c")
    #expect(unfinished.resolved(by: resolver) == nil)
  }

  @Test("abstains from bytes that are not UTF-8")
  func invalidBytes() {
    let line = Array("import ".utf8)
    let odd = ConflictFixture(
      "a.py",
      base: line + [0x61, 0x0A],
      ours: line + [0xFF, 0x0A],
      theirs: line + [0x62, 0x0A]
    )
    #expect(odd.resolution(by: resolver) == nil)
    let plain = ConflictFixture("a.py", base: "", ours: "import c\n", theirs: "import b\n")
    #expect(plain.resolved(by: resolver) == "import c\nimport b\n")
  }
}
