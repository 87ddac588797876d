package import Work

/// A comment's text with its suggestion, as each forge wants it.
package enum SuggestionText {
  /// The most lines that GitLab replaces above the one that the comment stands on.
  static let mostLinesOnGitLab = 100

  /// The body with the suggestion behind it, fenced so that no line of it can end the fence.
  ///
  /// GitHub replaces the lines that the comment stands on; GitLab is told how many lines lie above the last, where the
  /// comment stands; Gitea has no suggestions, and shows the lines as code. Lines of the base cannot be replaced, and
  /// are shown as code everywhere.
  package static func body(of comment: LineComment, on forge: ForgeName) -> String {
    guard let lines = comment.suggestion else { return comment.body }
    let fence = fence(for: lines)
    let above = comment.anchor.endLine - comment.anchor.startLine
    let word: String =
      switch forge {
      case _ where comment.anchor.side == .base: ""
      case .github: "suggestion"
      case .gitlab: above <= mostLinesOnGitLab ? "suggestion:-\(above)+0" : ""
      case .gitea: ""
      }
    return ([comment.body, "", fence + word] + lines + [fence]).joined(separator: "\n")
  }

  /// More back quotes than stand in a row anywhere in the lines; at least three.
  static func fence(for lines: [String]) -> String {
    var longest = 0
    for line in lines {
      var run = 0
      for byte in line.utf8 {
        run = byte == UInt8(ascii: "`") ? run + 1 : 0
        longest = max(longest, run)
      }
    }
    return String(repeating: "`", count: max(3, longest + 1))
  }
}
