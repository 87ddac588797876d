/// Counts of conflicts as people read them.
package enum ConflictCount {
  /// Such as "2 conflicts in 1 file", of the places that were resolved.
  package static func resolved(in files: [ConflictedFile]) -> String {
    phrase(files.map(\.resolved.count))
  }

  /// Such as "2 conflicts in 1 file", of the places that are left.
  package static func left(in files: [ConflictedFile]) -> String {
    phrase(files.map(\.left.count))
  }

  private static func phrase(_ counts: [Int]) -> String {
    let places = counts.reduce(0, +)
    let files = counts.count { $0 > 0 }
    return "\(places) \(places == 1 ? "conflict" : "conflicts") in \(files) \(files == 1 ? "file" : "files")"
  }
}
