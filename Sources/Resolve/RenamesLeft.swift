package import Base
package import Git
internal import Merging
package import Work

extension RenameReach {
  /// Those of the uses of old names that a tree has still: what was mended is no news.
  ///
  /// - Returns: `nil` where none is left.
  /// - Throws: ``GitError`` where the tree cannot be read.
  package static func left(
    of renames: [RenameReach]?, in tree: ObjectID, _ repository: Repository
  ) throws(GitError) -> [RenameReach]? {
    var texts: [RepositoryPath: Set<String>] = [:]
    for path in Set((renames ?? []).flatMap(\.places).map(\.path)) {
      guard let entry = try repository.entry(at: path, in: tree), entry.mode != .directory, entry.mode != .submodule,
        try repository.header(of: entry.id).size <= ContentConflict.largestFile
      else { continue }
      texts[path] = Self.lines(try repository.content(of: entry.id, limit: ContentConflict.largestFile))
    }
    return left(of: renames, in: texts)
  }

  /// Those of the uses that these files have still; what is said of other files stays.
  static func left(of renames: [RenameReach]?, in texts: [RepositoryPath: Set<String>]) -> [RenameReach]? {
    let left = (renames ?? []).compactMap { rename -> RenameReach? in
      var rename = rename
      rename.places.removeAll { place in texts[place.path].map { !$0.contains(ink(place.text)) } ?? false }
      return rename.places.isEmpty ? nil : rename
    }
    return left.isEmpty ? nil : left
  }

  /// The lines of a text without their blanks.
  static func lines(_ text: [UInt8]) -> Set<String> { Set(DisplayLines.of(text).map(ink)) }

  private static func ink(_ line: String) -> String { line.filter { !$0.isWhitespace } }

  /// One line that tells it.
  func words(branch: String, base: String) -> String {
    let (renaming, using) = side == .ours ? (branch, base) : (base, branch)
    let shown = places.prefix(10).map { "\($0.path.display):\($0.line)" }.joined(separator: ", ")
    return "\(renaming) renamed \(from) to \(to), and \(using) adds uses of the old name: \(shown)"
  }
}
