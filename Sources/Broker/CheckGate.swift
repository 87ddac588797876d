internal import Base
internal import Work

/// Lets one writer at a time at each check of a commit.
///
/// Looking for a check and making it are two requests. Several parts of the service may say at once how a check stands,
/// as where a head is superseded while its job is under way, and each would find nothing and make one.
final class CheckGate: Sendable {
  /// A check's name at a commit.
  ///
  /// A report may name no pull request, or not know that it is a fork's, so neither counts.
  struct Key: Sendable, Hashable {
    var repository: ForgeRepository
    var name: String
    var head: ObjectID
  }

  private let waiting = Lock<[Key: [CheckedContinuation<Void, Never>]]>([:])

  /// Does something when everybody who came before has done with the check.
  ///
  /// Work that is cancelled lets the next one in at once, though its request may still be under way: whoever stops a job
  /// must not wait for a forge that does not answer.
  func pass<Value, Failure: Error>(
    _ key: Key, _ work: () async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    await enter(key)
    defer { leave(key) }
    return try await work()
  }

  private func enter(_ key: Key) async {
    await withCheckedContinuation { continuation in
      let isFree = waiting.withLock { waiting in
        guard waiting[key] != nil else {
          waiting[key] = []
          return true
        }
        waiting[key]?.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
  }

  private func leave(_ key: Key) {
    let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
      guard let line = waiting[key], let first = line.first else {
        waiting[key] = nil
        return nil
      }
      waiting[key] = Array(line.dropFirst())
      return first
    }
    next?.resume()
  }
}
