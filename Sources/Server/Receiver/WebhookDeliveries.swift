internal import Base
internal import Forges
package import Settings
internal import Work

/// Reads deliveries with the secrets of the settings.
package struct WebhookDeliveries: DeliveryReading {
  private let endpoints: [ForgeName: WebhookEndpoint]

  package init(settings: ServerSettings) {
    endpoints = Dictionary(
      uniqueKeysWithValues: settings.forges.map { name, forge in
        var app: Int64?
        if case .app(let id, _) = forge.access { app = Int64(id) }
        return (name, WebhookEndpoint(forge: name, secrets: forge.webhookSecrets, app: app))
      })
  }

  package func read(_ delivery: RawDelivery) async -> DeliveryReadingResult {
    guard let endpoint = endpoints[delivery.forge] else {
      return .unauthenticated(reason: "no '\(delivery.forge.rawValue)' is configured here")
    }
    let reading = WebhookReader.read(
      WebhookHeaders(delivery.headers), body: delivery.body, at: endpoint, received: delivery.received)
    let id = reading.delivery.map { "\(delivery.forge.rawValue):\($0.text)" }
    switch reading.outcome {
    case .event(let event):
      guard case .forge(let happening) = event.kind else { return .malformed(reason: "its event names no repository") }
      let job = Job(attendingTo: happening, event: event)
      return .accepted(ReadDelivery(id: event.id, events: [event], jobs: [job]))
    case .ignored(let name, let reason):
      return .ignored(delivery: id ?? delivery.forge.rawValue, name: name, reason: reason)
    case .unauthenticated(let reason): return .unauthenticated(reason: reason)
    case .malformed(let reason): return .malformed(reason: reason)
    }
  }
}
