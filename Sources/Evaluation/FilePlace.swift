/// Which file of which merge of which repository.
package struct FilePlace: Sendable, Hashable, Comparable {
  /// The repository by the name that the person who measures knows it under.
  package var repository: String
  /// The merge commit's id.
  package var merge: String
  /// The path, quoted as git quotes it where it is no plain text.
  package var path: String

  package init(repository: String, merge: String, path: String) {
    self.repository = repository
    self.merge = merge
    self.path = path
  }

  package static func < (a: FilePlace, b: FilePlace) -> Bool {
    (a.repository, a.merge, a.path) < (b.repository, b.merge, b.path)
  }
}
