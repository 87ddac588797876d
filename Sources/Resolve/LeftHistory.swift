package import Base
package import Git
internal import Merging
package import Work

extension ResolveOutcome {
  /// How many places have their commits named: no more are shown in full to anybody.
  private static let mostNamed = 6

  /// The same with the commits behind the first places that are left, for a person who has to decide.
  ///
  /// History that cannot be read is left out.
  ///
  /// - Parameters:
  ///   - ours: The tip of the branch.
  ///   - theirs: The tip of the base.
  ///   - repository: One that sees both.
  /// - Returns: The outcome; as it is where nothing is left.
  package func namingCommits(of ours: ObjectID, and theirs: ObjectID, in repository: Repository) -> ResolveOutcome {
    guard verdict == .conflicts, let bases = try? repository.mergeBases(ours, theirs) else { return self }
    let history = HunkHistory(
      repository: repository, ours: ours, theirs: theirs, base: bases.count == 1 ? bases.first : nil)
    var (outcome, named) = (self, 0)
    for file in outcome.files.indices {
      for place in outcome.files[file].left.indices where named < Self.mostNamed {
        let (path, hunk) = (outcome.files[file].path, outcome.files[file].left[place])
        outcome.files[file].left[place].commits = PlaceCommits(
          ours: history.notes(of: .ours, at: path, lines: Self.span(hunk.startLine, hunk.ours)),
          theirs: history.notes(of: .theirs, at: path, lines: Self.span(hunk.theirStartLine, hunk.theirs)))
        named += 1
      }
    }
    return outcome
  }

  /// The lines of a side, counted from zero; none where they are not known.
  private static func span(_ first: Int?, _ lines: [String]?) -> LineSpan {
    guard let first, first > 0, let lines else { return LineSpan(start: 0, count: 0) }
    return LineSpan(start: first - 1, count: lines.count)
  }
}
