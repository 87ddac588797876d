internal import Base
internal import Crypto
internal import FoundationEssentials

/// Who is signed in, for as long as the process lives.
final class Sessions: Sendable {
  /// One sign-in.
  struct Session: Sendable {
    /// Stands in every form, and in no other site's.
    var csrf: String
    var expires: Timestamp
  }

  static let cookie = "arborist_session"
  /// How long a sign-in is good for, in milliseconds: a working day.
  static let milliseconds: Int64 = 12 * 3_600_000
  private static let most = 100

  /// By the hash of the cookie: what is in memory opens nothing.
  private let open = Lock<[String: Session]>([:])

  /// Begins one.
  ///
  /// - Returns: the value of the cookie.
  func begin(now: Timestamp) -> String {
    let cookie = Self.random()
    let session = Session(csrf: Self.random(), expires: Timestamp(milliseconds: now.milliseconds + Self.milliseconds))
    open.withLock { open in
      open = open.filter { $0.value.expires > now }
      if open.count >= Self.most, let first = open.min(by: { $0.value.expires < $1.value.expires }) {
        open[first.key] = nil
      }
      open[Self.hash(cookie)] = session
    }
    return cookie
  }

  /// The sign-in behind a cookie; `nil` for none.
  func find(_ cookie: String, now: Timestamp) -> Session? {
    let session = open.withLock { $0[Self.hash(cookie)] }
    return session.flatMap { $0.expires > now ? $0 : nil }
  }

  func end(_ cookie: String) {
    open.withLock { $0[Self.hash(cookie)] = nil }
  }

  private static func random() -> String {
    var generator = SystemRandomNumberGenerator()
    return Hexadecimal.encode((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }

  private static func hash(_ text: String) -> String {
    Hexadecimal.encode(SHA256.hash(data: Data(text.utf8)))
  }
}

/// Whether two texts are the same, in a time that does not tell where they differ or how long they are.
enum ConstantTime {
  static func areEqual(_ first: String, _ second: String) -> Bool {
    let pairs = zip(SHA256.hash(data: Data(first.utf8)), SHA256.hash(data: Data(second.utf8)))
    return pairs.reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

/// How often somebody may try to sign in.
///
/// Everybody has a few tries that come back slowly; all together have more, so that many addresses do not help.
final class TryLimit: Sendable {
  private struct Bucket: Sendable {
    var tries: Double
    var since: Timestamp
  }

  private struct State: Sendable {
    var all: Bucket?
    var each: [String: Bucket] = [:]
  }

  private static let ownTries = 5.0
  private static let ownPerSecond = 0.1
  private static let allTries = 50.0
  private static let allPerSecond = 2.0
  private static let mostClients = 1000

  private let state = Lock(State())

  /// Takes one try of this client; `false` where none is left.
  func take(_ client: String, now: Timestamp) -> Bool {
    state.withLock { state in
      var all = Self.refilled(state.all, most: Self.allTries, perSecond: Self.allPerSecond, now: now)
      var own = Self.refilled(state.each[client], most: Self.ownTries, perSecond: Self.ownPerSecond, now: now)
      let may = all.tries >= 1 && own.tries >= 1
      if may {
        all.tries -= 1
        own.tries -= 1
      }
      state.all = all
      if state.each.count >= Self.mostClients, state.each[client] == nil {
        state.each = state.each.filter { now.seconds(since: $0.value.since) < Self.ownTries / Self.ownPerSecond }
        if state.each.count >= Self.mostClients { state.each = [:] }
      }
      state.each[client] = own
      return may
    }
  }

  /// Whether this client has a try left; none is taken.
  func isLeft(_ client: String, now: Timestamp) -> Bool {
    state.withLock { state in
      Self.refilled(state.all, most: Self.allTries, perSecond: Self.allPerSecond, now: now).tries >= 1
        && Self.refilled(state.each[client], most: Self.ownTries, perSecond: Self.ownPerSecond, now: now).tries >= 1
    }
  }

  private static func refilled(_ bucket: Bucket?, most: Double, perSecond: Double, now: Timestamp) -> Bucket {
    guard let bucket else { return Bucket(tries: most, since: now) }
    return Bucket(tries: min(most, bucket.tries + now.seconds(since: bucket.since) * perSecond), since: now)
  }
}
