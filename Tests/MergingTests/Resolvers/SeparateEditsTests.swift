import Testing

@testable import Merging

@Suite("separate-edits") struct SeparateEditsTests {
  private func merged(_ base: String, _ ours: String, _ theirs: String, path: String = "a.js") -> String? {
    mergedBothWays(base, ours, theirs, path: path, by: SeparateEdits())
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var ours: String
    var theirs: String
    var result: String?
    var testDescription: String { ours }

    init(_ ours: String, _ theirs: String, _ result: String? = nil) {
      (self.ours, self.theirs, self.result) = (ours, theirs, result)
    }
  }

  /// The ancestor of all cases.
  private static let base = """
    const reader = openReader(path, options.encoding);
    const answer = transform(reader, rules, options.limit);

    """

  @Test(
    "takes both changes with words between them",
    arguments: [
      // A word of both lines, and another of the first.
      Case(
        """
        const input = openReader(path, options.encoding);
        const answer = transform(input, rules, options.limit);

        """,
        """
        const reader = openReader(path, options.charset);
        const answer = transform(reader, rules, options.limit);

        """,
        """
        const input = openReader(path, options.charset);
        const answer = transform(input, rules, options.limit);

        """),
      // A word of both lines, and a line after them that has nothing to do with it.
      Case(
        """
        const reader = openReader(path, options.charset);
        const answer = transform(reader, rules, options.maximum);

        """,
        """
        const reader = openReader(path, options.encoding);
        const answer = transform(reader, rules, options.limit);
        log.info("done");

        """,
        """
        const reader = openReader(path, options.charset);
        const answer = transform(reader, rules, options.maximum);
        log.info("done");

        """),
      // A line before them, and a word of both.
      Case(
        """
        check(path);
        const reader = openReader(path, options.encoding);
        const answer = transform(reader, rules, options.limit);

        """,
        """
        const reader = openReader(path, options.charset);
        const answer = transform(reader, rules, options.maximum);

        """,
        """
        check(path);
        const reader = openReader(path, options.charset);
        const answer = transform(reader, rules, options.maximum);

        """),
      // Neighbouring lines.
      Case(
        """
        const reader = openReader(path, options.charset);
        const answer = transform(reader, rules, options.limit);

        """,
        """
        const reader = openReader(path, options.encoding);
        const answer = convert(reader, rules, options.limit);

        """,
        """
        const reader = openReader(path, options.charset);
        const answer = convert(reader, rules, options.limit);

        """),
      // An operator in one line says nothing of the other.
      Case(
        """
        const reader = openReader(path, options.encoding || standard);
        const answer = transform(reader, rules, options.limit);

        """,
        """
        const reader = openReader(path, options.encoding);
        const answer = transform(reader, all, options.limit);

        """,
        """
        const reader = openReader(path, options.encoding || standard);
        const answer = transform(reader, all, options.limit);

        """),
    ])
  func takesBoth(_ example: Case) { #expect(merged(Self.base, example.ours, example.theirs) == example.result) }

  @Test(
    "leaves what may belong together",
    arguments: [
      // The changes touch each other.
      Case(
        """
        let reader = openReader(path, options.encoding);
        const answer = transform(reader, all, options.limit);

        """,
        """
        const input = openReader(path, options.encoding);
        const answer = transform(reader, rules, options.limit);

        """),
      // The new line uses what the other side took away.
      Case(
        """
        const reader = openReader(path, options.charset);
        const answer = transform(reader, rules, options.maximum);

        """,
        """
        const reader = openReader(path, options.encoding);
        const answer = transform(reader, rules, options.limit);
        log.info(options.encoding);

        """),
      // The new line is like one that the other side changed, and would have been changed as well.
      Case(
        """
        const reader = openReader(path, options.charset);
        const answer = await transform(reader, rules, options.limit);

        """,
        """
        const reader = openReader(path, options.encoding);
        const answer = transform(reader, rules, options.limit);
        const second = transform(reader, more, options.limit);

        """),
      // Numbers are chosen, not combined.
      Case(
        """
        const reader = openReader(path, options.encoding, 4);
        const answer = transform(reader, all, options.limit);

        """,
        """
        const input = openReader(path, options.encoding);
        const answer = transform(reader, rules, options.limit);

        """),
      // Another operator binds the words of the same line in another way.
      Case(
        """
        const reader = openReader(path, !options.encoding);
        const answer = transform(reader, all, options.limit);

        """,
        """
        const input = openReader(path, options.encoding);
        const answer = transform(reader, rules, options.limit);

        """),
      // Something else is called with something more.
      Case(
        """
        const reader = openStream(path, options.encoding);
        const answer = transform(reader, all, options.limit);

        """,
        """
        const reader = openReader(path, options.encoding, mode);
        const answer = transform(reader, rules, options.limit);

        """),
      // Both changed every line.
      Case(
        """
        const input = openReader(path, options.encoding);
        const answer = transform(input, rules, options.limit);

        """,
        """
        const reader = openReader(path, options.charset);
        const answer = transform(reader, rules, options.maximum);

        """),
      // The side that changed less adds a lot.
      Case(
        """
        const reader = openReader(path, options.charset);
        const answer = transform(reader, rules, options.maximum.of.all.that.there.is.here);

        """,
        """
        const reader = openReader(path, options.encoding);
        const answer = transform(reader, rules, options.limit);
        show(first.name, first.place, second.name, second.place, third.name);

        """),
      // One side has the other's change already.
      Case(
        """
        const reader = openReader(path, options.charset);
        const answer = transform(reader, rules, options.limit);

        """,
        """
        const reader = openReader(path, options.charset);
        const answer = convert(reader, rules, options.limit);

        """),
      // A statement goes on over two lines, and its operator changes.
      Case(
        """
        const reader = openReader(path, options.encoding) ||
        transform(buffer, rules, options.limit);

        """,
        """
        const reader = openReader(path, options.encoding);
        const answer = convert(reader, rules, options.limit);

        """),
    ])
  func leaves(_ example: Case) { #expect(merged(Self.base, example.ours, example.theirs) == nil) }

  @Test("A new line has lost its place where the other side joined the lines around it")
  func leavesJoinedLines() {
    let base = "call(\n  alpha = one,\n  beta = two,\n  gamma = three)\nfinish(alpha, beta, gamma)\n"
    let joined = "call(alpha = one, beta = two, gamma = three)\nfinish(alpha, beta, gamma)\n"
    #expect(
      merged(
        base, "call(\n  alpha = one,\n  more = four,\n  beta = two,\n  gamma = three)\nfinish(alpha, beta, gamma)\n",
        joined) == nil)
  }

  @Test("Where a side exchanged two lines that are alike, each is not what the other was")
  func leavesExchangedLines() {
    let width = "const width = measure(element, container, options.scale"
    let height = "const height = measure(element, container, options.ratio"
    let base = "\(width));\n\(height));\n"
    let exchanged = "\(height), canvas);\n\(width), canvas);\n"
    let edited = "const width = measure(parent, container, options.scale);\n\(height));\n"
    #expect(merged(base, exchanged, edited) == nil)
    #expect(
      merged(base, "\(width), canvas);\n\(height), canvas);\n", edited)
        == "const width = measure(parent, container, options.scale, canvas);\n\(height), canvas);\n")
  }

  @Test("Few words around the changes say too little")
  func leavesFewWords() {
    #expect(merged("a = f(x);\nb = g(y);\n", "c = f(x);\nb = g(y, c);\n", "a = f(z);\nb = g(y);\n") == nil)
    #expect(
      merged(
        "a = f(x, one, two, three);\nb = g(y, one, two, three);\n",
        "c = f(x, one, two, three);\nb = g(y, one, two, three, c);\n",
        "a = f(z, one, two, three);\nb = g(y, one, two, three);\n")
        == "c = f(z, one, two, three);\nb = g(y, one, two, three, c);\n")
  }
}

@Suite("Changes that a side makes again and again") struct RepeatedChangeTests {
  private func merged(_ base: String, _ ours: String, _ theirs: String, _ resolver: any Resolver) -> String? {
    mergedBothWays(base, ours, theirs, path: "a.rb", by: resolver)
  }

  /// Some lines of a file, with as many more of the same form as are asked for.
  private func file(_ line: String, _ form: (String) -> String, more: Int) -> String {
    let rest = ["first", "second", "third", "fourth"].prefix(more).map { "\n\n# \($0)\n" + form($0) }
    return line + rest.joined() + "\n"
  }

  @Test("Another form of all calls goes with another argument of one", arguments: [2, 3, 4])
  func takesBoth(more: Int) {
    let old = { (name: String) in "\(name).stubs(:size).with(place)" }
    let new = { (name: String) in "allow(\(name)).to receive(:size).with(place)" }
    let base = file(old("peer"), old, more: more)
    let ours = file(new("peer"), new, more: more)
    let theirs = file("peer.stubs(:size).with(place, limit)", old, more: more)
    let result = file("allow(peer).to receive(:size).with(place, limit)", new, more: more)
    #expect(merged(base, ours, theirs, SmallTokenMerge()) == result)
  }

  @Test("Another form of one call or two may mean something else", arguments: [0, 1])
  func leavesSingleChanges(more: Int) {
    let old = { (name: String) in "\(name).stubs(:size).with(place)" }
    let new = { (name: String) in "allow(\(name)).to receive(:size).with(place)" }
    let base = file(old("peer"), old, more: more)
    let ours = file(new("peer"), new, more: more)
    let theirs = file("peer.stubs(:size).with(place, limit)", old, more: more)
    #expect(merged(base, ours, theirs, SmallTokenMerge()) == nil)
  }

  @Test("A repeated change excuses no other operator of the same side")
  func leavesOperators() {
    func file(_ call: String, _ last: String) -> String {
      "\(call)one);\n\n# 1\n\(call)two);\n\n# 2\n\(call)three);\n\n# 3\n\(last)\n"
    }
    #expect(
      merged(
        file("run(ctx, ", "go if run(ctx, four) && ok(item)"), file("run(", "go if run(four) || ok(item)"),
        file("run(ctx, ", "go if run(ctx, four) && ok(other)"), SmallTokenMerge()) == nil)
    #expect(
      merged(
        file("run(ctx, ", "go if run(ctx, four) && ok(item)"), file("call(", "go if call(four) && ok(item)"),
        file("run(ctx, ", "go if run(ctx, four) && ok(other)"), SmallTokenMerge()) != nil)
  }

  @Test("A function renamed wherever it is called takes the other side's argument")
  func renamedCalls() {
    let old = { (name: String) in "note(\(name), place)" }
    let new = { (name: String) in "record(\(name), place)" }
    let base = file(old("peer"), old, more: 3)
    let theirs = file("note(peer, place, limit)", old, more: 3)
    #expect(
      merged(base, file(new("peer"), new, more: 3), theirs, TokenEdits())
        == file("record(peer, place, limit)", new, more: 3))
    // Elsewhere it is called as before.
    #expect(merged(base, file(new("peer"), old, more: 3), theirs, TokenEdits()) == nil)
  }

  @Test("Literals and keywords are no names that tell of a repeated change")
  func leavesKeywords() {
    let old = { (name: String) in "note(\(name), place) if true" }
    let new = { (name: String) in "note(\(name), place) unless false" }
    let base = file(old("peer"), old, more: 4)
    let theirs = file("note(peer, other) if true", old, more: 4)
    #expect(merged(base, file(new("peer"), new, more: 4), theirs, SmallTokenMerge()) == nil)
  }
}
