import Testing

@testable import Merging

@Suite("contained-edit") struct ContainedEditTests {
  let resolver = ContainedEdit()

  private func resolved(_ base: String, _ ours: String, _ theirs: String, _ path: String = "a.c") -> String? {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, before: "top\n", after: "end\n")
    let result = fixture.resolved(by: resolver)
    #expect(fixture.swapped.resolved(by: resolver) == result, "swapped")
    return result
  }

  @Test(
    "takes the side that has both changes",
    arguments: [
      ("x = a\ny = b\n", "x = c\ny = b\n", "x = c\ny = d\n"),
      ("f(1);\ng(2);\nh(3);\n", "f(1);\ng(two);\nh(3);\n", "f(one);\ng(two);\nh(three);\n"),
      ("call a\ncall b\ncall c\n", "call a\ncall bb\ncall c\n", "call aa\ncall bb\ncall cc\n"),
      ("let a = 1\nlet b = 2\nlet c = 3\n", "let a = 1\nvar b = 2\nlet c = 3\n", "var a = 1\nvar b = 2\nvar c = 3\n"),
      ("one\ntwo\nthree\n", "one\n2 two\nthree\n", "1 one\n2 two\n3 three\n"),
    ])
  func contained(_ base: String, _ part: String, _ all: String) { #expect(resolved(base, part, all) == all) }

  @Test(
    "abstains elsewhere",
    arguments: [
      // Each side has a change of its own.
      ("f(one, two);\n", "f(uno, two);\n", "f(one, dos);\n"),
      // The same word, in two ways.
      ("f(one);\n", "f(uno);\n", "f(eins);\n"),
      // The part is none.
      ("f(one, two);\n", "f(uno, two);\n", "f(eins, dos);\n"),
      // White space alone.
      ("f(one);\n", "f( one);\n", "f(one );\n"),
      // Nothing was there, or nothing is left.
      ("", "a\n", "a b\n"), ("a\nb\n", "", "a\n"),
    ])
  func abstains(_ base: String, _ ours: String, _ theirs: String) { #expect(resolved(base, ours, theirs) == nil) }
}
