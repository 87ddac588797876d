internal import Base
internal import Git
package import Work

/// `protected-path`: files that decide what runs, who must agree and what Arborist itself may do.
package struct ProtectedPathCheck: Check {
  package let id = "protected-path"
  package let title = "Protected file touched"
  package let defaultSeverity = Severity.note

  package init() {}

  /// What every repository has: pipelines, owners, rules of git, the bots' own settings.
  ///
  /// Case does not matter.
  package static let builtIn: [String] = [
    ".github/workflows/**", ".github/actions/**", ".github/codeowners", ".github/dependabot.y*ml", ".gitlab-ci.yml",
    ".gitlab/ci/**", ".gitlab/codeowners", ".gitea/workflows/**", ".forgejo/workflows/**", "codeowners",
    "docs/codeowners", ".circleci/**", ".buildkite/**", ".travis.yml", ".drone.yml", ".woodpecker.y*ml",
    ".woodpecker/**", ".cirrus.yml", "appveyor.yml", ".appveyor.yml", "azure-pipelines*.yml", ".azure-pipelines/**",
    "bitbucket-pipelines.yml", "**/jenkinsfile", ".arborist.yml", "**/.gitattributes", ".gitmodules", "renovate.json*",
    ".renovaterc*", ".github/renovate.json*", ".coderabbit.yaml", ".mergify.yml",
  ]

  private static let builtInGlobs = builtIn.map { Glob($0) }

  package func findings(in change: Change) -> [CheckFinding] {
    change.files.flatMap { file -> [CheckFinding] in
      var result: [CheckFinding] = []
      let paths = Set([file.change.old?.path, file.change.new?.path].compactMap(\.self)).sorted()
      if let path = paths.first(where: { isProtected($0.bytes, in: change) }) {
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

  private func isProtected(_ path: [UInt8], in change: Change) -> Bool {
    let lowered = path.lowercased()
    return Self.builtInGlobs.contains { $0.matches(lowered) }
      || change.input.protectedPaths.contains { $0.matches(path) }
  }

  /// Where a new or changed link leads, if that is a protected file or a directory that holds one.
  private func linkTarget(of file: ChangedFile, in change: Change) -> [UInt8]? {
    guard let target = SymbolicLink.target(of: file),
      let components = SymbolicLink.destination(of: target, from: file.path), !components.isEmpty
    else { return nil }
    let path = Array(components.joined(separator: [UInt8(ascii: "/")]))
    if isProtected(path, in: change) || isProtected(path + Array("/x".utf8), in: change) { return path }
    let directories: [String] = [".github", ".gitlab", ".gitea", ".forgejo", ".git"]
    return directories.contains { path.lowercased().elementsEqual($0.utf8) } ? path : nil
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
