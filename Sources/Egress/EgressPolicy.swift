/// Which hosts a cell may reach during one run, and how much may pass.
package struct EgressPolicy: Sendable, Hashable {
  /// The hosts, each by its exact name; a name below one of them is another host.
  package let hosts: Set<HostName>
  package let limits: EgressLimits

  /// A policy that opens these hosts; none is opened by an empty one.
  package init(hosts: Set<HostName>, limits: EgressLimits = EgressLimits()) {
    self.hosts = hosts
    self.limits = limits
  }

  /// The one port that is opened, on every host.
  package static let port: UInt16 = 443
}

/// How much may pass through a broker, and how long it waits.
///
/// A value that makes no sense is taken for the nearest that does.
package struct EgressLimits: Sendable, Hashable {
  /// The most bytes that leave the cell in the whole run, what TLS adds included.
  package let upload: Int
  /// The most bytes that come in in the whole run, what TLS adds included.
  package let download: Int
  /// Connections at once; further ones wait in the kernel's queue.
  package let concurrentConnections: Int
  /// Connections in the whole run, refused ones included; after them the listener is closed.
  package let totalConnections: Int
  /// How long a client may take for its request, and again for its ClientHello.
  package let handshakeTime: Duration
  /// How long resolving the name and connecting may take together.
  package let connectTime: Duration
  /// How long a connection may be open without a byte in either direction.
  package let idleTime: Duration
  /// How long a connection may be open.
  package let totalTime: Duration

  package init(
    upload: Int = 1 << 20, download: Int = 2 << 30, concurrentConnections: Int = 32, totalConnections: Int = 4096,
    handshakeTime: Duration = .seconds(15), connectTime: Duration = .seconds(20), idleTime: Duration = .seconds(60),
    totalTime: Duration = .seconds(1800)
  ) {
    self.upload = max(upload, 0)
    self.download = max(download, 0)
    self.concurrentConnections = min(max(concurrentConnections, 1), 256)
    self.totalConnections = max(totalConnections, 1)
    self.handshakeTime = Self.sensible(handshakeTime)
    self.connectTime = Self.sensible(connectTime)
    self.idleTime = Self.sensible(idleTime)
    self.totalTime = Self.sensible(totalTime)
  }

  private static func sensible(_ duration: Duration) -> Duration {
    min(max(duration, .milliseconds(1)), .seconds(86_400))
  }
}
