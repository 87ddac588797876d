/// The names in source text, whatever its language.
enum CodeWords {
  static func isNameByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x5f
      || byte >= 0x80
  }

  /// The names of a line: words that do not start with a digit and have two characters or more.
  static func names(in line: some BidirectionalCollection<UInt8>) -> [ArraySlice<UInt8>] {
    let bytes = Array(line)
    var result: [ArraySlice<UInt8>] = []
    var index = 0
    while index < bytes.count {
      let start = index
      while index < bytes.count, isNameByte(bytes[index]) { index += 1 }
      if index == start {
        index += 1
      } else if index - start > 1, !(0x30...0x39).contains(bytes[start]) {
        result.append(bytes[start..<index])
      }
    }
    return result
  }
}

extension CodeWords {
  /// Words before a name that say that it is declared there.
  private static let declaring: Set<String> = [
    "def", "func", "fn", "function", "fun", "sub", "proc", "class", "struct", "enum", "interface", "trait", "type",
    "module", "package", "namespace", "protocol", "extension", "union", "const", "let", "var", "val", "static", "my",
    "our", "local", "import", "use", "require", "define", "macro", "record", "object", "actor", "int", "void", "char",
    "double", "float", "long", "bool", "boolean", "string", "String", "size_t", "mod",
  ]

  /// Words before a name that is called.
  private static let calling: Set<String> = [
    "if", "while", "for", "switch", "return", "elif", "else", "elsif", "unless", "until", "case", "when", "and", "or",
    "not", "in", "await", "throw", "new", "do", "match", "foreach", "try", "yield", "guard",
  ]

  /// The names in a line, and whether the line looks as if it declared them.
  ///
  /// It does where a word such as `func` stands before the name, where it is assigned to, or where its parameters and
  /// a body follow at the start of the line.
  static func uses(in line: [UInt8]) -> [(name: [UInt8], declares: Bool)] {
    let found = names(in: line)
    let opensBlock = line.last(where: { $0 != 0x20 && $0 != 0x0d }).map { "{:".utf8.contains($0) } ?? false
    return found.enumerated().map { place, name in
      let previous = place > 0 ? String(decoding: found[place - 1], as: UTF8.self) : ""
      if declaring.contains(previous) { return (Array(name), true) }
      if calling.contains(previous) { return (Array(name), false) }
      var rest = line[name.endIndex...].drop { $0 == 0x20 }
      let isFirst = line[..<name.startIndex].allSatisfy { !isNameByte($0) }
      if rest.first == UInt8(ascii: "="), rest.dropFirst().first != UInt8(ascii: "=") { return (Array(name), isFirst) }
      if rest.starts(with: ":=".utf8) { return (Array(name), true) }
      if rest.first == UInt8(ascii: "("), opensBlock, name.startIndex == line.startIndex || place > 0 {
        rest = line[..<name.startIndex]
        // `if (known(x)) {` calls; `int known(int x) {` declares.
        return (Array(name), !rest.contains(UInt8(ascii: "(")) && !rest.contains(UInt8(ascii: "=")))
      }
      return (Array(name), false)
    }
  }
}
