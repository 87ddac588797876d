internal import ByteText
internal import Merging

/// What stands around the lines of a file: by the outline of its language, or else by how the lines are indented.
struct Surroundings: Sendable {
  /// Lines around a hunk that are shown in any case.
  static let context = 8
  /// A function of so many lines is shown as a whole.
  static let wholeFunction = 100

  let lines: [[UInt8]]
  private let outline: Outline?

  /// - Parameters:
  ///   - content: The head's file; `nil` where it is not at hand.
  ///   - path: Its path, which tells the language.
  init(of content: [UInt8]?, at path: [UInt8]) {
    lines = content.map { $0.lines().map(Array.init) } ?? []
    outline = content.flatMap { Outline(of: $0, at: path) }
  }

  /// The lines to show around a hunk, counted from one.
  func shown(around hunk: ClosedRange<Int>) -> ClosedRange<Int> {
    var (start, end) = (hunk.lowerBound - Self.context, hunk.upperBound + Self.context)
    for line in [hunk.lowerBound, hunk.upperBound] {
      guard let function = outline?.enclosing(line - 1).last(where: \.isFunction),
        function.lines.count <= Self.wholeFunction
      else { continue }
      start = min(start, function.lines.lowerBound + 1)
      end = max(end, function.lines.upperBound)
    }
    start = max(1, min(start, lines.count))
    return start...max(start, min(end, lines.count))
  }

  /// The lines above this one that open what it stands in, the outermost first.
  func heads(of line: Int) -> [ShownLine] {
    let numbers = outline?.enclosing(line - 1).flatMap { $0.head.map { $0 + 1 } } ?? indented(above: line)
    return numbers.filter { $0 < line }.map { self.line($0, .context) }
  }

  /// Of a language that nobody knows, the lines above that are indented less and less.
  private func indented(above first: Int) -> [Int] {
    guard first <= lines.count else { return [] }
    var least = Self.indent(lines[first - 1]) ?? .max
    var found: [Int] = []
    for number in stride(from: first - 1, to: max(0, first - 2000), by: -1) where least > 0 && found.count < 6 {
      let line = lines[number - 1]
      guard let indent = Self.indent(line), indent < least, line.contains(where: ASCII.isLetter) else { continue }
      least = indent
      found.append(number)
    }
    return found.reversed()
  }

  /// How far the line is indented, a tab as eight; `nil` for a blank one.
  private static func indent(_ line: [UInt8]) -> Int? {
    var columns = 0
    for byte in line {
      switch byte {
      case 0x20: columns += 1
      case 0x09: columns += 8
      case 0x0D, 0x0A: return nil
      default: return columns
      }
    }
    return nil
  }

  /// A line of the head as it is shown.
  func line(_ number: Int, _ kind: ShownLine.Kind) -> ShownLine {
    ShownLine(kind: kind, number: number, text: number <= lines.count ? LineText.around(lines[number - 1]) : "")
  }
}
