internal import Base
internal import Git
internal import Installation
internal import Policy
internal import Work

/// A branch of a person's own repository, and everything that is read of it before work on it begins.
struct LocalBranch: Sendable {
  var facts: RepositoryFacts
  var branch: RefName
  var head: ObjectID
  var baseTip: ObjectID
  /// Where the two have come apart; `nil` where they have nothing in common, or nobody asked for it: a walk through
  /// history takes its time.
  var mergeBase: ObjectID?
  /// Whether the branch is what is checked out in a work tree.
  var isCheckedOut: Bool
  /// The repository's objects.
  var objects: String
  /// The git directory.
  var directory: String
  var isBare: Bool
  /// Where the remote is pushed to; `nil` for no remote.
  var remoteURL: String?
  /// What `arborist init` wrote down; `nil` where it has not run.
  var record: InstallationRecord?
  /// How long somebody else's lock is waited for.
  var patience = LockPatience()

  /// - Parameters:
  ///   - repository: The repository.
  ///   - base: The base that a person asked for; `nil` for the configured one.
  ///   - branch: The branch; `nil` for what is checked out.
  ///   - remote: The remote that is to be pushed to; `nil` for none.
  ///   - purpose: What is done to the branch, for errors, such as `merge into`.
  ///   - findsMergeBase: Whether ``mergeBase`` is wanted.
  /// - Throws: ``GitError``, ``ConfigurationError``, ``NoBase`` or ``InvalidRefName``.
  init(
    reading repository: Repository, base: String?, branch: String?, remote: String?, to purpose: String,
    findsMergeBase: Bool = false
  ) throws {
    // Where `init` has run, its word on the bot and on the branches that stay closed holds here too.
    let installed = try InstallationRecord.of(gitDirectory: Array(repository.commonDirectory.utf8))
    let recorded = installed?.isBare == true ? installed?.defaultBranch : nil
    record = installed
    facts = try RepositoryFacts(reading: repository, base: base, recorded: recorded.map { [$0] } ?? [])
    var checkedOut: RefName?
    if case .branch(let name, _) = try repository.head() { checkedOut = name }
    if let branch {
      self.branch = branch.hasPrefix("refs/") ? try RefName(branch) : try RefName(branch: Array(branch.utf8))
    } else {
      self.branch = try Self.checkedOut(in: repository, to: purpose)
    }
    isCheckedOut = !repository.isBare && checkedOut == self.branch
    guard case .direct(let head) = try repository.reference(self.branch)?.target else {
      throw GitError(
        .notFound, operation: "\(purpose) '\(self.branch.shortDisplay)'", message: "there is no such local branch")
    }
    guard let tip = facts.baseTip else {
      throw GitError(
        .unbornBranch, operation: "read the base '\(facts.baseName)'", message: "it has no commit yet")
    }
    self.head = head
    baseTip = tip
    mergeBase = findsMergeBase ? try repository.mergeBase(head, tip) : nil
    objects = repository.objectsDirectory
    directory = repository.commonDirectory
    isBare = repository.isBare
    if let remote {
      remoteURL =
        try repository.configuration("remote.\(remote).pushurl") ?? repository.configuration("remote.\(remote).url")
      if remoteURL == nil {
        throw GitError(
          .notFound, operation: "push to '\(DisplayText.escaping(remote.utf8))'", message: "there is no such remote")
      }
      // What cannot be pushed to is said before anything is run.
      _ = try remoteURL.map { try RemoteAddress($0) }
    }
  }

  private static func checkedOut(in repository: Repository, to purpose: String) throws -> RefName {
    switch try repository.head() {
    case .branch(let name, _): return name
    case .unborn(let name):
      throw GitError(.unbornBranch, operation: "\(purpose) '\(name.shortDisplay)'", message: "it has no commit yet")
    case .detached:
      throw GitError(
        .invalid, operation: "choose a branch", message: "HEAD is detached; name the branch with --branch")
    }
  }

  /// Moves a branch of the repository, or of its remote, to a commit of the workspace, and only from where it was.
  ///
  /// Where somebody else has the branch's lock, it is tried for a few seconds.
  ///
  /// - Throws: ``BranchRefusal``, ``LandingError`` or ``GitError``.
  func land(
    _ commit: ObjectID, onto name: RefName, from old: ObjectID, in workspace: RepositoryActor<PrivateRepository>
  ) async throws -> LandingOutcome {
    for pause in patience.pauses {
      do {
        return try await landOnce(commit, onto: name, from: old, in: workspace)
      } catch let error as LandingError {
        guard case .locked = error.reason else { throw error }
        try await patience.sleep(pause)
      }
    }
    return try await landOnce(commit, onto: name, from: old, in: workspace)
  }

  private func landOnce(
    _ commit: ObjectID, onto name: RefName, from old: ObjectID, in workspace: RepositoryActor<PrivateRepository>
  ) async throws -> LandingOutcome {
    let (url, rules, directory) = (remoteURL, facts.rules, directory)
    return try await workspace.perform { repository in
      guard let url else {
        let branch = try FeatureBranch(name.bytes, under: rules)
        return try repository.land(commit, onto: branch, expecting: old, at: directory)
      }
      let address = try RemoteAddress(url)
      let remote = try repository.listReferences(at: address, credentials: .agent)
      var rules = rules
      rules.head = remote.head
      let branch = try FeatureBranch(name.bytes, under: rules)
      return try repository.push(commit, onto: branch, expecting: old, to: address, credentials: .agent)
    }
  }
}

/// How long the lock of a reference is waited for that somebody else has.
struct LockPatience: Sendable {
  /// How long the pauses are, one behind each try but the last: three seconds in all.
  var pauses: [Duration] = [50, 100, 200, 400, 800, 1600].map { .milliseconds($0) }
  /// Waits.
  var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
}
