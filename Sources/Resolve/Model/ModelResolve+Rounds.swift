internal import Base
internal import Git
internal import Templates
internal import Verify
internal import Work

extension ModelResolve {
  /// Asks the model about what resolvers left.
  func ask(_ prepared: PreparedMerge) async throws -> MergeEnd {
    guard let model else { return MergeEnd(left(prepared, prepared.files, because: nil)) }
    if let unasked = prepared.questions.unasked.first {
      return MergeEnd(
        left(
          prepared, prepared.files,
          because: "the model was not asked, because \(unasked.path.display) is left in any case: \(unasked.reason)"))
    }
    var rounds = ModelRounds(prepared, try await seals(of: prepared))
    for round in 1...Self.mostRounds {
      try await askOpen(of: &rounds, model, round)
      if rounds.open.isEmpty { try await prove(&rounds) }
      guard rounds.open.isEmpty else {
        // A second round helps where an answer was refused, and a person also where another place stays open.
        if rounds.askable.isEmpty { break }
        continue
      }
      let end = try await conclude(rounds)
      guard end.outcome.verdict == .broken, round < Self.mostRounds else { return end }
      for (id, answer) in rounds.accepted.sorted(by: { $0.key < $1.key }) {
        var answer = answer
        answer.reasons = ["with it the merge is broken"]
        rounds.discard(id, answer, rounds.makers[id] ?? "")
      }
      rounds.earlier.confirmation = end.outcome.confirmation
      rounds.reset()
    }
    return MergeEnd(told(rounds))
  }

  /// The outcome of a merge in which not every answer may be used.
  ///
  /// What came of an attempt to have files written again by tools is told of these.
  private func told(_ rounds: ModelRounds, regenerated: [ConflictedFile]? = nil) -> ResolveOutcome {
    var files = rounds.files(isMade: false)
    for file in rounds.prepared.questions.generated {
      if let told = regenerated?[file.place], !told.left.isEmpty { files[file.place] = told }
    }
    let held = rounds.accepted.count
    let answered =
      held == 0 ? "" : "; \(held) of them \(held == 1 ? "has" : "have") an answer that is held back with the others"
    var outcome = ResolveOutcome(
      verdict: .conflicts, reason: "\(ConflictCount.left(in: files)) left to a person\(answered).", files: files,
      renames: rounds.prepared.renames)
    outcome.models = rounds.models
    outcome.modelRuns = rounds.runs
    outcome.said = rounds.lastWords
    return outcome
  }

  /// The largest file that is read to learn what is sealed.
  private static let fileLimit = 4 << 20

  /// What is sealed in the tree that the model is given, as it is for a repair.
  private func seals(of prepared: PreparedMerge) async throws -> Seals {
    let context = context
    return try await repository.perform { repository in
      var entries: [RepositoryPath: ObjectID] = [:]
      if let tree = prepared.tree {
        try repository.walk(tree) { entry throws(GitError) in
          if entry.mode != .directory, entry.mode != .submodule { entries[entry.path] = entry.id }
          return true
        }
      }
      return Seals(
        commands: context.commands ?? TestCommands(test: [], seconds: 0), tests: context.tests,
        paths: entries.keys.sorted()
      ) { path in
        entries[path].flatMap { try? repository.content(of: $0, limit: Self.fileLimit) }
      }
    }
  }

  // MARK: - One round

  /// Asks about every question that is worth it, one task after the other.
  private func askOpen(
    of rounds: inout ModelRounds, _ model: any ModelTaskPerforming, _ round: Int
  ) async throws {
    for (number, questions) in HunkBrief.tasks(rounds.askable).enumerated() {
      let answers = try await answers(to: questions, of: rounds, model, "merge-\(round)-\(number + 1)")
      let judge = HunkJudge(
        files: rounds.prepared.questions.files, marked: rounds.shown, asked: Set(questions.map(\.id)),
        settled: rounds.accepted.compactMapValues(\.lines), seals: rounds.seals)
      if number == 0 { rounds.earlier.begin() }
      rounds.take(judge.judge(answers), answers)
    }
  }

  private func answers(
    to questions: [HunkQuestion], of rounds: ModelRounds, _ model: any ModelTaskPerforming, _ name: String
  ) async throws -> ModelAnswers {
    if let known = try await journal.recall(name, as: ModelAnswers.self) { return known }
    let text = try HunkBrief(
      prepared: rounds.prepared, branch: merge.branch.shortDisplay, base: DisplayText.escaping(merge.base.utf8),
      request: context.request, commands: context.commands?.test ?? [], earlier: rounds.earlier
    ).text(questions)
    guard let tree = try await repository.perform({ try rounds.tree(in: $0) }) else {
      throw GitError(.invalid, operation: "prepare the files for a model", message: "the merge has no tree")
    }
    let task = ModelTask(
      name: name, commit: merge.ours, tree: tree, text: text,
      textWithHistory: try MergeText.commits.render(["branch": merge.branch.shortDisplay]), model: context.model,
      setup: context.commands?.setup ?? [])
    let work = try await model.perform(task)
    let answers = try await repository.perform { repository throws(GitError) in
      try ModelAnswers(work, from: tree, in: repository)
    }
    try await journal.record(name, answers)
    return answers
  }

  /// Looks in the merged tree whether what was said of lines that are left out is so; what is not, is refused.
  private func prove(_ rounds: inout ModelRounds) async throws {
    let state = rounds
    let (ours, theirs) = (merge.ours, merge.theirs)
    let findings = try await repository.perform { repository throws(GitError) -> [String: [ClaimProof.Finding]] in
      guard let tree = try state.tree(in: repository) else { return [:] }
      let proof = ClaimProof(
        repository: repository, merged: tree, ours: ours, theirs: theirs, base: state.prepared.base,
        texts: state.prepared.questions.files.reduce(into: [:]) { $0[$1.path] = $1.text?.content },
        answers: Array(state.accepted.values))
      var findings: [String: [ClaimProof.Finding]] = [:]
      for (id, answer) in state.accepted where !answer.dropped.isEmpty {
        for dropped in answer.dropped {
          findings[id, default: []].append(try proof.check(dropped.claim, of: dropped.line))
        }
      }
      return findings
    }
    for (id, found) in findings.sorted(by: { $0.key < $1.key }) {
      guard var answer = rounds.accepted[id] else { continue }
      for (number, finding) in found.enumerated() {
        switch finding {
        case .isSo: answer.dropped[number].isConfirmed = true
        case .unknown: break
        case .isNot(let reason):
          answer.state = .refused
          answer.reasons = ["what it says of a line that it leaves out is not so: \(reason)"]
        }
      }
      rounds.accepted[id] = answer
      if answer.state == .refused {
        rounds.discard(id, answer, rounds.makers[id] ?? "")
        rounds.accepted[id] = nil
      }
    }
  }

  // MARK: - The end

  /// The end of a merge in which every question has an answer.
  private func conclude(_ rounds: ModelRounds) async throws -> MergeEnd {
    var files = rounds.files(isMade: true)
    guard let answered = try await repository.perform({ try rounds.tree(in: $0) }),
      let tree = try await regenerate(&files, of: rounds.prepared, in: answered)
    else { return MergeEnd(told(rounds, regenerated: files)) }
    var outcome = ResolveOutcome(verdict: .resolved, reason: "", files: files, renames: rounds.prepared.renames)
    outcome.models = rounds.models
    outcome.modelRuns = rounds.runs
    outcome.said = rounds.lastWords
    outcome.renames = rounds.renamesLeft
    var concerns = rounds.concerns
    let confirmation =
      try await confirm(tree, rounds.prepared)
      ?? MergeConfirmation(
        verdict: .notRun,
        reason: "the repository names no 'test'\(context.isByHand ? ", and there is no --check." : ".")")
    let state = rounds
    let revisions = try await repository.perform { repository throws(GitError) in
      try state.revisions(in: repository)
    }
    if !revisions.isEmpty {
      let needed = confirmation.verdict == .verified ? try await needed(revisions, in: answered, of: rounds) : []
      let (edits, doubts) = Self.judge(revisions, needed, rounds.seals)
      outcome.outside = edits
      concerns = doubts.expectations + concerns + doubts.others
    }
    var end = try await conclude(outcome, tree, confirmation, concerns: concerns, of: rounds.prepared)
    if end.outcome.verdict == .broken { end.outcome.files = rounds.files(isMade: false) }
    return end
  }

  /// The edits outside of places, with whether each is needed, and what a person must look at because of them.
  private static func judge(
    _ revisions: [ModelRounds.Revision], _ needed: Set<Int>, _ seals: Seals
  ) -> (edits: [OutsideEdit], doubts: (expectations: [String], others: [String])) {
    var edits = revisions.map(\.edit)
    var (expectations, others): ([String], [String]) = ([], [])
    for (number, edit) in edits.enumerated() {
      let place = "\(edit.path.display), line \(edit.line)"
      edits[number].isNeeded = needed.contains(number)
      if isExpectation(edit, seals) {
        expectations.append(
          "\(place): what tests expect was edited on the model's word, because \(edit.reason)")
      } else if !edits[number].isNeeded {
        others.append(
          "\(place): edited outside of the conflicts on the model's word, because \(edit.reason)")
      }
    }
    return (edits, (expectations, others))
  }

  /// What tests are compared with is no proof that they ought to be.
  private static func isExpectation(_ edit: OutsideEdit, _ seals: Seals) -> Bool {
    seals.kind(of: edit.path) == .testData
  }

  /// Of more edits outside of places it is not tried which of them are needed.
  private static let mostTried = 6

  /// The places of the edits without which, each for itself, the tests fail: one that is needed excuses no other.
  private func needed(
    _ revisions: [ModelRounds.Revision], in answered: ObjectID, of rounds: ModelRounds
  ) async throws -> Set<Int> {
    let tried = revisions.indices.filter { !Self.isExpectation(revisions[$0].edit, rounds.seals) }
    guard tried.count <= Self.mostTried else { return [] }
    var needed: Set<Int> = []
    for number in tried {
      let revision = revisions[number]
      var files = rounds.prepared.files
      let without = try await repository.perform { repository throws(GitError) -> ObjectID in
        let mode = try repository.entry(at: revision.edit.path, in: answered)?.mode ?? .regular
        let blob = try repository.writeBlob(revision.without)
        return try repository.writeTree(from: answered, [.put(revision.edit.path, mode: mode, blob: blob)])
      }
      guard let tree = try await regenerate(&files, of: rounds.prepared, in: without) else { continue }
      if try await confirm(tree, rounds.prepared)?.verdict == .failed { needed.insert(number) }
    }
    return needed
  }
}
