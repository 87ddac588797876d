internal import Base
internal import Merging
internal import Templates
internal import Work

/// What a model is told about the places of one task.
struct HunkBrief {
  let prepared: PreparedMerge
  let branch: String
  let base: String
  let request: String
  let commands: [String]
  /// What is known from an earlier round.
  let earlier: Earlier

  /// What came of an earlier round.
  struct Earlier: Sendable, Hashable {
    /// Why the answer to a question cannot be used, and the lines of that answer.
    var answers: [String: UnusedAnswer] = [:]
    /// Of these questions the answer was good, and something else kept it from being taken.
    var good: Set<String> = []
    /// What would let an answer through where it is right.
    var remedies: [String: [String]] = [:]
    /// Why nothing of some good answers was taken, each reason once.
    var faults: [String] = []
    /// What was edited outside of the places, or where the places are not sure any more: a difference for each file.
    var edits: [RepositoryPath: [String]] = [:]
    /// What the tests said of the answers.
    var confirmation: MergeConfirmation?
    var notes: [String] = []

    /// Forgets what was said of a round before, when the next one has been answered for the first time.
    mutating func begin() { (notes, faults, edits) = ([], [], [:]) }
  }

  /// Of a side with more lines the beginning is shown; the file has all of it.
  private static let mostLines = 160
  private static let mostRequestLines = 40

  /// The text of the task.
  func text(_ questions: [HunkQuestion]) throws -> String {
    let length = prepared.questions.files.compactMap(\.text?.marked.markerLength).max() ?? 9
    func marker(_ character: Character) -> String { String(repeating: character, count: length) }
    let paths = Set(questions.map(\.path)).count
    let failures = earlier.confirmation?.failures ?? []
    let hasEarlier = !earlier.faults.isEmpty || !earlier.notes.isEmpty || !edits(of: questions).isEmpty
    return try MergeText.brief.render([
      "branch": branch, "base": base,
      "count": "\(questions.count) \(questions.count == 1 ? "place" : "places") in \(paths) "
        + (paths == 1 ? "file" : "files"),
      "marker": "nine or more of one character", "open": marker("<"), "bar": marker("|"), "line": marker("="),
      "close": marker(">"), "canTest": !commands.isEmpty, "commands": commands,
      "hasDeletions": questions.contains { if case .deletion = $0.kind { true } else { false } },
      "hasRequest": !request.isEmpty,
      "request": Array(DisplayLines.of(Array(request.utf8)).prefix(Self.mostRequestLines)),
      "places": questions.map { values(of: $0) },
      "failed": failures.isEmpty
        ? false
        : ["failures": failures.prefix(20).map { Self.values(of: $0) }] as [String: Any],
      "renamed": renames.isEmpty ? false : ["renames": renames] as [String: Any],
      "before": hasEarlier
        ? ["faults": earlier.faults, "notes": earlier.notes, "edits": edits(of: questions)] as [String: Any] : false,
    ])
  }

  /// What an earlier answer did outside of the places of the files that are asked about, and to files without any.
  private func edits(of questions: [HunkQuestion]) -> [[String: Any]] {
    let others = Set(prepared.questions.files.map(\.path)).subtracting(questions.map(\.path))
    return earlier.edits.filter { !others.contains($0.key) && !$0.value.isEmpty }.sorted { $0.key < $1.key }
      .map { ["path": $0.key.display, "shown": $0.value] }
  }

  /// What one side renamed and the other began to use by its old name, a line each.
  private var renames: [String] {
    (prepared.renames ?? []).prefix(20).map { $0.words(branch: branch, base: base) }
  }

  private static func values(of failure: MergeConfirmation.Failure) -> [String: Any] {
    let kind =
      switch failure.kind {
      case .red: "fails"
      case .flaky: "fails now and then"
      case .missing: "is not run any more"
      case .skipped: "is skipped"
      case .fewer: "too few tests"
      }
    return ["name": failure.name, "kind": kind, "detail": failure.detail]
  }

  private func values(of question: HunkQuestion) -> [String: Any] {
    var values: [String: Any] = ["id": question.id, "path": question.path.display]
    switch question.kind {
    case .lines(let number, let conflict):
      values["lines"] = "\(question.startLine)"
      values["sides"] = [
        side("ours (\(branch))", conflict.ours, .ours, question), side("base", conflict.base, nil, question),
        side("theirs (\(base))", conflict.theirs, .theirs, question),
      ]
      values["hints"] = hints(question.path, number)
      let after = after(question)
      values["after"] = after.isEmpty ? false : ["shown": after] as [String: Any]
    case .deletion(let deletion):
      let isOurs = deletion.changedBy == .ours
      values["whole"] = [
        "changer": isOurs ? branch : base, "deleter": isOurs ? base : branch,
        "diff": DisplayedDifference.lines(from: deletion.base, to: deletion.changed, most: Self.mostLines),
      ]
      values["proposed"] = deletion.proposal.map { "\($0.action.rawValue.uppercased()): \($0.reason)" } ?? false
    }
    let history = prepared.histories[question.id]
    values["history"] = [("ours", history?.ours ?? []), ("theirs", history?.theirs ?? [])].compactMap { name, entries in
      entries.isEmpty ? nil : ["name": name, "commits": entries.flatMap(\.lines)] as [String: Any]
    }
    if let answer = earlier.answers[question.id] {
      values["earlier"] =
        [
          "good": earlier.good.contains(question.id), "refused": !earlier.good.contains(question.id),
          "reason": answer.reason, "remedies": earlier.remedies[question.id] ?? [], "shown": answer.lines ?? [],
        ] as [String: Any]
    }
    return values
  }

  /// The lines of a side; those at stake have their number.
  private func side(
    _ name: String, _ bytes: [UInt8], _ side: DroppedLine.Side?, _ question: HunkQuestion
  ) -> [String: Any] {
    var numbers: [[UInt8]: Int] = [:]
    for (index, stake) in question.stakes.filter({ $0.side == side }).enumerated() { numbers[stake.line] = index + 1 }
    let lines = MarkedFile.lines(bytes)
    var shown = lines.prefix(Self.mostLines).map { line -> String in
      let blanks: Set<UInt8> = [0x20, 0x09, 0x0D, 0x0A, 0x0C, 0x0B]
      let ink = line.drop { blanks.contains($0) }
      let trimmed = ink.prefix(ink.lastIndex { !blanks.contains($0) }.map { $0 + 1 - ink.startIndex } ?? 0)
      let number = side == nil ? "" : numbers[Array(trimmed)].map(String.init) ?? ""
      let text = DisplayText.line(line.last == 0x0A ? line.dropLast() : line)
      return String(repeating: " ", count: max(0, 4 - number.count)) + number + " | " + text
    }
    if lines.isEmpty { shown = ["     (nothing)"] }
    if lines.count > Self.mostLines {
      shown.append("     … and \(lines.count - Self.mostLines) more lines, which stand in the file")
    }
    return ["name": name, "shown": shown]
  }

  /// The first lines that stand directly behind a place and that no answer has to repeat.
  private func after(_ question: HunkQuestion) -> [String] {
    guard let text = prepared.questions.files.first(where: { $0.path == question.path })?.text,
      let place = text.marked.pieces.firstIndex(where: {
        if case .place(let place) = $0 { place.id == question.id } else { false }
      }), text.marked.pieces.indices.contains(place + 1), case .fixed(let bytes) = text.marked.pieces[place + 1]
    else { return [] }
    return MarkedFile.lines(bytes).prefix(2).map { DisplayText.line($0.last == 0x0A ? $0.dropLast() : $0) }
  }

  private func hints(_ path: RepositoryPath, _ number: Int) -> [[String: Any]] {
    guard let file = prepared.conflicts.first(where: { $0.file.path == path })?.file, file.left.indices.contains(number)
    else { return [] }
    var seen: Set<[String]> = []
    return (file.left[number].candidates ?? []).filter { seen.insert($0.lines).inserted }.prefix(3).map { candidate in
      ["reason": candidate.reason, "shown": Array(candidate.lines.prefix(Self.mostLines))]
    }
  }

  // MARK: - Tasks

  /// A task has no more places and no more bytes of lines than these.
  private static let mostInTask = 12
  private static let largestTask = 60_000

  /// The questions of a round in tasks, in order; the places of a file stay together where they fit.
  static func tasks(_ questions: [HunkQuestion]) -> [[HunkQuestion]] {
    var tasks: [[HunkQuestion]] = []
    var size = 0
    var index = 0
    while index < questions.count {
      let end = questions[index...].firstIndex { $0.path != questions[index].path } ?? questions.count
      let group = questions[index..<end]
      let total = group.reduce(0) { $0 + $1.size }
      let fits = tasks.last.map { $0.count + group.count <= mostInTask && size + total <= largestTask } ?? false
      if fits {
        tasks[tasks.count - 1] += group
        size += total
      } else {
        size = 0
        tasks.append([])
        for question in group {
          if let last = tasks.last, !last.isEmpty, last.count >= mostInTask || size + question.size > largestTask {
            tasks.append([])
            size = 0
          }
          tasks[tasks.count - 1].append(question)
          size += question.size
        }
      }
      index = end
    }
    return tasks
  }
}
