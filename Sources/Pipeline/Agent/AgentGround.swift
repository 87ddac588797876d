internal import Agent
internal import Base
internal import Egress
internal import Git
internal import Sandbox
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
  /// What the model is given the files of: the commit, or a tree beside it.
  let files: ObjectID
  /// Run in the cell before the model begins, one line of `sh` each.
  let setup: [String]
  /// The repository's objects.
  let objects: String
  /// Where the cell reads the history; `nil` where it has none.
  let history: ObjectDirectories?
  let skills: [TrustedTexts.FoundSkill]
  let hosts: [HostName]
  /// Whether the hosts are for `setup` alone, so that the way out is shut behind it.
  var isShutAfterSetup = false
}

extension AgentGround {
  /// The ground of a run that begins.
  init(_ plan: AgentPlan) {
    self.init(
      commit: plan.commit, branch: plan.branch, files: plan.files, setup: plan.setup, objects: plan.objects,
      history: plan.history, skills: plan.skills,
      hosts: plan.setupHosts.isEmpty ? plan.hosts : plan.setupHosts, isShutAfterSetup: !plan.setupHosts.isEmpty)
  }

  /// The ground of a run that is taken up again.
  ///
  /// - Throws: ``GitError`` where its commits are not in the repository any more, or ``InvalidHost``.
  init(of setup: AgentSetup, in repository: Repository, history: ObjectDirectories?) throws {
    let texts = try setup.rules.map { rules throws(GitError) in
      try TrustedTexts(at: rules, called: rules.short, in: repository)
    }
    self.init(
      commit: setup.commit, branch: setup.branch, files: setup.commit, setup: [], objects: repository.objectsDirectory,
      history: history,
      skills: texts?.skills ?? [], hosts: try HostName.opened(setup.hosts ?? []))
  }
}

extension AgentGround {
  /// Runs what prepares the workspace.
  ///
  /// - Returns: What then differs from the checkout.
  /// - Throws: ``SandboxError``, or ``SetupFailed``.
  func prepare(_ cell: any Cell) async throws -> [CellChange] {
    guard !setup.isEmpty else { return [] }
    for line in setup {
      let process = try await cell.start(
        CellCommand(
          ["sh", "-c", line].map { Array($0.utf8) }, timeout: .seconds(Self.setupSeconds), outputLimit: 1 << 20))
      var last: [UInt8] = []
      var output = try await cell.output(of: process, waiting: .seconds(10))
      while output.ending == nil {
        try Task.checkCancellation()
        if !output.bytes.isEmpty { last = output.bytes }
        output = try await cell.output(of: process, waiting: .seconds(10))
      }
      if !output.bytes.isEmpty { last = output.bytes }
      guard output.ending == .exited(0) else { throw SetupFailed(command: line, output: last) }
    }
    return try await cell.changes()
  }

  /// The longest that one line of `setup` may take.
  private static let setupSeconds = 1800
}

/// A command of `setup` that failed where a model was to work.
struct SetupFailed: Error, CustomStringConvertible {
  let command: String
  let output: [UInt8]

  var description: String {
    let line = output.split(separator: UInt8(ascii: "\n")).last { $0.contains { $0 != 0x20 } } ?? []
    return "'\(DisplayText.line(command.utf8))' of 'setup' failed: \(DisplayText.line(line.prefix(300)))"
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
