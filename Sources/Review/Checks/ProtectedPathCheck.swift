internal import Base
internal import ByteText
internal import Git
internal import Policy
package import Work

/// `protected-path`: files that decide what runs, who must agree and what Arborist itself may do.
package struct ProtectedPathCheck: Check {
  package let id = "protected-path"
  package let title = "Protected file touched"
  package let defaultSeverity = Severity.note

  package init() {}

  package func findings(in change: Change) -> [CheckFinding] {
    change.files.flatMap { file -> [CheckFinding] in
      var result: [CheckFinding] = []
      let paths = Set([file.change.old?.path, file.change.new?.path].compactMap(\.self)).sorted()
      if let path = paths.first(where: { isProtected($0, in: change) }) {
        result.append(
          CheckFinding(
            file: file.path, side: file.change.new == nil ? .base : .head,
            title: "The protected file '\(path.display)' was \(verb(file.change.status))"))
      }
      if let target = linkTarget(of: file, in: change) {
        result.append(
          CheckFinding(
            file: file.path, title: "A symbolic link leads to the protected '\(DisplayText.escaping(target))'",
            severity: .error))
      }
      return result
    }
  }

  private func isProtected(_ path: RepositoryPath, in change: Change) -> Bool {
    ProtectedPaths.pattern(covering: path) != nil || change.input.protectedPaths.contains { $0.matches(path.bytes) }
  }

  /// Where a new or changed link leads, if that is a protected file or a directory that holds one.
  private func linkTarget(of file: ChangedFile, in change: Change) -> [UInt8]? {
    guard let target = SymbolicLink.target(of: file),
      let components = SymbolicLink.destination(of: target, from: file.path), !components.isEmpty
    else { return nil }
    let path = Array(components.joined(separator: [UInt8(ascii: "/")]))
    // A directory is as good as what is in it.
    let covered = [path, path + Array("/x".utf8)].compactMap { RepositoryPath($0) }
    if covered.contains(where: { isProtected($0, in: change) }) { return path }
    return path.lowercased().elementsEqual(".git".utf8) ? path : nil
  }

  private func verb(_ status: FileChange.Status) -> String {
    switch status {
    case .added, .copied: "added"
    case .deleted: "deleted"
    case .modified, .typeChanged: "changed"
    case .renamed: "moved"
    }
  }
}
