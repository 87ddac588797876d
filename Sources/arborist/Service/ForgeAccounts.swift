internal import Base
internal import Broker
internal import FileSystem
internal import Forges
internal import Foundation
internal import Git
internal import HTTP
internal import Pipeline
internal import Settings
internal import Work

/// The accounts that a server's configuration names: what the broker acts as, and nobody else.
enum ForgeAccounts {
  /// Reads the secrets and makes the accounts.
  ///
  /// - Throws: ``ForgeError`` with what is wrong, without a word of a secret.
  static func read(_ configuration: BrokerConfiguration) throws -> BrokerAccounts {
    let environment = ProcessInfo.processInfo.environment
    let settings: ServerSettings
    do {
      settings = try ServerSettings.read(
        path: configuration.settings, surroundings: .process(environment: environment))
    } catch {
      throw ForgeError(.forbidden, "the settings cannot be read: \(error)")
    }
    var options = HTTPClientOptions()
    options.authorities = configuration.authorities
    let client: HTTPClient
    do {
      client = try HTTPClient(options)
    } catch {
      throw ForgeError(.unavailable, "the network cannot be reached: \(error)")
    }
    let accounts = try settings.forges.sorted { $0.key.rawValue < $1.key.rawValue }.map { name, forge in
      try account(name, forge, client)
    }
    return BrokerAccounts(accounts: accounts, signer: try ConfiguredSigner.of(environment))
  }

  private static func account(
    _ name: ForgeName, _ settings: ForgeSettings, _ client: HTTPClient
  ) throws -> ForgeAccount {
    let site = try site(name, settings.url)
    let credential: ForgeCredential
    switch settings.access {
    case .token(let token): credential = .token(TokenAuthority(site, token: token))
    case .app(let id, let keyFile):
      let pem: [UInt8]
      do {
        pem = try File.read(Array(keyFile.utf8), limit: 1 << 16)
      } catch {
        throw ForgeError(.unauthenticated, "the App's private key cannot be read: \(error)")
      }
      credential = .app(try GitHubApp(id: id, pem: Secret(String(decoding: pem, as: UTF8.self))))
    }
    let forge = try ForgeConnection.make(site, credential: credential, http: client)
    guard let origin = RemoteHost(url: site.web.text) else {
      throw ForgeError(.rejected, "'\(site.web)' is no address that git could use")
    }
    return ForgeAccount(forge: forge, origin: origin) { repository, writes async throws(ForgeError) in
      let given = try await forge.gitCredential(for: repository, access: writes ? .write : .read)
      return GitToken(username: given.user, token: given.password)
    }
  }

  /// The addresses of a forge, from the one that the settings name: GitHub's API, the others' own page.
  ///
  /// - Throws: ``ForgeError`` where it is no address.
  static func site(_ name: ForgeName, _ url: String) throws(ForgeError) -> ForgeSite {
    do throws(InvalidForgeAddress) {
      var web = url
      while web.hasSuffix("/") { web.removeLast() }
      for suffix in ["/api/v3", "/api/v4", "/api/v1"] where web.hasSuffix(suffix) { web.removeLast(suffix.count) }
      if name == .github, web == url || web + "/" == url {
        if web == "https://api.github.com" { return ForgeSite(name, web: try ForgeAddress("https://github.com")) }
        let api = try ForgeAddress(web)
        return ForgeSite(name, web: api, api: api, graphQL: try ForgeAddress(web + "/graphql"))
      }
      return ForgeSite(name, web: try ForgeAddress(web))
    } catch {
      throw ForgeError(.rejected, "forges.\(name.rawValue).url: \(error)")
    }
  }
}
