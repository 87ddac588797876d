internal import Dispatch

/// Runs an actor's jobs one after the other on a queue with a thread of its own, so that they may wait for a server.
final class QueueExecutor: SerialExecutor {
  let queue = DispatchQueue(label: "arborist.postgres")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}
