internal import Base
internal import FileSystem
package import Git
internal import Signing

/// The key that a person or a service has named for the commits that Arborist makes.
package enum ConfiguredSigner {
  /// The environment's name of the key's file.
  package static let variable = "ARBORIST_SIGNING_KEY"

  /// The signer; `nil` where no key is named.
  ///
  /// - Throws: ``UnusableSigningKey``.
  package static func of(_ environment: [String: String]) throws(UnusableSigningKey) -> CommitSigner? {
    guard let path = environment[variable], !path.isEmpty else { return nil }
    do {
      let key = try SSHSigningKey(File.read(Array(path.utf8), limit: 1 << 16))
      return { content in try key.signature(of: content) }
    } catch {
      throw UnusableSigningKey(path: path, reason: "\(error)")
    }
  }
}

/// A signing key that is named and cannot be used: exit status 2.
package struct UnusableSigningKey: Error, Hashable, CustomStringConvertible {
  package let path: String
  package let reason: String

  package var description: String {
    "\(ConfiguredSigner.variable) names '\(DisplayText.escaping(path.utf8))', which cannot be used: \(reason)"
  }
}
