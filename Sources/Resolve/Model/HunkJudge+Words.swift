internal import Base
internal import Merging
internal import Work

extension HunkJudge {
  /// What is said of places that there are not, each told in a note; the decisions on whole files among them.
  func unknown(in words: AnswerWords, _ ruling: inout Ruling) -> [String] {
    let questions = files.flatMap(\.questions)
    let names = Set(questions.map(\.id))
    var unknown: [String] = []
    for (keyword, name) in words.named where !names.contains(name) {
      let isDecision = AnswerWords.Decision(rawValue: keyword) != nil
      if isDecision, questions.contains(where: { Self.isWhole($0) && $0.path.display == name }) { continue }
      let line = "\(keyword) \(DisplayText.line(Array(name.utf8)[...]))"
      ruling.notes.append("'\(line)' was said, and there is no place of this name: it counts for nothing.")
      if isDecision { unknown.append(line) }
    }
    return unknown
  }

  private static func isWhole(_ question: HunkQuestion) -> Bool {
    if case .deletion = question.kind { true } else { false }
  }

  /// What lets such an answer through where it is right all the same; `nil` where nothing does.
  static func remedy(_ reason: FileMerge.Rejection.Reason, _ id: String) -> String? {
    switch reason {
    case .blendedValue, .newWord: "if it is needed, say it: NEW \(id) WORD because REASON"
    case .lostLine: "write it, or join it, or say it: DROP \(id) SIDE NUMBERS because REASON"
    case .vanishedLine, .revivedLine: "if it is needed, say it: UNDO \(id) because REASON"
    default: nil
    }
  }
}

/// A difference between two texts as lines that are safe to show.
enum DisplayedDifference {
  /// The changed lines under the number of the old line at which they begin; of many the first.
  static func lines(from old: [UInt8], to new: [UInt8], most: Int = 120) -> [String] {
    let (was, isNow) = (LineTable(old), LineTable(new))
    let lines = LineDiff.changes(from: old, to: new).flatMap { change in
      ["@@ \(change.old.start + 1)"] + DisplayLines.of(Array(was[change.old])).map { "-" + $0 }
        + DisplayLines.of(Array(isNow[change.new])).map { "+" + $0 }
    }
    return lines.count <= most ? lines : lines.prefix(most) + ["… and \(lines.count - most) more lines"]
  }
}
