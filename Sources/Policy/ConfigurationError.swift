import Base

/// Everything that is wrong with a repository's configuration.
///
/// A file that YAML itself cannot read gives one problem, because nothing behind it can be trusted; any other file gives
/// all of its problems at once, in the order of the file.
package struct ConfigurationError: Error, Sendable, Hashable {
  /// What is wrong, in the order of the file; never empty.
  package let problems: [Problem]

  /// One thing that is wrong.
  package struct Problem: Sendable, Hashable {
    /// The file's path in the repository.
    package var file: String
    /// Counted from one.
    package var line: Int
    /// Counted from one, in Unicode characters.
    package var column: Int
    /// The key with those above it, such as `review.checks`; empty where the file as a whole is meant.
    package var key: String
    /// What is wrong and what is right: one line.
    package var message: String

    package init(file: String, line: Int, column: Int, key: String, message: String) {
      self.file = file
      self.line = line
      self.column = column
      self.key = key
      self.message = message
    }
  }

  package init(first: Problem, others: [Problem] = []) {
    problems = [first] + others
  }

  /// The error of these problems; `nil` where there is none.
  package init?(_ problems: [Problem]) {
    guard !problems.isEmpty else { return nil }
    self.problems = problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
  }
}

extension ConfigurationError.Problem: CustomStringConvertible {
  /// One line: `FILE:LINE:COLUMN: KEY: MESSAGE`.
  package var description: String {
    "\(file):\(line):\(column): \(key.isEmpty ? "" : "\(DisplayText.escaping(key.utf8)): ")\(message)"
  }
}

extension ConfigurationError {
  /// All problems, a line each.
  package var lines: String { problems.map(\.description).joined(separator: "\n") }
}

extension ConfigurationError: CustomStringConvertible {
  /// One line: the first problem, and how many more there are.
  package var description: String {
    guard let first = problems.first else { return "the configuration is wrong" }
    switch problems.count {
    case 1: return first.description
    case 2: return "\(first) (and 1 more problem)"
    default: return "\(first) (and \(problems.count - 1) more problems)"
    }
  }
}
