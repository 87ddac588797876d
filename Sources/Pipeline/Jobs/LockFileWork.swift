internal import Base
internal import Egress
internal import Git
internal import Merging
internal import Resolve
internal import Verify
package import Work
internal import Workspace

/// Has lock files written again by the tools that own them, each in a cell of its own.
struct LockFileWork: TreeRegenerating {
  let repository: RepositoryActor<PrivateRepository>
  let cells: any CellMaking
  let hosts: [HostName]
  let seconds: Int
  /// An existing directory of the run.
  let directory: String
  let egress: EgressJournal
  let log: @Sendable (String) -> Void

  func regenerate(_ regeneration: Regeneration, in tree: ObjectID) async throws -> RegenerationResult {
    guard let output = RepositoryPath(regeneration.output) else { return .notRun("its name is none that git takes") }
    let command = command(for: regeneration)
    log("running '\(command)' for \(output.display)")
    let run = ToolRun(
      command, in: regeneration.directory, writing: output, of: tree, hosts: hosts, seconds: seconds)
    // Each has a place of its own, and a process that died has left none under this run's new one.
    let place = "\(directory)/tool-\(UInt32.random(in: .min ... .max))"
    switch try await run.run(in: repository, at: place, cells: cells, audit: { egress.take($0) }) {
    case .written(let content): return .written(content)
    case .failed(let reason): return .notRun(reason)
    }
  }

  /// The command where one is known that writes the lock file and installs or builds nothing.
  func command(for regeneration: Regeneration) -> String {
    switch regeneration.command {
    case "npm install": "npm install --package-lock-only --ignore-scripts --no-audit --no-fund"
    case "pnpm install": "pnpm install --lockfile-only --ignore-scripts"
    case "yarn install": "yarn install --ignore-scripts"
    case "bun install": "bun install --lockfile-only"
    case "bundle install": "bundle lock"
    case "cargo check": "cargo update --workspace"
    default: regeneration.command
    }
  }
}

extension ResolveOutcome {
  /// Whether all that is left of a merge is lock files that their tools could write again.
  package var isLeftToTools: Bool {
    guard verdict == .conflicts else { return false }
    let left = files.flatMap(\.left)
    return !left.isEmpty && left.allSatisfy { !($0.regenerate?.inputs ?? []).isEmpty }
  }
}
