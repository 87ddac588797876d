import MergeProperties
import Merging
import Testing

@Suite("properties of every merge")
struct PropertyTests {
  @Test("random files break no property, and many of them meet resolvers")
  func random() {
    var (conflicts, settled) = (0, 0)
    for seed in 0..<2000 {
      var generator = SplitMix64(seed: UInt64(seed) &+ 77)
      let length = Int.random(in: 0..<120, using: &generator)
      let merge = MergeCase((0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) })
      #expect(MergeProperties.violations(of: merge, resolvers: StandardResolvers.auto) == [], "\(merge.text)")
      let result = FileMerge(
        base: merge.base, ours: merge.ours, theirs: merge.theirs, path: merge.path, resolvers: StandardResolvers.auto)
      conflicts += result.left.count + result.resolved.count
      settled += result.resolved.count
    }
    #expect(conflicts > 500)
    #expect(settled > 10)
  }

  @Test("a resolver that prefers a side is not heard, and would be seen; so would be a line that it loses")
  func control() {
    let merge = MergeCase([0, 1, 1, 3, 1, 0, 1, 4, 1, 0, 1, 5])
    #expect(merge.ours != merge.theirs && merge.ours != merge.base && merge.theirs != merge.base)
    func merged(_ ours: [UInt8], _ theirs: [UInt8], bothWays: Bool) -> FileMerge {
      FileMerge(
        base: merge.base, ours: ours, theirs: theirs, path: merge.path, resolvers: [OursAlone()], bothWays: bothWays)
    }
    #expect(MergeProperties.violations(of: merge, resolvers: [OursAlone()]) == [])
    let heard = merged(merge.ours, merge.theirs, bothWays: true)
    #expect(!heard.isClean && heard.rejected.map(\.reason) == [.oneWay])
    let (one, two) = (
      merged(merge.ours, merge.theirs, bothWays: false), merged(merge.theirs, merge.ours, bothWays: false)
    )
    let found = MergeProperties.mirror(one, two)
    #expect(found.count == 1 && found[0].hasPrefix("swapping the sides changes"), "\(found)")
    // The gate lets nothing pass that loses a line unsaid, so this is asked of a resolution by itself.
    let position = Conflict.Position(
      base: LineSpan(start: 0, count: 0), ours: LineSpan(start: 0, count: 1), theirs: LineSpan(start: 0, count: 1))
    let conflict = Conflict(base: [], ours: Array("a\n".utf8), theirs: Array("b\n".utf8), position: position)
    let taken = Resolution(resolver: "ours-alone", lines: conflict.ours, reason: "ours is better")
    #expect(
      MergeProperties.losses(of: taken, for: conflict) == ["'ours-alone' loses a line of theirs without saying so"])
    #expect(MergeProperties.losses(of: taken.listingDrops(of: conflict, because: "so"), for: conflict) == [])
  }

  private struct OursAlone: Resolver {
    let name = "ours-alone"

    func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
      Resolution(resolver: name, lines: conflict.ours, reason: "ours is better")
        .listingDrops(of: conflict, because: "ours is better")
    }
  }
}
