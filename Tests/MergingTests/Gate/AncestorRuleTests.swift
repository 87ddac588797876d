import Testing

@testable import Merging

@Suite("gate: the ancestor") struct AncestorRuleTests {
  private func isRefused(_ base: String) -> Bool {
    let position = Conflict.Position(
      base: LineSpan(start: 0, count: 1), ours: LineSpan(start: 0, count: 1), theirs: LineSpan(start: 0, count: 1))
    let conflict = Conflict(
      base: Array(base.utf8), ours: Array("b\n".utf8), theirs: Array("c\n".utf8), position: position)
    let context = ResolverContext(
      path: Array("a.c".utf8), base: conflict.base, ours: conflict.ours, theirs: conflict.theirs)
    let resolution = Resolution(resolver: "x", lines: Array("b\n".utf8), reason: "so")
    return AncestorRule().objection(to: resolution, for: conflict, in: context)?.reason == .unsureAncestor
  }

  @Test(
    "a base that is a merge with conflicts is none",
    arguments: [
      "<<<<<<<<< Temporary merge branch 1\na\n=========\nb\n>>>>>>>>> Temporary merge branch 2\n",
      "a\n>>>>>>>>> Temporary merge branch 2\n", "<<<<<<<<< ours\na\n", "<<<<<<<<<<< Temporary merge branch 1\r\na\r\n",
      "||||||||| merged common ancestors\n", ">>>>>>> Temporary merge branch 2",
    ])
  func nested(_ base: String) { #expect(isRefused(base)) }

  @Test(
    "what only looks like one is",
    arguments: [
      "", "a\n", "=========\n", "<<<<<<< HEAD\na\n", "<<<<<<<<<\n", "x <<<<<<<<< Temporary merge branch 1\n",
      "Title\n=========\n", ">>>>>>>>>>text\n", "<< 8 ", "|||||||||\n",
    ])
  func plain(_ base: String) { #expect(!isRefused(base)) }

  @Test("such a conflict is left, with the reason; the same one on a sure ancestor is settled")
  func whole() {
    func merge(_ base: String) -> FileMerge {
      FileMerge(
        base: Array(base.utf8), ours: Array("v = \"1.1\"\n".utf8), theirs: Array("v = \"1.2\"\n".utf8),
        path: Array("a.py".utf8), resolvers: [Highest()])
    }
    let nested = merge("v = \"1.0\"\n>>>>>>>>> Temporary merge branch 2\n")
    #expect(!nested.isClean && nested.rejected.map(\.reason) == [.unsureAncestor])
    #expect(merge("v = \"1.0\"\n").isClean)
  }

  private struct Highest: Resolver {
    let name = "highest"
    func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
      let last = conflict.ours.lexicographicallyPrecedes(conflict.theirs) ? conflict.theirs : conflict.ours
      return Resolution(resolver: name, lines: last, reason: "it is higher").listingDrops(
        of: conflict, because: "lower")
    }
  }
}
