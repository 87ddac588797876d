package import Base
package import Git
package import Policy
internal import Review
package import Work

/// What a repository says about its branches and about how it wants to be treated, at one moment.
package struct RepositoryFacts: Sendable {
  package var branches: BranchFacts
  package var configuration: RepositoryConfiguration
  package var rules: BranchRules
  /// The commit that the base points to; `nil` where it has none yet.
  package var baseTip: ObjectID?
  /// The base by the name under which it was found, such as `origin/main`.
  package var baseName: String
  /// Whether the default branch of the remote that is pushed to is known here.
  package var isRemoteKnown = true

  /// Reads the facts.
  ///
  /// - Parameters:
  ///   - repository: The repository.
  ///   - asked: The base that a person asked for: a branch's name or any other revision; `nil` for the configured one.
  ///   - recorded: The branches that `init` wrote down; they stay closed whatever happens.
  ///   - remote: The remote that is pushed to, whose default branch counts where it is known; `nil` for none.
  /// - Throws: ``GitError``, ``ConfigurationError`` or ``NoBase``.
  package init(
    reading repository: Repository, base asked: String? = nil, recorded: [RefName] = [], pushingTo remote: String? = nil
  ) throws {
    let finder = try BranchFinder(repository, pushingTo: remote)
    isRemoteKnown = try remote.map { try finder.knowsDefault(of: $0) } ?? true
    let head = try repository.head().branch
    // Where HEAD of a bare repository is detached, the branch holds that was the default when `init` ran.
    let defaultBranch = repository.isBare ? head ?? recorded.first : try finder.defaultBranch()
    let requested = try asked.map { try finder.branch(named: $0) } ?? nil
    branches = BranchFacts(
      defaultBranch: defaultBranch, head: repository.isBare ? head : nil, requestedBase: requested, recorded: recorded)
    var settings = try Self.configuration(of: defaultBranch, in: finder) ?? RepositoryConfiguration()
    let closed = try finder.otherSettings()
    if let asked, requested == nil {
      // Not a branch but some other revision: good to compare with; nothing is opened by it.
      configuration = closed.reduce(settings) { $0.closing(likeDefaultBranch: $1) }
      baseTip = try repository.resolve(asked)
      do {
        rules = try BranchRules(configuration: configuration, facts: branches)
      } catch {
        throw NoBase(asked: asked)
      }
      baseName = asked
      return
    }
    let choice = try BaseChoice(configuration: settings, facts: branches)
    if case .protectedBase(let base, _) = ConfigurationSource.decide(
      base: choice.ref, defaultBranch: defaultBranch, trusted: settings),
      let own = try Self.configuration(of: base, in: finder)
    {
      settings = own.closing(likeDefaultBranch: settings)
      // Which branch is the base was decided by the default branch's file.
      settings.base = choice.ref
    }
    settings = closed.reduce(settings) { $0.closing(likeDefaultBranch: $1) }
    configuration = settings
    rules = try BranchRules(configuration: settings, facts: branches)
    if let asked {
      // What a person names means what it means to git: 'main' is the local branch, 'origin/main' the remote's.
      baseTip = try repository.resolve(asked)
      baseName = asked
    } else {
      let found = try finder.tip(of: choice.ref)
      baseTip = found?.commit
      baseName = found?.name ?? choice.ref.shortDisplay
    }
  }

  /// The facts of a bare repository as if it had no configuration.
  ///
  /// - Throws: ``GitError`` or ``NoBase``.
  package init(withoutConfigurationOf repository: Repository, recorded: [RefName]) throws {
    let head = try repository.head().branch
    branches = BranchFacts(defaultBranch: head ?? recorded.first, head: head, recorded: recorded)
    configuration = RepositoryConfiguration()
    rules = try BranchRules(configuration: configuration, facts: branches)
    baseTip = try BranchFinder(repository).tip(of: rules.base)?.commit
    baseName = rules.base.shortDisplay
  }

  private static func configuration(
    of branch: RefName?, in finder: BranchFinder
  ) throws -> RepositoryConfiguration? {
    guard let branch, let tip = try finder.tip(of: branch)?.commit else { return nil }
    return try finder.configuration(at: tip)
  }
}

/// Finds branches in a repository, its remote-tracking ones included.
///
/// What counts of several remotes is the one that is pushed to where its default branch is known here, or else `origin`,
/// or else the only one there is.
struct BranchFinder {
  private let repository: Repository
  private let remotes: [String]
  /// The remote that counts; none in a bare repository, which has branches of its own.
  private let remote: String?

  init(_ repository: Repository, pushingTo pushed: String? = nil) throws {
    self.repository = repository
    guard !repository.isBare else {
      (remotes, remote) = ([], nil)
      return
    }
    let names = try repository.remoteNames()
    remotes = names.contains("origin") ? names : names + ["origin"]
    let known = try ([pushed, "origin"].compactMap { $0 }).first { try Self.knowsDefault(of: $0, in: repository) }
    remote = known ?? (names.count == 1 ? names.first : pushed ?? "origin")
  }

  private static let usualNames = ["main", "master", "trunk", "develop"]

  /// Whether it is known here which branch is a remote's default.
  func knowsDefault(of remote: String) throws -> Bool { try Self.knowsDefault(of: remote, in: repository) }

  private static func knowsDefault(of remote: String, in repository: Repository) throws -> Bool {
    try (["HEAD"] + usualNames).contains { name in
      guard let tracking = Self.tracking(remote, Array(name.utf8)) else { return false }
      return try repository.reference(tracking) != nil
    }
  }

  private static func tracking(_ remote: String, _ short: [UInt8]) -> RefName? {
    try? RefName(Array("refs/remotes/\(remote)/".utf8) + short)
  }

  /// The remote's default branch as the work tree knows it, or else the usual name that is there.
  func defaultBranch() throws -> RefName? { try defaultBranch(of: remote) }

  private func defaultBranch(of remote: String?) throws -> RefName? {
    var named: RefName?
    if let remote, let head = Self.tracking(remote, Array("HEAD".utf8)),
      case .symbolic(let name) = try repository.reference(head)?.target
    {
      let prefix = Array("refs/remotes/\(remote)/".utf8)
      if name.bytes.starts(with: prefix) {
        let branch = try RefName(branch: name.bytes.dropFirst(prefix.count))
        // It stays behind where the branch was renamed or the remote is gone.
        if try tip(of: branch, at: remote) != nil { return branch }
        named = branch
      }
    }
    for usual in Self.usualNames {
      let branch = try RefName(branch: Array(usual.utf8))
      if try tip(of: branch, at: remote) != nil { return branch }
    }
    return named
  }

  /// What the default branches of all other remotes say: it only closes branches.
  ///
  /// - Throws: What is wrong with that of `origin`; what another one's says and cannot be read is passed over.
  func otherSettings() throws -> [RepositoryConfiguration] {
    var result: [RepositoryConfiguration] = []
    for other in remotes where other != remote {
      guard try knowsDefault(of: other), let branch = try defaultBranch(of: other),
        let tracking = Self.tracking(other, branch.shortBytes), let commit = try commit(at: tracking)
      else { continue }
      let settings = other == "origin" ? try configuration(at: commit) : try? configuration(at: commit)
      if let settings { result.append(settings) }
    }
    return result
  }

  /// The commit that a branch points to: in a work tree the remote's, where it is known, and otherwise the local one.
  func tip(of branch: RefName) throws -> (commit: ObjectID, name: String)? { try tip(of: branch, at: remote) }

  private func tip(of branch: RefName, at remote: String?) throws -> (commit: ObjectID, name: String)? {
    if let remote, let tracking = Self.tracking(remote, branch.shortBytes), let commit = try commit(at: tracking) {
      return (commit, DisplayText.escaping("\(remote)/".utf8) + branch.shortDisplay)
    }
    return try commit(at: branch).map { ($0, branch.shortDisplay) }
  }

  private func commit(at name: RefName) throws -> ObjectID? {
    guard let reference = try repository.reference(name) else { return nil }
    if case .direct(let id) = reference.target { return id }
    return try? repository.resolve(name.display)
  }

  /// The branch that a person means: its short or full name, with or without its remote's; `nil` for another revision.
  func branch(named text: String) throws -> RefName? {
    var name = text
    let prefixes = ["refs/heads/"] + remotes.flatMap { ["refs/remotes/\($0)/", "\($0)/"] }
    for prefix in prefixes where name.hasPrefix(prefix) {
      name = String(name.dropFirst(prefix.count))
      break
    }
    guard let branch = try? RefName(branch: Array(name.utf8)) else { return nil }
    for place in [remote] + remotes where try tip(of: branch, at: place) != nil { return branch }
    return nil
  }

  /// The configuration file in a commit; `nil` where there is none.
  func configuration(at commit: ObjectID) throws -> RepositoryConfiguration? {
    guard let path = RepositoryPath(RepositoryConfiguration.fileName),
      let entry = try repository.entry(at: path, in: commit)
    else { return nil }
    let content = try repository.content(of: entry.id, limit: RepositoryConfiguration.maximumSize)
    return try RepositoryConfiguration(parsing: content, knownChecks: Set(BuiltInChecks.ids))
  }
}
