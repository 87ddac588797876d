internal import Base
internal import Dispatch
internal import Glibc

/// Writes lines to a descriptor without ever keeping a caller waiting.
///
/// Lines wait in memory while the descriptor does not take them. Where too many wait, new ones are dropped, and how many
/// is written as soon as there is room.
package final class LogSink: Sendable {
  private struct State {
    var waiting: [UInt8] = []
    var dropped = 0
    var isWriting = false
  }

  private let state = Lock(State())
  private let descriptor: Int32
  private let limit: Int
  private let queue = DispatchQueue(label: "log")

  /// - Parameters:
  ///   - descriptor: Where to write to; the caller keeps it open.
  ///   - limit: The most bytes that wait.
  package init(descriptor: Int32, limit: Int = 4 << 20) {
    self.descriptor = descriptor
    self.limit = limit
  }

  /// Takes a line, with its end.
  package func write(_ line: [UInt8]) {
    let begins = state.withLock { state in
      if state.waiting.count + line.count > limit {
        state.dropped += 1
        return false
      }
      state.waiting += line
      if state.isWriting { return false }
      state.isWriting = true
      return true
    }
    if begins { queue.async { self.drain() } }
  }

  /// Waits until everything is written that was taken before.
  package func flush() async {
    await withCheckedContinuation { continuation in
      queue.async {
        // Whoever took the last line may not have come to call for it to be written.
        self.drain()
        continuation.resume()
      }
    }
  }

  /// The same, for no longer than somebody may be kept waiting who ends: the reader may be stuck.
  package func flush(for patience: Duration) async {
    let isOver = Lock(false)
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let end: @Sendable () -> Void = {
        let isFirst = isOver.withLock { wasOver in
          defer { wasOver = true }
          return !wasOver
        }
        if isFirst { continuation.resume() }
      }
      queue.async {
        self.drain()
        end()
      }
      let seconds = Double(patience.components.seconds) + Double(patience.components.attoseconds) / 1e18
      DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { end() }
    }
  }

  private func drain() {
    while let bytes = next() { write(all: bytes) }
  }

  private func next() -> [UInt8]? {
    state.withLock { state in
      if state.waiting.isEmpty {
        state.isWriting = false
        return nil
      }
      var bytes: [UInt8] = []
      swap(&bytes, &state.waiting)
      if state.dropped > 0 {
        bytes += Array("{\"level\":\"warning\",\"message\":\"lines were dropped\",\"count\":\(state.dropped)}\n".utf8)
        state.dropped = 0
      }
      return bytes
    }
  }

  private func write(all bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      // A log that cannot be written is no reason to stop the work.
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
