/// Reads how the lines of a file nest.
struct LineShapes {
  let text: SourceText
  let style: NestingStyle
  private let dividingWords: [StaticString]
  var shapes: [LineShape] = []
  /// Whether every bracket or tag that is opened is closed, and no other.
  private(set) var isBalanced = true

  private init(text: SourceText, style: NestingStyle) {
    self.text = text
    self.style = style
    dividingWords = text.language.dividingWords
  }

  /// The shapes of a file's lines; `nil` where its language has none.
  static func of(_ text: SourceText) -> [LineShape]? {
    guard let style = text.language.nesting else { return nil }
    var reader = LineShapes(text: text, style: style)
    reader.read()
    if !reader.isBalanced, style == .brackets || style == .tags {
      // Conditional compilation and broken tags leave brackets open; the indentation then tells more.
      reader = LineShapes(text: text, style: .indentation)
      reader.read()
    }
    return reader.shapes
  }

  private mutating func read() {
    shapes.reserveCapacity(text.table.count)
    switch style {
    case .brackets: readBrackets()
    case .indentation:
      readBrackets()
      addIndentation()
    case .tags: readTags()
    case .headings: readHeadings()
    case .sections:
      readBrackets()
      addSections()
    }
  }

  // MARK: - Brackets

  private mutating func readBrackets() {
    let bytes = text.table.bytes
    var scanner = SourceScanner(language: text.language)
    var depth = 0
    var isContinued = false
    for line in 0..<text.table.count {
      let range = text.table.range(LineSpan(start: line, count: 1))
      let startsInText = scanner.state.isText
      let startsInComment = scanner.state == .blockComment
      var shape = LineShape(role: .blank, indent: indent(range), before: depth, low: depth, after: depth)
      var hasCode = false
      var hasComment = startsInComment
      var first: UInt8?
      var index = range.lowerBound
      while index < range.upperBound {
        let start = index
        let byte = bytes[start]
        let (length, state) = scanner.step(bytes, at: index)
        index = min(index + length, range.upperBound)
        if isBlankByte(byte) || byte == 0x0A { continue }
        guard state == .code else {
          if state.isText { hasCode = true } else { hasComment = true }
          if state.isText, first == nil { first = byte }
          continue
        }
        hasCode = true
        if first == nil { first = byte }
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
          depth += 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
          depth -= 1
          if depth < 0 {
            depth = 0
            isBalanced = false
          }
          shape.low = min(shape.low, depth)
        default: break
        }
      }
      shape.after = depth
      shape.role = startsInText || isContinued ? .inner : hasCode ? .code : hasComment ? .lead : .blank
      if shape.role == .code { classify(&shape, range, first) }
      isContinued = hasCode && bytes[range].dropEnding.last == UInt8(ascii: "\\")
      shapes.append(shape)
    }
    if depth != 0 { isBalanced = false }
  }

  /// Sees what the first bytes of a line of code tell.
  private func classify(_ shape: inout LineShape, _ range: Range<Int>, _ first: UInt8?) {
    let bytes = text.table.bytes
    let content = bytes[range].dropEnding.drop(while: isBlankByte)
    let language = text.language
    if language.hasDirectives, first == UInt8(ascii: "#"), language.name != "Swift" || !content.hasPrefix("#\"") {
      shape.isFlat = true
      return
    }
    if isAttribute(content), shape.before == shape.after, shape.low == shape.before {
      shape.role = .lead
      return
    }
    let word = content.prefix(while: isNameByte)
    if content.trimmingEnd.last == UInt8(ascii: ":"), shape.after == shape.before, language.family == .braces {
      shape.isFlat = !word.isOne(of: ["case", "default"])
    }
    if language.family == .braces, word.isOne(of: dividingWords) { shape.continues = true }
    if language.family == .braces, let first, ".?{&|+=:".utf8.contains(first),
      !content.hasPrefix("...") || language.name == "PHP"
    {
      shape.continues = true
    }
  }

  /// Whether a line is an attribute, annotation or decorator and nothing else.
  private func isAttribute(_ content: ArraySlice<UInt8>) -> Bool {
    let line = content.trimmingEnd
    switch text.language.name {
    case "Java", "Kotlin", "Groovy", "Scala", "TypeScript", "JavaScript", "Dart", "Swift", "Python":
      guard line.first == UInt8(ascii: "@"), !line.hasPrefix("@interface") else { return false }
      if text.language.name == "Python" { return true }
      let name = line.dropFirst().prefix { isNameByte($0) || $0 == UInt8(ascii: ".") }
      let rest = line.dropFirst(1 + name.count).drop(while: isBlankByte)
      return rest.isEmpty || rest.first == UInt8(ascii: "(") && rest.last == UInt8(ascii: ")")
    case "Rust": return (line.hasPrefix("#[") || line.hasPrefix("#![")) && line.last == UInt8(ascii: "]")
    case "PHP": return line.hasPrefix("#[") && line.last == UInt8(ascii: "]")
    case "C#": return line.first == UInt8(ascii: "[") && line.last == UInt8(ascii: "]")
    case "C++": return line.hasPrefix("template") && line.last == UInt8(ascii: ">")
    default: return false
    }
  }

  private func indent(_ range: Range<Int>) -> Int {
    var width = 0
    for index in range {
      switch text.table.bytes[index] {
      case UInt8(ascii: " "): width += 1
      case UInt8(ascii: "\t"): width += 8 - width % 8
      default: return width
      }
    }
    return width
  }

  // MARK: - Indentation

  /// Adds the levels of indentation to those of brackets; levels are the places of a stack of indentations.
  private mutating func addIndentation() {
    let language = text.language
    let isYAML = language.name == "YAML"
    let closing = language.family == .braces ? [] : language.closingWords
    var stack: [Int] = []
    var level = 0
    var lastCode: Int?
    var wasOpen = false
    var flat: [Int] = []
    // Brackets that do not balance would hide the indentation of all that follows.
    let usesBrackets = isBalanced && !isYAML && language.family != .braces && language.name != "Shell"
    for line in shapes.indices {
      if !usesBrackets {
        (shapes[line].before, shapes[line].low, shapes[line].after) = (0, 0, 0)
      }
      let (before, low, after) = (shapes[line].before, shapes[line].low, shapes[line].after)
      guard shapes[line].role == .code else {
        (shapes[line].before, shapes[line].low, shapes[line].after) = (level + before, level + before, level + after)
        continue
      }
      if shapes[line].isFlat, !wasOpen {
        // A directive stands at the level of what follows.
        flat.append(line)
        continue
      }
      let content = text.table[line].drop(while: isBlankByte)
      if !wasOpen {
        let isDash = isYAML && content.first == UInt8(ascii: "-")
        let indent = shapes[line].indent * 2 + (isDash ? 1 : 0)
        let word = content.prefix(while: isNameByte)
        let isBrace = content.first == UInt8(ascii: "}") || content.first == UInt8(ascii: ")")
        let divides = language.family != .braces && word.isOne(of: dividingWords)
        let closes = word.isOne(of: closing) || isBrace && !usesBrackets
        while let last = stack.last, last > indent { stack.removeLast() }
        if stack.last != indent { stack.append(indent) }
        level = stack.count - 1
        if let last = lastCode {
          // What stood before opened as many levels as this line is deeper, or closed the rest.
          shapes[last].after = closes || divides ? level + 1 : level
          if closes || divides {
            shapes[line].before = level + 1
            shapes[line].low = level
          } else {
            shapes[line].before = level
            shapes[line].low = level
          }
        } else {
          (shapes[line].before, shapes[line].low) = (level, level)
        }
      } else {
        shapes[line].before = level + before
        shapes[line].low = level + low
      }
      shapes[line].after = level + after
      for line in flat {
        (shapes[line].before, shapes[line].low, shapes[line].after) = (level, level, level)
      }
      flat = []
      wasOpen = after > 0
      lastCode = wasOpen ? nil : line
    }
    if let last = lastCode { shapes[last].after = 0 }
  }

  // MARK: - Sections

  /// Puts the entries of a section one level below its `[name]` line.
  private mutating func addSections() {
    var isInSection = false
    for line in shapes.indices {
      let content = text.table[line].drop(while: isBlankByte)
      if shapes[line].role == .code, shapes[line].before == 0, content.first == UInt8(ascii: "["),
        shapes[line].after == 0
      {
        isInSection = true
        shapes[line].after = 1
        if line > 0 { closeSection(before: line) }
        continue
      }
      guard isInSection else { continue }
      shapes[line].before += 1
      shapes[line].low += 1
      shapes[line].after += 1
    }
  }

  private mutating func closeSection(before line: Int) {
    var index = line - 1
    while index > 0, shapes[index].role != .code { index -= 1 }
    if shapes[index].role == .code { shapes[index].after = 0 }
  }

  // MARK: - Tags and headings

  private mutating func readTags() {
    var reader = TagReader(bytes: text.table.bytes, isHTML: text.language.name == "HTML")
    for line in 0..<text.table.count {
      let range = text.table.range(LineSpan(start: line, count: 1))
      shapes.append(reader.shape(of: range, indent: indent(range)))
    }
    isBalanced = reader.isBalanced && reader.depth == 0
  }

  private mutating func readHeadings() {
    var reader = HeadingReader(table: text.table, isMarkdown: text.language.name == "Markdown")
    for line in 0..<text.table.count {
      shapes.append(reader.shape(of: line, indent: indent(text.table.range(LineSpan(start: line, count: 1)))))
    }
    reader.closeSections(&shapes)
  }
}

extension ArraySlice<UInt8> {
  /// Whether the slice is one of some words.
  func isOne(of words: [StaticString]) -> Bool {
    words.contains { word in
      word.utf8CodeUnitCount == count && word.withUTF8Buffer { elementsEqual($0) }
    }
  }

  /// The slice without a line ending and without white space before it.
  var dropEnding: ArraySlice<UInt8> {
    last == 0x0A ? dropLast().trimmingEnd : trimmingEnd
  }
}
