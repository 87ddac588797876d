package import Base
internal import CLibgit2
internal import Glibc
package import Work

/// What another repository says that it has.
package struct RemoteListing: Sendable, Hashable {
  /// The branch that its HEAD names, where it says so.
  package var head: RefName?
  /// Its references and the objects they point to.
  package var references: [RefName: ObjectID]
}

/// What to fetch.
package enum FetchSpec: Sendable, Hashable {
  /// One reference, into one of the private repository.
  case reference(RefName, into: RefName)
  /// Every branch, each under the given prefix, such as `refs/remotes/origin`.
  case branches(under: RefName)

  /// The refspec, which overwrites: the private repository's references are nobody else's.
  var text: [UInt8] {
    switch self {
    case .reference(let source, let target): Array("+".utf8) + source.bytes + Array(":".utf8) + target.bytes
    case .branches(let prefix): Array("+refs/heads/*:".utf8) + prefix.bytes + Array("/*".utf8)
    }
  }
}

/// Other repositories, by address. Nothing about them is stored.
extension PrivateRepository {
  /// What another repository has.
  ///
  /// - Throws: ``GitError`` where it cannot be reached.
  package func listReferences(
    at address: RemoteAddress, credentials: Credentials = .none, transport: TransportRules = .usual
  ) throws(GitError) -> RemoteListing {
    let operation = "list the references of '\(address.display)'"
    if case .local(let path) = address {
      do throws(GitError) {
        return try Repository(Self.open(path, flags: GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue)).listing()
      } catch {
        throw GitError(error.code, operation: operation, message: error.message)
      }
    }
    let remote = try remote(address, operation)
    let session = RemoteSession(credentials, transport)
    session.authorize(for: address)
    try connect(remote, session, operation)
    defer { _ = withExtendedLifetime(session) { unsafe git_remote_disconnect(remote.pointer) } }
    return try listing(of: remote, session, operation)
  }

  /// Begins a conversation in which references are asked for.
  func connect(_ remote: borrowing Handle, _ session: RemoteSession, _ operation: String) throws(GitError) {
    var options = unsafe git_remote_connect_options()
    try check(
      unsafe git_remote_connect_options_init(&options, UInt32(GIT_REMOTE_CONNECT_OPTIONS_VERSION)), operation)
    unsafe session.install(in: &options.callbacks)
    unsafe options.follow_redirects = session.redirects
    unsafe options.custom_headers = session.headers
    try session.check(unsafe git_remote_connect_ext(remote.pointer, GIT_DIRECTION_FETCH, &options), operation)
  }

  /// What the other side of a conversation says that it has; names that git would refuse are left out.
  func listing(
    of remote: borrowing Handle, _ session: RemoteSession, _ operation: String
  ) throws(GitError) -> RemoteListing {
    var heads: UnsafeMutablePointer<UnsafePointer<git_remote_head>?>?
    var count = 0
    try session.check(unsafe git_remote_ls(&heads, &count, remote.pointer), operation)
    var result = RemoteListing(head: nil, references: [:])
    for index in 0..<count {
      guard let head = unsafe heads?[index]?.pointee else { continue }
      let name = unsafe bytes(head.name)
      if name.elementsEqual("HEAD".utf8) {
        result.head = try? RefName(unsafe bytes(head.symref_target))
      } else if let ref = try? RefName(name) {
        result.references[ref] = unsafe ObjectID(head.oid)
      }
    }
    return result
  }

  /// Brings references of another repository, and what they need, into this one.
  ///
  /// - Throws: ``GitError`` with `notFound` where one of them is not there.
  package func fetch(
    _ specs: [FetchSpec], from address: RemoteAddress, credentials: Credentials = .none
  ) throws(GitError) {
    let operation = "fetch from '\(address.display)'"
    let remote = try remote(address, operation)
    let session = RemoteSession(credentials)
    var options = unsafe git_fetch_options()
    try check(unsafe git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION)), operation)
    unsafe session.install(in: &options.callbacks)
    unsafe options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
    unsafe options.update_fetchhead = 0
    let list = StringList(specs.map(\.text))
    let result = unsafe list.withStrings { names in
      unsafe git_remote_fetch(remote.pointer, &names, &options, nil)
    }
    try session.check(result, operation)
    // libgit2 passes over a reference that the other side does not have.
    for case .reference(let source, let target) in specs where try reference(target) == nil {
      throw GitError(.notFound, operation: operation, message: "it has no reference '\(source.display)'")
    }
  }

  /// Moves a branch of another repository to a commit of this one.
  ///
  /// A local repository is written as ``land(_:onto:expecting:at:)`` does, unless it has hooks that decide on pushes:
  /// they would not be asked. Over the network the branch must be where it
  /// is expected to be when the other side names its references, and the other side moves it only from there.
  ///
  /// - Parameters:
  ///   - commit: Where to.
  ///   - branch: The branch.
  ///   - old: Where the branch must be now; the zero id where it must not be there.
  ///   - address: The other repository.
  ///   - credentials: What to answer when it asks who we are.
  ///   - transport: What the conversation is held to.
  /// - Returns: What came of it.
  /// - Throws: ``LandingError``, with `rejected` where the other side refuses; then nothing moved.
  package func push(
    _ commit: ObjectID, onto branch: FeatureBranch, expecting old: ObjectID, to address: RemoteAddress,
    credentials: Credentials = .none, transport: TransportRules = .usual
  ) throws(LandingError) -> LandingOutcome {
    if case .local(let directory) = address {
      try address.checkHooks(for: branch.ref)
      return try land(commit, onto: branch, expecting: old, at: directory)
    }
    let result: Result<LandingOutcome, LandingError>
    do throws(GitError) {
      result = try pushOverNetwork(commit, branch, old, address, RemoteSession(credentials, transport))
    } catch {
      throw LandingError(ref: branch.ref, reason: .failed(error))
    }
    return try result.get()
  }

  /// Where a commit waits to be pushed: libgit2 pushes references only.
  private static let pushSource = Array("refs/arborist/push".utf8)

  private func pushOverNetwork(
    _ commit: ObjectID, _ branch: FeatureBranch, _ old: ObjectID, _ address: RemoteAddress,
    _ session: RemoteSession
  ) throws(GitError) -> Result<LandingOutcome, LandingError> {
    let operation = "push to '\(address.display)'"
    let holdsOld = old.isZero ? true : try isAncestor(old, of: commit)
    guard holdsOld else { return .failure(LandingError(ref: branch.ref, reason: .notFastForward)) }
    try setReference(Self.pushSource, to: commit)
    let remote = try remote(address, operation)
    session.authorize(for: address)
    session.push = RemoteSession.Push(branch: branch.ref, old: old, new: commit)
    var options = unsafe git_push_options()
    try check(unsafe git_push_options_init(&options, UInt32(GIT_PUSH_OPTIONS_VERSION)), operation)
    unsafe session.install(in: &options.callbacks)
    unsafe options.follow_redirects = session.redirects
    unsafe options.custom_headers = session.headers
    let list = StringList([Self.pushSource + Array(":".utf8) + branch.ref.bytes])
    let result = unsafe list.withStrings { names in unsafe git_remote_push(remote.pointer, &names, &options) }
    if let stopped = session.push?.stopped {
      git_error_clear()
      return .success(stopped)
    }
    if let words = session.refusal {
      git_error_clear()
      return .failure(LandingError(ref: branch.ref, reason: .rejected(words)))
    }
    try session.check(result, operation)
    guard session.push?.isAccepted == true else {
      return .failure(LandingError(ref: branch.ref, reason: .rejected("it did not say whether the branch moved")))
    }
    return .success(.landed)
  }

  /// A conversation with another repository that is not begun yet; nothing of it is stored.
  func remote(_ address: RemoteAddress, _ operation: String) throws(GitError) -> Handle {
    let url: String
    switch address {
    case .local(let path): url = path
    case .network(let text): url = text
    }
    return try make(operation, owner: self, free: { unsafe git_remote_free($0) }) {
      unsafe git_remote_create_anonymous(&$0, pointer, url)
    }
  }
}
