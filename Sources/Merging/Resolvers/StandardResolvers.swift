/// The resolvers that come with Arborist, in tiers.
package enum StandardResolvers {
  /// All resolvers, the surest first.
  package static let all: [any Resolver] =
    [
      IdenticalChange(), AdjacentEdits(), WhitespaceOnly(), VersionNumber(), ImportSet(),
      AdjacentInsertion(), TokenEdits(), SmallTokenMerge(), SeparateEdits(), ContainedEdit(), TokenProposal(),
      OneSidedPart(),
      AddedDeclarations(), AddedElements(), AddedLastElements(), AddedStatements(), AddedEntries(), AddedText(),
      AddedReleases(), AddedLeads(), RenamedNames(), Reformatted(), ImportEndings(), EditInDeleted(), EditInRewritten(),
      SmallerDeletion(), EditInReplaced(), EditInDeletedLines(), AdjacentNewLines(),
    ] + ItemMerge.Form.allCases.map { ItemMerge($0) }

  /// The resolvers whose record allows them to settle a conflict unattended.
  package static let auto = all.filter { ResolverRecord.tier(of: $0.name) == .auto }
  /// The resolvers that may only propose.
  package static let proposing = all.filter { ResolverRecord.tier(of: $0.name) == .proposal }

  /// The names of those that leave an edit out because what was edited is gone.
  package static let forgoingEdits: Set<String> = Set(
    ([EditInDeleted(), EditInRewritten(), EditInReplaced(), EditInDeletedLines()] as [any Resolver]).map(\.name))
}
