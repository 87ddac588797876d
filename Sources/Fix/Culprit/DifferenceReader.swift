internal import Base
internal import Git

/// Reads what a branch changed.
struct DifferenceReader {
  let base: ObjectID
  let head: ObjectID
  let context: Int
  let isTest: @Sendable (RepositoryPath) -> Bool

  /// The most bytes of a file whose change is cut into lines.
  private static let largestText = 4 << 20
  /// The difference, and the lines that the branch added to files which hold tests.
  func read(
    _ repository: Repository
  ) throws(GitError) -> (difference: BranchDifference, outside: [ArraySlice<UInt8>]) {
    var options = DiffOptions()
    options.maxFileSize = Self.largestText
    options.contextLines = context
    let diff = try repository.diff(from: base, to: head, options: options)
    var result = BranchDifference()
    var outside: [ArraySlice<UInt8>] = []
    for change in diff.files {
      if [change.old, change.new].contains(where: { $0.map { isTest($0.path) } == true }) {
        result.changesTests = true
        for line in change.hunks.flatMap(\.lines) where line.kind == .added { outside.append(line.content[...]) }
        continue
      }
      try add(change, to: &result, repository)
    }
    return (result, outside)
  }

  private func add(
    _ change: FileChange, to result: inout BranchDifference, _ repository: Repository
  ) throws(GitError) {
    guard let path = (change.new ?? change.old)?.path else { return }
    var file = BranchFile(old: change.old, new: change.new, path: path)
    var units: [ChangeUnit] = []
    var next = result.pieceCount
    func add(_ kind: CulpritHunk.Kind, _ hunk: Hunk? = nil, pieces count: Int = 1) -> Int {
      defer { next += count }
      units.append(ChangeUnit(file: result.files.count, kind: kind, hunk: hunk, pieces: next..<(next + count)))
      return next
    }
    if let kind = Self.wholeKind(of: change) {
      file.whole = add(kind, change.hunks.first)
      if kind == .deleted, !change.hunks.isEmpty, let old = change.old {
        file.oldContent = try repository.content(of: old.blob, limit: Self.largestText)
      }
    } else if let new = change.new {
      if let old = change.old {
        if old.path != new.path { file.move = add(.renamed) }
        if old.mode != new.mode { file.mode = add(.mode) }
        file.oldContent = try repository.content(of: old.blob, limit: Self.largestText)
      }
      file.newContent = try repository.content(of: new.blob, limit: Self.largestText)
      file.lines = Self.lines(of: file.newContent)
      var line = 0
      for hunk in change.hunks.flatMap(\.runs) {
        let parts = HunkCutter.parts(of: hunk)
        var piece = add(change.old == nil ? .added : .hunk, hunk, pieces: parts.count)
        for part in parts {
          if part.start > line { file.stretches.append(.kept(line..<part.start)) }
          file.stretches.append(.piece(piece, old: part.old, new: part.new))
          line = part.start + part.new.count
          piece += 1
        }
      }
      if line < file.lines.count { file.stretches.append(.kept(line..<file.lines.count)) }
    }
    result.files.append(file)
    result.units += units
    result.pieceCount = next
  }

  /// The kind of a change that can only be taken back as a whole; `nil` for one of lines, of a name or of a mode.
  private static func wholeKind(of change: FileChange) -> CulpritHunk.Kind? {
    guard let new = change.new else { return .deleted }
    if change.isBinary || change.isTooLarge { return .binary }
    if change.status == .typeChanged || [new.mode, change.old?.mode].contains(.submodule) { return .typeChanged }
    if change.old == nil, change.hunks.isEmpty { return .added }
    return nil
  }

  /// The lines of a text, each with its end.
  static func lines(of text: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? text.count
      lines.append(text[start..<end])
      start = end
    }
    return lines
  }
}
