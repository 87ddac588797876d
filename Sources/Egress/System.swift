internal import Glibc

/// A socket; closed when nobody refers to it any more.
final class Socket {
  let raw: Int32

  /// Takes over the descriptor.
  init(owning raw: Int32) {
    self.raw = raw
  }

  deinit { close(raw) }

  enum Transfer {
    case bytes(Int)
    /// The other side will send nothing more.
    case end
    /// There is nothing, or no room, just now.
    case later
    case failed
  }

  /// Receives into the buffer.
  func receive(into buffer: inout [UInt8]) -> Transfer {
    let count = buffer.withUnsafeMutableBytes { bytes in retrying { recv(raw, bytes.baseAddress, bytes.count, 0) } }
    if count == 0 { return .end }
    return count > 0 ? .bytes(count) : Self.failure()
  }

  /// Sends some of the bytes.
  func send(_ bytes: ArraySlice<UInt8>) -> Transfer {
    let count = bytes.withUnsafeBytes { part in
      retrying { Glibc.send(raw, part.baseAddress, part.count, Int32(MSG_NOSIGNAL)) }
    }
    return count >= 0 ? .bytes(count) : Self.failure()
  }

  /// Says that nothing more will be sent.
  func endSending() {
    _ = shutdown(raw, Int32(SHUT_WR))
  }

  /// Has the other side see a reset and not an end when this is closed.
  func resetWhenClosed() {
    var option = linger(l_onoff: 1, l_linger: 0)
    _ = setsockopt(raw, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  /// Sends small pieces at once.
  func sendWithoutDelay() {
    var option: Int32 = 1
    _ = setsockopt(raw, Int32(IPPROTO_TCP), TCP_NODELAY, &option, socklen_t(MemoryLayout<Int32>.size))
  }

  /// A whole-number option of the socket level; `nil` where it has none.
  func option(_ name: Int32) -> Int32? {
    var value: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(raw, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
  }

  private static func failure() -> Transfer {
    errno == EAGAIN || errno == EWOULDBLOCK ? .later : .failed
  }

  private func retrying(_ call: () -> Int) -> Int {
    while true {
      let result = call()
      if result < 0, errno == EINTR { continue }
      return result
    }
  }
}

/// Wakes a thread that waits in `poll`, from any other.
final class Wake: Sendable {
  /// The ends of a pair of sockets; open as long as this is referred to, so nobody writes to a number that was given out again.
  let raw: Int32
  private let writing: Int32

  init?() {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
    (raw, writing) = (ends[0], ends[1])
  }

  deinit {
    close(raw)
    close(writing)
  }

  /// Makes this end readable; where there is no room for another byte, it is so already.
  func signal() {
    _ = withUnsafeBytes(of: UInt8(0)) { send(writing, $0.baseAddress, 1, Int32(MSG_NOSIGNAL)) }
  }

  func clear() {
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
      while read(raw, buffer.baseAddress, buffer.count) == buffer.count {}
    }
  }
}

/// Threads that may block, unlike those on which asynchronous functions run.
enum Threads {
  private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
      self.body = body
    }
  }

  /// Starts a thread that handles no signals and that nobody waits for; returns the value of `errno`, or 0.
  static func start(_ body: @escaping @Sendable () -> Void) -> Int32 {
    let work = Unmanaged.passRetained(Work(body))
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    // A new thread has the mask of the one that starts it.
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    if code == 0 { pthread_detach(thread) } else { work.release() }
    return code
  }
}

/// A moment of the clock that only goes forward, in nanoseconds.
struct Moment: Comparable {
  var nanoseconds: Int64

  static var now: Moment {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Moment(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  static func < (left: Moment, right: Moment) -> Bool { left.nanoseconds < right.nanoseconds }

  /// A duration of at most a day.
  static func + (moment: Moment, duration: Duration) -> Moment {
    let (seconds, attoseconds) = duration.components
    return Moment(nanoseconds: moment.nanoseconds + seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }

  static func - (later: Moment, earlier: Moment) -> Duration {
    .nanoseconds(later.nanoseconds - earlier.nanoseconds)
  }
}
