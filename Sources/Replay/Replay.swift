internal import Base
package import Evaluation
internal import Git

/// Replays merges and compares what comes of them with what people committed.
package struct Replay: Sendable {
  private let sources: [ReplaySource]
  private let settings: ReplaySettings

  package init(_ sources: [ReplaySource], settings: ReplaySettings) {
    self.sources = sources
    self.settings = settings
  }

  /// What came of it.
  package struct Result: Sendable {
    package var evaluation: MergeEvaluation
    /// Merges that could not be replayed and why, in the order of their names.
    package var faults: [String]
  }

  /// How many merges there are to replay.
  package var count: Int { sources.reduce(0) { $0 + $1.merges.count } }

  /// Replays every merge; what comes of it does not depend on how many are replayed side by side.
  ///
  /// - Parameters:
  ///   - scratch: An existing directory for private repositories.
  ///   - jobs: How many merges to replay side by side.
  ///   - progress: Called with the number of merges that are done, now and then.
  /// - Returns: What came of it.
  /// - Throws: ``GitError`` where a private repository cannot be made.
  package func run(
    scratch: String, jobs: Int, progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) async throws -> Result {
    let queue = ReplayQueue(sources.map(\.merges.count), progress: progress)
    return try await withThrowingTaskGroup(of: Result.self) { group in
      for job in 0..<max(1, min(jobs, count)) {
        group.addTask { try await work(queue, scratch: "\(scratch)/\(job)") }
      }
      var whole = Result(evaluation: settings.empty, faults: [])
      for source in sources { whole.evaluation.merges.add(source.leftOut) }
      for try await part in group {
        whole.evaluation.add(part.evaluation)
        whole.faults += part.faults
      }
      whole.faults.sort()
      return whole
    }
  }

  private func work(_ queue: ReplayQueue, scratch: String) async throws -> Result {
    var result = Result(evaluation: settings.empty, faults: [])
    // Only one repository is open at a time: each may keep much in memory.
    var opened: (source: Int, repository: RepositoryActor<PrivateRepository>)?
    while let next = await queue.next() {
      let source = sources[next.source]
      let repository: RepositoryActor<PrivateRepository>
      if let opened, opened.source == next.source {
        repository = opened.repository
      } else {
        opened = nil
        let directory = "\(scratch)-\(next.source)"
        repository = try await RepositoryActor.open { () throws(GitError) in
          try PrivateRepository.create(at: directory, borrowing: [source.objects])
        }
        opened = (next.source, repository)
      }
      let part = await repository.perform { replay(source.merges[next.merge], of: source.name, in: $0) }
      result.evaluation.add(part.evaluation)
      result.faults += part.faults
    }
    return result
  }

  private func replay(_ task: ReplaySource.Task, of source: String, in repository: PrivateRepository) -> Result {
    var replay = MergeReplay(source: source, settings: settings)
    do throws(GitError) {
      switch task {
      case .commit(let merge): try replay.replay(merge, in: repository)
      case .files(let merge): try replay.replay(merge, in: repository)
      }
      return Result(evaluation: replay.evaluation, faults: [])
    } catch {
      // Half a merge is not counted.
      var evaluation = settings.empty
      evaluation.merges.unreadable = 1
      return Result(evaluation: evaluation, faults: ["\(source) \(task.id.short): \(error.description)"])
    }
  }
}

/// Hands out merges, one repository after the other.
private actor ReplayQueue {
  private var waiting: [(source: Int, merge: Int)]
  private var done = 0
  private let progress: @Sendable (Int) -> Void

  init(_ counts: [Int], progress: @escaping @Sendable (Int) -> Void) {
    waiting = counts.enumerated().flatMap { source, count in (0..<count).map { (source, $0) } }.reversed()
    self.progress = progress
  }

  func next() -> (source: Int, merge: Int)? {
    guard let next = waiting.popLast() else { return nil }
    if done % 50 == 0 { progress(done) }
    done += 1
    return next
  }
}
