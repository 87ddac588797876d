import Testing

@testable import Merging

extension Added {
  /// The lines of the first resolver that settles it, and the same with the sides exchanged.
  fileprivate var merged: (String?, String?) {
    let all: [any Resolver] = [
      AddedDeclarations(), AddedElements(), AddedStatements(), AddedEntries(), AddedText(), ItemMerge(.added),
    ]
    func lines(_ fixture: ConflictFixture) -> String? {
      for resolver in all {
        if let found = fixture.resolution(by: resolver) { return String(decoding: found.lines, as: UTF8.self) }
      }
      return nil
    }
    return (lines(fixture), lines(fixture.swapped))
  }
}

@Suite("what additions say of each other") struct AdditionDoubtTests {
  @Test(
    "puts what belongs to the section above before new sections, on whatever side it is",
    arguments: [
      Added(path: "a.toml", before: "[a]\nb = 1\n", ours: "c = 2\n", theirs: "\n[d]\ne = 3\n"),
      Added(path: ".editorconfig", before: "[*]\nb = 1\n", ours: "c = 2\n", theirs: "\n[*.d]\ne = 3\n"),
      Added(path: "setup.cfg", before: "[a]\nb = 1\n", ours: "c = 2\n", theirs: "\n# d\n[d]\ne = 3\n"),
      Added(path: "a.toml", before: "[a]\nb = 1\n", ours: "c = 2\n", theirs: "f = 1\n\n[d]\ne = 3\n"),
      Added(path: "a.md", before: "# A\n\n- b\n", ours: "- c\n", theirs: "\n## D\n\n- e\n"),
    ]
  )
  private func sections(_ added: Added) {
    let (one, other) = added.merged
    #expect(one == added.ours + added.theirs)
    #expect(other == added.ours + added.theirs)
  }

  @Test(
    "keeps both, ours first",
    arguments: [
      Added(path: "a.toml", before: "[a]\nb = 1\n", ours: "\n[c]\nd = 1\n", theirs: "\n[e]\nf = 1\n"),
      Added(path: "a.py", before: "a = 1\n", ours: "b = 2\n", theirs: "c = 3\n"),
      Added(path: "a.js", ours: "const a = 1;\n", theirs: "export const b = 2;\n"),
      Added(path: "a.test.js", ours: "test('a', () => {\n  a();\n});\n", theirs: "it('b', () => {\n  b();\n});\n"),
      Added(path: "a.sh", ours: "a() {\n  x\n}\n", theirs: "b() {\n  y\n}\n"),
      Added(path: ".gitignore", before: "a\n", ours: "*.b\n", theirs: "c/\n"),
      Added(path: "words", before: "a\n", ours: "b\n", theirs: "c\n"),
      Added(path: "requirements.txt", before: "a==1\n", ours: "b==2\n", theirs: "c>=3\n"),
      Added(
        path: "a.proto", before: "message A {\n  int32 a = 1;\n", ours: "  int32 b = 2;\n", theirs: "  int32 c = 3;\n",
        after: "}\n"),
      Added(path: "a.rs", before: "enum A {\n    X = 1,\n", ours: "    Y = 2,\n", theirs: "    Z = 3,\n", after: "}\n"),
      Added(path: "Makefile", before: "A = a.o \\\n", ours: "  b.o \\\n", theirs: "  c.o \\\n", after: "  d.o\n"),
      Added(
        path: "build.gradle", before: "dependencies {\n", ours: "  api 'a:b:1'\n", theirs: "  api 'c:d:1'\n",
        after: "}\n"),
      Added(path: "a.py", before: "f(\n", ours: "    a=1,\n", theirs: "    b=2,\n", after: ")\n"),
      Added(path: "a.py", before: "A = [\n", ours: "    a,\n", theirs: "    b,\n", after: "]\n"),
    ]
  )
  private func both(_ added: Added) {
    let (one, other) = added.merged
    #expect(one == added.ours + added.theirs)
    #expect(other == added.theirs + added.ours)
  }

  @Test(
    "leaves statements, scripts and prose, which stand in an order",
    arguments: [
      Added(path: "a.py", before: "a()\n", ours: "b()\n", theirs: "c()\n"),
      Added(path: "a.py", before: "if a:\n    b()\n", ours: "else:\n    c()\n", theirs: "elif d:\n    e()\n"),
      Added(path: "a.js", before: "a();\n", ours: "process.exit(0);\n", theirs: "b();\n"),
      Added(path: "a.js", ours: "a = b;\n", theirs: "a.c = 2;\n"),
      Added(path: "a.rb", before: "a\n", ours: "exit\n", theirs: "b\n"),
      Added(path: "a.sh", before: "set -e\n", ours: "exit 0\n", theirs: "make b\n"),
      Added(path: "a.pl", before: "use strict;\n", ours: "exit;\n", theirs: "run();\n"),
      Added(path: "a.sql", ours: "DROP TABLE a;\n", theirs: "INSERT INTO b VALUES (1);\n"),
      Added(path: "Dockerfile", before: "FROM a\n", ours: "RUN b\n", theirs: "COPY . .\n"),
      Added(path: ".gitignore", before: "a\n", ours: "!b.o\n", theirs: "*.o\n"),
      Added(path: "a.txt", before: "Dear all,\n", ours: "We accept.\n", theirs: "We decline.\n"),
      Added(path: "LICENSE", before: "MIT\n", ours: "Copyright A\n", theirs: "Apache 2\n"),
      Added(path: "Makefile", before: "a:\n\tb\n", ours: "\tc\n", theirs: "\td\n"),
    ])
  private func ordered(_ added: Added) {
    #expect(added.merged == (nil, nil))
  }

  @Test(
    "leaves arguments, parameters and branches, whose place means something",
    arguments: [
      Added(path: "a.py", before: "def f(\n    a,\n", ours: "    b=1,\n", theirs: "    c,\n", after: "):\n    pass\n"),
      Added(path: "a.py", before: "f(\n    a,\n", ours: "    b,\n", theirs: "    c,\n", after: ")\n"),
      Added(path: "a.ts", before: "function f(\n  a: A,\n", ours: "  b: B,\n", theirs: "  c: C,\n", after: ") {}\n"),
      Added(
        path: "a.c", before: "switch (x) {\n", ours: "case 2:\n  b();\n", theirs: "case 3:\n  c();\n", after: "}\n"),
      Added(
        path: "a.c", before: "switch (x) {\n", ours: "default:\n  b();\n  break;\n",
        theirs: "case 3:\n  c();\n  break;\n",
        after: "}\n"
      ),
    ])
  private func places(_ added: Added) {
    #expect(added.merged == (nil, nil))
  }

  @Test(
    "leaves one thing that both name or number, and lines that go on",
    arguments: [
      Added(path: "requirements.txt", before: "a==1\n", ours: "Flask_X==2\n", theirs: "flask-x[a]>=3\n"),
      Added(
        path: "build.gradle", before: "dependencies {\n", ours: "  api 'a:b:1'\n", theirs: "  api 'a:b:2'\n",
        after: "}\n"),
      Added(
        path: "pom.xml", before: "<p>\n", ours: "  <d><groupId>a</groupId><artifactId>b</artifactId><v>1</v></d>\n",
        theirs: "  <d><groupId>a</groupId><artifactId>b</artifactId><v>2</v></d>\n", after: "  <d><v>2</v></d>\n</p>\n"
      ),
      Added(
        path: "a.proto", before: "message A {\n  int32 a = 1;\n", ours: "  int32 b = 2;\n", theirs: "  int32 c = 2;\n",
        after: "}\n"),
      Added(path: "a.rs", before: "enum A {\n    X = 1,\n", ours: "    Y = 2,\n", theirs: "    Z = 2,\n", after: "}\n"),
      Added(path: "a.h", before: "#define A 1\n", ours: "#define B 2\n", theirs: "#define C 2\n"),
      Added(path: "a.properties", before: "a=1\n", ours: "b=2,\\\n", theirs: "c=3\n"),
    ])
  private func doubles(_ added: Added) {
    #expect(added.merged == (nil, nil))
  }

  @Test(
    "keeps the blank line that parts items where both additions start with it",
    arguments: [("a.swift", "  }\n"), ("a.rb", "  end\n")])
  func blankLines(path: String, closer: String) {
    let isSwift = path == "a.swift"
    let (open, close) = isSwift ? ("struct A {\n  func a() {\n", "}\n") : ("class A\n  def a\n", "end\n")
    func method(_ name: String) -> String {
      (isSwift ? "\n  func \(name)() {\n" : "\n  def \(name)\n") + "    \(name)1()\n\(closer)"
    }
    let base = open + "    1\n" + closer
    let merge = FileMerge(
      base: Array((base + close).utf8), ours: Array((base + method("b") + close).utf8),
      theirs: Array((base + method("c") + close).utf8), path: Array(path.utf8), resolvers: [AddedDeclarations()]
    )
    #expect(merge.resolved.count == 1)
    let merged = merge.regions.flatMap { region -> [UInt8] in
      switch region {
      case .merged(let lines): lines
      case .resolved(_, let resolution): resolution.lines
      case .conflict: []
      }
    }
    #expect(String(decoding: merged, as: UTF8.self) == base + method("b") + method("c") + close)
  }
}
