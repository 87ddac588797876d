import Testing

@testable import Merging

/// Input that nobody writes, and that must neither crash a merge nor keep it busy.
@Suite("hostile input")
struct HostileInputTests {
  private static let paths = [
    "a.c", "a.swift", "a.ts", "a.py", "a.rb", "a.sh", "a.json", "a.yaml", "a.toml", "a.xml", "a.html", "a.md", "a.rst",
    "a.properties", "Makefile", "a.po", "a",
  ]

  /// Merges a file into whose middle both sides put lines, in every language, with every resolver.
  private func merge(_ half: [UInt8], _ other: [UInt8], paths: [String] = Self.paths) {
    let (ours, theirs) = (Array("ours x = 1;\n".utf8), Array("theirs y = 2;\n".utf8))
    for path in paths {
      let merge = FileMerge(
        base: half + other, ours: half + ours + other, theirs: half + theirs + other, path: Array(path.utf8),
        resolvers: StandardResolvers.all, proposing: StandardResolvers.all)
      let text = merge.render(ConflictMarkers(ours: nil, base: nil, theirs: nil))
      #expect(text.count >= half.count + other.count + ours.count + theirs.count, "\(path)")
    }
  }

  private func repeated(_ text: String, _ count: Int) -> [UInt8] {
    Array(repeatElement(Array(text.utf8), count: count).joined())
  }

  private static let deep: [(String, String, [String])] = [
    ("{\n", "}\n", ["a.c", "a.json"]), ("[", "]", ["a.json", "a.yaml", "a.toml"]), ("(\n", ")\n", ["a.py"]),
    ("{\"a\":\n", "}\n", ["a.json", "a.yaml"]), ("<a>\n", "</a>\n", ["a.xml", "a.html"]),
    ("<a>", "</a>", ["a.xml", "a.html"]), ("k: [\n", "]\n", ["a.yaml"]), ("- ", "", ["a.yaml", "a.md"]),
    ("a.", "b", ["a.toml", "a.properties"]), ("<a b='\n", "", ["a.xml"]), ("#if A\n", "#endif\n", ["a.c"]),
    ("f {\n", "", ["a.swift", "a.rb"]),
  ]

  @Test("what is nested deeper than any document ends", arguments: deep)
  func nesting(opener: String, closer: String, paths: [String]) {
    let depth = greatestDocumentDepth + 100
    merge(repeated(opener, depth), repeated(closer, depth) + [0x0A], paths: paths)
  }

  private static let unending = [
    "\"", "'", "`\n", "\"\"\"\n", "/*\n", "<!-- ", "cat <<EOS\n", "```\n", "\\", "<", "<<<<<<< a\n", "%", "=<", "\r",
    "-----\n", "import {", "def f(", "1.2-", ",\n",
  ]

  @Test("what opens and never closes ends", arguments: unending)
  func unterminated(text: String) {
    merge(repeated(text, 300) + [0x0A], repeated(text, 300))
  }

  @Test("the same line over and over ends")
  func sameLine() {
    merge(repeated("same line;\n", 400), repeated("same line;\n", 400))
  }

  @Test("a long line that both sides change in different places stays a conflict or is merged, and ends")
  func longLine() {
    let words = (0..<500).map { "w\($0)" }
    func line(_ place: Int?, _ word: String) -> [UInt8] {
      var words = words
      if let place { words[place] = word }
      return Array(words.joined(separator: ", ").utf8) + [0x0A]
    }
    for path in Self.paths {
      let merge = FileMerge(
        base: line(nil, ""), ours: line(10, "ours"), theirs: line(400, "theirs"), path: Array(path.utf8),
        resolvers: StandardResolvers.all, proposing: StandardResolvers.all)
      #expect(merge.left.count + merge.resolved.count == 1)
    }
  }

  @Test("random bytes end")
  func randomBytes() {
    var generator = SplitMix64(seed: 4)
    func bytes() -> [UInt8] { (0..<3_000).map { _ in UInt8.random(in: 0...255, using: &generator) } }
    merge(bytes() + [0x0A], bytes())
  }

  @Test("long runs of lines that both sides added or changed end")
  func longConflict() {
    func lines(_ text: String) -> [UInt8] { Array((0..<1_200).map { "value \($0) = \(text)\n" }.joined().utf8) }
    for base in [[], lines("base")] {
      for path in ["a.c", "a.py", "a.json", "a.md", "a"] {
        let merge = FileMerge(
          base: base, ours: lines("ours"), theirs: lines("theirs"), path: Array(path.utf8),
          resolvers: StandardResolvers.auto)
        #expect(merge.regions.count > 0)
      }
    }
  }

  // MARK: - The budget

  private struct Case {
    let lines: LineMerge
    let context: ResolverContext

    init(conflicts: Int) {
      func file(_ side: Int) -> [UInt8] {
        Array(
          (0..<conflicts).map {
            "let a\($0) = \(side == 1 ? 5 : 0)\nlet b\($0) = \(side == 2 ? 5 : 0)\n\n\n\n\n"
          }.joined().utf8)
      }
      lines = LineMerge(base: file(0), ours: file(1), theirs: file(2))
      context = ResolverContext(path: Array("a.swift".utf8), base: file(0), ours: file(1), theirs: file(2))
    }

    func settled(effort: Int) -> [FileMerge.Region] {
      var settlement = ConflictSettlement(
        context: context, resolvers: [AdjacentEdits()], proposing: [], checks: [], effort: effort)
      return settlement.regions(of: lines)
    }
  }

  @Test("where the effort for a file is spent, the rest is what the line merge says")
  func budget() {
    let test = Case(conflicts: 40)
    func count(_ regions: [FileMerge.Region]) -> Int {
      regions.count { if case .resolved = $0 { true } else { false } }
    }
    let length = test.context.base.count + test.context.ours.count + test.context.theirs.count
    #expect(count(test.settled(effort: ConflictSettlement.greatestEffort)) == 40)
    #expect(test.settled(effort: 0) == test.lines.regions { _ in nil })
    #expect(count(test.settled(effort: length - 1)) == 0)
    #expect(count(test.settled(effort: 25 * length)) == 25)
  }

  @Test("steps that are not there are not taken")
  func steps() {
    var budget = Budget(steps: 10)
    #expect([11, 7, 4, 3, 1, 0].map { budget.take($0) } == [false, true, false, true, false, true])
    #expect(budget.steps == 0)
  }

  @Test("a block of imports that nobody writes is left alone")
  func imports() {
    func block(_ name: String, _ count: Int) -> String { (0..<count).map { "import \(name)\($0);\n" }.joined() }
    func isMerged(_ count: Int) -> Bool {
      ConflictFixture("a.java", base: "", ours: block("ours.A", count), theirs: block("theirs.B", count))
        .resolution(by: ImportSet()) != nil
    }
    #expect(isMerged(40))
    #expect(!isMerged(501))
  }
}
