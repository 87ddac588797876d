package import Base

/// How much a finding weighs.
///
/// The names are those of SARIF's levels.
package enum Severity: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
  case note
  case warning
  case error

  private var rank: Int {
    switch self {
    case .note: 0
    case .warning: 1
    case .error: 2
    }
  }

  package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
}

/// One thing that a review has to say about a change.
package struct Finding: Sendable, Hashable, Codable {
  /// Names the finding by its content, so that the same one is told once: 16 hexadecimal digits.
  package var id: String
  /// The file it speaks of.
  package var path: RepositoryPath
  /// The first line it speaks of, counted from one; zero where it speaks of the file as a whole.
  package var startLine: Int
  /// The last line it speaks of.
  package var endLine: Int
  /// Whether the lines are counted in the head or in the base.
  package var side: Side
  /// The first line itself, as text that is safe to show; empty where the finding speaks of the file as a whole.
  package var quote: String
  /// One line.
  package var title: String
  /// Why it matters and what to do.
  package var body: String
  package var severity: Severity
  /// From 0 to 1: how sure the source is.
  package var confidence: Double
  /// Which check or which tool found it: the id of a built-in check, or `tool/rule`.
  package var source: String
  /// Lines that would take the place of `startLine` to `endLine`, where there is a safe proposal; empty where the lines
  /// are to go.
  package var suggestion: String?
  /// All lines of `startLine` to `endLine` as `quote` has the first; `nil` where that is the only one.
  package var lines: [String]?
  /// Whether the first line was there before the change and stands in it as it was; `nil` where it is new or gone, or
  /// there is none.
  package var isUnchanged: Bool?

  /// The side of a change.
  package enum Side: String, Sendable, Hashable, Codable {
    case head
    case base
  }

  package init(
    id: String, path: RepositoryPath, startLine: Int, endLine: Int, side: Side = .head, quote: String, title: String,
    body: String, severity: Severity, confidence: Double = 1, source: String, suggestion: String? = nil
  ) {
    self.id = id
    self.path = path
    self.startLine = startLine
    self.endLine = endLine
    self.side = side
    self.quote = quote
    self.title = title
    self.body = body
    self.severity = severity
    self.confidence = confidence
    self.source = source
    self.suggestion = suggestion
  }
}

/// A part of the change that was not read, and why.
package struct Unread: Sendable, Hashable, Codable {
  package var path: RepositoryPath
  package var reason: String

  package init(path: RepositoryPath, reason: String) {
    self.path = path
    self.reason = reason
  }
}
