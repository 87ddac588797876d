internal import Base
internal import HTTPTypes
internal import Hummingbird
internal import Settings

/// What a visitor of the page may do.
///
/// Runs hold source code, prompts and the names of private repositories, so nothing of them is shown to everybody. Who
/// has signed in with the admin token sees all and has the buttons. Where no token is set, only somebody on this machine
/// may read: the server listens on a loopback address, and the request names one and passed through no other server.
enum PageAccess: Equatable {
  case signedIn(csrf: String)
  /// With the token in the request itself, as a script does: to read.
  case bearer
  case local
  /// The token would open it.
  case locked
  /// Nothing opens it.
  case closed

  var mayRead: Bool {
    switch self {
    case .signedIn, .bearer, .local: true
    case .locked, .closed: false
    }
  }

  var csrf: String? { if case .signedIn(let csrf) = self { csrf } else { nil } }
}

/// Tells who a visitor is.
struct DoorKeeper {
  let adminToken: Secret?
  let listen: ListenAddress
  let sessions: Sessions
  let tries: TryLimit
  let clock: WallClock

  /// What the sender of this request may do.
  func access(of request: Request, peer: String) -> PageAccess {
    guard let adminToken else {
      return Self.isLocal(request.headers, authority: request.head.authority, peer: peer, listen: listen)
        ? .local : .closed
    }
    let now = clock.now()
    if let cookie = request.headers.cookie(Sessions.cookie), let session = sessions.find(cookie, now: now) {
      return .signedIn(csrf: session.csrf)
    }
    if let header = request.headers[.authorization], header.lowercased().hasPrefix("bearer ") {
      let given = String(header.dropFirst("bearer ".count))
      let client = Self.client(request.headers, peer: peer)
      // A script asks often, so only a wrong token takes a try; where none is left, the right one has to wait too.
      guard tries.isLeft(client, now: now) else { return .locked }
      if ConstantTime.areEqual(given, adminToken.reveal()) { return .bearer }
      _ = tries.take(client, now: now)
    }
    return .locked
  }

  /// Whether the request comes from somebody on this machine and from no server in front of this one.
  static func isLocal(_ headers: HTTPFields, authority: String?, peer: String, listen: ListenAddress) -> Bool {
    guard listen.isLoopback, NetworkAddress.isLoopback(peer), let authority else { return false }
    // A name that only resolves to this machine may be anybody's.
    var host = authority
    if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") { host = String(authority[..<colon]) }
    guard NetworkAddress.isLoopback(host) else { return false }
    return !headers.contains { field in
      let name = field.name.canonicalName
      return name == "forwarded" || name == "via" || name == "x-real-ip" || name.hasPrefix("x-forwarded-")
    }
  }

  /// Whom tries to sign in are counted for.
  static func client(_ headers: HTTPFields, peer: String) -> String {
    guard NetworkAddress.isLoopback(peer), let name = HTTPField.Name("x-forwarded-for"), let chain = headers[name],
      let last = chain.split(separator: ",").last
    else { return peer }
    return last.filter { !$0.isWhitespace }
  }

  /// Whether a form came from our own page, as far as the browser says.
  static func isSameSite(_ headers: HTTPFields, authority: String?) -> Bool {
    if let name = HTTPField.Name("sec-fetch-site"), let site = headers[name] {
      return site == "same-origin" || site == "none"
    }
    guard let origin = headers[.origin] else { return true }
    guard let end = origin.firstRange(of: "://"), let authority else { return false }
    return origin[end.upperBound...].lowercased() == authority.lowercased()
  }
}

extension HTTPFields {
  /// The value of a cookie.
  func cookie(_ name: String) -> String? {
    for field in self[values: .cookie] {
      for part in field.split(separator: ";") {
        let pair = part.split(separator: "=", maxSplits: 1)
        guard pair.count == 2, pair[0].drop(while: { $0 == " " }) == name else { continue }
        return String(pair[1])
      }
    }
    return nil
  }
}

/// What a form holds.
struct FormValues {
  private var values: [String: String] = [:]

  /// The values of `application/x-www-form-urlencoded`, each name once.
  init(_ body: [UInt8]) {
    for part in body.split(separator: UInt8(ascii: "&")) {
      let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2, let name = Self.decode(pair[0]), let value = Self.decode(pair[1]) else { continue }
      values[name] = value
    }
  }

  subscript(name: String) -> String? { values[name] }

  /// The text behind `%41` and `+`; `nil` where it is coded wrongly.
  static func decode(_ coded: some Collection<UInt8>) -> String? {
    var result: [UInt8] = []
    var rest = Array(coded)[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): result.append(0x20)
      case UInt8(ascii: "%"):
        guard rest.count >= 2, let decoded = Hexadecimal.decode(Array(rest.prefix(2))) else { return nil }
        result += decoded
        rest = rest.dropFirst(2)
      default: result.append(byte)
      }
    }
    return String(validating: result, as: UTF8.self)
  }
}
