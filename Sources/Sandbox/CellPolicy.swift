/// What a cell is made from, and what those in it may do.
package struct CellPolicy: Sendable, Hashable {
  /// The directory that becomes the workspace; absolute, private to the run, and not changed by it.
  ///
  /// Its files are given to the run's own user where there is one, because a file of another user could not be changed in
  /// the workspace. A file with a second name elsewhere keeps its owner and can then be read only.
  package var checkout: [UInt8]
  /// What else of the host the cell sees, to be read; `/usr` and a few files of `/etc` are always there.
  package var readOnly: [ReadOnlyPath]
  package var limits: Limits
  /// What is added to the environment of each command.
  package var environment: [String: String]
  /// The hosts that the egress proxy opens; where there are any, the cell gets ``ConfinedCell/takeProxyListener()``.
  package var openedHosts: [String]
  /// Whether sockets of the file system may be made; they lead nowhere but within the cell, yet through more of the
  /// kernel.
  package var allowsUnixSockets: Bool
  /// Whether what runs is trusted as Arborist itself is, so that a missing wall is no reason to refuse.
  package var isTrusted: Bool

  package init(
    checkout: [UInt8], readOnly: [ReadOnlyPath] = [], limits: Limits = Limits(), environment: [String: String] = [:],
    openedHosts: [String] = [], allowsUnixSockets: Bool = false, isTrusted: Bool = false
  ) {
    self.checkout = checkout
    self.readOnly = readOnly
    self.limits = limits
    self.environment = environment
    self.openedHosts = openedHosts
    self.allowsUnixSockets = allowsUnixSockets
    self.isTrusted = isTrusted
  }

  /// A file or a directory of the host, shown in the cell.
  package struct ReadOnlyPath: Sendable, Hashable {
    /// Absolute, on the host; empty for an empty file.
    ///
    /// A directory is opened by Arborist, so it may lie where the run's user could not go; that it can be read there,
    /// ``Spawner/readAccess(to:)`` tells. For a file each directory on the way must be open to all users.
    package var source: [UInt8]
    /// Where the cell sees it.
    package var target: CellPath

    package init(source: [UInt8], target: CellPath) {
      self.source = source
      self.target = target
    }

    /// An empty file in the place of one that an earlier path shows.
    package static func emptyFile(at target: CellPath) -> ReadOnlyPath { ReadOnlyPath(source: [], target: target) }
  }

  /// How much of the machine a cell gets.
  package struct Limits: Sendable, Hashable {
    /// All that is written to the workspace, to /tmp and to the home directory, checkpoints included; it is in memory.
    package var workspaceBytes: Int
    package var workspaceFiles: Int
    /// Memory of all processes, and of what they wrote, where there are control groups; otherwise of each process.
    package var memoryBytes: Int
    package var processes: Int
    package var openFiles: Int
    package var fileBytes: Int
    /// Of each process.
    package var cpuSeconds: Int

    package init(
      workspaceBytes: Int = 1 << 30, workspaceFiles: Int = 400_000, memoryBytes: Int = 4 << 30, processes: Int = 512,
      openFiles: Int = 4096, fileBytes: Int = 1 << 30, cpuSeconds: Int = 1800
    ) {
      self.workspaceBytes = workspaceBytes
      self.workspaceFiles = workspaceFiles
      self.memoryBytes = memoryBytes
      self.processes = processes
      self.openFiles = openFiles
      self.fileBytes = fileBytes
      self.cpuSeconds = cpuSeconds
    }
  }
}
