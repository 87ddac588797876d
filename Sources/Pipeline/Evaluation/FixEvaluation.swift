internal import Base
internal import Egress
internal import FileSystem
internal import Fix
internal import Git
internal import Journal
internal import Policy
internal import TestResults
internal import Verify
internal import Work
internal import Workspace

/// Replays commits of a history that fixed a failing test, as tasks for the repair.
///
/// A commit is a task where its tests are red on the code before it and green on its own. Then three things are
/// measured: how long its tests take, whether the search finds what is planted back into a branch, and, with a model,
/// whether the code before it comes back green.
package struct FixEvaluation: Sendable {
  private let session: AgentSession
  private let request: HandRequest
  private let limit: Int
  private let scan: Int
  private let padding: Int

  /// - Parameters:
  ///   - session: What runs commands and models.
  ///   - request: The repository, the commands, the models and what they may take; for each task the same.
  ///   - limit: How many tasks are replayed at most.
  ///   - scan: How many commits that change tests and code are tried at most.
  ///   - padding: How many later commits are put around what is planted.
  package init(_ session: AgentSession, _ request: HandRequest, limit: Int, scan: Int, padding: Int) {
    self.session = session
    self.request = request
    self.limit = limit
    self.scan = scan
    self.padding = padding
  }

  /// Measures.
  ///
  /// - Returns: What came of each commit that was tried.
  /// - Throws: What keeps the repository from being read; that tests cannot be run is a result.
  package func run() async throws -> FixEvaluationReport {
    let local = try await LocalBranch.read(request, to: "measure on")
    guard !request.test.isEmpty || !local.facts.configuration.test.isEmpty else { throw NoTestCommand() }
    try session.directories.make()
    let run = RunID(random: .random(in: .min ... .max))
    let directory = try RunDirectory.open(run, under: session.directories.runs)
    let path = directory.path
    let workspace = try await RunWorkspace.make(for: run, under: path, borrowing: [local.objects])
    let report: Result<FixEvaluationReport, any Error>
    do {
      report = .success(try await measure(run, local, workspace.repository, path))
    } catch {
      report = .failure(error)
    }
    try? workspace.remove()
    try? directory.remove()
    return try report.get()
  }

  private func measure(
    _ run: RunID, _ local: LocalBranch, _ repository: RepositoryActor<PrivateRepository>, _ path: String
  ) async throws -> FixEvaluationReport {
    let job = Job(
      kind: .fix,
      pullRequest: PullRequest(repository: local.directory, branch: local.branch, base: local.facts.rules.base),
      head: local.head, against: local.head, request: run.text, event: "", time: session.clock.now())
    let ground = try request.ground(for: job, run, local, directory: path)
    let history = FixHistory(commands: ground.commands, tests: ground.configuration.tests, padding: padding)
    let (head, scan) = (local.head, scan)
    let candidates = try await repository.perform { try history.candidates(of: head, limit: scan, in: $0) }
    // A task begins many times what a person begins once; what its steps say of themselves is in the report.
    var quiet = session
    quiet.log = { _ in }
    var report = FixEvaluationReport(branch: local.branch.shortDisplay, head: head, models: ground.models)
    for (number, candidate) in candidates.enumerated() {
      guard report.tasks.count(where: { $0.isTask }) < limit else { break }
      try Task.checkCancellation()
      let name = "\(number + 1) of \(candidates.count)"
      session.log("\(name): \(candidate.commit.short) \(candidate.subject)")
      quiet.progress = { [progress = session.progress] text in progress(text.map { "\(name): \($0)" }) }
      let place = "\(path)/task-\(number + 1)"
      try Directory.make(Array(place.utf8), mode: 0o711)
      let task = FixEvaluationTask(
        session: quiet, ground: ground.placed(at: place), repository: repository, candidate: candidate)
      let result = try await task.result()
      report.tasks.append(result)
      session.log("\(name): \(result.line)")
      try? Directory.removeTree(Array(place.utf8))
    }
    report.scanned = candidates.count
    return report
  }
}

extension JobGround {
  /// The same in another directory.
  func placed(at directory: String) -> JobGround {
    var ground = self
    ground.directory = directory
    return ground
  }
}

/// One commit, replayed.
struct FixEvaluationTask {
  let session: AgentSession
  let ground: JobGround
  let repository: RepositoryActor<PrivateRepository>
  let candidate: FixCandidate

  func result() async throws -> FixEvaluationReport.Task {
    var result = FixEvaluationReport.Task(commit: candidate.commit, subject: candidate.subject)
    let egress = EgressJournal(session.journal, keeping: MemorySteps())
    do {
      let stages = try ground.stages(session, egress, repository)
      let stage = try await stages.stage(of: candidate.commit, parallel: 1)
      do {
        try await witness(&result, on: stage)
        await stage.close()
      } catch {
        await stage.close()
        throw error
      }
      guard result.isTask else { return result }
      try await culprit(&result)
      if !ground.models.isEmpty { try await repair(&result) }
    } catch let failure as StageFailure {
      result.reason = "the tests cannot be run: \(failure)"
    }
    return result
  }

  private func witness(_ result: inout FixEvaluationReport.Task, on stage: any OpenStage) async throws {
    let start = session.clock.steady().now()
    let green = try await stage.run(candidate.green)
    result.milliseconds = session.clock.steady().now().milliseconds - start.milliseconds
    guard green.standing.executed > 0 || green.standing.isGreen else {
      result.reason = "no test is seen to run with the commit"
      return
    }
    let red = try await stage.run(candidate.red)
    // What is red with the commit as well is not what it fixed; a suite that did not load may be red as a whole.
    let fixed = red.standing.red.subtracting(green.standing.red)
    guard !fixed.isEmpty else {
      result.reason =
        red.standing.isGreen ? "its tests are green before it too" : "what is red before it is red with it"
      return
    }
    result.isTask = true
    result.red = fixed.count
    result.executed = green.standing.executed
    result.trust = green.standing.trust.name
    result.reason = "\(fixed.count) red before it, green with it"
  }

  /// Plants the fault back into a branch of later commits, and looks whether the search finds it.
  private func culprit(_ result: inout FixEvaluationReport.Task) async throws {
    let (candidate, identity) = (candidate, ground.identity)
    let planted = try await repository.perform { repository in
      let top = candidate.later.last ?? candidate.commit
      var edits: [TreeEdit] = []
      for path in Set(candidate.product).sorted() {
        if let old = try repository.entry(at: path, in: candidate.parent) {
          edits.append(.put(path, mode: old.mode, blob: old.id))
        } else {
          edits.append(.remove(path))
        }
      }
      let signature = try repository.signature(of: identity, onTopOf: [top])
      return try repository.writeCommit(
        tree: try repository.writeTree(from: top, edits), parents: [top], author: signature, committer: signature,
        message: Array("The fault, planted back\n".utf8))
    }
    var searched = ground
    (searched.head, searched.mergeBase, searched.models) = (planted, candidate.commit, [])
    let outcome = try await FixWork(ground: searched, session: session, repository: repository)
      .outcome(MemorySteps(), EgressJournal(session.journal, keeping: MemorySteps()), includesBase: false)
    result.culpritRuns = outcome.culprit?.testRuns
    let touched = Set(candidate.product)
    if let note = outcome.culprit, !note.hunks.isEmpty {
      let isOwn = note.hunks.allSatisfy { touched.contains($0.path) }
      result.culprit = isOwn && note.firstBad?.id == planted ? "found" : isOwn ? "hunks" : "wrong"
    } else {
      result.culprit = "none"
    }
    result.culpritReason = outcome.culprit?.explanation ?? outcome.reason
  }

  /// Gives the code before the commit, with its tests, to the models.
  private func repair(_ result: inout FixEvaluationReport.Task) async throws {
    let (candidate, identity) = (candidate, ground.identity)
    let head = try await repository.perform { repository in
      let signature = try repository.signature(of: identity, onTopOf: [candidate.parent])
      return try repository.writeCommit(
        tree: candidate.red, parents: [candidate.parent], author: signature, committer: signature,
        message: Array("Tests\n".utf8))
    }
    var asked = ground
    (asked.head, asked.mergeBase) = (head, candidate.parent)
    let start = session.clock.steady().now()
    let outcome = try await FixWork(ground: asked, session: session, repository: repository)
      .outcome(MemorySteps(), EgressJournal(session.journal, keeping: MemorySteps()), includesBase: false)
    result.verdict = outcome.verdict
    result.cost = outcome.cost.map { Double($0) / 1_000_000_000 }
    result.answers = outcome.attempts.reduce(0) { $0 + $1.steps }
    if outcome.verdict == .fixed {
      result.secondsToGreen = Double(session.clock.steady().now().milliseconds - start.milliseconds) / 1000
    }
  }
}

/// Steps that last as long as the process.
actor MemorySteps: StepKeeping {
  private var steps: [String: CanonicalJSON] = [:]

  func recall<Value: Codable & Sendable>(_ step: String, as type: Value.Type) async throws -> Value? {
    try steps[step].map { json throws(JournalError) in try json.require(Value.self, in: "step '\(step)'") }
  }

  func record<Value: Codable & Sendable>(_ step: String, _ value: Value) async throws {
    if steps[step] == nil { steps[step] = try CanonicalJSON(value) }
  }

  func note(_ line: String) async throws {}

  func names() async throws -> [String] { Array(steps.keys) }
}
