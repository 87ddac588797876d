internal import Merging

/// What somebody thought of a differing hunk after reading it.
package enum MergeVerdict: String, Sendable, Hashable {
  /// It loses or breaks something that somebody meant.
  case wrong
  /// A sane merge, though people chose or edited otherwise.
  case fine
}

/// The differing hunks that somebody has read, each with a verdict.
///
/// A table of lines with tabs between the columns; the first line names them.
package struct MergeVerdicts: Sendable, Hashable {
  /// One line of the table.
  package struct Entry: Sendable, Hashable {
    package var place: FilePlace
    /// The line of our side, counted from one.
    package var line: Int
    package var resolver: String
    package var verdict: MergeVerdict
    package var note: String
    /// Where it stands in the table, counted from one.
    package var tableLine: Int
  }

  /// Why a table is refused.
  package struct Malformed: Error, Sendable, Hashable {
    /// The line, counted from one.
    package var line: Int
    package var reason: String
  }

  package static let columns = ["repo", "merge", "path", "line", "resolver", "verdict", "note"]

  package let entries: [Entry]
  private let byHunk: [Key: Int]

  private struct Key: Sendable, Hashable {
    var place: FilePlace
    var line: Int
    var resolver: String
  }

  package init() { (entries, byHunk) = ([], [:]) }

  /// Reads a table.
  ///
  /// - Throws: ``Malformed``.
  package init(_ table: [UInt8]) throws(Malformed) {
    var entries: [Entry] = []
    var byHunk: [Key: Int] = [:]
    let lines = table.split(separator: 0x0A, omittingEmptySubsequences: false)
    for (index, bytes) in lines.enumerated() {
      if bytes.isEmpty, index > 0 { continue }
      let fields = bytes.split(separator: 0x09, omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
      }
      if index == 0 {
        guard fields == Self.columns else {
          throw Malformed(
            line: 1, reason: "the first line has to name the columns \(Self.columns.joined(separator: ", "))")
        }
        continue
      }
      let entry = try Self.entry(fields, line: index + 1)
      let key = Key(place: entry.place, line: entry.line, resolver: entry.resolver)
      if let other = byHunk[key] {
        throw Malformed(line: index + 1, reason: "line \(entries[other].tableLine) is about the same hunk")
      }
      byHunk[key] = entries.count
      entries.append(entry)
    }
    (self.entries, self.byHunk) = (entries, byHunk)
  }

  private static func entry(_ fields: [String], line number: Int) throws(Malformed) -> Entry {
    guard fields.count == columns.count else {
      throw Malformed(line: number, reason: "it has \(fields.count) columns and not \(columns.count)")
    }
    let isID =
      fields[1].utf8.count == 40
      && fields[1].utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    guard isID else {
      throw Malformed(
        line: number, reason: "'\(fields[1])' is not the id of a merge commit, forty digits in lower case")
    }
    guard let line = Int(fields[3]), line > 0 else {
      throw Malformed(line: number, reason: "'\(fields[3])' is not the number of a line")
    }
    guard let verdict = MergeVerdict(rawValue: fields[5]) else {
      throw Malformed(line: number, reason: "'\(fields[5])' is neither 'wrong' nor 'fine'")
    }
    return Entry(
      place: FilePlace(repository: fields[0], merge: fields[1], path: fields[2]), line: line, resolver: fields[4],
      verdict: verdict, note: fields[6], tableLine: number)
  }

  /// The index of the entry about a differing hunk; `nil` where nobody has read it.
  package func index(of hunk: JudgedHunk) -> Int? {
    guard hunk.kind == .different, let resolver = hunk.resolution?.resolver else { return nil }
    return byHunk[Key(place: hunk.place, line: hunk.line, resolver: resolver)]
  }
}
