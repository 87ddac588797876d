package import Base
package import Git

/// One file of a patch, with what it held before and what it holds after it; a renamed file is two of them.
package struct PatchedFile: Sendable, Hashable {
  /// One of the two sides.
  package struct Side: Sendable, Hashable {
    package var mode: FileMode
    /// The bytes of the file; the target of a symbolic link; the id of a submodule's commit as hexadecimal text.
    package var content: [UInt8]

    package init(mode: FileMode = .regular, content: [UInt8]) {
      self.mode = mode
      self.content = content
    }
  }

  package var path: RepositoryPath
  /// `nil` for a file that the patch adds.
  package var old: Side?
  /// `nil` for a file that the patch deletes.
  package var new: Side?

  package init(path: RepositoryPath, old: Side?, new: Side?) {
    self.path = path
    self.old = old
    self.new = new
  }

  /// Whether the patch leaves the file as it is.
  package var isUnchanged: Bool { old == new }
}
