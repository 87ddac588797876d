internal import Base
internal import ByteText
internal import Merging
package import Work

/// `conflict-marker`: what git writes into a file whose merge is not finished.
package struct ConflictMarkerCheck: Check {
  package let id = "conflict-marker"
  package let title = "Merge conflict left in a file"
  package let defaultSeverity = Severity.error

  package init() {}

  package func findings(in change: Change) -> [CheckFinding] {
    change.texts.flatMap(findings)
  }

  private func findings(in file: ChangedFile) -> [CheckFinding] {
    var open: NumberedLine?
    var result: [CheckFinding] = []
    func report(_ first: NumberedLine, through last: Int) {
      guard !isShownOnPurpose(first, in: file) else { return }
      result.append(
        CheckFinding(
          path: file.path, startLine: first.number, endLine: last, line: first.bytes,
          title: last > first.number
            ? "A merge conflict was left in lines \(first.number) to \(last)"
            : "A merge conflict marker was left in the file"))
    }
    for line in file.addedLines {
      guard let marker = Marker(line.bytes) else { continue }
      switch marker {
      case .start:
        if let first = open { report(first, through: first.number) }
        open = line
      case .end:
        if let first = open {
          report(first, through: line.number)
        } else if !file.place.isDocumentation {
          report(line, through: line.number)
        }
        open = nil
      case .base:
        if open == nil, !file.place.isDocumentation { report(line, through: line.number) }
      }
    }
    if let first = open { report(first, through: first.number) }
    return result
  }

  /// The markers that stand for themselves.
  ///
  /// `=======` does not: it underlines headings. It is a part of a conflict only between the others.
  private enum Marker {
    case start
    case base
    case end

    init?(_ line: [UInt8]) {
      guard let first = line.first, "<|>".utf8.contains(first), line.count >= 7 else { return nil }
      guard line.prefix(7).allSatisfy({ $0 == first }) else { return nil }
      let rest = line.dropFirst(7)
      guard rest.isEmpty || rest.first == 0x20 || rest.first == 0x0d else { return nil }
      switch first {
      case UInt8(ascii: "<"): self = .start
      case UInt8(ascii: "|"): self = .base
      default: self = .end
      }
    }
  }

  /// Whether the marker is an example: in a listing of a document, or in a text literal or a here-document of a test.
  private func isShownOnPurpose(_ line: NumberedLine, in file: ChangedFile) -> Bool {
    if file.place.isDocumentation { return isInListing(line, of: file) }
    guard file.place.isTest else { return false }
    if file.code(of: line).allSatisfy(ASCII.isBlank) { return true }
    let path = file.path.bytes.lowercased()
    let fixture = file.language.name == "unknown" || file.language.family == .markup
    return fixture && ["conflict", "merge", "rerere", "diff"].contains { path.contains(text: $0) }
  }

  private func isInListing(_ line: NumberedLine, of file: ChangedFile) -> Bool {
    let above: [ArraySlice<UInt8>]
    if let lines = file.headLines {
      above = Array(lines.prefix(line.number - 1))
    } else {
      above = file.addedLines.filter { $0.number < line.number }.map { $0.bytes[...] }
    }
    let fences = above.filter { $0.hasPrefix("```") || $0.hasPrefix("~~~") || $0.hasPrefix("----") }
    return fences.count % 2 == 1
  }
}
