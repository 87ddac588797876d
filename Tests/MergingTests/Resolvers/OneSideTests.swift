import Testing

@testable import Merging

/// The lines of a function that one side deletes or edits in the cases below.
private let function = "int sum(int a, int b) {\n  check(a, b);\n  trace(a, b);\n  return a + b;\n}\n"

@Suite("edit-in-deleted") struct EditInDeletedTests {
  let resolver = EditInDeleted()

  @Test(
    "takes the deletion where the other side edited within the lines",
    arguments: [
      // A name.
      ("a.c", function, "int sum(int a, int b) {\n  verify(a, b);\n  trace(a, b);\n  return a + b;\n}\n"),
      // An argument more.
      ("a.c", function, "int sum(int a, int b) {\n  check(a, b, 1);\n  trace(a, b);\n  return a + b;\n}\n"),
      // A line less.
      ("a.c", function, "int sum(int a, int b) {\n  check(a, b);\n  trace(a);\n  return a + b;\n}\n"),
      // Lines in indentation.
      (
        "a.py", "def sum(a, b):\n    check(a, b)\n    trace(a, b)\n    return a + b\n",
        "def sum(a, b):\n    check(a, b)\n    trace(b, a)\n    return b + a\n"
      ),
      // A test.
      (
        "a.rb", "it 'adds' do\n  one = make(:one)\n  expect(one + one).to eq(two)\nend\n",
        "it 'adds' do\n  one = build(:one)\n  expect(one + one).to eq(two)\nend\n"
      ),
      // Entries of a manifest.
      (
        "a.xml", "<dependency>\n  <id>one</id>\n  <version>1.0</version>\n</dependency>\n",
        "<dependency>\n  <id>one</id>\n  <version>1.1</version>\n</dependency>\n"
      ),
    ]
  )
  func deleted(path: String, base: String, edited: String) {
    let fixture = ConflictFixture(path, base: base, ours: "", theirs: edited, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == "")
    #expect(fixture.swapped.resolved(by: resolver) == "")
  }

  @Test("lists the edit that it leaves out, and keeps blank lines of the side that deleted")
  func drops() {
    let edited = "int sum(int a, int b) {\n  verify(a, b);\n  trace(a, b);\n  return a + b;\n}\n"
    let fixture = ConflictFixture("a.c", base: function, ours: "\n", theirs: edited)
    let resolution = fixture.resolution(by: resolver)
    #expect(resolution?.lines == Array("\n".utf8))
    #expect(resolution?.dropped.map(\.side) == [.theirs])
    #expect(resolution?.dropped.map(\.line) == [Array("verify(a, b);".utf8)])
  }

  @Test(
    "abstains where more than an edit would be lost",
    arguments: [
      // New lines beside the deleted ones.
      ("a.c", function, function + "int difference(int a, int b) {\n  return a - b;\n}\n"),
      // A new import among deleted ones.
      (
        "a.java", "import a.One;\nimport a.Two;\nimport a.Three;\n",
        "import a.One;\nimport a.OneAndAHalf;\nimport a.Two;\nimport a.Three;\n"
      ),
      // Most of it is written anew.
      ("a.c", function, "long sum(list *all) {\n  each(all, &add);\n  done(all);\n  return all->sum;\n}\n"),
      // A line alone.
      ("a.c", "int count = start(alpha, beta, gamma);\n", "int count = start(alpha, beta, delta);\n"),
      // Prose.
      (
        "a.md", "One two three four.\nFive six seven eight.\nNine ten eleven twelve.\n",
        "One two three four.\nFive six seven ate.\nNine ten eleven twelve.\n"
      ),
      // Nothing is known about the file.
      ("a.unheard", function, "int sum(int a, int b) {\n  verify(a, b);\n  trace(a, b);\n  return a + b;\n}\n"),
      // Both deleted.
      ("a.c", function, "\n"),
    ]
  )
  func notDeleted(path: String, base: String, other: String) {
    let fixture = ConflictFixture(path, base: base, ours: "", theirs: other, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }

  @Test("abstains where the lines were moved")
  func moved() {
    let edited = "int sum(int a, int b) {\n  verify(a, b);\n  trace(a, b);\n  return a + b;\n}\n"
    var fixture = ConflictFixture("a.c", base: function, ours: "", theirs: edited, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == "")
    fixture.context = ResolverContext(
      path: fixture.context.path, base: fixture.context.base, ours: fixture.context.ours + Array(function.utf8),
      theirs: fixture.context.theirs
    )
    #expect(fixture.resolved(by: resolver) == nil)
  }

  @Test("abstains in a part of a conflict")
  func narrowed() {
    let edited = "int sum(int a, int b) {\n  verify(a, b);\n  trace(a, b);\n  return a + b;\n}\n"
    var fixture = ConflictFixture("a.c", base: function, ours: "", theirs: edited)
    #expect(fixture.resolved(by: resolver) == "")
    fixture.conflict.isNarrowed = true
    #expect(fixture.resolved(by: resolver) == nil)
  }
}

@Suite("edit-in-rewritten") struct EditInRewrittenTests {
  let resolver = EditInRewritten()

  @Test(
    "takes the rewritten lines where what the other side edited is gone",
    arguments: [
      // A renamed function that is not called any more.
      (
        "a.c", "  if (check(alpha, beta, gamma))\n    return alpha + beta;\n",
        "  return total(&everything);\n", "  if (verify(alpha, beta, gamma))\n    return alpha + beta;\n"
      ),
      // An argument less in a call that is gone.
      (
        "a.py", "    first(alpha, beta, gamma, delta)\n    second(alpha, beta, gamma)\n", "    run_all(everything)\n",
        "    first(alpha, beta, gamma)\n    second(alpha, beta, gamma)\n"
      ),
      // A sign in an expression that is gone.
      (
        "a.go", "\tfor index := range length(all) {\n\t\tprint(all[index])\n\t}\n", "\tlogger.Dump(output)\n",
        "\tfor index = range length(all) {\n\t\tprint(all[index])\n\t}\n"
      ),
      // A literal in a test that was written anew.
      (
        "a.rb", "  expect(subject.name).to eq 'one'\n  expect(subject.size).to be > 3\n",
        "  assert_equal [1, 2], list\n",
        "  expect(subject.name).to eq 'two'\n  expect(subject.size).to be > 3\n"
      ),
      // A type that the new line does not name.
      (
        "a.swift", "    let pool = Pool(host: local, user: root, queue: main)\n    pool.open(now)\n",
        "    connect { $0.start() }\n",
        "    let pool = SharedPool(host: local, user: root, queue: main)\n    pool.open(now)\n"
      ),
    ]
  )
  func rewritten(path: String, base: String, rewritten: String, edited: String) {
    let fixture = ConflictFixture(path, base: base, ours: rewritten, theirs: edited, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == rewritten)
    #expect(fixture.swapped.resolved(by: resolver) == rewritten)
    #expect(fixture.resolution(by: resolver)?.dropped.isEmpty == false)
  }

  @Test(
    "abstains where the edit may still be meant",
    arguments: [
      // The rewritten lines still have what was renamed.
      (
        "a.c", "  if (check(alpha, beta, gamma))\n    return alpha + beta;\n", "  assert(check(everything));\n",
        "  if (verify(alpha, beta, gamma))\n    return alpha + beta;\n"
      ),
      // The edit brought something in.
      (
        "a.c", "  if (check(alpha, beta, gamma))\n    return alpha + beta;\n", "  return total(&everything);\n",
        "  if (check(alpha, beta, gamma, strict))\n    return alpha + beta;\n"
      ),
      // A line of it was kept.
      (
        "a.c", "  check(alpha, beta, gamma);\n  return alpha + beta + gamma;\n",
        "  total(&everything, &other, &more, &rest, &last);\n  return alpha + beta + gamma;\n",
        "  check(alpha, beta, gamma);\n  return beta + gamma;\n"
      ),
      // A version.
      (
        "pom.xml", "<version>2.53</version>\n", "<version>2.54-20171030.181318-3</version> <!-- until then -->\n",
        "<version>2.54</version>\n"
      ),
      // Both wrote it anew.
      (
        "a.c", "  if (check(alpha, beta, gamma))\n    return alpha + beta;\n", "  return total(&everything);\n",
        "  while (next(item)) {\n    sum += item->value;\n"
      ),
      // Both changed little.
      (
        "a.c", "  if (check(alpha, beta, gamma))\n    return alpha + beta;\n",
        "  if (check(alpha, beta, delta))\n    return alpha + beta;\n",
        "  if (verify(alpha, beta, gamma))\n    return alpha + beta;\n"
      ),
      // Entries of a table of data.
      (
        "a.json", "\"alpha\": [one, two, three, four],\n\"beta\": [five, six],\n", "\"gamma\": true,\n",
        "\"alpha\": [one, two, three, for],\n\"beta\": [five, six],\n"
      ),
      // The other side added lines.
      (
        "a.c", "  if (check(alpha, beta, gamma))\n    return alpha + beta;\n", "  return total(&everything);\n",
        "  if (check(alpha, beta, gamma))\n    return alpha + beta;\n  return alpha;\n"
      ),
    ]
  )
  func meant(path: String, base: String, ours: String, theirs: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }
}

@Suite("smaller-deletion") struct SmallerDeletionTests {
  let resolver = SmallerDeletion()

  @Test(
    "takes the side that took away all that the other did",
    arguments: [
      // A line of several.
      ("a.c", "first(a);\nsecond(b);\nthird(c);\n", "", "first(a);\nthird(c);\n"),
      // A word of a line that is gone.
      (
        "a.c", "static int first(void);\nint second(void);\n", "int second(void);\n",
        "int first(void);\nint second(void);\n"
      ),
      // An argument of a line that was written anew.
      ("a.py", "first(alpha, beta)\n", "second(alpha)\n", "first(alpha)\n"),
      // An element of a list.
      (
        "a.json", "\"files\": [\"one\", \"two\", \"three\"],\n", "\"files\": [\"one\"],\n",
        "\"files\": [\"one\", \"two\"],\n"
      ),
      // An import of several, in another order.
      (
        "a.ts", "import { one, two, three } from './all';\n", "import { one } from './all';\n",
        "import { one, three } from './all';\n"
      ),
    ]
  )
  func contained(path: String, base: String, larger: String, smaller: String) {
    let fixture = ConflictFixture(path, base: base, ours: larger, theirs: smaller, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == larger)
    #expect(fixture.swapped.resolved(by: resolver) == larger)
  }

  @Test(
    "abstains where the other side did something else",
    arguments: [
      // It took away something else.
      ("a.c", "first(a);\nsecond(b);\nthird(c);\n", "second(b);\nthird(c);\n", "first(a);\nthird(c);\n"),
      // It added something.
      ("a.c", "first(a);\nsecond(b);\nthird(c);\n", "", "first(a);\nthird(d);\n"),
      // It only took away a copy.
      ("a.java", "import a.One;\nimport b.Two;\nimport a.One;\n", "import b.Two;\n", "import a.One;\nimport b.Two;\n"),
      // A number.
      ("a.swift", "version(3, 1)\n", "release(3)\n", "version(3)\n"),
      // What it took away is in the new lines.
      ("a.c", "first(alpha, beta, alpha);\n", "second(beta);\nlast(alpha);\n", "first(alpha, beta);\n"),
      // Prose.
      ("a.md", "One two three four.\n", "One.\n", "One two four.\n"),
      // Both took away the same words, in another layout.
      ("a.c", "first(a, b);\nsecond(b);\n", "first(a,\n  b);\n", "first(a, b);\n"),
    ]
  )
  func different(path: String, base: String, ours: String, theirs: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }

  @Test("abstains where the lines stand elsewhere now, so that the other side's deletion has to be made there")
  func moved() {
    func resolved(_ end: String) -> String? {
      ConflictFixture(
        "a.c", base: "call(alpha,\n     beta, gamma);\nnext(delta);\n", ours: "", theirs: "call(alpha,\n     gamma);\n",
        before: "top\n", after: "end\n"
      ).followed(base: "x\n", ours: "x\n" + end, theirs: "x\n").resolved(by: resolver)
    }
    #expect(resolved("") == "")
    #expect(resolved("call(alpha,\n     beta, gamma);\nnext(delta);\n") == nil)
  }
}
