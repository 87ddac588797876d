internal import Base
internal import Dispatch
internal import Git
internal import Sandbox
internal import TestResults
internal import Work
internal import Workspace

/// Carries out the test commands of one run, one after the other, and gathers what they tell.
struct StageRecorder: Sendable {
  var execution: TestExecution
  /// What is told to the commands beside what they need.
  var environment: [String: String] = [:]
  private let order: StageOrder
  private let cell: any Cell
  private let shell: CellShell
  /// Where reports go, outside of the workspace.
  private let reports: String
  private let clock = ContinuousClock()
  private let began: ContinuousClock.Instant
  private let day = CalendarDay.now
  /// What commands left, until all files that they wrote are known.
  private var evidence: [TestEvidence] = []
  private var plans: [CommandPlan] = []
  /// What is told of commands that were refused processes, by their place.
  private var refusals: [Int: String] = [:]

  init(tree: ObjectID, order: StageOrder, made: MadeCell) {
    execution = TestExecution(tree: tree, standing: TestStanding(), reports: [], commands: [])
    self.order = order
    cell = made.cell
    shell = CellShell(cell: made.cell)
    reports = String(decoding: made.cell.hostRoot, as: UTF8.self) + "/tmp/results"
    began = clock.now
  }

  // MARK: Commands

  /// Runs all test commands in their order, whether one fails or not.
  ///
  /// - Throws: ``StageFailure``, ``SandboxError`` or `CancellationError`.
  mutating func carryOutAll() async throws {
    for (number, line) in order.commands.test.enumerated() {
      let left = order.limit.map { $0 - began.duration(to: clock.now) }
      if number == 0, let left, left <= .zero {
        throw StageFailure(.timeSpent, "no time is left to run '\(DisplayText.line(line.utf8))'")
      }
      if let left, left <= .zero {
        skip(line)
      } else {
        try await carryOut(line, number, left)
      }
    }
  }

  /// The time was over before its turn came.
  private mutating func skip(_ line: String) {
    execution.commands.append(CommandExecution(command: line, ending: .timedOut, elapsed: .zero, log: []))
    evidence.append(TestEvidence(status: nil, timedOut: true, output: []))
    plans.append(CommandPlan(for: line, reportsInto: nil))
    note(.time, "'\(DisplayText.line(line.utf8))' was not run: the time for all test commands was over")
  }

  private mutating func carryOut(_ line: String, _ number: Int, _ left: Duration?) async throws {
    var plan = CommandPlan(for: line, reportsInto: "\(reports)/\(number + 1)")
    var ended = try await run(plan, number, left)
    if plan.isRefused(ended) {
      // The runner does not know what it was asked for; as it was written it does.
      plan = CommandPlan(for: line, reportsInto: nil)
      let rest = order.limit.map { $0 - began.duration(to: clock.now) }
      if rest.map({ $0 > .zero }) ?? true { ended = try await run(plan, number, rest) }
    }
    if ended.ending == .timedOut {
      // What has left the command's session would go on beside the next.
      _ = try await cell.endProcesses()
      let after = "\(ended.elapsed.components.seconds) s"
      note(.time, "'\(DisplayText.line(line.utf8))' was ended after \(after), with everything that it had started")
    }
    if ended.refused > 0 {
      if ended.isRunaway { _ = try await cell.endProcesses() }
      let limit = "'\(DisplayText.line(line.utf8))' reached the limit of \(CellPolicy.Limits().processes) processes"
      refusals[number] =
        ended.isRunaway
        ? "\(limit) again and again, and was ended after \(ended.elapsed.components.seconds) s, with everything that it"
          + " had started" : "\(limit), and was refused \(ended.refused) more"
    }
    if ended.dropped > 0 {
      ended.closeGap()
      note(
        .output,
        "'\(DisplayText.line(line.utf8))' printed \(ended.output.count + ended.dropped) bytes; of these the"
          + " beginning and the end are kept, \(ended.output.count) bytes")
    }
    try await take(ended, plan, number)
  }

  private func run(_ plan: CommandPlan, _ number: Int, _ left: Duration?) async throws -> CellShell.Ended {
    if plan.wantsDirectory, let place = CellPath(Array("/tmp/results/\(number + 1)/.keep".utf8)) {
      try await cell.write([], to: place, isExecutable: false)
    }
    let usual = Duration.seconds(order.commands.seconds)
    return try await shell.run(
      CellCommand(
        ["sh", "-c", plan.shell].map { Array($0.utf8) }, environment: environment.merging(plan.environment) { $1 },
        timeout: min(usual, left ?? usual), outputLimit: order.outputLimit), refusals: order.refusalLimit)
  }

  private mutating func take(_ ended: CellShell.Ended, _ plan: CommandPlan, _ number: Int) async throws {
    var evidence = TestEvidence(
      command: plan.words, status: nil, timedOut: ended.ending == .timedOut, output: ended.output)
    let ending: CommandExecution.Ending
    switch ended.ending {
    case .exited(let status): (ending, evidence.status) = (.exited(status), status)
    case .signalled(let signal): (ending, evidence.status) = (.signalled(signal), 128 + signal)
    case .timedOut: ending = .timedOut
    }
    // It is all that was written, so a last line without its end is one.
    if let last = evidence.output.last, last != UInt8(ascii: "\n") { evidence.output.append(UInt8(ascii: "\n")) }
    evidence.reports = try await writtenReports(number)
    self.evidence.append(evidence)
    plans.append(plan)
    var command = CommandExecution(
      command: plan.line, ending: ending, elapsed: ended.elapsed, log: ended.output, dropped: ended.dropped,
      droppedAt: ended.droppedAt)
    if plan.isGoJSON {
      command.log = ReadableLog.ofGo(Array(ended.output.prefix(ended.droppedAt ?? 0)))
      if ended.droppedAt != nil { command.droppedAt = command.log.count }
      command.log += ReadableLog.ofGo(Array(ended.output.dropFirst(ended.droppedAt ?? 0)))
    }
    execution.commands.append(command)
  }

  private func writtenReports(_ number: Int) async throws -> [ReportFile] {
    guard let place = CellPath(Array("/tmp/results/\(number + 1)".utf8)) else { return [] }
    let entries: [CellEntry]
    do throws(SandboxError) {
      entries = try await cell.list(place, limit: StageLimits.reportFiles)
    } catch {
      guard [.notFound, .notADirectory].contains(error.code) else { throw error }
      return []
    }
    var room = StageLimits.reports
    var files: [ReportFile] = []
    for entry in entries where entry.kind == .file && entry.size > 0 {
      guard let path = place.appending(entry.name), let file = try await report(path, room: &room) else { continue }
      files.append(file)
    }
    return files
  }

  /// Reads a report; `nil` where it is gone, or no file, or there is no room for it.
  private func report(_ path: CellPath, room: inout Int) async throws -> ReportFile? {
    do throws(SandboxError) {
      let file = try await cell.read(path, from: 0, limit: room)
      guard file.bytes.count == file.size else { return nil }
      room -= file.bytes.count
      return ReportFile(path: path.bytes, bytes: file.bytes)
    } catch {
      guard [.notFound, .notAFile, .notADirectory, .permission, .refused].contains(error.code) else { throw error }
      return nil
    }
  }

  // MARK: What they left

  /// Finds the tracked files that the commands changed, and the reports that they wrote into the workspace; gives the
  /// look by which it found them.
  ///
  /// - Throws: ``SandboxError`` or `GitError`.
  mutating func findChanges(since look: CellLook?) async throws -> CellLook? {
    let found = try await cell.changes(since: look)
    let tree = execution.tree
    let paths = Set(found.changes.filter { $0.kind != .unlisted }.map(\.path) + found.reverted)
    let tracked = try await order.repository.perform { repository throws(GitError) in
      var tracked: [TreeEntry] = []
      for path in paths {
        guard let entry = try repository.entry(at: path, in: tree) else { continue }
        if entry.mode != .directory && entry.mode != .submodule { tracked.append(entry) }
      }
      return tracked
    }
    let kinds = Dictionary(found.changes.map { ($0.path, $0.kind) }) { $1 }
    for entry in tracked where try await isOtherwise(entry, kinds[entry.path]) {
      execution.changedTracked.append(entry.path)
    }
    execution.changedTracked.sort()
    try await readPatterns(found)
    return found.look
  }

  /// Whether what is in the workspace is not what the tree has: what was only written again is.
  private func isOtherwise(_ entry: TreeEntry, _ kind: CellChange.Kind?) async throws -> Bool {
    if kind == .removed { return true }
    if case .linked = kind, entry.mode != .symbolicLink { return true }
    let blob = try await order.repository.perform { repository throws(GitError) in
      try repository.content(of: entry.id, limit: .max)
    }
    if case .linked(let target) = kind { return target != blob }
    // A link that is the checkout's again, where the tree has another or none, is not looked at more closely.
    guard entry.mode != .symbolicLink, blob.count <= StageLimits.compared,
      let path = CellPath.workspace.appending(entry.path.bytes)
    else { return true }
    do throws(SandboxError) {
      let file = try await cell.read(path, from: 0, limit: blob.count + 1)
      return file.bytes != blob || file.isExecutable != (entry.mode == .executable)
    } catch {
      guard [.notFound, .notAFile, .notADirectory, .permission, .refused].contains(error.code) else { throw error }
      return true
    }
  }

  private mutating func readPatterns(_ found: CellChanges) async throws {
    for index in plans.indices where !plans[index].patterns.isEmpty {
      let globs = plans[index].patterns.map { Glob($0) }
      var room = StageLimits.reports
      var files: [ReportFile] = []
      for change in found.changes.sorted(by: { $0.path < $1.path }) where files.count < StageLimits.reportFiles {
        guard case .written = change.kind, globs.contains(where: { $0.matches(change.path.bytes) }),
          let path = CellPath.workspace.appending(change.path.bytes), let file = try await report(path, room: &room)
        else { continue }
        files.append(file)
      }
      evidence[index].reports += files
      if found.changes.contains(where: { $0.kind == .unlisted }) {
        execution.notes.append("more new files were written than are looked through, so reports may be missing")
      }
    }
  }

  // MARK: The end

  private mutating func note(_ hindrance: Hindrance, _ line: String) {
    execution.hindrances.insert(hindrance)
    execution.notes.append(line)
  }

  /// The execution, with everything read.
  ///
  /// - Throws: ``StageFailure`` where nothing ran because a program is missing.
  func finished(before: RunnerSeal, after: RunnerSeal) async throws -> TestExecution {
    var result = self
    // A long log takes a while to read, and the pool has few threads.
    let evidence = evidence
    let isCancelled = Lock(false)
    result.execution.reports = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
          let reports = evidence.map { TestResultReader.read($0, isCancelled: { isCancelled.withLock { $0 } }) }
          continuation.resume(returning: reports)
        }
      }
    } onCancel: {
      isCancelled.withLock { $0 = true }
    }
    try Task.checkCancellation()
    result.execution.standing = TestStanding(of: result.execution.reports)
    result.execution.runners = after
    result.execution.runnerChanges = before.changes(in: after)
    try await result.refuseMissing()
    result.noteSigns()
    return result.execution
  }

  private func refuseMissing() async throws {
    guard !execution.reports.contains(where: { !$0.runs.isEmpty || !$0.builds.isEmpty }) else { return }
    for (command, evidence) in zip(execution.commands, evidence) {
      guard let status = evidence.status, status == 127 || status == 126 else { continue }
      let tree = execution.tree
      let tracked = try await order.repository.perform { repository throws(GitError) in
        var tracked: Set<String> = []
        for word in command.command.split(whereSeparator: { " ;&|()'\"\n".contains($0) }) {
          let name = word.hasPrefix("./") ? String(word.dropFirst(2)) : String(word)
          guard let path = RepositoryPath(name), try repository.entry(at: path, in: tree) != nil else { continue }
          tracked.insert(name)
        }
        return tracked
      }
      let fault = Faults.missing(
        command.command, status: status, log: command.log, isTracked: { tracked.contains($0) })
      if let fault { throw fault }
    }
  }

  private mutating func noteSigns() {
    for (number, command) in execution.commands.enumerated() {
      let isRed = execution.reports[number].isRed
      let signs = isRed || refusals[number] != nil ? LogSigns(of: command.log) : LogSigns(of: [])
      if let limit = refusals[number] {
        note(.processes, limit + (signs.note(.processes).map { ": \($0)" } ?? ""))
      }
      guard isRed else { continue }
      for hindrance in Hindrance.allCases where !execution.hindrances.contains(hindrance) {
        if let line = signs.note(hindrance) { note(hindrance, line) }
      }
      if command.ending == .signalled(9) || command.ending == .exited(137) {
        note(.memory, "a process was killed, as the system does where the memory of a cell is full")
      }
    }
    if CalendarDay.now != day {
      note(.date, "the date changed while the tests ran: a test that depends on the time may have met two days")
    }
  }
}
