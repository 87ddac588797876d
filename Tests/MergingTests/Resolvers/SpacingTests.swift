import Testing

@testable import Merging

@Suite("White space with a meaning") struct SpacingTests {
  private let resolvers: [any Resolver] = [
    AdjacentEdits(), AdjacentInsertion(), TokenEdits(), Reformatted(), SmallTokenMerge(), WhitespaceOnly(),
  ]

  private func results(_ path: String, _ base: String, _ ours: String, _ theirs: String) -> Set<String> {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs)
    return Set(resolvers.flatMap { [fixture.resolved(by: $0), fixture.swapped.resolved(by: $0)] }.compactMap { $0 })
  }

  @Test(
    "is a change of its line like any other",
    arguments: [
      // A dedent beside another call.
      (
        "a.py", "    first(all)\n    second(all)\n", "    first(all)\nsecond(all)\n",
        "    first(all)\n    second(any)\n"
      ),
      ("a.py", "    run(a)\n", "run(a)\n", "    run(b)\n"),
      ("a.yml", "  key: one\n", "    key: one\n", "  key: two\n"),
      ("Makefile", "\trun one two\n", "run one two\n", "\trun one three\n"),
      ("a.haml", "  %p one two\n", "    %p one two\n", "  %p one three\n"),
      ("a.html", "<pre>\na b\n</pre>\n", "<pre>\na  b\n</pre>\n", "<pre>\na c\n</pre>\n"),
      ("a.md", "- one two\n", "  - one two\n", "- one three\n"),
    ]
  )
  func meaning(path: String, base: String, ours: String, theirs: String) {
    #expect(results(path, base, ours, theirs).isEmpty)
  }

  @Test(
    "is none where it only lays the line out",
    arguments: [
      ("a.c", "  f(a, b);\n", "    f(a, b);\n", "  f(a, c);\n", "    f(a, c);\n"),
      ("a.html", "<p>\na b\n</p>\n", "<p>\na  b\n</p>\n", "<p>\na c\n</p>\n", "<p>\na  c\n</p>\n"),
      // Both indent the line alike.
      ("a.py", "f(a, b, c)\n", "  f(d, b, c)\n", "  f(a, b, e)\n", "  f(d, b, e)\n"),
      // Within brackets.
      ("a.py", "f(one, two)\n", "f(\n  one,\n  two)\n", "f(one, three)\n", "f(one, three)\n"),
    ]
  )
  func layout(path: String, base: String, ours: String, theirs: String, result: String) {
    #expect(!results(path, base, ours, theirs).isEmpty, "the layout is \(result)")
  }
}
