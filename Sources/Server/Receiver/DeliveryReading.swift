package import Base
package import Work

/// Makes what a forge sent into what is to be stored.
///
/// Nothing behind it sees a raw payload.
package protocol DeliveryReading: Sendable {
  /// What the delivery is; nothing was stored yet.
  ///
  /// It is called on the threads of Swift's tasks, so it must not block.
  func read(_ delivery: RawDelivery) async -> DeliveryReadingResult
}

/// A delivery as it arrived: nobody has looked at it, and its sender may be anybody.
package struct RawDelivery: Sendable {
  /// Whose webhook was called.
  package var forge: ForgeName
  /// The header fields in their order, with names in lower case; a name may come more than once.
  package var headers: [(name: String, value: String)]
  package var body: [UInt8]
  /// The moment of receipt.
  package var received: Timestamp

  package init(forge: ForgeName, headers: [(name: String, value: String)], body: [UInt8], received: Timestamp) {
    self.forge = forge
    self.headers = headers
    self.body = body
    self.received = received
  }
}

/// What came of reading a delivery.
package enum DeliveryReadingResult: Sendable, Hashable {
  /// To be stored before it is answered.
  case accepted(ReadDelivery)
  /// Authentic, and of no use; the name says what it is, the reason is one line.
  case ignored(delivery: String, name: String, reason: String)
  /// Not shown to come from the forge; the reason tells a person and no attacker.
  case unauthenticated(reason: String)
  /// From the forge, and not what forges send.
  case malformed(reason: String)
}

/// A delivery that leads to work.
package struct ReadDelivery: Sendable, Hashable {
  /// `FORGE:DELIVERY-ID`.
  package var id: String
  package var events: [Event]
  package var jobs: [Job]

  package init(id: String, events: [Event], jobs: [Job]) {
    self.id = id
    self.events = events
    self.jobs = jobs
  }
}
