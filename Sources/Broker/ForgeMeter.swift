internal import Base
package import HTTP
package import Work

/// Counts requests to forges, and how long they take.
package final class ForgeMeter: Sendable {
  private let figures = Lock<[ForgeFigure.Series: ForgeFigure]>([:])

  package init() {}

  /// All that was counted since this value is there.
  package var all: [ForgeFigure] { figures.withLock { Array($0.values) } }

  func record(_ series: ForgeFigure.Series, since start: ContinuousClock.Instant) {
    let taken = (ContinuousClock.now - start).wholeMilliseconds
    figures.withLock { $0[series, default: ForgeFigure(series)].record(milliseconds: taken) }
  }
}

/// Sends requests to a forge's API and counts them.
package struct MeteredTransport: HTTPTransport {
  private let transport: any HTTPTransport
  private let forge: ForgeName
  private let meter: ForgeMeter

  package init(_ transport: any HTTPTransport, forge: ForgeName, meter: ForgeMeter) {
    self.transport = transport
    self.forge = forge
    self.meter = meter
  }

  package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let start = ContinuousClock.now
    let operation: ForgeFigure.Operation = request.method == .get ? .read : .write
    do throws(HTTPError) {
      let response = try await transport.send(request)
      meter.record(.init(forge, operation, Self.result(of: response.head.status)), since: start)
      return response
    } catch {
      meter.record(.init(forge, operation, .failed), since: start)
      throw error
    }
  }

  package func stream(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStream {
    try await transport.stream(request)
  }

  private static func result(of status: Int) -> ForgeFigure.Result {
    switch status {
    case 429: .limited
    case 400..<500: .refused
    case 500...: .failed
    default: .done
    }
  }
}
