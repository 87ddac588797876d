/// Refuses to leave an edit out with its lines in a file that one side moved.
///
/// Who moves a file takes it apart as often as not: the lines that are gone from it may stand in another file, which
/// nobody looks at, and there the edit belongs.
struct MovedFileRule: HunkRule {
  func objection(to resolution: Resolution, for conflict: Conflict, in context: ResolverContext) -> GateObjection? {
    guard context.isMoved, resolution.forgoesEdits else { return nil }
    return GateObjection(.editInMovedFile, resolution.dropped.first?.line ?? [])
  }
}
