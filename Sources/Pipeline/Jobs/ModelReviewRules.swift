internal import Base
internal import Git
internal import Policy
internal import Work

extension RepositoryFacts {
  /// The commit whose instructions may be believed, and what it is called: the default branch's, or a base's that the
  /// default branch protects.
  ///
  /// What a change is merely compared with is no reason to do as it says.
  ///
  /// - Throws: ``GitError``.
  func trusted(in repository: Repository) throws -> (commit: ObjectID, name: String)? {
    let branch: RefName
    switch ConfigurationSource.decide(
      base: rules.base, defaultBranch: branches.defaultBranch, trusted: configuration)
    {
    case .none: return nil
    case .defaultBranch(let name), .protectedBase(let name, _): branch = name
    }
    guard let tip = try BranchFinder(repository).tip(of: branch) else { return nil }
    return (tip.commit, tip.name)
  }
}
