internal import Base

/// Work that is waited for until its time is over or nobody wants it any more, and not a moment longer.
///
/// It is told that it is cancelled and then left alone: what hangs in a cell that does not answer would hold up the end
/// of the run, and the cell is ended right behind it.
enum GivenUpWork {
  /// What came of the work, or why it was given up.
  ///
  /// - Throws: What the work throws, ``OutOfTime``, or `CancellationError`.
  static func value<Value: Sendable>(
    of body: @escaping @Sendable () async throws -> Value, within limit: Duration,
    sleep: @escaping @Sendable (Duration) async throws -> Void
  ) async throws -> Value {
    let race = Race<Value>()
    let work = Task {
      do {
        let value = try await body()
        race.end(.success(value))
      } catch {
        race.end(.failure(error))
      }
    }
    let watch = Task {
      // A watch that is cancelled has nothing to say.
      guard (try? await sleep(limit)) != nil, !Task.isCancelled else { return }
      race.end(.failure(OutOfTime()))
    }
    defer {
      work.cancel()
      watch.cancel()
    }
    return try await withTaskCancellationHandler {
      try await race.value()
    } onCancel: {
      race.end(.failure(CancellationError()))
    }
  }

  /// Several who want to say how it ended, of whom the first is heard.
  private final class Race<Value: Sendable>: Sendable {
    private enum State: Sendable {
      case running
      case awaited(CheckedContinuation<Value, any Error>)
      case ended(Result<Value, any Error>)
    }

    private let state = Lock(State.running)

    func end(_ result: Result<Value, any Error>) {
      let waiter = state.withLock { state -> CheckedContinuation<Value, any Error>? in
        switch state {
        case .running:
          state = .ended(result)
          return nil
        case .awaited(let waiter):
          state = .ended(result)
          return waiter
        case .ended: return nil
        }
      }
      waiter?.resume(with: result)
    }

    func value() async throws -> Value {
      try await withCheckedThrowingContinuation { waiter in
        let result = state.withLock { state -> Result<Value, any Error>? in
          if case .ended(let result) = state { return result }
          state = .awaited(waiter)
          return nil
        }
        if let result { waiter.resume(with: result) }
      }
    }
  }
}

/// The run's time ended in the middle of a call.
struct OutOfTime: Error {}
