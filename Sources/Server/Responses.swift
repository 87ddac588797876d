internal import HTTPTypes
internal import Hummingbird
internal import JSON
internal import NIOCore

extension Response {
  /// JSON on one line, and its end.
  static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
    bytes(value.compact() + [0x0a], type: "application/json", status: status)
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
