internal import Hummingbird
internal import Logging
internal import NIOCore

/// What belongs to one request: its connection.
struct SiteContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }

  /// The address of whoever is at the other end of the connection: a server in front, or the client itself.
  var peer: String { channel.remoteAddress?.ipAddress ?? "" }

  /// Closes the connection after so many milliseconds unless the result is cancelled.
  func closeConnection(afterMilliseconds delay: Int64) -> Scheduled<Void> {
    let channel = channel
    return channel.eventLoop.scheduleTask(in: .milliseconds(delay)) { channel.close(promise: nil) }
  }
}
