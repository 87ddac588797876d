// Written by 'arborist eval merges --write-record'; what it says is measured, so measure again instead of editing.

extension ResolverRecord {
  // swift-format-ignore: a table reads better with one row a line
  /// How each resolver did on the histories it was developed on, where it alone was asked.
  package static let table: [ResolverRecord] = [
    ResolverRecord(name: "identical-change", settled: 41, equal: 35, read: 6, wrong: 0),
    ResolverRecord(name: "adjacent-edits", settled: 610, equal: 552, read: 30, wrong: 2),
    ResolverRecord(name: "whitespace-only", settled: 83, equal: 63, read: 20, wrong: 1),
    ResolverRecord(name: "version", settled: 187, equal: 164, read: 23, wrong: 0),
    ResolverRecord(name: "imports", settled: 192, equal: 180, read: 12, wrong: 1),
    ResolverRecord(name: "adjacent-insertion", settled: 127, equal: 107, read: 20, wrong: 4),
    ResolverRecord(name: "token-edits", settled: 77, equal: 65, read: 12, wrong: 0),
    ResolverRecord(name: "token-merge-small", settled: 301, equal: 272, read: 29, wrong: 1),
    ResolverRecord(name: "separate-edits", settled: 350, equal: 311, read: 39, wrong: 0),
    ResolverRecord(name: "contained-edit", settled: 170, equal: 154, read: 16, wrong: 2),
    ResolverRecord(name: "token-merge", settled: 1749, equal: 1199, read: 0, wrong: 0),
    ResolverRecord(name: "one-sided-part", settled: 147, equal: 90, read: 0, wrong: 0),
    ResolverRecord(name: "added-declarations", settled: 135, equal: 124, read: 11, wrong: 2),
    ResolverRecord(name: "added-elements", settled: 69, equal: 60, read: 9, wrong: 0),
    ResolverRecord(name: "added-last-elements", settled: 0, equal: 0, read: 0, wrong: 0),
    ResolverRecord(name: "added-statements", settled: 20, equal: 19, read: 1, wrong: 0),
    ResolverRecord(name: "added-entries", settled: 48, equal: 45, read: 3, wrong: 0),
    ResolverRecord(name: "added-text", settled: 11, equal: 10, read: 1, wrong: 0),
    ResolverRecord(name: "added-releases", settled: 31, equal: 28, read: 3, wrong: 0),
    ResolverRecord(name: "added-leads", settled: 2, equal: 2, read: 0, wrong: 0),
    ResolverRecord(name: "renamed-names", settled: 213, equal: 192, read: 21, wrong: 1),
    ResolverRecord(name: "reformatted", settled: 60, equal: 51, read: 9, wrong: 1),
    ResolverRecord(name: "import-endings", settled: 17, equal: 14, read: 3, wrong: 0),
    ResolverRecord(name: "edit-in-deleted", settled: 80, equal: 75, read: 5, wrong: 3),
    ResolverRecord(name: "edit-in-rewritten", settled: 44, equal: 37, read: 7, wrong: 2),
    ResolverRecord(name: "smaller-deletion", settled: 55, equal: 44, read: 11, wrong: 2),
    ResolverRecord(name: "edit-in-replaced", settled: 96, equal: 80, read: 16, wrong: 3),
    ResolverRecord(name: "edit-in-deleted-lines", settled: 90, equal: 82, read: 8, wrong: 3),
    ResolverRecord(name: "adjacent-new-lines", settled: 88, equal: 78, read: 10, wrong: 3),
    ResolverRecord(name: "items-added", settled: 88, equal: 77, read: 11, wrong: 2),
    ResolverRecord(name: "items-added-long", settled: 35, equal: 31, read: 4, wrong: 1),
    ResolverRecord(name: "items-changed", settled: 15, equal: 14, read: 1, wrong: 0),
    ResolverRecord(name: "items-rewritten", settled: 189, equal: 175, read: 14, wrong: 0),
    ResolverRecord(name: "items-deleted", settled: 29, equal: 26, read: 3, wrong: 0),
    ResolverRecord(name: "items-one-side", settled: 126, equal: 113, read: 13, wrong: 1),
    ResolverRecord(name: "items-other", settled: 515, equal: 314, read: 0, wrong: 0),
  ]
}
