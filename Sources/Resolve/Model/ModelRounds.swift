internal import Base
internal import Git
internal import Merging
internal import Verify
internal import Work

/// What is known while a model is asked: from the first question to the last answer.
struct ModelRounds: Sendable {
  let prepared: PreparedMerge
  /// What tells tests, what runs them, and settings from everything else.
  let seals: Seals
  /// The text of each file that is asked about, with the edits outside of its places that were allowed.
  var marked: [RepositoryPath: MarkedFile] = [:]
  /// By the name of the question.
  var accepted: [String: JudgedAnswer] = [:]
  var makers: [String: String] = [:]
  /// Every answer that was not used, or not in the end.
  var unused: [String: [UnusedAnswer]] = [:]
  /// Files with edits outside of places, by their path.
  var outside: [RepositoryPath: HunkJudge.OutsideFile] = [:]
  /// The edits of these files as the model made them last, line by line.
  private var applied: [RepositoryPath: [String]] = [:]
  var models: [String] = []
  var runs: [RunID] = []
  /// What the models said last.
  var said: [ModelWords] = []
  /// For each of these the questions whose answer was taken.
  private var spoken: [Set<String>] = []
  /// The questions of which the model said that it cannot tell.
  var abstained: Set<String> = []
  var earlier = HunkBrief.Earlier()

  init(_ prepared: PreparedMerge, _ seals: Seals) {
    self.prepared = prepared
    self.seals = seals
    reset()
  }

  /// Begins again with every question open.
  mutating func reset() {
    accepted = [:]
    makers = [:]
    // What stood in the files does so no longer.
    earlier.edits.merge(applied) { $1 }
    applied = [:]
    outside = [:]
    for file in prepared.questions.files { marked[file.path] = file.text?.marked }
  }

  /// The questions without an answer that may be used, in order.
  var open: [HunkQuestion] { prepared.questions.questions.filter { accepted[$0.id] == nil } }

  /// The open questions that are worth asking: what a model cannot tell, it cannot tell.
  var askable: [HunkQuestion] { open.filter { !abstained.contains($0.id) } }

  /// The text files as the model is given them.
  var shown: [RepositoryPath: MarkedFile] {
    marked.mapValues { text in text.deciding(accepted.compactMapValues(\.lines)) }
  }

  /// What is kept of a model's last words, in characters and in lines.
  private static let mostSaid = 6_000
  private static let mostSaidLines = 80

  /// Takes in what a model answered.
  mutating func take(_ ruling: HunkJudge.Ruling, _ answers: ModelAnswers) {
    if !models.contains(answers.model) { models.append(answers.model) }
    if !runs.contains(answers.run) { runs.append(answers.run) }
    earlier.notes += ruling.notes
    for file in ruling.lost { earlier.edits[file.key] = file.value }
    let lines = DisplayLines.of(Array(answers.text.suffix(Self.mostSaid).utf8)).suffix(Self.mostSaidLines)
    if !lines.allSatisfy(\.isEmpty) {
      said.append(
        ModelWords(model: answers.model, lines: Array(lines), notes: ruling.notes.isEmpty ? nil : ruling.notes))
      spoken.append(Set(ruling.answers.filter { $0.value.state == .accepted }.keys))
    }
    for (id, answer) in ruling.answers.sorted(by: { $0.key < $1.key }) {
      guard answer.state != .accepted else {
        accepted[id] = answer
        makers[id] = answers.model
        continue
      }
      if answer.state == .abstained { abstained.insert(id) }
      discard(id, answer, answers.model)
    }
    for file in ruling.outside {
      // What an earlier task did is in the file that this one was given.
      var file = file
      earlier.edits[file.path] = nil
      applied[file.path] = ruling.lost[file.path]
      file.edits = (outside[file.path]?.edits ?? []) + file.edits
      outside[file.path] = file
      if let changed = file.marked { marked[file.path] = changed }
    }
  }

  /// Notes an answer that is not used.
  mutating func discard(_ id: String, _ answer: JudgedAnswer, _ model: String) {
    let state: UnusedAnswer.State =
      switch answer.state {
      case .accepted: .accepted
      case .refused: .refused
      case .abstained: .abstained
      }
    let unused = UnusedAnswer(
      state: state, model: model, reason: Self.told(answer), lines: answer.lines.map { DisplayLines.of($0) })
    self.unused[id, default: []].append(unused)
    earlier.answers[id] = unused
    earlier.remedies[id] = answer.remedies
    if answer.isGood {
      earlier.good.insert(id)
      earlier.faults += answer.reasons.filter { !earlier.faults.contains($0) }
    } else {
      earlier.good.remove(id)
    }
  }

  /// What is told of an answer: of a whole file with what is to become of it.
  private static func told(_ answer: JudgedAnswer) -> String {
    let reason = answer.reasons.joined(separator: "; ")
    return switch answer.decision {
    case .keep: "keep the file: \(reason)"
    case .delete: "delete the file: \(reason)"
    case nil: reason
    }
  }

  /// What the files are with the answers that may be used, and with the places that are open.
  ///
  /// - Parameter isEdited: Whether edits outside of places are in it.
  /// - Returns: Each file by its path; without content where it is deleted.
  func contents(withOutside isEdited: Bool = true) -> [(path: RepositoryPath, content: [UInt8]?)] {
    var result: [(path: RepositoryPath, content: [UInt8]?)] = []
    for file in prepared.questions.files {
      if let text = isEdited ? marked[file.path] : file.text?.marked {
        let answers = file.questions.reduce(into: [:]) { $0[$1.id] = accepted[$1.id]?.lines }
        result.append((file.path, text.deciding(answers).bytes))
      } else if file.questions.contains(where: { accepted[$0.id]?.decision == .delete }) {
        result.append((file.path, nil))
      }
    }
    guard isEdited else { return result }
    for (path, file) in outside.sorted(by: { $0.key < $1.key }) {
      if let content = file.content { result.append((path, content)) }
    }
    return result
  }

  /// The tree with these contents.
  func tree(withOutside isEdited: Bool = true, in repository: PrivateRepository) throws(GitError) -> ObjectID? {
    guard let start = prepared.tree else { return nil }
    var edits: [TreeEdit] = []
    for (path, content) in contents(withOutside: isEdited) {
      guard let content else {
        edits.append(.remove(path))
        continue
      }
      var mode = prepared.modes[path]
      if mode == nil { mode = try repository.entry(at: path, in: start)?.mode }
      edits.append(.put(path, mode: mode ?? .regular, blob: try repository.writeBlob(content)))
    }
    return try repository.writeTree(from: start, edits)
  }

  // MARK: - What a person is told

  /// What the models said last, with what no later answer has replaced told from the rest; `nil` where they said
  /// nothing.
  var lastWords: [ModelWords]? {
    var words = said
    for index in words.indices.dropLast() {
      let later = spoken[(index + 1)...].reduce(into: Set()) { $0.formUnion($1) }
      if spoken[index].subtracting(later).intersection(accepted.keys).isEmpty { words[index].isReplaced = true }
    }
    return words.isEmpty ? nil : words
  }

  /// What one side renamed and the merge still uses by its old name: the uses that answers mended are no news.
  var renamesLeft: [RenameReach]? {
    let texts = contents().map { ($0.path, RenameReach.lines($0.content ?? [])) }
    return RenameReach.left(of: prepared.renames, in: Dictionary(texts) { $1 })
  }

  /// The files of the outcome.
  ///
  /// - Parameter isMade: Whether the answers are in the merge; otherwise every place is left, with what was answered.
  /// - Returns: Each file in conflict, in the order of the paths.
  func files(isMade: Bool) -> [ConflictedFile] {
    var files = prepared.files
    for file in prepared.questions.files {
      var told = files[file.place]
      var left = Self.left(of: file, in: told)
      for (number, question) in file.questions.enumerated().reversed() where left.indices.contains(number) {
        if isMade, let answer = accepted[question.id] {
          left.remove(at: number)
          told.resolved.append(resolved(question, answer))
        } else {
          left[number].question = question.id
          let last = accepted[question.id].map { answer in
            UnusedAnswer(
              state: .accepted, model: makers[question.id] ?? "", reason: Self.told(answer),
              lines: answer.lines.map { DisplayLines.of($0) })
          }
          let answers = (unused[question.id] ?? []) + [last].compactMap { $0 }
          if !answers.isEmpty { left[number].answers = answers }
        }
      }
      told.left = left
      told.conflicts = told.resolved.count + told.left.count
      told.resolved.sort { $0.startLine < $1.startLine }
      files[file.place] = told
    }
    return files
  }

  /// The places that are left of a file, one for each question.
  private static func left(of file: HunkQuestions.File, in told: ConflictedFile) -> [LeftHunk] {
    guard told.left.count != file.questions.count || told.kind == .addAdd else { return told.left }
    return file.questions.compactMap { question in
      guard case .lines(_, let conflict) = question.kind else { return nil }
      let ours = conflict.position.ours
      var hunk = LeftHunk(
        startLine: ours.start + 1, endLine: max(ours.start + 1, ours.end),
        reason: told.left.first?.reason ?? "both sides changed these lines", base: DisplayLines.of(conflict.base),
        ours: DisplayLines.of(conflict.ours), theirs: DisplayLines.of(conflict.theirs))
      hunk.theirStartLine = conflict.position.theirs.start + 1
      return hunk
    }
  }

  private func resolved(_ question: HunkQuestion, _ answer: JudgedAnswer) -> ResolvedHunk {
    var reason = answer.reasons.joined(separator: "; ")
    if let decision = answer.decision { reason = (decision == .keep ? "kept, because " : "deleted, because ") + reason }
    return ResolvedHunk(
      by: makers[question.id] ?? "", reason: reason, startLine: max(1, question.startLine),
      lines: answer.lines.map { DisplayLines.of($0) } ?? [],
      dropped: answer.dropped.map { dropped in
        DroppedLineNote(
          side: dropped.line.side == .ours ? .ours : .theirs, line: DisplayText.line(dropped.line.line[...]),
          reason: dropped.reason, isConfirmed: dropped.isConfirmed)
      }, maker: .model, question: question.id)
  }

  /// What a person must look at before the merge is taken over, a line each.
  var concerns: [String] {
    prepared.questions.questions.flatMap { question -> [String] in
      guard let answer = accepted[question.id] else { return [] }
      let place = "\(question.path.display), line \(question.startLine)"
      return answer.dropped.filter { !$0.isConfirmed }.map { dropped in
        let side = dropped.line.side == .ours ? "ours" : "theirs"
        return "\(place): a line of \(side) is left out on the model's word: "
          + "\(DisplayText.line(dropped.line.line[...])), because \(dropped.reason)"
      } + answer.concerns
    }
  }
}
