/// What a client may take of the server.
package struct ServerLimits: Sendable, Hashable {
  /// The most bytes of one delivery; GitHub sends no more than 25 MB.
  package var bodyBytes = 25 << 20
  /// The most bytes of a form of the page.
  package var formBytes = 8 << 10
  /// The most bytes of deliveries in memory at once that have at most ``smallBody`` bytes each.
  package var smallBodies = 32 << 20
  /// The most bytes of larger ones, so that those cannot crowd out the others.
  package var largeBodies = 56 << 20
  package var smallBody = 1 << 20
  /// How long a request may take until its body is there, in milliseconds; a forge gives up after ten seconds.
  package var bodyMilliseconds: Int64 = 30_000
  /// How long a connection may be silent, in milliseconds; its first request must have begun by then.
  package var idleMilliseconds: Int64 = 30_000
  /// How long what is left of a refused body is read and thrown away, so that its sender sees the answer.
  package var lingerMilliseconds: Int64 = 2_000
  /// How long requests may take that are under way when the server is told to end, in milliseconds.
  package var shutdownMilliseconds: Int64 = 15_000
  /// The most connections; more wait.
  package var connections = 1024
  /// The most bytes of one header field, and of all of a request.
  package var headerField = 16 << 10
  package var headers = 32 << 10
  package var headerCount = 100

  package init() {}
}
