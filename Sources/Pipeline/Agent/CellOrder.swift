package import Egress
package import Sandbox

/// What a cell is to be made around.
package struct CellOrder: Sendable {
  /// The directory with the files that are worked on.
  package var checkout: String
  /// What else can be read.
  package var readOnly: [ReadOnly]
  /// The hosts that can be reached.
  package var hosts: [HostName]

  /// A directory of the machine, and where the cell sees it.
  package struct ReadOnly: Sendable, Hashable {
    package var source: String
    package var target: String

    package init(source: String, target: String) {
      self.source = source
      self.target = target
    }
  }

  package init(checkout: String, readOnly: [ReadOnly] = [], hosts: [HostName] = []) {
    self.checkout = checkout
    self.readOnly = readOnly
    self.hosts = hosts
  }

  /// Where a cell sees the objects of the repository.
  static let objects = "/objects"
}

/// Makes cells.
package protocol CellMaking: Sendable {
  /// A cell, and what ends it with everything that belongs to it.
  ///
  /// The audit gets every decision about a connection out of the cell, on a thread that waits for it.
  ///
  /// - Throws: ``SandboxError``.
  func make(
    _ order: CellOrder, audit: @escaping @Sendable (EgressRecord) -> Void
  ) async throws -> (cell: any Cell, close: @Sendable () async -> Void)
}
