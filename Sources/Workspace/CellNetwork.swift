package import Egress
internal import Glibc
internal import Sandbox

/// The way out of a cell, to the hosts of a policy and nowhere else; it can be shut, and opened again.
///
/// What may pass in all is the same however often it is opened.
package actor CellNetwork {
  private let cell: ConfinedCell
  /// Stands for the socket in the cell as long as this does; each broker has a copy of it.
  private let listener: Int32
  private let hosts: Set<HostName>
  private let audit: @Sendable (EgressRecord) -> Void
  private var broker: EgressBroker?
  private var spent = EgressTraffic()
  private var isOver = false

  /// How many connections may wait to be accepted.
  private static let backlog: Int32 = 64

  /// Opens the hosts to a cell whose policy names them.
  ///
  /// - Throws: ``SandboxError`` where the cell has no socket for it, or ``EgressError``.
  init(
    of cell: ConfinedCell, to hosts: Set<HostName>, audit: @escaping @Sendable (EgressRecord) -> Void
  ) async throws {
    guard let listener = cell.takeProxyListener() else {
      throw SandboxError(
        .cannotStart, operation: "open hosts to a cell", detail: "it has no network namespace to listen in")
    }
    self.cell = cell
    self.listener = listener
    self.hosts = hosts
    self.audit = audit
    do {
      try open()
    } catch {
      close(listener)
      throw error
    }
  }

  /// Lets the cell reach the hosts again; nothing where it can.
  ///
  /// - Throws: ``EgressError`` where the system refuses.
  package func open() throws(EgressError) {
    guard broker == nil, !isOver else { return }
    // A socket that was shut keeps its address and listens again.
    let copy = fcntl(listener, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0, listen(listener, Self.backlog) == 0 else {
      let code = errno
      if copy >= 0 { close(copy) }
      throw .system(operation: "listen for the cell again", code: code)
    }
    let whole = EgressLimits()
    let left = EgressLimits(
      upload: whole.upload - spent.uploaded, download: whole.download - spent.downloaded,
      totalConnections: whole.totalConnections - spent.connections)
    broker = try EgressBroker(listener: copy, policy: EgressPolicy(hosts: hosts, limits: left), audit: audit)
    cell.tellOfProxy(true)
  }

  /// Ends every connection out of the cell, and refuses each new one.
  ///
  /// When this returns, every record has been given to the audit. Commands that start from here on are not told of a
  /// proxy.
  package func shut() async {
    cell.tellOfProxy(false)
    guard let broker else { return }
    self.broker = nil
    shutdown(listener, Int32(SHUT_RDWR))
    await broker.stop()
    let traffic = broker.traffic
    spent.connections += traffic.connections
    spent.uploaded += traffic.uploaded
    spent.downloaded += traffic.downloaded
  }

  /// Shuts it for good.
  func end() async {
    guard !isOver else { return }
    isOver = true
    await shut()
    close(listener)
  }
}
