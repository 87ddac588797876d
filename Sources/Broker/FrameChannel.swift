internal import Base
internal import Dispatch
internal import Glibc

/// Frames over a socket, each with its length before it: four bytes, the highest first.
///
/// Reading and writing block, each on a queue of its own; nothing else waits for them. The socket is closed when nobody
/// refers to the channel any more and its reader has ended.
final class FrameChannel: Sendable {
  /// Why no more frames come.
  enum End: Sendable, Hashable {
    /// The other side is gone, or this side closed the channel.
    case closed
    /// What came is longer than a frame may be, or no frame at all.
    case malformed(String)
  }

  private struct State {
    var queued = 0
    var isClosed = false
  }

  private let raw: Int32
  private let longest: Int
  private let state = Lock(State())
  private let writer = DispatchQueue(label: "arborist.broker.write")
  private let reader = DispatchQueue(label: "arborist.broker.read")

  /// So many bytes may wait to be written; whoever does not read them is cut off.
  private static let mostQueued = 256 << 20

  /// Takes over a connected socket.
  ///
  /// - Parameters:
  ///   - raw: The socket, which blocks.
  ///   - longest: How many bytes a frame has at most.
  init(raw: Int32, longest: Int) {
    self.raw = raw
    self.longest = longest
  }

  deinit { Glibc.close(raw) }

  /// Begins to read.
  ///
  /// - Parameters:
  ///   - onFrame: Called for each frame, in order, from the reader's queue.
  ///   - onEnd: Called once, after the last frame.
  func begin(onFrame: @escaping @Sendable ([UInt8]) -> Void, onEnd: @escaping @Sendable (End) -> Void) {
    reader.async {
      while true {
        switch self.readFrame() {
        case .success(let frame): onFrame(frame)
        case .failure(let stop):
          self.close()
          onEnd(stop.end)
          return
        }
      }
    }
  }

  private struct Stop: Error {
    let end: End
  }

  private func readFrame() -> Result<[UInt8], Stop> {
    guard let header = readExactly(4) else { return .failure(Stop(end: .closed)) }
    let length = header.reduce(0) { $0 << 8 | Int($1) }
    guard length <= longest else {
      return .failure(Stop(end: .malformed("a frame of \(length) bytes, and \(longest) are the most")))
    }
    guard let frame = readExactly(length) else { return .failure(Stop(end: .closed)) }
    return .success(frame)
  }

  private func readExactly(_ count: Int) -> [UInt8]? {
    var result: [UInt8] = []
    while result.count < count {
      // A length alone takes no memory: what comes does.
      let part = min(count - result.count, 1 << 20)
      var failed = false
      let bytes = [UInt8](unsafeUninitializedCapacity: part) { buffer, filled in
        var got = recv(raw, buffer.baseAddress, part, 0)
        while got < 0, errno == EINTR { got = recv(raw, buffer.baseAddress, part, 0) }
        failed = got <= 0
        filled = max(got, 0)
      }
      if failed { return nil }
      result += bytes
    }
    return result
  }

  /// Sends a frame after those that wait.
  ///
  /// - Returns: Whether it will be tried; `false` where the channel is closed or the frame is too long.
  @discardableResult
  func send(_ frame: [UInt8]) -> Bool {
    guard frame.count <= longest else { return false }
    let isTaken = state.withLock { state in
      guard !state.isClosed, state.queued + frame.count <= Self.mostQueued else { return false }
      state.queued += frame.count
      return true
    }
    guard isTaken else { return false }
    writer.async {
      let length = UInt32(frame.count)
      let header = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> UInt32($0)) }
      let isWritten = self.write(header + frame)
      self.state.withLock { $0.queued -= frame.count }
      if !isWritten { self.close() }
    }
    return true
  }

  private func write(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count {
        let count = Glibc.send(
          raw, buffer.baseAddress?.advanced(by: written), buffer.count - written, Int32(MSG_NOSIGNAL))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        written += count
      }
      return true
    }
  }

  /// Ends the conversation: nothing is written or read any more.
  func close() {
    let wasOpen = state.withLock { state in
      defer { state.isClosed = true }
      return !state.isClosed
    }
    if wasOpen { shutdown(raw, Int32(SHUT_RDWR)) }
  }
}
