internal import Base
internal import CBrokerShims
internal import Dispatch
internal import FileSystem
internal import FoundationEssentials
internal import Git
internal import Glibc
internal import Work

/// The process that carries out one network git operation and ends.
///
/// libgit2 1.5 waits for a server without end, so whoever is tired of waiting kills this process. Its descriptor 3 is a
/// socket: the task comes over it, the answer goes back, and when the other end is closed the process ends at once.
package enum GitChildMain {
  /// Carries out the task.
  ///
  /// - Returns: The status to end with.
  package static func run() async -> Int32 {
    signal(SIGPIPE, SIG_IGN)
    guard arborist_seclude() == 0 else { return 70 }
    // The mirrors' directory keeps others out; what is in it is shown to cells, whose users have to read it.
    umask(0o022)
    let channel = FrameChannel(raw: 3, longest: GitChild.longestFrame)
    let (tasks, sink) = AsyncStream.makeStream(of: GitTask.self)
    channel.begin { frame in
      guard let task = FrameCoding.decode(GitTask.self, from: frame) else { _exit(65) }
      sink.yield(task)
    } onEnd: { _ in
      // The broker is gone or has given up: what is half done is cleared up under the mirror's lock.
      _exit(69)
    }
    guard let task = await tasks.first(where: { _ in true }) else { return 65 }
    let answer = await withCheckedContinuation { continuation in
      DispatchQueue(label: "arborist.broker.git").async {
        // libgit2 cannot be interrupted: the broker kills this process once it has read this.
        let giveUp: @Sendable (GitFailure) -> Void = { failure in
          if let frame = FrameCoding.encode(GitAnswer.failed(failure)) { channel.send(frame) }
        }
        continuation.resume(returning: carryOut(task, giveUp))
      }
    }
    guard let frame = FrameCoding.encode(answer), channel.send(frame) else { return 70 }
    // It ends when the broker has read the answer and closes its end.
    while true { try? await Task.sleep(for: .seconds(60)) }
  }

  /// Carries a task out, and calls `giveUp` where it hangs.
  private static func carryOut(_ task: GitTask, _ giveUp: @escaping @Sendable (GitFailure) -> Void) -> GitAnswer {
    let token = Secret(task.token)
    do throws(GitError) {
      GitProcess.syncEverything()
      if let authorities = task.authorities { try GitProcess.trust(authorities: authorities) }
      let credentials = Credentials.token(token, username: task.username, for: task.address)
      switch task.operation {
      case .mirror(let place, let heads, let limits, let seconds):
        return .mirrored(
          try place.change { mirror throws(GitError) in
            // Waiting for the mirror's lock is no silence of the server.
            let watch = SilenceWatch.begin(seconds: seconds) {
              giveUp(GitFailure(.network, "the server said nothing for \(seconds) s, and it was ended"))
            }
            defer { watch.cancel() }
            return try mirror.mirror(task.address.remote, heads: heads, limits: limits, credentials: credentials)
          })
      case .push(let branch, let rules, let old, let new, let workspace):
        return try push(branch, rules, from: old, to: new, workspace, task, credentials)
      case .outgoing(let start, let new, let workspace, let mirror):
        let commits = OutgoingCommits(start: start, new: new, workspace: workspace, mirror: mirror)
        return .outgoing(try commits.bytes().map { Data($0) })
      }
    } catch {
      var failure = GitFailure(error)
      failure.message = token.redacting(failure.message)
      return .failed(failure)
    }
  }

  private static func push(
    _ branch: RefName, _ rules: PushRules, from old: ObjectID, to new: ObjectID, _ workspace: String, _ task: GitTask,
    _ credentials: Credentials
  ) throws(GitError) -> GitAnswer {
    let feature: FeatureBranch
    do throws(BranchRefusal) {
      feature = try FeatureBranch(branch.bytes, under: rules.rules)
    } catch {
      return .pushed(.refused(error.description))
    }
    let repository = try PrivateRepository.reopen(at: workspace)
    let transport = TransportRules.withToken()
    let outcome: LandingOutcome
    do throws(LandingError) {
      outcome = try repository.push(
        new, onto: feature, expecting: old, to: task.address.remote, credentials: credentials, transport: transport)
    } catch {
      switch error.reason {
      case .failed(let failure): throw failure
      case .rejected(let words):
        // Whoever was quicker than the push shows only now.
        let actual =
          try repository.listReferences(
            at: task.address.remote, credentials: credentials, transport: transport
          ).references[branch] ?? .zero
        if actual == new { return .pushed(.alreadyThere) }
        if actual != old { return .pushed(.raced(actual: actual)) }
        return .pushed(.refused(Secret(task.token).redacting(words)))
      default: return .pushed(.refused(error.description))
      }
    }
    switch outcome {
    case .landed: return .pushed(.pushed)
    case .alreadyThere: return .pushed(.alreadyThere)
    case .raced(let actual): return .pushed(.raced(actual: actual))
    }
  }
}
