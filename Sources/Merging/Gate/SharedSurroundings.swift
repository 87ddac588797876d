/// The lines next to a conflict that both sides wrote alike and that the ancestor has not there.
///
/// What both sides wrote alike is no conflict, so these lines are outside of it, while all that the ancestor has in
/// their place is inside: where both sides break `f(a, b)` into lines, the conflict is about `a, b` and the ancestor's
/// part of it is the whole line.
struct SharedSurroundings {
  /// Their numbers in our file.
  let linesOfOurs: [Int]

  /// How many lines are looked at in each direction.
  private static let reach = 64

  init(of conflict: Conflict, in context: ResolverContext) {
    let position = conflict.position
    // The conflict may stand for whole files, which have nothing around them.
    guard position.base.count > 0 || conflict.base.isEmpty else {
      linesOfOurs = []
      return
    }
    let (base, ours, theirs) = (
      context.sources.base.table, context.sources.ours.table, context.sources.theirs.table
    )
    func line(_ table: LineTable, _ number: Int) -> ArraySlice<UInt8>? {
      number >= 0 && number < table.count ? table[number].trimmed : nil
    }
    /// The lines in one direction, up to the first that the ancestor has there as well.
    func lines(from start: (base: Int, ours: Int, theirs: Int), by step: Int) -> [Int] {
      let end = line(base, start.base)
      var found: [Int] = []
      for distance in 0..<Self.reach {
        let number = start.ours + distance * step
        guard let mine = line(ours, number), mine != end, mine == line(theirs, start.theirs + distance * step) else {
          break
        }
        found.append(number)
      }
      return found
    }
    linesOfOurs =
      lines(from: (position.base.start - 1, position.ours.start - 1, position.theirs.start - 1), by: -1)
      + lines(from: (position.base.end, position.ours.end, position.theirs.end), by: 1)
  }
}
