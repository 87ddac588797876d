import Base
import Resolve
import TestSupport
import Testing
import Work

@Suite("A rename on one side reaches what the other side adds")
struct RenameFinderTests {
  let sides: TwoSides

  init() throws { sides = try TwoSides() }

  typealias Change = TestRepository.Change

  private static let body = (1...12).map { "value_\($0) = \($0)\n" }.joined()

  /// Ours renames a file; theirs adds a line to another.
  private func renames(
    _ from: String, _ to: String, adding line: String, to path: String, swapped: Bool = false
  ) throws -> [RenameReach] {
    let base: [Change] = [.write(from, Self.body), .write(path, "start\n")]
    let rename: [Change] = [.remove(from), .write(to, Self.body)]
    let use: [Change] = [.write(path, "start\n\(line)\n")]
    let outcome = try sides.merge(base: base, ours: swapped ? use : rename, theirs: swapped ? rename : use)
    #expect(outcome.verdict == .clean)
    return outcome.renames ?? []
  }

  @Test(
    "a file, by every way to ask for it",
    arguments: [
      ("src/client.py", "src/http.py", "from src.client import get", "main.py", "from src.http import get"),
      ("src/client.py", "src/http.py", "from src import client", "main.py", "from src import http"),
      ("src/client.py", "src/http.py", "from .client import get", "src/a.py", "from .http import get"),
      ("src/client.py", "net/client.py", "import src.client", "main.py", "import net.client"),
      ("lib/a/util.js", "lib/b/util.js", "import x from './a/util'", "lib/m.js", "import x from './b/util'"),
      (
        "lib/old.js", "lib/deep/new.js", "const x = require('../lib/old.js')", "web/m.js",
        "const x = require('../lib/deep/new.js')"
      ),
      ("inc/list.h", "inc/array.h", "#include \"list.h\"", "inc/m.c", "#include \"array.h\""),
      ("src/deep/list.h", "src/list.h", "#include \"src/deep/list.h\"", "m.c", "#include \"src/list.h\""),
      ("docs/guide.md", "docs/manual.md", "see [it](docs/guide.md)", "README.md", "see [it](docs/manual.md)"),
      ("img/logo.svg", "img/mark.svg", "icon: img/logo.svg", "site.yml", "icon: img/mark.svg"),
    ])
  func file(_ from: String, _ to: String, _ line: String, _ path: String, _ expected: String) throws {
    for swapped in [false, true] {
      let found = try renames(from, to, adding: line, to: path, swapped: swapped)
      #expect(found.map(\.from) == [from] && found.map(\.to) == [to])
      #expect(found.first?.places.map(\.proposal) == [expected])
      #expect(found.first?.places.map { "\($0.path.display):\($0.line)" } == ["\(path):2"])
      #expect(found.first?.side == (swapped ? .theirs : .ours))
    }
  }

  @Test(
    "not a line that means something else",
    arguments: [
      ("src/client.py", "src/http.py", "from redis import client", "main.py"),
      ("src/client.py", "src/http.py", "client = 1", "main.py"),
      ("src/client.py", "src/http.py", "import other.client", "main.py"),
      ("src/client.py", "src/http.py", "import clients", "src/main.py"),
      ("lib/old.js", "lib/new.js", "import x from './old'", "web/m.js"),
      ("inc/list.h", "inc/array.h", "#include <list.h>", "other/m.c"),
      ("a/index.js", "b/index.js", "const index = 1", "m.js"),
      ("src/client.py", "src/http.py", "# the client is new", "src/main.py"),
    ])
  func another(_ from: String, _ to: String, _ line: String, _ path: String) throws {
    #expect(try renames(from, to, adding: line, to: path) == [])
  }

  @Test("a declared name that one side renamed everywhere")
  func name() throws {
    let outcome = try sides.merge(
      base: [
        .write("a.swift", "func loadAll() {}\n// end\n"), .write("b.swift", "loadAll()\n"), .write("c.swift", "\n"),
      ],
      ours: [.write("a.swift", "func fetchAll() {}\n// end\n"), .write("b.swift", "fetchAll()\n")],
      theirs: [.write("c.swift", "\nlet x = loadAll()\n")])
    #expect(outcome.verdict == .clean)
    let found = try #require(outcome.renames?.first)
    #expect(found.kind == .name && found.from == "loadAll" && found.to == "fetchAll" && found.side == .ours)
    #expect(found.places.map(\.proposal) == ["let x = fetchAll()"])
  }

  private func names(ours: [Change], theirs: [Change]) throws -> [RenameReach]? {
    try sides.merge(
      base: [
        .write("a.swift", "func loadAll() {}\n// end\n"), .write("b.swift", "loadAll()\n"), .write("c.swift", "\n"),
      ], ours: ours, theirs: theirs
    ).renames
  }

  @Test("not one that is used under the old name still, or that the other side declares itself")
  func notRenamed() throws {
    let renamed = Change.write("a.swift", "func fetchAll() {}\n// end\n")
    let use = Change.write("c.swift", "\nlet x = loadAll()\n")
    #expect(try names(ours: [renamed], theirs: [use]) == nil, "b.swift uses it")
    let everywhere = [renamed, Change.write("b.swift", "fetchAll()\n")]
    let declared = Change.write("c.swift", "\nfunc loadAll() {}\nlet x = loadAll()\n")
    #expect(try names(ours: everywhere, theirs: [declared]) == nil)
    #expect(try names(ours: everywhere, theirs: [.write("c.swift", "\nlet x = loadAllNow()\n")]) == nil)
    #expect(try names(ours: everywhere, theirs: [.write("c.md", "loadAll\n")]) == nil)
    let changed = [
      Change.write("a.swift", "func fetchAll(_ x: Int) {}\n// end\n"), Change.write("b.swift", "fetchAll()\n"),
    ]
    #expect(try names(ours: changed, theirs: [use]) == nil, "more than the name changed")
    #expect(try names(ours: everywhere, theirs: [use])?.count == 1, "the control")
  }

  @Test("the report warns of it even where the merge is clean")
  func report() throws {
    let outcome = try sides.merge(
      base: [.write("src/client.py", Self.body), .write("m.py", "\n")],
      ours: [.remove("src/client.py"), .write("src/http.py", Self.body)],
      theirs: [.write("m.py", "\nimport src.client\n")])
    let text = ResolveReport(outcome, branch: try RefName("refs/heads/topic"), base: "main").text
    #expect(text.contains("warning topic renamed src/client.py to src/http.py, and main adds uses of the old name:"))
    #expect(text.contains("+ import src.http"))
    let document = try ResolveDocument(outcome, branch: RefName("refs/heads/topic"), base: "main", pushed: nil)
      .encoded()
    #expect(String(decoding: document, as: UTF8.self).contains("\"renames\":[{"))
  }
}
