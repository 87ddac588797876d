internal import Base
package import Evaluation
internal import Git
package import Merging
internal import Resolve
internal import Work

/// Which resolvers are measured, and how.
package struct ReplaySettings: Sendable {
  /// The resolvers that are asked together, as the product asks them.
  package var resolvers: [any Resolver]
  /// Those that are asked once more, each alone.
  package var alone: [any Resolver]
  /// An evaluation of nothing, to which what is replayed is added.
  package var empty: MergeEvaluation

  package init(resolvers: [any Resolver], alone: [any Resolver] = [], empty: MergeEvaluation = MergeEvaluation()) {
    self.resolvers = resolvers
    self.alone = alone
    self.empty = empty
  }
}

/// The replay of one merge.
struct MergeReplay {
  let source: String
  let settings: ReplaySettings
  private(set) var evaluation: MergeEvaluation
  /// Whether nothing is left in any file so far, and whether each is what people committed.
  private var isClean = true
  private var isGood = true

  init(source: String, settings: ReplaySettings) {
    self.source = source
    self.settings = settings
    evaluation = settings.empty
  }

  /// Merges the two parents as the product does and judges each file in conflict.
  ///
  /// - Throws: ``GitError`` where the repository lacks something that the merge needs.
  mutating func replay(_ merge: MergeCommit, in repository: PrivateRepository) throws(GitError) {
    let (ours, theirs) = (merge.parents[0], merge.parents[1])
    let bases = try repository.mergeBases(ours, theirs)
    if bases.isEmpty {
      evaluation.merges.unrelated += 1
      return
    }
    guard bases != [ours], bases != [theirs] else {
      evaluation.merges.replayed += 1
      return
    }
    let conflicts = try repository.merge(ours: ours, theirs: theirs, bases: bases).conflicts
    for conflict in conflicts {
      try judge(conflict.path, of: merge.id, in: repository) { () throws(GitError) in
        try ContentConflict.read(conflict, in: repository)
      } committed: { () throws(GitError) in
        try repository.entry(at: conflict.path, in: merge.id).flatMap { $0.mode.isFile ? $0.id : nil }
      }
    }
    finish(isConflicted: !conflicts.isEmpty)
  }

  /// Judges the files that a list names.
  mutating func replay(_ merge: MergeList.Merge, in repository: PrivateRepository) throws(GitError) {
    let parents = (try? repository.commit(merge.id).parents) ?? []
    for row in merge.rows {
      guard row.type == "content" else {
        leave(row.type)
        continue
      }
      guard let base = row.base, let ours = row.ours, let theirs = row.theirs else {
        leave(Self.missing)
        continue
      }
      // The list tells where the merged file is; a side that has it elsewhere has not moved it or is the one that did.
      let isMoved = zip(parents, [ours, theirs]).contains { parent, blob in
        (try? repository.entry(at: row.path, in: parent))?.id != blob
      }
      try judge(row.path, of: merge.id, in: repository) { () throws(GitError) in
        try ContentConflict.read(
          at: row.path, base: base, ours: ours, theirs: theirs, isMoved: isMoved, in: repository)
      } committed: {
        row.committed
      }
    }
    finish(isConflicted: true)
  }

  private static let missing = "missing blob"
  private static let gone = "not comparable: nothing was committed at the path"

  private mutating func judge(
    _ path: RepositoryPath, of merge: ObjectID, in repository: Repository,
    read: () throws(GitError) -> ContentConflict.Reading, committed: () throws(GitError) -> ObjectID?
  ) throws(GitError) {
    do throws(GitError) {
      switch try read() {
      case .whole(let file): leave(Self.words(file.kind))
      case .content(let content):
        let human = try committed()
        let place = FilePlace(repository: source, merge: merge.hex, path: QuotedPath.encode(path.bytes))
        try judge(content, place: place) { () throws(GitError) in
          guard let human else { return nil }
          return try repository.content(of: human, limit: ContentConflict.largestFile)
        }
      }
    } catch {
      switch error.code {
      case .missingObject, .notFound, .wrongType: leave(Self.missing)
      case .tooLarge: leave(Self.words(.tooLarge))
      default: throw error
      }
    }
  }

  private mutating func judge(
    _ content: ContentConflict, place: FilePlace, committed: () throws(GitError) -> [UInt8]?
  ) throws(GitError) {
    let start = ContinuousClock.now
    let result = ContentMerge(content, resolvers: settings.resolvers)
    let time = ContinuousClock.now - start
    guard let merge = result.merge else { return leave(Self.words(result.file.kind)) }
    guard let committed = try committed() else { return leave(Self.gone) }
    let language = Language.ofFile(at: content.path.bytes).name
    let file = JudgedFile(merge, base: content.base, committed: committed, place: place, language: language)
    evaluation.add(file, showing: settings.alone.isEmpty)
    evaluation.add(FileDuration(place: place, nanoseconds: Int64(time / .nanoseconds(1))))
    if file.likeness == nil { isClean = false }
    if file.likeness ?? .different == .different { isGood = false }
    for resolver in settings.alone {
      let merge = FileMerge(
        base: content.base, ours: content.ours, theirs: content.theirs, path: content.path.bytes,
        isMoved: content.isMoved, resolvers: [resolver])
      if merge.resolved.isEmpty { continue }
      evaluation.add(
        JudgedFile(merge, base: content.base, committed: committed, place: place, language: language),
        by: resolver.name)
    }
  }

  private mutating func leave(_ reason: String) {
    evaluation.addApart(reason)
    isClean = false
    isGood = false
  }

  private mutating func finish(isConflicted: Bool) {
    evaluation.merges.replayed += 1
    guard isConflicted else { return }
    evaluation.merges.conflicted += 1
    if isClean { evaluation.merges.clean += 1 }
    if isGood { evaluation.merges.good += 1 }
  }

  private static func words(_ kind: ConflictedFile.Kind) -> String {
    kind == .generated ? "lock or generated file" : kind.rawValue
  }
}

extension FileMode {
  /// Whether it is a file of lines.
  fileprivate var isFile: Bool { self == .regular || self == .groupWritable || self == .executable }
}
