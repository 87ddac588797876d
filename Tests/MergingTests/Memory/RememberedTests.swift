import Testing

@testable import Merging

@Suite("remembered") struct RememberedTests {
  private static let sides = ("old();\n", "one();\n", "two();\n")

  private func resolver(
    _ base: String = sides.0, _ ours: String = sides.1, _ theirs: String = sides.2, settled: String,
    change: (inout ResolutionMemory) -> Void = { _ in }
  ) throws -> Remembered {
    var memory = ResolutionMemory(learning: [(conflict(base, ours, theirs), settled)])
    change(&memory)
    return Remembered(try RememberedResolutions(ResolutionFile.encoded(memory)))
  }

  private func fixture(
    _ base: String = sides.0, _ ours: String = sides.1, _ theirs: String = sides.2, path: String = "a.c"
  ) -> ConflictFixture {
    ConflictFixture(path, base: base, ours: ours, theirs: theirs, before: "{\n", after: "}\n")
  }

  @Test("settles a conflict as people did before, mirrored too")
  func settles() throws {
    let resolver = try resolver(settled: "one();\ntwo();\n")
    #expect(fixture().resolved(by: resolver) == "one();\ntwo();\n")
    #expect(fixture().swapped.resolved(by: resolver) == "one();\ntwo();\n")
    #expect(fixture().resolution(by: resolver)?.reason == "people settled the same conflict so in the merge 01010101")
  }

  @Test("in another file too")
  func elsewhere() throws {
    #expect(fixture(path: "b/c.py").resolved(by: try resolver(settled: "both();\n")) == "both();\n")
  }

  @Test(
    "abstains where a side differs",
    arguments: [
      ("old();\n", "one();\n", "three();\n"), ("older();\n", "one();\n", "two();\n"), ("", "one();\n", "two();\n"),
      ("old();\n", "  one();\n", "two();\n"), ("two();\n", "one();\n", "old();\n"),
    ])
  func abstains(_ base: String, _ ours: String, _ theirs: String) throws {
    #expect(fixture(base, ours, theirs).resolved(by: try resolver(settled: "x();\n")) == nil)
  }

  @Test("writes the line endings that the file has")
  func lineEndings() throws {
    let resolver = try resolver(settled: "one();\ntwo();\n")
    #expect(fixture("old();\r\n", "one();\r\n", "two();\r\n").resolved(by: resolver) == "one();\r\ntwo();\r\n")
    let windows = try self.resolver("old();\r\n", "one();\r\n", "two();\r\n", settled: "one();\r\ntwo();\r\n")
    #expect(fixture().resolved(by: windows) == "one();\ntwo();\n")
  }

  @Test("ends without a line feed where both sides do")
  func unfinished() throws {
    let resolver = try resolver(settled: "one();\ntwo();\n")
    let atEnd = ConflictFixture("a.c", base: "old();", ours: "one();", theirs: "two();", before: "x\n")
    #expect(atEnd.resolved(by: resolver) == "one();\ntwo();")
    let oneEnds = ConflictFixture("a.c", base: "old();", ours: "one();\n", theirs: "two();", before: "x\n")
    #expect(oneEnds.resolved(by: resolver) == "one();\ntwo();\n")
  }

  @Test("lists what people left out, and nothing else")
  func dropped() throws {
    let resolution = fixture().resolution(by: try resolver(settled: "one();\n"))
    #expect(resolution?.dropped.map { String(decoding: $0.line, as: UTF8.self) } == ["two();"])
    #expect(resolution?.dropped.map(\.side) == [.theirs])
    #expect(fixture().resolution(by: try resolver(settled: "two();\none();\n"))?.dropped == [])
  }

  @Test("settles a conflict by leaving everything out, where people did")
  func nothing() throws {
    let resolution = fixture().resolution(by: try resolver(settled: ""))
    #expect(resolution?.lines == [])
    #expect(resolution?.dropped.count == 2)
  }

  @Test("abstains where both added lines and people left some out")
  func additions() throws {
    let chosen = try resolver("", "one();\n", "two();\n", settled: "one();\n")
    #expect(fixture("", "one();\n", "two();\n").resolved(by: chosen) == nil)
    let both = try resolver("", "one();\n", "two();\n", settled: "two();\none();\n")
    #expect(fixture("", "one();\n", "two();\n").resolved(by: both) == "two();\none();\n", "the control")
  }

  @Test("abstains where a side deleted the lines")
  func deletion() throws {
    #expect(
      fixture("old();\n", "", "two();\n").resolved(by: try resolver("old();\n", "", "two();\n", settled: "")) == nil)
  }

  @Test("abstains from what is disputed or was taken back")
  func notUsable() throws {
    let disputed = try resolver(settled: "a();\n") { memory in
      memory.learn(
        conflict(Self.sides.0, Self.sides.1, Self.sides.2), settledAs: Array("b();\n".utf8), at: occurrence(9))
    }
    #expect(fixture().resolved(by: disputed) == nil)
    let revoked = try resolver(settled: "a();\n") {
      $0.revoke(ConflictKey(conflict(Self.sides.0, Self.sides.1, Self.sides.2)))
    }
    #expect(fixture().resolved(by: revoked) == nil)
    #expect(fixture().resolved(by: try resolver(settled: "a();\n")) == "a();\n", "the control")
  }

  @Test("keeps away from files that a tool writes")
  func generated() throws {
    #expect(fixture(path: "package-lock.json").resolved(by: try resolver(settled: "a();\n")) == nil)
    #expect(fixture(path: "package.json").resolved(by: try resolver(settled: "a();\n")) == "a();\n", "the control")
  }

  @Test("is not heard where another resolver disagrees")
  func disagreement() throws {
    struct Other: Resolver {
      let name = "other"
      let lines: String
      func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
        Resolution(resolver: name, lines: Array(lines.utf8), reason: "")
      }
    }
    func merge(_ other: String) throws -> FileMerge {
      FileMerge(
        base: Array("old();\n".utf8), ours: Array("one();\n".utf8), theirs: Array("two();\n".utf8),
        path: Array("a.c".utf8), resolvers: [Other(lines: other), try resolver(settled: "one();\n")])
    }
    #expect(try !merge("two();\n").isClean)
    #expect(try merge("one();\n").isClean)
  }

  @Test("joins the resolvers of its tier, and only where there is a memory")
  func joins() throws {
    let memory = try RememberedResolutions(ResolutionFile.encoded(ResolutionMemory()))
    let names =
      StandardResolvers.auto(remembering: memory).map(\.name)
      + StandardResolvers.proposing(remembering: memory).map(\.name)
    #expect(names.count { $0 == "remembered" } == 1)
    #expect(StandardResolvers.auto(remembering: nil).count == StandardResolvers.auto.count)
  }
}
