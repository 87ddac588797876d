/// How far a comment has been read, as far as it matters to which lines a page shows as plain text.
///
/// Source for blocks: CommonMark 0.31 (fences, block quotes with their lazy lines, HTML blocks); GitLab's `>>>`. What a
/// line that begins with a tag starts depends on more than the line, so both readings are kept, and a line is plain only
/// if it is so in all of them.
struct CommentLayout {
  /// What a line stands in.
  private enum Block: Hashable {
    case text
    case fence(UInt8, Int)
    /// Until a line that has this text in it, in lower case.
    case until(String)
    /// HTML that ends with an empty line.
    case html

    var isFence: Bool { if case .fence = self { true } else { false } }
  }

  private var blocks: Set<Block> = [.text]
  /// By how many blanks the content of the outermost item of a list is moved in; `nil` outside of lists.
  ///
  /// What is moved in that far, a fence as well, belongs to the item and ends with it.
  private var item: Int?
  private var isBehindEmpty = true
  /// Within a quote, or behind one without an empty line between, which a page shows as a part of it.
  private var isQuoted = false
  /// Between two lines `>>>`.
  private var isInQuoteFence = false
  /// An odd backquote stands open in this paragraph: what follows may be code.
  private var isMaybeCode = false
  /// What ends the element or the remark that the text is in; `nil` outside.
  private var closer: String?
  /// Nothing is sure any more.
  private var isLost = false

  /// Whether the line that comes next is shown as plain text.
  func isPlain(_ line: ArraySlice<UInt8>) -> Bool {
    blocks == [.text] && !isQuoted && !isInQuoteFence && !isMaybeCode && closer == nil && !isLost
  }

  /// Reads over a line, without its end.
  mutating func pass(_ line: ArraySlice<UInt8>) {
    let indent = line.prefix { $0 == 0x20 }.count
    let rest = line.dropFirst(indent)
    let isEmpty = line.allSatisfy { $0 == 0x20 || $0 == 9 }
    if blocks.contains(.text) { passQuote(rest, isEmpty: isEmpty) }
    var next: Set<Block> = []
    let isInItem = item.map { indent >= $0 } == true
    for block in blocks {
      let isItems = isInItem && block == .text
      next.formUnion(isItems ? [.text] : Self.after(block, line, rest, indent: indent, isEmpty: isEmpty))
    }
    passInline(line, isEmpty: isEmpty, isMark: next.allSatisfy(\.isFence))
    if blocks == [.text], !isEmpty, !isInItem { passItem(rest, indent: indent, opens: next != [.text]) }
    isBehindEmpty = isEmpty
    blocks = next
    if blocks.count > 16 { isLost = true }
  }

  /// Reads over a line that is not moved in as far as the item before it.
  private mutating func passItem(_ rest: ArraySlice<UInt8>, indent: Int, opens: Bool) {
    if indent < 4, let width = Self.markWidth(rest) {
      item = indent + width
    } else if opens || isBehindEmpty {
      item = nil
    }
  }

  /// How many bytes the mark of a list takes with the blanks behind it; `nil` where the line begins with none, or has
  /// nothing else.
  private static func markWidth(_ line: ArraySlice<UInt8>) -> Int? {
    let digits = line.prefix { $0 &- 0x30 < 10 }.count
    guard digits < 10, let mark = line.dropFirst(digits).first,
      digits > 0 ? ".)".utf8.contains(mark) : "-*+".utf8.contains(mark)
    else { return nil }
    let content = line.dropFirst(digits + 1)
    let blanks = content.prefix { $0 == 0x20 }.count
    let isBreak = digits == 0 && line.allSatisfy { $0 == mark || $0 == 0x20 || $0 == 9 }
    guard blanks > 0, blanks < content.count, !isBreak else { return nil }
    return digits + 1 + (blanks > 4 ? 1 : blanks)
  }

  // MARK: - Blocks

  private static func after(
    _ block: Block, _ line: ArraySlice<UInt8>, _ rest: ArraySlice<UInt8>, indent: Int, isEmpty: Bool
  ) -> Set<Block> {
    switch block {
    case .fence(let mark, let count):
      let run = rest.prefix { $0 == mark }.count
      let isEnd = indent < 4 && run >= count && rest.dropFirst(run).allSatisfy { $0 == 0x20 || $0 == 9 }
      return [isEnd ? .text : block]
    case .until(let end): return [contains(line, end) ? .text : block]
    case .html: return [isEmpty ? .text : block]
    case .text: return indent < 4 ? opened(by: rest) : [.text]
    }
  }

  private static func opened(by line: ArraySlice<UInt8>) -> Set<Block> {
    guard let first = line.first else { return [.text] }
    if first == UInt8(ascii: "`") || first == UInt8(ascii: "~") {
      let run = line.prefix { $0 == first }.count
      let isFence = run >= 3 && (first != UInt8(ascii: "`") || !line.dropFirst(run).contains(first))
      return [isFence ? .fence(first, run) : .text]
    }
    guard first == UInt8(ascii: "<") else { return [.text] }
    for (start, end) in [("<!--", "-->"), ("<![cdata[", "]]>"), ("<?", "?>")] where begins(line, start) {
      return [contains(line.dropFirst(start.utf8.count), end) ? .text : .until(end)]
    }
    for tag in ["pre", "script", "style", "textarea"] where begins(line, "<" + tag) {
      // Another tag may begin with the same letters.
      let next = line.dropFirst(1 + tag.utf8.count).first
      guard next.map({ " \t>".utf8.contains($0) }) != false else { continue }
      return [contains(line, "</" + tag) ? .text : .until("</" + tag)]
    }
    if begins(line, "<!") { return [line.contains(UInt8(ascii: ">")) ? .text : .until(">")] }
    return [.text, .html]
  }

  // MARK: - Quotes

  private mutating func passQuote(_ rest: ArraySlice<UInt8>, isEmpty: Bool) {
    if blocks == [.text], rest.starts(with: ">>>".utf8), rest.dropFirst(3).allSatisfy({ $0 == 0x20 || $0 == 9 }) {
      isInQuoteFence.toggle()
    }
    if isEmpty {
      isQuoted = false
    } else if Self.withoutListMarks(rest).first == UInt8(ascii: ">") {
      isQuoted = true
    }
  }

  /// The line behind marks of lists, in which a quote may stand, too.
  private static func withoutListMarks(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var line = line.drop { $0 == 0x20 || $0 == 9 }
    while let first = line.first {
      let digits = line.prefix { $0 &- 0x30 < 10 }.count
      var rest = line.dropFirst(digits)
      let isMark = digits > 0 ? rest.first.map(".)".utf8.contains) == true : "-*+".utf8.contains(first)
      guard isMark else { return line }
      rest = rest.dropFirst()
      guard rest.first == 0x20 || rest.first == 9 else { return line }
      line = rest.drop { $0 == 0x20 || $0 == 9 }
    }
    return line
  }

  // MARK: - Inside of lines

  /// Elements whose content a page shows as code, as a quote or not as it is.
  private static let elements = [
    "blockquote", "code", "del", "kbd", "pre", "q", "s", "samp", "script", "strike", "style", "template", "textarea",
    "tt", "xmp",
  ]

  /// Reads what may begin or end inside of the line, unless it is surely the mark of a fence.
  private mutating func passInline(_ line: ArraySlice<UInt8>, isEmpty: Bool, isMark: Bool) {
    if isEmpty { isMaybeCode = false }
    // In a fence everything is code, and a tag there closes nothing.
    guard !isMark, !blocks.contains(where: \.isFence) else { return }
    var index = line.startIndex
    while index < line.endIndex {
      if let end = closer {
        guard let behind = Self.find(end, in: line[index...]) else { return }
        closer = nil
        index = behind
      }
      guard index < line.endIndex else { return }
      switch line[index] {
      case UInt8(ascii: "\\"): index += 2
      case UInt8(ascii: "`"): index = passBackquotes(line, at: index)
      case UInt8(ascii: "<"):
        closer = Self.closer(of: line[index...])
        index += 1
      default: index += 1
      }
    }
  }

  /// Behind the code that begins here, or behind its mark where it does not end on the line.
  private mutating func passBackquotes(_ line: ArraySlice<UInt8>, at start: Int) -> Int {
    let mark = line[start...].prefix { $0 == UInt8(ascii: "`") }.count
    var index = start + mark
    while index < line.endIndex {
      guard line[index] == UInt8(ascii: "`") else {
        index += 1
        continue
      }
      let run = line[index...].prefix { $0 == UInt8(ascii: "`") }.count
      index += run
      if run == mark { return index }
    }
    isMaybeCode = true
    return start + mark
  }

  private static func closer(of tag: ArraySlice<UInt8>) -> String? {
    if begins(tag, "<!--") { return "-->" }
    for name in elements where begins(tag, "<" + name) {
      let next = tag.dropFirst(1 + name.utf8.count).first
      // The end of the line, a blank, or the end of the tag.
      if next.map({ " \t>/".utf8.contains($0) }) != false { return "</" + name }
    }
    return nil
  }

  // MARK: - Bytes

  /// Whether the bytes begin with the text, which is in lower case; in either case themselves.
  private static func begins(_ bytes: ArraySlice<UInt8>, _ text: String) -> Bool {
    bytes.count >= text.utf8.count && zip(bytes, text.utf8).allSatisfy { lower($0) == $1 }
  }

  private static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

  private static func contains(_ bytes: ArraySlice<UInt8>, _ text: String) -> Bool { find(text, in: bytes) != nil }

  /// Behind the first place where the text stands.
  private static func find(_ text: String, in bytes: ArraySlice<UInt8>) -> Int? {
    guard let first = text.utf8.first else { return nil }
    var index = bytes.startIndex
    while index < bytes.endIndex {
      if lower(bytes[index]) == first, begins(bytes[index...], text) { return index + text.utf8.count }
      index += 1
    }
    return nil
  }
}
