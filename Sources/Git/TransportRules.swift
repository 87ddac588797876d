internal import Base
internal import CLibgit2
internal import CLibgit2Shims

/// What a conversation with another repository is held to.
package struct TransportRules: Sendable, Hashable {
  /// Whether the first answer may send us elsewhere.
  ///
  /// libgit2 1.5 names the first address even when another one asks for credentials, so whoever answers such questions
  /// with a secret follows nobody.
  package var followsRedirects: Bool
  /// Whether a password for the address is sent with the first request, before anybody asks for it.
  ///
  /// libgit2 1.5 does not read the body of an answer 401 whose length is told, takes it for the next answer, and fails;
  /// forges answer so.
  package var authorizesFirst: Bool
  /// How many bytes may be received; `nil` for any number.
  package var mostBytes: Int?

  package init(followsRedirects: Bool, authorizesFirst: Bool, mostBytes: Int?) {
    self.followsRedirects = followsRedirects
    self.authorizesFirst = authorizesFirst
    self.mostBytes = mostBytes
  }

  /// What a person's own command does.
  package static let usual = TransportRules(followsRedirects: true, authorizesFirst: false, mostBytes: nil)

  /// What holds where a token is sent.
  package static func withToken(mostBytes: Int? = nil) -> TransportRules {
    TransportRules(followsRedirects: false, authorizesFirst: true, mostBytes: mostBytes)
  }
}

/// What holds for every repository of a process.
package enum GitProcess {
  /// Has every object and reference synced to the disk before it counts as written.
  package static func syncEverything() {
    Library.start()
    _ = arborist_git_set_option(Int32(bitPattern: GIT_OPT_ENABLE_FSYNC_GITDIR.rawValue), 1)
  }

  /// Trusts the authorities of a file of certificates, and no others.
  ///
  /// - Throws: ``GitError`` where the file cannot be used.
  package static func trust(authorities path: String) throws(GitError) {
    Library.start()
    try check(
      unsafe arborist_git_set_authorities(path),
      "use the certificates in '\(DisplayText.escaping(path.utf8))'")
  }
}
