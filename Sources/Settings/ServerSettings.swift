package import Base
package import Journal
package import Work

/// What `arborist serve` and `arborist worker` were told by their configuration file, with nothing wrong in it.
package struct ServerSettings: Sendable, Hashable {
  /// Where to listen.
  package var listen: ListenAddress
  /// Where the journal is; `nil` for the user's own.
  package var database: JournalLocation?
  /// The forges that are listened and spoken to.
  package var forges: [ForgeName: ForgeSettings]
  /// What opens the page to whoever knows it; `nil` where nobody may.
  package var adminToken: Secret?
  /// How many jobs run at once in this process; none where other processes do the work.
  package var workers: Int
  /// How often forges are asked what no delivery told, in seconds.
  package var sweepSeconds: Int
  /// For how long a job is a worker's that shows no sign of life, in seconds.
  package var leaseSeconds: Int
  /// For how long the journal keeps what deliveries held.
  package var keep: KeepTime
  package var sandbox: SandboxSettings
  /// The environment's variables that secrets of forges and of the page are in.
  package var variables: SecretVariables = SecretVariables()
  /// The absolute paths of the files that hold secrets: those of forges, of the page and of the database.
  package var secretFiles: Set<String> = []
  /// What is allowed and should not stay as it is, a line each.
  package var warnings: [String]

  package init(
    listen: ListenAddress = .standard, database: JournalLocation? = nil, forges: [ForgeName: ForgeSettings] = [:],
    adminToken: Secret? = nil, workers: Int = 2, sweepSeconds: Int = 300, leaseSeconds: Int = 60,
    keep: KeepTime = .usual, sandbox: SandboxSettings = SandboxSettings(), warnings: [String] = []
  ) {
    self.listen = listen
    self.database = database
    self.forges = forges
    self.adminToken = adminToken
    self.workers = workers
    self.sweepSeconds = sweepSeconds
    self.leaseSeconds = leaseSeconds
    self.keep = keep
    self.sandbox = sandbox
    self.warnings = warnings
  }

  /// Every secret that the settings hold, for whoever keeps them out of logs.
  package var secrets: [Secret] {
    var found = forges.values.flatMap(\.webhookSecrets)
    if let adminToken { found.append(adminToken) }
    if case .server(let address) = database { found += PostgresURL.secrets(of: address.secret) }
    return found
  }
}

/// For how long something is kept.
package enum KeepTime: Sendable, Hashable {
  /// For ever.
  case all
  /// Whole days of 24 hours.
  case days(Int)

  package static let usual = KeepTime.days(30)
  /// How many days may be said.
  package static let possibleDays = 1...3650

  /// The time; `nil` where it has no end.
  package var duration: Duration? {
    switch self {
    case .all: nil
    case .days(let count): .seconds(86_400 * count)
    }
  }
}

/// An address and a port to listen at.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
  /// A numeric address, IPv4 or IPv6, or `localhost`.
  package let host: String
  /// 0 lets the system choose one.
  package let port: Int

  package static let standard = ListenAddress(checkedHost: "127.0.0.1", port: 8080)

  private init(checkedHost host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// The address that `ADDRESS:PORT` names, such as `127.0.0.1:8080` or `[::1]:8080`; `nil` where it is none.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let port = Int(digits), port <= 65_535
    else { return nil }
    var host = String(text[..<colon])
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    if isBracketed { host = String(host.dropFirst().dropLast()) }
    guard isBracketed ? NetworkAddress.isIPv6(host) : host == "localhost" || NetworkAddress.isIPv4(host) else {
      return nil
    }
    self.init(checkedHost: host, port: port)
  }

  /// Whether only this machine can reach it.
  package var isLoopback: Bool { NetworkAddress.isLoopback(host) }

  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// How one forge is listened and spoken to.
package struct ForgeSettings: Sendable, Hashable {
  /// Where its API is, without a slash at the end.
  package var url: String
  /// What its deliveries are signed with: one, or two while one takes the other's place.
  package var webhookSecrets: [Secret]
  package var access: ForgeAccess
  /// For how long the forge may work on a request whose sender is gone; a second try of a write waits for that.
  package var longestRequest: Duration

  /// What ``longestRequest`` is where nobody says otherwise.
  package static let usualLongestRequest = Duration.seconds(90)

  package init(
    url: String, webhookSecrets: [Secret], access: ForgeAccess, longestRequest: Duration = usualLongestRequest
  ) {
    self.url = url
    self.webhookSecrets = webhookSecrets
    self.access = access
    self.longestRequest = longestRequest
  }
}

/// As whom a forge is spoken to; what proves it is read by the broker alone (``BrokerSettings``).
package enum ForgeAccess: Sendable, Hashable {
  case token(SecretPlace)
  /// A GitHub App: its id, and the file with its private key.
  case app(id: String, keyFile: String)
}

/// Where a secret is, and never the secret itself.
package enum SecretPlace: Sendable, Hashable {
  /// The absolute path of a file.
  case file(String)
  /// A variable of the environment.
  case variable(String)
  /// The configuration itself.
  case inside
}

/// The variables that hold secrets, by who needs them.
package struct SecretVariables: Sendable, Hashable {
  /// Those of the forges' accounts, which the broker alone reads.
  package var tokens: Set<String> = []
  /// Those that deliveries and the page are checked with.
  package var served: Set<String> = []

  package init() {}

  package var all: Set<String> { tokens.union(served) }
}

/// Which process reads the settings: each resolves the secrets that it needs, and learns of the others where they are.
package enum SettingsReading: Sendable, Hashable {
  /// The server: what deliveries and the page are checked with, and the database.
  case server
  /// A worker: the database alone.
  case worker
  /// The broker: what forges are spoken to with. It takes along what else it can find, since nothing of it may leave.
  case broker
}

/// What the cells of this server may use.
package struct SandboxSettings: Sendable, Hashable {
  /// What a cell may read besides the workspace and `/usr`, which it always reads.
  package var paths: [String]
  /// How much a cell may write, in bytes; `nil` for the usual.
  package var size: Int?

  package init(paths: [String] = [], size: Int? = nil) {
    self.paths = paths
    self.size = size
  }
}
