internal import Base
internal import Forges
internal import Server
internal import Settings
internal import Work

/// Reads deliveries with the secrets of the settings.
struct WebhookDesk: DeliveryReading {
  private let endpoints: [ForgeName: WebhookEndpoint]

  init(_ settings: ServerSettings) {
    endpoints = Dictionary(
      uniqueKeysWithValues: settings.forges.map { name, forge in
        let app: Int64? = if case .app(let id, _) = forge.access { Int64(id) } else { nil }
        return (name, WebhookEndpoint(forge: name, secrets: forge.webhookSecrets, app: app))
      })
  }

  func read(_ delivery: RawDelivery) async -> DeliveryReadingResult {
    guard let endpoint = endpoints[delivery.forge] else {
      return .unauthenticated(reason: "\(delivery.forge.rawValue) is not configured")
    }
    let reading = WebhookReader.read(
      WebhookHeaders(delivery.headers), body: delivery.body, at: endpoint, received: delivery.received)
    switch reading.outcome {
    case .event(let event): return .accepted(Self.taken(event))
    case .ignored(let name, let reason):
      let id = reading.delivery.map { "\(delivery.forge.rawValue):\($0)" } ?? ""
      return .ignored(delivery: id, reason: reason.isEmpty ? name : "\(name): \(reason)")
    case .unauthenticated(let reason): return .unauthenticated(reason: reason)
    case .malformed(let reason): return .malformed(reason: reason)
    }
  }

  private static func taken(_ event: Event) -> ReadDelivery {
    var jobs: [Job] = []
    if case .forge(let happening) = event.kind { jobs = [Job(attendingTo: happening, event: event)] }
    return ReadDelivery(id: event.id, events: [event], jobs: jobs)
  }
}
