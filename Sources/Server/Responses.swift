internal import HTTPTypes
internal import Hummingbird
internal import JSON
internal import NIOCore

extension Response {
  /// JSON on one line, and its end.
  static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
    bytes(value.compact() + [0x0a], type: "application/json", status: status)
  }

  /// The response as the last of its connection, which ends so many milliseconds after it is sent: until then what is
  /// left of the request is read and thrown away, so that its sender sees the answer.
  func closing(_ context: SiteContext, afterMilliseconds delay: Int64) -> Response {
    var last = self
    let body = body
    last.headers[.connection] = "close"
    last.body = ResponseBody(contentLength: body.contentLength) { writer in
      try await body.write(writer)
      let channel = context.channel
      // Of what is ready, an event loop takes the timers first. So the timer begins behind the answer, not beside it.
      channel.eventLoop.execute {
        channel.eventLoop.scheduleTask(in: .milliseconds(delay)) { channel.close(promise: nil) }
      }
    }
    return last
  }

  /// Plain text.
  static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
    bytes(Array(text.utf8), type: "text/plain; charset=utf-8", status: status)
  }

  /// Bytes of a type that no browser is to guess another for.
  static func bytes(_ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = type
    headers[.contentLength] = "\(bytes.count)"
    headers[.cacheControl] = "no-store"
    headers[.xContentTypeOptions] = "nosniff"
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
