import Testing

@testable import Merging

@Suite("import-endings") struct ImportEndingsTests {
  let resolver = ImportEndings()

  @Test(
    "gives the other side's paths the ending",
    arguments: [
      // A new import.
      (
        "a.ts", "import a from './a';\n", "import a from './a.js';\n",
        "import a from './a';\nimport b from '../b';\n", "import a from './a.js';\nimport b from '../b.js';\n"
      ),
      // A longer list of names.
      (
        "a.js", "import { a } from \"./x/a\";\n", "import { a } from \"./x/a.mjs\";\n",
        "import { a, b } from \"./x/a\";\n", "import { a, b } from \"./x/a.mjs\";\n"
      ),
      // Packages and paths that have an ending stay.
      (
        "a.ts", "import a from './a';\n", "import a from './a.js';\n",
        "import a from './a';\nimport p from 'p';\nimport s from './s.css';\n",
        "import a from './a.js';\nimport p from 'p';\nimport s from './s.css';\n"
      ),
      // Several lines with a blank one between them.
      (
        "a.ts", "import a from './a';\n\nimport b from './b';\n",
        "import a from './a.js';\n\nimport b from './b.js';\n",
        "import a from './a';\nimport c from './c';\n\nimport b from './b';\n",
        "import a from './a.js';\nimport c from './c.js';\n\nimport b from './b.js';\n"
      ),
      // An import that the other side took out.
      (
        "a.ts", "import a from './a';\nimport b from './b';\n", "import a from './a.js';\nimport b from './b.js';\n",
        "import b from './b';\nimport c from './c';\n", "import b from './b.js';\nimport c from './c.js';\n"
      ),
    ]
  )
  func given(path: String, base: String, ours: String, theirs: String, result: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, after: "a();\n")
    #expect(fixture.resolved(by: resolver) == result)
    #expect(fixture.swapped.resolved(by: resolver) == result)
  }

  @Test("names the paths that no side has")
  func introduced() {
    let fixture = ConflictFixture(
      "a.ts", base: "import a from './a';\n", ours: "import a from './a.js';\n",
      theirs: "import a from './a';\nimport b from './b';\n")
    let paths = fixture.resolution(by: resolver)?.introduces.map { String(decoding: $0, as: UTF8.self) }
    #expect(paths == ["'./a.js'", "'./b.js'"])
  }

  @Test(
    "abstains where the ending is no habit of the file, or not the only change",
    arguments: [
      // Another path.
      ("a.ts", "import a from './a';\n", "import a from './b.js';\n", "import a from './a';\nimport c from './c';\n"),
      // A path deeper down.
      (
        "a.ts", "import a from './a';\n", "import a from './a/index';\n",
        "import a from './a';\nimport c from './c';\n"
      ),
      // A package, whose name is no path.
      ("a.ts", "import a from 'a';\n", "import a from 'a.js';\n", "import a from 'a';\nimport c from './c';\n"),
      // Two endings.
      (
        "a.ts", "import a from './a';\nimport b from './b';\n", "import a from './a.js';\nimport b from './b.mjs';\n",
        "import a from './a';\nimport c from './c';\n"
      ),
      // A new import on the side with the ending.
      (
        "a.ts", "import a from './a';\n", "import a from './a.js';\nimport b from './b.js';\n",
        "import a from './a';\nimport c from './c';\n"
      ),
      // One path without it is left.
      (
        "a.ts", "import a from './a';\nimport b from './b';\n", "import a from './a.js';\nimport b from './b';\n",
        "import a from './a';\nimport c from './c';\n"
      ),
      // Both gave endings.
      ("a.ts", "import a from './a';\n", "import a from './a.js';\n", "import a from './a.mjs';\n"),
      // Not all lines are imports.
      ("a.ts", "import a from './a';\n", "import a from './a.js';\n", "import a from './a';\na();\n"),
      // Nothing of the other side to give it to.
      ("a.ts", "import a from './a';\n", "import a from './a.js';\n", "import b from 'b';\n"),
      // Another language.
      ("a.dart", "import './a';\n", "import './a.js';\n", "import './a';\nimport './b';\n"),
    ]
  )
  func left(path: String, base: String, ours: String, theirs: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, after: "a();\n")
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }

  @Test("abstains where the file has a path without the ending elsewhere, and acts where it has none")
  func elsewhere() {
    func resolved(_ tail: String) -> String? {
      ConflictFixture(
        "a.ts", base: "import a from './a';\n", ours: "import a from './a.js';\n",
        theirs: "import { a } from './a';\n", after: tail
      ).resolved(by: resolver)
    }
    #expect(resolved("import z from './z';\n") == nil)
    #expect(resolved("import z from './z.js';\n") == "import { a } from './a.js';\n")
  }
}
