/// Something that goes wrong with calls that fit a rule.
package struct Fault: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    /// An error before anything is stored.
    case status(Int)
    /// What was asked is done, but a 502 is answered.
    case storedButBadGateway
    /// A 502 is answered at once, and what was asked is done after so many milliseconds.
    case storedLater(milliseconds: Int)
    /// What was asked is done, and the connection is closed without an answer.
    case storedButClosed
    /// The connection is closed before anything is stored.
    case closed
    /// The answer comes after so many milliseconds.
    case slow(milliseconds: Int)
    /// What was asked is done, and the answer is cut in its middle.
    case malformed
    /// The token is refused as if it were not good any more.
    case unauthorized
    /// The call waits until ``TestForge/release()``; where it is done before it waits, it is answered then, and
    /// otherwise the connection is closed and nothing is done.
    case held(done: Bool)
    /// A process and its children are ended by SIGKILL when the call arrives; what was asked is done after so many
    /// milliseconds, or never.
    case kill(Victim, doneAfter: Int?)
  }

  /// Whom a fault kills.
  package struct Victim: Sendable, Hashable {
    package var process: Int32
    /// The first argument of those of its descendants that are meant, with what is below them; empty for all of them and
    /// the process itself.
    package var word: String

    package init(process: Int32, word: String = "") {
      self.process = process
      self.word = word
    }
  }

  package let kind: Kind
  /// `nil` is every method of HTTP; `GIT` is git through its front, which can be held alone.
  package let method: String?
  /// What the path has to contain.
  package let path: String
  /// Which of the fitting calls are hit, counted from one; `nil` is all.
  package let calls: ClosedRange<Int>?
  /// How many of a thousand fitting calls are hit, by the seed.
  package let rate: Int
  /// How many fitting calls there were.
  package private(set) var seen = 0
  private var random: SeededRandom

  package init(
    _ kind: Kind, method: String? = nil, path: String = "", calls: ClosedRange<Int>? = nil, rate: Int = 1000,
    seed: UInt64 = 1
  ) {
    self.kind = kind
    self.method = method
    self.path = path
    self.calls = calls
    self.rate = rate
    random = SeededRandom(seed: seed)
  }

  /// Whether this call is hit; counts it.
  mutating func hits(method: String, path: String) -> Bool {
    guard self.method.map({ $0 == method }) ?? true, self.path.isEmpty || path.contains(self.path) else { return false }
    seen += 1
    guard calls.map({ $0.contains(seen) }) ?? true else { return false }
    return rate >= 1000 || Int(random.next() % 1000) < rate
  }

  /// Whether it has hit the last call that it is for.
  package var isSpent: Bool { calls.map { seen >= $0.upperBound } ?? false }

  var isKill: Bool { if case .kill = kind { true } else { false } }

  /// As it stands in the log.
  var name: String {
    switch kind {
    case .status(let code): "status \(code)"
    case .storedButBadGateway: "stored but 502"
    case .storedLater(let milliseconds): "stored after \(milliseconds) ms"
    case .storedButClosed: "stored but closed"
    case .closed: "closed"
    case .slow(let milliseconds): "slow \(milliseconds) ms"
    case .malformed: "malformed"
    case .unauthorized: "unauthorized"
    case .held(let isDone): isDone ? "done and held" : "held"
    case .kill(_, nil): "killed"
    case .kill(_, let milliseconds?): "killed, stored after \(milliseconds) ms"
    }
  }
}

/// Numbers that are the same for the same seed (splitmix64).
struct SeededRandom: RandomNumberGenerator, Sendable, Hashable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}

/// How much may be asked.
struct Limits: Sendable {
  var limit = 5000
  var used = 0
  /// When the count begins anew.
  var reset = 0
  /// The refusals of the secondary limit that are left.
  var refusals = 0
  var retryAfter: Int?
  var status = 403
  /// Before this time a well-behaved client does not ask again, by the monotonic clock in milliseconds.
  var quietUntil: Int?
}
