import Testing

@testable import Merging

/// The merge of three files by one resolver; `nil` where a conflict is left.
///
/// Expects the same lines where the sides are swapped.
func mergedBothWays(
  _ base: String, _ ours: String, _ theirs: String, path: String, by resolver: any Resolver,
  sourceLocation: SourceLocation = #_sourceLocation
) -> String? {
  func one(_ ours: String, _ theirs: String) -> String? {
    let merge = FileMerge(
      base: Array(base.utf8), ours: Array(ours.utf8), theirs: Array(theirs.utf8), path: Array(path.utf8),
      resolvers: [resolver])
    guard merge.isClean else { return nil }
    return String(decoding: merge.render(ConflictMarkers(ours: nil, base: nil, theirs: nil)), as: UTF8.self)
  }
  let result = one(ours, theirs)
  #expect(one(theirs, ours) == result, "the mirrored merge", sourceLocation: sourceLocation)
  return result
}
