import Testing

@testable import Merging

@Suite("gate: balance") struct BalanceRuleTests {
  private func fault(_ path: String, _ ours: String, _ theirs: String, _ merged: String) -> FileMerge.Rejection.Reason?
  {
    let language = Language.ofFile(at: Array(path.utf8))
    func source(_ text: String) -> SourceText { SourceText(Array(text.utf8), language: language) }
    return BalanceRule(ours: source(ours), theirs: source(theirs))?.fault(in: source(merged))?.reason
  }

  @Test(
    "refuses what is less balanced than the better side",
    arguments: [
      ("a.c", "f() {\n}\n", "f() {\n"), ("a.c", "f(a);\n", "f(a;\n"), ("a.swift", "[1]\n", "[1\n"),
      ("a.js", "f([{}])\n", "f([{})]\n"), ("a.c", "/* a */\n", "/* a\n"), ("a.py", "\"\"\"a\"\"\"\n", "\"\"\"a\n"),
      ("a.rb", "def a\n  x if y\nend\n", "def a\n  x if y\n"),
      ("a.rb", "a.each do |x|\nend\n", "a.each do |x|\nend\nend\n"),
      ("a.lua", "if a then\nend\n", "if a then\n"), ("a.sh", "if a; then\nfi\n", "if a; then\n"),
      ("a.sh", "for a in b; do\ndone\n", "for a in b; do\n"), ("a.c", "#if A\n#endif\n", "#if A\n"),
      ("CMakeLists.txt", "if(A)\nendif()\n", "if(A)\n"), ("Makefile", "ifeq (a,b)\nendif\n", "ifeq (a,b)\n"),
      ("a.html", "<div><b>x</b></div>\n", "<div><b>x</b>\n"), ("a.xml", "<a><b/></a>\n", "<a><b></a>\n"),
      ("a.html", "<!-- x -->\n", "<!-- x\n"),
    ]
  )
  func worse(path: String, side: String, merged: String) {
    #expect(fault(path, side, side, merged) == .unbalanced)
    // A file whose sides are as bad is judged by the better one.
    #expect(fault(path, merged, merged, merged) == nil)
    #expect(fault(path, side, merged, merged) == .unbalanced)
    #expect(fault(path, merged, side, side) == nil)
  }

  @Test(
    "lets through what is balanced, and what only looks as if it were not",
    arguments: [
      ("a.c", "// {\nf();\n"), ("a.c", "f(\"{\");\n"), ("a.c", "char c = '(';\n"), ("a.md", "1) one\n2) two (\n"),
      ("a.rb", "x if y\nreturn unless z\na = if b then c else d end\n"), ("a.rb", "while x do\nend\n"),
      ("a.rb", "def a = 1\nx.class\nf(if: 1, end: 2, :begin)\n"), ("a.rb", "class << self\nend\n"),
      ("a.sh", "case a in\nb) echo done ;;\nesac\n"), ("a.html", "<p>a<br><li>b\n<img src=\"x\">\n"),
      ("a.html", "if a < b && c > d\n"), ("a.txt", "(\n"), ("a.yaml", "a: (\n"), ("a.c", "#ifdef A\n#else\n#endif\n"),
      ("a.html", "<!-- <div> --><p>x\n"), ("a.lua", "function a() end\nfor i=1,2 do end\nrepeat until x\n"),
    ]
  )
  func balanced(path: String, merged: String) {
    #expect(fault(path, "", "", merged) == nil)
  }

  @Test(
    "knows literals that hold a quote or a bracket",
    arguments: [
      ("a.js", "s.replace(/\"/g, '\\\\\"');\n"), ("a.js", "s.replace(/'/g, '');\n"), ("a.js", "s.match(/[(]/);\n"),
      ("a.ts", "const a = /[\\/\"]/;\n"), ("a.ts", "return /`/.test(s) && !/\\{/.test(s);\n"),
      ("a.js", "const all = [\n  /[\"']/,\n  /\\(/,\n];\n"), ("a.ts", "x.filter(a => /[{]/.test(a));\n"),
      ("a.rb", "a.gsub /\"/, 'b'\n"), ("a.rb", "a =~ /'/\n"), ("a.rb", "a = %q(it's)\n"), ("a.rb", "puts %w[( ']\n"),
      ("a.rb", "a = [?\", ?']\n"), ("a.rb", "b unless a.match?(/[\"#]/)\n"), ("a.rb", "a = $'\n"),
      ("a.rs", "let a = ['\"', '(', '\\'', '\\u{7D}', b'{'];\n"),
      ("a.rs", "fn a<'a, 'b>(c: &'a str, d: &'b str) -> char { '}' }\n"),
      ("a.swift", "let a = \"a \\(\"(\")\"\n"), ("a.swift", "let a = #\"a \" (\"#\n"),
      ("a.swift", "print(\"\\(a.map { \"\\($0)(\" })\", #\"}\"#)\n"),
    ]
  )
  func literals(path: String, line: String) {
    #expect(fault(path, "", "", "f(1)\n" + line + "g(1)\n") == nil)
    // What stands behind the literal is still read.
    #expect(fault(path, "", "", "f(1)\n" + line + "g(1\n") == .unbalanced)
    #expect(fault(path, "", "", "f(1)\n" + line + "g(1))\n") == .unbalanced)
  }

  @Test(
    "takes no division, tag or lifetime for a literal",
    arguments: [
      ("a.js", "a = (b / c(1)) / d;\n"), ("a.js", "a = b[1] / 2 + \"/\";\n"), ("a.js", "x = a /b(\"c\")/ d;\n"),
      ("a.jsx", "return <div a=\"(\"><b\n/></div>;\n"), ("a.rb", "a = b / c(\"d\") / 2\n"),
      ("a.rb", "a = b ? \"c\" : \"d\"\n"),
      ("a.rb", "a = 7 % (b + c)\n"), ("a.rs", "impl<'a> A<'a> for B<'a> { fn c(&'a self) {} }\n"),
      ("a.swift", "let a = \"b\" + \"\\(c(1))\"\n"),
    ]
  )
  func noLiterals(path: String, line: String) {
    #expect(fault(path, "", "", line) == nil)
    #expect(fault(path, "", "", line + ")\n") == .unbalanced)
  }

  @Test("the refusal names the bracket and its line")
  func words() {
    func words(_ sides: String, _ merged: String) -> String? {
      let language = Language.ofFile(at: Array("a.c".utf8))
      let source = SourceText(Array(sides.utf8), language: language)
      return BalanceRule(ours: source, theirs: source)?.fault(in: SourceText(Array(merged.utf8), language: language))
        .map { String(decoding: $0.evidence, as: UTF8.self) }
    }
    #expect(words("a();\n", "a();\n  b(1;\nc();\n") == "'(' in line 2, b(1;")
    #expect(words("a();\n", "a();\n}\n") == "'}' in line 2, }")
    // What a side has out of balance too is not what is new.
    #expect(words("a(;\n", "a(;\nb[;\n") == "'[' in line 2, b[;")
    #expect(words("a();\n", "b();\n") == nil)
  }

  @Test("edits of adjacent lines are joined beside a regular expression that one side added")
  func wholeFile() {
    func lines(_ one: String, _ two: String, _ more: String) -> [UInt8] {
      Array("function f() {\n  const a = \(one);\n  const b = \(two);\n}\nfunction g(s) {\n  return \(more);\n}\n".utf8)
    }
    func isClean(_ two: String, _ more: String) -> Bool {
      FileMerge(
        base: lines("1", "1", "s"), ours: lines("2", "1", more), theirs: lines("1", two, "s"),
        path: Array("a.js".utf8), resolvers: StandardResolvers.all
      ).isClean
    }
    #expect(isClean("2", "s.trim()"))
    #expect(isClean("2", "s.replace(/\"/g, '\\\\\"')"))
    #expect(!isClean("2(", "s.replace(/\"/g, '\\\\\"')"))
  }

  private func objection(_ path: String, _ sides: (String, String, String), _ result: String) -> HunkBalanceRule.Verdict
  {
    let fixture = ConflictFixture(path, base: sides.0, ours: sides.1, theirs: sides.2, before: "a {\n", after: "}\n")
    let resolution = Resolution(resolver: "r", lines: Array(result.utf8), reason: "test")
    return HunkBalanceRule.verdict(on: resolution, for: fixture.conflict, in: fixture.context)
  }

  @Test("a hunk is judged by itself where the sides agree on their depth")
  func hunks() {
    #expect(objection("a.c", ("x;\n", "x(1);\n", "x(2);\n"), "x(3;\n") == .unbalanced)
    #expect(objection("a.c", ("x;\n", "x(1);\n", "x(2);\n"), "x(3);\n") == .balanced)
    #expect(objection("a.c", ("if (x) {\n", "if (y) {\n", "if (z) {\n"), "if (y && z)\n") == .unbalanced)
    #expect(objection("a.c", ("if (x) {\n", "if (y) {\n", "if (z) {\n"), "if (y && z) {\n") == .balanced)
    #expect(objection("a.c", ("x;\n", "y;\n", "z;\n"), "} {\n") == .unbalanced)
    #expect(objection("a.c", ("x;\n", "} {\n", "} {\n"), "} else {\n") == .balanced)
    #expect(objection("a.c", ("x;\n", "y;\n", "/* z */\n"), "/* z\n") == .unbalanced)
    // Where they do not, only the file can tell.
    #expect(objection("a.c", ("x;\n", "if (x) {\n", "y;\n"), "y;\n") == .unknown)
    #expect(objection("a.c", ("x;\n", "if (x) {\n", "if (y) {\n"), "z;\n") == .unknown)
    #expect(objection("a.md", ("x\n", "y\n", "z\n"), "(((\n") == .balanced)
  }
}
