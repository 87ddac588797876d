import Base
import TestSupport
import Testing
import Work

@testable import Resolve

@Suite("What refers to a file whose name says little")
struct ReferenceTests {
  struct Case: CustomTestStringConvertible {
    var deleted: String
    var user: String
    var line: String
    var old = "x = 1\n"
    var testDescription: String { "\(deleted) in \(user): \(line)" }
  }

  private func action(_ files: Case) throws -> DeletionProposal.Action {
    let sides = try TwoSides()
    let outcome = try sides.merge(
      base: [.write(files.deleted, files.old), .write(files.user, "first\n\(files.line)\nlast\n")],
      ours: [.write(files.deleted, files.old + "more\n")], theirs: [.remove(files.deleted)])
    let proposal = try #require(outcome.files.first?.left.first?.proposal)
    return proposal.action
  }

  @Test(
    "an import or a path keeps it open",
    arguments: [
      Case(deleted: "util.py", user: "main.py", line: "from util import helper"),
      Case(deleted: "util.py", user: "main.py", line: "import util"),
      Case(deleted: "util.py", user: "run.sh", line: "python util.py"),
      Case(deleted: "util.py", user: "pyproject.toml", line: "x = \"util:main\""),
      Case(deleted: "pkg/util.py", user: "pkg/a.py", line: "from .util import x"),
      Case(deleted: "pkg/util.py", user: "pkg/sub/a.py", line: "from ..util import x"),
      Case(deleted: "pkg/util.py", user: "pkg/a.py", line: "from . import util"),
      Case(deleted: "pkg/util.py", user: "a.py", line: "from pkg import util, other"),
      Case(deleted: "src/pkg/util.py", user: "a.py", line: "import pkg.util as u"),
      Case(deleted: "pkg/__init__.py", user: "a.py", line: "import pkg.other"),
      Case(deleted: "util.h", user: "main.c", line: "#include \"util.h\""),
      Case(deleted: "include/foo/util.h", user: "main.c", line: "#include <foo/util.h>"),
      Case(deleted: "util.c", user: "CMakeLists.txt", line: "add_executable(x util.c)"),
      Case(deleted: "src/util.js", user: "src/a.js", line: "const u = require(\"./util\");"),
      Case(deleted: "src/util.js", user: "src/a.js", line: "import './util'"),
      Case(deleted: "src/util.ts", user: "src/deep/a.ts", line: "import { x } from '../util.js'"),
      Case(deleted: "src/widgets/index.js", user: "src/a.js", line: "import w from './widgets'"),
      Case(deleted: "app/util.ts", user: "b.ts", line: "import { x } from '@/app/util'"),
      Case(deleted: "src/util.rs", user: "src/lib.rs", line: "mod util;"),
      Case(deleted: "src/util.rs", user: "src/lib.rs", line: "use crate::util::helper;"),
      Case(deleted: "util.rb", user: "a.rb", line: "require_relative \"util\""),
      Case(deleted: "lib/util.dart", user: "bin/a.dart", line: "import 'package:x/util.dart';"),
      Case(deleted: "Foo.java", user: "Bar.java", line: "  Foo f;", old: "public class Foo {\n}\n"),
      Case(deleted: "Io.kt", user: "Bar.kt", line: "  val x = Io()", old: "class Io {\n}\n"),
      Case(deleted: "pkg/store/db.go", user: "main.go", line: "import \"example.com/m/pkg/store\""),
      Case(deleted: "pkg/store/db.go", user: "main.go", line: "\t\"example.com/m/pkg/store\""),
      Case(deleted: "store/db.go", user: "main.go", line: "\ts \"example.com/m/store\" // kept"),
    ])
  func kept(_ files: Case) throws {
    #expect(try action(files) == .keep)
  }

  @Test(
    "its name as a mere word, or another file of that name, does not",
    arguments: [
      Case(deleted: "util.py", user: "main.py", line: "util = 1"),
      Case(deleted: "util.py", user: "main.py", line: "from django import util"),
      Case(deleted: "util.py", user: "main.py", line: "import my_util"),
      Case(deleted: "util.py", user: "a.js", line: "const u = require(\"./util\");"),
      Case(deleted: "util.py", user: "run.sh", line: "python other/util.py"),
      Case(deleted: "pkg/util.py", user: "a.py", line: "from .util import x"),
      Case(deleted: "pkg/util.py", user: "pkg/sub/a.py", line: "from .util import x"),
      Case(deleted: "util.h", user: "main.c", line: "#include \"other/util.h\""),
      Case(deleted: "util.h", user: "main.c", line: "#include \"util.hpp\""),
      Case(deleted: "src/util.js", user: "Main.java", line: "import java.util.List;"),
      Case(deleted: "src/util.js", user: "src/a.js", line: "const util = require(\"util\");"),
      Case(deleted: "src/util.js", user: "lib/a.js", line: "const u = require(\"./util\");"),
      Case(deleted: "src/widgets/index.js", user: "src/a.js", line: "import w from './widgets/button'"),
      Case(deleted: "src/util.rs", user: "src/lib.rs", line: "use other::util::helper;"),
      Case(deleted: "Foo.java", user: "Bar.java", line: "  // Foo was here", old: "public class Foo {\n}\n"),
      Case(deleted: "Foo.java", user: "bar.sql", line: "insert Foo", old: "public class Foo {\n}\n"),
      Case(deleted: "Foo.java", user: "Bar.java", line: "  FooBar f;", old: "public class Foo {\n}\n"),
      Case(deleted: "pkg/store/db.go", user: "main.go", line: "import \"example.com/m/other/store\""),
      Case(deleted: "pkg/store/db.go", user: "main.go", line: "\t\"example.com/m/pkg/store/sub\""),
    ])
  func free(_ files: Case) throws {
    #expect(try action(files) == .delete)
  }

  @Test("a package of Go is there as long as one of its files is", arguments: ["more.go", "db_test.go"])
  func package(_ other: String) throws {
    let sides = try TwoSides()
    let outcome = try sides.merge(
      base: [
        .write("store/db.go", "package store\n"), .write("store/\(other)", "package store\n"),
        .write("main.go", "import \"example.com/m/store\"\n"),
      ],
      ours: [.write("store/db.go", "package store\n\nvar x = 1\n")], theirs: [.remove("store/db.go")])
    #expect(outcome.files.first?.left.first?.proposal?.action == (other == "more.go" ? .delete : .keep))
  }

  @Test("where two files have the name, the one is meant that lies beside")
  func twins() throws {
    for (user, action) in [("one/a.py", DeletionProposal.Action.keep), ("two/a.py", .delete)] {
      let sides = try TwoSides()
      let outcome = try sides.merge(
        base: [
          .write("one/parser.py", "x = 1\n"), .write("two/parser.py", ""), .write(user, "from .parser import x\n"),
        ],
        ours: [.write("one/parser.py", "x = 2\n")], theirs: [.remove("one/parser.py")])
      #expect(outcome.files.first?.left.first?.proposal?.action == action)
    }
  }

  @Test("a deletion is proposed with the word that a large file was not searched, and a binary one needs none")
  func large() throws {
    func reason(_ content: [UInt8]) throws -> String {
      let sides = try TwoSides()
      let outcome = try sides.merge(
        base: [.write("src/parser.py", "x = 1\n"), .bytes(Array("big".utf8), content)],
        ours: [.write("src/parser.py", "x = 2\n")], theirs: [.remove("src/parser.py")])
      return try #require(outcome.files.first?.left.first?.proposal).reason
    }
    let lines = [UInt8](repeating: 0x0A, count: (1 << 20) + 1)
    #expect(try reason(lines).contains("; 1 file of more than 1 MiB was not searched"))
    #expect(try !reason(Array(lines.dropLast())).contains("not searched"), "the control")
    #expect(try !reason([0] + lines).contains("not searched"), "the control")
  }
}

@Suite("A search in one file")
struct FileSearchTests {
  private func search(_ text: String) throws -> FileSearch {
    FileSearch(of: Array(text.utf8), at: try #require(RepositoryPath(Array("a.js".utf8))))
  }

  private func needles() throws -> [TreeSearch.Needle] {
    let path = try #require(RepositoryPath(Array("map.js".utf8)))
    let map = Array("map".utf8)
    return [
      .init(text: map, scope: .importLine), .init(text: map, scope: .reference(ReferenceTest(path, hasTwin: false))),
    ]
  }

  @Test("asks once for each line with the word, however often it stands there")
  func once() throws {
    for needle in try needles() {
      var one = try search(String(repeating: "map ", count: 20_000))
      let none = one.first(needle)
      #expect(none == nil && one.judged == 1)
      var many = try search(String(repeating: "map map map\nother\n", count: 100))
      let noneOfMany = many.first(needle)
      #expect(noneOfMany == nil && many.judged == 100)
      var found = try search("map map\nx\nimport m from './map'\nmap\n")
      let place = found.first(needle)
      #expect(place?.line == 3 && found.judged == 2, "the control")
    }
  }

  @Test("shows of a long line what stands around the word")
  func shown() throws {
    let needle = TreeSearch.Needle(text: Array("map".utf8), scope: .code)
    let far = String(repeating: "é", count: 5_000)
    var long = try search("  " + far + " map " + far)
    let text = long.first(needle)?.text ?? ""
    #expect(text.contains(" map ") && text.hasPrefix("…é") && text.hasSuffix("é…") && text.utf8.count < 250)
    var short = try search("    let map = 1")
    let whole = short.first(needle)?.text
    #expect(whole == "let map = 1", "the control")
  }
}
