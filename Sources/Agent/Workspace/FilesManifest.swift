package import Base
package import Journal

/// How the files of a workspace differ from the checkout that it began with.
package struct FilesManifest: Sendable, Hashable {
  package private(set) var entries: [RepositoryPath: FileState] = [:]
  /// Paths that differ and whose content was too large to keep.
  package private(set) var lost: Set<RepositoryPath> = []
  /// Stands for the state as a whole; the same for the same state.
  package private(set) var stamp: String = FilesManifest.origin

  /// The stamp of a workspace in which nothing has changed.
  package static let origin = "-"

  package init() {}

  /// The state behind a change.
  package mutating func take(_ delta: FilesDelta) {
    for file in delta.changed {
      entries[file.path] = file.state
      if file.state == .lost { lost.insert(file.path) } else { lost.remove(file.path) }
    }
    for path in delta.reverted {
      entries[path] = nil
      lost.remove(path)
    }
    stamp = delta.stamp
  }
}

/// What a path holds.
package enum FileState: Sendable, Hashable, Codable {
  /// A file; its content is kept under its digest.
  case file(Digest, isExecutable: Bool)
  case link(target: [UInt8])
  case removed
  /// A file whose content was too large to keep.
  case lost
}

/// What changed in the files of a workspace between two looks at them.
package struct FilesDelta: Sendable, Hashable, Codable {
  /// What is there now, sorted by path.
  package var changed: [ChangedFile]
  /// Paths that are as in the checkout again.
  package var reverted: [RepositoryPath]
  /// Stands for the state behind it.
  package var stamp: String

  package init(changed: [ChangedFile], reverted: [RepositoryPath], stamp: String) {
    self.changed = changed
    self.reverted = reverted
    self.stamp = stamp
  }
}

/// A path and what it holds now.
package struct ChangedFile: Sendable, Hashable, Codable {
  package var path: RepositoryPath
  package var state: FileState

  package init(path: RepositoryPath, state: FileState) {
    self.path = path
    self.state = state
  }
}
