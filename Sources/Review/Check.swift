package import Base
package import Work

/// A built-in check: it looks at a change and says what is wrong with the lines that changed.
package protocol Check: Sendable {
  /// The name in the configuration, on the command line and in what is published.
  var id: String { get }
  /// What the check finds, in a few words.
  var title: String { get }
  /// How much a finding weighs where the configuration says nothing.
  var defaultSeverity: Severity { get }
  /// What the check has to say. The order does not matter.
  func findings(in change: Change) -> [CheckFinding]
}

/// What a check found, before it has its name and its words.
package struct CheckFinding {
  /// The file it speaks of.
  package var path: RepositoryPath
  /// The first line, counted from one; zero for the file as a whole.
  package var startLine: Int
  /// The last line.
  package var endLine: Int
  /// Whether the lines are counted in the head or in the base.
  package var side: Finding.Side
  /// The first line itself, as it stands in the file; empty for the file as a whole.
  package var line: [UInt8]
  /// One line for a person, in which what comes from the repository is already safe to show.
  package var title: String
  /// A severity other than the check's own; what the configuration says wins.
  package var severity: Severity?
  /// From 0 to 1: how sure the check is.
  package var confidence: Double
  /// Lines that would take the place of the lines, where there is a safe proposal.
  package var suggestion: String?

  /// A finding on one or more lines.
  package init(
    path: RepositoryPath, startLine: Int, endLine: Int? = nil, side: Finding.Side = .head, line: [UInt8],
    title: String, severity: Severity? = nil, confidence: Double = 1, suggestion: String? = nil
  ) {
    self.path = path
    self.startLine = startLine
    self.endLine = endLine ?? startLine
    self.side = side
    self.line = line
    self.title = title
    self.severity = severity
    self.confidence = confidence
    self.suggestion = suggestion
  }

  /// A finding on a file as a whole.
  package init(
    file path: RepositoryPath, side: Finding.Side = .head, title: String, severity: Severity? = nil,
    confidence: Double = 1
  ) {
    self.init(
      path: path, startLine: 0, side: side, line: [], title: title, severity: severity, confidence: confidence)
  }
}

extension CheckFinding {
  /// The findings of one kind, in order; of more than three only the first, with the number of the rest.
  ///
  /// Who does a thing many times did it on purpose or by one mistake: it is said once.
  static func sparing(
    _ findings: [CheckFinding], of others: String = "lines of this file"
  ) -> [CheckFinding] {
    guard findings.count > 3, var first = findings.min(by: { ($0.path, $0.startLine) < ($1.path, $1.startLine) }) else {
      return findings
    }
    first.severity = findings.map(\.severity).contains(nil) ? nil : findings.compactMap(\.severity).max()
    first.title += ", and the like in \(findings.count - 1) more \(others)"
    return [first]
  }
}

/// The checks that Arborist brings along.
package enum BuiltInChecks {
  /// Every check, in the order in which they are documented.
  package static let all: [any Check] = [
    ConflictMarkerCheck(), SecretCheck(), HiddenUnicodeCheck(), LargeFileCheck(), BinaryFileCheck(),
    DebugLeftoverCheck(), LockFileCheck(), FileModeCheck(), CaseCollisionCheck(), DeletedTestCheck(),
    SkippedTestCheck(), ProtectedPathCheck(),
  ]

  /// The names that a configuration may use.
  package static let ids: [String] = all.map(\.id)

  /// The check of this name.
  package static func check(_ id: String) -> (any Check)? { all.first { $0.id == id } }
}
