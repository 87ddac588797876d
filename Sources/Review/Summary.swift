internal import Base
internal import Work

/// Counts in words.
enum Summary {
  /// One sentence or two on the whole review; of one that is partial, that comes first.
  static func sentence(
    findings: [Finding], unread: [Unread], files: Int, strays: Int, isPartial: Bool = false
  ) -> String {
    if files == 0 { return "The change is empty." }
    let changed = files.counted("changed file")
    var text: String
    if findings.isEmpty {
      text = isPartial ? "no findings in what was read of \(changed)." : "No findings in \(changed)."
    } else {
      let kinds = Severity.allCases.reversed().compactMap { severity in
        let number = findings.count { $0.severity == severity }
        return number == 0 ? nil : number.counted(severity.rawValue)
      }
      let touched = Set(findings.map(\.path)).count
      text = "\(findings.count.counted("finding")) (\(kinds.joined(separator: ", "))) in \(touched) of \(changed)."
    }
    if isPartial { text = "This review is partial: " + text }
    if !unread.isEmpty {
      let files = Set(unread.map(\.path)).count
      text += " \(files.counted("file")) \(files == 1 ? "was" : "were") not read in full."
    }
    if strays > 0 { text += " \(strays.counted("linter result")) named no file of this repository." }
    return text
  }
}
