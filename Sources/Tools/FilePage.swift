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
    total = FileLines.count(bytes)
    if total == 0, first <= 1 {
      text = "[The file is empty.]"
      return
    }
    guard first <= total else {
      text = nil
      return
    }
    let lines = Self.lines(first..<min(first + Self.mostLines, total + 1), of: bytes)
    let isNumbered = profile == .anthropic || profile == .deepseek
    let mostBytes = profile.outputLimit
    // Where the page ends, unless the rest is so little that it is shown too.
    var cut: (bytes: Int, next: Int)?
    let end = min(last ?? Int.max, total)
    var result: [UInt8] = []
    var next = first
    while next <= max(end, first), next <= total, next - first < Self.mostLines {
      var line = Array(lines[next - first])
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
      let rest = "Lines \(first) to \(next - 1) of \(total) are shown; go on with \(Self.next(next, profile))."
      text += profile == .deepseek ? "<response clipped><NOTE>\(rest)</NOTE>" : "[\(rest)]"
    } else if end < total, last != nil {
      text += "[\(total - end) more lines follow.]"
    }
    self.text = text
  }

  /// The texts of lines, counted from one; what is behind them is not looked at.
  private static func lines(_ range: Range<Int>, of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var start = FileLines.mark(of: bytes).count
    for _ in 1..<range.lowerBound {
      start = bytes[start...].firstIndex(of: 10).map { $0 + 1 } ?? bytes.count
    }
    return range.map { _ in
      let feed = bytes[start...].firstIndex(of: 10)
      let isPair = feed.map { $0 > start && bytes[$0 - 1] == 13 } ?? false
      let text = bytes[start..<((feed ?? bytes.count) - (isPair ? 1 : 0))]
      start = feed.map { $0 + 1 } ?? bytes.count
      return text
    }
  }

  private static func next(_ line: Int, _ profile: ToolProfile) -> String {
    switch profile {
    case .anthropic, .deepseek: "`view_range` [\(line), -1]"
    case .gemini: "`start_line` \(line)"
    case .openai, .openaiJSON, .generic: "`offset` \(line)"
    }
  }
}
