internal import Base
internal import Git
internal import Installation
internal import Policy
internal import Work
internal import Workspace

/// A branch of a person's own repository, and everything that is read of it before work on it begins.
struct LocalBranch: Sendable {
  var facts: RepositoryFacts
  var branch: RefName
  var head: ObjectID
  var baseTip: ObjectID
  /// Where the two have come apart; `nil` where they have nothing in common, or nobody asked for it: a walk through
  /// history takes its time.
  var mergeBase: ObjectID?
  /// Whether somebody has the branch checked out, or is rebasing it, in any work tree of the repository that is written
  /// to; `false` where that is on another machine, which says so itself.
  var isCheckedOut: Bool
  /// The repository's objects.
  var objects: String
  /// The git directory that all work trees share.
  var directory: String
  /// The git directory of the work tree that the person stood in: what is read there is read as it was.
  var place: String
  /// The repository that is written to, the same from wherever it is written to: a git directory or an address.
  var destination: String
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
  ///   - known: The branch where its name is known by its bytes; it is the one that counts.
  ///   - remote: The remote that is to be pushed to; `nil` for none.
  ///   - purpose: What is done to the branch, for errors, such as `merge into`.
  ///   - findsMergeBase: Whether ``mergeBase`` is wanted.
  ///   - mayBeGone: Whether the branch need not be here; its head is then the zero id.
  /// - Throws: ``GitError``, ``ConfigurationError``, ``NoBase`` or ``InvalidRefName``.
  init(
    reading repository: Repository, base: String?, branch: String?, named known: RefName? = nil, remote: String?,
    to purpose: String, findsMergeBase: Bool = false, mayBeGone: Bool = false
  ) throws {
    // Where `init` has run, its word on the bot and on the branches that stay closed holds here too.
    let installed = try InstallationRecord.of(gitDirectory: Array(repository.commonDirectory.utf8))
    let recorded = installed?.isBare == true ? installed?.defaultBranch : nil
    record = installed
    facts = try RepositoryFacts(
      reading: repository, base: base, recorded: recorded.map { [$0] } ?? [], pushingTo: remote)
    if let known {
      self.branch = known
    } else if let branch {
      self.branch = branch.hasPrefix("refs/") ? try RefName(branch) : try RefName(branch: Array(branch.utf8))
    } else {
      self.branch = try Self.checkedOut(in: repository, to: purpose)
    }
    var head = ObjectID.zero
    if case .direct(let tip) = try repository.reference(self.branch)?.target {
      head = tip
    } else if !mayBeGone {
      throw GitError(
        .notFound, operation: "\(purpose) '\(self.branch.shortDisplay)'", message: "there is no such local branch")
    }
    guard let tip = facts.baseTip else {
      throw GitError(
        .unbornBranch, operation: "read the base '\(facts.baseName)'", message: "it has no commit yet")
    }
    self.head = head
    baseTip = tip
    mergeBase = findsMergeBase && !head.isZero ? try repository.mergeBase(head, tip) : nil
    objects = repository.objectsDirectory
    directory = repository.commonDirectory
    place = repository.gitDirectory
    destination = directory
    isBare = repository.isBare
    guard let remote else {
      isCheckedOut = try repository.placeOfWork(on: self.branch) != nil
      return
    }
    let (pushed, fetched) = ("remote.\(remote).pushurl", "remote.\(remote).url")
    guard let url = try repository.configuration(pushed) ?? repository.configuration(fetched) else {
      throw GitError(
        .notFound, operation: "push to '\(DisplayText.escaping(remote.utf8))'", message: "there is no such remote")
    }
    remoteURL = url
    // What cannot be pushed to is said before anything is run.
    let address = try RemoteAddress(url)
    let there = try? address.repository()
    destination = there?.commonDirectory ?? Self.plain(address.display)
    isCheckedOut = try there?.placeOfWork(on: self.branch) != nil
  }

  /// An address without what may be left out of it.
  private static func plain(_ address: String) -> String {
    var text = address
    while text.hasSuffix("/") { text.removeLast() }
    return text.hasSuffix(".git") ? String(text.dropLast(4)) : text
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
    let (url, facts, directory) = (remoteURL, facts, directory)
    return try await workspace.perform { repository in
      guard let url else {
        let branch = try FeatureBranch(name.bytes, under: facts.rules)
        return try repository.land(commit, onto: branch, expecting: old, at: directory)
      }
      let address = try RemoteAddress(url)
      let remote = try repository.listReferences(at: address, credentials: .agent)
      let branch = try FeatureBranch(name.bytes, under: facts.rules(at: remote, in: repository))
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

extension LocalBranch {
  /// Looks at the remote before anything is run: whether it takes a push at all, and whether the branch is there as it
  /// is here.
  ///
  /// - Parameters:
  ///   - isMoved: Whether the branch itself may be moved, so that it has to be there.
  ///   - scratch: An existing directory for a workspace.
  /// - Throws: ``LandingError``, ``BranchRefusal`` or ``GitError`` with what is in the way.
  func checkRemote(isMoved: Bool, scratch: String) async throws {
    guard let url = remoteURL else { return }
    let (address, facts, branch) = (try RemoteAddress(url), facts, branch)
    try address.checkHooks(for: branch)
    let workspace = try await RunWorkspace.make(
      for: RunID(random: .random(in: .min ... .max)), under: scratch, borrowing: [objects])
    defer { try? workspace.remove() }
    let tip = try await workspace.repository.perform { repository in
      let remote = try repository.listReferences(at: address, credentials: .agent)
      _ = try FeatureBranch(branch.bytes, under: facts.rules(at: remote, in: repository))
      return remote.references[branch]
    }
    let operation = "push '\(branch.shortDisplay)' to '\(address.display)'"
    guard isMoved, tip != head else { return }
    guard let tip else { throw GitError(.notFound, operation: operation, message: "it is not there: push it first") }
    throw GitError(
      .modified, operation: operation,
      message: "it is at \(tip.short) there and at \(head.short) here: fetch or push it first")
  }
}

extension RepositoryFacts {
  /// The rules with those of the remote that is pushed to, as it is at this moment.
  ///
  /// - Throws: ``ConfigurationError``; ``GitError`` where nobody knows here what the remote's default branch protects.
  fileprivate func rules(at remote: RemoteListing, in repository: Repository) throws -> BranchRules {
    var rules = rules
    rules.head = remote.head
    guard let head = remote.head, let tip = remote.references[head] else { return rules }
    if try repository.contains(tip) {
      if let settings = try BranchFinder(repository).configuration(at: tip) {
        rules.protected += settings.protect + [settings.base].compactMap { $0 }.map { BranchPattern(exactly: $0) }
      }
    } else if !isRemoteKnown {
      throw GitError(
        .notFound, operation: "push to the remote", message: "what its default branch protects is not known: fetch it")
    }
    return rules
  }
}
