/// Tells what an item is and what it is called, by the first tokens of its head.
struct ItemNaming: Sendable {
  let text: SourceText

  /// A token with its bytes.
  struct Word {
    var kind: Token.Kind
    var bytes: ArraySlice<UInt8>

    func `is`(_ text: StaticString) -> Bool {
      text.withUTF8Buffer { bytes.count == $0.count && bytes.elementsEqual($0) }
    }
    var string: String { String(decoding: bytes, as: UTF8.self) }
  }

  /// More tokens of a head are not looked at.
  static let mostTokens = 120

  func name(of item: Item, shape: LineShape) -> (Item.Kind, [UInt8]) {
    let line = text.table[item.head.lowerBound].dropEnding.drop(while: isBlankByte)
    let language = text.language
    switch language.nesting {
    case .tags: return element(item)
    case .headings: return prose(line, item)
    case .sections: return setting(line)
    case .brackets, .indentation, nil: break
    }
    switch language.name {
    case "YAML": return yaml(line)
    case "XML", "HTML": return element(item)
    case "JSON": return jsonEntry(line)
    case "Make": return rule(line)
    default: break
    }
    if shape.isFlat { return directive(line) }
    var code = CodeNaming(words: words(of: item), language: language, item: item)
    return code.name(line)
  }

  /// The tokens of the head without blanks and comments.
  private func words(of item: Item) -> [Word] {
    let lines = item.head.prefix(4)
    var words: [Word] = []
    for token in text.tokens(LineSpan(start: lines.startIndex, count: lines.count)) {
      if token.kind == .blank || token.kind == .comment || token.kind == .lineEnd { continue }
      words.append(Word(kind: token.kind, bytes: text.table.bytes[token.range]))
      if words.count == Self.mostTokens { break }
    }
    return words
  }

  private func directive(_ line: ArraySlice<UInt8>) -> (Item.Kind, [UInt8]) {
    let parts = line.dropFirst().split(whereSeparator: isBlankByte)
    guard line.first == UInt8(ascii: "#"), let first = parts.first else { return (.directive, []) }
    if first.elementsEqual("include".utf8) || first.elementsEqual("import".utf8) { return (.importing, Array(line)) }
    if first.elementsEqual("define".utf8), parts.count > 1 {
      return (.field, Array("#define ".utf8) + parts[1].prefix(while: isNameByte))
    }
    return (.directive, [])
  }

  // MARK: - Data

  /// A key up to its separator; quotes around it are dropped.
  private func key(_ line: ArraySlice<UInt8>, before separators: StaticString) -> [UInt8]? {
    var quote: UInt8?
    for index in line.indices {
      let byte = line[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if separators.withUTF8Buffer({ $0.contains(byte) }) {
        let key = line[line.startIndex..<index].trimmingEnd
        return key.isEmpty ? nil : Array(key)
      }
    }
    return nil
  }

  private func setting(_ line: ArraySlice<UInt8>) -> (Item.Kind, [UInt8]) {
    if line.first == UInt8(ascii: "[") { return (.section, Array(line)) }
    if text.language.name == "requirements" {
      let name = line.prefix { isNameByte($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
      return name.isEmpty ? (.statement, []) : (.entry, Array(name))
    }
    return key(line, before: "=:").map { (.entry, $0) } ?? (.statement, [])
  }

  private func yaml(_ line: ArraySlice<UInt8>) -> (Item.Kind, [UInt8]) {
    if line.first == UInt8(ascii: "-") {
      let rest = line.dropFirst().drop(while: isBlankByte)
      return (.listEntry, Array(rest))
    }
    guard
      let colon = line.indices.first(where: { index in
        line[index] == UInt8(ascii: ":") && (index + 1 == line.endIndex || isBlankByte(line[index + 1]))
      })
    else { return (.statement, []) }
    return (.entry, Array(line[line.startIndex..<colon].trimmingEnd))
  }

  private func jsonEntry(_ line: ArraySlice<UInt8>) -> (Item.Kind, [UInt8]) {
    if line.first == UInt8(ascii: "\""), let key = key(line, before: ":") { return (.entry, key) }
    let value = line.last == UInt8(ascii: ",") ? line.dropLast() : line
    return (.listEntry, value.count > 1 ? Array(value) : [])
  }

  private func rule(_ line: ArraySlice<UInt8>) -> (Item.Kind, [UInt8]) {
    guard let sign = line.firstIndex(where: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") }) else {
      return (.statement, [])
    }
    let isField = line[sign] == UInt8(ascii: "=") || sign + 1 < line.endIndex && line[sign + 1] == UInt8(ascii: "=")
    var name = line[line.startIndex..<sign]
    while let last = name.last, "+?:! \t".utf8.contains(last) { name.removeLast() }
    // What is appended to a variable is not its declaration.
    if isField, sign > line.startIndex, line[sign - 1] == UInt8(ascii: "+") { return (.statement, []) }
    return name.isEmpty ? (.statement, []) : (isField ? .field : .function, Array(name))
  }

  // MARK: - Markup

  private func element(_ item: Item) -> (Item.Kind, [UInt8]) {
    let lines = item.wholeElement.prefix(12)
    let bytes = text.table[LineSpan(start: lines.startIndex, count: lines.count)].drop(while: isBlankByte)
    guard bytes.first == UInt8(ascii: "<"), bytes.dropFirst().first.map(isNameByte) == true else {
      return (.statement, [])
    }
    let tag = bytes.dropFirst().prefix { isNameByte($0) || "-:.".utf8.contains($0) }
    var name = Array(tag)
    let rest = bytes.dropFirst(1 + tag.count)
    for attribute in Self.identities {
      if let value = value(of: attribute, in: rest) { return (.element, name + Array(" ".utf8) + value) }
    }
    // Maven and its like tell elements by what stands in a child.
    for child in ["artifactId", "id", "name", "key"] {
      if let value = content(of: child, in: rest) {
        name += Array(" ".utf8) + value
        return (.element, name)
      }
    }
    return (.element, name)
  }

  private static let identities = ["name", "id", "android:id", "key", "Include", "Name", "x:Name", "href", "src"]

  private func value(of attribute: String, in bytes: ArraySlice<UInt8>) -> [UInt8]? {
    let tag = bytes.prefix { $0 != UInt8(ascii: ">") }
    let pattern = Array((attribute + "=\"").utf8)
    guard let start = find(pattern, in: tag), start > tag.startIndex,
      isBlankByte(tag[start - 1]) || tag[start - 1] == 0x0A
    else { return nil }
    return Array(tag[(start + pattern.count)...].prefix { $0 != UInt8(ascii: "\"") })
  }

  private func content(of child: String, in bytes: ArraySlice<UInt8>) -> [UInt8]? {
    let pattern = Array("<\(child)>".utf8)
    guard let start = find(pattern, in: bytes) else { return nil }
    return Array(bytes[(start + pattern.count)...].prefix { $0 != UInt8(ascii: "<") })
  }

  private func find(_ pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.count >= pattern.count, let first = pattern.first else { return nil }
    for index in bytes.startIndex...(bytes.endIndex - pattern.count)
    where bytes[index] == first && bytes[index..<(index + pattern.count)].elementsEqual(pattern) {
      return index
    }
    return nil
  }

  private func prose(_ line: ArraySlice<UInt8>, _ item: Item) -> (Item.Kind, [UInt8]) {
    if line.first == UInt8(ascii: "#") { return (.section, Array(line)) }
    if item.head.count > 1 {
      let below = text.table[item.head.lowerBound + 1].dropEnding
      if let mark = below.first, below.count >= 3, !isNameByte(mark), below.allSatisfy({ $0 == mark }) {
        return (.section, Array(line))
      }
    }
    guard let first = line.first else { return (.paragraph, []) }
    if "-*+".utf8.contains(first), line.dropFirst().first.map(isBlankByte) == true { return (.listEntry, Array(line)) }
    if first == UInt8(ascii: "|") { return (.listEntry, Array(line)) }
    return (.paragraph, [])
  }
}

extension Item {
  /// The head of an element, and its first lines where it has few.
  fileprivate var wholeElement: Range<Int> { head.lowerBound..<max(head.upperBound, foot.upperBound) }
}
