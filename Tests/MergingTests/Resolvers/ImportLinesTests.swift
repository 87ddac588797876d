import Testing

@testable import Merging

@Suite("imports over several lines") struct ImportLinesTests {
  let resolver = ImportSet()

  @Test(
    "merges names of which each has a line",
    arguments: [
      (
        "a.py", "from x import (\n    a,\n    c,\n)\n", "from x import (\n    a,\n    b,\n    c,\n)\n",
        "from x import (\n    a,\n    c,\n    d,\n)\n", "from x import (\n    a,\n    b,\n    c,\n    d,\n)\n"
      ),
      // One side alone spread them over lines.
      (
        "a.py", "from x import a, c\n", "from x import (\n    a,\n    b,\n    c\n)\n", "from x import a, c, d\n",
        "from x import (\n    a,\n    b,\n    c,\n    d\n)\n"
      ),
      (
        "a.ts", "import { a, c } from './x';\n", "import {\n  a,\n  b,\n  c,\n} from './x';\n",
        "import { c } from './x';\n", "import {\n  b,\n  c,\n} from './x';\n"
      ),
      (
        "a.rs", "use x::{a, c};\n", "use x::{\n    a,\n    b,\n    c,\n};\n", "use x::{a, c, d};\n",
        "use x::{\n    a,\n    b,\n    c,\n    d,\n};\n"
      ),
    ]
  )
  func names(path: String, base: String, ours: String, theirs: String, merged: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs)
    #expect(fixture.resolved(by: resolver) == merged)
    #expect(fixture.swapped.resolved(by: resolver) == merged)
  }

  @Test("takes them among other imports, in the layout that a side gave them")
  func amongOthers() {
    let spread = "from m import (\n    a,\n    b,\n)\n"
    let added = ConflictFixture(
      "a.py", base: "from m import a\n", ours: spread, theirs: "from c import x\nfrom m import a\n",
      before: "from a import y\nfrom b import z\n")
    #expect(added.resolved(by: resolver) == "from c import x\n" + spread)
    #expect(added.swapped.resolved(by: resolver) == "from c import x\n" + spread)
    let laidOut = ConflictFixture(
      "a.py", base: "from m import a, b\n", ours: "from m import a, b\nfrom n import c\n", theirs: spread)
    #expect(laidOut.resolved(by: resolver) == spread + "from n import c\n")
    #expect(laidOut.swapped.resolved(by: resolver) == spread + "from n import c\n")
  }

  @Test(
    "abstains",
    arguments: [
      // Several names on a line, in lists that both changed.
      (
        "a.py", "from x import (\n    a, c,\n    e,\n)\n", "from x import (\n    a, b, c,\n    e,\n)\n",
        "from x import (\n    a, c,\n    d, e,\n)\n"
      ),
      // A comment among the names.
      (
        "a.py", "from x import (\n    a,\n)\n", "from x import (\n    a,\n    b,  # for c\n)\n",
        "from x import (\n    a,\n    c,\n)\n"
      ),
      // A list that does not end, and one that is none.
      ("a.py", "import a\n", "from x import (\n    a,\n", "import a\nimport b\n"),
      ("a.js", "import a from 'a';\n", "const x = {\n  a,\n};\n", "import b from 'b';\n"),
      // Groups of a path, which are no names.
      ("a.rs", "use a::b;\n", "use a::{\n    b::{c, d},\n    e,\n};\n", "use a::b;\nuse c::d;\n"),
    ]
  )
  func abstains(path: String, base: String, ours: String, theirs: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs)
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }

  @Test("does not mix line endings within one")
  func lineEndings() {
    func fixture(_ ending: String) -> ConflictFixture {
      ConflictFixture(
        "a.py", base: "import a\(ending)", ours: "import a\(ending)import b\(ending)",
        theirs: "import a\nfrom x import (\n    c,\n    d,\n)\n")
    }
    #expect(fixture("\r\n").resolved(by: resolver) == nil)
    #expect(fixture("\n").resolved(by: resolver) == "import a\nimport b\nfrom x import (\n    c,\n    d,\n)\n")
  }

  @Test("a name in such a list is no use of it")
  func listedNames() {
    func fixture(_ use: String) -> ConflictFixture {
      ConflictFixture(
        "a.py", base: "", ours: "import b\n", theirs: "import c\n",
        after: "from x import (\n    b,\n)\n\(use)print(c)\n")
    }
    #expect(fixture("").resolved(by: resolver) == nil)
    let used = ConflictFixture(
      "a.py", base: "", ours: "import b\n", theirs: "import c\n", after: "from x import (\n    d,\n)\nprint(b, c)\n")
    #expect(used.resolved(by: resolver) == "import b\nimport c\n")
  }

  @Test("names that no order keeps stand behind those that they follow, whichever side is ours")
  func unsortedNames() {
    let fixture = ConflictFixture(
      "a.js",
      base: "import { z, a } from 'x';\n",
      ours: "import { y, z, a } from 'x';\n",
      theirs: "import { z, q, a } from 'x';\n"
    )
    #expect(fixture.resolved(by: resolver) == "import { y, z, q, a } from 'x';\n")
    #expect(fixture.swapped.resolved(by: resolver) == "import { y, z, q, a } from 'x';\n")
  }
}
