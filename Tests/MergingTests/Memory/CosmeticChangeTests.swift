import Testing

@testable import Merging

@Suite("A cosmetic change") struct CosmeticChangeTests {
  private func kind(_ old: String, _ new: String, _ path: String) -> CosmeticChange? {
    CosmeticChange.of(Array(old.utf8), Array(new.utf8), path: Array(path.utf8))
  }

  @Test(
    "is one of white space or of comments",
    arguments: [
      ("int a = 1;\n", "int  a=1;\r\n", "a.c", CosmeticChange.whiteSpace),
      ("f();\n", "\n  f();\n\n", "a.js", .whiteSpace),
      ("f()\n", "f()   \n\n", "a.py", .whiteSpace), ("a b\n", "a b\r\n", "notes.txt", .whiteSpace),
      ("f(); // one\n", "f(); // two\n", "a.swift", .comments), ("f()\n", "# why\nf()\n", "a.py", .comments),
      ("/* a\n b */\nf();\n", "f();\n", "a.go", .comments),
    ])
  func cosmetic(_ old: String, _ new: String, _ path: String, _ expected: CosmeticChange) {
    #expect(kind(old, new, path) == expected)
  }

  @Test(
    "is none where anything else changes",
    arguments: [
      ("f();\n", "g();\n", "a.c"), ("if x:\n  f()\n", "if x:\n    f()\ng()\n", "a.py"),
      ("if x:\n  f()\n  g()\n", "if x:\n  f()\ng()\n", "a.py"), ("s = \"a b\";\n", "s = \"a  b\";\n", "a.c"),
      ("s = \"// a\";\n", "s = \"// b\";\n", "a.js"), ("one\n", "# one\n", "notes.txt"), ("a b\n", "b a\n", "a.swift"),
      ("f();\n", "// f();\n", "a.c"), ("", "f();\n", "a.c"),
    ])
  func real(_ old: String, _ new: String, _ path: String) {
    #expect(kind(old, new, path) == nil)
  }
}
