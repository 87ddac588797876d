internal import Base
internal import Git
internal import Merging
internal import Verify
internal import Work

/// Judges what a model made of the files that it was given: a function of values, so that the same answers are judged
/// alike whenever that is done.
struct HunkJudge {
  /// What came of a model's answers to the questions of a task.
  struct Ruling: Sendable, Hashable {
    /// By the name of the question; one for each that was asked.
    var answers: [String: JudgedAnswer] = [:]
    /// The files that were edited outside of the places, whole, with what was edited.
    var outside: [OutsideFile] = []
    /// What a person or the model should know, a line each.
    var notes: [String] = []
    /// What was done outside of the places and is not taken, whole, by the file's path: lines of a difference.
    var lost: [RepositoryPath: [String]] = [:]
  }

  /// A file that has edits outside of the places, all of them declared.
  struct OutsideFile: Sendable, Hashable {
    var path: RepositoryPath
    /// The file with them, where it had no place; `nil` for one that is put together from its places.
    var content: [UInt8]?
    var edits: [OutsideEdit]
    /// The file with them and with the places that it had, where it had any.
    var marked: MarkedFile?
  }

  /// The files that were asked about, as the model got them.
  let files: [HunkQuestions.File]
  /// The marked text that each of them had, by its path.
  let marked: [RepositoryPath: MarkedFile]
  /// The names of the questions that the task asked.
  let asked: Set<String>
  /// The lines of the places that were answered before, by the name of the question.
  var settled: [String: [UInt8]] = [:]
  /// What tells tests, what runs them, and settings from everything else.
  let seals: Seals

  /// Judges what a model left behind.
  func judge(_ answers: ModelAnswers) -> Ruling {
    var ruling = Ruling()
    let words = AnswerWords(answers.text)
    for line in words.malformed {
      ruling.notes.append("This line of yours was not understood, because \(line.fault): \(line.line)")
    }
    let unknown = unknown(in: words, &ruling)
    let strays = strays(in: answers, words, &ruling)
    for file in files {
      let questions = file.questions.filter { asked.contains($0.id) }
      if questions.isEmpty { continue }
      let change = answers.files.first { $0.path == file.path }
      var judged = judge(file, questions, change, words, unknown, &ruling)
      guard answers.ending == .completed else {
        let reason = "the model's work ended before it was done: \(answers.reason)"
        for question in questions {
          ruling.answers[question.id] = JudgedAnswer(question: question, state: .abstained, reasons: [reason])
        }
        continue
      }
      if !strays.isEmpty {
        for id in judged.keys where judged[id]?.state == .accepted {
          judged[id]?.refuse(forElsewhere: Self.bounded(strays))
        }
      }
      ruling.answers.merge(judged) { $1 }
    }
    if answers.ending != .completed || !strays.isEmpty { ruling.outside = [] }
    return ruling
  }

  // MARK: - Files that had no place

  /// Why nothing of the answer can be used because of files that nobody asked about; empty where that is not so.
  private func strays(in answers: ModelAnswers, _ words: AnswerWords, _ ruling: inout Ruling) -> [String] {
    var reasons: [String] = []
    for change in answers.files where !files.contains(where: { $0.path == change.path }) {
      let path = change.path.display
      switch change.change {
      case .added, .unreadable:
        if Leftovers.isLeftover(change.path) {
          ruling.notes.append("\(path) was left behind by a tool and is not taken over.")
        } else if change.change == .added {
          reasons.append("it added \(path), which neither side has")
        } else {
          reasons.append("\(path) cannot be read as it is now")
        }
      case .deleted: reasons.append("it deleted \(path), which was not in conflict")
      case .mode: reasons.append("it changed what kind of file \(path) is")
      case .edited:
        ruling.lost[change.path] = DisplayedDifference.lines(from: change.old.bytes, to: change.content.bytes)
        if let sealed = sealing(change.path, change.old.bytes, change.content.bytes) {
          reasons.append("it edited \(path)\(sealed.part), where it had no place, and \(sealed.kind) may not be edited")
          continue
        }
        let file = edited(change)
        if let edits = declared(file, at: change.path, words) {
          ruling.outside.append(
            OutsideFile(path: change.path, content: change.content.bytes, edits: edits))
        } else {
          let line = file.first?.line ?? 1
          reasons.append(
            "it edited \(path) at line \(line), where it had no place, and has no line 'OUTSIDE \(path):\(line) because'"
          )
        }
      }
    }
    return reasons
  }

  /// The first of many reasons, and how many more there are.
  private static func bounded(_ reasons: [String]) -> [String] {
    let most = 12
    return reasons.count <= most ? reasons : reasons.prefix(most) + ["and \(reasons.count - most) more"]
  }

  private func edited(_ change: ModelAnswers.File) -> [MarkedFileReading.Edit] {
    PlaceAlignment([.fixed(change.old.bytes)], MarkedFile.lines(change.content.bytes)).edits
  }

  /// The edits with what was said of them; `nil` where nothing was said of one.
  private func declared(
    _ edits: [MarkedFileReading.Edit], at path: RepositoryPath, _ words: AnswerWords
  ) -> [OutsideEdit]? {
    var result: [OutsideEdit] = []
    for edit in edits {
      // Whoever counts lines by eye is a few off.
      let lines = (edit.line - 3)...(edit.line + max(edit.new.count, 1) + 2)
      guard let word = words.outside.first(where: { $0.path == path && $0.lines.overlaps(lines) }) else { return nil }
      result.append(
        OutsideEdit(
          path: path, line: edit.line, old: edit.old.flatMap { DisplayLines.of($0) },
          new: edit.new.flatMap { DisplayLines.of($0) }, reason: DisplayText.line(Array(word.reason.utf8)[...])))
    }
    return result
  }

  // MARK: - Files with places

  private func judge(
    _ file: HunkQuestions.File, _ questions: [HunkQuestion], _ change: ModelAnswers.File?, _ words: AnswerWords,
    _ unknown: [String], _ ruling: inout Ruling
  ) -> [String: JudgedAnswer] {
    func all(_ state: JudgedAnswer.State, _ reason: String) -> [String: JudgedAnswer] {
      Dictionary(questions.map { ($0.id, JudgedAnswer(question: $0, state: state, reasons: [reason])) }) { $1 }
    }
    guard let text = file.text, let marked = marked[file.path] else {
      return Dictionary(questions.map { ($0.id, decision($0, change, words, unknown)) }) { $1 }
    }
    var edited = marked.bytes
    if let change {
      switch change.change {
      case .edited: edited = change.content.bytes
      case .deleted: return all(.refused, "it deleted the file, which both sides have")
      case .mode: return all(.refused, "it changed what kind of file it is")
      case .added, .unreadable: return all(.refused, "the file cannot be read as it is now")
      }
    }
    let reading = marked.reading(Self.finishing(edited, like: marked.bytes))
    var fault: String?
    let isBroken = reading.fates.values.contains { if case .broken = $0 { true } else { false } }
    // What stands in the places is shown with them; where that is not sure, the whole difference tells it.
    if isBroken || !reading.edits.isEmpty {
      ruling.lost[file.path] = DisplayedDifference.lines(from: marked.bytes, to: edited)
    }
    if !reading.edits.isEmpty {
      if let sealed = sealing(file.path, marked, reading) {
        fault =
          "\(Self.words(reading.edits[0])), which is outside of the places, and \(sealed.kind) may not be edited "
          + "there\(sealed.part)"
      } else if let edits = declared(reading.edits, at: file.path, words) {
        ruling.outside.append(OutsideFile(path: file.path, content: nil, edits: edits, marked: reading.edited))
      } else {
        let edit = reading.edits.first { declared([$0], at: file.path, words) == nil } ?? reading.edits[0]
        fault =
          "\(Self.words(edit)), which is outside of the places, and there is no line "
          + "'OUTSIDE \(file.path.display):\(edit.line) because'"
      }
    }
    var settled: [Int: [UInt8]] = [:]
    for question in file.questions {
      if case .lines(let number, _) = question.kind { settled[number] = self.settled[question.id] }
    }
    var judged = judge(text, reading.edited ?? marked, settled, questions, reading, words)
    guard let fault else { return judged }
    for id in judged.keys where judged[id]?.state == .accepted {
      judged[id]?.refuse(forElsewhere: [fault])
    }
    return judged
  }

  /// An edit, with the first line of it.
  private static func words(_ edit: MarkedFileReading.Edit) -> String {
    func first(_ lines: [[UInt8]]) -> String? {
      lines.first.map { String((DisplayLines.of($0).first ?? "").prefix(160)) }
    }
    switch (first(edit.old), first(edit.new)) {
    case (let old?, let new?): return "it changed line \(edit.line), '\(old)' to '\(new)'"
    case (let old?, nil): return "it took '\(old)' away before line \(edit.line)"
    case (nil, let new): return "it added line \(edit.line), '\(new ?? "")'"
    }
  }

  /// A text with a line feed at its end where another has one, and without one where that has none.
  private static func finishing(_ text: [UInt8], like other: [UInt8]) -> [UInt8] {
    guard let last = text.last, let wanted = other.last else { return text }
    if last == 0x0A, wanted != 0x0A {
      let rest = text.dropLast()
      return Array(rest.last == 0x0D ? rest.dropLast() : rest)
    }
    return last != 0x0A && wanted == 0x0A ? text + MarkedFile.lineEnd(of: other) : text
  }

  private func judge(
    _ text: HunkQuestions.File.Text, _ marked: MarkedFile, _ settled: [Int: [UInt8]], _ questions: [HunkQuestion],
    _ reading: MarkedFileReading, _ words: AnswerWords
  ) -> [String: JudgedAnswer] {
    var result: [String: JudgedAnswer] = [:]
    var answers: [Int: ConflictAnswer] = [:]
    var judged: [Int: JudgedAnswer] = [:]
    for question in questions {
      guard case .lines(let number, let conflict) = question.kind else { continue }
      switch reading.fates[question.id] ?? .kept {
      case .kept:
        let reason = words.abstained[question.id] ?? "the model left the place as it was and did not say why"
        result[question.id] = JudgedAnswer(question: question, state: .abstained, reasons: [reason])
      case .broken(let reason):
        result[question.id] = JudgedAnswer(question: question, state: .refused, reasons: [reason])
      case .answered(let lines):
        if let reason = words.abstained[question.id] {
          // What is said counts; what it did to the place all the same is not asked for.
          result[question.id] = JudgedAnswer(question: question, state: .abstained, reasons: [reason])
          continue
        }
        let lines = LineEnds(text.content).applied(to: lines, in: conflict)
        let (answer, claims) = Self.answer(lines, to: question, words)
        answers[number] = answer
        var entry = JudgedAnswer(question: question, state: .accepted, reasons: [], lines: lines)
        entry.dropped = claims
        judged[number] = entry
      }
    }
    guard let path = questions.first?.path else { return [:] }
    let gate = AnswerGate(
      text.merge, base: text.content.base, ours: text.content.ours, theirs: text.content.theirs, path: path.bytes)
    let judgements = gate.judge(answers, settled: settled)
    let kinds = kinds(marked, path, judged.values.reduce(into: [:]) { $0[$1.question] = $1.lines })
    for (number, entry) in judged {
      result[entry.question.id] = Self.sentence(entry, judgements[number], words, kinds[entry.question.id])
    }
    return result
  }

  /// An answer with what was said about it.
  private static func answer(
    _ lines: [UInt8], to question: HunkQuestion, _ words: AnswerWords
  ) -> (ConflictAnswer, [JudgedAnswer.Dropped]) {
    var claims: [JudgedAnswer.Dropped] = []
    for drop in words.drops[question.id] ?? [] {
      let stakes = question.stakes.filter { $0.side == (drop.side == .ours ? .ours : .theirs) }
      guard !stakes.isEmpty, drop.numbers.lowerBound <= stakes.count else { continue }
      for number in drop.numbers.clamped(to: 1...stakes.count) {
        claims.append(
          JudgedAnswer.Dropped(
            line: stakes[number - 1], claim: drop.claim, reason: DisplayText.line(Array(drop.reason.utf8)[...]),
            isConfirmed: false))
      }
    }
    let answer = ConflictAnswer(
      lines: lines,
      dropped: claims.map { DroppedLine(side: $0.line.side, line: $0.line.line, reason: $0.reason) },
      introduces: (words.introduced[question.id]?.words ?? []).map { Array($0.utf8) },
      undoes: words.undone[question.id] != nil)
    return (answer, claims)
  }

  /// What the gate's judgement of an answer means for it.
  private static func sentence(
    _ entry: JudgedAnswer, _ judgement: AnswerJudgement?, _ words: AnswerWords, _ kind: SealKind?
  ) -> JudgedAnswer {
    var entry = entry
    guard let judgement else { return entry }
    let id = entry.question.id
    let declared = judgement.missing.filter { if case .declared = $0.fate { true } else { false } }
    entry.dropped.removeAll { claim in !declared.contains { $0.line == claim.line } }
    for objection in judgement.objections {
      let evidence = objection.evidence.isEmpty ? "" : ": \(DisplayText.line(objection.evidence[...]))"
      entry.reasons.append(objection.reason.sentence + evidence)
      if let remedy = Self.remedy(objection.reason, id), !entry.remedies.contains(remedy) {
        entry.remedies.append(remedy)
      }
    }
    if kind == .test || kind == .testData {
      // Tests say what is right: nothing in them may rest on a word.
      if let excess = judgement.excess {
        entry.reasons.append(
          "it has '\(DisplayText.line(excess[...]))' more often than both sides together, which in a test nothing can "
            + "confirm")
      }
      for claim in entry.dropped where claim.claim == .word {
        entry.reasons.append(
          "it leaves out a line of a test on a word alone: \(DisplayText.line(claim.line.line[...]))")
      }
      if let new = judgement.introduced.first {
        entry.reasons.append("it has a word in a test that no side has: \(DisplayText.line(new[...]))")
      }
      if let undone = judgement.undone.first {
        entry.reasons.append("it undoes what a side did to a test: \(DisplayText.line(undone[...]))")
      }
      entry.reasons += judgement.misplaced.map { "in a test \(Self.words($0))" }
      entry.reasons += judgement.negated.prefix(1).map { "in a test \(Self.words(negating: $0))" }
      if !entry.reasons.isEmpty {
        entry.remedies = [
          "in a test join what the sides have and no more; what cannot be joined so, leave open with ABSTAIN"
        ]
      }
    }
    if !entry.reasons.isEmpty {
      entry.state = .refused
      return entry
    }
    let place = "\(entry.question.path.display), line \(entry.question.startLine)"
    for word in judgement.introduced {
      let reason = words.introduced[id]?.reason ?? ""
      entry.concerns.append("\(place): '\(DisplayText.line(word[...]))' is in no side, because \(display(reason))")
    }
    for line in judgement.undone {
      let reason = words.undone[id] ?? ""
      entry.concerns.append(
        "\(place): on the model's word a word comes back that a side took away, or goes that both have: "
          + "'\(DisplayText.line(line[...]))', because \(display(reason))")
    }
    entry.concerns += judgement.misplaced.map { "\(place): \(Self.words($0))" }
    entry.concerns += judgement.negated.prefix(1).map { "\(place): \(Self.words(negating: $0))" }
    if let kind, [.protected, .runner, .lint].contains(kind) {
      entry.concerns.append("\(place): the file decides what is tested or what runs, so no test can confirm it")
    }
    let combined = judgement.missing.count { $0.fate == .combined }
    entry.reasons = [
      combined > 0
        ? "both sides' changes joined in \(combined == 1 ? "one line" : "\(combined) lines")"
        : entry.dropped.isEmpty ? "every line that a side added is in it" : "lines of a side are left out"
    ]
    return entry
  }

  private static func words(_ misplaced: AnswerJudgement.Misplaced) -> String {
    let side = misplaced.side == .ours ? "ours" : "theirs"
    return "'\(DisplayText.line(misplaced.word[...]))' does not stand where \(side) has it"
  }

  private static func words(negating operand: [UInt8]) -> String {
    operand.isEmpty
      ? "it negates what no side does" : "it negates '\(DisplayText.line(operand[...]))', which no side does"
  }

  private static func display(_ text: String) -> String { DisplayText.line(Array(text.utf8)[...]) }

  // MARK: - Whole files

  private func decision(
    _ question: HunkQuestion, _ change: ModelAnswers.File?, _ words: AnswerWords, _ unknown: [String]
  ) -> JudgedAnswer {
    guard case .deletion(let deletion) = question.kind,
      let said = words.decisions[question.id] ?? words.decisions[question.path.display]
    else {
      if words.abstained[question.id] == nil, !unknown.isEmpty {
        return JudgedAnswer(
          question: question, state: .refused,
          reasons: ["the model said '\(unknown.joined(separator: "', '"))', which is no place of this merge"],
          remedies: ["say KEEP \(question.id) or DELETE \(question.id)"])
      }
      let reason = words.abstained[question.id] ?? "the model did not say whether to keep or to delete the file"
      return JudgedAnswer(question: question, state: .abstained, reasons: [reason])
    }
    if let change, change.change != .deleted || said.decision == .keep {
      return JudgedAnswer(
        question: question, state: .refused, reasons: ["what it did to the file is not what it said"])
    }
    var judged = JudgedAnswer(
      question: question, state: .accepted, reasons: [Self.display(said.reason)], decision: said.decision)
    switch (said.decision, deletion.proposal?.action) {
    case (.delete, .keep?):
      judged.state = .refused
      judged.reasons = ["it deletes the file, which is \(deletion.proposal?.reason ?? "still in use")"]
    case (.delete, .delete?): break
    case (.keep, .keep?) where !(deletion.proposal?.references.isEmpty ?? true): break
    default:
      judged.concerns.append(
        "\(question.path.display): \(said.decision == .keep ? "kept" : "deleted") on the "
          + "model's word, because \(Self.display(said.reason))")
    }
    return judged
  }
}
