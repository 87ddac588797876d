internal import Base
internal import Git
internal import Merging
internal import Work

/// Finds what one side renamed and the other side began to use by its old name.
///
/// Such a merge may be clean and yet be wrong. What it finds are proposals; nothing is changed.
struct RenameFinder {
  let repository: Repository
  let base: ObjectID
  let ours: ObjectID
  let theirs: ObjectID

  /// The renames, added lines and places that are looked at.
  private static let mostRenames = 500
  private static let mostLines = 50_000
  private static let mostPlaces = 20
  private static let shortestName = 4

  func find() throws(GitError) -> [RenameReach] {
    var options = DiffOptions()
    options.contextLines = 0
    options.maxFileSize = 1 << 20
    let mine = try repository.diff(from: base, to: ours, options: options)
    let other = try repository.diff(from: base, to: theirs, options: options)
    return try find(.ours, mine, ours, against: other) + find(.theirs, other, theirs, against: mine)
  }

  private func find(
    _ side: RenameReach.Side, _ renaming: Diff, _ tip: ObjectID, against other: Diff
  ) throws(GitError) -> [RenameReach] {
    let files = Self.files(renamedIn: renaming, stillIn: other)
    let names = Self.names(renamedIn: renaming)
    guard !files.isEmpty || !names.isEmpty else { return [] }
    let lines = Self.added(in: other)
    var result: [RenameReach] = []
    for rename in Self.reach(of: files, in: lines) {
      result.append(
        RenameReach(
          kind: .file, side: side, from: rename.from.display, to: rename.to.display, places: rename.places))
    }
    let used = Self.reach(of: names, in: lines)
    guard !used.isEmpty else { return result }
    // A name that the side still uses itself was not renamed, or not everywhere.
    let tree = try Self.files(of: tip, in: repository)
    let found = try TreeSearch.run(
      tree, used.map { [TreeSearch.Needle(text: $0.from, scope: .code)] }, in: repository)
    for (rename, found) in zip(used, found) where found.places.isEmpty && !found.wasStopped {
      result.append(
        RenameReach(
          kind: .name, side: side, from: DisplayText.line(rename.from), to: DisplayText.line(rename.to),
          places: rename.places))
    }
    return result
  }

  // MARK: - What was renamed

  private struct FileRename {
    var from: RepositoryPath
    var to: RepositoryPath
    var places: [CodePlace] = []
  }

  private struct NameRename: Hashable {
    var from: [UInt8]
    var to: [UInt8]
    /// The ending of the file that declares it.
    var ending: [UInt8]
    var places: [CodePlace] = []
  }

  private static func files(renamedIn diff: Diff, stillIn other: Diff) -> [FileRename] {
    let gone = Set(
      other.files.compactMap { $0.old?.path != $0.new?.path ? $0.old?.path : nil })
    return diff.files.compactMap { file -> FileRename? in
      guard case .renamed = file.status, let old = file.old?.path, let new = file.new?.path, !gone.contains(old)
      else { return nil }
      return FileRename(from: old, to: new)
    }.prefix(mostRenames).map { $0 }
  }

  /// The declared names that a difference replaces on a line that stays the same otherwise.
  private static func names(renamedIn diff: Diff) -> [NameRename] {
    var result: [NameRename] = []
    for file in diff.files {
      guard let path = file.new?.path, !Prose.isProse(path), GeneratedFile.at(path.bytes) == nil else { continue }
      for hunk in file.hunks {
        let deleted = hunk.lines.filter { $0.kind == .deleted }
        let added = hunk.lines.filter { $0.kind == .added }
        // In a large hunk nobody can tell which line became which.
        guard !deleted.isEmpty, !added.isEmpty, deleted.count <= 50, added.count <= 50 else { continue }
        for line in deleted {
          guard let old = Declarations.name(in: line.content[...]), old.count >= shortestName else { continue }
          for other in added {
            guard let new = Declarations.name(in: other.content[...]), new != old,
              Words.replacing(old, by: new, in: line.content) == other.content
            else { continue }
            result.append(NameRename(from: old, to: new, ending: path.fileExtension))
            break
          }
        }
        if result.count >= mostRenames { return unambiguous(result) }
      }
    }
    return unambiguous(result)
  }

  /// Those that became one other name.
  private static func unambiguous(_ renames: [NameRename]) -> [NameRename] {
    let targets = Dictionary(grouping: renames, by: \.from).mapValues { Set($0.map(\.to)).count }
    var seen: Set<[UInt8]> = []
    return renames.filter { targets[$0.from] == 1 && seen.insert($0.from).inserted }
  }

  // MARK: - What was added

  private struct AddedLine {
    var path: RepositoryPath
    var number: Int
    var content: [UInt8]
  }

  private static func added(in diff: Diff) -> [AddedLine] {
    var result: [AddedLine] = []
    for file in diff.files {
      guard let path = file.new?.path, GeneratedFile.at(path.bytes) == nil else { continue }
      let lines = file.hunks.flatMap(\.lines)
      // A line that only moved within its file was there before.
      let deleted = Set(lines.filter { $0.kind == .deleted }.map { trimmed($0.content) })
      for line in lines where line.kind == .added && !deleted.contains(trimmed(line.content)) {
        guard let number = line.newNumber, line.content.count <= 2_000 else { continue }
        result.append(AddedLine(path: path, number: number, content: line.content))
        if result.count == mostLines { return result }
      }
    }
    return result
  }

  private static func trimmed(_ line: [UInt8]) -> ArraySlice<UInt8> {
    var slice = line.drop { $0 == 0x20 || $0 == 0x09 }
    while let last = slice.last, last == 0x20 || last == 0x09 || last == 0x0D { slice.removeLast() }
    return slice
  }

  private static func place(_ line: AddedLine, _ proposal: [UInt8]) -> CodePlace {
    CodePlace(
      path: line.path, line: line.number, text: DisplayText.line(trimmed(line.content)),
      proposal: DisplayText.line(trimmed(proposal)))
  }

  private static func words(_ bytes: [UInt8]) -> Set<ArraySlice<UInt8>> {
    Set(bytes.split(whereSeparator: { !Words.isNameByte($0) }))
  }

  // MARK: - Where they meet

  private static func reach(of renames: [NameRename], in lines: [AddedLine]) -> [NameRename] {
    var renames = renames
    let byName = Dictionary(renames.enumerated().map { ($1.from[...], $0) }) { first, _ in first }
    var declaredAgain: Set<Int> = []
    for line in lines where !Prose.isProse(line.path) {
      for word in words(line.content) {
        guard let index = byName[word], line.path.fileExtension == renames[index].ending else { continue }
        // Who declares the name means another thing by it.
        if Declarations.name(in: line.content[...]) == renames[index].from { declaredAgain.insert(index) }
        guard renames[index].places.count < mostPlaces else { continue }
        let proposal = Words.replacing(renames[index].from, by: renames[index].to, in: line.content)
        renames[index].places.append(place(line, proposal))
      }
    }
    return renames.enumerated().filter { !declaredAgain.contains($0) && !$1.places.isEmpty }.map(\.element)
  }

  private static func reach(of renames: [FileRename], in lines: [AddedLine]) -> [FileRename] {
    guard !renames.isEmpty else { return [] }
    var renames = renames
    var byWord: [ArraySlice<UInt8>: [Int]] = [:]
    for (index, rename) in renames.enumerated() {
      let stem = FileNames.stem(Array(rename.from.name))
      guard let first = stem.split(whereSeparator: { !Words.isNameByte($0) }).first else { continue }
      byWord[Array(first)[...], default: []].append(index)
    }
    for line in lines {
      for index in Set(words(line.content).flatMap { byWord[Array($0)[...]] ?? [] }).sorted() {
        let rename = renames[index]
        guard rename.places.count < mostPlaces,
          let proposal = FileReference.renaming(rename.from, to: rename.to, in: line.content, of: line.path)
        else { continue }
        renames[index].places.append(place(line, proposal))
      }
    }
    return renames.filter { !$0.places.isEmpty }
  }

  private static func files(
    of commit: ObjectID, in repository: Repository
  ) throws(GitError) -> [(path: RepositoryPath, blob: ObjectID)] {
    var result: [(path: RepositoryPath, blob: ObjectID)] = []
    try repository.walk(commit) { entry throws(GitError) in
      if [.regular, .executable, .groupWritable].contains(entry.mode) { result.append((entry.path, entry.id)) }
      return true
    }
    return result
  }
}
