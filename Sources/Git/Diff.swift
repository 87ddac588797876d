package import Base

/// The difference between two trees, as values.
package struct Diff: Sendable, Hashable {
  package var files: [FileChange]

  package init(files: [FileChange] = []) {
    self.files = files
  }
}

/// What kind of file a tree entry is, by its mode.
package enum FileMode: UInt16, Sendable, Hashable {
  case none = 0
  case directory = 0o040000
  case regular = 0o100644
  case groupWritable = 0o100664
  case executable = 0o100755
  case symbolicLink = 0o120000
  case submodule = 0o160000
}

/// One file in a difference.
package struct FileChange: Sendable, Hashable {
  /// How the file changed.
  package enum Status: Sendable, Hashable {
    case added
    case deleted
    case modified
    /// Moved, perhaps with changes; the percentage of lines that stayed.
    case renamed(similarity: Int)
    case copied(similarity: Int)
    /// Turned into another kind of file, such as a symbolic link.
    case typeChanged
  }

  /// One of the two sides of the change.
  package struct Side: Sendable, Hashable {
    package var path: RepositoryPath
    package var mode: FileMode
    package var blob: ObjectID
    /// The size in bytes; zero for a submodule.
    package var size: Int

    package init(path: RepositoryPath, mode: FileMode, blob: ObjectID, size: Int) {
      self.path = path
      self.mode = mode
      self.blob = blob
      self.size = size
    }
  }

  package var status: Status
  /// `nil` for an added file.
  package var old: Side?
  /// `nil` for a deleted file.
  package var new: Side?
  /// Whether git takes one of the sides for binary; such a change has no hunks.
  package var isBinary: Bool
  /// Whether a side was too large to be read; such a change has no hunks.
  package var isTooLarge: Bool
  package var hunks: [Hunk]

  package init(
    status: Status, old: Side?, new: Side?, isBinary: Bool = false, isTooLarge: Bool = false, hunks: [Hunk] = []
  ) {
    self.status = status
    self.old = old
    self.new = new
    self.isBinary = isBinary
    self.isTooLarge = isTooLarge
    self.hunks = hunks
  }
}

/// A group of changed lines with the unchanged lines around them.
package struct Hunk: Sendable, Hashable {
  package var oldStart: Int
  package var oldCount: Int
  package var newStart: Int
  package var newCount: Int
  /// What git prints behind the second `@@`: usually the enclosing declaration.
  package var heading: [UInt8]
  package var lines: [DiffLine]

  package init(
    oldStart: Int, oldCount: Int, newStart: Int, newCount: Int, heading: [UInt8] = [], lines: [DiffLine] = []
  ) {
    self.oldStart = oldStart
    self.oldCount = oldCount
    self.newStart = newStart
    self.newCount = newCount
    self.heading = heading
    self.lines = lines
  }
}

/// One line of a hunk.
package struct DiffLine: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case context
    case added
    case deleted
  }

  package var kind: Kind
  /// The line's number in the old file, counted from one; `nil` for an added line.
  package var oldNumber: Int?
  /// The line's number in the new file, counted from one; `nil` for a deleted line.
  package var newNumber: Int?
  /// The line without its `\n`; a `\r` before it stays.
  package var content: [UInt8]
  /// Whether this is the last line of its file and has no `\n`.
  package var lacksNewline: Bool

  package init(
    kind: Kind, oldNumber: Int?, newNumber: Int?, content: [UInt8], lacksNewline: Bool = false
  ) {
    self.kind = kind
    self.oldNumber = oldNumber
    self.newNumber = newNumber
    self.content = content
    self.lacksNewline = lacksNewline
  }
}
