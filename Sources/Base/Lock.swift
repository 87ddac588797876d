internal import Glibc

/// A value behind a lock.
///
/// It wraps `pthread_mutex_t`, because the thread sanitizer does not know the standard library's own on Linux and
/// reports races that are none.
package final class Lock<Value: Sendable>: @unchecked Sendable {
  // Unchecked: `value` is only ever touched in `withLock`, between locking and unlocking `mutex`, which itself is made
  // once, never moved, and destroyed when nobody refers to this any more.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  package init(_ value: Value) {
    self.value = value
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs the body with the value, alone.
  ///
  /// The body must be short, and must not take the same lock.
  package func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }
}
