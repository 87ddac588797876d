package import Base

/// What the broker decided about one connection, or how one ended; for the journal.
///
/// A connection that is refused has one record. One that is allowed has two: when the first byte is about to be passed
/// on, and when it has ended.
package struct EgressRecord: Sendable, Hashable {
  package enum Event: Sendable, Hashable {
    /// TLS to the host may begin, at the address that was checked. Nothing has been passed on yet.
    case allowed(PublicAddress)
    /// Nothing was passed on, nor will be.
    case refused(EgressRefusal)
    /// The client went away before there was anything to decide.
    case abandoned
    /// An allowed connection has ended.
    case closed(EgressEnding)
  }

  /// Counts the connections of the broker, from 1.
  package var connection: Int
  package var event: Event
  /// The host that was asked for, once that was readable as one.
  package var host: HostName?
  /// Bytes that were taken from the client to be passed on; at least as many as left the machine.
  package var uploaded: Int
  /// Bytes that were taken from the host to be passed on.
  package var downloaded: Int
  /// When the connection began.
  package var began: Timestamp
  /// How long after its beginning this was recorded.
  package var elapsed: Duration
}

/// How an allowed connection ended.
package enum EgressEnding: Sendable, Hashable {
  /// Both sides had said all they had to say.
  case finished
  /// One side broke it off, or could not be reached any more.
  case broken
  /// The broker ended it, for this reason.
  case cut(EgressRefusal)
  /// The broker was stopped.
  case stopped
}

/// What passed through a broker so far, of all its connections.
package struct EgressTraffic: Sendable, Hashable {
  package var connections = 0
  package var uploaded = 0
  package var downloaded = 0

  package init() {}
}

/// Why a broker could not be started.
package enum EgressError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The descriptor is no listening stream socket.
  case notListening
  /// The system refused what the broker needs; the value of `errno`.
  case system(operation: String, code: Int32)

  package var description: String {
    switch self {
    case .notListening: "start the egress broker: the descriptor is not a listening TCP socket"
    case .system(let operation, let code): "start the egress broker: cannot \(operation) (errno \(code))"
    }
  }
}
