internal import Base
internal import HTTPTypes
internal import Hummingbird
internal import JSON
internal import Journal
internal import Logging
internal import Work

/// Takes deliveries: reads them, stores them, answers.
///
/// Nothing else is done while a forge waits.
struct Receiver {
  let journal: any JournalStore
  let reading: any DeliveryReading
  let configured: Set<ForgeName>
  let bodies: BodyReader
  let clock: WallClock
  let logger: Logger
  let metrics: ServerMetrics

  /// The answer to a delivery for this forge.
  func receive(_ request: Request, forge: ForgeName, in context: SiteContext) async -> Response {
    let begin = ContinuousClock.now
    let received = clock.now()
    let answer = await answer(to: request, forge: forge, received: received, in: context)
    let elapsed = ContinuousClock.now - begin
    metrics.delivered(forge: forge, result: answer.result, seconds: elapsed.seconds)
    log(answer, forge: forge, milliseconds: elapsed.seconds * 1000)
    return answer.response(in: context, linger: bodies.limits.lingerMilliseconds)
  }

  private func answer(
    to request: Request, forge: ForgeName, received: Timestamp, in context: SiteContext
  ) async -> DeliveryAnswer {
    guard configured.contains(forge) else {
      return DeliveryAnswer(.unconfigured, reason: "no '\(forge.rawValue)' is configured here")
    }
    let body: [UInt8]
    do {
      body = try await bodies.read(request, limit: bodies.limits.bodyBytes, in: context)
    } catch {
      return DeliveryAnswer(error, limit: bodies.limits.bodyBytes)
    }
    defer { bodies.budget.release(body.count) }
    let headers = request.headers.map { (name: $0.name.canonicalName, value: $0.value) }
    let raw = RawDelivery(forge: forge, headers: headers, body: body, received: received)
    switch await reading.read(raw) {
    case .unauthenticated(let reason): return DeliveryAnswer(.unauthenticated, reason: reason)
    case .malformed(let reason): return DeliveryAnswer(.malformed, reason: reason)
    case .ignored(let delivery, let name, let reason):
      var answer = DeliveryAnswer(.ignored, delivery: delivery, reason: reason)
      answer.name = name
      return answer
    case .accepted(let delivery): return await store(delivery)
    }
  }

  private func store(_ delivery: ReadDelivery) async -> DeliveryAnswer {
    do {
      let acceptance = try await journal.accept(
        delivery: delivery.id, events: delivery.events, jobs: delivery.jobs)
      var answer = DeliveryAnswer(acceptance.isNew ? .accepted : .repeated, delivery: delivery.id, reason: nil)
      answer.jobs = acceptance.queued.count
      return answer
    } catch {
      // The forge shows it as failed, and it can be sent again from there.
      var answer = DeliveryAnswer(.unavailable, delivery: delivery.id, reason: "it could not be stored")
      answer.fault = "\(error)"
      return answer
    }
  }

  private func log(_ answer: DeliveryAnswer, forge: ForgeName, milliseconds: Double) {
    var metadata: Logger.Metadata = [
      "forge": "\(forge.rawValue)", "result": "\(answer.result.rawValue)",
      "milliseconds": "\(Int(milliseconds.rounded()))",
    ]
    if let name = answer.name { metadata["event"] = "\(name)" }
    if let delivery = answer.delivery { metadata["delivery"] = "\(delivery)" }
    if let reason = answer.fault ?? answer.reason { metadata["reason"] = "\(reason)" }
    if answer.jobs > 0 { metadata["jobs"] = "\(answer.jobs)" }
    logger.log(level: answer.result == .unavailable ? .error : .info, "delivery", metadata: metadata)
  }
}

/// What a forge is told.
struct DeliveryAnswer {
  /// In one word: stands in the answer, in the log and in the figures.
  enum Result: String, CaseIterable {
    case accepted, repeated, ignored, unauthenticated, malformed, unavailable, unconfigured
    case tooLarge = "too_large"
    case busy, encoded, broken

    var status: HTTPResponse.Status {
      switch self {
      case .accepted, .repeated, .ignored: .accepted
      case .unauthenticated: .unauthorized
      case .malformed, .broken: .badRequest
      case .unavailable, .busy: .serviceUnavailable
      case .unconfigured: .notFound
      case .tooLarge: .contentTooLarge
      case .encoded: .unsupportedMediaType
      }
    }

    /// Whether part of the request may not have been read.
    var leavesBody: Bool {
      switch self {
      case .tooLarge, .busy, .encoded, .broken, .unconfigured: true
      default: false
      }
    }
  }

  var result: Result
  var delivery: String?
  /// What was ignored.
  var name: String?
  var reason: String?
  /// What only the log is told.
  var fault: String?
  var jobs = 0

  init(_ result: Result, delivery: String? = nil, reason: String?) {
    self.result = result
    self.delivery = delivery
    self.reason = reason
  }

  init(_ refusal: BodyRefusal, limit: Int) {
    switch refusal {
    case .tooLarge: self.init(.tooLarge, reason: "a delivery may have at most \(limit) bytes")
    case .busy: self.init(.busy, reason: "too many deliveries at once; send it again later")
    case .encoded: self.init(.encoded, reason: "a delivery is sent as it is, without 'content-encoding'")
    case .broken: self.init(.broken, reason: "the delivery ended before its end")
    }
  }

  /// One line of JSON.
  var json: JSONValue {
    var members: [String: JSONValue] = ["schema": "arborist.delivery/1", "result": .string(result.rawValue)]
    if let delivery { members["delivery"] = .string(delivery) }
    if let name { members["event"] = .string(name) }
    if let reason { members["reason"] = .string(reason) }
    if result == .accepted { members["jobs"] = .number(Double(jobs)) }
    return .object(members)
  }

  func response(in context: SiteContext, linger: Int64) -> Response {
    var response = Response.json(json, status: result.status)
    if result == .unauthenticated { response.headers[.wwwAuthenticate] = "Signature" }
    if result.status == .serviceUnavailable { response.headers[.retryAfter] = "60" }
    return result.leavesBody ? response.closing(context, afterMilliseconds: linger) : response
  }
}

extension Duration {
  /// The duration in seconds.
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
