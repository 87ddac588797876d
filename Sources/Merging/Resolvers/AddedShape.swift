/// How the brackets of one side's addition open and close, line by line.
struct AddedShape {
  private let source: SourceText
  private let own: LineSpan
  private let head: Int
  private let tail: Int
  /// Of each line, from the first shared one: how deep it closes brackets of lines before, and what it leaves open.
  private var depths: [(least: Int, net: Int)] = []

  init(_ source: SourceText, own: LineSpan, head: Int, tail: Int) {
    self.source = source
    self.own = own
    self.head = head
    self.tail = tail
    if source.language.hasTags {
      depths = (own.start - head..<own.end + tail).map { Self.tagDepth(source.line($0)) }
      return
    }
    let bytes = source.table.bytes
    var (least, depth) = (0, 0)
    let span = LineSpan(start: own.start - head, count: own.count + head + tail)
    for token in source.tokens(span) {
      switch token.kind {
      case .open: depth += 1
      case .close:
        depth -= 1
        least = min(least, depth)
      default: break
      }
      if bytes[token.range.upperBound - 1] == UInt8(ascii: "\n") {
        let (closed, opened) = BlockWords.depth(source, line: span.start + depths.count)
        depths.append((least - closed, depth + opened - closed))
        (least, depth) = (0, 0)
      }
    }
    while depths.count < span.count {
      depths.append((least, depth))
      (least, depth) = (0, 0)
    }
  }

  /// How deep a line closes elements of markup, and what it leaves open.
  private static func tagDepth(_ line: ArraySlice<UInt8>) -> (least: Int, net: Int) {
    var (least, depth) = (0, 0)
    var rest = line
    while let start = rest.firstIndex(where: { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "/") }) {
      let tail = rest[start...]
      rest = tail.dropFirst()
      if tail.hasPrefix("</") || tail.hasPrefix("/>") {
        depth -= 1
        least = min(least, depth)
        rest = tail.dropFirst(2)
      } else if let first = rest.first, tail.hasPrefix("<"), isNameByte(first) {
        let name = String(decoding: rest.prefix(while: isNameByte), as: UTF8.self)
        if !voidElements.contains(name) { depth += 1 }
      }
    }
    return (least, depth)
  }

  private static let voidElements: Set<String> = ["br", "hr", "img", "input", "link", "meta", "area", "col", "source"]

  /// How far the shared lines before and behind the additions are needed.
  private static let reach = 12

  /// The fewest shared lines with which both additions are whole, and what leads up to them.
  static func ends(_ ours: AddedShape, _ theirs: AddedShape) -> (head: Int, tail: Int)? {
    for sum in 0...(2 * reach) {
      for head in 0...min(sum, ours.head, reach) where sum - head <= min(ours.tail, reach) {
        guard ours.isWhole(head, sum - head), theirs.isWhole(head, sum - head) else { continue }
        return ours.completed(head, sum - head, theirs)
      }
    }
    return nil
  }

  private func completed(_ head: Int, _ tail: Int, _ other: AddedShape) -> (head: Int, tail: Int)? {
    var (head, tail) = (head, tail)
    while head < self.head, source.isLeading(own.start - head - 1) { head += 1 }
    if let last = (0..<self.tail).reversed().first(where: { !source.isBlank(own.end + $0) }), last >= tail,
      source.isLeading(own.end + last)
    {
      tail = self.tail
      head = 0
    }
    guard isWhole(head, tail), other.isWhole(head, tail) else { return nil }
    // What both share beyond that must be whole by itself, else the additions stand within one item that both made.
    guard isWhole(lines: (own.start - self.head)..<(own.start - head)),
      isWhole(lines: (own.end + tail)..<(own.end + self.tail))
    else { return nil }
    let mine = min(inkCount(own.indices), other.inkCount(other.own.indices))
    let doubled = inkCount((own.start - head)..<own.start) + inkCount(own.end..<(own.end + tail))
    let common = inkCount((own.start - self.head)..<own.start) + inkCount(own.end..<(own.end + self.tail))
    return doubled * 2 <= mine && common <= max(mine, 2) ? (head, tail) : nil
  }

  /// The lines with more than a closer, an attribute or a comment.
  private func inkCount(_ lines: Range<Int>) -> Int {
    lines.count { line in
      !source.isBlank(line) && !source.isLeading(line) && source.line(line).contains(where: isNameByte)
    }
  }

  private func isWhole(_ head: Int, _ tail: Int) -> Bool { isWhole(lines: (own.start - head)..<(own.end + tail)) }

  private func isWhole(lines: Range<Int>) -> Bool {
    if lines.isEmpty { return true }
    guard !source.startsInside(line: lines.lowerBound), !source.startsInside(line: lines.upperBound) else {
      return false
    }
    var depth = 0
    let first = own.start - head
    for line in lines {
      let (least, net) = depths[line - first]
      if depth + least < 0 { return false }
      depth += net
    }
    return depth == 0
  }
}

extension Language {
  /// Whether structure is written in tags.
  var hasTags: Bool { name == "XML" || name == "HTML" }
}

extension SourceText {
  /// Whether a line exists and is blank.
  func isBlank(_ index: Int) -> Bool {
    index >= 0 && index < table.count && line(index).allSatisfy(isBlankByte)
  }

  /// Whether a line belongs to what follows it: a comment or an attribute.
  func isLeading(_ index: Int) -> Bool {
    if isComment(index) { return true }
    let text = line(index).trimmingEnd.drop(while: isBlankByte)
    guard let first = text.first else { return false }
    if first == UInt8(ascii: "@") { return !text.hasSuffix(";") }
    return first == UInt8(ascii: "#") && text.dropFirst().first == UInt8(ascii: "[")
      || language.imports == .csharp && first == UInt8(ascii: "[") && text.last == UInt8(ascii: "]")
  }

  /// Whether there is nothing but a comment on a line.
  func isComment(_ index: Int) -> Bool {
    let kinds = tokens(LineSpan(start: index, count: 1)).map(\.kind).filter { $0 != .blank && $0 != .lineEnd }
    return !kinds.isEmpty && kinds.allSatisfy { $0 == .comment }
  }
}
