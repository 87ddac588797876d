internal import Base
internal import ByteText

/// Writes what was read of a text, so that every reader of Markdown takes it for that and for nothing else.
struct MarkdownWriter {
  private let rules: OutgoingRules

  init(_ rules: OutgoingRules) { self.rules = rules }

  // MARK: Blocks

  func text(_ blocks: [MarkdownBlock]) -> String { lines(of: blocks).joined(separator: "\n") }

  private func lines(of blocks: [MarkdownBlock], isTight: Bool = false) -> [String] {
    var result: [String] = []
    for block in blocks {
      let lines = lines(of: block)
      if lines.isEmpty { continue }
      if !result.isEmpty, !isTight { result.append("") }
      result += lines
    }
    return result
  }

  private func lines(of block: MarkdownBlock) -> [String] {
    switch block {
    case .paragraph(let text): return Self.split(paragraph(text))
    case .heading(let level, let text):
      let line = paragraph(text.map { $0 == 0x0a ? 0x20 : $0 })
      // The headings of a comment are Arborist's.
      return line.isEmpty ? [] : [String(repeating: "#", count: max(4, level)) + " " + line]
    case .code(let code, let language): return Self.fence(code, language: language)
    case .quote(let blocks):
      return lines(of: blocks).map { $0.isEmpty ? ">" : "> " + $0 }
    case .list(let items, let first):
      let isTight = items.allSatisfy(Self.isShort)
      var result: [String] = []
      for (index, item) in items.enumerated() {
        let marker = first.map { "\(min($0 + index, 999_999_999)). " } ?? "- "
        let indent = String(repeating: " ", count: marker.count)
        let lines = lines(of: item, isTight: isTight)
        // An empty item under a text would make a heading of it.
        if lines.isEmpty { continue }
        if !result.isEmpty, !isTight { result.append("") }
        result.append(marker + (lines.first ?? ""))
        result += lines.dropFirst().map { $0.isEmpty ? "" : indent + $0 }
      }
      return result
    case .rule: return ["***"]
    }
  }

  /// Whether an item is one text, perhaps with a list under it.
  private static func isShort(_ item: [MarkdownBlock]) -> Bool {
    guard item.count < 3 else { return false }
    if case .list = item.first { return item.count == 1 }
    if item.count == 2, case .list = item[1] { return true }
    return item.count < 2
  }

  private static func split(_ text: String) -> [String] {
    text.isEmpty ? [] : text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  // MARK: Code

  /// A block of code between fences that nothing in it can close.
  static func fence(_ lines: [[UInt8]], language: String) -> [String] {
    let longest = lines.map { longestRun(of: UInt8(ascii: "`"), in: $0) }.max() ?? 0
    let fence = String(repeating: "`", count: max(3, longest + 1))
    let shown = lines.map { line -> String in
      let line = withoutMarkers(line)
      return (isOwnCommand(line) ? " " : "") + String(decoding: line, as: UTF8.self)
    }
    return [fence + language] + shown + [fence]
  }

  /// Code in a line.
  static func codeSpan(_ code: [UInt8]) -> String {
    let code = withoutMarkers(code)
    let fence = String(repeating: "`", count: longestRun(of: UInt8(ascii: "`"), in: code) + 1)
    let needsSpace =
      code.first == UInt8(ascii: "`") || code.last == UInt8(ascii: "`")
      || (code.first == 0x20 && code.last == 0x20)
    let space = needsSpace ? " " : ""
    return fence + space + String(decoding: code, as: UTF8.self) + space + fence
  }

  private static func longestRun(of byte: UInt8, in bytes: [UInt8]) -> Int {
    var (longest, run) = (0, 0)
    for each in bytes {
      run = each == byte ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }

  private static func isOwnCommand(_ line: [UInt8]) -> Bool { line.prefix(9).lowercased().hasPrefix("/arborist") }

  /// The code without anything that could be taken for one of Arborist's own markers: a blank breaks it.
  private static func withoutMarkers(_ code: [UInt8]) -> [UInt8] {
    let opening = Array("<!--".utf8)
    guard code.contains(opening) else { return code }
    var result: [UInt8] = []
    for index in code.indices {
      let isMarker =
        code.matches(opening, at: index)
        && code[(index + 4)...].drop(while: ASCII.isBlank).prefix(8).lowercased().elementsEqual("arborist".utf8)
      result.append(code[index])
      if isMarker { result.append(0x20) }
    }
    return result
  }

  // MARK: Text

  /// A paragraph, perhaps of several lines.
  func paragraph(_ text: [UInt8]) -> String {
    var output = Output()
    write(plain(InlineReader.inlines(text)), to: &output)
    let lines = output.bytes.split(separator: 0x0a).map { Self.lineStart(Array($0.trimmed())) }
    return lines.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
  }

  private struct Output {
    var bytes: [UInt8] = []

    /// Two spans of code side by side would be read as one.
    mutating func code(_ code: [UInt8]) {
      if bytes.last == UInt8(ascii: "`") { bytes.append(0x20) }
      bytes += Array(codeSpan(code).utf8)
    }

    mutating func literal(_ byte: UInt8) {
      switch byte {
      case UInt8(ascii: "\\"), UInt8(ascii: "`"), UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "["),
        UInt8(ascii: "]"), UInt8(ascii: "$"), UInt8(ascii: "~"):
        bytes += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "<"): bytes += Array("&lt;".utf8)
      case UInt8(ascii: ">"): bytes += Array("&gt;".utf8)
      case UInt8(ascii: "&"): bytes += Array("&amp;".utf8)
      default: bytes.append(byte)
      }
    }
  }

  /// The same with links that may not stay as their text and, where it can be one, their address as code.
  ///
  /// Text that comes to stand together is one text, so that no word is put together behind the rules' back.
  private func plain(_ inlines: [MarkdownInline]) -> [MarkdownInline] {
    var result: [MarkdownInline] = []
    func add(_ inline: MarkdownInline) {
      if case .text(let more) = inline, case .text(let units) = result.last {
        result[result.count - 1] = .text(units + more)
      } else {
        result.append(inline)
      }
    }
    for inline in inlines {
      guard case .link(let inner, let target) = inline else {
        add(inline)
        continue
      }
      let text = plain(inner)
      if rules.allow(target) {
        add(.link(text, to: target))
      } else {
        for each in text { add(each) }
        guard target.contains(text: "://") else { continue }
        add(.text(" (".utf8.map { MarkdownInline.Unit(byte: $0) }))
        add(.code(target.prefix(200).filter { $0 > 0x20 }))
        add(.text(")".utf8.map { MarkdownInline.Unit(byte: $0) }))
      }
    }
    return result
  }

  private func write(_ inlines: [MarkdownInline], to output: inout Output) {
    for inline in inlines {
      switch inline {
      case .code(let code): if !code.isEmpty { output.code(code) }
      case .text(let units): write(units, to: &output)
      case .link(let inner, let target):
        // What stands before must not make it an image.
        if output.bytes.last == UInt8(ascii: "!") { output.bytes[(output.bytes.count - 1)...] = [0x5c, 0x21] }
        output.bytes.append(UInt8(ascii: "["))
        write(inner, to: &output)
        output.bytes += Array("](".utf8) + target + [UInt8(ascii: ")")]
      }
    }
  }

  private func write(_ units: [MarkdownInline.Unit], to output: inout Output) {
    var index = 0
    while index < units.count {
      let end = units[index...].firstIndex { ASCII.isBlank($0.byte) } ?? units.count
      if end == index {
        output.bytes.append(units[index].byte)
        index += 1
        continue
      }
      word(units[index..<end], to: &output)
      index = end
    }
  }

  /// A row of bytes without a blank: an address that leads away, a name that would be told, a number that would be
  /// linked are shown as code, which forges look into for none of these.
  private func word(_ units: ArraySlice<MarkdownInline.Unit>, to output: inout Output) {
    let plain = units.map(\.byte)
    guard Self.isTold(plain) else {
      plainly(units, to: &output)
      return
    }
    let opening = "([{\"'*_~,;<".utf8
    let closing = ")]}\"'*_~.,;:!?>".utf8
    let first = units.firstIndex { !opening.contains($0.byte) } ?? units.endIndex
    let last = units[first...].lastIndex { !closing.contains($0.byte) } ?? first
    guard first < units.endIndex else {
      plainly(units, to: &output)
      return
    }
    plainly(units[..<first], to: &output)
    let core = units[first...last].map(\.byte)
    if core.contains(text: "://"), rules.allow(core), !core.contains(UInt8(ascii: "@")) {
      output.bytes += [UInt8(ascii: "<")] + core + [UInt8(ascii: ">")]
    } else {
      output.code(core)
    }
    plainly(units[(last + 1)...], to: &output)
  }

  private func plainly(_ units: ArraySlice<MarkdownInline.Unit>, to output: inout Output) {
    for unit in units { if unit.isMark { output.bytes.append(unit.byte) } else { output.literal(unit.byte) } }
  }

  /// Whether a forge would make something of the word: a link, a mention, a reference to an issue or a request.
  private static func isTold(_ word: [UInt8]) -> Bool {
    for (index, byte) in word.enumerated() {
      let next = index + 1 < word.count ? word[index + 1] : 0
      switch byte {
      case UInt8(ascii: "@"): if ASCII.isWord(next) || "-.".utf8.contains(next) || next >= 0x80 { return true }
      case UInt8(ascii: "#"), UInt8(ascii: "!"), UInt8(ascii: "&"): if ASCII.isDigit(next) { return true }
      case UInt8(ascii: ":"): if next == UInt8(ascii: "/") || index > 0 && isScheme(word[..<index]) { return true }
      default: break
      }
    }
    let lower = word.lowercased()
    if lower.contains(text: "www.") { return true }
    guard let issue = lower.firstIndex(of: Array("gh-".utf8)) else { return false }
    return issue + 3 < lower.count && ASCII.isDigit(lower[issue + 3])
  }

  private static func isScheme(_ before: ArraySlice<UInt8>) -> Bool {
    ["mailto", "xmpp", "javascript", "data", "vbscript", "file"].contains {
      before.count >= $0.utf8.count && before.suffix($0.utf8.count).lowercased() == Array($0.utf8)
    }
  }

  // MARK: The beginning of a line

  /// The line so that it begins no block and no command.
  private static func lineStart(_ line: [UInt8]) -> [UInt8] {
    guard let first = line.first else { return line }
    let isBare = line.count == 1 || ASCII.isBlank(line[1])
    switch first {
    case UInt8(ascii: "#"), UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"),
      UInt8(ascii: ">"), UInt8(ascii: ":"), UInt8(ascii: "|"):
      return [UInt8(ascii: "\\")] + line
    case UInt8(ascii: "*"), UInt8(ascii: "_"):
      return isBare || line.allSatisfy { $0 == first || ASCII.isBlank($0) } ? [UInt8(ascii: "\\")] + line : line
    case UInt8(ascii: "~"): return line.starts(with: "~~~".utf8) ? [UInt8(ascii: "\\")] + line : line
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      let digits = line.prefix(while: ASCII.isDigit)
      guard digits.count < line.count, line[digits.count] == UInt8(ascii: ".") || line[digits.count] == 0x29 else {
        return line
      }
      return digits + [UInt8(ascii: "\\")] + line[digits.count...]
    default: return line
    }
  }
}
