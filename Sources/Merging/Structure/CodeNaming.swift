/// Tells what a statement or declaration of a programming language is called.
struct CodeNaming {
  typealias Word = ItemNaming.Word

  let words: [Word]
  let language: Language
  let item: Item
  private var index = 0

  init(words: [Word], language: Language, item: Item) {
    self.words = words
    self.language = language
    self.item = item
  }

  mutating func name(_ line: ArraySlice<UInt8>) -> (Item.Kind, [UInt8]) {
    guard !words.isEmpty else { return (.statement, []) }
    if isImport { return (.importing, Array(line)) }
    skipModifiers()
    guard index < words.count else { return (.statement, []) }
    let word = words[index]
    guard word.kind == .word else { return keyed() ?? (.statement, []) }
    let keyword = word.string
    if keyword == "case" || keyword == "default" || keyword == "when", language.family == .braces { return label() }
    if let found = block() { return found }
    if Self.typeWords.contains(keyword), let found = type(keyword) { return found }
    if Self.functionWords.contains(keyword) { return function() }
    if Self.fieldWords.contains(keyword), let found = field() { return found }
    if Self.statementWords.contains(keyword) { return (.statement, []) }
    let start = index
    if let found = declaration() { return found }
    index = start
    return keyed() ?? assignment() ?? (.statement, [])
  }

  private var isImport: Bool {
    switch words[0].string {
    case "import", "from", "using", "use", "require", "require_relative", "include", "require_once", "package":
      language.name != "Swift" || words[0].string == "import"
    case "@": words.count > 2 && words[1].is("testable") && words[2].is("import")
    default: false
    }
  }

  // MARK: - Modifiers

  private mutating func skipModifiers() {
    while index < words.count {
      let word = words[index]
      if word.is("@"), index + 1 < words.count, !words[index + 1].is("interface") {
        index += 2
        while index + 1 < words.count, words[index].is(".") { index += 2 }
        if index < words.count, words[index].is("(") { skipBrackets() }
      } else if Self.modifiers.contains(word.string), index + 1 < words.count,
        words[index + 1].kind == .word || words[index + 1].is("(") && word.is("pub") || words[index + 1].is("@")
      {
        index += 1
        if word.is("pub"), words[index].is("(") { skipBrackets() }
      } else {
        return
      }
    }
  }

  /// Goes from an opening bracket to behind the one that closes it.
  private mutating func skipBrackets() {
    var depth = 0
    while index < words.count {
      if words[index].kind == .open { depth += 1 }
      if words[index].kind == .close { depth -= 1 }
      index += 1
      if depth == 0 { return }
    }
  }

  // MARK: - Declarations

  private mutating func type(_ keyword: String) -> (Item.Kind, [UInt8])? {
    if keyword == "impl" || keyword == "extension" {
      return (.type, joined(words[index...].prefix { !$0.is("{") }))
    }
    var next = index + 1
    while next < words.count, Self.typeWords.contains(words[next].string) { next += 1 }
    guard next < words.count, words[next].kind == .word else {
      return item.children.isEmpty ? nil : (.type, Array(keyword.utf8))
    }
    var name = Array(words[next].bytes)
    next += 1
    while next + 1 < words.count, words[next].is(".") || words[next].is("::"), words[next + 1].kind == .word {
      name += words[next].bytes + words[next + 1].bytes
      next += 2
    }
    if language.imports == .c || language.name == "C-like" {
      // `struct x *f(…) {` and `struct x y;` declare something else.
      if next < words.count, !words[next].is("{"), !words[next].is(":"), !words[next].is(";"), !words[next].is("final")
      {
        return nil
      }
      if item.children.isEmpty { return (.statement, []) }
    }
    return (.type, Array("\(keyword) ".utf8) + name)
  }

  private mutating func function() -> (Item.Kind, [UInt8]) {
    var name: [UInt8] = []
    let keyword = words[index]
    if keyword.is("init") || keyword.is("deinit") || keyword.is("subscript") || keyword.is("constructor") {
      name = Array(keyword.bytes)
      index += 1
      while index < words.count, words[index].is("?") || words[index].is("!") { index += 1 }
      return (.function, name + arity())
    }
    index += 1
    if language.name == "Go", index < words.count, words[index].is("(") {
      let start = index
      skipBrackets()
      if let receiver = words[start..<index].last(where: { $0.kind == .word }) {
        name = receiver.bytes + Array(".".utf8)
      }
    }
    if index < words.count, words[index].is("*") { index += 1 }
    let start = index
    while index < words.count, !words[index].is("("), !words[index].is("{"), !words[index].is("<"),
      !words[index].is("="), !words[index].is(";"), index - start < 5, index == start || joins(index)
    {
      name += words[index].bytes
      index += 1
    }
    guard index > start else { return (.statement, []) }
    return (.function, name + arity())
  }

  /// Whether a word belongs to the qualified name before it.
  private func joins(_ index: Int) -> Bool {
    let before = words[index - 1]
    return words[index].is(".") || words[index].is("::") || words[index].is(":") || before.is(".") || before.is("::")
      || before.is(":") || words[index].kind == .sign && language.name == "Ruby" || before.kind == .sign
  }

  /// How many parameters follow, where the language tells functions apart by them.
  private mutating func arity() -> [UInt8] {
    guard Self.overloading.contains(language.name) else { return [] }
    if index < words.count, words[index].is("<") {
      while index < words.count, !words[index].is("("), !words[index].is("{") { index += 1 }
    }
    guard index < words.count, words[index].is("(") else { return [] }
    var depth = 0
    var angles = 0
    var count = 0
    var isEmpty = true
    for word in words[index...] {
      if word.kind == .open {
        depth += 1
      } else if word.kind == .close {
        depth -= 1
      } else if depth > 0 {
        isEmpty = false
      }
      if word.is("<") { angles += 1 }
      if word.is(">") { angles -= 1 }
      if word.is(","), depth == 1, angles <= 0 { count += 1 }
      if depth == 0 { return Array("(\(isEmpty ? 0 : count + 1))".utf8) }
    }
    return []
  }

  private mutating func field() -> (Item.Kind, [UInt8])? {
    var next = index + 1
    // `const (` of Go holds fields.
    if next < words.count, words[next].is("("), language.name == "Go" { return (.type, Array(words[index].bytes)) }
    while next < words.count,
      Self.fieldWords.contains(words[next].string) || Self.modifiers.contains(words[next].string)
    {
      next += 1
    }
    guard next < words.count, words[next].kind == .word else { return nil }
    // `const Type name = …` of C and its relatives.
    if next + 1 < words.count, words[next + 1].kind == .word || words[next + 1].is("*") || words[next + 1].is("::"),
      language.imports == .c || language.name == "C#" || language.name == "PHP"
    {
      let start = index
      index = next
      defer { index = start }
      return declaration()
    }
    if language.name == "Go", words[index].is("type") { return (.type, Array("type ".utf8) + words[next].bytes) }
    return (.field, Array(words[next].bytes))
  }

  private func label() -> (Item.Kind, [UInt8]) {
    (.label, joined(words[index...].prefix { !$0.is(":") && !$0.is("=") && !$0.is("->") && !$0.is("=>") }))
  }

  /// A call that is handed a name and a block, as tests are.
  private func block() -> (Item.Kind, [UInt8])? {
    guard !item.children.isEmpty || item.head.count > 1 else { return nil }
    var next = index + 1
    while next + 1 < words.count, words[next].is("."), words[next + 1].kind == .word { next += 2 }
    if next < words.count, words[next].is("(") { next += 1 } else if language.name != "Ruby" { return nil }
    guard next < words.count, !Self.statementWords.contains(words[index].string) else { return nil }
    let isSymbol = words[next].is(":") && language.name == "Ruby" && next + 1 < words.count
    guard words[next].kind == .text || isSymbol else { return nil }
    let last = words[words.count - 1]
    guard last.is("{") || words.contains(where: { $0.is("do") }) || last.is("=>") else { return nil }
    return (.block, joined(words[index...min(isSymbol ? next + 1 : next, words.count - 1)]))
  }

  /// A function or variable whose type comes first, or a method without a keyword.
  private mutating func declaration() -> (Item.Kind, [UInt8])? {
    guard language.family == .braces else { return nil }
    var next = index
    var last: Int?
    var wordsInARow = 0
    var angles = 0
    scan: while next < words.count {
      let word = words[next]
      switch word.kind {
      case .word:
        if angles == 0 {
          if last == next - 1 || last == nil || isTypeEnd(words[next - 1]) { wordsInARow += 1 }
          last = next
        }
      case .sign:
        if word.is("<") {
          angles += 1
        } else if word.is(">") || word.is(">>") {
          angles -= word.bytes.count
        } else if !(word.is("*") || word.is("&") || word.is("&&") || word.is("::") || word.is(".") || word.is("?")
          || word.is("~") || word.is("**") || angles > 0)
        {
          break scan
        }
      case .open:
        if word.is("[") && next + 1 < words.count && words[next + 1].is("]") {
          next += 1
        } else {
          break scan
        }
      default: if angles == 0 { break scan }
      }
      next += 1
    }
    guard let last, last + 1 == next, angles == 0 else { return nil }
    let name = qualified(last)
    if next < words.count, words[next].is("(") {
      index = next
      let opensBlock =
        words.last?.is("{") == true || words.last?.is("}") == true
        || !item.children.isEmpty && words.last?.is("(") == true
        || item.head.count > 1 || item.children.first?.kind == .divider
      let count = arity()
      skipBrackets()
      let closes = index < words.count && !words[index].is(".")
      if wordsInARow >= 2, opensBlock || closes && words.last?.is(";") == true || index >= words.count {
        return (.function, name + count)
      }
      // A method or constructor: its parameters close, and then its block opens.
      return opensBlock && closes && words.last?.is("{") == true && last == self.firstName(last)
        ? (.function, name + count) : nil
    }
    guard wordsInARow >= 2,
      next >= words.count || words[next].is("=") || words[next].is(";") || words[next].is(",")
        || words[next].is("{") && language.name == "C#"
    else { return nil }
    return (.field, name)
  }

  private func firstName(_ last: Int) -> Int { last - index >= 0 && last > 0 && words[last - 1].is(".") ? -1 : last }

  private func isTypeEnd(_ word: Word) -> Bool {
    word.is("*") || word.is("&") || word.is(">") || word.is("]") || word.is("?") || word.is("**") || word.is("&&")
      || word.is(">>")
  }

  private func qualified(_ last: Int) -> [UInt8] {
    var start = last
    while start >= 2, words[start - 1].is("::"), words[start - 2].kind == .word { start -= 2 }
    if start >= 1, words[start - 1].is("~") { start -= 1 }
    return joined(words[start...last])
  }

  // MARK: - Entries and assignments

  /// `key: value`, `key => value`, `"text",`, `NAME,`.
  private func keyed() -> (Item.Kind, [UInt8])? {
    guard let last = words.last, index < words.count else { return nil }
    let first = words[index]
    let next = index + 1 < words.count ? words[index + 1] : nil
    if first.kind == .word || first.kind == .text || first.kind == .number {
      // The colon of a symbol stands apart from the word before it.
      if let next, next.is(":") || next.is("=>"),
        language.family != .endKeyword || next.bytes.startIndex == first.bytes.endIndex
      {
        return (.entry, Array(first.bytes))
      }
      if let next, next.is("?"), index + 2 < words.count, words[index + 2].is(":"), language.imports == .ecmascript {
        return (.field, Array(first.bytes))
      }
      if last.is(","), let next, next.is("=") { return (.entry, Array(first.bytes)) }
      if last.is(",") || words.count == 1 && first.kind != .word { return (.listEntry, Array(first.bytes)) }
    }
    return nil
  }

  private func assignment() -> (Item.Kind, [UInt8])? {
    let first = words[index]
    guard index + 1 < words.count, words[index + 1].is("="), first.kind == .word else { return nil }
    return (.field, Array(first.bytes))
  }

  private func joined(_ words: some Sequence<Word>) -> [UInt8] {
    var result: [UInt8] = []
    var wasWord = false
    for word in words {
      if wasWord, word.kind == .word { result.append(0x20) }
      result += word.bytes
      wasWord = word.kind == .word
    }
    return result
  }

  // MARK: - Words

  private static let overloading: Set<String> = [
    "Java", "Kotlin", "C#", "C++", "Swift", "Scala", "Groovy", "Dart", "TypeScript",
  ]
  private static let typeWords: Set<String> = [
    "class", "struct", "enum", "interface", "trait", "protocol", "extension", "impl", "module", "namespace", "object",
    "record", "union", "actor", "mod",
  ]
  private static let functionWords: Set<String> = [
    "func", "fn", "fun", "function", "def", "init", "deinit", "subscript", "constructor", "macro_rules",
  ]
  private static let fieldWords: Set<String> = ["var", "let", "val", "const", "type", "typealias", "typedef"]
  private static let modifiers: Set<String> = [
    "public", "private", "protected", "internal", "fileprivate", "open", "static", "final", "abstract", "override",
    "virtual", "async", "export", "default", "pub", "unsafe", "extern", "inline", "readonly", "sealed", "partial",
    "suspend", "data", "lateinit", "mutating", "convenience", "required", "indirect", "dynamic", "weak", "lazy",
    "nonisolated", "package", "synchronized", "native", "transient", "volatile", "declare", "local", "explicit",
    "constexpr", "companion", "inner", "operator", "infix", "tailrec", "implicit",
  ]
  static let statementWords: Set<String> = [
    "return", "if", "for", "while", "switch", "else", "do", "try", "throw", "break", "continue", "new", "await",
    "yield", "guard", "defer", "go", "select", "assert", "raise", "del", "print", "with", "unless", "until", "case",
    "goto", "delete", "foreach", "match", "loop", "catch", "finally", "begin", "rescue", "then", "elif", "elsif",
    "super", "this", "self", "echo", "pass", "repeat", "throws", "when", "not", "lock", "and", "or", "in", "is", "end",
  ]
}
