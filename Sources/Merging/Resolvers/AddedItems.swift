/// The items of one side's addition: what stands on its own at the addition's least indentation.
struct AddedItems {
  let side: AddedBlocks.Side
  /// The white space before each item.
  let indentation: ArraySlice<UInt8>
  /// The first lines of items: those at the least indentation that neither close nor comment anything.
  let heads: [Int]
  /// What names the items; the same in both sides where both added the same thing.
  let keys: Set<[UInt8]>
  /// Whether each item is one line.
  let areLines: Bool
  /// Whether there is nothing but comments.
  let isCommentOnly: Bool

  /// - Returns: `nil` where the addition has no shape of items.
  init?(_ side: AddedBlocks.Side) {
    let source = side.source
    let inked = side.inkedLines
    guard let first = inked.first, let last = inked.last else { return nil }
    let indentation = source.line(first).prefix(while: isBlankByte)
    self.side = side
    self.indentation = indentation
    var heads: [Int] = []
    var keys: Set<[UInt8]> = []
    var areLines = true
    var isCommentOnly = true
    for line in inked {
      let own = source.line(line).prefix(while: isBlankByte)
      if source.startsInside(line: line) {
        areLines = false
        continue
      }
      if source.isComment(line) { continue }
      isCommentOnly = false
      guard own.count >= indentation.count else {
        // The names of labels and directives of C stand further left.
        if source.line(line).first == UInt8(ascii: "#"), source.language.imports == .c { continue }
        return nil
      }
      guard own == indentation else {
        areLines = false
        continue
      }
      let content = source.line(line).trimmingEnd.dropFirst(own.count)
      guard let byte = content.first, isHead(byte, content) else {
        areLines = false
        continue
      }
      if source.isLeading(line) || BlockWords.depth(source, line: line).closed > 0 { continue }
      heads.append(line)
      if source.language.hasTags, content.first == UInt8(ascii: "<") {
        keys.insert(AddedItems.tagKey(side, content))
        continue
      }
      for key in AddedItems.keys(of: source, line: line) { keys.insert(key) }
    }
    // What goes deeper ends at the depth where it started, but where indentation alone is the structure.
    if !areLines, source.language.family == .braces || source.language.family == .endKeyword {
      guard
        source.line(last).prefix(while: isBlankByte) == indentation || source.isComment(last)
          || source.endsWithComma(last)
      else { return nil }
    }
    self.heads = heads
    self.keys = keys
    self.areLines = areLines
    self.isCommentOnly = isCommentOnly
  }

  /// What names an element: its tag, or all that was added where its neighbours have the same tag.
  private static func tagKey(_ side: AddedBlocks.Side, _ content: ArraySlice<UInt8>) -> [UInt8] {
    let tag = Array(content.dropFirst().prefix { isNameByte($0) || "-.:".utf8.contains($0) })
    let source = side.source
    let before = stride(from: side.span.start - 1, through: 0, by: -1).first { !source.isBlank($0) }
    let after = (side.span.end..<max(side.span.end, source.table.count)).first { !source.isBlank($0) }
    let isList = [before, after].contains { line in
      guard let line else { return false }
      let text = source.line(line).drop(while: isBlankByte).drop { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "/") }
      return text.starts(with: tag) && text.dropFirst(tag.count).first.map { !isNameByte($0) } ?? true
    }
    return isList ? side.inkedLines.flatMap { Array(source.line($0)) } : tag
  }

  /// What names the item that starts on a line: what it declares, or else the line.
  private static func keys(of source: SourceText, line: Int) -> [[UInt8]] {
    let bytes = source.table.bytes
    let tokens = source.tokens(LineSpan(start: line, count: 1)).filter {
      $0.kind != .blank && $0.kind != .lineEnd && $0.kind != .comment
    }
    let whole = Array(source.line(line).trimmingEnd.drop(while: isBlankByte))
    switch source.language.family {
    case .markup, .data, .other, .build: return [entryKey(whole)]
    case .indentation where source.language.imports != .python: return [entryKey(whole)]
    default: break
    }
    if let statement = ImportStatement(whole[...], form: source.language.imports) {
      return statement.bound.isEmpty ? [whole] : statement.bound
    }
    if source.language.imports == .go, let field = goField(tokens, bytes) { return [field] }
    var name: Token?
    var words = 0
    for (index, token) in tokens.enumerated() {
      let first = bytes[token.range.lowerBound]
      switch token.kind {
      case .word, .number:
        name = token
        words += 1
      case .text:
        // A key in quotes, or the first argument of a call.
        if index == 0 || index == 2 && tokens[1].kind == .open { return [Array(bytes[token.range])] }
        return [whole]
      case .open where first == UInt8(ascii: "("):
        // The receiver of a method in Go.
        if words == 1, let name, bytes[name.range].elementsEqual("func".utf8) {
          return [whole]
        }
        if words > 1 || whole.last == UInt8(ascii: "{"), let name { return [Array(bytes[name.range])] }
        if index + 1 < tokens.count, tokens[index + 1].kind == .text { continue }
        return [whole]
      case .open, .close: return name.map { [Array(bytes[$0.range])] } ?? [whole]
      case .sign:
        switch first {
        case UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: ";"), UInt8(ascii: ","), UInt8(ascii: "<"):
          return name.map { [Array(bytes[$0.range])] } ?? [whole]
        case UInt8(ascii: "."): words = 0
        default: break
        }
      case .blank, .lineEnd, .comment: break
      }
    }
    return words > 0 && words < 4 ? name.map { [Array(bytes[$0.range])] } ?? [whole] : [whole]
  }
}

extension AddedItems {
  /// The name of a field in Go, which stands before its type; `nil` where a line is something else.
  private static func goField(_ tokens: [Token], _ bytes: [UInt8]) -> [UInt8]? {
    guard tokens.count > 1, tokens[0].kind == .word, tokens[0].range.upperBound < tokens[1].range.lowerBound else {
      return nil
    }
    let isType = tokens[1].kind == .word || tokens[1].kind == .open || bytes[tokens[1].range].elementsEqual("*".utf8)
    let name = bytes[tokens[0].range]
    let words = ["func", "type", "var", "const", "package", "import", "return", "go", "defer", "if", "for", "switch"]
    return isType && !words.contains { name.elementsEqual($0.utf8) } ? Array(name) : nil
  }
}

/// What names an entry: what stands before its colon or equals sign, a table's first cell, or else the whole line.
func entryKey(_ line: [UInt8]) -> [UInt8] {
  if line.first == UInt8(ascii: "|") {
    return Array(line.dropFirst().prefix { $0 != UInt8(ascii: "|") }).filter { !isBlankByte($0) }
  }
  // A release is named by its number, whatever its date.
  if line.first == UInt8(ascii: "#"), let start = line.firstIndex(where: isDigitByte) {
    return Array(line[start...].prefix { isNameByte($0) || "-.+~".utf8.contains($0) })
  }
  guard let first = line.first, isNameByte(first) || first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") else {
    return line
  }
  guard let end = line.firstIndex(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "=") }) else { return line }
  // Any number of lines append to one variable.
  if line[end] == UInt8(ascii: "="), end > 0, line[end - 1] == UInt8(ascii: "+") { return line }
  return Array(line[..<end]).filter { !isBlankByte($0) }
}

/// Whether a line of such content can start an item.
private func isHead(_ first: UInt8, _ content: ArraySlice<UInt8>) -> Bool {
  if content.hasPrefix("</") { return false }
  // The line under a heading, or a rule.
  if content.count > 2, "=-~^*_".utf8.contains(first), content.allSatisfy({ $0 == first }) { return false }
  return switch first {
  case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): false
  default: !content.elementsEqual("end".utf8) && !content.elementsEqual("{".utf8)
  }
}
