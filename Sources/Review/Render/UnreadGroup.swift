internal import Base
internal import Work

/// Files that were not read for the same reason.
struct UnreadGroup {
  /// How the reason begins of what no model read, and of what one read without having told all of it.
  static let (unread, begun) = ("not read by a model", "read by a model")
  /// So many files are named where there are more than fit.
  private static let shown = 3

  /// The reason, without the lines.
  var reason: String
  /// The files, each with the lines where it is not all of it that was not read.
  var files: [(path: RepositoryPath, lines: String)]

  /// The groups, in the order in which their first file stands in the list.
  static func all(of list: [Unread]) -> [UnreadGroup] {
    var groups: [UnreadGroup] = []
    for entry in list {
      let (reason, lines) = parts(of: entry.reason)
      if let known = groups.firstIndex(where: { $0.reason == reason }) {
        groups[known].files.append((entry.path, lines))
      } else {
        groups.append(UnreadGroup(reason: reason, files: [(entry.path, lines)]))
      }
    }
    return groups
  }

  /// The first files, each as `name` writes it.
  func names(_ name: (RepositoryPath) -> String) -> String {
    // One name more is as short as to say that there is one more.
    let count = files.count > Self.shown + 1 ? Self.shown : files.count
    var text = files.prefix(count).map { name($0.path) + ($0.lines.isEmpty ? "" : ", \($0.lines)") }
      .joined(separator: "; ")
    if files.count > count { text += " and \(files.count - count) more" }
    return text
  }

  /// A reason without the lines of one file, and these.
  private static func parts(of reason: String) -> (reason: String, lines: String) {
    for start in [unread, begun] where reason.hasPrefix(start + ", lines ") {
      guard let colon = reason.firstRange(of: ": ") else { continue }
      let lines = reason[..<colon.lowerBound].dropFirst(start.count + 2)
      return (start + reason[colon.lowerBound...], String(lines))
    }
    return (reason, "")
  }
}
