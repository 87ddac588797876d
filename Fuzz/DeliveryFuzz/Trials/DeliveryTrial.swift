internal import Base
package import Forges
internal import Work

/// What must hold of every reading, whatever was sent.
package enum DeliveryTrial {
  private static let secret = "s3cret"

  /// The ways in which a delivery is not signed by somebody who knows the secret.
  package enum Forgery: Int, CaseIterable, Sendable {
    case none, missing, wrongSecret, changedBody, changedSignature, sha1, twice, emptySecret, otherForge
  }

  /// Reads the delivery as its forge would have signed it.
  ///
  /// - Returns: What came of it, and what is wrong with that.
  package static func signed(_ delivery: SampleDelivery) -> (reading: WebhookReading, faults: [String]) {
    let reading = delivery.readSigned(app: 7)
    var faults: [String] = []
    switch reading.outcome {
    case .unauthenticated(let reason): faults.append("a right signature is refused: \(reason)")
    case .event(let event): faults += EventFaults.of(event, forge: delivery.forge)
    case .ignored(let name, let reason):
      faults += text(name, most: 200) + text(reason, most: 200)
      if !name.hasPrefix(delivery.forge.rawValue) { faults.append("the name has no forge") }
    case .malformed(let reason): faults += text(reason, most: 200)
    }
    if reading.delivery?.text != SampleDelivery.id { faults.append("the delivery has lost its name") }
    return (reading, faults)
  }

  /// Reads the delivery with a proof that is none: nothing may be believed.
  package static func forged(_ delivery: SampleDelivery, as forgery: Forgery) -> [String] {
    var delivery = delivery
    var headers = delivery.headers(secret: secret)
    var secrets = [secret]
    let proofs = ["x-hub-signature-256", "x-gitea-signature", "x-gitlab-token"]
    func isProof(_ header: (String, String)) -> Bool { proofs.contains(header.0.lowercased()) }
    switch forgery {
    case .none: headers = []
    case .missing: headers.removeAll(where: isProof)
    case .wrongSecret: headers = delivery.headers(secret: "S3cret")
    case .changedBody where delivery.forge != .gitlab:
      delivery.body = delivery.body.isEmpty ? [0x20] : delivery.body
      delivery.body[delivery.body.count / 2] ^= 1
    case .changedBody, .changedSignature:
      headers = headers.map { isProof($0) ? ($0.0, String($0.1.dropLast()) + ($0.1.last == "0" ? "1" : "0")) : $0 }
    case .sha1:
      headers.removeAll(where: isProof)
      headers.append(("X-Hub-Signature", "sha1=" + delivery.hex(secret).prefix(40)))
    case .twice: headers += headers.filter(isProof)
    case .emptySecret:
      headers = delivery.headers(secret: "")
      secrets = ["", " "]
    case .otherForge:
      headers += delivery.forge == .gitlab ? [("X-GitHub-Event", "push")] : [("X-Gitlab-Event", "Push Hook")]
    }
    switch delivery.read(headers, secrets: secrets).outcome {
    case .unauthenticated: return []
    case .malformed: return forgery == .otherForge ? [] : ["\(forgery): it was read"]
    case .event, .ignored: return ["\(forgery): it was believed"]
    }
  }

  static func text(_ text: String, most: Int) -> [String] {
    let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
    return (isPlain ? [] : ["a control character is shown"]) + (text.utf8.count <= most ? [] : ["a text is too long"])
  }
}
