import Testing

@testable import Merging

@Suite("gate: no duplicates") struct DuplicateRuleTests {
  private func fault(_ path: String, _ ours: String, _ theirs: String, _ merged: String) -> FileMerge.Rejection.Reason?
  {
    let language = Language.ofFile(at: Array(path.utf8))
    func source(_ text: String) -> SourceText { SourceText(Array(text.utf8), language: language) }
    return DuplicateRule(ours: source(ours), theirs: source(theirs)).fault(in: source(merged))?.reason
  }

  @Test(
    "refuses what stands twice in one container",
    arguments: [
      ("a.java", "import a.B;\nimport c.D;\nimport a.B;\n"), ("a.py", "import os\nimport re\nimport os\n"),
      ("a.go", "import (\n\t\"fmt\"\n\t\"os\"\n\t\"fmt\"\n)\n"),
      ("a.c", "#include <a.h>\n#include \"b.h\"\n#include <a.h>\n"),
      ("a.js", "const a = 1;\nf();\nconst a = 2;\n"),
      ("a.py", "class A:\n  def a(self):\n    x\n  def a(self):\n    y\n"),
      ("a.swift", "struct A {\n  let b = 1\n  func c() {}\n  let b = 2\n}\n"),
      ("a.c", "switch (a) {\ncase 1:\n  b();\ncase 2:\n  c();\ncase 1:\n  d();\n}\n"),
      ("a.java", "class A {\n  void b(int c) {\n  }\n  void d() {\n  }\n  void b(int c) {\n  }\n}\n"),
      ("a.rs", "fn a() {\n}\nfn b() {\n}\nfn a() {\n}\n"), ("a.properties", "a = 1\nb = 2\na = 3\n"),
      ("a.xml", "<r>\n  <string name=\"a\">b</string>\n  <x/>\n  <string name=\"a\">c</string>\n</r>\n"),
      ("a.md", "## 1.0\n### Fixed\n- a\n### Added\n- b\n### Fixed\n- c\n"), ("a.c", "first(call);\nfirst(call);\n"),
      ("a.rb", "class A\n  def b\n  end\n\n  def b\n  end\nend\n"),
    ]
  )
  func twice(path: String, merged: String) {
    #expect(fault(path, "", "", merged) == .duplicate)
    // Who has it twice already may keep it.
    #expect(fault(path, merged, "", merged) == nil)
    #expect(fault(path, "", merged, merged) == nil)
  }

  @Test(
    "lets through what may stand twice",
    arguments: [
      ("a.java", "import a.B;\nimport a.C;\n"), ("a.py", "def a():\n  import os\n\ndef b():\n  import os\n"),
      ("a.java", "void b(int c) {\n}\nvoid b(long c) {\n}\n"),
      ("a.swift", "func a() {\n  let b = 1\n}\nfunc c() {\n  let b = 1\n}\n"),
      ("a.c", "switch (a) {\ncase 1:\n  b();\n}\nswitch (c) {\ncase 1:\n  d();\n}\n"),
      ("a.c", "#ifdef A\nint b(int c)\n{\n}\n#else\nint b(int c)\n{\n}\n#endif\n"),
      ("a.py", "@property\ndef a(self):\n  x\n\n@a.setter\ndef a(self, v):\n  y\n"),
      ("a.rs", "#[cfg(unix)]\nfn a() {\n}\n#[cfg(windows)]\nfn a() {\n}\n"), ("a.rs", "let a = 1;\nlet a = a + 1;\n"),
      ("a.properties", "[a]\nx = 1\n[b]\nx = 1\n"), ("a.md", "## 1.0\n### Fixed\n- a\n## 0.9\n### Fixed\n- b\n"),
      ("a.c", "struct a *b(int x)\n{\n}\nstruct a *c(int x)\n{\n}\n"), ("a.go", "func init() {\n}\nfunc init() {\n}\n"),
      ("a.c", "/*\nint b(int c)\nint d(int c)\nint b(int c)\n*/\n"), ("a.c", "a();\n\na();\n}\n}\n"),
      ("a.txt", "aaaa\naaaa\n"),
    ]
  )
  func different(path: String, merged: String) {
    #expect(fault(path, "", "", merged) == nil)
  }
}
