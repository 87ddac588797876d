internal import Glibc
internal import JSON

/// All that a forge holds.
struct World: Sendable {
  let kind: ForgeKind
  let options: TestForge.Options
  /// Where the bare repositories lie.
  let directory: String
  /// `http://127.0.0.1:PORT`, known once the server listens.
  var address = ""
  /// Where git finds the repositories.
  var gitAddress = ""

  var accounts: [Int: Account] = [:]
  var repositories: [Int: Repository] = [:]
  var pulls: [Int: Pull] = [:]
  var comments: [Int: Comment] = [:]
  var threads: [Int: ForgeThread] = [:]
  var reviews: [Int: Review] = [:]
  var checks: [Int: CheckRun] = [:]
  var statuses: [CommitStatus] = []
  var apps: [Int: App] = [:]
  var installations: [Int: Installation] = [:]
  var tokens: [String: Token] = [:]
  var hooks: [Int: Hook] = [:]
  var drafts: [Int: DraftNote] = [:]

  var breaches: [Breach] = []
  var log: [LoggedCall] = []
  var faults: [Fault] = []
  /// How often calls that were held were let go on.
  var releases = 0
  var limits = Limits()
  var outgoing: [Delivery] = []
  var sent: [SentHook] = []
  /// Whether pushes come over HTTP, so that new repositories need their hooks.
  var hasGitFront = false
  var trouble = HookTrouble()
  var troubleRandom = SeededRandom(seed: 1)
  /// Seconds by which the forge's clock is ahead of the real one.
  var skew = 0
  private var last = 1000
  private var written: [String: Int] = [:]

  init(kind: ForgeKind, options: TestForge.Options, directory: String) {
    self.kind = kind
    self.options = options
    self.directory = directory
  }

  /// The forge's time, in whole seconds since 1970.
  var now: Int { time(nil) + skew }

  /// A number that was not given to anything yet.
  mutating func nextID() -> Int {
    last += 1
    return last
  }

  /// How often something was written, by what it was.
  var writes: [String: Int] { written }

  mutating func wrote(_ what: String) { written[what, default: 0] += 1 }

  mutating func breach(_ call: Call, _ rule: String) {
    breaches.append(Breach(call: "\(call.method) \(call.path)", rule: rule))
  }
}

extension World {
  func account(named login: String) -> Account? { accounts.values.first { $0.login == login } }

  func repository(at path: String) -> Repository? {
    repositories.values.first { $0.path.lowercased() == path.lowercased() }
  }

  func pull(_ repository: Int, _ number: Int) -> Pull? {
    pulls.values.first { $0.repository == repository && $0.number == number }
  }

  func pulls(of repository: Int) -> [Pull] {
    pulls.values.filter { $0.repository == repository }.sorted { $0.number < $1.number }
  }

  func comments(of repository: Int, _ number: Int) -> [Comment] {
    comments.values.filter { $0.repository == repository && $0.number == number }.sorted { $0.id < $1.id }
  }

  func threads(of repository: Int, _ number: Int) -> [ForgeThread] {
    threads.values.filter { $0.repository == repository && $0.number == number }.sorted { $0.id < $1.id }
  }

  func comments(in thread: Int) -> [Comment] {
    comments.values.filter { $0.thread == thread }.sorted { $0.id < $1.id }
  }

  func reviews(of repository: Int, _ number: Int) -> [Review] {
    reviews.values.filter { $0.repository == repository && $0.number == number }.sorted { $0.id < $1.id }
  }

  /// What an account may do: what it was given, or to read what is public.
  func access(of account: Int, on repository: Repository) -> Access {
    let given = repository.access[account] ?? .none
    let owns = accounts[account]?.login == repository.owner
    return max(owns ? .admin : given, repository.isPrivate ? .none : .read)
  }

  /// Seconds since 1970 as `2026-11-22T14:00:00Z`.
  static func stamp(_ seconds: Int) -> String {
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T"
      + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
  }
}

/// A note that GitLab keeps until it is handed in.
struct DraftNote: Sendable, Hashable {
  let id: Int
  let repository: Int
  let number: Int
  let author: Int
  let body: String
  let anchor: Anchor?
  let discussion: String?
}

/// A call as it is kept for the test to look at.
package struct LoggedCall: Sendable, Hashable {
  package let number: Int
  package let method: String
  /// With the query.
  package let target: String
  /// Who called: a login, `app:SLUG`, or `nobody`.
  package var caller: String
  /// The status that was answered; 0 where the connection was closed instead.
  package var status: Int
  /// What fault was done to it.
  package var fault: String?
  /// The body that came in.
  package let body: [UInt8]
}

extension JSONValue {
  static func number(_ value: Int) -> JSONValue { .number(Double(value)) }
  static func maybe(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
  static func maybe(_ value: Int?) -> JSONValue { value.map { .number(Double($0)) } ?? .null }
  static func stamp(_ seconds: Int?) -> JSONValue { seconds.map { .string(World.stamp($0)) } ?? .null }

  /// The object with the members of another one added.
  func adding(_ other: JSONValue) -> JSONValue {
    guard case .object(let mine) = self, case .object(let more) = other else { return self }
    return .object(mine.merging(more) { _, new in new })
  }

  var flag: Bool? { if case .bool(let value) = self { value } else { nil } }
}
