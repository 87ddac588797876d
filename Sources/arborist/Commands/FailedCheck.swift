internal import Base
internal import FileSystem
internal import Git
internal import Installation
internal import Pipeline
internal import Spool
internal import Work

/// `arborist hook failed`: records that a check of a branch failed, and sees that a worker runs.
struct FailedCheck {
  /// The bare repository.
  let repository: String
  /// The state directory; `nil` for the one that `init` recorded.
  let state: String?
  /// What the check calls itself.
  let check: String
  /// The branch, and the commit that was checked where it is not the branch's tip.
  let words: [String]

  func run() async throws {
    let directory = try await JournalPlace.stateDirectory(repository: repository, state: state)
    guard let record = try InstallationRecord.of(state: directory), record.isBare else {
      throw CommandFailure(
        .usage, "'\(directory.display)' belongs to no bare repository that 'arborist init' has set up: run it there")
    }
    let (failure, ignored) = try await failure(in: record)
    var writer = try SpoolWriter(
      into: record.state, repository: record.repository, actor: TransportActor.name(), time: WallClock.system.now())
    try writer.append(.failed(failure))
    try writer.finish()
    Terminal.note("\(failure.phrase) at \(failure.head.short) is recorded")
    for reason in ignored { Terminal.note("nothing comes of it: \(reason)") }
    if !record.isService { startWorker(record.state) }
  }

  /// What failed, and why nothing will come of it, as far as that can be told now.
  private func failure(in record: InstallationRecord) async throws -> (CheckFailure, ignored: [String]) {
    guard let name = words.first, words.count <= 2 else {
      throw CommandFailure(.usage, "'arborist hook failed' takes a branch and, if need be, a commit")
    }
    guard let location = String(validating: record.repository, as: UTF8.self) else {
      throw CommandFailure(.usage, "'\(DisplayText.escaping(record.repository))': the path has to be UTF-8")
    }
    let branch: RefName
    do {
      branch = try RefName(name.hasPrefix("refs/heads/") ? Array(name.utf8) : Array("refs/heads/\(name)".utf8))
    } catch {
      throw CommandFailure(.usage, error.description)
    }
    let revision = words.count == 2 ? words[1] : nil
    let source = try await RepositoryActor.open { () throws(GitError) in try Repository.openBare(at: location) }
    let head = try await source.perform { repository throws(GitError) -> ObjectID? in
      guard case .direct(let tip) = try repository.reference(branch)?.target else { return nil }
      return try revision.map { text throws(GitError) in try repository.resolve(text) } ?? tip
    }
    guard let head else {
      throw CommandFailure(
        .usage, "there is no branch '\(branch.shortDisplay)' in '\(DisplayText.escaping(location.utf8))'")
    }
    let failure = CheckFailure(branch: branch, head: head, check: DisplayText.line(check.utf8))
    let plan = try await Intake(
      source, location: location, identity: record.bot, recorded: [record.defaultBranch].compactMap { $0 }
    ).plan(
      Delivery(
        repository: record.repository, actor: [], time: WallClock.system.now(), updates: [], failures: [failure]),
      named: "now")
    return (failure, plan.ignored)
  }

  /// Starts a worker where none runs; why this order loses nothing is said at `WorkerLock`.
  private func startWorker(_ state: StateDirectory) {
    do {
      if try WorkerLock.isHeld(state) { return }
      guard let program = try File.realPath(Array("/proc/self/exe".utf8)) else { return }
      try DetachedWorker.start(program: program, state: state)
    } catch {
      Terminal.note(
        "it is recorded, but no worker could be started: \(error); run 'arborist worker --state \(state.display)'")
    }
  }
}
