package import Base
package import Forges
package import Work

/// A forge that is spoken to through the broker.
package struct BrokeredForge: Forge {
  package let name: ForgeName
  package let longestRequest: Duration
  private let broker: Broker
  private let known: Known

  /// What the forge is known to be able to do so far.
  private final class Known: Sendable {
    let capabilities: Lock<ForgeCapabilities>
    init(_ capabilities: ForgeCapabilities) { self.capabilities = Lock(capabilities) }
  }

  init(_ served: ServedForge, broker: Broker) {
    name = served.name
    longestRequest = .milliseconds(served.longestRequest)
    self.broker = broker
    known = Known(served.capabilities)
  }

  /// As the broker said last; some of it is known only after ``account()``.
  package var capabilities: ForgeCapabilities { known.capabilities.withLock { $0 } }

  package func account() async throws(ForgeError) -> ForgeActor {
    guard case .account(let actor, let capabilities) = try await broker.ask(.account(name)) else {
      throw Broker.strange
    }
    known.capabilities.withLock { $0 = capabilities }
    return actor
  }

  package func repository(_ repository: ForgeRepository) async throws(ForgeError) -> RepositoryState {
    guard case .repository(let state) = try await broker.ask(.repository(repository)) else { throw Broker.strange }
    return state
  }

  package func pullRequest(_ place: ForgePlace) async throws(ForgeError) -> PullRequestState {
    guard case .pullRequest(let state) = try await broker.ask(.pullRequest(place)) else { throw Broker.strange }
    return state
  }

  package func openPullRequests(
    of repository: ForgeRepository, into base: RefName?
  ) async throws(ForgeError) -> [PullRequestState] {
    guard case .openPullRequests(let states) = try await broker.ask(.openPullRequests(repository, into: base)) else {
      throw Broker.strange
    }
    return states
  }

  /// The broker asks it itself before each push, and tells of it by ``PullRequestState/allowsPush``.
  package func closure(of branch: RefName, in repository: ForgeRepository) async throws(ForgeError) -> String? {
    throw ForgeError(.rejected, "what closes '\(branch.shortDisplay)' is asked by the broker alone")
  }

  /// The broker asks it itself before each push.
  package func protection(
    of branch: RefName, in repository: ForgeRepository
  ) async throws(ForgeError) -> BranchProtection {
    throw ForgeError(.rejected, "whether '\(branch.shortDisplay)' is protected is asked by the broker alone")
  }

  package func permission(
    of actor: ForgeActor, on repository: ForgeRepository
  ) async throws(ForgeError) -> ForgePermission {
    guard case .permission(let permission) = try await broker.ask(.permission(actor, on: repository)) else {
      throw Broker.strange
    }
    return permission
  }

  package func comments(on place: ForgePlace) async throws(ForgeError) -> [PostedComment] {
    guard case .comments(let comments) = try await broker.ask(.comments(place)) else { throw Broker.strange }
    return comments
  }

  package func carryOut(
    _ effect: ForgeEffect, on place: ForgePlace, trial: EffectTrial
  ) async throws(ForgeError) -> ForgeResult {
    guard case .result(let result) = try await broker.ask(.carryOut(effect, on: place, trial: trial)) else {
      throw Broker.strange
    }
    return result
  }
}
