internal import Base
internal import Forges
internal import Git
internal import Work

/// The repository that a push goes to, and the rules that hold there.
struct PushTarget: Sendable, Hashable {
  var repository: RepositoryState
  /// The repository that is merged into, of which there is a mirror.
  var home: RepositoryState
  var rules: PushRules

  /// Why there is none; it will be the same again.
  struct Refusal: Error, Sendable, Hashable {
    var reason: String
  }

  /// Finds out with the forge itself: what the sender says can only close branches and open none.
  ///
  /// - Throws: ``ForgeError`` where the forge cannot be asked.
  static func find(
    for order: PushOrder, on forge: any Forge
  ) async throws(ForgeError) -> Result<PushTarget, Refusal> {
    let own = try await forge.repository(order.place.repository)
    switch order.target {
    case .beside:
      guard order.old.isZero else { return refuse("a branch beside another is made once and never moved") }
      if let reason = try await closure(of: order, in: own, forge) { return refuse(reason) }
      return .success(PushTarget(repository: own, home: own, rules: rules(of: order, base: nil, own)))
    case .head:
      guard order.place.number > 0 else { return refuse("no pull request is named") }
      let request = try await forge.pullRequest(order.place)
      if let reason = reason(against: order, request) { return refuse(reason) }
      guard let path = request.place.fork else {
        if let reason = try await closure(of: order, in: own, forge) { return refuse(reason) }
        return .success(PushTarget(repository: own, home: own, rules: rules(of: order, base: request.base, own)))
      }
      guard let fork = ForgeRepository(forge: forge.name, id: 0, path: path) else {
        return refuse("the fork's path is none")
      }
      let state = try await forge.repository(fork)
      if let reason = try await closure(of: order, in: state, forge) { return refuse(reason) }
      var closed = rules(of: order, base: request.base, own)
      closed.protected += rules(of: order, base: nil, state).protected
      return .success(PushTarget(repository: state, home: own, rules: closed))
    }
  }

  /// Why the forge closes the branch by what the list of protected branches does not say, or cannot; `nil` where it does
  /// not.
  ///
  /// Where the list cannot be read, the branch itself says whether it is protected; what cannot be found out of a branch
  /// that is there closes it, since commits go to feature branches and to no other.
  private static func closure(
    of order: PushOrder, in state: RepositoryState, _ forge: any Forge
  ) async throws(ForgeError) -> String? {
    if let reason = try await forge.closure(of: order.branch, in: state.repository) { return reason }
    guard state.protected == nil else { return nil }
    let (branch, repository) = (order.branch.shortDisplay, state.repository.name)
    let unread = "which branches of \(repository) are protected cannot be read, and neither can that of '\(branch)'"
    switch try await forge.protection(of: order.branch, in: state.repository) {
    case .open: return nil
    case .protected: return "\(repository) protects '\(branch)'"
    // What is made anew cannot be marked; the forge itself knows whether a pattern of it speaks of the name.
    case .absent: return order.old.isZero ? nil : "\(unread): it is not found"
    case .unknown(let reason): return "\(unread): \(reason)"
    }
  }

  /// What speaks against a push to the pull request's own branch; `nil` where nothing does.
  static func reason(against order: PushOrder, _ request: PullRequestState) -> String? {
    if !request.isOpen { return "the pull request is closed" }
    if request.branch != order.branch { return "the pull request's branch is '\(request.branch.shortDisplay)'" }
    if request.place.fork != nil, !request.allowsPush { return "the fork does not let this account push to the branch" }
    return nil
  }

  /// The sender's rules and what the forge says beside them.
  static func rules(of order: PushOrder, base: RefName?, _ state: RepositoryState) -> PushRules {
    var rules = order.rules
    let closed = [state.defaultBranch, base].compactMap { $0 }
    rules.protected += closed.map { BranchPattern(exactly: $0).text } + (state.protected ?? [])
    return rules
  }

  private static func refuse(_ reason: String) -> Result<PushTarget, Refusal> { .failure(Refusal(reason: reason)) }
}

/// The addresses that forges give for their repositories.
enum GitAddress {
  /// The address of a repository, where a token may go there: on the forge's own host, and by the repository's own path.
  ///
  /// - Throws: ``ForgeError`` with `malformed` for any other.
  static func check(_ state: RepositoryState, of account: ForgeAccount) throws(ForgeError) -> TokenAddress {
    let address: TokenAddress
    do throws(GitError) {
      address = try TokenAddress(state.gitAddress)
    } catch {
      throw ForgeError(.malformed, "the forge's address for \(state.repository.name): \(error.message)")
    }
    let path = "/" + state.repository.path
    let isItsOwn = [path, path + ".git"].contains { address.path.lowercased().hasSuffix($0.lowercased()) }
    guard address.origin == account.origin, isItsOwn else {
      throw ForgeError(
        .malformed, "the forge's address for \(state.repository.name) is '\(address)', where no token is sent to")
    }
    return address
  }

  /// The name of a repository's mirror: by the number that outlives its path, and by the host, where others may be later.
  ///
  /// - Throws: ``ForgeError`` where the number is not known.
  static func mirrorName(of repository: ForgeRepository, at address: TokenAddress) throws(ForgeError) -> String {
    guard repository.id > 0 else { throw ForgeError(.malformed, "the forge does not number \(repository.name)") }
    let host = address.host.utf8.map { byte in
      let isPlain = (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte) || "-.".utf8.contains(byte)
      return isPlain ? Character(Unicode.Scalar(byte)) : "_"
    }
    // The whole name has to fit into a file's.
    let shown = String(host).prefix(120)
    return "\(repository.forge.rawValue)-\(shown)\(address.port.map { "-\($0)" } ?? "")-\(repository.id)"
  }
}
