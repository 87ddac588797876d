internal import Base
internal import Git
package import Work

/// `case-collision`: two paths that are one on a file system which does not tell their letters apart.
package struct CaseCollisionCheck: Check {
  package let id = "case-collision"
  package let title = "Paths that differ only in case"
  package let defaultSeverity = Severity.error

  package init() {}

  package func findings(in change: Change) -> [CheckFinding] {
    let added = change.files.filter(hasNewPath)
    guard !added.isEmpty else { return [] }
    let spellings = spellings(in: change.headFiles.map(\.path) + added.map(\.path), wanted: keys(of: added))
    var reported: Set<[UInt8]> = []
    var result: [CheckFinding] = []
    for file in added {
      for prefix in Self.prefixes(of: file.path) {
        let others = (spellings[Self.key(prefix)] ?? []).filter { !$0.elementsEqual(prefix) }
        guard let other = others.min(by: { $0.lexicographicallyPrecedes($1) }) else { continue }
        guard reported.insert(Array(prefix)).inserted else { break }
        result.append(
          CheckFinding(
            file: file.path,
            title: "'\(DisplayText.escaping(prefix))' and '\(DisplayText.escaping(other))' differ only in spelling"))
        break
      }
    }
    return result
  }

  private func hasNewPath(_ file: ChangedFile) -> Bool {
    guard let new = file.change.new else { return false }
    return file.change.old?.path != new.path
  }

  private func keys(of files: [ChangedFile]) -> Set<String> {
    Set(files.flatMap { Self.prefixes(of: $0.path).map(Self.key) })
  }

  /// For each wanted key the spellings of it in the tree, of files and of directories.
  private func spellings(in paths: [RepositoryPath], wanted: Set<String>) -> [String: Set<[UInt8]>] {
    var result: [String: Set<[UInt8]>] = [:]
    var seen: Set<ArraySlice<UInt8>> = []
    func note(_ path: ArraySlice<UInt8>) {
      let key = Self.key(path)
      if wanted.contains(key) { result[key, default: []].insert(Array(path)) }
    }
    for path in paths {
      note(path.bytes[...])
      var directory = path.directory
      // A directory that was seen brings its parents along.
      while !directory.isEmpty, seen.insert(directory).inserted {
        note(directory)
        directory = directory.lastIndex(of: UInt8(ascii: "/")).map { directory[..<$0] } ?? []
      }
    }
    return result
  }

  /// `a`, `a/b`, `a/b/c` for `a/b/c`.
  private static func prefixes(of path: RepositoryPath) -> [ArraySlice<UInt8>] {
    let ends = path.bytes.indices.filter { path.bytes[$0] == UInt8(ascii: "/") } + [path.bytes.count]
    return ends.map { path.bytes[..<$0] }
  }

  /// Equal for two spellings that a file system may take for one.
  ///
  /// Strings compare by canonical equivalence, so composed and decomposed letters are equal too.
  private static func key(_ path: ArraySlice<UInt8>) -> String {
    String(decoding: path, as: UTF8.self).lowercased()
  }
}
