internal import Base
internal import Journal

/// The connections of a journal: so many at most, opened when they are needed.
actor PostgresPool {
  private let limit: Int
  private let place: PostgresPlace
  private var idle: [PostgresConnection] = []
  private var count = 0
  private var waiting: [(number: Int, continuation: CheckedContinuation<PostgresConnection?, Never>)] = []
  private var last = 0

  init(_ place: PostgresPlace, limit: Int) {
    self.place = place
    self.limit = max(1, limit)
  }

  /// A connection for one use; `nil` where there is none by then, or the task was cancelled.
  func take(until end: ContinuousClock.Instant) async -> PostgresConnection? {
    // The one that was used last is the likeliest to be alive.
    if let connection = idle.popLast() { return connection }
    if count < limit {
      count += 1
      return PostgresConnection(place)
    }
    last += 1
    let number = last
    let timer = Task {
      if (try? await Task.sleep(until: end, clock: .continuous)) != nil { giveUp(number) }
    }
    defer { timer.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if Task.isCancelled {
          continuation.resume(returning: nil)
        } else {
          waiting.append((number, continuation))
        }
      }
    } onCancel: {
      Task { await giveUp(number) }
    }
  }

  /// Takes a connection back.
  func give(_ connection: PostgresConnection) {
    if waiting.isEmpty {
      idle.append(connection)
    } else {
      waiting.removeFirst().continuation.resume(returning: connection)
    }
  }

  private func giveUp(_ number: Int) {
    guard let place = waiting.firstIndex(where: { $0.number == number }) else { return }
    waiting.remove(at: place).continuation.resume(returning: nil)
  }
}
