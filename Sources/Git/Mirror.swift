package import Base
internal import CLibgit2

/// How much a mirror takes at once.
package struct MirrorLimits: Sendable, Hashable, Codable {
  /// References that the other side may have, all told.
  package var references: Int
  /// Bytes that one fetch may receive.
  package var bytes: Int

  package init(references: Int = 200_000, bytes: Int = 8 << 30) {
    self.references = references
    self.bytes = bytes
  }
}

/// What bringing a mirror up to date did.
package struct MirrorReport: Sendable, Hashable, Codable {
  /// The branch that HEAD of the other side names, where it says so.
  package var head: RefName?
  /// How many references were made or moved.
  package var moved = 0
  /// How many are gone.
  package var removed = 0
  /// Which of the heads that were asked for the other side does not have.
  package var missing: [RefName] = []

  package init() {}
}

/// A copy of another repository's branches, and of the heads of pull requests that were asked for.
///
/// Every reference has the name that it has there, so one of a fork, which lies below `refs/pull/` or
/// `refs/merge-requests/`, never has the name of a branch. HEAD names the branch that it names there.
extension PrivateRepository {
  /// Below these a mirror keeps references of pull requests.
  private static let requestPrefixes = ["refs/pull/", "refs/merge-requests/"].map { Array($0.utf8) }

  /// Brings the mirror up to date: branches that are gone there are gone here, and so are heads.
  ///
  /// - Parameters:
  ///   - address: The other repository.
  ///   - heads: Heads of pull requests that are wanted, beside those that are here already.
  ///   - limits: How much is taken.
  ///   - credentials: What to answer when it asks who we are.
  /// - Returns: What that did.
  /// - Throws: ``GitError``, with `tooLarge` where a limit is passed; references are then where they were.
  package func mirror(
    _ address: RemoteAddress, heads: [RefName], limits: MirrorLimits = MirrorLimits(), credentials: Credentials = .none
  ) throws(GitError) -> MirrorReport {
    let operation = "mirror '\(address.display)'"
    let remote = try remote(address, operation)
    let session = RemoteSession(credentials, .withToken(mostBytes: limits.bytes))
    session.authorize(for: address)
    try connect(remote, session, operation)
    let there: RemoteListing
    do {
      defer { _ = withExtendedLifetime(session) { unsafe git_remote_disconnect(remote.pointer) } }
      there = try listing(of: remote, session, operation)
      guard there.references.count <= limits.references else {
        throw GitError(
          .tooLarge, operation: operation,
          message: "it has \(there.references.count) references, and \(limits.references) are taken")
      }
      let wanted = try outdated(there, heads: heads)
      if !wanted.isEmpty { try download(wanted, remote, session, operation) }
    }
    return try follow(there, heads: heads, operation)
  }

  private func isMirrored(_ name: RefName, asked: Set<RefName>) -> Bool {
    name.isBranch || asked.contains(name)
  }

  /// The heads that are wanted: those that are asked for and those that are here already.
  private func wantedHeads(_ heads: [RefName], here: [RefName: ObjectID]) -> Set<RefName> {
    Set(heads.filter { Self.isRequestHead($0) }).union(here.keys.filter { Self.isRequestHead($0) })
  }

  private static func isRequestHead(_ name: RefName) -> Bool {
    requestPrefixes.contains { name.bytes.starts(with: $0) }
  }

  /// What the mirror has: its branches and heads of pull requests.
  private func mirrored() throws(GitError) -> [RefName: ObjectID] {
    var result: [RefName: ObjectID] = [:]
    for reference in try references() where reference.name.isBranch || Self.isRequestHead(reference.name) {
      if case .direct(let id) = reference.target { result[reference.name] = id } else { result[reference.name] = .zero }
    }
    return result
  }

  private func outdated(_ there: RemoteListing, heads: [RefName]) throws(GitError) -> [RefName] {
    let here = try mirrored()
    let asked = wantedHeads(heads, here: here)
    let database = try objectDatabase()
    return there.references.filter { name, id in
      guard isMirrored(name, asked: asked) else { return false }
      return !holds(id, database)
    }.map(\.key)
  }

  private func holds(_ id: ObjectID, _ database: borrowing Handle) -> Bool {
    var oid = id.oid
    return unsafe git_odb_exists(database.pointer, &oid) == 1
  }

  private func download(
    _ names: [RefName], _ remote: borrowing Handle, _ session: RemoteSession, _ operation: String
  ) throws(GitError) {
    var options = unsafe git_fetch_options()
    try check(unsafe git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION)), operation)
    unsafe session.install(in: &options.callbacks)
    unsafe options.follow_redirects = session.redirects
    unsafe options.custom_headers = session.headers
    unsafe options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
    unsafe options.update_fetchhead = 0
    // libgit2 compares each name with each of these, so all branches are one; what is here already is not sent again.
    var specs = names.filter { !$0.isBranch }.map { FetchSpec.reference($0, into: $0).text }
    if names.contains(where: \.isBranch) { specs.append(Array("+refs/heads/*:refs/heads/*".utf8)) }
    let list = StringList(specs)
    let result = unsafe list.withStrings { names in unsafe git_remote_download(remote.pointer, &names, &options) }
    try session.check(result, operation)
  }

  /// Moves the references to where they are there, now that the objects are here.
  private func follow(
    _ there: RemoteListing, heads: [RefName], _ operation: String
  ) throws(GitError) -> MirrorReport {
    let here = try mirrored()
    let asked = wantedHeads(heads, here: here)
    let database = try objectDatabase()
    var report = MirrorReport()
    report.missing = heads.filter { there.references[$0] == nil }
    report.head = there.head
    for (name, id) in there.references where isMirrored(name, asked: asked) && !holds(id, database) {
      throw GitError(
        .missingObject, operation: operation, message: "it did not send \(id.short), to which '\(name.display)' points")
    }
    // What is gone goes first: it may be in the way of what has come, as `a` is of `a/b`.
    for name in here.keys where there.references[name] == nil {
      try removeReference(name)
      report.removed += 1
    }
    for (name, id) in there.references where isMirrored(name, asked: asked) && here[name] != id {
      try setReference(name, to: id)
      report.moved += 1
    }
    if let head = there.head, head.isBranch { try pointHead(to: head) }
    return report
  }

  private func removeReference(_ name: RefName) throws(GitError) {
    let result = unsafe withCString(name.bytes) { unsafe git_reference_remove(pointer, $0) }
    try check(result, "remove the reference '\(name.display)' of the mirror")
  }

  private func pointHead(to branch: RefName) throws(GitError) {
    if (try? head())?.branch == branch { return }
    let result = unsafe withCString(branch.bytes) { unsafe git_repository_set_head(pointer, $0) }
    try check(result, "let HEAD of the mirror name '\(branch.display)'")
  }
}
