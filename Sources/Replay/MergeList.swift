package import Base
internal import FileSystem
internal import Work

/// A list of conflicted files of merges: lines with tabs between the columns, the first of which names these.
package struct MergeList: Sendable {
  /// One conflicted file.
  package struct Row: Sendable, Hashable {
    package var path: RepositoryPath
    /// What the conflict is about, in git's words; only `content` is merged.
    package var type: String
    package var base: ObjectID?
    package var ours: ObjectID?
    package var theirs: ObjectID?
    /// What people committed; `nil` where the path is gone.
    package var committed: ObjectID?
  }

  /// The conflicted files of one merge.
  package struct Merge: Sendable, Hashable {
    package var repository: String
    package var id: ObjectID
    package var rows: [Row]
  }

  /// The columns that a list must have, in any order; it may have more.
  package static let columns = [
    "repo", "merge", "path", "type", "base_oid", "ours_oid", "theirs_oid", "human_oid",
  ]

  /// The merges in the order in which the list first names them.
  package let merges: [Merge]

  /// Reads a list.
  ///
  /// - Parameters:
  ///   - bytes: The list.
  ///   - name: What errors call it.
  /// - Throws: ``MalformedTable``.
  package init(_ bytes: [UInt8], named name: String) throws(MalformedTable) {
    var merges: [Merge] = []
    var index: [String: [ObjectID: Int]] = [:]
    var columns: [Int]?
    for (number, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      let line = line.last == 0x0D ? line.dropLast() : line
      if line.isEmpty, number > 0 { continue }
      let fields = line.split(separator: 0x09, omittingEmptySubsequences: false)
      do throws(Fault) {
        guard let columns else {
          columns = try Self.positions(fields)
          continue
        }
        let (repository, merge, row) = try Self.row(fields, columns)
        if let known = index[repository]?[merge] {
          merges[known].rows.append(row)
        } else {
          index[repository, default: [:]][merge] = merges.count
          merges.append(Merge(repository: repository, id: merge, rows: [row]))
        }
      } catch {
        throw MalformedTable(name: name, line: number + 1, reason: error.reason)
      }
    }
    self.merges = merges
  }

  /// Reads a list from a file.
  ///
  /// - Throws: ``MalformedTable`` or ``FileError``.
  package static func read(_ path: String) throws -> MergeList {
    try MergeList(try File.read(Array(path.utf8), limit: largestList), named: DisplayText.escaping(path.utf8))
  }

  /// A list larger than this is refused: 256 MiB.
  private static let largestList = 256 << 20

  private struct Fault: Error {
    var reason: String
  }

  private static func positions(_ header: [ArraySlice<UInt8>]) throws(Fault) -> [Int] {
    let names = header.map { String(decoding: $0, as: UTF8.self) }
    var positions: [Int] = []
    for column in columns {
      guard let position = names.firstIndex(of: column) else {
        throw Fault(reason: "the first line has to name the column '\(column)'")
      }
      positions.append(position)
    }
    return positions
  }

  private static func row(
    _ fields: [ArraySlice<UInt8>], _ columns: [Int]
  ) throws(Fault) -> (String, ObjectID, Row) {
    guard let last = columns.max(), fields.count > last else {
      throw Fault(reason: "it has only \(fields.count) columns")
    }
    let cells = columns.map { fields[$0] }
    guard let repository = String(validating: cells[0], as: UTF8.self), RepositoryPath(repository) != nil else {
      throw Fault(reason: "'\(DisplayText.escaping(cells[0]))' is not the name of a repository, OWNER/NAME")
    }
    guard let merge = ObjectID(hex: cells[1]) else {
      throw Fault(reason: "'\(DisplayText.escaping(cells[1]))' is not the id of a commit, forty hexadecimal digits")
    }
    guard let bytes = QuotedPath.decode(Array(cells[2])), let path = RepositoryPath(bytes) else {
      throw Fault(reason: "'\(DisplayText.escaping(cells[2]))' is not a path inside a repository")
    }
    let row = Row(
      path: path, type: DisplayText.line(cells[3]), base: try object(cells[4]), ours: try object(cells[5]),
      theirs: try object(cells[6]), committed: try object(cells[7]))
    return (repository, merge, row)
  }

  /// The object that a cell names; `nil` for `-` and for git's "no object".
  private static func object(_ cell: ArraySlice<UInt8>) throws(Fault) -> ObjectID? {
    if cell.elementsEqual("-".utf8) { return nil }
    guard let id = ObjectID(hex: cell) else {
      throw Fault(
        reason: "'\(DisplayText.escaping(cell))' is neither the id of a file, forty hexadecimal digits, nor '-'")
    }
    return id.isZero ? nil : id
  }
}

/// A table that a person gave has a line that cannot be read.
package struct MalformedTable: Error, Sendable, Hashable, CustomStringConvertible {
  package var name: String
  /// The line, counted from one.
  package var line: Int
  package var reason: String

  package init(name: String, line: Int, reason: String) {
    self.name = name
    self.line = line
    self.reason = reason
  }

  package var description: String { "\(name):\(line): \(reason)" }
}
