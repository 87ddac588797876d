package import Base
internal import Crypto
package import Forges
package import Work

/// A delivery as a forge would send it, without its signature.
package struct SampleDelivery: Sendable {
  /// Where it comes from: a path below the directory of test data.
  package var name: String
  package var forge: ForgeName
  /// What its headers call the event.
  package var event: String
  package var body: [UInt8]

  package init(name: String, forge: ForgeName, event: String, body: [UInt8]) {
    self.name = name
    self.forge = forge
    self.event = event
    self.body = body
  }

  package static let id = "6c1e9c2f-a98c-4b6f-9b6b-7d7ceb315d69"

  /// The headers with which the forge proves it by this secret.
  package func headers(secret: String, id: String = Self.id, received: Timestamp = .trial) -> [(String, String)] {
    switch forge {
    case .github:
      return [
        ("X-GitHub-Event", event), ("X-GitHub-Delivery", id), ("X-Hub-Signature-256", "sha256=" + hex(secret)),
        ("Content-Type", "application/json"),
      ]
    case .gitea:
      return [
        ("X-Gitea-Event", event), ("X-GitHub-Event", event), ("X-Gitea-Delivery", id), ("X-GitHub-Delivery", id),
        ("X-Gitea-Signature", hex(secret)), ("X-Hub-Signature-256", "sha256=" + hex(secret)),
      ]
    case .gitlab where secret.hasPrefix("whsec_"):
      return Self.signedByGitLab(body, event: event, secret: secret, id: id, seconds: received.seconds)
    case .gitlab:
      return [("X-Gitlab-Event", event), ("Idempotency-Key", id), ("X-Gitlab-Token", secret)]
    }
  }

  package func hex(_ secret: String) -> String {
    Hexadecimal.encode(HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Array(secret.utf8))))
  }

  /// What the endpoint makes of it.
  package func read(
    _ headers: [(String, String)], secrets: [String], app: Int64? = nil, at received: Timestamp = .trial
  ) -> WebhookReading {
    WebhookReader.read(
      WebhookHeaders(headers.map { (name: $0.0, value: $0.1) }), body: body,
      at: WebhookEndpoint(forge: forge, secrets: secrets.map(Secret.init), app: app), received: received)
  }

  /// What the endpoint makes of it where it is signed as it has to be.
  package func readSigned(app: Int64? = nil) -> WebhookReading {
    read(headers(secret: "s3cret"), secrets: ["s3cret"], app: app)
  }
}

extension Timestamp {
  /// The moment of receipt in trials.
  package static let trial = Timestamp(seconds: 1_795_239_830)
}
