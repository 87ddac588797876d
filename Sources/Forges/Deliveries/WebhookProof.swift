internal import Base
internal import Crypto
internal import FoundationEssentials
internal import Work

/// Decides whether a delivery comes from somebody who knows a secret of the endpoint.
///
/// Everything is computed over the bytes as they came. What is compared with a secret, or with what follows from one,
/// is compared in constant time, and with every secret.
enum WebhookProof {
  /// - Throws: ``Failure`` where nothing proves it.
  static func check(
    _ headers: WebhookHeaders, _ body: [UInt8], for endpoint: WebhookEndpoint, received: Timestamp
  ) throws(Failure) {
    let secrets = endpoint.secrets.map { $0.reveal() }.filter { !$0.allSatisfy(\.isWhitespace) }
    guard !secrets.isEmpty else { throw Failure(reason: "no secret is configured for \(endpoint.forge.rawValue)") }
    do {
      switch endpoint.forge {
      case .github:
        try checkSignature(try gitHubSignature(headers), of: body, secrets)
      case .gitea:
        try checkSignature(try giteaSignature(headers), of: body, secrets)
      case .gitlab:
        try checkGitLab(headers, body, secrets, received: received, window: endpoint.replayWindow)
      }
    } catch let failure as Failure {
      throw failure
    } catch let repeated as RepeatedHeader {
      throw Failure(reason: repeated.reason)
    } catch {
      throw Failure(reason: "it cannot be checked")
    }
  }

  /// Why a delivery proves nothing.
  struct Failure: Error, Hashable {
    let reason: String
  }

  private static func checkSignature(_ signature: [UInt8], of body: [UInt8], _ secrets: [String]) throws {
    var isValid = false
    for secret in secrets {
      let key = SymmetricKey(data: Array(secret.utf8))
      if HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: body, using: key) { isValid = true }
    }
    guard isValid else { throw Failure(reason: "the signature is not ours") }
  }

  /// 32 bytes behind 64 digits.
  private static func digest(_ text: some Collection<UInt8>, in header: String) throws -> [UInt8] {
    guard text.count == 64, let bytes = Hexadecimal.decode(text) else {
      throw Failure(reason: "\(header) is no signature with SHA-256")
    }
    return bytes
  }

  /// A signature with SHA-1 is never asked for: it is no proof any more.
  private static func gitHubSignature(_ headers: WebhookHeaders) throws -> [UInt8] {
    guard let signature = try prefixedSignature(headers) else {
      let hasOld = try headers.value("x-hub-signature") != nil
      throw Failure(reason: hasOld ? "it is signed with SHA-1 alone" : "it has no X-Hub-Signature-256")
    }
    return signature
  }

  private static func prefixedSignature(_ headers: WebhookHeaders) throws -> [UInt8]? {
    guard let text = try headers.value("x-hub-signature-256") else { return nil }
    let prefix = "sha256="
    guard text.utf8.starts(with: prefix.utf8) else {
      throw Failure(reason: "X-Hub-Signature-256 is no signature with SHA-256")
    }
    return try digest(text.utf8.dropFirst(prefix.utf8.count), in: "X-Hub-Signature-256")
  }

  /// Gitea writes one signature under up to four names; they have to agree, so that none of them is taken for another.
  private static func giteaSignature(_ headers: WebhookHeaders) throws -> [UInt8] {
    var found = try prefixedSignature(headers).map { [$0] } ?? []
    for name in ["x-gitea-signature", "x-forgejo-signature", "x-gogs-signature"] {
      guard let text = try headers.value(name) else { continue }
      found.append(try digest(text.utf8, in: name))
    }
    guard let first = found.first else { throw Failure(reason: "it has no X-Gitea-Signature") }
    guard found.allSatisfy({ $0 == first }) else { throw Failure(reason: "its signatures contradict each other") }
    return first
  }

  /// Source: GitLab's "Webhooks", which follow "Standard Webhooks" 1.0 for the signed form.
  private static func checkGitLab(
    _ headers: WebhookHeaders, _ body: [UInt8], _ secrets: [String], received: Timestamp, window: Int64
  ) throws {
    let signers = secrets.filter { $0.hasPrefix(signerPrefix) }
    if !signers.isEmpty, let signatures = try headers.value("webhook-signature") {
      return try checkSigned(signatures, headers, body, signers, received: received, window: window)
    }
    let tokens = secrets.filter { !$0.hasPrefix(signerPrefix) }
    guard !tokens.isEmpty else { throw Failure(reason: "it has no webhook-signature") }
    guard let given = try headers.value("x-gitlab-token") else { throw Failure(reason: "it has no X-Gitlab-Token") }
    // Of equal length whatever was sent, and compared in constant time by the library.
    let digest = SHA256.hash(data: Array(given.utf8))
    var isValid = false
    for token in tokens where SHA256.hash(data: Array(token.utf8)) == digest { isValid = true }
    guard isValid else { throw Failure(reason: "the token is not ours") }
  }

  private static let signerPrefix = "whsec_"
  /// More signatures than a rotation of keys needs.
  private static let mostSignatures = 8

  private static func checkSigned(
    _ signatures: String, _ headers: WebhookHeaders, _ body: [UInt8], _ signers: [String], received: Timestamp,
    window: Int64
  ) throws {
    guard let id = try headers.value("webhook-id"), DeliveryID(id) != nil else {
      throw Failure(reason: "its webhook-id is missing or odd")
    }
    guard let time = try headers.value("webhook-timestamp"), (1...12).contains(time.utf8.count),
      time.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let seconds = Int64(time)
    else { throw Failure(reason: "its webhook-timestamp is missing or no number of seconds") }
    guard abs(seconds - received.seconds) <= window else {
      throw Failure(reason: "it was signed \(received.seconds - seconds) seconds ago, outside of the replay window")
    }
    let given = signatures.split(separator: " ").filter { $0.hasPrefix("v1,") }.prefix(mostSignatures).compactMap {
      Data(base64Encoded: String($0.dropFirst(3)))
    }
    var isValid = false
    for key in signers.compactMap(signingKey) {
      var code = HMAC<SHA256>(key: key)
      code.update(data: Array("\(id).\(time).".utf8))
      code.update(data: body)
      let expected = code.finalize()
      for signature in given where expected == signature { isValid = true }
    }
    guard isValid else { throw Failure(reason: "the signature is not ours") }
  }

  /// The key behind `whsec_` and base64; `nil` where it is no base64 or too short to be one.
  private static func signingKey(_ secret: String) -> SymmetricKey? {
    guard let bytes = Data(base64Encoded: String(secret.dropFirst(signerPrefix.count))), bytes.count >= 16 else {
      return nil
    }
    return SymmetricKey(data: bytes)
  }
}
