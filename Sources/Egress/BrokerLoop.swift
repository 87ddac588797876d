internal import Base
internal import CEgressShims
internal import Glibc

/// The broker's thread: waits for sockets, names and time limits, and lets the connection concerned go on.
final class BrokerLoop {
  private let world: BrokerWorld
  private var listener: Socket?
  private var tunnels: [Tunnel] = []
  private let meter: Meter
  /// Until when no connection is accepted, after the system had no descriptor left for one.
  private var pausedUntil: Moment?

  init(listener: Socket, world: BrokerWorld) {
    self.world = world
    self.listener = listener
    meter = Meter(limits: world.policy.limits)
  }

  /// Serves until the broker is stopped.
  func run() {
    while !world.control.isStopping { turn() }
    listener = nil
    for tunnel in tunnels { tunnel.stop(at: .now) }
    tunnels = []
    world.control.publish(meter.traffic)
    world.control.finish()
  }

  private func turn() {
    var polled = [pollfd(fd: world.control.wake.raw, events: Int16(POLLIN), revents: 0), pollForListener()]
    for tunnel in tunnels {
      polled.append(Self.entry(tunnel.client, tunnel.interestInClient))
      polled.append(Self.entry(tunnel.upstream, tunnel.interestInUpstream))
    }
    let ready = Glibc.poll(&polled, nfds_t(polled.count), timeout())
    // Nothing can be waited for any more; signals are not handled by this thread.
    if ready < 0, errno != EINTR { return world.control.requestStop() }
    let now = Moment.now
    if ready > 0 {
      if polled[0].revents != 0 { world.control.wake.clear() }
      for (index, tunnel) in tunnels.enumerated() {
        let (client, upstream) = (polled[2 + 2 * index].revents, polled[3 + 2 * index].revents)
        if client != 0 || upstream != 0 { tunnel.go(client: client, upstream: upstream, at: now) }
      }
    }
    for (connection, answer) in world.control.takeAnswers() {
      tunnels.first { $0.number == connection }?.takeAddresses(answer, at: now)
    }
    for tunnel in tunnels { tunnel.checkTime(at: now) }
    tunnels.removeAll { $0.isClosed }
    if polled[1].revents != 0 { acceptConnections(at: now) }
    world.control.publish(meter.traffic)
  }

  private static func entry(_ socket: Socket?, _ interest: Tunnel.Interest) -> pollfd {
    guard let socket, case .events(let events) = interest else { return pollfd(fd: -1, events: 0, revents: 0) }
    return pollfd(fd: socket.raw, events: events, revents: 0)
  }

  private func pollForListener() -> pollfd {
    guard let listener, tunnels.count < world.policy.limits.concurrentConnections, pausedUntil == nil else {
      return pollfd(fd: -1, events: 0, revents: 0)
    }
    return pollfd(fd: listener.raw, events: Int16(POLLIN), revents: 0)
  }

  /// Milliseconds to the next time limit, rounded up; -1 where there is none.
  private func timeout() -> Int32 {
    let now = Moment.now
    if let pausedUntil, pausedUntil <= now { self.pausedUntil = nil }
    guard let next = (tunnels.map(\.deadline) + (pausedUntil.map { [$0] } ?? [])).min() else { return -1 }
    let milliseconds = (next.nanoseconds - now.nanoseconds + 999_999) / 1_000_000
    return Int32(min(max(milliseconds, 0), 60_000))
  }

  private func acceptConnections(at now: Moment) {
    while let listener, tunnels.count < world.policy.limits.concurrentConnections {
      let raw = arborist_accept(listener.raw)
      guard raw >= 0 else {
        switch errno {
        case EAGAIN, EWOULDBLOCK: return
        // Nothing to be had; whoever waits goes on waiting.
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
          pausedUntil = now + .milliseconds(100)
          return
        case EINVAL, EBADF, ENOTSOCK, EOPNOTSUPP:
          self.listener = nil
          return
        // The connection was broken off while it waited, or a signal came; there may be another.
        default: continue
        }
      }
      meter.traffic.connections += 1
      let tunnel = Tunnel(number: meter.traffic.connections, client: Socket(owning: raw), world: world, meter: meter)
      tunnels.append(tunnel)
      if meter.traffic.connections > world.policy.limits.totalConnections {
        tunnel.refuse(.connectionLimit, at: now)
        self.listener = nil
      }
    }
  }
}

/// Counts what passes in the whole run; once a limit has been met, nothing passes any more in that direction.
final class Meter {
  var traffic = EgressTraffic()
  private let limits: EgressLimits
  private(set) var isUploadExhausted = false
  private(set) var isDownloadExhausted = false

  init(limits: EgressLimits) {
    self.limits = limits
  }

  /// Counts bytes before they are passed on; `false` where they must not be.
  func upload(_ count: Int) -> Bool {
    guard !isUploadExhausted, traffic.uploaded + count <= limits.upload else {
      isUploadExhausted = true
      return false
    }
    traffic.uploaded += count
    return true
  }

  /// Counts bytes before they are passed on; `false` where they must not be.
  func download(_ count: Int) -> Bool {
    guard !isDownloadExhausted, traffic.downloaded + count <= limits.download else {
      isDownloadExhausted = true
      return false
    }
    traffic.downloaded += count
    return true
  }
}
