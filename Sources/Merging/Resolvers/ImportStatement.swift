/// One import, include, use or require statement that stands on a line, or on several lines, of its own.
struct ImportStatement: Hashable {
  /// The words before what is imported, such as `import static` or `from`.
  var kind: [UInt8]
  /// What is imported from or imported: a module, a header, a qualified name.
  var module: [UInt8]
  /// The names of a list of names, as `from m import a, b as c` has one; `nil` for a statement without a list.
  var names: [[UInt8]]?
  /// The names that the statement brings into scope, as far as they can be told.
  var bound: [[UInt8]]
  /// The statement with white space and its closing semicolon left out: equal for equal imports.
  var canonical: [UInt8]

  /// Statements with the same key import from the same place in the same way.
  var key: [UInt8] { kind + [0] + module }
}

extension ImportStatement {
  /// Reads a line as an import; `nil` where it is none, or one that is written in a way not known here.
  init?(_ line: ArraySlice<UInt8>, form: Language.ImportForm) {
    guard var words = ImportWords(line, form: form), !words.isEmpty else { return nil }
    if words.last == ";" {
      words.removeLast()
    } else if form == .csharp || form == .rust || form == .php || form == .dart {
      return nil
    }
    let parsed: ImportStatement? =
      switch form {
      case .none: nil
      case .java: ImportStatement.java(&words)
      case .c: ImportStatement.c(&words)
      case .csharp: ImportStatement.csharp(&words)
      case .swift: ImportStatement.swift(&words)
      case .go: ImportStatement.go(&words)
      case .rust: ImportStatement.rust(&words)
      case .ecmascript: ImportStatement.ecmascript(&words)
      case .php: ImportStatement.php(&words)
      case .python: ImportStatement.python(&words)
      case .ruby: ImportStatement.ruby(&words)
      case .dart: ImportStatement.dart(&words)
      }
    guard let parsed, words.isEmpty else { return nil }
    self = parsed
  }

  private init(_ kind: String, _ module: String, names: [String]? = nil, bound: [String]) {
    self.kind = Array(kind.utf8)
    self.module = Array(module.utf8)
    self.names = names?.map { Array($0.utf8) }
    self.bound = bound.map { Array($0.utf8) }
    let list = names.map { " {" + $0.joined(separator: ", ") + "}" } ?? ""
    let scope = names == nil ? " " + bound.joined(separator: ",") : ""
    self.canonical = Array("\(kind) \(module)\(list)\(scope)".utf8)
  }

  private static func java(_ words: inout ImportWords) -> ImportStatement? {
    guard words.take("import") else { return nil }
    let kind = words.take("static") ? "import static" : "import"
    guard let path = words.takePath(separator: ".", wildcards: ["*", "_"]) else { return nil }
    let alias = words.take("as") ? words.takeName() : path.last
    return ImportStatement(kind, path.joined(separator: "."), bound: [alias].compactMap { $0 }.filter { $0 != "*" })
  }

  private static func c(_ words: inout ImportWords) -> ImportStatement? {
    guard words.take("#") else { return nil }
    guard let kind = ["include", "import"].first(where: { words.take($0) }) else { return nil }
    guard let header = words.takeString() else { return nil }
    return ImportStatement("#\(kind)", header, bound: [])
  }

  private static func csharp(_ words: inout ImportWords) -> ImportStatement? {
    let global = words.take("global") ? "global " : ""
    guard words.take("using") else { return nil }
    let kind = words.take("static") ? "using static" : "using"
    guard let first = words.takePath(separator: ".") else { return nil }
    guard words.take("=") else {
      return ImportStatement(global + kind, first.joined(separator: "."), bound: [])
    }
    guard first.count == 1, let target = words.takePath(separator: ".") else { return nil }
    return ImportStatement(global + kind, target.joined(separator: "."), bound: first)
  }

  private static func swift(_ words: inout ImportWords) -> ImportStatement? {
    var kind = ""
    while words.take("@") {
      guard let attribute = words.takeName() else { return nil }
      kind += "@\(attribute) "
    }
    if let access = ["public", "package", "internal", "fileprivate", "private"].first(where: { words.take($0) }) {
      kind += access + " "
    }
    guard words.take("import") else { return nil }
    let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
    let item = kinds.first { words.take($0) }
    guard let path = words.takePath(separator: ".") else { return nil }
    // What is imported with another access or attribute is the same import twice.
    return ImportStatement(
      kind + "import" + (item.map { " " + $0 } ?? ""),
      path.joined(separator: "."),
      bound: [path.joined(separator: ".")]
    )
  }

  private static func go(_ words: inout ImportWords) -> ImportStatement? {
    let kind = words.take("import") ? "import" : ""
    let alias = words.take(".") ? "." : words.takeName()
    guard let path = words.takeString() else { return nil }
    let unquoted = path.dropFirst().dropLast()
    let last = unquoted.split(separator: "/").last.map(String.init) ?? ""
    let bound = alias ?? last
    return ImportStatement(kind, path, bound: bound == "_" || bound == "." ? [] : [bound])
      .withAlias(alias)
  }

  private static func rust(_ words: inout ImportWords) -> ImportStatement? {
    var kind = "use"
    if words.take("pub") {
      kind = "pub use"
      if words.take("(") {
        guard let scope = words.takeName(), words.take(")") else { return nil }
        kind = "pub(\(scope)) use"
      }
    }
    guard words.take("use") else { return nil }
    guard let path = words.takePath(separator: "::", wildcards: ["*"], allowsOpenEnd: true) else { return nil }
    let module = path.joined(separator: "::")
    if words.take("{") {
      guard let list = words.takeNameList(closer: "}", wildcard: nil) else { return nil }
      let bound = list.map { $0.bound == "self" ? (path.last ?? "self") : $0.bound }
      return ImportStatement(kind, module + "::", names: list.map(\.text), bound: bound)
    }
    let alias = words.take("as") ? words.takeName() : path.last
    return ImportStatement(kind, module, bound: [alias].compactMap { $0 }.filter { $0 != "*" && $0 != "_" })
      .withAlias(alias)
  }

  private static func ecmascript(_ words: inout ImportWords) -> ImportStatement? {
    if words.take("import") || words.isNext("export") {
      let exports = words.take("export")
      var kind = exports ? "export" : "import"
      if !exports, let module = words.takeString() { return ImportStatement(kind, module, bound: []) }
      if words.isNext("type"), !words.isNext("from", after: 1), words.take("type") { kind += " type" }
      var bound: [String] = []
      var names: [String]?
      if !words.isNext("{"), !words.isNext("*") {
        guard let name = words.takeName() else { return nil }
        bound.append(name)
        kind += " \(name)"
        if !words.isNext("from"), !words.take(",") { return nil }
      }
      if words.take("*") {
        if words.take("as") {
          guard let name = words.takeName() else { return nil }
          bound.append(name)
          kind += " * as \(name)"
        } else {
          kind += " *"
        }
      } else if words.take("{") {
        guard let list = words.takeNameList(closer: "}", wildcard: nil) else { return nil }
        names = list.map(\.text)
        bound += list.map(\.bound)
      }
      guard words.take("from"), let module = words.takeString() else { return nil }
      return ImportStatement(kind, module, names: names, bound: bound)
    }
    guard let keyword = ["const", "var", "let"].first(where: { words.take($0) }) else { return nil }
    return commonJS(keyword, &words)
  }

  private static func commonJS(_ keyword: String, _ words: inout ImportWords) -> ImportStatement? {
    var names: [String]?
    var bound: [String] = []
    if words.take("{") {
      guard let list = words.takeNameList(closer: "}", wildcard: nil) else { return nil }
      names = list.map(\.text)
      bound = list.map(\.bound)
    } else if let name = words.takeName() {
      bound = [name]
    }
    guard !bound.isEmpty, words.take("="), words.take("require"), words.take("("),
      let module = words.takeString(), words.take(")")
    else { return nil }
    var kind = names == nil ? "\(keyword) require \(bound[0])" : "\(keyword) require"
    while words.take(".") {
      guard let member = words.takeName() else { return nil }
      kind += ".\(member)"
    }
    return ImportStatement(kind, module, names: names, bound: bound)
  }

  private static func php(_ words: inout ImportWords) -> ImportStatement? {
    guard words.take("use") else { return nil }
    let kind = words.take("function") ? "use function" : (words.take("const") ? "use const" : "use")
    _ = words.take("\\")
    guard let path = words.takePath(separator: "\\") else { return nil }
    let alias = words.take("as") ? words.takeName() : path.last
    return ImportStatement(kind, path.joined(separator: "\\"), bound: [alias].compactMap { $0 }).withAlias(alias)
  }

  private static func python(_ words: inout ImportWords) -> ImportStatement? {
    if words.take("import") {
      guard let path = words.takePath(separator: ".") else { return nil }
      let module = path.joined(separator: ".")
      let alias = words.take("as") ? words.takeName() : module
      return ImportStatement("import", module, bound: [alias].compactMap { $0 })
    }
    guard words.take("from") else { return nil }
    var dots = ""
    while words.take(".") { dots += "." }
    let path = words.isNext("import") ? [] : words.takePath(separator: ".") ?? []
    guard words.take("import"), !dots.isEmpty || !path.isEmpty else { return nil }
    let parenthesised = words.take("(")
    guard let list = words.takeNameList(closer: parenthesised ? ")" : nil, wildcard: "*") else { return nil }
    return ImportStatement(
      "from",
      dots + path.joined(separator: "."),
      names: list.map(\.text),
      bound: list.map(\.bound).filter { $0 != "*" }
    )
  }

  private static func ruby(_ words: inout ImportWords) -> ImportStatement? {
    guard let kind = ["require_relative", "require"].first(where: { words.take($0) }) else { return nil }
    let parenthesised = words.take("(")
    guard let path = words.takeString(), !parenthesised || words.take(")") else { return nil }
    return ImportStatement(kind, String(path.dropFirst().dropLast()), bound: [])
  }

  private static func dart(_ words: inout ImportWords) -> ImportStatement? {
    guard let kind = ["import", "export", "part"].first(where: { words.take($0) }) else { return nil }
    guard let path = words.takeString() else { return nil }
    var bound: [String] = []
    if words.take("as") {
      guard let name = words.takeName() else { return nil }
      bound = [name]
    }
    return ImportStatement(kind, path, bound: bound)
  }

  /// Two aliases of one thing are two ways to import it.
  private func withAlias(_ alias: String?) -> ImportStatement {
    var copy = self
    copy.canonical += [0] + Array((alias ?? "").utf8)
    return copy
  }
}

/// The words and marks of one import, to be taken from the front.
struct ImportWords {
  private var words: [String] = []
  private var index = 0

  var isEmpty: Bool { index == words.count }
  var last: String? { isEmpty ? nil : words.last }

  /// - Returns: `nil` for a line with a comment, bytes that are not UTF-8, or a literal that does not close.
  init?(_ line: ArraySlice<UInt8>, form: Language.ImportForm) {
    func isSpace(_ byte: UInt8) -> Bool { isBlankByte(byte) || byte == UInt8(ascii: "\n") }
    var rest = line.trimmingEnd.drop(while: isSpace)
    while let first = rest.first {
      var length = 1
      if isNameByte(first) {
        length = rest.prefix(while: isNameByte).count
      } else if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
        guard let end = rest.dropFirst().firstIndex(of: first) else { return nil }
        length = end + 1 - rest.startIndex
      } else if first == UInt8(ascii: "<"), form == .c {
        guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return nil }
        length = end + 1 - rest.startIndex
      } else if rest.hasPrefix("::") {
        length = 2
      } else if rest.hasPrefix("//") || rest.hasPrefix("/*") || (first == UInt8(ascii: "#") && form != .c) {
        return nil
      }
      let word = rest.prefix(length)
      let text = String(decoding: word, as: UTF8.self)
      guard text.utf8.elementsEqual(word) else { return nil }
      words.append(text)
      rest = rest.dropFirst(length).drop(while: isSpace)
    }
  }

  mutating func removeLast() {
    if !isEmpty { words.removeLast() }
  }

  func isNext(_ word: String, after offset: Int = 0) -> Bool {
    index + offset < words.count && words[index + offset] == word
  }

  mutating func take(_ word: String) -> Bool {
    guard isNext(word) else { return false }
    index += 1
    return true
  }

  mutating func takeName() -> String? {
    guard !isEmpty, let first = words[index].utf8.first, isNameByte(first), !isDigitByte(first) else { return nil }
    index += 1
    return words[index - 1]
  }

  mutating func takeString() -> String? {
    guard !isEmpty, let first = words[index].utf8.first, "\"'<".utf8.contains(first), words[index].utf8.count > 1
    else { return nil }
    index += 1
    return words[index - 1]
  }

  /// Takes `a.b.c`; the last part may be a wildcard, and with `allowsOpenEnd` the separator may stand before `{`.
  mutating func takePath(separator: String, wildcards: [String] = [], allowsOpenEnd: Bool = false) -> [String]? {
    var path: [String] = []
    repeat {
      if allowsOpenEnd, !path.isEmpty, isNext("{") { return path }
      if !path.isEmpty, let wildcard = wildcards.first(where: { take($0) }) { return path + [wildcard] }
      guard let name = takeName() else { return nil }
      path.append(name)
    } while take(separator)
    return path
  }

  /// Takes `a, b as c` up to the closing mark, or to the end where there is none.
  mutating func takeNameList(closer: String?, wildcard: String?) -> [(text: String, bound: String)]? {
    var list: [(text: String, bound: String)] = []
    while true {
      if let closer, take(closer) { return list.isEmpty ? nil : list }
      if let wildcard, take(wildcard) {
        list.append((wildcard, wildcard))
      } else {
        let type = isNext("type") && !isNext(",", after: 1) && !isNext("}", after: 1) && take("type")
        guard let name = takeName() else { return nil }
        let mark = type ? "type " : ""
        if take("as") {
          guard let alias = takeName() else { return nil }
          list.append(("\(mark)\(name) as \(alias)", alias))
        } else if take(":") {
          guard let alias = takeName() else { return nil }
          list.append(("\(name): \(alias)", alias))
        } else {
          list.append((mark + name, name))
        }
      }
      if take(",") { continue }
      guard let closer else { return isEmpty ? list : nil }
      guard isNext(closer) else { return nil }
    }
  }
}
