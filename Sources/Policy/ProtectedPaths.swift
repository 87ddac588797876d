package import Base
package import Work

/// The paths that decide what runs, who reviews and what is trusted: a change to one deserves a person's eye.
package enum ProtectedPaths {
  /// The built-in list, in lower case; see ``pattern(covering:)``.
  package static let standard: [Glob] = [
    // What runs when somebody pushes.
    ".github/**", ".gitlab/**", ".gitlab-ci.yml", ".gitea/**", ".forgejo/**", ".circleci/**", ".buildkite/**", ".ci/**",
    ".woodpecker/**", ".woodpecker.y*ml", ".drone.y*ml", ".travis.yml", ".cirrus.yml", ".appveyor.yml", "appveyor.yml",
    "azure-pipelines*.yml", ".azure-pipelines/**", "bitbucket-pipelines.yml", "**/jenkinsfile", "**/jenkinsfile.*",
    // What runs when somebody commits, or when a tool opens the directory.
    ".pre-commit-config.yaml", ".husky/**", "lefthook.y*ml", ".lefthook.y*ml", ".githooks/**", "**/.envrc",
    ".devcontainer/**", ".devcontainer.json", ".vscode/tasks.json", ".vscode/settings.json",
    // Who has to review.
    "codeowners", "docs/codeowners",
    // What git does with files.
    "**/.gitattributes", "**/.gitmodules", "**/.lfsconfig",
    // What Arborist and other bots and agents obey.
    "renovate.json*", ".renovaterc*", ".coderabbit.yaml", ".mergify.yml",
    ".arborist.yml", "**/agents.md", "**/claude.md", "**/gemini.md", ".arborist/**", ".claude/**", ".codex/**",
    ".cursor/**", ".cursorrules", "**/.mcp.json",
  ].map { Glob($0) }

  /// The first built-in pattern that covers the path; `nil` where none does.
  ///
  /// Upper and lower case are the same, because they are to some file systems.
  package static func pattern(covering path: RepositoryPath) -> Glob? {
    let folded = path.bytes.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }
    return standard.first { $0.matches(folded) }
  }
}
