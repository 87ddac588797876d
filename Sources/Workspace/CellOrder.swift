package import Egress
package import Git
package import Sandbox

/// What a cell is to be made around.
package struct CellOrder: Sendable {
  /// The directory with the files that are worked on.
  package var checkout: String
  /// What else can be read.
  package var readOnly: [ReadOnly]
  /// The hosts that can be reached.
  package var hosts: [HostName]

  /// A directory of the machine, or nothing for an empty file, and where the cell sees it.
  package struct ReadOnly: Sendable, Hashable {
    package var source: [UInt8]
    package var target: String

    package init(source: [UInt8], target: String) {
      self.source = source
      self.target = target
    }
  }

  package init(checkout: String, readOnly: [ReadOnly] = [], hosts: [HostName] = []) {
    self.checkout = checkout
    self.readOnly = readOnly
    self.hosts = hosts
  }

}

/// The objects of a repository as a cell sees them.
package struct ShownObjects: Sendable, Hashable {
  /// Where the cell has them.
  package let targets: [String]
  /// What makes it see them.
  package let readOnly: [CellOrder.ReadOnly]

  package init(_ directories: ObjectDirectories) {
    var targets: [String] = []
    var readOnly: [CellOrder.ReadOnly] = []
    for (number, entry) in directories.entries.enumerated() {
      let target = number == 0 ? "/objects" : "/objects-\(number)"
      targets.append(target)
      readOnly.append(CellOrder.ReadOnly(source: entry.path, target: target))
      // It names paths of the machine that the cell does not have, and git would complain of each.
      if entry.namesOthers { readOnly.append(CellOrder.ReadOnly(source: [], target: target + "/info/alternates")) }
    }
    (self.targets, self.readOnly) = (targets, readOnly)
  }

  /// The most directories that are shown.
  static let most = 30
}

/// Makes cells.
package protocol CellMaking: Sendable {
  /// Why a cell could not read a directory with everything in it; `nil` where it can.
  ///
  /// - Throws: ``SandboxError``.
  func obstacle(toReading directory: [UInt8]) async throws -> String?

  /// A cell; ``MadeCell/close()`` must follow. The hosts of the order can be reached until its network is shut.
  ///
  /// The audit gets every decision about a connection out of the cell, on a thread that waits for it.
  ///
  /// - Throws: ``SandboxError``.
  func make(
    _ order: CellOrder, audit: @escaping @Sendable (EgressRecord) -> Void
  ) async throws -> MadeCell
}

/// A cell, and what belongs to it.
package struct MadeCell: Sendable {
  package let cell: any Cell
  /// The way out of it; `nil` where the order opened no host.
  package let network: CellNetwork?

  package init(cell: any Cell, network: CellNetwork? = nil) {
    self.cell = cell
    self.network = network
  }

  /// Ends the cell with everything that belongs to it.
  package func close() async {
    await cell.stop()
    await network?.end()
  }
}

extension CellMaking {
  /// Where a cell can read the whole history of a repository; `nil` where it cannot, with the reason told.
  package func history(
    of repository: RepositoryActor<some Repository>, telling log: @Sendable (String) -> Void
  ) async -> ObjectDirectories? {
    do {
      let (own, isPrivate) = await repository.perform { (Array($0.objectsDirectory.utf8), $0 is PrivateRepository) }
      // A worker's mask keeps them to itself; what lies above the directory keeps others out of it all the same.
      if isPrivate { try ObjectDirectories.letAllRead(own) }
      let directories = try ObjectDirectories(from: own)
      guard directories.entries.count <= ShownObjects.most else {
        log("note: git in the cell has no history: it borrows from too many repositories")
        return nil
      }
      for entry in directories.entries {
        guard let obstacle = try await obstacle(toReading: entry.path) else { continue }
        log("note: git in the cell has no history: \(obstacle)")
        return nil
      }
      return directories
    } catch {
      log("note: git in the cell has no history: \(error)")
      return nil
    }
  }
}
