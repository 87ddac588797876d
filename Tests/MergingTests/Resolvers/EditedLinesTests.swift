import Testing

@testable import Merging

extension ConflictFixture {
  /// Puts more lines at the end of the files, others in each.
  func followed(base: String, ours: String, theirs: String) -> ConflictFixture {
    var copy = self
    copy.context = ResolverContext(
      path: context.path, base: context.base + base.utf8, ours: context.ours + ours.utf8,
      theirs: context.theirs + theirs.utf8)
    return copy
  }
}

@Suite("edit-in-replaced") struct EditInReplacedTests {
  let resolver = EditInReplaced()

  @Test(
    "takes lines that have nothing in common with those that the other side edited",
    arguments: [
      // A call with an argument more.
      (
        "a.c", "walk(repo, write_one, &data,\n     ONLY_SOME);\nfinish(data);\n", "close(out);\n",
        "walk(repo, write_one, &data, 0,\n     ONLY_SOME);\nfinish(data);\n"
      ),
      // A type in a comment.
      (
        "a.php", "/**\n * {@inheritdoc}\n */\npublic function all()\n", "#[Override]\nfinal fn list() => [];\n",
        "/**\n * {@inheritDoc}\n */\npublic function all()\n"
      ),
      // A test that another took the place of.
      (
        "a.swift", "let expected = text(\"HTTP 420\", body)\nassert(data == expected.data)\n",
        "check(stream, contains: \"Transfer\")\n",
        "let expected = text(\"HTTP 420\", body)\nassertEqual(data, expected.data)\n"
      ),
      // A line less.
      (
        "a.py", "first(alpha, beta)\nsecond(gamma)\nthird(delta)\n", "run(everything)\n",
        "first(alpha, beta)\nthird(delta)\n"
      ),
      // A new line without any new name.
      (
        "a.c", "open(file);\nread(file, buffer, size);\n", "copy_all(from, to);\n",
        "open(file);\nread(file, buffer, 2 * size);\n{\n"
      ),
    ]
  )
  func replaced(path: String, base: String, taken: String, edited: String) {
    let fixture = ConflictFixture(path, base: base, ours: taken, theirs: edited, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == taken)
    #expect(fixture.swapped.resolved(by: resolver) == taken)
  }

  @Test("lists the edit that it leaves out")
  func drops() {
    let fixture = ConflictFixture(
      "a.c", base: "first(alpha, beta);\nsecond(gamma);\n", ours: "run(all);\n",
      theirs: "first(alpha, delta);\nsecond(gamma);\n")
    #expect(fixture.resolution(by: resolver)?.dropped.map(\.side) == [.theirs])
    #expect(fixture.resolution(by: resolver)?.dropped.map(\.line) == [Array("first(alpha, delta);".utf8)])
  }

  @Test(
    "abstains where the edit may still have its place",
    arguments: [
      // A line that is like the edited one.
      (
        "a.c", "first(alpha, beta);\nsecond(gamma);\n", "first(alpha, beta, 1);\n",
        "first(alpha, delta);\nsecond(gamma);\n"
      ),
      // One that is like what the edit made of it.
      ("a.c", "one(a, b);\nsecond(gamma);\n", "two(a, c, d);\n", "two(a, b, c);\nsecond(gamma);\n"),
      // The edited line in several.
      (
        "a.html", "<input type=\"text\" id=\"filter\"/>\n<br/>\n",
        "<input\n  class=\"search\"\n  role=\"box\"\n  type=\"text\"\n  id=\"filter\"\n/>\n",
        "<input type=\"text\" id=\"filter\" value=\"x\"/>\n<br/>\n"
      ),
      // A line alone.
      ("a.c", "first(alpha, beta);\n", "run(all);\n", "first(alpha, delta);\n"),
      // New lines of new names.
      (
        "a.c", "first(alpha, beta);\nsecond(gamma);\n", "run(all);\n",
        "first(alpha, delta);\nsecond(gamma);\nassert(valid);\n"
      ),
      // Lines that were only deleted.
      ("a.c", "first(alpha, beta);\nsecond(gamma);\n", "", "first(alpha, delta);\nsecond(gamma);\n"),
      // The edited line was kept.
      (
        "a.c", "first(alpha, beta);\nsecond(gamma);\n", "first(alpha, beta);\nrun(all);\n",
        "first(alpha, delta);\nsecond(gamma);\n"
      ),
      // Both wrote all of it anew.
      ("a.c", "first(alpha, beta);\nsecond(gamma);\n", "run(all);\n", "while (next) {\n  go(on);\n}\n"),
      // Prose.
      ("a.md", "One two three four.\nFive six.\n", "Nine ten.\n", "One two three for.\nFive six.\n"),
    ]
  )
  func meant(path: String, base: String, ours: String, theirs: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }

  @Test("abstains where the edited line stands elsewhere now, as it was or nearly so")
  func moved() {
    let fixture = ConflictFixture(
      "a.c", base: "first(alpha, beta);\nsecond(gamma);\n", ours: "run(all);\n",
      theirs: "first(alpha, delta);\nsecond(gamma);\n")
    func resolved(_ ours: String, _ others: String = "x\n") -> String? {
      fixture.followed(base: others, ours: ours, theirs: others).resolved(by: resolver)
    }
    #expect(resolved("x\n") == "run(all);\n")
    #expect(resolved("  first(alpha, beta);\n") == nil)
    #expect(resolved("first(alpha, beta, 1);\n") == nil)
    #expect(resolved("if (on) call(first(alpha, beta), 1, 2, 3, 4, 5, 6, 7, 8);\n") == nil)
    #expect(resolved("second(gamma);\n") == "run(all);\n")
    // There twice, and once now.
    #expect(resolved("first(alpha, beta);\n", "first(alpha, beta);\n") == "run(all);\n")
  }

  @Test("abstains where the new lines have words side by side that the edit took apart")
  func parted() {
    func resolved(_ taken: String) -> String? {
      ConflictFixture(
        "a.py", base: "insert(alpha, beta)\nclose(gamma)\n", ours: taken,
        theirs: "insert(now, alpha, beta)\nclose(gamma)\n", before: "top\n", after: "end\n"
      ).resolved(by: resolver)
    }
    #expect(resolved("rows.run(one, alpha, of=table, within=everything)\n") != nil)
    #expect(resolved("rows.run(alpha, one, of=table, within=everything)\n") == nil)
  }

  @Test("abstains where the other side only deleted something that is still in use elsewhere")
  func deletedElsewhere() {
    let fixture = ConflictFixture(
      "a.rb", base: "first(alpha, beta)\nadd(\"helper\", plain)\n", ours: "run(all)\n", theirs: "first(alpha, beta)\n")
    func resolved(_ others: String) -> String? {
      fixture.followed(base: "x\n", ours: others, theirs: "x\n").resolved(by: resolver)
    }
    #expect(resolved("x\n") == "run(all)\n")
    #expect(resolved("x\nload [\"helper\", 4, 5, 6]\n") == nil)
  }

  @Test("abstains where the new lines have names that the other side gave up everywhere")
  func needed() {
    let fixture = ConflictFixture(
      "a.rb", base: "first(alpha, beta)\nsecond(gamma)\n", ours: "stub(all)\n",
      theirs: "first(alpha, delta)\nsecond(gamma)\n")
    #expect(
      fixture.followed(base: "stub(x)\n", ours: "stub(x)\n", theirs: "stub(x)\n").resolved(by: resolver)
        == "stub(all)\n")
    #expect(fixture.followed(base: "stub(x)\n", ours: "stub(x)\n", theirs: "allow(x)\n").resolved(by: resolver) == nil)
  }

  @Test("abstains from a part of a conflict, and takes any bytes")
  func narrowed() {
    var fixture = ConflictFixture(
      "a.c", base: [0xFF, 0x61, 0x20, 0x62, 0x0A, 0x63, 0x0A], ours: [0xFE, 0x78, 0x0A],
      theirs: [0xFF, 0x61, 0x20, 0x62, 0x3B, 0x0A, 0x63, 0x0A])
    #expect(fixture.resolution(by: resolver)?.lines == [0xFE, 0x78, 0x0A])
    fixture.conflict.isNarrowed = true
    #expect(fixture.resolved(by: resolver) == nil)
  }
}

@Suite("edit-in-deleted-lines") struct EditInDeletedLinesTests {
  let resolver = EditInDeletedLines()

  @Test(
    "takes the deletion where the other side changed some of the lines",
    arguments: [
      // Two lines.
      ("a.c", "int first(void);\nint second(void);\n", "int first(void);\nlong second(void);\n"),
      // Many changes.
      (
        "a.py", "def sum(a, b):\n    check(a, b)\n    return a + b\n",
        "def sum(a, b, c):\n    check(a, c)\n    return a + c\n"
      ),
      // A line more, of names that the file had.
      (
        "a.c", "open(file);\nread(file, size);\nclose(file);\n",
        "open(file);\nread(file, size);\nread(file, size);\nclose(file, 1);\n"
      ),
      // Entries of data.
      ("a.json", "\"one\": [1, 2, 3],\n\"two\": [4, 5, 6],\n", "\"one\": [1, 2, 3],\n\"two\": [4, 5, 7],\n"),
      // A comment.
      (
        "a.go", "// Sum adds alpha to beta and gamma\nfunc Sum() int\n",
        "// Sum adds alpha to beta and gamma.\nfunc Sum() int\n"
      ),
    ]
  )
  func deleted(path: String, base: String, edited: String) {
    let fixture = ConflictFixture(path, base: base, ours: "", theirs: edited, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == "")
    #expect(fixture.swapped.resolved(by: resolver) == "")
    #expect(fixture.resolution(by: resolver)?.dropped.isEmpty == false)
  }

  @Test(
    "abstains where more than a change would be lost",
    arguments: [
      // A line alone.
      ("a.c", "int first(void);\n", "long first(void);\n"),
      // New names in new lines.
      (
        "a.c", "int first(void);\nint second(void);\n",
        "long first(void);\nint second(void);\nint third(void, extra);\n"
      ),
      // Written anew for the most part.
      ("a.c", "int first(void);\nint second(void);\n", "long first(list *all);\nlong second(list *all, long);\n"),
      // Only new lines.
      ("a.c", "int first(void);\nint second(void);\n", "int first(void);\nint second(void);\nint first(void);\n"),
      // Prose.
      ("a.md", "One two three four.\nFive six seven.\n", "One two three for.\nFive six seven.\n"),
    ]
  )
  func meant(path: String, base: String, edited: String) {
    let fixture = ConflictFixture(path, base: base, ours: "", theirs: edited, before: "top\n", after: "end\n")
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }

  @Test("abstains where the lines were moved")
  func moved() {
    let fixture = ConflictFixture(
      "a.py", base: "import ujson as json\nimport re\n", ours: "", theirs: "import simplejson as json\nimport re\n")
    func resolved(_ ours: String) -> String? {
      fixture.followed(base: "x\n", ours: ours, theirs: "x\n").resolved(by: resolver)
    }
    #expect(resolved("x\n") == "")
    #expect(resolved("import ujson as json\nx\n") == nil)
    #expect(resolved("    import ujson as json  # late\nx\n") == nil)
    #expect(resolved("import re\nx\n") == "")
  }
}

@Suite("edits of moved lines") struct MovedEditTests {
  @Test("keep a deletion and rewritten lines from being taken")
  func moved() {
    let base = "int sum(int a, int b) {\n  check(alpha, beta, gamma);\n  trace(a, b);\n  return a + b;\n}\n"
    let edited = "int sum(int a, int b) {\n  verify(alpha, beta, gamma);\n  trace(a, b);\n  return a + b;\n}\n"
    let deleted = ConflictFixture("a.c", base: base, ours: "", theirs: edited)
    #expect(deleted.resolved(by: EditInDeleted()) == "")
    let elsewhere = deleted.followed(base: "x\n", ours: "x\n    check(alpha, beta, gamma);\n", theirs: "x\n")
    #expect(elsewhere.resolved(by: EditInDeleted()) == nil)
    let rewritten = ConflictFixture("a.c", base: base, ours: "long total(list *all);\n", theirs: edited)
    #expect(rewritten.resolved(by: EditInRewritten()) == "long total(list *all);\n")
    let kept = rewritten.followed(base: "x\n", ours: "x\n    check(alpha, beta, gamma);\n", theirs: "x\n")
    #expect(kept.resolved(by: EditInRewritten()) == nil)
  }
}
