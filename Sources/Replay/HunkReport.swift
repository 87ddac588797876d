internal import Base
package import Evaluation
internal import Merging
internal import Resolve

/// One hunk of a replayed merge as a person reads it.
package enum HunkReport {
  /// A readable block; everything that a terminal would obey is escaped.
  package static func text(_ hunk: JudgedHunk) -> String {
    let place = hunk.place
    var lines = [
      "== \(place.repository) \(place.merge) \(DisplayText.line(place.path.utf8)):\(hunk.line) \(hunk.kind.rawValue)"
    ]
    if let resolution = hunk.resolution {
      lines.append("   \(resolution.resolver): \(DisplayText.line(resolution.reason.utf8))")
    }
    if !hunk.refused.isEmpty { lines.append("   refused by the gate: \(hunk.refused.joined(separator: ", "))") }
    lines += part("before", Array(DisplayLines.of(hunk.before).suffix(context)), empty: nil)
    lines += part("base", DisplayLines.of(hunk.conflict.base))
    lines += part("ours", DisplayLines.of(hunk.conflict.ours))
    lines += part("theirs", DisplayLines.of(hunk.conflict.theirs))
    if let resolution = hunk.resolution { lines += part("result", DisplayLines.of(resolution.lines)) }
    lines += part(
      "committed", hunk.committed.map { DisplayLines.of($0) } ?? [],
      empty: hunk.committed == nil ? "(the lines around it were changed too)" : "(nothing)")
    lines += part("after", Array(DisplayLines.of(hunk.after).prefix(context)), empty: nil)
    return lines.map { $0 + "\n" }.joined()
  }

  /// How many lines before and after are shown.
  private static let context = 3

  private static func part(_ name: String, _ lines: [String], empty: String? = "(nothing)") -> [String] {
    let label = "   " + name + String(repeating: " ", count: 9 - name.count)
    if lines.isEmpty { return empty.map { ["\(label) \($0)"] } ?? [] }
    let indent = String(repeating: " ", count: label.count)
    return lines.enumerated().map { "\($0 == 0 ? label : indent) | \($1)" }
  }
}
