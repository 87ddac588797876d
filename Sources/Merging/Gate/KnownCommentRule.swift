/// Words in comments that no file has: nobody asked for remarks, and they may be orders to whoever reads them.
struct KnownCommentRule: HunkRule {
  func objection(to resolution: Resolution, for conflict: Conflict, in context: ResolverContext) -> GateObjection? {
    guard let text = NewText(resolution, for: conflict, in: context) else { return nil }
    var known: Set<ArraySlice<UInt8>>?
    var objection: GateObjection?
    text.forEachToken { kind, token in
      guard kind == .comment, token.contains(where: isNameByte),
        !resolution.introduces.contains(where: { token.elementsEqual($0) })
      else { return true }
      let words =
        known
        ?? [context.base, context.ours, context.theirs].reduce(into: Set()) {
          $0.formUnion(ChangedWords.words($1[...]))
        }
      known = words
      if !ChangedWords.words(token).allSatisfy({ words.contains($0) }) { objection = GateObjection(.newWord, token) }
      return objection == nil
    }
    return objection
  }
}
