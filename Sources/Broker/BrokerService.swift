internal import Base
internal import Dispatch
internal import FileSystem
internal import Forges
internal import Git
internal import Secrets
internal import Work

/// Carries out what the broker is asked for.
struct BrokerService: Sendable {
  private let configuration: BrokerConfiguration
  private let accounts: BrokerAccounts
  private let fetches = FetchQueue()
  /// The program and what makes it carry out a git task.
  private let gitCommand: [String]

  init(_ configuration: BrokerConfiguration, _ accounts: BrokerAccounts, gitCommand: [String]) {
    self.configuration = configuration
    self.accounts = accounts
    self.gitCommand = gitCommand
  }

  /// The answer to a request; cancelling the task ends what it waits for.
  func answer(_ request: BrokerRequest) async -> BrokerAnswer {
    do throws(ForgeError) {
      return try await carryOut(request)
    } catch {
      return .failed(error)
    }
  }

  private func carryOut(_ request: BrokerRequest) async throws(ForgeError) -> BrokerAnswer {
    switch request {
    case .forges:
      return .forges(accounts.accounts.map { ServedForge($0.forge) })
    case .account(let name):
      let forge = try account(name).forge
      // What a forge can do is known once it was asked for the account.
      let actor = try await forge.account()
      return .account(actor, forge.capabilities)
    case .repository(let repository):
      return .repository(try await account(repository.forge).forge.repository(repository))
    case .pullRequest(let place):
      return .pullRequest(try await account(place.repository.forge).forge.pullRequest(place))
    case .openPullRequests(let repository, let base):
      return .openPullRequests(
        try await account(repository.forge).forge.openPullRequests(of: repository, into: base))
    case .permission(let actor, let repository):
      return .permission(try await account(repository.forge).forge.permission(of: actor, on: repository))
    case .comments(let place):
      return .comments(try await account(place.repository.forge).forge.comments(on: place))
    case .carryOut(let effect, let place, let trial):
      try withhold(Array(effect.outgoingText.joined(separator: "\n").utf8), as: effect.title)
      return .result(try await account(place.repository.forge).forge.carryOut(effect, on: place, trial: trial))
    case .mirror(let repository, let numbers): return .mirror(try await mirror(repository, numbers))
    case .push(let order): return .push(try await push(order))
    case .sign(let content): return .signature(try sign(content))
    case .figures: return .figures(accounts.meter.all)
    }
  }

  private func account(_ name: ForgeName) throws(ForgeError) -> ForgeAccount {
    guard let account = accounts.accounts.first(where: { $0.forge.name == name }) else {
      throw ForgeError(.forbidden, "no account on \(name.rawValue) is configured")
    }
    return account
  }

  /// Stops what holds a secret that is known here; it is named by what it is, and the secret not at all.
  ///
  /// - Throws: ``ForgeError`` with `withheld`.
  private func withhold(_ bytes: [UInt8], as title: String) throws(ForgeError) {
    guard accounts.secrets.hit(in: bytes) != nil else { return }
    throw ForgeError(.withheld, "\(title) was not sent, because it holds a secret of this server")
  }

  private func sign(_ content: [UInt8]) throws(ForgeError) -> [UInt8] {
    // A commit is looked through before it is pushed; signed, it has not left yet.
    guard let signer = accounts.signer else { throw ForgeError(.forbidden, "no signing key is configured") }
    do {
      return try signer(content)
    } catch {
      throw ForgeError(.unavailable, "cannot sign: \(error)")
    }
  }
}

// MARK: - Git

extension BrokerService {
  private func mirror(_ repository: ForgeRepository, _ numbers: [Int]) async throws(ForgeError) -> MirrorState {
    let account = try account(repository.forge)
    let state = try await account.forge.repository(repository)
    let address = try GitAddress.check(state, of: account)
    let place = try mirrorPlace(of: state, at: address)
    let heads = numbers.filter { $0 > 0 }.map { ForgePlace(repository: repository, number: $0).headRef }
    let child = GitChild(command: gitCommand, deadline: .seconds(configuration.mirrorSeconds))
    let outcome = await fetches.wait(for: place.name, heads: heads) { [configuration] heads in
      do throws(ForgeError) {
        let token = try await account.token(state.repository, false)
        let task = GitTask(
          operation: .mirror(
            place, heads: heads, limits: configuration.limits, silentSeconds: configuration.silentSeconds),
          address: address, username: token.username, token: token.token.reveal(),
          authorities: configuration.authorities)
        guard case .mirrored(let report) = try await measured(task, child, .fetch, repository.forge) else {
          throw ForgeError(.malformed, "a fetch was asked for and a push was answered")
        }
        return .success(report)
      } catch {
        return .failure(error)
      }
    }
    return MirrorState(directory: place.directory, report: try outcome.get())
  }

  private func mirrorPlace(of state: RepositoryState, at address: TokenAddress) throws(ForgeError) -> MirrorPlace {
    let name = try GitAddress.mirrorName(of: state.repository, at: address)
    do {
      return try MirrorPlace(under: configuration.mirrors, name: name)
    } catch {
      throw ForgeError(.rejected, "\(error)")
    }
  }

  private func push(_ order: PushOrder) async throws(ForgeError) -> PushResult {
    let account = try account(order.place.repository.forge)
    let target: PushTarget
    switch try await PushTarget.find(for: order, on: account.forge) {
    case .success(let found): target = found
    case .failure(let refusal): return .refused(refusal.reason)
    }
    let address = try GitAddress.check(target.repository, of: account)
    do throws(BranchRefusal) {
      _ = try FeatureBranch(order.branch.bytes, under: target.rules.rules)
    } catch {
      return .refused(error.description)
    }
    guard isWorkspace(order.workspace) else { return .refused("what is pushed from is no workspace of this server") }
    let mirror = try mirrorPlace(of: target.home, at: try GitAddress.check(target.home, of: account))
    try await withhold(order, besides: mirror, at: address)
    let token = try await account.token(target.repository.repository, true)
    let task = GitTask(
      operation: .push(
        branch: order.branch, rules: target.rules, old: order.old, new: order.new, workspace: order.workspace),
      address: address, username: token.username, token: token.token.reveal(),
      authorities: configuration.authorities)
    let child = GitChild(command: gitCommand, deadline: .seconds(configuration.pushSeconds))
    do throws(ForgeError) {
      guard case .pushed(let result) = try await measured(task, child, .push, order.place.repository.forge) else {
        throw ForgeError(.malformed, "a push was asked for and a fetch was answered")
      }
      return result
    } catch  where error.code == .forbidden {
      return .refused(error.message)
    }
  }

  /// Looks through what a push would make known, in a child that has no token.
  ///
  /// - Throws: ``ForgeError`` with `withheld` where it holds a secret, or is too much to be looked through.
  private func withhold(
    _ order: PushOrder, besides mirror: MirrorPlace, at address: TokenAddress
  ) async throws(ForgeError) {
    guard !accounts.secrets.isEmpty else { return }
    let task = GitTask(
      operation: .outgoing(
        start: order.old.isZero ? order.start : order.old, new: order.new, workspace: order.workspace,
        mirror: mirror.directory),
      address: address, username: "", token: "", authorities: nil)
    let child = GitChild(command: gitCommand, deadline: .seconds(configuration.pushSeconds))
    guard case .outgoing(let content) = try await run(task, child) else {
      throw ForgeError(.malformed, "what a push adds was asked for and something else was answered")
    }
    guard let content else {
      throw ForgeError(
        .withheld,
        "the push was not sent, because it adds too much, or too far from where it began, to be looked through")
    }
    let bytes = order.branch.bytes + [0x0a] + content
    let isHit = await withCheckedContinuation { continuation in
      DispatchQueue(label: "arborist.broker.screen").async { [secrets = accounts.secrets] in
        continuation.resume(returning: secrets.hit(in: bytes) != nil)
      }
    }
    if isHit { throw ForgeError(.withheld, "the push was not sent, because it holds a secret of this server") }
  }

  private func measured(
    _ task: GitTask, _ child: GitChild, _ operation: ForgeFigure.Operation, _ forge: ForgeName
  ) async throws(ForgeError) -> GitAnswer {
    let start = ContinuousClock.now
    do throws(ForgeError) {
      let answer = try await run(task, child)
      let isDone =
        switch answer {
        case .pushed(.raced), .pushed(.refused): false
        default: true
        }
      accounts.meter.record(.init(forge, operation, isDone ? .done : .refused), since: start)
      return answer
    } catch {
      let isRefused = [.forbidden, .notFound, .unauthenticated].contains(error.code)
      accounts.meter.record(.init(forge, operation, isRefused ? .refused : .failed), since: start)
      throw error
    }
  }

  private func run(_ task: GitTask, _ child: GitChild) async throws(ForgeError) -> GitAnswer {
    do throws(GitFailure) {
      return try await child.run(task)
    } catch {
      if Task.isCancelled { throw ForgeError(.cancelled, error.message) }
      let code: ForgeError.Code =
        switch error.kind {
        case .authentication: .unauthenticated
        case .forbidden: .forbidden
        case .notFound: .notFound
        case .tooLarge: .rejected
        case .certificate, .network, .local: .unavailable
        }
      throw ForgeError(code, error.message)
    }
  }

  /// Whether a directory lies where workspaces do, whatever links lead there.
  private func isWorkspace(_ directory: String) -> Bool {
    guard let real = (try? File.realPath(Array(directory.utf8))) ?? nil else { return false }
    return configuration.workspaces.contains { parent in
      guard let root = (try? File.realPath(Array(parent.utf8))) ?? nil else { return false }
      return real.starts(with: root + [UInt8(ascii: "/")])
    }
  }
}
