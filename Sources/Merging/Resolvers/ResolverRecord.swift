/// How a resolver did on the histories it was developed on.
package struct ResolverRecord: Sendable, Hashable {
  package var name: String
  /// Conflicts that it settled and of which it is known what people committed.
  package var settled: Int
  /// Those that it settled as people did, white space and the order of added lines aside.
  package var equal: Int
  /// Differing ones that somebody read, and those of them that were judged wrong.
  package var read: Int
  package var wrong: Int

  /// What the record allows: at least 75 % equal, and at most 5 % wrong in all.
  ///
  /// The share of wrong ones is that among the differing ones that were read, times the share that differs.
  package var tier: ResolverTier {
    guard settled > 0, equal * 100 >= settled * 75 else { return .proposal }
    let differing = settled - equal
    if differing == 0 { return .auto }
    guard read > 0 else { return .proposal }
    return wrong * differing * 100 <= 5 * read * settled ? .auto : .proposal
  }

  /// The tier of the resolver of this name; one without a record may only propose.
  package static func tier(of name: String) -> ResolverTier {
    table.first { $0.name == name }?.tier ?? .proposal
  }
}

extension ResolverRecord {
  // swift-format-ignore: a table reads better with one row a line
  package static let table: [ResolverRecord] = [
    ResolverRecord(name: "identical-change", settled: 43, equal: 37, read: 6, wrong: 1),
    ResolverRecord(name: "adjacent-edits", settled: 664, equal: 592, read: 20, wrong: 3),
    ResolverRecord(name: "adjacent-insertion", settled: 130, equal: 108, read: 17, wrong: 3),
    ResolverRecord(name: "token-edits", settled: 80, equal: 67, read: 13, wrong: 1),
    ResolverRecord(name: "token-merge", settled: 1805, equal: 1219, read: 0, wrong: 0),
    ResolverRecord(name: "one-sided-part", settled: 145, equal: 90, read: 0, wrong: 0),
    ResolverRecord(name: "whitespace-only", settled: 97, equal: 73, read: 20, wrong: 2),
    ResolverRecord(name: "version", settled: 188, equal: 165, read: 23, wrong: 6),
    ResolverRecord(name: "imports", settled: 189, equal: 166, read: 23, wrong: 1),
    ResolverRecord(name: "added-declarations", settled: 156, equal: 136, read: 19, wrong: 1),
    ResolverRecord(name: "added-elements", settled: 62, equal: 54, read: 8, wrong: 1),
    ResolverRecord(name: "added-last-elements", settled: 7, equal: 2, read: 5, wrong: 0),
    ResolverRecord(name: "added-statements", settled: 20, equal: 19, read: 1, wrong: 0),
    ResolverRecord(name: "added-entries", settled: 48, equal: 43, read: 5, wrong: 1),
    ResolverRecord(name: "added-text", settled: 17, equal: 13, read: 4, wrong: 0),
    ResolverRecord(name: "added-releases", settled: 24, equal: 21, read: 3, wrong: 0),
  ]
}
