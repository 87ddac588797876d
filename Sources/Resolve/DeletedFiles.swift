internal import Base
internal import Git
internal import Merging
internal import Work

/// Decides what to propose for files that one side deleted and the other changed.
struct DeletedFiles {
  /// The lines of a lost change that are listed.
  private static let mostLines = 200
  private static let largestFile = 4 << 20
  /// The files of the same language that are looked at for a type that has moved.
  private static let mostFiles = 20_000

  let repository: Repository
  /// The merge, with what is settled of it.
  let index: MergedIndex

  /// The proposals for the conflicts of this kind, by the path of the conflict.
  func proposals() throws(GitError) -> [RepositoryPath: DeletionProposal] {
    let conflicts = index.conflicts.filter { $0.kind == .modifyDelete && $0.ancestor != nil }
    guard !conflicts.isEmpty else { return [:] }
    let deleted = Set(conflicts.map(\.path))
    var files = index.files().filter { $0.mode == .regular || $0.mode == .executable || $0.mode == .groupWritable }
      .map { (path: $0.path, blob: $0.id) }
    var known = Set(files.map(\.path))
    for conflict in index.conflicts where !deleted.contains(conflict.path) {
      // Where the two sides are not merged yet, what either says counts.
      for side in [conflict.ours, conflict.theirs].compactMap({ $0 }) where side.mode != .submodule {
        if known.insert(side.path).inserted { files.append((side.path, side.blob)) }
      }
    }
    var questions: [[TreeSearch.Needle]] = []
    for conflict in conflicts { questions.append(try needles(of: conflict, outside: files)) }
    let found = try TreeSearch.run(files, questions, in: repository)
    var result: [RepositoryPath: DeletionProposal] = [:]
    for (conflict, found) in zip(conflicts, found) { result[conflict.path] = try proposal(conflict, found) }
    return result
  }

  private func needles(
    of conflict: TreeConflict, outside files: [(path: RepositoryPath, blob: ObjectID)]
  ) throws(GitError) -> [TreeSearch.Needle] {
    guard let base = conflict.ancestor else { return [] }
    let needles = FileNames.needles(of: base.path, beside: files.lazy.map(\.path))
    let size = try repository.header(of: base.blob).size
    guard size <= Self.largestFile, !Prose.isProse(base.path) else { return needles }
    let content = try repository.content(of: base.blob, limit: Self.largestFile)
    if BinaryContent.isBinary(content) { return needles }
    let types = Declarations.topLevelTypes(in: content)
    let elsewhere = try declared(types, in: files, like: base.path)
    return needles
      + types.filter { !elsewhere.contains($0) }.map { name in
        // A short name is a word of other languages too.
        TreeSearch.Needle(text: name, scope: name.count < 4 ? .language(base.path.fileExtension) : .code)
      }
  }

  /// Those of the types that a file of the same language declares too, as where one has been moved.
  private func declared(
    _ types: [[UInt8]], in files: [(path: RepositoryPath, blob: ObjectID)], like path: RepositoryPath
  ) throws(GitError) -> Set<[UInt8]> {
    var found: Set<[UInt8]> = []
    guard !types.isEmpty else { return found }
    for file in files.lazy.filter({ $0.path.fileExtension == path.fileExtension }).prefix(Self.mostFiles) {
      guard try repository.header(of: file.blob).size <= 1 << 20 else { continue }
      let content = try repository.content(of: file.blob, limit: 1 << 20)
      let named = types.filter { Words.find($0, in: content, from: 0) != nil }
      if !named.isEmpty { found.formUnion(Set(Declarations.topLevelTypes(in: content)).intersection(named)) }
    }
    return found
  }

  private func proposal(_ conflict: TreeConflict, _ found: TreeSearch.Found) throws(GitError) -> DeletionProposal {
    var (lost, more): ([String], Int) = ([], 0)
    var cosmetic: CosmeticChange?
    if let base = conflict.ancestor, let changed = conflict.ours ?? conflict.theirs,
      let (old, new) = try contents(base, changed)
    {
      cosmetic = CosmeticChange.of(old, new, path: base.path.bytes)
      let lines = Self.difference(old, new)
      (lost, more) = (Array(lines.prefix(Self.mostLines)), max(0, lines.count - Self.mostLines))
    }
    let looks = cosmetic.map { "; the change that is lost is one of \($0.rawValue) alone" } ?? ""
    if !found.places.isEmpty {
      let names = found.places.prefix(3).map { "\($0.path.display):\($0.line)" }.joined(separator: ", ")
      let others = found.places.count > 3 ? " and \(found.places.count - 3) more" : ""
      let verb = found.places.count == 1 ? "refers" : "refer"
      return DeletionProposal(
        action: .keep, reason: "kept open, because \(names)\(others) still \(verb) to it\(looks)", lost: lost,
        lostMore: more, cosmetic: cosmetic?.rawValue, references: found.places)
    }
    guard !found.wasStopped else {
      return DeletionProposal(
        action: .keep, reason: "kept open, because the merged tree is too large to be searched for references\(looks)",
        lost: lost, lostMore: more, cosmetic: cosmetic?.rawValue, references: [])
    }
    let unread =
      found.isComplete
      ? ""
      : "; \(found.unread) \(found.unread == 1 ? "file" : "files") of more than \(TreeSearch.largestFile >> 20) MiB "
        + "\(found.unread == 1 ? "was" : "were") not searched"
    return DeletionProposal(
      action: .delete, reason: "delete it: nothing was found in the merged tree that refers to it\(unread)\(looks)",
      lost: lost, lostMore: more, cosmetic: cosmetic?.rawValue, references: [])
  }

  /// The two versions, unless one is no text or too large.
  private func contents(
    _ base: TreeConflict.Side, _ changed: TreeConflict.Side
  ) throws(GitError) -> (old: [UInt8], new: [UInt8])? {
    var versions: [[UInt8]] = []
    for side in [base, changed] {
      guard side.mode != .submodule, try repository.header(of: side.blob).size <= Self.largestFile else { return nil }
      versions.append(try repository.content(of: side.blob, limit: Self.largestFile))
    }
    return versions.contains(where: { BinaryContent.isBinary($0) }) ? nil : (versions[0], versions[1])
  }

  private static func difference(_ old: [UInt8], _ new: [UInt8]) -> [String] {
    let (before, after) = (LineTable(old), LineTable(new))
    return LineDiff.changes(from: old, to: new).flatMap { change in
      ["@@ \(change.old.start + 1)"]
        + DisplayLines.of(Array(before[change.old])).map { "-" + $0 }
        + DisplayLines.of(Array(after[change.new])).map { "+" + $0 }
    }
  }
}
