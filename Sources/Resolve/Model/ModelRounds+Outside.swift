internal import Base
internal import Git
internal import Merging
internal import Work

extension ModelRounds {
  /// An edit outside of the places as it is in the merge, whichever task made it.
  struct Revision: Sendable {
    var edit: OutsideEdit
    /// The whole file as it is with everything but this edit.
    var without: [UInt8]
  }

  /// Every edit outside of the places, found in the merged files themselves.
  func revisions(in repository: PrivateRepository) throws(GitError) -> [Revision] {
    let after = Dictionary(contents().map { ($0.path, $0.content) }) { $1 }
    let before = Dictionary(contents(withOutside: false).map { ($0.path, $0.content) }) { $1 }
    var revisions: [Revision] = []
    for (path, file) in outside.sorted(by: { $0.key < $1.key }) {
      guard case .some(.some(let new)) = after[path] else { continue }
      var old = before[path].flatMap { $0 }
      if old == nil, let start = prepared.tree, let entry = try repository.entry(at: path, in: start) {
        old = try repository.content(of: entry.id, limit: ContentConflict.largestFile)
      }
      let (was, isNow) = (LineTable(old ?? []), LineTable(new))
      for change in LineDiff.changes(from: was.bytes, to: new) {
        let (gone, came) = (Array(was[change.old]), Array(isNow[change.new]))
        let edit = OutsideEdit(
          path: path, line: change.new.start + 1, old: gone.isEmpty ? [] : DisplayLines.of(gone),
          new: came.isEmpty ? [] : DisplayLines.of(came), reason: Self.reason(of: change, among: file.edits))
        let head = isNow[LineSpan(start: 0, count: change.new.start)]
        let tail = isNow[LineSpan(start: change.new.end, count: isNow.count - change.new.end)]
        revisions.append(Revision(edit: edit, without: head + gone + tail))
      }
    }
    return revisions
  }

  /// What was said of the edit that is nearest to a change.
  private static func reason(of change: LineChange, among edits: [OutsideEdit]) -> String {
    edits.min { abs($0.line - change.new.start - 1) < abs($1.line - change.new.start - 1) }?.reason ?? ""
  }
}
