internal import Base
internal import FileSystem
internal import Git
internal import Workspace

/// What every cell of a stage stands on.
struct StageGround: Sendable {
  let checkout: Checkout
  /// The tree that is checked out.
  let tree: ObjectID
  let readOnly: [CellOrder.ReadOnly]
  let plan: SetupPlan
  private let setup: [String]

  /// Checks the commit out.
  ///
  /// - Throws: `GitError` or `FileError`.
  init(_ order: StageOrder) async throws {
    let shown = order.history.map { ShownObjects($0) }
    let history = shown.map { Checkout.History(objects: $0.targets, branch: order.branch) }
    setup = order.commands.setup
    readOnly = shown?.readOnly ?? []
    let (commit, directory) = (order.commit, order.directory)
    (checkout, tree) = try await order.repository.perform { repository in
      let checkout = try Checkout(of: commit, in: repository, at: directory, history: history)
      let seconds = (try? repository.commit(commit))?.committer.time.seconds
      try FileTimes.set(Array(directory.utf8), to: FileTimes.sensible(seconds))
      return (checkout, try repository.tree(of: commit))
    }
    plan = try await Self.plan(setup, for: tree, in: order.repository)
  }

  /// What setup reads of another tree.
  ///
  /// - Throws: `GitError`.
  func plan(for tree: ObjectID, in repository: RepositoryActor<PrivateRepository>) async throws -> SetupPlan {
    try await Self.plan(setup, for: tree, in: repository)
  }

  private static func plan(
    _ setup: [String], for tree: ObjectID, in repository: RepositoryActor<PrivateRepository>
  ) async throws -> SetupPlan {
    let plan = SetupPlan(setup)
    guard plan.runsPackageScripts, let path = RepositoryPath("package.json") else { return plan }
    let manifest: [UInt8]? = try await repository.perform { repository throws(GitError) in
      guard let entry = try repository.entry(at: path, in: tree), entry.mode != .directory else { return nil }
      return try repository.content(of: entry.id, limit: 8 << 20)
    }
    guard let manifest, PackageScripts.runOnInstall(manifest) else { return plan }
    return SetupPlan(setup, hasPackageScripts: true)
  }

  /// What a tree has otherwise than the one that is checked out, of what fetching commands read: trees with the same can
  /// share what these left.
  ///
  /// - Throws: `GitError`.
  func key(of other: ObjectID, in repository: RepositoryActor<PrivateRepository>) async throws -> [TreeDelta] {
    guard other != tree, !plan.fetching.isEmpty else { return [] }
    let (tree, plan) = (tree, plan)
    return try await repository.perform { repository throws(GitError) in
      try repository.deltas(from: tree, to: other).filter { plan.reads($0.path) }
    }
  }
}
