/// A conflicted file of a merge in a real history.
struct Row {
  var repository: String
  var merge: String
  var path: String
  var base: String
  var ours: String
  var theirs: String
  /// What the person who merged committed.
  var human: String

  /// The rows of a table that are conflicts of content; its first line names the columns.
  static func read(_ table: [UInt8]) -> [Row] {
    table.split(separator: 0x0A).dropFirst().compactMap { line in
      let fields = line.split(separator: 0x09, omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
      }
      guard fields.count >= 10, fields[5] == "content" else { return nil }
      return Row(
        repository: fields[0],
        merge: fields[1],
        path: fields[4],
        base: fields[6],
        ours: fields[7],
        theirs: fields[8],
        human: fields[9]
      )
    }
  }
}

/// What the rows of a repository came to.
struct Tally {
  var rows = 0
  var identical = 0
  var different = 0
  /// Rows of which the repository lacks a blob.
  var absent = 0
  /// Rows that git refuses to merge as binary.
  var binary = 0
  /// With resolvers: files without a conflict left, those of them that are what was committed, and those of which
  /// the committed blob is absent.
  var clean = 0
  var asCommitted = 0
  var unknown = 0
  /// How many conflicts each resolver settled.
  var settled: [String: Int] = [:]
  /// How many conflicts there were.
  var conflicts = 0
  /// Seconds in our merge and in git's.
  var ownSeconds = 0.0
  var gitSeconds = 0.0

  static func += (total: inout Tally, part: Tally) {
    total.rows += part.rows
    total.identical += part.identical
    total.different += part.different
    total.absent += part.absent
    total.binary += part.binary
    total.clean += part.clean
    total.asCommitted += part.asCommitted
    total.unknown += part.unknown
    total.settled.merge(part.settled) { $0 + $1 }
    total.conflicts += part.conflicts
    total.ownSeconds += part.ownSeconds
    total.gitSeconds += part.gitSeconds
  }
}
