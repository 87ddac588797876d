internal import Base
internal import ByteText
internal import Merging
internal import Secrets
internal import Work

/// Tries a suggestion on the file of the head before it is offered.
enum SuggestionTrial {
  /// More lines are another change, and no suggestion.
  private static let mostLines = 100
  private static let mostBytes = 8_000

  /// The lines of a finding's suggestion; `nil` where it does not apply as it stands to the lines of the anchor, changes
  /// nothing, makes the file worse, or holds what nobody should apply with a click.
  static func lines(of finding: Finding, at anchor: LineAnchor, in content: [UInt8]?) -> [String]? {
    guard let suggestion = finding.suggestion, finding.side == .head, anchor.startLine == finding.startLine,
      anchor.endLine == max(finding.startLine, finding.endLine)
    else { return nil }
    // An empty suggestion takes the lines out.
    if suggestion.isEmpty { return accepted([], at: anchor, in: content) }
    var lines = suggestion.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.count > 1, lines.last == "" { lines.removeLast() }
    return accepted(lines, at: anchor, in: content)
  }

  /// The lines, where they can take the place of the anchor's.
  static func accepted(_ lines: [String], at anchor: LineAnchor, in content: [UInt8]?) -> [String]? {
    guard let content, anchor.side == .head, lines.count <= mostLines,
      lines.reduce(0, { $0 + $1.utf8.count + 1 }) <= mostBytes, lines.allSatisfy(isHarmless)
    else { return nil }
    let all = content.split(separator: 0x0a, omittingEmptySubsequences: false)
    let count = content.last == 0x0a ? all.count - 1 : all.count
    guard anchor.startLine > 0, anchor.startLine <= anchor.endLine, anchor.endLine <= count else { return nil }
    let old = all[(anchor.startLine - 1)..<anchor.endLine]
    // What a forge writes for the ends of lines is not known; it is known where they are plain.
    guard !old.contains(where: { $0.last == 0x0d }),
      !old.elementsEqual(lines.map { Array($0.utf8) }, by: { $0.elementsEqual($1) })
    else { return nil }
    let before = Array(all[..<(anchor.startLine - 1)])
    let after = Array(all[anchor.endLine...])
    let changed = Array((before + lines.map { Array($0.utf8)[...] } + after).joined(separator: [0x0a]))
    return EditGate.objection(to: changed, from: content, at: anchor.path.bytes) == nil ? lines : nil
  }

  /// Whether a line hides nothing, and is no marker, no secret and no command.
  private static func isHarmless(_ line: String) -> Bool {
    let bytes = Array(line.utf8)
    let isConflict = ["<<<<<<<", ">>>>>>>", "|||||||", "======="].contains { bytes.hasPrefix($0) }
    let isMarker = line.contains("<!--") && line.lowercased().contains("arborist")
    return !isConflict && !isMarker && !bytes.hasPrefix("/arborist") && !line.contains("\n")
      && DisplayText.line(bytes) == line
      && SecretScanner.matches(in: bytes, unquoted: false).isEmpty
  }
}
