internal import Base
internal import Git
internal import Policy
internal import Publish
internal import Work
internal import Workspace

extension LocalBranch {
  /// What came of trying to put a commit where it is to go.
  enum Placing: Sendable {
    case landed(String)
    /// It cannot go there and may go to this branch, to which nothing was written yet.
    case beside(BesideDelivery)
    case refused(String)
  }

  /// Moves a branch to what was made, or names one beside where the branch has moved on or may not be moved.
  ///
  /// - Parameters:
  ///   - commit: What was made.
  ///   - name: Where it is to go.
  ///   - old: Where that branch must be; the zero id where it must not be there.
  ///   - places: The branches beside.
  ///   - workspace: What holds the commit.
  /// - Returns: What came of it.
  /// - Throws: ``LandingError`` or ``GitError`` for what may pass.
  func place(
    _ commit: ObjectID, onto name: RefName, from old: ObjectID, beside places: SidePlaces,
    in workspace: RepositoryActor<PrivateRepository>
  ) async throws -> Placing {
    var beside: BesideDelivery
    switch try await attempt(name, from: old, to: commit, in: workspace) {
    case .landed(let result): return .landed(result)
    case .refused(let reason): return .refused(reason)
    case .raced(let actual):
      let place = actual.isZero ? "gone" : "at \(actual.short)"
      beside = BesideDelivery(branch: name, reason: "\(name.shortDisplay) is \(place) by now", isLeft: !old.isZero)
    case .occupied(let reason): beside = BesideDelivery(branch: name, reason: reason, isLeft: false)
    }
    beside.branch = try await free(places, for: commit, through: workspace)
    return .beside(beside)
  }

  /// The branch beside that a commit may take, here or at the remote that is pushed to.
  func free(
    _ places: SidePlaces, for commit: ObjectID, through workspace: RepositoryActor<PrivateRepository>
  ) async throws -> RefName {
    try places.ref(
      number: try await places.free(for: commit) { name in try await tip(of: name, through: workspace) })
  }

  /// Where a branch is, here or at the remote that is pushed to; `nil` where there is none.
  func tip(
    of name: RefName, through workspace: RepositoryActor<PrivateRepository>
  ) async throws -> ObjectID? {
    if let url = remoteURL {
      return try await workspace.perform { repository in
        try repository.listReferences(at: RemoteAddress(url), credentials: .agent).references[name]
      }
    }
    let directory = directory
    let actor = try await RepositoryActor.open { () throws(GitError) in try Repository.discover(at: directory) }
    return try await actor.perform { repository throws(GitError) -> ObjectID? in
      switch try repository.reference(name)?.target {
      case .direct(let id): return id
      // Nothing is written through another name: it is taken.
      case .symbolic: return .zero
      case nil: return nil
      }
    }
  }

  /// Removes the lock that an earlier process of the run has left on a branch here, whatever comes of the run now.
  func removeAbandonedLock(
    of name: RefName, to new: ObjectID, through workspace: RepositoryActor<PrivateRepository>
  ) async {
    guard remoteURL == nil else { return }
    let directory = directory
    await workspace.perform { _ in AbandonedLock.remove(of: name, to: new, in: directory) }
  }

  /// Makes the branch beside.
  ///
  /// - Returns: What came of it; a refusal says why it was not to go elsewhere, too.
  /// - Throws: as ``place(_:onto:from:beside:in:)``.
  func carryOut(
    _ beside: BesideDelivery, to commit: ObjectID, in workspace: RepositoryActor<PrivateRepository>
  ) async throws -> EffectResult {
    let result = try await carryOut(beside.branch, from: .zero, to: commit, in: workspace)
    if case .refused(let reason) = result { return .refused("\(beside.reason); and beside it \(reason)") }
    return result
  }

  /// Moves a branch, and says what came of it.
  func carryOut(
    _ name: RefName, from old: ObjectID, to new: ObjectID, in workspace: RepositoryActor<PrivateRepository>
  ) async throws -> EffectResult {
    switch try await attempt(name, from: old, to: new, in: workspace) {
    case .landed(let result): .done(result)
    case .raced(let actual): .overtaken(Overtaken(branch: name, expected: old, actual: actual).description)
    case .occupied(let reason), .refused(let reason): .refused(reason)
    }
  }

  /// What came of trying to move a branch.
  private enum Attempt: Sendable {
    case landed(String)
    case raced(actual: ObjectID)
    /// It may not be moved, and one beside it may be made.
    case occupied(String)
    case refused(String)
  }

  /// Moves a branch where nothing stands in the way.
  private func attempt(
    _ name: RefName, from old: ObjectID, to new: ObjectID, in workspace: RepositoryActor<PrivateRepository>
  ) async throws -> Attempt {
    do {
      return switch try await land(new, onto: name, from: old, in: workspace) {
      case .landed: .landed("\(name.shortDisplay) is \(new.hex)")
      case .alreadyThere: .landed("\(name.shortDisplay) was \(new.hex) already")
      case .raced(let actual): .raced(actual: actual)
      }
    } catch let refusal as BranchRefusal {
      return .refused(refusal.description)
    } catch let error as LandingError {
      switch error.reason {
      case .locked, .failed: throw error
      case .checkedOut, .rejected: return .occupied(error.description)
      case .symbolic, .notFastForward, .blocked, .hooks: return .refused(error.description)
      }
    }
  }
}

/// Somebody moved the branch in between; nothing was written.
private struct Overtaken: CustomStringConvertible {
  let branch: RefName
  let expected: ObjectID
  let actual: ObjectID

  var description: String {
    "'\(branch.shortDisplay)' is at \(Self.place(actual)) and not at \(Self.place(expected)), so nothing was pushed: "
      + "fetch and run it again"
  }

  private static func place(_ id: ObjectID) -> String { id.isZero ? "no commit" : id.short }
}
