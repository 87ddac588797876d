package import Base
package import Work

/// Where webhooks of one forge come in, and what it takes to believe them.
package struct WebhookEndpoint: Sendable, Hashable {
  /// The forge of the endpoint's path.
  package var forge: ForgeName
  /// What the forge shares with this endpoint: one, or two while one takes the place of the other.
  ///
  /// On GitLab one that begins with `whsec_` is a key for signatures, every other a token. An empty or blank one proves
  /// nothing.
  package var secrets: [Secret]
  /// The number of our own GitHub App, whose check suites are nobody's failure; `nil` where there is none.
  package var app: Int64?
  /// How many seconds a signed time may lie before or behind the moment of receipt.
  package var replayWindow: Int64

  package init(forge: ForgeName, secrets: [Secret], app: Int64? = nil, replayWindow: Int64 = 300) {
    self.forge = forge
    self.secrets = secrets
    self.app = app
    self.replayWindow = replayWindow
  }
}

/// What came of reading one delivery.
package struct WebhookReading: Sendable, Hashable {
  /// What the delivery calls itself; `nil` where it has no name, or none that is fit.
  package var delivery: DeliveryID?
  package var outcome: Outcome

  /// What a delivery can turn out to be; each reason is one line that is safe to show.
  package enum Outcome: Sendable, Hashable {
    case event(Event)
    /// It is what it claims to be, and nothing is to be done; the name is `FORGE EVENT`, and the action and the result
    /// where it has them.
    case ignored(name: String, reason: String)
    /// Nothing proves who sent it. Nothing of it is to be kept.
    case unauthenticated(reason: String)
    /// It is no delivery that this endpoint could read, whoever sent it.
    case malformed(reason: String)
  }

  package init(delivery: DeliveryID?, outcome: Outcome) {
    self.delivery = delivery
    self.outcome = outcome
  }

  /// The event; `nil` for every other outcome.
  package var event: Event? { if case .event(let event) = outcome { event } else { nil } }
}
