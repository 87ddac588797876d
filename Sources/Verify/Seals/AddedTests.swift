internal import Base
internal import Merging

/// Tells an edit that only adds tests from one that changes what is there.
enum AddedTests {
  static func addsOnly(old: [UInt8]?, new: [UInt8]?, kind: SealKind, path: RepositoryPath) -> Bool {
    guard kind == .test || kind == .testData, new != nil else { return false }
    return old == nil
  }

  /// What was done, in a few words.
  static func summary(old: [UInt8]?, new: [UInt8]?) -> String {
    guard let old else { return "added" }
    guard let new else { return "deleted" }
    let changes = LineDiff.changes(from: old, to: new)
    let (gone, came) = changes.reduce((0, 0)) { ($0.0 + $1.old.count, $0.1 + $1.new.count) }
    switch (gone, came) {
    case (0, _): return "\(came) \(came == 1 ? "line" : "lines") added"
    case (_, 0): return "\(gone) \(gone == 1 ? "line" : "lines") deleted"
    default: return "\(gone) \(gone == 1 ? "line" : "lines") replaced by \(came)"
    }
  }
}
