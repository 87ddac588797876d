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

  /// Reads the facts.
  ///
  /// - Parameters:
  ///   - repository: The repository.
  ///   - asked: The base that a person asked for: a branch's name or any other revision; `nil` for the configured one.
  ///   - recorded: The branches that `init` wrote down; they stay closed whatever happens.
  /// - Throws: ``GitError``, ``ConfigurationError`` or ``NoBase``.
  package init(reading repository: Repository, base asked: String? = nil, recorded: [RefName] = []) throws {
    let finder = BranchFinder(repository)
    let head = try repository.head().branch
    // Where HEAD of a bare repository is detached, the branch holds that was the default when `init` ran.
    let defaultBranch = repository.isBare ? head ?? recorded.first : try finder.defaultBranch()
    let requested = try asked.map { try finder.branch(named: $0) } ?? nil
    branches = BranchFacts(
      defaultBranch: defaultBranch, head: repository.isBare ? head : nil, requestedBase: requested, recorded: recorded)
    var settings = try Self.configuration(of: defaultBranch, in: finder) ?? RepositoryConfiguration()
    if let asked, requested == nil {
      // Not a branch but some other revision: good to compare with; nothing is opened by it.
      configuration = settings
      rules = try BranchRules(configuration: settings, facts: branches)
      baseTip = try repository.resolve(asked)
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
struct BranchFinder {
  private let repository: Repository

  init(_ repository: Repository) {
    self.repository = repository
  }

  /// The remote's default branch as the work tree knows it, or else the usual name that is there.
  func defaultBranch() throws -> RefName? {
    let remoteHead = try RefName("refs/remotes/origin/HEAD")
    var named: RefName?
    if case .symbolic(let name) = try repository.reference(remoteHead)?.target {
      let prefix = Array("refs/remotes/origin/".utf8)
      if name.bytes.starts(with: prefix) {
        let branch = try RefName(branch: name.bytes.dropFirst(prefix.count))
        // It stays behind where the branch was renamed or the remote is gone.
        if try tip(of: branch) != nil { return branch }
        named = branch
      }
    }
    for usual in ["main", "master", "trunk", "develop"] {
      let branch = try RefName(branch: Array(usual.utf8))
      if try tip(of: branch) != nil { return branch }
    }
    return named
  }

  /// The commit that a branch points to: in a work tree the remote's, where it is known, and otherwise the local one.
  func tip(of branch: RefName) throws -> (commit: ObjectID, name: String)? {
    if !repository.isBare {
      let remote = try RefName(Array("refs/remotes/origin/".utf8) + branch.shortBytes)
      if let commit = try commit(at: remote) { return (commit, "origin/" + branch.shortDisplay) }
    }
    return try commit(at: branch).map { ($0, branch.shortDisplay) }
  }

  private func commit(at name: RefName) throws -> ObjectID? {
    guard let reference = try repository.reference(name) else { return nil }
    if case .direct(let id) = reference.target { return id }
    return try? repository.resolve(name.display)
  }

  /// The branch that a person means: its short or full name, with or without `origin/`; `nil` for another revision.
  func branch(named text: String) throws -> RefName? {
    var name = text
    for prefix in ["refs/heads/", "refs/remotes/origin/", "origin/"] where name.hasPrefix(prefix) {
      name = String(name.dropFirst(prefix.count))
      break
    }
    guard let branch = try? RefName(branch: Array(name.utf8)), try tip(of: branch) != nil else { return nil }
    return branch
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
