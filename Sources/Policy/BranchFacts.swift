package import Base
package import Work

/// What is known of a repository's branches without its configuration.
package struct BranchFacts: Sendable, Hashable {
  /// The default branch; `nil` where the repository has none.
  package var defaultBranch: RefName?
  /// The branch that HEAD of the repository that is pushed to names; `nil` where HEAD is detached.
  package var head: RefName?
  /// The base that a person asked for on the command line.
  package var requestedBase: RefName?
  /// The branches that `init` wrote down as the default branch and HEAD's: they stay closed when the default moves.
  package var recorded: [RefName]

  package init(
    defaultBranch: RefName?, head: RefName?, requestedBase: RefName? = nil, recorded: [RefName] = []
  ) {
    self.defaultBranch = defaultBranch
    self.head = head
    self.requestedBase = requestedBase
    self.recorded = recorded
  }
}

/// The branch that changes are merged into, and who named it.
package struct BaseChoice: Sendable, Hashable {
  package let ref: RefName
  package let source: Source

  /// Who can name the base, the strongest first.
  package enum Source: Sendable, Hashable, CaseIterable {
    case commandLine
    case configuration
    case defaultBranch
  }

  /// The base: what the command line asks for, or else the configuration, or else the default branch.
  ///
  /// - Throws: ``NoBase`` where nobody names one.
  package init(configuration: RepositoryConfiguration, facts: BranchFacts) throws(NoBase) {
    if let asked = facts.requestedBase {
      self.init(ref: asked, source: .commandLine)
    } else if let configured = configuration.base {
      self.init(ref: configured, source: .configuration)
    } else if let branch = facts.defaultBranch {
      self.init(ref: branch, source: .defaultBranch)
    } else {
      throw NoBase()
    }
  }

  private init(ref: RefName, source: Source) {
    self.ref = ref
    self.source = source
  }
}

/// Nobody names a branch that changes are merged into: exit status 2.
package struct NoBase: Error, Hashable, CustomStringConvertible {
  /// What a person asked for and is no branch; `nil` where nobody asked for any.
  private let asked: String?

  package init(asked: String? = nil) {
    self.asked = asked
  }

  package var description: String {
    if let asked {
      return "there is no default branch and '\(DisplayText.escaping(asked.utf8))' is no branch, so nothing says which "
        + "branches are closed; give --base BRANCH"
    }
    return "there is no base: the repository has no default branch and neither --base nor "
      + "\(RepositoryConfiguration.fileName) names one; give --base BRANCH"
  }
}

extension BranchRules {
  /// The rules for what may be written to.
  ///
  /// Naming a base only ever closes branches: the default branch, HEAD's branch, what `init` recorded, the configured
  /// base and every pattern stay closed whatever base is asked for.
  ///
  /// - Throws: ``NoBase`` where nobody names a base.
  package init(configuration: RepositoryConfiguration, facts: BranchFacts) throws(NoBase) {
    let base = try BaseChoice(configuration: configuration, facts: facts)
    let closed = ([configuration.base].compactMap { $0 } + facts.recorded).map { BranchPattern(exactly: $0) }
    self.init(
      base: base.ref, defaultBranch: facts.defaultBranch, head: facts.head, protected: configuration.protect + closed)
  }
}

/// Which branch's configuration holds for a run: never the head's.
package enum ConfigurationSource: Sendable, Hashable {
  /// No branch is trusted, because there is no default branch: the defaults hold.
  case none
  /// The default branch's own.
  case defaultBranch(RefName)
  /// The base's, because the default branch's configuration protects it with this pattern. Where the base has no
  /// configuration file, the default branch's holds.
  case protectedBase(RefName, by: BranchPattern)

  /// The branch whose configuration holds.
  ///
  /// The base's own is read only where a `protect` pattern of the default branch covers it. To be configured as the base
  /// is not enough: whoever may push to such a branch could then grant themselves what the default branch does not.
  ///
  /// - Parameters:
  ///   - base: the branch that the run merges or compares with.
  ///   - defaultBranch: the repository's default branch.
  ///   - trusted: the default branch's configuration.
  /// - Returns: where the configuration is to be read.
  package static func decide(
    base: RefName, defaultBranch: RefName?, trusted: RepositoryConfiguration
  ) -> ConfigurationSource {
    guard let defaultBranch else { return .none }
    if base == defaultBranch { return .defaultBranch(defaultBranch) }
    if let pattern = trusted.protect.first(where: { $0.matches(base) }) { return .protectedBase(base, by: pattern) }
    return .defaultBranch(defaultBranch)
  }
}

extension RepositoryConfiguration {
  /// The configuration for a run whose protected base has one of its own: the base's, with every branch closed that the
  /// default branch's closes.
  package func closing(likeDefaultBranch trusted: RepositoryConfiguration) -> RepositoryConfiguration {
    var result = self
    result.protect += trusted.protect.filter { !protect.contains($0) }
    if let base = trusted.base { result.protect.append(BranchPattern(exactly: base)) }
    return result
  }
}
