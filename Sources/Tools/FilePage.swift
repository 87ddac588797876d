/// Some lines of a file as an answer.
struct FilePage {
  /// `nil` where the first line is behind the end of the file.
  let text: String?
  /// How many lines the file has.
  let total: Int

  private static let mostLines = 2000
  private static let longestLine = 2000

  /// Lines of a file, from the first to the last one or as many as fit.
  init(_ bytes: [UInt8], from first: Int, to last: Int?, profile: ToolProfile) {
    let lines = FileLines(bytes).lines
    total = lines.count
    if lines.isEmpty, first <= 1 {
      text = "[The file is empty.]"
      return
    }
    guard first <= lines.count else {
      text = nil
      return
    }
    let isNumbered = profile == .anthropic || profile == .deepseek
    let mostBytes = profile.outputLimit
    // Where the page ends, unless the rest is so little that it is shown too.
    var cut: (bytes: Int, next: Int)?
    let end = min(last ?? Int.max, lines.count)
    var result: [UInt8] = []
    var next = first
    while next <= max(end, first), next <= lines.count, next - first < Self.mostLines {
      var line = lines[next - 1].text
      if line.count > Self.longestLine {
        line = Array(line.prefix(Self.longestLine)) + Array("… [\(line.count - Self.longestLine) bytes more]".utf8)
      }
      line = OutputText.visible(line)
      if isNumbered {
        let number = String(next)
        line = Array((String(repeating: " ", count: max(0, 6 - number.count)) + number + "\t").utf8) + line
      }
      if next > first, result.count + line.count + 1 > mostBytes {
        cut = cut ?? (result.count, next)
        if result.count + line.count + 1 > OutputText.tolerated(mostBytes) { break }
      }
      result += line + [10]
      next += 1
    }
    if let cut, next <= end {
      result.removeLast(result.count - cut.bytes)
      next = cut.next
    }
    var text = String(decoding: result, as: UTF8.self)
    if next <= end {
      let rest = "Lines \(first) to \(next - 1) of \(lines.count) are shown; go on with \(Self.next(next, profile))."
      text += profile == .deepseek ? "<response clipped><NOTE>\(rest)</NOTE>" : "[\(rest)]"
    } else if end < lines.count, last != nil {
      text += "[\(lines.count - end) more lines follow.]"
    }
    self.text = text
  }

  private static func next(_ line: Int, _ profile: ToolProfile) -> String {
    switch profile {
    case .anthropic, .deepseek: "`view_range` [\(line), -1]"
    case .gemini: "`start_line` \(line)"
    case .openai, .openaiJSON, .generic: "`offset` \(line)"
    }
  }
}
