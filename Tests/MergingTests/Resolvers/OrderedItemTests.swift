import Testing

@testable import Merging

/// Additions whose order means something; ours first, theirs second gives what is wrong.
///
/// None may be settled.
@Suite("ordered items") struct OrderedItemTests {
  @Test(
    "additions with an order are not put one behind the other blindly",
    arguments: [
      // added-entries: an instruction goes to another stage; a branch behind the last one does not parse.
      ItemFormCase("Dockerfile", "below a new stage", in: ("FROM a\n", ""), "", "\nFROM b\nRUN c\n", "RUN d\n"),
      ItemFormCase(
        "a.sh", "elif after else", in: ("if a; then\n  b\n", "fi\n"), "", "else\n  c 1\n", "elif d; then\n  e\n"),
      // added-declarations: does not parse.
      ItemFormCase(
        "a.py", "elif after else", in: ("if a:\n    b()\n", ""), "", "else:\n    e()\n", "elif c:\n    d()\n"),
      ItemFormCase(
        "a.py", "except after finally", in: ("try:\n    b()\n", ""), "", "finally:\n    e()\n", "except E:\n    d()\n"),
      ItemFormCase(
        "a.py", "else after a function", in: ("if a:\n    b()\n", ""), "", "def f():\n    e()\n", "else:\n    d()\n"),
      ItemFormCase(
        "a.js", "else after a function", in: ("if (a) {\n  b();\n}\n", ""), "", "function f() {\n  d();\n}\n",
        "else {\n  e(1);\n}\n"),
      ItemFormCase(
        "a.c", "elif after else", in: ("#ifdef A\nint a = 1;\n", "#endif\n"), "", "#else\nint b = 2;\n",
        "#elif C\nint c = 3;\n"),
      // added-declarations: the declaration goes to the other branch, gets another access, is the second default.
      ItemFormCase(
        "a.c", "below else", in: ("#ifdef A\nint a = 1;\n", "#endif\n"), "", "#else\nint b = 2;\n", "int c = 3;\n"),
      ItemFormCase(
        "a.rb", "below private", in: ("class A\n  def f\n    a\n  end\n", "end\n"), "",
        "\n  private\n\n  def g\n    b\n  end\n", "\n  def h\n    c(1)\n  end\n"),
      ItemFormCase(
        "a.hpp", "below private", in: ("class A {\n  int a();\n", "};\n"), "", "  private:\n  void s();\n",
        "  long y();\n"),
      ItemFormCase(
        "a.ts", "two defaults", in: ("const a = 1;\n", ""), "", "export default a;\n", "export default b;\n"),
      // items-added: an arm behind the one that takes all.
      ItemFormCase(
        "a.rs", "arm after _", in: ("fn f() {\n    match x {\n        A => 1,\n", "    }\n}\n"), "",
        "        _ => 2,\n", "        B => 3,\n"),
      ItemFormCase(
        "a.swift", "case after default", in: ("func f() {\n  switch x {\n  case 1:\n    a()\n", "  }\n}\n"), "",
        "  default:\n    z()\n", "  case 3:\n    c()\n"),
      // added-statements.
      ItemFormCase(
        "a.swift", "case after default in a line", in: ("func f() {\n  switch x {\n  case 1: a()\n", "  }\n}\n"), "",
        "  default: z()\n", "  case 3: c()\n"),
    ]
  )
  private func ordered(_ example: ItemFormCase) {
    let merge = example.merge(by: StandardResolvers.auto)
    #expect(!merge.isClean, "\(ItemFormCase.text(of: merge))")
  }

  @Test(
    "what belongs to the section above stands before a new section, whoever added it",
    arguments: [
      ItemFormCase(
        "a.ini", "a key", in: ("[a]\nx = 1\n", ""), "", "[b]\nz = 3\n", "y = 2\n", "y = 2\n[b]\nz = 3\n"),
      ItemFormCase(
        "a.toml", "a key", in: ("[a]\nx = 1\n", ""), "", "\n[b]\nz = 3\n", "y = 2\n", "y = 2\n\n[b]\nz = 3\n"),
      ItemFormCase(
        "CHANGES.md", "an entry", in: ("# C\n\n## 1.0\n\n- a\n", ""), "", "\n## 0.9\n\n- c\n", "- b\n",
        "- b\n\n## 0.9\n\n- c\n"),
      ItemFormCase(
        "a.rst", "a line", in: ("T\n=\n\ntext\n", ""), "", "\nOther\n-----\n\nmore\n", "more text\n",
        "more text\n\nOther\n-----\n\nmore\n"),
    ]
  )
  private func sections(_ example: ItemFormCase) {
    for swapped in [false, true] {
      let merge = example.merge(by: StandardResolvers.auto, swapped: swapped)
      #expect(ItemFormCase.text(of: merge) == example.result)
    }
  }
}
