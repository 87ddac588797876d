internal import Base
internal import Git
internal import Merging
internal import Work

/// A merge as far as resolvers take it, with what a model can be asked about the rest.
struct PreparedMerge: Sendable {
  var conflicts: [MergedConflict]
  var renames: [RenameReach]?
  var questions: HunkQuestions
  /// The files as a model is given them; `nil` where something is left that no model is asked about.
  ///
  /// Text files that are left have their places marked; files that one side deleted are there as the other has them.
  var tree: ObjectID?
  /// The mode and the path of each file that is asked about.
  var modes: [RepositoryPath: FileMode]
  /// The commits behind each question.
  var histories: [String: QuestionHistory]
  /// The best common ancestors.
  var bases: [ObjectID]

  /// The one best common ancestor; `nil` where there are several.
  var base: ObjectID? { bases.count == 1 ? bases[0] : nil }

  /// The commits behind the lines of a question.
  struct QuestionHistory: Sendable, Hashable {
    var ours: [HunkHistory.Entry]
    var theirs: [HunkHistory.Entry]
  }

  /// What a person is told, in the order of the paths.
  var files: [ConflictedFile] { conflicts.map(\.file) }
}

extension PreparedMerge {
  /// - Parameters:
  ///   - open: A merge that was begun; everything that is left is settled in its index for the model.
  ///   - merge: What is merged.
  ///   - regenerates: Whether tools can be run that write files again.
  ///   - repository: Where trees are made.
  /// - Throws: ``GitError`` where something cannot be read or written.
  init(
    _ open: BranchMerge.Open, of merge: BranchMerge, regenerates: Bool, in repository: PrivateRepository
  ) throws(GitError) {
    conflicts = open.conflicts
    renames = open.renames
    bases = open.bases
    modes = [:]
    histories = [:]
    var added: [Int: ContentConflict] = [:]
    var deleted: [Int: HunkQuestion.Deletion] = [:]
    for (place, conflict) in open.conflicts.enumerated() where !conflict.file.left.isEmpty {
      added[place] = try Self.added(conflict, in: repository)
      deleted[place] = try Self.deletion(conflict, in: repository)
    }
    questions = HunkQuestions(
      open.conflicts, added: added, deleted: deleted,
      labels: MarkedFile.Labels(ours: merge.branch.shortDisplay, theirs: DisplayText.escaping(merge.base.utf8)),
      regenerates: regenerates)
    guard questions.unasked.isEmpty else { return }
    for file in questions.files {
      let conflict = open.conflicts[file.place].conflict
      if let text = file.text {
        modes[file.path] = conflict.mergedMode
        try open.index.settle(conflict, blob: try repository.writeBlob(text.marked.bytes))
      } else if let side = conflict.ours ?? conflict.theirs {
        modes[file.path] = side.mode
        try open.index.settle(conflict, at: side.path, mode: side.mode, blob: side.blob)
      }
    }
    for file in questions.generated {
      let conflict = open.conflicts[file.place].conflict
      guard let side = conflict.ours ?? conflict.theirs else { continue }
      modes[file.path] = conflict.mergedMode
      try open.index.settle(conflict, blob: side.blob)
    }
    tree = try open.index.writeTree()
    let history = HunkHistory(repository: repository, ours: merge.ours, theirs: merge.theirs, base: base)
    for file in questions.files {
      let conflict = open.conflicts[file.place].conflict
      for question in file.questions { histories[question.id] = Self.history(of: question, conflict, history) }
    }
  }

  private static func history(
    of question: HunkQuestion, _ conflict: TreeConflict, _ history: HunkHistory
  ) -> QuestionHistory {
    let none = LineSpan(start: 0, count: 0)
    var position = Conflict.Position(base: none, ours: none, theirs: none)
    if case .lines(_, let lines) = question.kind { position = lines.position }
    return QuestionHistory(
      ours: history.commits(of: .ours, at: conflict.ours?.path ?? conflict.path, lines: position.ours),
      theirs: history.commits(of: .theirs, at: conflict.theirs?.path ?? conflict.path, lines: position.theirs))
  }

  /// The two versions of a text that both sides added under one name.
  private static func added(
    _ conflict: MergedConflict, in repository: Repository
  ) throws(GitError) -> ContentConflict? {
    guard conflict.conflict.kind == .addAdd, let ours = conflict.conflict.ours, let theirs = conflict.conflict.theirs,
      ours.mode == theirs.mode, isFile(ours), ours.path == theirs.path
    else { return nil }
    guard let mine = try text(ours, in: repository), let other = try text(theirs, in: repository) else { return nil }
    if GeneratedFile.at(ours.path.bytes, versions: [mine, other]) != nil { return nil }
    return ContentConflict(path: ours.path, base: [], ours: mine, theirs: other)
  }

  /// A text that one side deleted and the other changed.
  private static func deletion(
    _ conflict: MergedConflict, in repository: Repository
  ) throws(GitError) -> HunkQuestion.Deletion? {
    let entry = conflict.conflict
    guard entry.kind == .modifyDelete, let base = entry.ancestor, let side = entry.ours ?? entry.theirs, isFile(side)
    else { return nil }
    guard let old = try text(base, in: repository), let new = try text(side, in: repository) else { return nil }
    return HunkQuestion.Deletion(
      changedBy: entry.ours != nil ? .ours : .theirs, base: old, changed: new,
      proposal: conflict.file.left.first?.proposal)
  }

  private static func isFile(_ side: TreeConflict.Side) -> Bool {
    side.mode == .regular || side.mode == .executable || side.mode == .groupWritable
  }

  /// The content of a file that is text and not too large.
  private static func text(_ side: TreeConflict.Side, in repository: Repository) throws(GitError) -> [UInt8]? {
    guard isFile(side), try repository.header(of: side.blob).size <= ContentConflict.largestFile else { return nil }
    let content = try repository.content(of: side.blob, limit: ContentConflict.largestFile)
    return LineMerge.isBinary(content) ? nil : content
  }
}
