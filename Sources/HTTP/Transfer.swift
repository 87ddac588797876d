internal import Base

/// One request under way, as the task that waits for it and the loop that carries it both see it.
///
/// The loop writes the head and the body into it and marks its end; the reader takes them out. When a reader lags, the
/// loop stops reading from the connection until the reader has caught up.
final class Transfer: Sendable {
  /// How the body is given to its reader.
  enum Mode: Sendable {
    /// As one piece, when it is whole; the loop never waits, and the body is held to its limit.
    case whole
    /// In the pieces in which it comes, and no more of it at a time than the reader keeps up with.
    case pieces
  }

  /// What the loop does with a piece that it has brought.
  enum Acceptance {
    case taken
    /// The reader lags: bring it again after ``EngineInbox/resume(_:)``.
    case paused
    /// Nobody wants the rest.
    case refused
  }

  /// Above so many unread bytes the loop stops reading.
  static let pauseAbove = 256 << 10

  private struct State {
    var head: HTTPHead?
    var unread: [UInt8] = []
    var received = 0
    var isPaused = false
    /// How it ended; bytes may still be unread then.
    var end: Result<Void, HTTPError>?
    var waiters: [CheckedContinuation<Void, Never>] = []

    mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
      guard !waiters.isEmpty else { return [] }
      defer { waiters = [] }
      return waiters
    }
  }

  let plan: RequestPlan
  let mode: Mode
  /// When it was asked for.
  let began = MonotonicTime.now
  private let inbox: EngineInbox
  private let state = Lock(State())

  init(_ plan: RequestPlan, mode: Mode, inbox: EngineInbox) {
    self.plan = plan
    self.mode = mode
    self.inbox = inbox
  }

  func error(_ code: HTTPError.Code, _ detail: String) -> HTTPError {
    HTTPError(code, operation: plan.operation, detail: detail)
  }

  // MARK: What the loop says

  /// Whether it has ended already, as it has when it was cancelled.
  var hasEnded: Bool { state.withLock { $0.end != nil } }

  func deliver(head: HTTPHead, expectedBody: Int?) {
    let waiters = state.withLock { state in
      state.head = head
      if mode == .whole, let expectedBody {
        // Never more in advance than what a lie about the length may cost.
        state.unread.reserveCapacity(min(expectedBody, plan.maximumBody, 1 << 20))
      }
      return mode == .pieces ? state.takeWaiters() : []
    }
    for waiter in waiters { waiter.resume() }
  }

  func deliver(body bytes: UnsafeRawBufferPointer) -> Acceptance {
    let (acceptance, waiters) = state.withLock { state -> (Acceptance, [CheckedContinuation<Void, Never>]) in
      guard state.end == nil else { return (.refused, []) }
      if mode == .pieces, !state.unread.isEmpty, state.unread.count + bytes.count > Self.pauseAbove {
        state.isPaused = true
        return (.paused, [])
      }
      guard bytes.count <= plan.maximumBody - state.received else {
        let limit = "the body of the answer is larger than \(plan.maximumBody) bytes"
        state.end = .failure(error(.tooLarge, limit))
        return (.refused, state.takeWaiters())
      }
      state.received += bytes.count
      unsafe state.unread.append(contentsOf: bytes)
      return (.taken, mode == .pieces ? state.takeWaiters() : [])
    }
    for waiter in waiters { waiter.resume() }
    return acceptance
  }

  /// Marks the end; what was marked first stays.
  func finish(_ end: Result<Void, HTTPError>) {
    let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      guard state.end == nil else { return [] }
      state.end = end
      return state.takeWaiters()
    }
    for waiter in waiters { waiter.resume() }
  }

  // MARK: What the reader asks

  /// Waits for the head; one that came before an error is given all the same.
  func head() async throws(HTTPError) -> HTTPHead {
    while true {
      let answer = state.withLock { state -> Result<HTTPHead, HTTPError>? in
        if case .failure(let error) = state.end, state.head == nil || error.code == .cancelled {
          return .failure(error)
        }
        return state.head.map { .success($0) }
      }
      if let answer { return try answer.get() }
      await change { $0.head == nil }
    }
  }

  /// Waits for the end and takes the whole answer.
  func response() async throws(HTTPError) -> HTTPResponse {
    while true {
      let answer = state.withLock { state -> Result<HTTPResponse, HTTPError>? in
        switch state.end {
        case nil: return nil
        case .failure(let error): return .failure(error)
        case .success:
          let body = state.unread
          state.unread = []
          guard let head = state.head else { return .failure(error(.malformed, "the answer has no head")) }
          return .success(HTTPResponse(head: head, body: body))
        }
      }
      if let answer { return try answer.get() }
      await change { _ in true }
    }
  }

  /// Waits for the next bytes of the body and takes all there are; `nil` at the end.
  ///
  /// What came before an error is given before the error.
  func next() async throws(HTTPError) -> [UInt8]? {
    while true {
      if Task.isCancelled { cancel() }
      var isToResume = false
      let answer = state.withLock { state -> Result<[UInt8]?, HTTPError>? in
        if case .failure(let error) = state.end, error.code == .cancelled { return .failure(error) }
        if !state.unread.isEmpty {
          let piece = state.unread
          state.unread = []
          isToResume = state.isPaused && state.end == nil
          state.isPaused = false
          return .success(piece)
        }
        switch state.end {
        case nil: return nil
        case .success: return .success(nil)
        case .failure(let error): return .failure(error)
        }
      }
      if isToResume { inbox.resume(self) }
      if let answer { return try answer.get() }
      await change { $0.unread.isEmpty }
    }
  }

  /// Ends the transfer from the reader's side, and has the loop close its connection.
  func cancel() {
    finish(.failure(error(.cancelled, "the request was cancelled; its connection is closed")))
    inbox.cancel(self)
  }

  /// Waits until something changes, unless it has already: unless it has ended, or the condition does not hold.
  private func change(while condition: @Sendable (borrowing State) -> Bool) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isWaiting = state.withLock { state in
          guard state.end == nil, condition(state) else { return false }
          state.waiters.append(continuation)
          return true
        }
        if !isWaiting { continuation.resume() }
      }
    } onCancel: {
      cancel()
    }
  }
}

/// Closes a stream's connection when nobody holds the stream any more.
final class StreamLease: Sendable {
  let transfer: Transfer

  init(_ transfer: Transfer) {
    self.transfer = transfer
  }

  deinit {
    if !transfer.hasEnded { transfer.cancel() }
  }
}
