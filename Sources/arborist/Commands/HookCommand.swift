internal import ArgumentParser
internal import Base
internal import FileSystem
internal import Git
internal import Glibc
internal import Pipeline
internal import Review
internal import Work

/// The command `arborist hook`.
struct HookCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hook",
    abstract: "What an installed hook calls.",
    discussion: """
      pre-commit reviews what is staged, pre-push what is about to leave; both fail only on a finding of severity \
      'error', and git's own --no-verify passes them by. pre-receive refuses the bot's own identity on anything but a \
      feature branch.

      failed is for what checks a bare repository's branches: it tells Arborist that a check of BRANCH failed, at \
      COMMIT (by default where the branch is), and starts the jobs that 'on: failed' in .arborist.yml names.

      Example: arborist hook pre-commit
      Example: arborist hook failed --repo /srv/git/project.git --check 'unit tests' topic 1f3c9a2
      """)

  enum Hook: String, ExpressibleByArgument, CaseIterable {
    case preCommit = "pre-commit"
    case prePush = "pre-push"
    case preReceive = "pre-receive"
    case failed
  }

  @Argument(help: "pre-commit, pre-push, pre-receive or failed.")
  var name: Hook

  @Option(help: "pre-receive and failed: the state directory.")
  var state: String?

  @Option(help: "failed: the bare repository.")
  var repo = "."

  @Option(help: ArgumentHelp("failed: what the check calls itself.", valueName: "name"))
  var check = ""

  @Argument(help: "What git gives the hook; failed: the branch, and the commit that was checked.")
  var words: [String] = []

  func run() async throws {
    switch name {
    case .preCommit: try await preCommit()
    case .prePush: try await prePush()
    case .preReceive: try await PreReceive(state: state).run()
    case .failed: try await FailedCheck(repository: repo, state: state, check: check, words: words).run()
    }
  }

  private static var gitDirectory: String { Environment.text("GIT_DIR") ?? "." }

  private func preCommit() async throws {
    let directory = Self.gitDirectory
    let index = Environment.text("GIT_INDEX_FILE")
    let actor = try await RepositoryActor.open { () throws(GitError) in try Repository.discover(at: directory) }
    let outcome = try await actor.perform { repository in
      // A repository without a base has a configuration nowhere; its commits are reviewed all the same.
      let (settings, fault) = try HookFacts.configuration(of: repository)
      if let fault { Terminal.note("\(fault); the review goes by the defaults") }
      return try ReviewStage.reviewStaged(
        in: repository, against: repository.head().commit, index: index, configuration: settings)
    }
    try judge(outcome, title: "what is staged", verb: "commit")
  }

  private func prePush() async throws {
    let directory = Self.gitDirectory
    let lines = try FileDescriptor.readStandardInput(limit: 16 << 20).split(separator: UInt8(ascii: "\n"))
    let updates = try lines.map { try OutgoingUpdate($0) }
    let actor = try await RepositoryActor.open { () throws(GitError) in try Repository.discover(at: directory) }
    for update in updates where !update.local.isZero {
      let outcome = try await actor.perform { repository -> ReviewOutcome? in
        let (settings, fault) = try HookFacts.configuration(of: repository)
        if let fault { Terminal.note("\(fault); the review goes by the defaults") }
        guard let start = try HookFacts.start(of: update.local, remote: update.remote, in: repository) else {
          return nil
        }
        return try ReviewStage.review(in: repository, from: start, to: update.local, configuration: settings)
      }
      guard let outcome else {
        Terminal.note("\(DisplayText.escaping(update.name)): no known base to compare with, so it is not reviewed")
        continue
      }
      try judge(outcome, title: "what leaves for \(DisplayText.escaping(update.name))", verb: "push")
    }
  }

  private func judge(_ outcome: ReviewOutcome, title: String, verb: String) throws {
    guard !outcome.findings.isEmpty else { return }
    try ReviewFormat.text.write(outcome, title: title)
    guard outcome.findings.contains(where: { $0.severity == .error }) else { return }
    Terminal.note("findings of severity 'error' keep the \(verb) back; 'git \(verb) --no-verify' goes past them")
    throw ExitCode(ExitStatus.somethingLeft.rawValue)
  }
}

/// One line of what git tells pre-push: `LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID`.
struct OutgoingUpdate: Sendable {
  /// The remote's reference.
  let name: [UInt8]
  let local: ObjectID
  let remote: ObjectID

  init(_ line: ArraySlice<UInt8>) throws {
    let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    // A local revision may have spaces in it, such as 'HEAD@{1 day ago}', so the fields count from the end.
    guard fields.count >= 4, let remote = ObjectID(hex: fields[fields.count - 1]),
      let local = ObjectID(hex: fields[fields.count - 3])
    else {
      throw CommandFailure(.usage, "'\(DisplayText.escaping(line))' is not what git tells a pre-push hook")
    }
    name = Array(fields[fields.count - 2])
    self.local = local
    self.remote = remote
  }
}

/// The environment that git gives a hook.
enum Environment {
  static func text(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
