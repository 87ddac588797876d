package import Egress
package import Sandbox

/// Makes cells with one spawner, which it starts at the first and keeps.
package actor CellMaker: CellMaking {
  private let options: Spawner.Options
  private let isTrusted: Bool
  private let isByHand: Bool
  private let paths: [CellPath]
  private let limits: CellPolicy.Limits
  private let warn: @Sendable (String) -> Void
  private var spawner: Task<Spawner, any Error>?

  /// - Parameters:
  ///   - state: Where user ids are locked; `nil` for the usual place.
  ///   - program: The program `arborist-cell`; `nil` for the one beside this program.
  ///   - paths: What every cell may read of this machine besides `/usr`, at the same place.
  ///   - bytes: How much a cell may write; `nil` for the usual.
  ///   - isTrusted: Whether what runs is trusted as this program is, so that a missing wall is no reason to refuse.
  ///   - isByHand: Whether a person waits, who can be told of options; what a service says of a missing wall is published.
  ///   - warn: Takes one line on a wall that is missing.
  package init(
    state: [UInt8]? = nil, program: [UInt8]? = nil, paths: [String] = [], bytes: Int? = nil, isTrusted: Bool,
    isByHand: Bool = true, warn: @escaping @Sendable (String) -> Void
  ) {
    var options = Spawner.Options()
    options.program = program
    options.state = state
    self.options = options
    self.isTrusted = isTrusted
    self.isByHand = isByHand
    self.warn = warn
    // `/usr` is in every cell, and would be shown in its own place twice.
    self.paths = paths.compactMap { CellPath($0.utf8) }.filter { !$0.isIn("/usr") }
    var limits = CellPolicy.Limits()
    if let bytes { limits.workspaceBytes = bytes }
    self.limits = limits
  }

  /// What a cell's commands find in their environment beside the usual.
  private static let environment = [
    // Compiled files of tests are nobody's result.
    "PYTHONDONTWRITEBYTECODE": "1",
    // Its way of stopping a process is one that the filter of system calls refuses.
    "ASAN_OPTIONS": "detect_leaks=0",
    "GIT_AUTHOR_NAME": "arborist", "GIT_AUTHOR_EMAIL": "arborist@localhost",
    "GIT_COMMITTER_NAME": "arborist", "GIT_COMMITTER_EMAIL": "arborist@localhost",
  ]

  /// Starts the spawner, so that the first cell need not wait for it.
  package func prepare() {
    guard spawner == nil else { return }
    let options = options
    spawner = Task { try await Spawner(options) }
  }

  private func started() async throws -> Spawner {
    prepare()
    guard let spawner = try await spawner?.value else {
      throw SandboxError(.cannotStart, operation: "make a cell", detail: "there is no spawner")
    }
    return spawner
  }

  package func obstacle(toReading directory: [UInt8]) async throws -> String? {
    switch try await started().readAccess(to: directory) {
    case .readable: nil
    case .unreadable(let reason): reason
    }
  }

  /// Says what is missing, and to a person what helps and how to go on without it.
  package static func refusal(_ missing: Wall, _ help: String, isByHand: Bool = true) -> SandboxError {
    SandboxError(
      .wallMissing, operation: "the cell would be without its wall '\(missing.name)', so nothing was run",
      detail: isByHand
        ? "\(help); or, if what the model runs may do all that you may, add --trusted"
        : "whoever runs Arborist has to set the server up for it")
  }

  package func make(
    _ order: CellOrder, audit: @escaping @Sendable (EgressRecord) -> Void
  ) async throws -> MadeCell {
    let spawner = try await started()
    if let missing = spawner.report.missing {
      guard isTrusted else {
        if !isByHand { warn("the cell would be without its wall '\(missing.wall.name)': \(missing.detail)") }
        throw Self.refusal(missing.wall, missing.detail, isByHand: isByHand)
      }
      warn("the cell is without its wall '\(missing.wall.name)': \(missing.detail)")
    }
    var readOnly: [CellPolicy.ReadOnlyPath] = []
    for path in order.readOnly {
      guard let target = CellPath(path.target.utf8) else { continue }
      readOnly.append(CellPolicy.ReadOnlyPath(source: path.source, target: target))
    }
    for path in paths where !readOnly.contains(where: { $0.target == path }) {
      readOnly.append(CellPolicy.ReadOnlyPath(source: path.bytes, target: path))
    }
    let cell = try await spawner.makeCell(
      CellPolicy(
        checkout: Array(order.checkout.utf8), readOnly: readOnly, limits: limits, environment: Self.environment,
        openedHosts: order.hosts.map(\.text),
        isTrusted: isTrusted))
    guard !order.hosts.isEmpty else { return MadeCell(cell: cell) }
    do {
      return MadeCell(cell: cell, network: try await CellNetwork(of: cell, to: Set(order.hosts), audit: audit))
    } catch {
      await cell.stop()
      throw error
    }
  }
}
