import Testing

@testable import Merging

@Suite struct LineMergeTests {
  private let markers = ConflictMarkers(
    ours: Array("main".utf8),
    base: Array("ancestor".utf8),
    theirs: Array("topic".utf8)
  )

  private func merge(_ base: String, _ ours: String, _ theirs: String, _ options: LineMerge.Options = .init())
    -> LineMerge
  {
    LineMerge(base: Array(base.utf8), ours: Array(ours.utf8), theirs: Array(theirs.utf8), options: options)
  }

  @Test("a conflict is a value with its lines and places, between merged stretches")
  func conflict() {
    let merge = merge("a\nb\nc\nd\ne\n", "a\nO1\nO2\nc\nd\ne\n", "a\nT\nc\nd\nnew\ne\n")
    let conflict = Conflict(
      base: Array("b\n".utf8),
      ours: Array("O1\nO2\n".utf8),
      theirs: Array("T\n".utf8),
      position: .init(
        base: LineSpan(start: 1, count: 1),
        ours: LineSpan(start: 1, count: 2),
        theirs: LineSpan(start: 1, count: 1)
      )
    )
    #expect(
      merge.regions == [.merged(Array("a\n".utf8)), .conflict(conflict), .merged(Array("c\nd\nnew\ne\n".utf8))]
    )
    #expect(merge.conflicts == [conflict])
    #expect(!merge.isClean)
  }

  @Test("a merge without a conflict is one merged stretch, and no region where nothing is left")
  func clean() {
    #expect(merge("a\nb\nc\n", "a\nb\nC\n", "A\nb\nc\n").regions == [.merged(Array("A\nb\nC\n".utf8))])
    #expect(merge("a\n", "", "").regions.isEmpty)
    #expect(merge("a\nb\nc\n", "a\nb\nC\n", "A\nb\nc\n").isClean)
  }

  @Test("labels follow their markers, and a label that is not there leaves no space")
  func labels() {
    let merge = merge("b\n", "o\n", "t\n", .init(style: .diff3))
    #expect(
      merge.render(markers)
        == Array("<<<<<<< main\no\n||||||| ancestor\nb\n=======\nt\n>>>>>>> topic\n".utf8)
    )
    #expect(
      merge.render(ConflictMarkers(ours: nil, base: nil, theirs: [], size: 3))
        == Array("<<<\no\n|||\nb\n===\nt\n>>> \n".utf8)
    )
    #expect(
      merge.render(ConflictMarkers(ours: nil, base: nil, theirs: nil, size: 0))
        == Array("<<<<<<<\no\n|||||||\nb\n=======\nt\n>>>>>>>\n".utf8)
    )
  }

  @Test("conflicts with only punctuation between are joined as merge-file does, or kept apart as merge does")
  func joining() {
    let files = ("a\n}\n\n{\n}\nb\n", "c\n}\n\n{\n}\nd\n", "e\n}\n\n{\n}\nf\n")
    #expect(merge(files.0, files.1, files.2).conflicts.count == 1)
    #expect(merge(files.0, files.1, files.2, .init(joining: .near)).conflicts.count == 2)
    let near = ("a\n}\n\n{\nb\n", "c\n}\n\n{\nd\n", "e\n}\n\n{\nf\n")
    #expect(merge(near.0, near.1, near.2, .init(joining: .near)).conflicts.count == 1)
  }

  @Test("a NUL is a byte like any other")
  func nul() {
    let merge = LineMerge(base: [0, 10, 1, 10, 2, 10], ours: [0, 0, 10, 1, 10, 2, 10], theirs: [0, 10, 1, 10, 0])
    #expect(merge.render(markers) == [0, 0, 10, 1, 10, 0])
  }

  @Test("the ancestor's lines of a divided conflict go to the part that resembles them")
  func dividedBase() {
    let shared = (0..<5).map { "shared \($0)\n" }.joined()
    let conflicts = merge(
      "let first = 1\nlet second = 2\n",
      "let first = 10\n\(shared)let second = 20\n",
      "let first = 11\n\(shared)let second = 21\n"
    ).conflicts
    #expect(conflicts.map(\.base) == [Array("let first = 1\n".utf8), Array("let second = 2\n".utf8)])
    #expect(conflicts.map(\.position.base) == [LineSpan(start: 0, count: 1), LineSpan(start: 1, count: 1)])
  }

  @Test("the ancestor's lines that both sides took over belong to no part of a divided conflict")
  func sharedBase() {
    let shared = (0..<5).map { "shared \($0)\n" }.joined()
    let conflicts = merge(
      "let first = 1\nshared 2 \nlet second = 2\n",
      "let first = 10\n\(shared)let second = 20\n",
      "let first = 11\n\(shared)let second = 21\n"
    ).conflicts
    #expect(conflicts.map(\.base) == [Array("let first = 1\n".utf8), Array("let second = 2\n".utf8)])
  }

  @Test("conflicts hold what stands at their places, in order", arguments: 0..<40 as Range<UInt64>, [false, true])
  func places(seed: UInt64, near: Bool) {
    var random = SplitMix64(seed: seed)
    let shape = MergeFiles.Shape(
      name: "",
      alphabet: (0..<12).map { "line \($0)" } + ["", "}"],
      lines: 80,
      edits: 30
    )
    let files = MergeFiles(shape, using: &random)
    let merge = LineMerge(
      base: files.base,
      ours: files.ours,
      theirs: files.theirs,
      options: .init(joining: near ? .near : .acrossPunctuation)
    )
    let tables = (base: LineTable(files.base), ours: LineTable(files.ours), theirs: LineTable(files.theirs))
    var last = Conflict.Position(
      base: LineSpan(start: 0, count: 0),
      ours: LineSpan(start: 0, count: 0),
      theirs: LineSpan(start: 0, count: 0)
    )
    for conflict in merge.conflicts {
      #expect(conflict.base == Array(tables.base[conflict.position.base]))
      #expect(conflict.ours == Array(tables.ours[conflict.position.ours]))
      #expect(conflict.theirs == Array(tables.theirs[conflict.position.theirs]))
      #expect(conflict.position.base.start >= last.base.end)
      #expect(conflict.position.ours.start > last.ours.end || last.ours.end == 0)
      #expect(conflict.position.theirs.start > last.theirs.end || last.theirs.end == 0)
      last = conflict.position
    }
  }
}
