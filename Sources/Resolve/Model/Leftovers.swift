internal import Base

/// What tools leave behind in a work tree that does not ignore it.
enum Leftovers {
  private static let directories: Set<String> = [
    "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", "node_modules", ".build", "target", ".gradle",
    ".tox", ".nox", ".venv", ".eggs", ".cache",
  ]
  private static let endings = [".pyc", ".pyo", ".o", ".class", ".orig", ".rej", ".swp", "~", ".log"]

  static func isLeftover(_ path: RepositoryPath) -> Bool {
    let components = path.components.map { String(decoding: $0, as: UTF8.self) }
    return components.dropLast().contains { directories.contains($0) }
      || endings.contains { components.last?.hasSuffix($0) ?? false }
  }
}
