internal import Mustache

/// A text that leaves the program: a comment or the message of a commit.
package enum Message: String, Sendable, CaseIterable {
  case resolveCommit
  case repairCommit
  case partialRevertCommit
  case undoCommit
  case fix
  case broken
  case reviewSummary
  case finding
  case resolved
  case conflicts
  case reported
  case failed

  private var source: [UInt8] {
    switch self {
    case .resolveCommit: PackageResources.resolve_mustache
    case .repairCommit: PackageResources.repair_mustache
    case .partialRevertCommit: PackageResources.partial_revert_mustache
    case .undoCommit: PackageResources.undo_mustache
    case .fix: PackageResources.fix_mustache
    case .broken: PackageResources.broken_mustache
    case .reviewSummary: PackageResources.review_summary_mustache
    case .finding: PackageResources.finding_mustache
    case .resolved: PackageResources.resolved_mustache
    case .conflicts: PackageResources.conflicts_mustache
    case .reported: PackageResources.reported_mustache
    case .failed: PackageResources.failed_mustache
    }
  }

  private static let commits: Set<Message> = [.resolveCommit, .repairCommit, .partialRevertCommit, .undoCommit]

  /// The text with the values put in; see the template of the same name for what it takes.
  ///
  /// - Throws: what swift-mustache throws where a template is broken, which a test excludes for every template.
  package func render(_ values: [String: Any]) throws -> String {
    var text = try MustacheTemplate(string: String(decoding: source, as: UTF8.self)).render(values)
    while text.last == "\n" { text.removeLast() }
    // A commit's message ends its last line; a comment's last line is ended by whatever shows it.
    return Self.commits.contains(self) ? Self.withoutForgedTrailers(text) + "\n" : text
  }

  /// The message of a commit in which no line looks like a trailer but those of the last paragraph: what stands there is
  /// the template's, and everything before it may be a stranger's words, broken into lines anywhere.
  private static func withoutForgedTrailers(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let last = lines.lastIndex(of: "") else { return text }
    for index in lines.indices.prefix(last).dropFirst() where lines[index].isTrailer {
      lines[index] = " " + lines[index]
    }
    return lines.joined(separator: "\n")
  }
}

extension String {
  /// Whether it begins as a trailer does, such as `Signed-off-by:`: words joined by hyphens, and a colon.
  fileprivate var isTrailer: Bool {
    let token = utf8.prefix { $0 == UInt8(ascii: "-") || Character(UnicodeScalar($0)).isASCIIWord }
    guard token.contains(UInt8(ascii: "-")) else { return false }
    return utf8.dropFirst(token.count).first { $0 != 0x20 && $0 != 0x09 } == UInt8(ascii: ":")
  }
}

extension Character {
  fileprivate var isASCIIWord: Bool { isASCII && (isLetter || isNumber) }
}
