internal import JSON
internal import JWTKit
internal import Synchronization

/// Who signed an app's token.
enum Signer: Sendable, Hashable {
  case app(Int, issued: Int?, expires: Int?)
  /// Why it is not taken, and whether no clock and no key could make it good.
  case refused(String, isBreach: Bool)
}

extension TestForge {
  private static let undecodable = "A JSON web token could not be decoded"

  private struct Anything: JWTPayload {
    func verify(using algorithm: some JWTAlgorithm) async throws {}
  }

  /// Reads and checks an app's token; `nil` where the call carries none.
  func signer(of call: Call) async -> Signer? {
    guard kind == .github, let header = call.headers["authorization"], let token = header.split(separator: " ").last
    else { return nil }
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, token.hasPrefix("ey") else { return nil }
    guard let head = Base64.decoded(parts[0]).flatMap({ try? JSONValue.parse($0) }),
      let claims = Base64.decoded(parts[1]).flatMap({ try? JSONValue.parse($0) })
    else { return .refused(Self.undecodable, isBreach: true) }
    guard head["alg"]?.string == "RS256" else { return .refused(Self.undecodable, isBreach: true) }
    let issuer = claims["iss"].flatMap { $0.string ?? $0.integer.map(String.init) } ?? ""
    let app = world.withLock { $0.apps.values.first { String($0.id) == issuer || $0.clientID == issuer } }
    guard let app else { return .refused("Integration not found", isBreach: false) }
    do {
      let keys = JWTKeyCollection()
      await keys.add(rsa: try Insecure.RSA.PublicKey(pem: app.publicKey), digestAlgorithm: .sha256)
      _ = try await keys.verify(String(token), as: Anything.self)
    } catch {
      return .refused(Self.undecodable, isBreach: false)
    }
    return .app(app.id, issued: claims["iat"]?.integer, expires: claims["exp"]?.integer)
  }
}

/// Base64, in both alphabets.
enum Base64 {
  static func decoded(_ text: Substring) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for byte in text.utf8 where byte != UInt8(ascii: "=") && byte != 10 && byte != 13 {
      let value: UInt32
      switch byte {
      case 0x41...0x5a: value = UInt32(byte) - 0x41
      case 0x61...0x7a: value = UInt32(byte) - 0x61 + 26
      case 0x30...0x39: value = UInt32(byte) - 0x30 + 52
      case UInt8(ascii: "-"), UInt8(ascii: "+"): value = 62
      case UInt8(ascii: "_"), UInt8(ascii: "/"): value = 63
      default: return nil
      }
      bits = (bits << 6) | value
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8((bits >> UInt32(count)) & 0xff))
      }
    }
    return bytes
  }

  static func encoded(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
      for place in 0..<4 {
        text.append(place <= group.count ? letters[Int(bits >> UInt32(18 - 6 * place) & 63)] : "=")
      }
    }
    return text
  }
}
