internal import JSON

/// Why a place is not one of the difference.
struct AnchorFault: Error {
  /// As a review's call says it.
  let whole: String
  /// As the call for a single comment says it.
  let single: String
  let field: String

  static let path = AnchorFault(
    whole: "Path could not be resolved", single: "path is invalid", field: "pull_request_review_thread.path")
  static let line = AnchorFault(
    whole: "Line could not be resolved",
    single: "pull_request_review_thread.line must be part of the diff", field: "pull_request_review_thread.line")
  static let start = AnchorFault(
    whole: "Start line could not be resolved",
    single: "pull_request_review_thread.start_line must be part of the same hunk as the line.",
    field: "pull_request_review_thread.start_line")
  static let order = AnchorFault(
    whole: "Start line must precede the end line.",
    single: "pull_request_review_thread.start_line must precede the end line.",
    field: "pull_request_review_thread.start_line")
}

extension World {
  /// The difference that comments at a commit lie in: of the head, or of an earlier commit of the branch.
  func difference(of pull: Pull, at commit: String) throws -> Difference {
    if commit == pull.head { return difference(of: pull) }
    guard let repository = repositories[pull.repository], let found = self.commit(commit, in: repository),
      found == commit
    else { throw Self.unprocessable("Commit could not be found") }
    return difference(of: pull, head: commit)
  }

  /// The place that a comment asks for.
  ///
  /// - Throws: ``AnchorFault`` where it does not lie in a hunk: a context line may be named, one beyond may not.
  func anchor(_ json: JSONValue, of pull: Pull, at commit: String, difference: Difference) throws -> Anchor {
    guard let path = json["path"]?.string, let file = difference.file(path) else { throw AnchorFault.path }
    var anchor = Anchor(path: path, oldPath: file.oldPath, commit: commit)
    if json["subject_type"]?.string == "file" { return anchor }
    if json["line"] == nil, let position = json["position"]?.integer {
      guard let (hunk, line) = Self.line(at: position, in: file) else { throw AnchorFault.line }
      anchor.side = line.new == nil ? "LEFT" : "RIGHT"
      anchor.line = line.new ?? line.old
      anchor.hunk = hunk.text(upTo: anchor.line ?? 0, side: anchor.side ?? "RIGHT")
      return anchor
    }
    guard let line = json["line"]?.integer else { throw AnchorFault.line }
    let side = json["side"]?.string ?? "RIGHT"
    guard ["LEFT", "RIGHT"].contains(side), let hunk = file.hunks.first(where: { $0.holds(line, side: side) }) else {
      throw AnchorFault.line
    }
    (anchor.side, anchor.line) = (side, line)
    if let start = json["start_line"]?.integer {
      let startSide = json["start_side"]?.string ?? side
      if start >= line && startSide == side { throw AnchorFault.order }
      guard hunk.holds(start, side: startSide) else { throw AnchorFault.start }
      (anchor.startSide, anchor.startLine) = (startSide, start)
    }
    anchor.hunk = hunk.text(upTo: line, side: side)
    return anchor
  }

  /// The line at an old-style position: the lines below the first hunk's header, later headers counted too.
  private static func line(at position: Int, in file: Difference.File) -> (Difference.Hunk, Difference.Line)? {
    var left = position
    for (index, hunk) in file.hunks.enumerated() {
      if index > 0 { left -= 1 }
      if left >= 1, left <= hunk.lines.count { return (hunk, hunk.lines[left - 1]) }
      left -= hunk.lines.count
    }
    return nil
  }
}
