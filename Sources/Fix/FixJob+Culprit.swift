internal import Base
internal import Git
internal import TestResults
internal import Verify
internal import Work

extension FixJob {
  /// Looks for what in the branch causes the red; `nil` where the branch changes nothing.
  func culprit(
    of wanted: Set<RedItem>, _ witness: Witness, _ scene: FixScene, on stage: LazyStage
  ) async throws -> CulpritReport? {
    guard scene.headTree != scene.baseTree, let head = witness.runs.first, order.policy.culpritRuns > 0 else {
      return nil
    }
    // Not kept as a whole: what was tested is, so the same search finds the same at no cost, and its trees are there.
    var question = CulpritQuestion(
      base: order.mergeBase, head: order.head, standing: head.standing, baseStanding: witness.base?.standing,
      isTest: scene.isTest)
    question.red = wanted
    question.green = witness.steadyGreen
    question.flaky = Set(
      witness.flaky.compactMap { item in if case .test(let identity) = item { identity } else { nil } })
    question.hints = try await hints(witness, scene)
    // The search may take half of the time that is left; the rest belongs to the repair.
    let now = clock.now().milliseconds
    let end = Timestamp(milliseconds: now + max(0, deadline.milliseconds - now) / 2)
    let clock = clock
    let (steps, isOver) = (steps, try await steps.recall(Self.searchOver, as: Bool.self) ?? false)
    let search = CulpritSearch(
      in: repository, probing: TimedProbing(stage, after: witness, parallel: order.policy.parallel),
      budget: CulpritBudget(runs: order.policy.culpritRuns, parallel: order.policy.parallel) {
        isOver || clock.now() >= end
      })
    log("looking for the culprit among what the branch changes")
    // Who reads it behind a pipe is told now and then that it goes on.
    let (progress, log, told) = (progress, log, Lock(now))
    defer { progress(nil) }
    let report = try await search.find(question, cache: try await knownProbes()) { tree, result in
      switch result {
      case .success(let standing): try await steps.record(Self.probe + tree.hex, standing)
      case .failure(let failure): try await steps.record(Self.failedProbe + tree.hex, KeptFailure(failure))
      }
    } onProgress: {
      progress("culprit: \($0)")
      let now = clock.now().milliseconds
      let isDue = told.withLock { last in
        guard now - last >= Self.sign else { return false }
        last = now
        return true
      }
      if isDue { log("culprit: \($0)") }
    }
    // Whoever takes the run up has more time, and must find the same all the same.
    if report.ending == .timeSpent { try await steps.record(Self.searchOver, true) }
    let runs = report.runs == 1 ? "1 test run" : "\(report.runs) test runs"
    log("culprit: \(CulpritWords(scene).explanation(of: report)) (\(runs))")
    return report
  }

  /// After how many milliseconds the search says that it goes on.
  private static let sign: Int64 = 30_000

  /// How many of the places in tests are looked at, and how large their files may be.
  private static let mostPlaces = 12
  private static let largestTest = 1 << 20

  /// The step that says that the time for the search was over.
  private static let searchOver = "search over"

  /// What the names of the steps begin with that keep how a tree stands, and why one could not be tested.
  private static let probe = "probe "
  private static let failedProbe = "probe failure "

  /// What an interrupted search learnt.
  private func knownProbes() async throws -> CandidateCache {
    var cache = CandidateCache()
    for name in try await steps.names() {
      if name.hasPrefix(Self.failedProbe), let tree = ObjectID(hex: String(name.dropFirst(Self.failedProbe.count))) {
        cache[tree] = try await steps.recall(name, as: KeptFailure.self).map { .failure($0.failure) }
      } else if name.hasPrefix(Self.probe), let tree = ObjectID(hex: String(name.dropFirst(Self.probe.count))) {
        cache[tree] = try await steps.recall(name, as: TestStanding.self).map { .success($0) }
      }
    }
    return cache
  }

  private func hints(_ witness: Witness, _ scene: FixScene) async throws -> CulpritHints {
    var hints = CulpritHints()
    for test in witness.runs.first?.red ?? [] {
      hints.places += test.places.reversed().map { CulpritHints.Place(path: $0.path, line: $0.line) }
      for line in test.message.prefix(20) {
        let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        hints.names.formUnion(words.lazy.map(String.init).filter { $0.count > 3 })
      }
    }
    // What a test calls stands where it failed.
    let places = Set(hints.places.filter { scene.isTest($0.path) }).sorted { $0.path < $1.path }.prefix(Self.mostPlaces)
    let tree = scene.headTree
    let contents = try await repository.perform { repository in
      var contents: [RepositoryPath: [UInt8]] = [:]
      for path in Set(places.map(\.path)) {
        guard let entry = try repository.entry(at: path, in: tree) else { continue }
        // What is too large is no hint.
        contents[path] = try? repository.content(of: entry.id, limit: Self.largestTest)
      }
      return contents
    }
    for place in places {
      if let line = place.line, let content = contents[place.path] { hints.takeNames(in: content, around: line) }
    }
    return hints
  }
}

/// Why a candidate could not be tested, as it is kept: it cannot be the next time either.
private struct KeptFailure: Codable, Sendable {
  var kind: StageFailure.Kind
  var description: String

  init(_ failure: StageFailure) {
    (kind, description) = (failure.kind, failure.description)
  }

  var failure: StageFailure { StageFailure(kind, description) }
}

/// Tells a person and a model what a search for culprits has found.
struct CulpritWords {
  private let scene: FixScene

  init(_ scene: FixScene) {
    self.scene = scene
  }

  func note(of report: CulpritReport) -> CulpritNote {
    // What two causes share is shown with the first.
    var seen: Set<CulpritNoteLines> = []
    let parts = report.culprits.map { culprit in
      CulpritPart(
        hunks: culprit.hunks.map(noteLines).filter { seen.insert($0).inserted }, firstBad: first(of: culprit),
        explanation: explanation(of: culprit))
    }
    var note = CulpritNote(
      hunks: parts.flatMap(\.hunks), firstBad: parts.lazy.compactMap(\.firstBad).first,
      explanation: explanation(of: report),
      isMinimal: !report.culprits.isEmpty && report.culprits.allSatisfy(\.isMinimal), testRuns: report.runs)
    if !parts.isEmpty {
      let rest = unexplained(of: report)
      note.parts =
        parts + (rest.isEmpty ? [] : [CulpritPart(hunks: [], firstBad: nil, explanation: rest.joined(separator: " "))])
    }
    return note
  }

  private func noteLines(_ hunk: CulpritHunk) -> CulpritNoteLines {
    CulpritNoteLines(
      path: hunk.path, startLine: Self.line(of: hunk),
      endLine: max(Self.line(of: hunk), hunk.lines.last { $0.isCulprit }?.newNumber ?? 0), lines: lines(of: hunk))
  }

  private func first(of culprit: Culprit) -> CommitNote? {
    guard case .commit(let id) = culprit.firstBad else { return nil }
    return CommitNote(id: id, subject: scene.subjects[id] ?? "")
  }

  /// The first of its lines that matter, where it stands at the head.
  private static func line(of hunk: CulpritHunk) -> Int {
    guard let first = hunk.lines.firstIndex(where: \.isCulprit) else { return hunk.span?.newStart ?? 0 }
    // A line that is gone is where the next one is.
    return hunk.lines[first...].lazy.compactMap(\.newNumber).first ?? hunk.span?.newStart ?? 0
  }

  private func lines(of hunk: CulpritHunk) -> [String] {
    switch hunk.kind {
    case .added where hunk.lines.isEmpty: return ["the file was added"]
    case .deleted where hunk.lines.isEmpty: return ["the file was deleted"]
    case .renamed where hunk.lines.isEmpty: return ["the file was renamed from '\(hunk.oldPath?.display ?? "")'"]
    case .mode: return ["the file's mode was changed"]
    case .binary: return ["the file is binary, and was changed"]
    default: break
    }
    // The branch's own difference as it stands: a part of it would read as another change.
    let lines = hunk.lines.map { line in
      switch line.kind {
      case .context: "  " + line.text
      case .added: "+ " + line.text
      case .deleted: "- " + line.text
      }
    }
    return hunk.omitted > 0 ? lines + ["… \(hunk.omitted) more \(hunk.omitted == 1 ? "line" : "lines")"] : lines
  }

  func explanation(of report: CulpritReport) -> String {
    let parts = report.culprits.map(explanation) + unexplained(of: report)
    return parts.isEmpty ? "No culprit was found." : parts.joined(separator: " ")
  }

  private func explanation(of culprit: Culprit) -> String {
    // A person goes to each of them.
    let places = FixJob.list(culprit.hunks.map { FixWords.place($0.path, Self.line(of: $0)) }, of: 10)
    let causes = RedItem.causes(of: culprit.items)
    let items = FixJob.list(causes.map(\.description))
    return
      "Without \(culprit.hunks.count == 1 ? "the change" : "the \(culprit.hunks.count) changes") at \(places), "
      + "\(items) \(causes.count == 1 ? "is" : "are") green"
      + (culprit.offered.keepsGreen ? ", and what was green stays so." : ", but something else is lost.")
  }

  /// What has no culprit, and why the search ended before its end.
  private func unexplained(of report: CulpritReport) -> [String] {
    var parts: [String] = []
    for rest in report.unexplained {
      let items = FixJob.list(RedItem.causes(of: rest.items).map(\.description))
      parts.append("\(items): \(words(for: rest.reason)).")
    }
    switch report.ending {
    case .complete: break
    case .runsSpent: parts.append("The search ended after \(report.runs) test runs.")
    case .timeSpent: parts.append("The search ended because its time was over.")
    case .stage(_, let reason): parts.append("The search ended early: \(reason).")
    }
    return parts
  }

  private func words(for reason: Unexplained.Reason) -> String {
    switch reason {
    case .onlyTestsChanged: "the branch changes nothing but tests, so no change of it can be taken back"
    case .needsAddition: "it is red without the branch's other changes too: its tests ask for what is not there yet"
    case .needsBranch: "it cannot run without what the branch adds, and no part of that can be taken back"
    case .outside: "it is red although everything is as at the base, so the cause lies outside of the repository"
    case .notFound: "no change was found whose removal makes it green"
    }
  }
}
