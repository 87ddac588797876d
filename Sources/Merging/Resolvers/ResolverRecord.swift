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

  package init(name: String, settled: Int, equal: Int, read: Int, wrong: Int) {
    self.name = name
    self.settled = settled
    self.equal = equal
    self.read = read
    self.wrong = wrong
  }

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
