internal import Base
internal import Git
internal import Workspace

/// A file, or a symbolic link, that one tree has otherwise than another.
struct TreeDelta: Sendable, Hashable {
  var path: RepositoryPath
  /// `nil` where the first tree has nothing of the kind there.
  var old: TreeEntry?
  /// `nil` where the second tree has nothing of the kind there.
  var new: TreeEntry?
}

extension Repository {
  /// The files and links that differ between two trees, sorted by path; what a checkout leaves out is not among them.
  ///
  /// Only the directories that differ are read.
  func deltas(from old: ObjectID, to new: ObjectID) throws(GitError) -> [TreeDelta] {
    var deltas: [TreeDelta] = []
    var waiting: [(path: [UInt8], old: ObjectID?, new: ObjectID?)] = [([], old, new)]
    while let (path, old, new) = waiting.popLast() {
      guard old != new else { continue }
      var pairs: [RepositoryPath: (old: TreeEntry?, new: TreeEntry?)] = [:]
      if let old { for entry in try entries(of: old) { pairs[entry.path, default: (nil, nil)].old = entry } }
      if let new { for entry in try entries(of: new) { pairs[entry.path, default: (nil, nil)].new = entry } }
      for (name, pair) in pairs {
        guard pair.old?.id != pair.new?.id || pair.old?.mode != pair.new?.mode else { continue }
        let prefix = path.isEmpty ? [] : path + [UInt8(ascii: "/")]
        guard let full = RepositoryPath(prefix + name.bytes) else { continue }
        let before = Self.checkedOut(pair.old, at: full)
        let after = Self.checkedOut(pair.new, at: full)
        let olds = before?.mode == .directory ? before?.id : nil
        let news = after?.mode == .directory ? after?.id : nil
        if olds != nil || news != nil { waiting.append((full.bytes, olds, news)) }
        let delta = TreeDelta(
          path: full, old: olds == nil ? before : nil, new: news == nil ? after : nil)
        if delta.old != nil || delta.new != nil { deltas.append(delta) }
      }
    }
    return deltas.sorted { $0.path < $1.path }
  }

  private static func checkedOut(_ entry: TreeEntry?, at path: RepositoryPath) -> TreeEntry? {
    guard var entry, Checkout.refusal(entry) == nil else { return nil }
    entry.path = path
    return entry
  }
}
