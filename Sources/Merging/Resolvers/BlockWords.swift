/// Words that open and close blocks in languages without braces, and in directives.
enum BlockWords {
  /// How many blocks of lines before a line closes, and how many it opens.
  static func depth(_ source: SourceText, line: Int) -> (closed: Int, opened: Int) {
    guard let table = Table(source.language), !source.startsInside(line: line) else { return (0, 0) }
    let text = source.line(line).drop(while: isBlankByte)
    if table.isDirective {
      guard text.first == UInt8(ascii: "#") else { return (0, 0) }
      let word = String(decoding: text.dropFirst().drop(while: isBlankByte).prefix(while: isNameByte), as: UTF8.self)
      return (table.closing.contains(word) ? 1 : 0, table.opening.contains(word) ? 1 : 0)
    }
    let words = source.tokens(LineSpan(start: line, count: 1)).compactMap { token in
      token.kind == .word ? String(decoding: source.table.bytes[token.range], as: UTF8.self) : nil
    }
    guard let first = words.first, text.prefix(while: isNameByte).elementsEqual(first.utf8) else { return (0, 0) }
    var opened = table.opening.contains(first) ? 1 : 0
    if opened == 0, words.dropFirst().contains(where: table.openingWithin.contains) { opened = 1 }
    let closed = words.count(where: table.closing.contains)
    return opened > 0 && closed > 0 ? (0, 0) : (closed, opened)
  }

  private struct Table {
    var opening: Set<String>
    var openingWithin: Set<String> = []
    var closing: Set<String>
    var isDirective = false

    init?(_ language: Language) {
      switch language.name {
      case "Make":
        opening = ["ifdef", "ifndef", "ifeq", "ifneq", "define"]
        closing = ["endif", "endef"]
      case "CMake":
        opening = ["if", "foreach", "while", "function", "macro", "block"]
        closing = ["endif", "endforeach", "endwhile", "endfunction", "endmacro", "endblock"]
      case "Shell":
        opening = ["if", "for", "while", "until", "case"]
        closing = ["fi", "done", "esac"]
      case "Ruby":
        opening = ["class", "module", "def", "if", "unless", "case", "while", "until", "begin", "for"]
        openingWithin = ["do"]
        closing = ["end"]
      case "Lua":
        opening = ["function", "if", "for", "while", "do"]
        openingWithin = ["function"]
        closing = ["end"]
      default:
        guard language.imports == .c || language.imports == .csharp || language.imports == .swift else { return nil }
        opening = ["if", "ifdef", "ifndef", "region"]
        closing = ["endif", "endregion"]
        isDirective = true
      }
    }
  }
}
