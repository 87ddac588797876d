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
      if let reason = try await forge.closure(of: order.branch, in: own.repository) { return refuse(reason) }
      return .success(PushTarget(repository: own, home: own, rules: rules(of: order, base: nil, own)))
    case .head:
      guard order.place.number > 0 else { return refuse("no pull request is named") }
      let request = try await forge.pullRequest(order.place)
      if let reason = reason(against: order, request) { return refuse(reason) }
      guard let path = request.place.fork else {
        if let reason = try await forge.closure(of: order.branch, in: own.repository) { return refuse(reason) }
        return .success(PushTarget(repository: own, home: own, rules: rules(of: order, base: request.base, own)))
      }
      guard let fork = ForgeRepository(forge: forge.name, id: 0, path: path) else {
        return refuse("the fork's path is none")
      }
      let state = try await forge.repository(fork)
      if let reason = try await forge.closure(of: order.branch, in: state.repository) { return refuse(reason) }
      var closed = rules(of: order, base: request.base, own)
      closed.protected += rules(of: order, base: nil, state).protected
      return .success(PushTarget(repository: state, home: own, rules: closed))
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
