import Testing

@testable import Merging

/// Puts what a closure says into the place of every conflict.
private struct ScriptedResolver: Resolver {
  let name = "scripted"
  var answer: @Sendable (Conflict) -> String?
  var listsDrops = true

  func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard let lines = answer(conflict) else { return nil }
    let resolution = Resolution(resolver: name, lines: Array(lines.utf8), reason: "scripted")
    return listsDrops ? resolution.listingDrops(of: conflict, because: "scripted") : resolution
  }
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Suite("gate: files") struct GateTests {
  private func merge(
    _ path: String, _ base: String, _ ours: String, _ theirs: String, drops: Bool = true,
    checks: [any DocumentCheck] = [], _ answer: @escaping @Sendable (Conflict) -> String?
  ) -> FileMerge {
    FileMerge(
      base: Array(base.utf8), ours: Array(ours.utf8), theirs: Array(theirs.utf8), path: Array(path.utf8),
      resolvers: [ScriptedResolver(answer: answer, listsDrops: drops)], checks: checks, bothWays: false)
  }

  private let both: @Sendable (Conflict) -> String? = { text($0.ours) + text($0.theirs) }

  @Test("bad resolutions of one conflict are refused, with the reason")
  func bad() {
    func reasons(_ path: String, _ base: String, _ ours: String, _ theirs: String, _ result: String) -> [String] {
      merge(path, base, ours, theirs) { $0.isNarrowed ? nil : result }.rejected.map { "\($0.reason)" }
    }
    #expect(reasons("VERSION", "2.39.1\n", "2.39.1-a\n", "2.40.0\n", "2.40.1\n") == ["blendedValue"])
    #expect(
      reasons("a.xml", "<a>\n<b>1</b>\n</a>\n", "<a>\n<b>2</b>\n</a>\n", "<a>\n<b>3</b>\n</a>\n", "<b>2\n") == [
        "invalidDocument"
      ])
    let (base, ours, theirs) = ("{\n\"a\": 1\n}\n", "{\n\"a\": 1,\n\"b\": 2\n}\n", "{\n\"a\": 1,\n\"b\": 3\n}\n")
    #expect(reasons("a.json", base, ours, theirs, "\"b\": 2,\n\"b\": 3\n") == ["duplicate"])
    #expect(reasons("a.json", base, ours, theirs, "\"b\": 2\n\"c\": 3\n").isEmpty == false)
    #expect(reasons("a.json", base, ours, theirs, "\"b\": 3\n") == [])
    #expect(
      reasons("a.py", "import a\n", "import b\n", "import c\nimport b\n", "import b\nimport c\nimport b\n")
        == ["duplicate"])
    #expect(reasons("a.c", "x\n{\n}\n", "if (a) {\n}\n", "if (b) {\n}\n", "if (a && b) {{\n") == ["unbalanced"])
    #expect(reasons("a.c", "a\n", "b\n", "c\n", "a\n") == ["revivedLine"])
  }

  @Test("a line that is lost without a word is refused; one that is listed is on the ledger")
  func ledger() {
    let lost = merge("a", "a\n", "b\n", "c\n", drops: false) { text($0.ours) }
    #expect(lost.rejected.map(\.reason) == [.lostLine])
    #expect(lost.rejected.map(\.evidence) == [Array("c".utf8)])
    #expect(lost.dropped.isEmpty)
    let listed = merge("a", "a\n", "b\n", "c\n") { text($0.ours) }
    #expect(listed.isClean)
    #expect(listed.dropped.map(\.line) == [DroppedLine(side: .theirs, line: Array("c".utf8), reason: "scripted")])
  }

  @Test("a hunk that spoils the file goes back to conflict alone")
  func alone() {
    let middle = "\"x1\": 0,\n\"x2\": 0,\n\"x3\": 0,\n\"x4\": 0,\n"
    func file(_ first: String, _ last: String) -> String { "{\n\(first),\n\(middle)\(last)\n}\n" }
    let answer: @Sendable (Conflict) -> String? = { conflict in
      text(conflict.ours).contains("\"b\"") ? "\"b\": 2\n\"b2\": 3\n" : text(conflict.theirs)
    }
    let merge = merge(
      "a.json", file("\"a\": 1", "\"b\": 1"), file("\"a\": 2", "\"b\": 2"), file("\"a\": 3", "\"b\": 3"), answer)
    #expect(merge.rejected.map(\.reason).count == 1)
    #expect(merge.resolved.map { text($0.resolution.lines) } == ["\"a\": 3,\n"])
    #expect(merge.left.map { text($0.ours) } == ["\"b\": 2\n"])
    #expect(merge.left.first.flatMap { merge.rejection(for: $0) } != nil)
  }

  @Test("two hunks that together spoil the file both go back, and a third stays")
  func together() {
    let gap = "one();\ntwo();\nthree();\nfour();\n"
    func file(_ a: String, _ b: String, _ c: String) -> String { "\(a)\n\(gap)\(b)\n\(gap)\(c)\n" }
    let merge = merge(
      "a.js", file("f(0);", "g(0);", "h(0);"), file("const z = 1;", "g(1);", "h(1);"),
      file("f(2);", "const z = 1;", "h(2);")
    ) { conflict in
      text(text(conflict.ours).contains("const") || text(conflict.ours).contains("h") ? conflict.ours : conflict.theirs)
    }
    #expect(merge.rejected.map(\.reason) == [.duplicate, .duplicate])
    #expect(merge.resolved.map { text($0.resolution.lines) } == ["h(1);\n"])
  }

  @Test("a file whose sides are unbalanced may be as bad as the better one")
  func badSides() {
    let fine = merge("a.c", "f(;\na\n", "f(;\nb\n", "f(;\nc\n") { text($0.ours) }
    #expect(fine.isClean)
    let worse = merge("a.c", "f(;\na\n", "f(;\nb\n", "f(;\nc\n") { _ in "b(\n" }
    #expect(worse.rejected.map(\.reason) == [.unbalanced])
  }

  @Test("a check that is plugged in is asked as well")
  func plugged() {
    struct NoTwo: DocumentCheck {
      func applies(to path: [UInt8]) -> Bool { path.last == UInt8(ascii: "x") }
      func read(_ document: [UInt8]) -> DocumentReading {
        DocumentReading(document.contains(UInt8(ascii: "4")) ? .invalid(at: 0) : .valid)
      }
    }
    #expect(merge("a.x", "1\n", "2\n", "3\n", checks: [NoTwo()]) { _ in "2\n" }.isClean)
    let refused = merge("a.x", "1 4\n", "2\n", "3\n", checks: [NoTwo()]) { _ in "2 4\n" }
    #expect(refused.rejected.map(\.reason) == [.invalidDocument])
    #expect(merge("a.y", "1 4\n", "2\n", "3\n", checks: [NoTwo()]) { _ in "2 4\n" }.isClean)
  }

  @Test("every reason is a sentence")
  func sentences() {
    let reasons: [FileMerge.Rejection.Reason] = [
      .conflictMarker, .unfinishedLine, .lostLine, .vanishedLine, .revivedLine, .unbalanced, .duplicate,
      .invalidDocument, .blendedValue, .newWord,
    ]
    #expect(Set(reasons.map(\.sentence)).count == reasons.count)
  }
}

@Suite("gate: properties") struct GatePropertyTests {
  private static let shape = MergeFiles.Shape(
    name: "code", alphabet: ["f(a);", "if (a) {", "}", "g(b, c);", "", "/* x */", "h();", "return a;"], lines: 24,
    edits: 4)

  /// What must hold of any result.
  private func violations(_ merge: FileMerge, _ files: MergeFiles) -> Set<String> {
    var found: Set<String> = []
    for (conflict, resolution) in merge.resolved {
      let lost = LineLedger(conflict, result: resolution.lines).lost
      let dropped = resolution.dropped.map { [UInt8]($0.line) }
      if lost.contains(where: { !dropped.contains(Array($0.line)) }) { found.insert("lost") }
      if text(resolution.lines).contains("<<<<<<< ") { found.insert("marker") }
    }
    let count = BalanceCount(language: .ofFile(at: Array("a.c".utf8)))
    func imbalance(_ bytes: [UInt8]) -> Int {
      count.effect(of: bytes, from: SourceScanner(language: count.language)).mismatches.count
    }
    if merge.isClean, !merge.resolved.isEmpty {
      let result = merge.render(ConflictMarkers(ours: nil, base: nil, theirs: nil))
      if imbalance(result) > min(imbalance(files.ours), imbalance(files.theirs)) { found.insert("imbalance") }
    }
    return found
  }

  /// What resolvers without scruples would do.
  private static let careless: [@Sendable (Conflict) -> String?] = [
    { text($0.ours) + text($0.theirs) }, { text($0.ours) }, { text($0.theirs) + "{\n" },
    { text($0.ours) + "<<<<<<< x\n" }, { _ in "" }, { text($0.base) },
  ]

  @Test("no result has a marker, an unlisted loss or a new imbalance", arguments: 0..<60)
  func safe(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let files = MergeFiles(Self.shape, using: &random)
    for (index, answer) in Self.careless.enumerated() {
      let merge = FileMerge(
        base: files.base, ours: files.ours, theirs: files.theirs, path: Array("a.c".utf8),
        resolvers: [ScriptedResolver(answer: answer, listsDrops: index == 1)])
      #expect(violations(merge, files).isEmpty)
      #expect(merge.left.count + merge.resolved.count > 0 || merge.isClean)
    }
  }

  @Test("the same careless resolutions are found at fault without the gate")
  func control() {
    var found: Set<String> = []
    for seed in 0..<60 {
      var random = SplitMix64(seed: UInt64(seed))
      let files = MergeFiles(Self.shape, using: &random)
      for answer in Self.careless {
        let lines = LineMerge(base: files.base, ours: files.ours, theirs: files.theirs)
        let resolver = ScriptedResolver(answer: answer, listsDrops: false)
        let context = ResolverContext(path: Array("a.c".utf8), base: files.base, ours: files.ours, theirs: files.theirs)
        let merge = FileMerge(ungated: lines, regions: lines.regions { resolver.resolve($0, in: context) })
        found.formUnion(violations(merge, files))
      }
    }
    #expect(found == ["lost", "marker", "imbalance"])
  }
}
