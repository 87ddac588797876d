internal import Crypto
internal import Foundation

extension SampleDelivery {
  /// The headers of GitLab's signed form.
  package static func signedByGitLab(
    _ body: [UInt8], event: String, secret: String, id: String, seconds: Int64
  ) -> [(String, String)] {
    let key = Data(base64Encoded: String(secret.dropFirst(6))) ?? Data()
    let code = HMAC<SHA256>.authenticationCode(
      for: Array("\(id).\(seconds).".utf8) + body, using: SymmetricKey(data: key))
    return [
      ("X-Gitlab-Event", event), ("Idempotency-Key", id), ("webhook-id", id), ("webhook-timestamp", String(seconds)),
      ("webhook-signature", "v1," + Data(code).base64EncodedString()),
    ]
  }
}
