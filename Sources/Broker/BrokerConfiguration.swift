package import Base
package import Forges
package import Git
package import Secrets
package import Work

/// What a broker is started with.
///
/// It names where the secrets are: the broker reads them itself, so that whoever starts it need not have them.
package struct BrokerConfiguration: Sendable, Hashable, Codable {
  /// The path of the server's settings, which hold the secrets or name their files.
  package var settings: String
  /// The path of the key that commits are signed with; `nil` to sign none.
  package var signingKey: String?
  /// A file with the variables that the settings refer to, each as `NAME=VALUE` with a zero byte behind it; `nil` for
  /// none.
  package var variables: String?
  /// The directory that holds the mirrors.
  package var mirrors: String
  /// The directories below which the private repositories lie that commits are pushed from.
  package var workspaces: [String]
  /// A file with the certificates of the authorities to trust; `nil` for the system's.
  package var authorities: String?
  package var limits: MirrorLimits
  /// How many seconds bringing a mirror up to date may take, waiting for others that do it included.
  package var mirrorSeconds: Int
  /// For how many seconds a server may say nothing while a mirror is brought up to date.
  package var silentSeconds: Int
  /// How many seconds a push may take.
  package var pushSeconds: Int

  package init(
    settings: String, signingKey: String? = nil, variables: String? = nil, mirrors: String,
    workspaces: [String], authorities: String? = nil,
    limits: MirrorLimits = MirrorLimits(), mirrorSeconds: Int = 1800, silentSeconds: Int = 120,
    pushSeconds: Int = 600
  ) {
    self.settings = settings
    self.signingKey = signingKey
    self.variables = variables
    self.mirrors = mirrors
    self.workspaces = workspaces
    self.authorities = authorities
    self.limits = limits
    self.mirrorSeconds = mirrorSeconds
    self.silentSeconds = silentSeconds
    self.pushSeconds = pushSeconds
  }
}

/// A token to be asked for as a user's password by git.
package struct GitToken: Sendable {
  package var username: String
  package var token: Secret

  package init(username: String, token: Secret) {
    self.username = username
    self.token = token
  }
}

/// An account on a forge, with what it takes to act as it.
package struct ForgeAccount: Sendable {
  package let forge: any Forge
  /// Where the forge's repositories are; a token goes nowhere else.
  package let origin: RemoteHost
  /// A token that is good for one repository, and for writing to it where the second argument says so.
  package let token: @Sendable (_ repository: ForgeRepository, _ writes: Bool) async throws(ForgeError) -> GitToken

  package init(
    forge: any Forge, origin: RemoteHost,
    token: @escaping @Sendable (ForgeRepository, Bool) async throws(ForgeError) -> GitToken
  ) {
    self.forge = forge
    self.origin = origin
    self.token = token
  }
}

/// All that a broker acts as.
package struct BrokerAccounts: Sendable {
  package var accounts: [ForgeAccount]
  /// Signs the content of a commit; `nil` where there is no key.
  package var signer: CommitSigner?
  /// Counts requests; the same that the accounts' clients count with.
  package var meter: ForgeMeter
  /// The secrets that the broker knows, which nothing may hold that leaves.
  package var secrets: KnownSecrets

  /// - Parameters:
  ///   - accounts: The accounts on forges.
  ///   - signer: Signs the content of a commit.
  ///   - secrets: What the broker knows and nobody else may.
  ///   - meter: Counts requests.
  package init(
    accounts: [ForgeAccount], signer: CommitSigner? = nil, secrets: [Secret] = [], meter: ForgeMeter = ForgeMeter()
  ) {
    self.meter = meter
    self.accounts = accounts
    self.signer = signer
    self.secrets = KnownSecrets(
      secrets.enumerated().map { KnownSecrets.Entry(name: "\($0.offset + 1)", value: $0.element.reveal().utf8) })
  }
}
