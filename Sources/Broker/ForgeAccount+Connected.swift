internal import Base
package import Forges
internal import Git
internal import HTTP
internal import Work

extension ForgeAccount {
  /// The account that a forge's client speaks for; git's tokens go to the site's web address alone.
  package init(_ forge: any ConnectedForge, site: ForgeSite) {
    let origin = site.web.origin
    let usual = origin.isSecure ? 443 : 80
    self.init(
      forge: forge,
      origin: RemoteHost(
        scheme: origin.isSecure ? "https" : "http", host: origin.host,
        port: origin.port == usual ? nil : String(origin.port))
    ) { (repository, writes) async throws(ForgeError) -> GitToken in
      let credential = try await forge.gitCredential(for: repository, access: writes ? .write : .read)
      return GitToken(username: credential.user, token: credential.password)
    }
  }
}
