internal import Agent
internal import Base
internal import Egress
internal import Git
internal import Work
internal import Workspace

/// What a run stands on: what its cell is made of, and where its patch comes from.
///
/// A run that is taken up again stands where it stood, whatever has become of the branches since then; so this is read
/// at commits that the journal has, and never at a branch's present tip.
struct AgentGround: Sendable {
  /// The commit that is worked on, and the branch that was checked out at it.
  let commit: ObjectID
  let branch: RefName?
  /// The repository's objects.
  let objects: String
  /// Where the cell reads the history; `nil` where it has none.
  let history: ObjectDirectories?
  let skills: [TrustedTexts.FoundSkill]
  let hosts: [HostName]
}

extension AgentGround {
  /// The ground of a run that begins.
  init(_ plan: AgentPlan) {
    self.init(
      commit: plan.commit, branch: plan.branch, objects: plan.objects, history: plan.history, skills: plan.skills,
      hosts: plan.hosts)
  }

  /// The ground of a run that is taken up again.
  ///
  /// - Throws: ``GitError`` where its commits are not in the repository any more, or ``InvalidHost``.
  init(of setup: AgentSetup, in repository: Repository, history: ObjectDirectories?) throws {
    let texts = try setup.rules.map { rules throws(GitError) in
      try TrustedTexts(at: rules, called: rules.short, in: repository)
    }
    self.init(
      commit: setup.commit, branch: setup.branch, objects: repository.objectsDirectory, history: history,
      skills: texts?.skills ?? [], hosts: try HostName.opened(setup.hosts ?? []))
  }
}

extension HostName {
  /// The hosts of these names, as a person or a journal gives them.
  ///
  /// - Throws: ``InvalidHost`` for the first that may not be opened.
  static func opened(_ texts: [String]) throws(InvalidHost) -> [HostName] {
    var hosts: [HostName] = []
    for text in texts {
      do throws(InvalidHostName) {
        hosts.append(try HostName(text))
      } catch {
        throw InvalidHost(text: text, reason: error.description)
      }
    }
    return hosts
  }
}
