internal import ByteText

/// A part of a text in Markdown.
indirect enum MarkdownBlock: Hashable {
  /// The lines as one, with their breaks.
  case paragraph([UInt8])
  case heading(Int, [UInt8])
  case code([[UInt8]], language: String)
  case quote([MarkdownBlock])
  case list([[MarkdownBlock]], first: Int?)
  case rule
}

/// Reads the blocks of a text in Markdown: what CommonMark calls containers and leaves, but for HTML, tables and
/// definitions of links, which are nothing but text here.
enum MarkdownReader {
  /// How deep lists and quotes may stand in each other; what is deeper is text.
  private static let deepest = 6

  static func blocks(_ lines: [[UInt8]], depth: Int = 0) -> [MarkdownBlock] {
    var reader = Reading(lines: lines, depth: depth)
    var blocks: [MarkdownBlock] = []
    while let block = reader.next() { blocks.append(block) }
    return blocks
  }

  private struct Reading {
    let lines: [[UInt8]]
    let depth: Int
    var index = 0

    init(lines: [[UInt8]], depth: Int) {
      self.lines = lines
      self.depth = depth
    }

    mutating func next() -> MarkdownBlock? {
      while index < lines.count, isBlank(lines[index]) { index += 1 }
      guard index < lines.count else { return nil }
      let line = lines[index]
      if indent(line) >= 4 { return indentedCode() }
      if let fence = Fence(line) { return fenced(fence) }
      if let heading = MarkdownReader.heading(line) {
        index += 1
        return heading
      }
      if MarkdownReader.isRule(line) {
        index += 1
        return .rule
      }
      if depth < deepest {
        if line.trimmed().first == UInt8(ascii: ">") { return quote() }
        if let marker = Marker(line) { return list(marker) }
      }
      return paragraph()
    }

    private mutating func indentedCode() -> MarkdownBlock {
      var code: [[UInt8]] = []
      while index < lines.count, isBlank(lines[index]) || indent(lines[index]) >= 4 {
        code.append(stripping(4, from: lines[index]))
        index += 1
      }
      while code.last?.isEmpty == true { code.removeLast() }
      return .code(code, language: "")
    }

    private mutating func fenced(_ fence: Fence) -> MarkdownBlock {
      var code: [[UInt8]] = []
      index += 1
      while index < lines.count {
        let line = lines[index]
        index += 1
        if fence.isClosed(by: line) { break }
        code.append(stripping(fence.indent, from: line))
      }
      return .code(code, language: MarkdownReader.language(fence.info))
    }

    private mutating func quote() -> MarkdownBlock {
      var inner: [[UInt8]] = []
      while index < lines.count {
        let line = lines[index]
        let text = line.drop { $0 == 0x20 }
        if text.first == UInt8(ascii: ">"), indent(line) < 4 {
          let rest = text.dropFirst()
          inner.append(Array(rest.first == 0x20 ? rest.dropFirst() : rest))
        } else if isBlank(line) || startsBlock(line) || inner.last.map(isBlank) != false {
          break
        } else {
          inner.append(line)
        }
        index += 1
      }
      return .quote(blocks(inner, depth: depth + 1))
    }

    private mutating func list(_ first: Marker) -> MarkdownBlock {
      var items: [[MarkdownBlock]] = []
      while index < lines.count, let marker = Marker(lines[index]),
        marker.number == nil ? first.number == nil : first.number != nil,
        !MarkdownReader.isRule(lines[index])
      {
        var inner = [marker.rest]
        index += 1
        while index < lines.count {
          let line = lines[index]
          if isBlank(line) {
            inner.append([])
          } else if indent(line) >= marker.offset {
            inner.append(stripping(marker.offset, from: line))
          } else if inner.last.map(isBlank) == true || startsBlock(line) || Marker(line) != nil {
            break
          } else {
            inner.append(line)
          }
          index += 1
        }
        items.append(blocks(inner, depth: depth + 1))
      }
      return .list(items, first: first.number)
    }

    private mutating func paragraph() -> MarkdownBlock {
      var text = [lines[index]]
      index += 1
      while index < lines.count, !isBlank(lines[index]) {
        let line = lines[index]
        if let level = MarkdownReader.underline(line), !text.contains(where: { $0.contains(UInt8(ascii: "|")) }) {
          index += 1
          return .heading(level, Array(text.joined(separator: [0x0a])))
        }
        // A number begins a list in the middle of a text only where it is 1, and an empty item never does.
        let marker = depth < deepest ? Marker(line) : nil
        if startsBlock(line) || marker.map({ $0.number ?? 1 == 1 && !$0.rest.isEmpty }) == true { break }
        text.append(line)
        index += 1
      }
      // A table is shown as it was written.
      if text.dropFirst().contains(where: MarkdownReader.isTableRule) { return .code(text, language: "") }
      return .paragraph(Array(text.map { Array($0.trimmed()) }.joined(separator: [0x0a])))
    }

    private func startsBlock(_ line: [UInt8]) -> Bool {
      guard indent(line) < 4 else { return false }
      return Fence(line) != nil || MarkdownReader.heading(line) != nil || MarkdownReader.isRule(line)
        || (depth < deepest && line.trimmed().first == UInt8(ascii: ">"))
    }
  }

  // MARK: Lines

  private static func isBlank(_ line: [UInt8]) -> Bool { line.allSatisfy(ASCII.isBlank) }

  /// How far a line is indented, in columns.
  fileprivate static func indent(_ line: [UInt8]) -> Int {
    var column = 0
    for byte in line {
      if byte == 0x20 { column += 1 } else if byte == 0x09 { column += 4 - column % 4 } else { break }
    }
    return column
  }

  /// The line without so many columns of blanks at its start, as far as there are such.
  private static func stripping(_ columns: Int, from line: [UInt8]) -> [UInt8] {
    var (column, index) = (0, 0)
    while index < line.count, column < columns {
      if line[index] == 0x20 { column += 1 } else if line[index] == 0x09 { column += 4 - column % 4 } else { break }
      index += 1
    }
    return Array(repeating: 0x20, count: max(0, column - columns)) + line[index...]
  }

  private static func heading(_ line: [UInt8]) -> MarkdownBlock? {
    guard indent(line) < 4 else { return nil }
    let text = line.trimmed()
    let level = text.prefix { $0 == UInt8(ascii: "#") }.count
    let rest = text.dropFirst(level)
    guard (1...6).contains(level), rest.first.map(ASCII.isBlank) != false else { return nil }
    return .heading(level, Array(rest.trimmed()))
  }

  private static func isRule(_ line: [UInt8]) -> Bool {
    let signs = line.filter { !ASCII.isBlank($0) }
    guard indent(line) < 4, signs.count >= 3, let first = signs.first, "-_*".utf8.contains(first) else { return false }
    return signs.allSatisfy { $0 == first }
  }

  private static func underline(_ line: [UInt8]) -> Int? {
    let signs = line.trimmed()
    guard indent(line) < 4, let first = signs.first, signs.allSatisfy({ $0 == first }) else { return nil }
    return first == UInt8(ascii: "=") ? 1 : first == UInt8(ascii: "-") && signs.count > 1 ? 2 : nil
  }

  /// Whether the line makes a table of what stands around it.
  static func isTableRule(_ line: [UInt8]) -> Bool {
    line.contains(UInt8(ascii: "-")) && line.contains { $0 == UInt8(ascii: "|") || $0 == UInt8(ascii: ":") }
      && line.allSatisfy { "|:-".utf8.contains($0) || ASCII.isBlank($0) }
  }

  // MARK: Languages

  private static let languages: Set<String> = [
    "asm", "awk", "bash", "bat", "c", "clojure", "cmake", "console", "cpp", "c++", "cs", "csharp", "css", "csv", "dart",
    "diff", "dockerfile", "elixir", "erlang", "fish", "fsharp", "go", "gradle", "graphql", "groovy", "haskell", "hcl",
    "html", "http", "ini", "java", "javascript", "js", "json", "jsonc", "jsx", "julia", "kotlin", "kt", "less", "lua",
    "make", "makefile", "markdown", "md", "nginx", "nix", "objc", "objective-c", "ocaml", "patch", "perl", "php",
    "plain", "powershell", "proto", "protobuf", "ps1", "py", "python", "r", "rb", "rs", "ruby", "rust", "sass", "scala",
    "scss", "sh", "shell", "sql", "swift", "terraform", "tex", "text", "toml", "ts", "tsx", "txt", "typescript", "vb",
    "vim", "vue", "xml", "yaml", "yml", "zig", "zsh",
  ]

  /// The language that a block of code says it is in; empty where that is none: some forges run what other words name.
  static func language(_ info: [UInt8]) -> String {
    let word = String(decoding: info.trimmed(), as: UTF8.self).lowercased()
    return languages.contains(word) ? word : ""
  }
}

/// What opens a block of code.
private struct Fence {
  var sign: UInt8
  var length: Int
  var indent: Int
  var info: [UInt8]

  init?(_ line: [UInt8]) {
    indent = MarkdownReader.indent(line)
    let text = line.trimmed()
    guard indent < 4, let first = text.first, first == UInt8(ascii: "`") || first == UInt8(ascii: "~") else {
      return nil
    }
    sign = first
    length = text.prefix { $0 == first }.count
    info = Array(text.dropFirst(length))
    if length < 3 || (sign == UInt8(ascii: "`") && info.contains(sign)) { return nil }
  }

  func isClosed(by line: [UInt8]) -> Bool {
    let text = line.trimmed()
    return text.count >= length && MarkdownReader.indent(line) < 4 && text.allSatisfy { $0 == sign }
  }
}

/// What begins an item of a list.
private struct Marker {
  /// `nil` for a list without numbers.
  var number: Int?
  /// The column from which on a line belongs to the item.
  var offset: Int
  var rest: [UInt8]

  init?(_ line: [UInt8]) {
    let indent = MarkdownReader.indent(line)
    guard indent < 4 else { return nil }
    let text = line.drop(while: ASCII.isBlank)
    let digits = text.prefix(while: ASCII.isDigit)
    let sign = text.dropFirst(digits.count).first
    let width: Int
    if digits.isEmpty, let sign, "-+*".utf8.contains(sign) {
      width = 1
    } else if (1...9).contains(digits.count), sign == UInt8(ascii: ".") || sign == UInt8(ascii: ")") {
      width = digits.count + 1
      number = Int(String(decoding: digits, as: UTF8.self))
    } else {
      return nil
    }
    let behind = text.dropFirst(width)
    guard behind.first.map(ASCII.isBlank) != false else { return nil }
    let blanks = behind.prefix { $0 == 0x20 }.count
    let isPlain = (1...4).contains(blanks)
    offset = indent + width + (isPlain ? blanks : 1)
    rest = Array(behind.dropFirst(isPlain ? blanks : 1))
  }
}
