internal import Base
internal import CLibcurl

/// What tasks tell the loop of an ``HTTPClient``: a list behind a lock, and a call that wakes the loop.
final class EngineInbox: Sendable {
  enum Command: Sendable {
    case start(Transfer)
    /// The reader has caught up.
    case resume(Transfer)
    /// Nobody waits for it any more.
    case cancel(Transfer)
    /// End when nothing is under way any more.
    case retire
    /// End now, and tell when it is done.
    case shutDown(CheckedContinuation<Void, Never>)
  }

  /// The loop's handle, as far as others may use it: to wake the loop.
  @safe private struct Handle: @unchecked Sendable {
    // Unchecked: the pointer is only given to curl_multi_wakeup, which any thread may call, and only in the inbox's
    // lock while the inbox is open; the loop closes the inbox in the same lock before it frees the handle.
    let multi: UnsafeMutableRawPointer

    init(_ multi: UnsafeMutableRawPointer) {
      unsafe self.multi = multi
    }

    func wake() {
      unsafe _ = curl_multi_wakeup(multi)
    }
  }

  private struct State {
    var commands: [Command] = []
    /// `nil` once the loop has ended.
    var handle: Handle?
  }

  private let state: Lock<State>

  init(multi: UnsafeMutableRawPointer) {
    state = Lock(State(handle: unsafe Handle(multi)))
  }

  func start(_ transfer: Transfer) {
    if !post(.start(transfer)) { transfer.finish(.failure(Self.shutDown(transfer))) }
  }

  func resume(_ transfer: Transfer) { post(.resume(transfer)) }

  func cancel(_ transfer: Transfer) { post(.cancel(transfer)) }

  func retire() { post(.retire) }

  /// Returns when the loop has ended.
  func shutDown() async {
    await withCheckedContinuation { continuation in
      if !post(.shutDown(continuation)) { continuation.resume() }
    }
  }

  /// What a request ends with when the client is shut down.
  static func shutDown(_ transfer: Transfer) -> HTTPError {
    transfer.error(.cancelled, "the HTTP client was shut down")
  }

  // MARK: The loop's side

  /// Takes what has come since the last time.
  func take() -> [Command] {
    state.withLock { state in
      guard !state.commands.isEmpty else { return [] }
      defer { state.commands.removeAll() }
      return state.commands
    }
  }

  /// Takes nothing more from now on, and gives what has come since the last time.
  func close() -> [Command] {
    state.withLock { state in
      state.handle = nil
      defer { state.commands = [] }
      return state.commands
    }
  }

  @discardableResult
  private func post(_ command: Command) -> Bool {
    state.withLock { state in
      guard let handle = state.handle else { return false }
      state.commands.append(command)
      // With one there already, the loop is woken already.
      if state.commands.count == 1 { handle.wake() }
      return true
    }
  }
}
