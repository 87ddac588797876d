internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Why a body was not read to its end.
enum BodyRefusal: Error {
  case tooLarge
  /// The server holds too many of them just now.
  case busy
  /// The client sent it in a form that forges do not use.
  case encoded
  /// The connection ended, or the body was too slow.
  case broken
}

/// Reads bodies, no more of them than is allowed.
struct BodyReader {
  let limits: ServerLimits
  let budget: BodyBudget

  /// The body of a request; whoever gets it releases its bytes from the budget.
  func read(_ request: Request, limit: Int, in context: SiteContext) async throws(BodyRefusal) -> [UInt8] {
    if let encoding = request.headers[.contentEncoding], encoding.lowercased() != "identity" { throw .encoded }
    let announced = request.headers[.contentLength].flatMap { Int($0) }
    if let announced, announced > limit { throw .tooLarge }
    let deadline = context.closeConnection(afterMilliseconds: limits.bodyMilliseconds)
    defer { deadline.cancel() }
    var body: [UInt8] = []
    var held = 0
    func hold(_ size: Int) throws(BodyRefusal) {
      guard size > held else { return }
      guard budget.grow(from: held, to: size) else { throw .busy }
      held = size
    }
    do {
      // What is announced is not believed at once: memory is taken as bytes come, in steps.
      if let announced, announced <= limits.smallBody { body.reserveCapacity(announced) }
      for try await buffer in request.body {
        let size = body.count + buffer.readableBytes
        if size > limit { throw BodyRefusal.tooLarge }
        try hold(size)
        body.append(contentsOf: buffer.readableBytesView)
      }
      return body
    } catch let refusal as BodyRefusal {
      budget.release(held)
      throw refusal
    } catch {
      budget.release(held)
      throw .broken
    }
  }
}
