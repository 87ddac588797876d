internal import Base
internal import Glibc

/// The thread that waits for what cells and the spawner send, so that nothing else has to.
final class SocketLoop: Sendable {
  private struct State {
    var connections: [Int32: Connection] = [:]
    var isStopped = false
  }

  private let state = Lock(State())
  /// Two sockets, the first to hear from and the second to write to, which wake the thread.
  private let alarm: (Int32, Int32)

  init() throws(SandboxError) {
    alarm = try socketPair(Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue))
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self)
    let failed = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let loop = Unmanaged<SocketLoop>.fromOpaque(context).takeRetainedValue()
        loop.run()
        return nil
      }, context.toOpaque())
    guard failed == 0 else {
      context.release()
      throw SandboxError(.cannotStart, operation: "wait for cells", detail: String(cString: strerror(failed)))
    }
    pthread_detach(thread)
  }

  deinit {
    close(alarm.0)
    close(alarm.1)
  }

  func add(_ connection: Connection) {
    state.withLock { $0.connections[connection.raw] = connection }
    wake()
  }

  func remove(_ connection: Connection) {
    // What is taken out may go away here, which is not for inside of the lock.
    let removed = state.withLock { $0.connections.removeValue(forKey: connection.raw) }
    if removed != nil { wake() }
  }

  /// Ends the thread.
  func stop() {
    state.withLock { $0.isStopped = true }
    wake()
  }

  func wake() {
    var byte: UInt8 = 0
    Glibc.write(alarm.1, &byte, 1)
  }

  private func run() {
    while true {
      let (connections, isStopped) = state.withLock { (Array($0.connections.values), $0.isStopped) }
      if isStopped { return }
      var files = [pollfd(fd: alarm.0, events: Int16(POLLIN), revents: 0)]
      for connection in connections {
        let events = Int16(POLLIN) | (connection.wantsToWrite ? Int16(POLLOUT) : 0)
        files.append(pollfd(fd: connection.raw, events: events, revents: 0))
      }
      // Deadlines are long, so it is enough to look at them now and then.
      let timeout: Int32 = connections.isEmpty ? -1 : 500
      poll(&files, nfds_t(files.count), timeout)
      if files[0].revents != 0 {
        var bytes = [UInt8](repeating: 0, count: 64)
        Glibc.read(alarm.0, &bytes, bytes.count)
      }
      for (connection, file) in zip(connections, files.dropFirst()) {
        if file.revents & Int16(POLLOUT) != 0 { connection.writable() }
        if file.revents & ~Int16(POLLOUT) != 0 { connection.readable() }
      }
      let now = ContinuousClock.now
      for connection in connections { connection.expire(now) }
    }
  }
}
