internal import Dispatch

/// Confines a repository to a queue of its own, so that no call into libgit2 blocks the shared thread pool.
package actor RepositoryActor<Opened: Repository> {
  private let repository: Opened
  private let executor: QueueExecutor

  package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

  private init(_ repository: sending Opened, on executor: QueueExecutor) {
    self.repository = repository
    self.executor = executor
  }

  /// Opens a repository on a new queue.
  ///
  /// - Throws: What opening it throws.
  package static func open(
    _ opening: @escaping @Sendable () throws(GitError) -> sending Opened
  ) async throws(GitError) -> RepositoryActor {
    let executor = QueueExecutor()
    let opened: Result<Opened, GitError> = await withCheckedContinuation { continuation in
      executor.queue.async {
        do throws(GitError) {
          continuation.resume(returning: .success(try opening()))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    return RepositoryActor(try opened.get(), on: executor)
  }

  /// Runs a synchronous function with the repository, one at a time.
  ///
  /// - Throws: What the function throws.
  package func perform<Value: Sendable, Failure: Error>(
    _ body: @Sendable (Opened) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try body(repository)
  }
}

/// Runs an actor's jobs one after the other on a queue.
final class QueueExecutor: SerialExecutor {
  let queue = DispatchQueue(label: "arborist.repository")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
