internal import Base
internal import Merging
internal import Work

/// The edits that resolvers left out because the other side deleted or replaced what was edited.
///
/// Nothing but the rule of the resolver says that nothing is lost by it, and a small edit that is gone is easily
/// overlooked: so a person looks at it first of all.
enum ForgoneEdits {
  /// A line for each line that an edit added and that is left out.
  static func concerns(_ files: [ConflictedFile]) -> [String] {
    files.flatMap { file in
      file.resolved.filter { $0.maker == .resolver && StandardResolvers.forgoingEdits.contains($0.by) }.flatMap {
        hunk in
        (hunk.dropped ?? []).map { dropped in
          "\(file.path.display), line \(hunk.startLine): an edit of \(dropped.side.rawValue) is left out: "
            + "\(dropped.line), because \(dropped.reason)"
        }
      }
    }
  }
}
