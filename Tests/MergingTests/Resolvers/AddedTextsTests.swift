import Testing

@testable import Merging

/// Two additions to a text, which each side may have changed elsewhere as well.
private struct Texts {
  var path: String
  var base: String
  var ours: String
  var theirs: String

  func merged(_ resolver: any Resolver) -> (String?, String?) {
    func merge(_ ours: String, _ theirs: String) -> String? {
      let merge = FileMerge(
        base: Array(base.utf8), ours: Array(ours.utf8), theirs: Array(theirs.utf8), path: Array(path.utf8),
        resolvers: [resolver], bothWays: false
      )
      return merge.isClean
        ? String(decoding: merge.render(ConflictMarkers(ours: nil, base: nil, theirs: nil)), as: UTF8.self) : nil
    }
    return (merge(ours, theirs), merge(theirs, ours))
  }
}

@Suite("added text and where it stands") struct AddedTextsTests {
  private let list = "# A\n\n- one of many\n- two of many\n\n# B\n\n- three of many\n- four of many\n\nEnd.\n"

  @Test("keeps items of one section, but not where a side moved an item or put a heading between")
  func moved() {
    let ours = "# A\n\n- one of many\n- two of many\n- five of many\n\n# B\n\n- three of many\n- four of many\n\nEnd.\n"
    let theirs =
      "# A\n\n- one of many\n- two of many\n- six of many\n\n# B\n\n- three of many\n- four of many\n\nEnd.\n"
    #expect(Texts(path: "a.md", base: list, ours: ours, theirs: theirs).merged(AddedText()).0 != nil)
    let moving = "# A\n\n- one of many\n- two of many\n- four of many\n\n# B\n\n- three of many\n\nEnd.\n"
    #expect(Texts(path: "a.md", base: list, ours: moving, theirs: theirs).merged(AddedText()) == (nil, nil))
  }

  @Test("leaves entries that a new heading on one side parts from the other's")
  func sections() {
    let base = "# Log\n\n## Next\n\n- a b\n\n## 1.0\n\n- z y\n"
    let theirs = "# Log\n\n## Next\n\n- a b\n- e f\n\n## 1.0\n\n- z y\n"
    let ours = "# Log\n\n## Next\n\n- a b\n- c d\n\n## 1.0\n\n- z y\n"
    let released = "# Log\n\n## Next\n\n## 1.1\n\n- a b\n- c d\n\n## 1.0\n\n- z y\n"
    #expect(Texts(path: "a.md", base: base, ours: ours, theirs: theirs).merged(AddedText()).0 != nil)
    #expect(Texts(path: "a.md", base: base, ours: released, theirs: theirs).merged(AddedText()) == (nil, nil))
  }

  @Test(
    "keeps items with what is attached to them",
    arguments: [
      ("* z\n  y\n\n", "* a\n  b\n", "* c\n+\nMore of it.\n+\n--\nAnd more.\n\nStill.\n--\n"),
      ("", "a.b::\n\tSays it.\n+\nAnd more.\n", "c.d::\n\tSays this.\n"),
    ]
  )
  func attached(before: String, ours: String, theirs: String) {
    let base = "A\n=\n\n" + before + "\nEnd.\n"
    func file(_ added: String) -> String { "A\n=\n\n" + before + added + "\nEnd.\n" }
    let texts = Texts(path: "a.adoc", base: base, ours: file(ours), theirs: file(theirs))
    let (one, other) = texts.merged(AddedText())
    #expect(one == file(ours + "\n" + theirs))
    #expect(other == file(theirs + "\n" + ours))
  }

  @Test(
    "leaves prose",
    arguments: [
      ("* z\n\n", "* a\n\nMore of it.\n", "* c\n"),
      ("* z\n\n", "* a\n+\nMore of it.\n\nNot of it.\n", "* c\n"),
      ("* z\n\n", "* a\n--\nA block of its own.\n--\n", "* c\n"),
      ("The end.\nOf all.\n", "The one.\n", "The other.\n"),
    ]
  )
  func prose(before: String, ours: String, theirs: String) {
    let base = "A\n=\n\n" + before + "\nEnd.\n"
    func file(_ added: String) -> String { "A\n=\n\n" + before + added + "\nEnd.\n" }
    let texts = Texts(path: "a.adoc", base: base, ours: file(ours), theirs: file(theirs))
    #expect(texts.merged(AddedText()) == (nil, nil))
  }

  @Test("keeps releases that mended the same, under headings of the same names")
  func releases() {
    let base = "# Log\n\n## 1.2\n\n### Fixed\n\n- a b\n"
    let ours = "# Log\n\n## 1.3\n\n### Fixed\n\n- c d\n- g h\n- i j\n\n## 1.2\n\n### Fixed\n\n- a b\n"
    let theirs = "# Log\n\n## 1.2.1\n\n### Fixed\n\n- c d\n\n### Added\n\n- e f\n\n## 1.2\n\n### Fixed\n\n- a b\n"
    let merged =
      "# Log\n\n## 1.3\n\n### Fixed\n\n- c d\n- g h\n- i j\n\n## 1.2.1\n\n### Fixed\n\n- c d\n\n### Added\n\n- e f\n\n"
      + "## 1.2\n\n### Fixed\n\n- a b\n"
    let (one, other) = Texts(path: "LOG.md", base: base, ours: ours, theirs: theirs).merged(AddedReleases())
    #expect(one == merged)
    #expect(other == merged)
    let same = Texts(
      path: "LOG.md", base: base, ours: ours, theirs: theirs.replacing("1.2.1", with: "1.3")
    ).merged(AddedReleases())
    #expect(same == (nil, nil))
  }
}

@Suite("releases of packages") struct PackageReleaseTests {
  private func release(_ version: String, _ state: String = "stable", _ package: String = "tool") -> String {
    "\(package) (\(version)) \(state); urgency=medium\n\n  * Did.\n\n -- A <\(version)@b.c>  Mon, 01 Jan 2026 10:00:00\n"
  }

  private func merged(_ ours: String, _ theirs: String) -> (String?, String?) {
    let last = "\n" + release("1.0")
    let texts = Texts(path: "debian/changelog", base: release("1.0"), ours: ours + last, theirs: theirs + last)
    return texts.merged(AddedReleases())
  }

  @Test(
    "puts the higher release first, on whatever side it is",
    arguments: [("1.3", "1.2.1"), ("1.10~rc1", "1.9"), ("1.3+nmu1", "1.3"), ("1.3ubuntu1", "1.3"), ("1.3.1", "1.3")]
  )
  func higherFirst(high: String, low: String) {
    let expected = release(high, "UNRELEASED") + "\n" + release(low) + "\n" + release("1.0")
    let (one, other) = merged(release(high, "UNRELEASED"), release(low))
    #expect(one == expected)
    #expect(other == expected)
  }

  @Test("leaves what packagers renumber, and what is not whole")
  func renumbered() {
    #expect(merged(release("1.2+nmu1", "UNRELEASED"), release("1.2.1")) == (nil, nil))
    #expect(merged(release("1.3~rc1+nmu1", "UNRELEASED"), release("1.3")) == (nil, nil))
    #expect(merged(release("1.3", "UNRELEASED"), release("1.3")) == (nil, nil))
    #expect(merged(release("1.3"), release("1.2", "stable", "other")) == (nil, nil))
    #expect(merged(release("1:1.3"), release("1.2")) == (nil, nil))
    #expect(merged(release("1.3") + "\n" + release("1.1"), release("1.2")) == (nil, nil))
    #expect(merged("tool (1.3) stable; urgency=low\n\n  * Did.\n", release("1.2")) == (nil, nil))
  }
}
