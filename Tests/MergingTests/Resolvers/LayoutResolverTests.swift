import Testing

@testable import Merging

@Suite("resolvers of layout") struct LayoutResolverTests {
  static let resolvers: [any Resolver] = [Reformatted(), WhitespaceOnly()]

  @Test(
    "abstain where the ancestor's lines stand elsewhere in the side that has others in their place",
    arguments: Self.resolvers)
  func movedLines(resolver: any Resolver) {
    let base = "int visitFirst(Node node) {\n"
    let ours = "int visitSecond(Node node) {\n"
    let theirs = "int visitFirst( Node node ) {\n"
    func fixture(_ elsewhere: String) -> ConflictFixture {
      var fixture = ConflictFixture("a.c", base: base, ours: ours, theirs: theirs)
      fixture.context = ResolverContext(
        path: fixture.context.path,
        base: fixture.context.base,
        ours: fixture.context.ours + Array("}\n\(elsewhere)".utf8),
        theirs: fixture.context.theirs
      )
      return fixture
    }
    #expect(fixture(base).resolved(by: resolver) == nil)
    #expect(fixture(base).swapped.resolved(by: resolver) == nil)
    #expect(fixture("").resolved(by: resolver) == ours)
    #expect(fixture("").swapped.resolved(by: resolver) == ours)
  }

  @Test(
    "abstain where the other side gave the same code a layout of its own, with comments", arguments: Self.resolvers)
  func otherLayout(resolver: any Resolver) {
    let base = "m << one,\n  two;\n"
    let joined = "m << one, two;\n"
    let own = ConflictFixture("a.c", base: base, ours: joined, theirs: "// keep\nm <<\n  one, two;\n")
    #expect(own.resolved(by: resolver) == nil)
    #expect(own.swapped.resolved(by: resolver) == nil)
    let comment = ConflictFixture("a.c", base: base, ours: joined, theirs: "// keep\n" + base)
    #expect(comment.resolved(by: resolver) == "// keep\n" + base)
  }
}
