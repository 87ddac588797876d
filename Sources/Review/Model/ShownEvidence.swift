internal import Base
internal import ByteText

/// Words of the author as a model is shown them: every first line, and of what stands below as much as there is room
/// for.
struct ShownEvidence {
  var source: String
  var lines: [String]

  /// The bytes of all first lines, and of everything; one body has at most so many lines, and at least so many bytes
  /// where there is any room.
  private static let (subjectBytes, bytes, bodyLines, leastBody) = (5000, 8000, 24, 300)
  /// The bytes of one first line.
  private static let subjectLimit = 200

  /// What is shown of these words: the first of them in any case, the others while there is room, in their order.
  static func of(_ evidence: [ReviewWords.Evidence]) -> [ShownEvidence] {
    var result: [ShownEvidence] = []
    var bodies: [(index: Int, lines: [String], isList: Bool)] = []
    var used = 0
    for (index, words) in evidence.enumerated() {
      var lines = words.text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { LineText.around(Array($0.utf8)) }
      lines = Array(lines.drop(while: isBlank))
      let subject = (lines.first ?? "").cut(toBytes: subjectLimit)
      let size = words.source.utf8.count + subject.utf8.count
      if index > 0, used + size > subjectBytes { break }
      used += size
      result.append(ShownEvidence(source: words.source, lines: [subject]))
      lines = Array(lines.dropFirst())
      while lines.last.map(isBlank) == true { lines.removeLast() }
      if !lines.isEmpty { bodies.append((index, lines, isList(lines))) }
    }
    // Lists of links, as bots write them, tell the least.
    let ordered = bodies.filter { !$0.isList } + bodies.filter(\.isList)
    var left = bytes - used
    for (place, body) in ordered.enumerated() {
      let share = max(leastBody, left / (ordered.count - place))
      let shown = shortened(body.lines, to: min(share, left))
      left -= shown.reduce(0) { $0 + $1.utf8.count + 3 }
      result[body.index].lines += shown
    }
    return result
  }

  /// The first lines of a body, as many as fit, and how many there are more.
  private static func shortened(_ body: [String], to limit: Int) -> [String] {
    var (shown, used) = ([String](), 0)
    for line in body.prefix(bodyLines) {
      used += line.utf8.count + 3
      if used > limit { break }
      shown.append(line)
    }
    while shown.last.map(isBlank) == true { shown.removeLast() }
    let more = body.count - shown.count
    return more == 0 ? shown : shown + ["[\(more.counted("more line"))]"]
  }

  /// Whether most of the lines are links or markup.
  private static func isList(_ lines: [String]) -> Bool {
    let filled = lines.filter { !isBlank($0) }
    let links = filled.count { line in
      line.contains("://") || line.drop { $0.isWhitespace }.hasPrefix("<")
    }
    return links * 2 > filled.count
  }

  private static func isBlank(_ line: String) -> Bool { line.utf8.allSatisfy(ASCII.isBlank) }
}

extension String {
  /// The text with at most so many bytes, `…` where something is left out.
  fileprivate func cut(toBytes limit: Int) -> String {
    guard utf8.count > limit else { return self }
    var text = self
    while text.utf8.count > limit - 3 { text.removeLast() }
    return text + "…"
  }
}
