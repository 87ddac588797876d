// Written by 'arborist eval merges --write-record'; what it says is measured, so measure again instead of editing.

extension ResolverRecord {
  // swift-format-ignore: a table reads better with one row a line
  /// How each resolver did on the histories it was developed on, where it alone was asked.
  package static let table: [ResolverRecord] = [
    ResolverRecord(name: "identical-change", settled: 43, equal: 37, read: 6, wrong: 1),
    ResolverRecord(name: "adjacent-edits", settled: 664, equal: 592, read: 20, wrong: 3),
    ResolverRecord(name: "adjacent-insertion", settled: 130, equal: 108, read: 17, wrong: 3),
    ResolverRecord(name: "token-edits", settled: 80, equal: 67, read: 13, wrong: 1),
    ResolverRecord(name: "token-merge-small", settled: 81, equal: 64, read: 16, wrong: 2),
    ResolverRecord(name: "contained-edit", settled: 17, equal: 14, read: 3, wrong: 0),
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
    ResolverRecord(name: "items-added", settled: 105, equal: 90, read: 8, wrong: 1),
    ResolverRecord(name: "items-added-long", settled: 48, equal: 37, read: 5, wrong: 0),
    ResolverRecord(name: "items-changed", settled: 15, equal: 14, read: 1, wrong: 0),
    ResolverRecord(name: "items-rewritten", settled: 190, equal: 175, read: 6, wrong: 1),
    ResolverRecord(name: "items-deleted", settled: 29, equal: 26, read: 3, wrong: 0),
    ResolverRecord(name: "items-one-side", settled: 141, equal: 122, read: 10, wrong: 1),
    ResolverRecord(name: "items-other", settled: 543, equal: 322, read: 20, wrong: 8),
    ResolverRecord(name: "edit-in-deleted", settled: 90, equal: 85, read: 5, wrong: 1),
    ResolverRecord(name: "edit-in-rewritten", settled: 88, equal: 73, read: 12, wrong: 2),
    ResolverRecord(name: "smaller-deletion", settled: 64, equal: 53, read: 8, wrong: 1),
    ResolverRecord(name: "renamed-names", settled: 258, equal: 226, read: 20, wrong: 1),
    ResolverRecord(name: "reformatted", settled: 62, equal: 53, read: 5, wrong: 0),
    ResolverRecord(name: "import-endings", settled: 17, equal: 14, read: 3, wrong: 0),
  ]
}
